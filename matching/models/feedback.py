"""What people's later decisions say about a pair: written by receivers, read by whoever trains the engine."""

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from matching.models.engine import Match
from needs.models import Need
from solutions.models import Solution


class FeedbackKind(models.TextChoices):
    BID = "bid", _("参与揭榜")  # written when bids are opened, never before
    AWARD = "award", _("中榜")
    DECLINE = "decline", _("未中榜")
    SIGNED = "signed", _("签约")
    ACCEPTED = "accepted", _("验收通过")
    SOLVED = "solved", _("问题解决")


class Feedback(models.Model):
    """One thing that happened to a need and an output; `match` is the pair when the engine had found it."""

    need = models.ForeignKey(Need, on_delete=models.CASCADE, related_name="feedback")
    solution = models.ForeignKey(Solution, on_delete=models.CASCADE, related_name="feedback")
    match = models.ForeignKey(Match, on_delete=models.SET_NULL, null=True, related_name="feedback")
    kind = models.CharField(_("反馈"), max_length=8, choices=FeedbackKind)
    reason = models.CharField(_("原因"), max_length=20, blank=True)  # needs.models.BidReason of a decline
    source_code = models.CharField(_("来源编号"), max_length=10)  # the bid's or contract's public code
    at = models.DateTimeField(_("时间"), default=timezone.now)

    class Meta:
        verbose_name = _("匹配反馈")
        verbose_name_plural = _("匹配反馈")
        constraints = [
            models.UniqueConstraint(fields=["source_code", "solution", "kind"], name="feedback_once_per_event"),
            models.CheckConstraint(name="feedback_decline_has_reason", condition=~Q(kind="decline") | ~Q(reason="")),
        ]
        indexes = [models.Index(fields=["need", "kind"])]

    def __str__(self) -> str:
        return f"{self.need_id} × {self.solution_id} {self.kind}"

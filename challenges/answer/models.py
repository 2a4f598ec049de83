"""The appeal of a declined bidder. The answer it is about stands on the bid."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from challenges.bid.models import Bid
from challenges.objection.workflow import DECISION_ACTIONS, DecisionState
from lib.transitions import Lifecycle


class Appeal(models.Model):
    """The one appeal a declined bidder has."""

    lifecycle = Lifecycle(DECISION_ACTIONS, "bid.appeal_{}")

    bid = models.OneToOneField(Bid, on_delete=models.PROTECT, related_name="appeal")
    text = models.TextField(_("申诉理由"), max_length=3000)
    raised_at = models.DateTimeField(_("提出时间"), default=timezone.now)
    raised_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    state = models.CharField(_("处理结果"), max_length=9, choices=DecisionState, default=DecisionState.OPEN)
    answer = models.TextField(_("答复"), max_length=3000, blank=True)
    decided_at = models.DateTimeField(_("处理时间"), null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )

    class Meta:
        verbose_name = _("申诉")
        verbose_name_plural = _("申诉")
        constraints = [
            models.CheckConstraint(
                name="appeal_decided_with_answer",
                condition=Q(state="open", decided_at=None, decided_by=None, answer="")
                | ~Q(state="open") & ~Q(answer="") & Q(decided_at__isnull=False, decided_by__isnull=False),
            )
        ]

    def __str__(self) -> str:
        return f"{self.bid_id}"

    @property
    def audited(self) -> tuple[str, str]:
        return self.bid.audited

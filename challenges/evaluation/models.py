"""The minutes of an evaluation and their signatures."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from challenges.challenge.models import Challenge
from challenges.review.models import Reviewer


class Minutes(models.Model):
    """评审纪要: the ranking as it was computed, in words, signed by every serving reviewer."""

    challenge = models.OneToOneField(Challenge, on_delete=models.PROTECT, related_name="minutes")
    text = models.TextField(_("纪要"), max_length=20_000)
    # challenges.evaluation.ranking.Ranking as JSON: the award checks that the scorecards still give it
    ranking = models.JSONField(_("排名"))
    text_hash = models.CharField(_("校验值（SHA-256）"), max_length=64)  # of text and ranking together
    drawn_up_at = models.DateTimeField(_("形成时间"), default=timezone.now)
    drawn_up_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    class Meta:
        verbose_name = _("评审纪要")
        verbose_name_plural = _("评审纪要")

    def __str__(self) -> str:
        return f"{self.challenge_id}"


class Signature(models.Model):
    """A reviewer's signature under the minutes: what was signed is what the hash says."""

    minutes = models.ForeignKey(Minutes, on_delete=models.CASCADE, related_name="signatures")
    reviewer = models.ForeignKey(Reviewer, on_delete=models.PROTECT, related_name="signatures")
    text_hash = models.CharField(max_length=64)
    signed_at = models.DateTimeField(_("签署时间"), default=timezone.now)

    class Meta:
        verbose_name = _("签名")
        verbose_name_plural = _("签名")
        constraints = [models.UniqueConstraint(fields=["minutes", "reviewer"], name="signature_once_per_reviewer")]

    def __str__(self) -> str:
        return f"{self.minutes_id} · {self.reviewer_id}"

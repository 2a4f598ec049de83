"""Objections against a challenge or its result."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Organisation
from challenges.challenge.models import Challenge
from challenges.objection.workflow import DECISION_ACTIONS, DecisionState
from lib.transitions import Lifecycle


class ObjectionStage(models.TextChoices):
    NOTICE = "notice", _("发榜公示")
    RESULT = "result", _("结果公示")


class Objection(models.Model):
    """What somebody has against a challenge in its notice period, or against its result. One open per organisation."""

    lifecycle = Lifecycle(DECISION_ACTIONS, "objection.{}")

    challenge = models.ForeignKey(Challenge, on_delete=models.PROTECT, related_name="objections")
    stage = models.CharField(_("阶段"), max_length=6, choices=ObjectionStage)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    text = models.TextField(_("异议内容"), max_length=3000)
    raised_at = models.DateTimeField(_("提出时间"), default=timezone.now)
    raised_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    state = models.CharField(_("处理结果"), max_length=9, choices=DecisionState, default=DecisionState.OPEN)
    answer = models.TextField(_("答复"), max_length=3000, blank=True)
    decided_at = models.DateTimeField(_("处理时间"), null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )

    class Meta:
        verbose_name = _("异议")
        verbose_name_plural = _("异议")
        constraints = [
            models.UniqueConstraint(
                fields=["challenge", "stage", "organisation"],
                condition=Q(state="open"),
                name="objection_one_open_per_organisation",
            ),
            models.CheckConstraint(
                name="objection_decided_with_answer",
                condition=Q(state="open", decided_at=None, decided_by=None, answer="")
                | ~Q(state="open") & ~Q(answer="") & Q(decided_at__isnull=False, decided_by__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.challenge_id} {self.stage}"

    @property
    def audited(self) -> tuple[str, str]:
        """Under the code of the challenge; without the text and without who objects."""
        return self.challenge.audited

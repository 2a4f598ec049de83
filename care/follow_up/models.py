"""Follow-ups: who looks after a match in contact or a contract, by when, and what came of it."""

from __future__ import annotations

from datetime import date
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from contracts.models import Contract
from matching.models import Match

ABOUT_ONE = Q(match__isnull=False, contract=None) | Q(match=None, contract__isnull=False)


class FollowUpKind(models.TextChoices):
    ROUTINE = "routine", _("跟进")
    REVISIT = "revisit", _("12 个月回访")


class FollowUpQuerySet(models.QuerySet["FollowUp"]):
    def open(self) -> Self:
        return self.filter(done_at=None)

    def overdue(self, *, today: date) -> Self:
        return self.open().filter(due_on__lt=today)


class FollowUp(models.Model):
    """One link of the chain: who looks after it by when, and what came of it. Finishing one may set the next."""

    match = models.ForeignKey(Match, on_delete=models.PROTECT, null=True, related_name="follow_ups")
    contract = models.ForeignKey(Contract, on_delete=models.PROTECT, null=True, related_name="follow_ups")
    kind = models.CharField(_("类型"), max_length=7, choices=FollowUpKind, default=FollowUpKind.ROUTINE)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="follow_ups")
    due_on = models.DateField(_("计划日期"))
    topic = models.CharField(_("跟进事项"), max_length=200, blank=True)
    created_at = models.DateTimeField(_("建立时间"), default=timezone.now)
    result = models.TextField(_("结果"), max_length=3000, blank=True)
    done_at = models.DateTimeField(_("完成时间"), null=True, blank=True)
    done_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    overdue_told_at = models.DateTimeField(null=True, blank=True)

    objects = FollowUpQuerySet.as_manager()

    class Meta:
        verbose_name = _("跟进")
        verbose_name_plural = _("跟进")
        constraints = [
            models.CheckConstraint(name="followup_about_one_thing", condition=ABOUT_ONE),
            models.CheckConstraint(
                name="followup_done_with_result",
                condition=Q(done_at=None, done_by=None, result="")
                | Q(done_at__isnull=False, done_by__isnull=False) & ~Q(result=""),
            ),
            models.UniqueConstraint(
                fields=["match"], condition=Q(done_at=None, kind="routine"), name="followup_one_open_per_match"
            ),
            models.UniqueConstraint(
                fields=["contract", "kind"], condition=Q(done_at=None), name="followup_one_open_per_contract_and_kind"
            ),
        ]
        indexes = [models.Index(fields=["owner", "done_at", "due_on"])]

    def __str__(self) -> str:
        return f"{self.due_on}"

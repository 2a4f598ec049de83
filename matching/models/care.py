"""Care after the match: follow-ups, so that service is no mere task, and complaints with their mediation.

They stand here because a match is the highest thing they may be about; a contract is below.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.codes import new_code
from accounts.models import Membership, Organisation
from accounts.models.organisation import is_operator
from matching.models.engine import Match
from matching.workflow import ComplaintState
from needs.models import Contract

if TYPE_CHECKING:
    from accounts.models import User

_ABOUT_ONE = Q(match__isnull=False, contract=None) | Q(match=None, contract__isnull=False)


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
            models.CheckConstraint(name="followup_about_one_thing", condition=_ABOUT_ONE),
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


def new_complaint_code() -> str:
    return new_code("Q")


class ComplaintQuerySet(models.QuerySet["Complaint"]):
    def visible_to(self, user: User | None) -> Self:
        """Both parties and operators; nobody else, not even by count.

        Operators not where they may not read the contract: an organisation of their own bid against its supplier.
        """
        if user is None or not user.is_authenticated:
            return self.none()
        if is_operator(user):
            return self.filter(Q(contract=None) | Q(contract__in=Contract.objects.visible_to(user).values("pk")))
        mine = Membership.objects.active().filter(user=user).values("organisation")
        return self.filter(Q(complainant__in=mine) | Q(respondent__in=mine))


class Complaint(models.Model):
    """A dispute over a match or a contract, and how operators mediate it."""

    code = models.CharField(_("编号"), max_length=10, unique=True, default=new_complaint_code)
    match = models.ForeignKey(Match, on_delete=models.PROTECT, null=True, related_name="complaints")
    contract = models.ForeignKey(Contract, on_delete=models.PROTECT, null=True, related_name="complaints")
    complainant = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    respondent = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    text = models.TextField(_("投诉内容"), max_length=5000)
    state = models.CharField(
        _("状态"), max_length=9, choices=ComplaintState, default=ComplaintState.OPEN, db_index=True
    )
    raised_at = models.DateTimeField(_("提出时间"), default=timezone.now)
    raised_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    outcome = models.TextField(_("处理结果"), max_length=5000, blank=True)
    ended_at = models.DateTimeField(_("办结时间"), null=True, blank=True)
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )

    objects = ComplaintQuerySet.as_manager()

    class Meta:
        verbose_name = _("投诉")
        verbose_name_plural = _("投诉")
        constraints = [
            models.CheckConstraint(name="complaint_about_one_thing", condition=_ABOUT_ONE),
            models.CheckConstraint(
                name="complaint_ended_with_outcome",
                condition=Q(state__in=["open", "mediating"], ended_at=None, ended_by=None, outcome="")
                | Q(state__in=["settled", "dismissed", "withdrawn"], ended_at__isnull=False, ended_by__isnull=False)
                & ~Q(outcome=""),
            ),
        ]

    def __str__(self) -> str:
        return self.code

    def get_absolute_url(self) -> str:
        return reverse("matching:complaint-detail", args=[self.code])


class ComplaintEntry(models.Model):
    """A line of the mediation record: what a party or the mediator said."""

    complaint = models.ForeignKey(Complaint, on_delete=models.CASCADE, related_name="entries")
    text = models.TextField(_("内容"), max_length=5000)
    at = models.DateTimeField(_("时间"), default=timezone.now)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    class Meta:
        verbose_name = _("调解记录")
        verbose_name_plural = _("调解记录")

    def __str__(self) -> str:
        return f"{self.complaint_id} {self.at:%Y-%m-%d %H:%M}"

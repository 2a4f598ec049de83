"""Complaints over a match or a contract, and the record of their mediation."""

from __future__ import annotations

from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Anyone, Membership, Organisation, is_operator
from care.complaint.workflow import COMPLAINT_ACTIONS, ComplaintState
from care.follow_up.models import ABOUT_ONE
from contracts.models import Contract
from lib.codes import new_code
from lib.transitions import Lifecycle
from matching.models import Match


def new_complaint_code() -> str:
    return new_code("Q")


class ComplaintQuerySet(models.QuerySet["Complaint"]):
    def visible_to(self, user: Anyone | None) -> Self:
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
    lifecycle = Lifecycle(COMPLAINT_ACTIONS, audited_as="complaint.{}")

    class Meta:
        verbose_name = _("投诉")
        verbose_name_plural = _("投诉")
        constraints = [
            models.CheckConstraint(name="complaint_about_one_thing", condition=ABOUT_ONE),
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
        return reverse("care:complaint-detail", args=[self.code])

    @property
    def audited(self) -> tuple[str, str]:
        subject = self.match or self.contract
        assert subject is not None, "a constraint of the table"
        return self.code, subject.need.title


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

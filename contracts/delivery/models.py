"""Milestones of a contract, and the ledger of payments."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from contracts.contract.models import Contract
from contracts.delivery.workflow import MILESTONE_ACTIONS, MilestoneState
from lib.transitions import Lifecycle
from needs.models import Attachment


class Milestone(models.Model):
    contract = models.ForeignKey(Contract, on_delete=models.PROTECT, related_name="milestones")
    position = models.PositiveSmallIntegerField()
    title = models.CharField(_("里程碑"), max_length=120)
    deliverable = models.TextField(_("交付物与验收要求"), max_length=3000, blank=True)
    due_on = models.DateField(_("到期日"))
    # 万元 due when this milestone is accepted
    payment = models.DecimalField(_("应付款（万元）"), max_digits=12, decimal_places=2, null=True, blank=True)
    state = models.CharField(_("状态"), max_length=9, choices=MilestoneState, default=MilestoneState.PLANNED)
    delivered_at = models.DateTimeField(_("交付时间"), null=True, blank=True)
    delivered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    delivery_note = models.TextField(_("交付说明"), max_length=5000, blank=True)
    return_reason = models.TextField(_("退回原因"), max_length=2000, blank=True)
    accepted_at = models.DateTimeField(_("通过时间"), null=True, blank=True)
    accepted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    overdue_told_at = models.DateTimeField(null=True, blank=True)

    lifecycle = Lifecycle(MILESTONE_ACTIONS, audited_as="contract.milestone_{}")

    class Meta:
        verbose_name = _("里程碑")
        verbose_name_plural = _("里程碑")
        ordering = ["position", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["contract", "position"], name="milestone_once_per_position"),
            models.CheckConstraint(
                name="milestone_delivered_at_with_by",
                condition=Q(state="planned") | Q(delivered_at__isnull=False, delivered_by__isnull=False),
            ),
            models.CheckConstraint(
                name="milestone_returned_says_why", condition=~Q(state="returned") | ~Q(return_reason="")
            ),
            models.CheckConstraint(
                name="milestone_accepted_at_with_by",
                condition=Q(state="accepted", accepted_at__isnull=False, accepted_by__isnull=False)
                | ~Q(state="accepted") & Q(accepted_at=None, accepted_by=None),
            ),
            models.CheckConstraint(
                name="milestone_payment_not_negative", condition=Q(payment=None) | Q(payment__gte=0)
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def audited(self) -> tuple[str, str]:
        """A milestone's steps stand in the record of its contract."""
        return self.contract.audited


class MilestoneAttachment(Attachment):
    owner_field = "milestone"

    milestone = models.ForeignKey(Milestone, on_delete=models.PROTECT, related_name="attachments")

    class Meta(Attachment.Meta):
        abstract = False

    @property
    def contract(self) -> Contract:
        return self.milestone.contract

    @property
    def audited(self) -> tuple[str, str]:
        return self.contract.code, self.contract.need.title


class PaymentKind(models.TextChoices):
    INSTALMENT = "instalment", _("合同款")
    ENTRY_FEE = "entry_fee", _("入门费")
    ROYALTY = "royalty", _("提成")
    CORRECTION = "correction", _("更正")


class Payment(models.Model):
    """A line of the ledger: money that moved outside the platform. Lines are added, never changed."""

    contract = models.ForeignKey(Contract, on_delete=models.PROTECT, related_name="payments")
    milestone = models.ForeignKey(Milestone, on_delete=models.PROTECT, null=True, blank=True, related_name="payments")
    kind = models.CharField(_("款项"), max_length=10, choices=PaymentKind)
    # Of a correction: the kind of line it puts right, so that it counts among those.
    corrects = models.CharField(_("更正的款项"), max_length=10, choices=PaymentKind, blank=True)
    amount = models.DecimalField(_("金额（万元）"), max_digits=12, decimal_places=2)  # corrections may be negative
    paid_on = models.DateField(_("付款日期"))
    note = models.CharField(_("备注"), max_length=300, blank=True)
    recorded_at = models.DateTimeField(_("登记时间"), default=timezone.now)
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    class Meta:
        verbose_name = _("付款记录")
        verbose_name_plural = _("付款记录")
        constraints = [
            models.CheckConstraint(
                name="payment_positive_but_corrections",
                condition=Q(amount__gt=0) | Q(kind="correction") & ~Q(amount=0) & ~Q(note=""),
            ),
            models.CheckConstraint(
                name="payment_correction_says_of_what",
                condition=Q(kind="correction", corrects__in=["instalment", "entry_fee", "royalty"])
                | ~Q(kind="correction") & Q(corrects=""),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.amount}"

    @property
    def counts_as(self) -> str:
        """The PaymentKind among which the line adds up: a correction stands beside what it corrects."""
        return self.corrects or self.kind

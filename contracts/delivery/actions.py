"""What follows a signature: milestones delivered and judged, money recorded, the final acceptance."""

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.db.models import Q, Sum
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import audit
from accounts.models import User
from contracts import signals
from contracts.contract.actions import (
    lock,
    required,
)
from contracts.contract.notices import BOTH, tell_sides
from contracts.contract.permissions import check_either_side, check_side
from contracts.contract.text import correctable_kinds, payment_kinds
from contracts.contract.workflow import ContractState
from contracts.delivery.workflow import MilestoneState
from contracts.models import (
    Contract,
    ContractAttachment,
    Milestone,
    MilestoneAttachment,
    Payment,
    PaymentKind,
    Side,
)
from lib.refusals import NotReady, WrongState
from needs.files.actions import keep


@transaction.atomic
def attach_to_contract(*, contract: Contract, upload: UploadedFile, by: User, at: datetime) -> ContractAttachment:
    """Either side adds a file to a contract that has not been ended. attachments.Unacceptable for what it is."""
    contract = lock(contract)
    check_either_side(by, contract)
    if contract.state == ContractState.TERMINATED:
        raise WrongState(_("合同已终止，不能再添加附件。"))
    return keep(ContractAttachment(contract=contract), upload=upload, by=by, at=at)


# --- Milestones ------------------------------------------------------------------------------------------------


@transaction.atomic
def deliver_milestone(
    *, milestone: Milestone, note: str, files: Sequence[UploadedFile] = (), by: User, at: datetime
) -> Milestone:
    """The supplier hands a milestone over, first or mended. attachments.Unacceptable for what a file is."""
    milestone = _lock_milestone(milestone)
    check_side(by, milestone.contract, Side.SUPPLIER)
    milestone.delivered_at, milestone.delivered_by, milestone.delivery_note = at, by, note.strip()
    _step(milestone, "deliver", ["delivered_at", "delivered_by", "delivery_note"], by=by, at=at)
    for upload in files:
        keep(MilestoneAttachment(milestone=milestone), upload=upload, by=by, at=at)
    _tell(milestone, Side.BUYER, "delivered", at)
    return milestone


@transaction.atomic
def accept_milestone(*, milestone: Milestone, by: User, at: datetime) -> Milestone:
    milestone = _lock_milestone(milestone)
    check_side(by, milestone.contract, Side.BUYER)
    milestone.accepted_at, milestone.accepted_by = at, by
    _step(milestone, "accept", ["accepted_at", "accepted_by"], by=by, at=at)
    _tell(milestone, Side.SUPPLIER, "accepted", at)
    return milestone


@transaction.atomic
def return_milestone(*, milestone: Milestone, reason: str, by: User, at: datetime) -> Milestone:
    """The buyer sends a delivery back with what is to be mended."""
    milestone = _lock_milestone(milestone)
    check_side(by, milestone.contract, Side.BUYER)
    milestone.return_reason = required(reason)
    _step(milestone, "return", ["return_reason"], by=by, at=at, reason=reason)
    _tell(milestone, Side.SUPPLIER, "returned", at)
    return milestone


@transaction.atomic
def tell_overdue_milestones(*, at: datetime) -> list[Milestone]:
    """Tell both sides once of each milestone of a contract under way whose day is over without a delivery."""
    overdue = list(
        Milestone.objects.filter(
            contract__state=ContractState.SIGNED,
            state__in=[MilestoneState.PLANNED, MilestoneState.RETURNED],
            due_on__lt=timezone.localdate(at),
            overdue_told_at=None,
        )
        .select_related("contract__need__organisation", "contract__supplier")
        .select_for_update(of=("self",), skip_locked=True)
        .order_by("pk")
    )
    for milestone in overdue:
        milestone.overdue_told_at = at
        milestone.save(update_fields=["overdue_told_at"])
        for side in BOTH:
            _tell(milestone, side, "overdue", at)
    return overdue


# --- Money -----------------------------------------------------------------------------------------------------


@transaction.atomic
def add_payment(
    *,
    contract: Contract,
    kind: PaymentKind,
    amount: Decimal,
    paid_on: date,
    milestone: Milestone | None = None,
    corrects: str = "",
    note: str = "",
    by: User,
    at: datetime,
) -> Payment:
    """The buyer records money that moved outside the platform, 万元. What was wrong is put right by a correction.

    A correction says by `corrects` which kind it is of; where a contract knows one kind only, that one. NotReady for a
    day to come, an amount that is not positive (corrections may be negative but never without a note, and never bring
    what they correct below nothing), a kind that does not fit.
    """
    contract = lock(contract)
    check_side(by, contract, Side.BUYER)
    if not contract.is_binding:
        raise WrongState(_("合同签订之后才能登记付款。"))
    if milestone is not None and milestone.contract_id != contract.pk:
        raise ValueError("The milestone belongs to another contract.")
    payment = Payment(
        contract=contract,
        milestone=milestone,
        kind=kind,
        corrects=_corrected(contract, corrects) if kind == PaymentKind.CORRECTION else "",
        amount=amount,
        paid_on=paid_on,
        note=note.strip(),
        recorded_at=at,
        recorded_by=by,
    )
    if reasons := _wrong_with_payment(payment):
        raise NotReady(reasons)
    payment.save()
    audit.note(contract, "pay", by=by, at=at, from_state=contract.state, reason=f"{amount}")
    tell_sides(contract, [Side.SUPPLIER], "paid", at)
    return payment


def _corrected(contract: Contract, corrects: str) -> str:
    kinds = correctable_kinds(contract)
    return kinds[0] if not corrects and len(kinds) == 1 else corrects


def _wrong_with_payment(payment: Payment) -> list[str]:
    found = []
    if payment.paid_on > timezone.localdate(payment.recorded_at):
        found.append(_("付款日期不能晚于今天。"))
    if payment.kind not in payment_kinds(payment.contract):
        found.append(_("合同没有约定这种款项，请选择别的款项。"))
    if payment.kind != PaymentKind.CORRECTION:
        if payment.amount <= 0:
            found.append(_("付款金额须大于零；登记有误请用“更正”。"))
        return found
    if payment.amount == 0:
        found.append(_("更正金额不能为零：多记了填负数，少记了填正数。"))
    if not payment.note:
        found.append(_("请写明更正的原因。"))
    if payment.corrects not in correctable_kinds(payment.contract):
        return [*found, _("请选择更正的是哪种款项。")]
    lines = payment.contract.payments.filter(milestone=payment.milestone)
    same = lines.filter(Q(kind=payment.corrects) | Q(corrects=payment.corrects))
    paid = same.aggregate(total=Sum("amount"))["total"]
    if (paid or Decimal(0)) + payment.amount < 0:
        found.append(_("更正之后已付金额小于零，请核对。"))
    return found


# --- Final acceptance ------------------------------------------------------------------------------------------


@transaction.atomic
def accept_contract(*, contract: Contract, note: str, by: User, at: datetime) -> Contract:
    """Final acceptance, with the verdict in words. NotReady while a milestone is not accepted."""
    contract = lock(contract)
    check_side(by, contract, Side.BUYER)
    audit.check_step(contract, "accept")
    if open_rows := list(contract.milestones.exclude(state=MilestoneState.ACCEPTED)):
        titles = _("、").join(row.title for row in open_rows)
        raise NotReady([_("还有里程碑没有通过：%(titles)s。") % {"titles": titles}])
    contract.accepted_at, contract.accepted_by, contract.acceptance_note = at, by, required(note)
    audit.step(contract, "accept", by=by, at=at, changed=["accepted_at", "accepted_by", "acceptance_note"])
    tell_sides(contract, BOTH, "accepted", at)
    signals.contract_accepted.send(sender=Contract, contract=contract, by=by, at=at)
    return contract


@transaction.atomic
def reject_contract(*, contract: Contract, reason: str, by: User, at: datetime) -> Contract:
    """The final acceptance fails; the sides agree on more work (`resume_contract`) or end the contract."""
    contract = lock(contract)
    check_side(by, contract, Side.BUYER)
    contract.rejected_at, contract.reject_reason = at, required(reason)
    audit.step(contract, "reject", by=by, at=at, reason=reason, changed=["rejected_at", "reject_reason"])
    tell_sides(contract, [Side.SUPPLIER], "rejected", at)
    return contract


@transaction.atomic
def resume_contract(*, contract: Contract, by: User, at: datetime) -> Contract:
    contract = lock(contract)
    check_side(by, contract, Side.BUYER)
    contract.rejected_at, contract.reject_reason = None, ""
    audit.step(contract, "resume", by=by, at=at, changed=["rejected_at", "reject_reason"])
    tell_sides(contract, [Side.SUPPLIER], "resumed", at)
    return contract


# --- Steps of a milestone --------------------------------------------------------------------------------------


def _lock_milestone(milestone: Milestone) -> Milestone:
    """The milestone with its contract, both locked, the contract first."""
    contract = lock(Contract(pk=milestone.contract_id))
    row = Milestone.objects.select_for_update(of=("self",)).get(pk=milestone.pk)
    row.contract = contract
    return row


def _step(milestone: Milestone, action: str, changed: list[str], *, by: User, at: datetime, reason: str = "") -> None:
    """Take one step of a milestone's table; its contract must be under way. The record names the milestone."""
    audit.check_step(milestone, action)
    if milestone.contract.state != ContractState.SIGNED:
        raise WrongState(_("合同不在履行中，里程碑不能交付或验收。"))
    words = f"{milestone.title}：{reason}" if reason else milestone.title
    audit.step(milestone, action, by=by, at=at, reason=words, changed=changed)


def _tell(milestone: Milestone, side: Side, name: str, at: datetime) -> None:
    about = f"milestone{milestone.pk}:"
    tell_sides(milestone.contract, [side], f"milestone_{name}", at, about=about, milestone=milestone.title)

"""What can happen to a contract until it is signed, and its early end.

What follows the signature is in `contracts.delivery.actions`, what it brought in `contracts.outcome.actions`.
"""

import calendar
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import audit
from accounts.models import Organisation, User, is_operator
from contracts import signals
from contracts.contract.fields import CONTRACT, MILESTONE
from contracts.contract.notices import BOTH, other, tell_sides
from contracts.contract.permissions import check_either_side, check_side
from contracts.contract.text import canonical, missing, text_hash
from contracts.contract.workflow import ContractState
from contracts.models import Clause, Contract, Milestone, Side
from lib.refusals import NotReady, WrongState
from needs.models import Need
from solutions.models import Solution

Values = Mapping[str, Any]


class ChangedMeanwhile(Exception):
    """Somebody else has saved the text since the form was opened; the message may be shown."""


@dataclass(frozen=True, slots=True)
class Terms:
    """What was agreed before there is a contract; months count from the day it is drafted."""

    amount: Decimal | None  # 万元
    rights_sharing: str
    solution: Solution | None
    months: int  # until its end; 0 where none was agreed
    plan: Sequence[Values]  # its milestones: title, month and deliverable of each


@transaction.atomic
def draft_contract(
    *,
    need: Need,
    supplier: Organisation,
    terms: Terms | None = None,
    solution: Solution | None = None,
    by: User,
    at: datetime,
) -> Contract:
    """Begin a contract between the need's organisation and `supplier`, or return the one there is, as it is.

    From `terms` come amount, sharing of rights, end and milestones, and where `solution` names none the contract's
    output. The caller has checked that `by` may: an award, a claim, a contact lead here.
    """
    need = Need.objects.select_related("organisation").select_for_update(of=("self",), no_key=True).get(pk=need.pk)
    if supplier.pk == need.organisation_id:
        raise ValueError("An organisation makes no contract with itself.")
    if existing := _existing(need, supplier):
        return existing
    contract = Contract(
        need=need,
        supplier=supplier,
        solution=solution,
        title=need.title,
        clauses={Clause.NAME.value: need.title},
        starts_on=timezone.localdate(at),
        created_at=at,
        created_by=by,
        changed_at=at,
    )
    if terms is not None:
        _take_over(contract, terms)
    contract.save()
    if terms is not None:
        Milestone.objects.bulk_create(_planned(contract, terms.plan))
    audit.note(contract, "draft", by=by, at=at)
    tell_sides(contract, BOTH, "drafted", at)
    return contract


@transaction.atomic
def discard_draft(
    *, contract: Contract, drafted_for: datetime | None, reason: str, by: User | None, at: datetime
) -> Contract:
    """End an unsigned draft because the award it came from was taken back. One already ended stays as it is.

    `drafted_for` is when that award was made: what was signed before did not come from it and stands. WrongState when
    it was signed since. The caller has checked that `by` may; None is the platform.
    """
    contract = lock(contract)
    if contract.is_binding:
        if drafted_for is None or contract.signed_at is None or contract.signed_at >= drafted_for:
            raise WrongState(_("技术合同已经签署，不能再撤回定榜结果。"))
        return contract
    if contract.state == ContractState.TERMINATED:
        return contract
    contract.terminated_at, contract.terminate_reason = at, required(reason)
    audit.step(contract, "terminate", by=by, at=at, reason=reason, changed=["terminated_at", "terminate_reason"])
    tell_sides(contract, BOTH, "discarded", at)
    return contract


@transaction.atomic
def change_contract(
    *,
    contract: Contract,
    values: Values,
    milestones: Sequence[Values] | None,
    by: User,
    at: datetime,
    read_hash: str | None = None,
) -> Contract:
    """Either side changes a draft; `milestones=None` leaves the rows alone. A change takes back both confirmations.

    `read_hash` is the SHA-256 of the text the form began with: where it is another one by now, the other side has
    written in between, and ChangedMeanwhile keeps its words from being overwritten unread.
    """
    if unknown := values.keys() - CONTRACT.keys():
        raise TypeError(f"Not content of a contract: {', '.join(sorted(unknown))}")
    contract = lock(contract)
    side = check_either_side(by, contract)
    audit.check_step(contract, "change")
    if read_hash is not None and read_hash != text_hash(contract, list(contract.milestones.all())):
        raise ChangedMeanwhile(
            _("您填写期间，这份草案已被修改。您填写的内容都还在，请先对照合同页面上的新内容；再次保存会覆盖它。")
        )
    changed = sorted(name for name, value in values.items() if getattr(contract, name) != value)
    for name in changed:
        setattr(contract, name, values[name])
    if milestones is not None and _rewrite_milestones(contract, milestones):
        changed.append("milestones")
    if not changed:
        return contract
    was_confirmed = contract.buyer_confirmed_at is not None or contract.supplier_confirmed_at is not None
    contract.changed_at = at
    _take_back(contract)
    names = [name for name in changed if name in CONTRACT]
    audit.step(
        contract, "change", by=by, at=at, reason=" ".join(changed), changed=[*names, "changed_at", *CONFIRMATION_FIELDS]
    )
    if was_confirmed:
        tell_sides(contract, BOTH, "confirmation_void", at)
    else:
        tell_sides(contract, [other(side)], "changed_by_other", at)
    return contract


@transaction.atomic
def confirm_contract(
    *, contract: Contract, side: Side, by: User, at: datetime, read_hash: str | None = None
) -> Contract:
    """One side agrees to the text as it stands; the second one signs. NotReady says what is missing.

    `read_hash` is the SHA-256 of the text on the page the decision comes from: another text is WrongState.
    Where the text differs from what the other side confirmed (a party was renamed), that one is asked again.
    """
    contract = lock(contract)
    check_side(by, contract, side)
    audit.check_step(contract, "confirm")
    rows = list(contract.milestones.all())
    current = text_hash(contract, rows)
    if read_hash is not None and read_hash != current:
        raise WrongState(_("内容在您打开页面之后又有修改，请看过新的内容再决定。"))
    if reasons := missing(contract, rows):
        raise NotReady(reasons)
    if contract.confirmed_hash != current:
        _take_back(contract)
    if _confirmed_at(contract, side) is not None:
        raise WrongState(_("您方已经确认过这份合同，正在等待对方确认。"))
    contract.confirmed_hash = current
    setattr(contract, f"{side}_confirmed_at", at)
    setattr(contract, f"{side}_confirmed_by", by)
    audit.step(contract, "confirm", by=by, at=at, reason=current, changed=CONFIRMATION_FIELDS)
    if _confirmed_at(contract, other(side)) is None:
        tell_sides(contract, [other(side)], "confirmed", at)
        return contract
    contract.signed_at, contract.signed_text = at, canonical(contract, rows)
    audit.step(contract, "sign", by=by, at=at, reason=current, changed=["signed_at", "signed_text"])
    tell_sides(contract, BOTH, "signed", at)
    signals.contract_signed.send(sender=Contract, contract=contract, by=by, at=at)
    return contract


@transaction.atomic
def record_funding(
    *, contract: Contract, amount: Decimal, decided_on: date, reference: str, by: User, at: datetime
) -> Contract:
    """The buyer or an operator records the public funding decision; it may come before or after the signature."""
    contract = lock(contract)
    if not is_operator(by):
        check_side(by, contract, Side.BUYER)
    if not contract.awaits_funding or contract.state == ContractState.TERMINATED:
        raise WrongState(_("这份合同没有待登记的财政资助。"))
    if decided_on > timezone.localdate(at):
        raise NotReady([_("资助立项日期不能晚于今天。")])
    contract.funding_amount, contract.funding_decided_on, contract.funding_reference = amount, decided_on, reference
    contract.save(update_fields=["funding_amount", "funding_decided_on", "funding_reference"])
    audit.note(contract, "fund", by=by, at=at, from_state=contract.state, reason=reference)
    tell_sides(contract, BOTH, "funded", at)
    return contract


@transaction.atomic
def terminate_contract(*, contract: Contract, reason: str, by: User, at: datetime) -> Contract:
    """Either side or an operator ends a contract before its acceptance and says why."""
    contract = lock(contract)
    if not is_operator(by):
        check_either_side(by, contract)
    contract.terminated_at, contract.terminate_reason = at, required(reason)
    audit.step(contract, "terminate", by=by, at=at, reason=reason, changed=["terminated_at", "terminate_reason"])
    tell_sides(contract, BOTH, "terminated", at)
    signals.contract_terminated.send(sender=Contract, contract=contract, by=by, at=at)
    return contract


# --- Shared with the other rooms -----------------------------------------------------------------------


def lock(contract: Contract) -> Contract:
    return (
        Contract.objects.select_related("need__organisation", "supplier")
        .select_for_update(of=("self",))
        .get(pk=contract.pk)
    )


def required(reason: str) -> str:
    if not reason.strip():
        raise ValueError("A contract is refused or ended with a reason.")
    return reason.strip()


def months_after(day: date, months: int) -> date:
    """The same day `months` later, the month's last where it has no such day."""
    years, month = divmod(day.month - 1 + months, 12)
    year, month = day.year + years, month + 1
    return date(year, month, min(day.day, calendar.monthrange(year, month)[1]))


CONFIRMATION_FIELDS = (
    "confirmed_hash",
    "buyer_confirmed_at",
    "buyer_confirmed_by",
    "supplier_confirmed_at",
    "supplier_confirmed_by",
)


def _confirmed_at(contract: Contract, side: Side) -> datetime | None:
    return contract.buyer_confirmed_at if side == Side.BUYER else contract.supplier_confirmed_at


def _take_back(contract: Contract) -> None:
    contract.confirmed_hash = ""
    for side in BOTH:
        setattr(contract, f"{side}_confirmed_at", None)
        setattr(contract, f"{side}_confirmed_by", None)


def _rewrite_milestones(contract: Contract, rows: Sequence[Values]) -> bool:
    """Replace the rows of a draft when they differ; whether they did. Nothing hangs on a draft's milestones yet."""
    before = list(contract.milestones.values(*MILESTONE))
    after = [{name: Milestone(**row).__dict__[name] for name in MILESTONE} for row in rows]
    if before == after:
        return False
    contract.milestones.all().delete()
    Milestone.objects.bulk_create(
        Milestone(contract=contract, position=position, **row) for position, row in enumerate(after, start=1)
    )
    return True


def _existing(need: Need, supplier: Organisation) -> Contract | None:
    contracts = Contract.objects.unterminated().filter(need=need, supplier=supplier)
    return contracts.select_related("need__organisation", "supplier").select_for_update(of=("self",)).first()


def _take_over(contract: Contract, terms: Terms) -> None:
    assert contract.starts_on is not None, "a draft begins today"
    contract.amount = terms.amount
    contract.rights_sharing = terms.rights_sharing
    contract.solution = contract.solution or terms.solution
    contract.ends_on = months_after(contract.starts_on, terms.months) if terms.months else None


def _planned(contract: Contract, plan: Sequence[Values]) -> list[Milestone]:
    """The plan's rows as milestones, earliest first."""
    assert contract.starts_on is not None, "a draft begins today"
    return [
        Milestone(
            contract=contract,
            position=position,
            title=row["title"][:120],
            deliverable=row.get("deliverable", ""),
            due_on=months_after(contract.starts_on, row["month"]),
        )
        for position, row in enumerate(sorted(plan, key=lambda row: row["month"]), start=1)
    ]

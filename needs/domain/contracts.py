"""What can happen to a contract until it is signed, and its early end.

What follows the signature is in `needs.domain.delivery`, what it brought in `needs.domain.outcomes`.
"""

import calendar
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from accounts.domain import audit
from accounts.models import Organisation, User
from accounts.workflow import WrongState, next_state
from needs.domain.telling_contracts import BOTH, tell_sides
from needs.models import Bid, BidVersion, Clause, Contract, Milestone, Need
from needs.workflow import CONTRACT_ACTIONS, ContractState
from solutions.models import Solution

Values = Mapping[str, Any]


@transaction.atomic
def draft_contract(
    *,
    need: Need,
    supplier: Organisation,
    bid: Bid | None = None,
    solution: Solution | None = None,
    by: User,
    at: datetime,
) -> Contract:
    """Begin a contract between the need's organisation and `supplier`, or return the one there is.

    From a bid its price becomes the amount, its plan the milestones, its proposal on rights the sharing of them and
    its first output the contract's. The caller has checked that `by` may: an award, a claim, a contact lead here.
    """
    need = Need.objects.select_related("organisation").select_for_update(of=("self",)).get(pk=need.pk)
    if supplier.pk == need.organisation_id:
        raise ValueError("An organisation makes no contract with itself.")
    if existing := _existing(need, supplier):
        return _carry_bid(existing, bid, at)
    contract = Contract(
        need=need,
        supplier=supplier,
        bid=bid,
        solution=solution,
        title=need.title,
        clauses={Clause.NAME.value: need.title},
        starts_on=timezone.localdate(at),
        created_at=at,
        created_by=by,
        changed_at=at,
    )
    version = _version_of(bid)
    if version is not None:
        _copy_version(contract, version, at)
    contract.save()
    if version is not None:
        Milestone.objects.bulk_create(_planned(contract, version))
    record("draft", contract, by=by, at=at, to_state=contract.state)
    message = gettext_noop("需求《%(title)s》已生成技术合同草案，请双方补全条款后确认。")
    tell_sides(contract, BOTH, "drafted", message, at)
    return contract


@transaction.atomic
def discard_draft(*, contract: Contract, reason: str, by: User | None, at: datetime) -> Contract:
    """End an unsigned draft because the award it came from was taken back; its bid is free for another award.

    The caller has checked that `by` may; None is the platform. WrongState when it was signed meanwhile.
    """
    contract = lock(contract)
    if contract.is_binding:
        raise WrongState(_("技术合同已经签署，不能再撤回定榜结果。"))
    contract.bid = None
    if contract.state == ContractState.TERMINATED:
        contract.save(update_fields=["bid"])
        return contract
    contract.terminated_at, contract.terminate_reason = at, required(reason)
    move(contract, "terminate", ["bid", "terminated_at", "terminate_reason"], by=by, at=at, reason=reason)
    tell_sides(
        contract, BOTH, "discarded", gettext_noop("定榜结果已撤回，需求《%(title)s》的技术合同草案随之作废。"), at
    )
    return contract


# --- What the verbs of contracts share -----------------------------------------------------------------------


def lock(contract: Contract) -> Contract:
    return (
        Contract.objects.select_related("need__organisation", "supplier")
        .select_for_update(of=("self",))
        .get(pk=contract.pk)
    )


def move(
    contract: Contract, action: str, fields: list[str], *, by: User | None, at: datetime, reason: str = ""
) -> None:
    """Take one step of the table and write it, with `fields` set by the caller, and its audit row."""
    before = contract.state
    contract.state = next_state(table=CONTRACT_ACTIONS, action=action, state=before)
    contract.save(update_fields=["state", *fields])
    record(action, contract, by=by, at=at, from_state=before, to_state=contract.state, reason=reason)


def record(
    verb: str,
    contract: Contract,
    *,
    by: User | None,
    at: datetime,
    from_state: str = "",
    to_state: str = "",
    reason: str = "",
) -> None:
    audit.record(
        action=f"contract.{verb}",
        code=contract.code,
        label=contract.need.title,
        by=by,
        at=at,
        from_state=from_state,
        to_state=to_state,
        reason=reason,
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


def _existing(need: Need, supplier: Organisation) -> Contract | None:
    contracts = Contract.objects.filter(need=need, supplier=supplier).exclude(state=ContractState.TERMINATED)
    return contracts.select_related("need__organisation", "supplier").select_for_update(of=("self",)).first()


def _carry_bid(contract: Contract, bid: Bid | None, at: datetime) -> Contract:
    """A draft that began with a contact belongs to the bid that won later; what was written in it stays."""
    if bid is not None and contract.bid_id is None and contract.state == ContractState.DRAFT:
        contract.bid, contract.changed_at = bid, at
        contract.save(update_fields=["bid", "changed_at"])
    return contract


def _version_of(bid: Bid | None) -> BidVersion | None:
    return None if bid is None else bid.versions.handed_in().order_by("-number").first()


def _copy_version(contract: Contract, version: BidVersion, at: datetime) -> None:
    contract.amount = version.price
    contract.rights_sharing = version.ip_proposal
    contract.solution = contract.solution or version.solutions.order_by("pk").first()
    months = max([version.months or 0, *(row["month"] for row in version.plan)])
    contract.ends_on = months_after(timezone.localdate(at), months) if months else None


def _planned(contract: Contract, version: BidVersion) -> list[Milestone]:
    """The plan's rows as milestones, earliest first; months count from now."""
    assert contract.starts_on is not None, "a draft begins today"
    return [
        Milestone(
            contract=contract,
            position=position,
            title=row["title"][:120],
            deliverable=row.get("deliverable", ""),
            due_on=months_after(contract.starts_on, row["month"]),
        )
        for position, row in enumerate(sorted(version.plan, key=lambda row: row["month"]), start=1)
    ]

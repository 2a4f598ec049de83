"""Lists of contracts, what one page shows of a contract, and their numbers for dashboards.

Money counts here once both sides have signed: drafts, budgets, prizes and bids are intentions and never add up.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Count, Exists, F, OuterRef, Q, Sum
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.audit import AuditEvent
from accounts.models import Membership, Organisation, User
from accounts.notice.actions import operators
from contracts.contract.fields import CONTRACT
from contracts.contract.workflow import ContractState
from contracts.delivery.workflow import MilestoneState
from contracts.models import (
    Contract,
    ContractQuerySet,
    Milestone,
    Payment,
    PaymentKind,
    Side,
    SuccessCase,
)
from needs.models import Need

# Actions of the audit trail in words.
EVENT_LABELS = {
    "contract.draft": _("建立合同草案"),
    "contract.link": _("关联中榜方案"),
    "contract.change": _("修改合同草案"),
    "contract.confirm": _("确认合同"),
    "contract.sign": _("签订"),
    "follow_up.open": _("安排跟进"),
    "follow_up.finish": _("完成跟进"),
    "follow_up.reassign": _("换人跟进"),
    "contract.fund": _("登记资助立项"),
    "contract.terminate": _("终止"),
    "contract.milestone_deliver": _("交付里程碑"),
    "contract.milestone_accept": _("通过里程碑"),
    "contract.milestone_return": _("退回里程碑"),
    "contract.pay": _("登记付款（万元）"),
    "contract.accept": _("通过验收"),
    "contract.reject": _("验收不通过"),
    "contract.resume": _("恢复履行"),
    "contract.solve": _("确认问题解决"),
    "contract.rate": _("提交评价"),
    "case.create": _("撰写成功案例"),
    "case.change": _("修改成功案例"),
    "case.approve": _("同意公开成功案例"),
    "case.publish": _("公开成功案例"),
    "case.withdraw": _("撤下成功案例"),
}


def operators_who_read(contract: Contract) -> list[User]:
    """The operators to whom `contract` is visible, as `visible_to` says of each, in a few queries for all of them."""
    people = operators()
    parties = [contract.need.organisation_id, contract.supplier_id]
    bidders = Organisation.objects.filter(bids__challenge__bids__contract=contract).values("pk")
    memberships = Membership.objects.active().filter(user__in=people)
    of_parties = set(memberships.filter(organisation__in=parties).values_list("user", flat=True))
    of_bidders = set(memberships.filter(organisation__in=bidders).values_list("user", flat=True))
    return [person for person in people if person.pk in of_parties or person.pk not in of_bidders]


# --- Lists -----------------------------------------------------------------------------------------------------
def contracts_of(organisation: Organisation, side: Side) -> ContractQuerySet:
    """The contracts of an organisation as one of the two sides, with what a list entry shows."""
    of_side = Q(need__organisation=organisation) if side == Side.BUYER else Q(supplier=organisation)
    return with_progress(Contract.objects.filter(of_side))


def with_progress(contracts: ContractQuerySet) -> ContractQuerySet:
    """The latest first, with the parties, `is_late`, `milestones_passed` and `milestones_all`."""
    late = Milestone.objects.filter(
        contract=OuterRef("pk"),
        contract__state=ContractState.SIGNED,
        state__in=[MilestoneState.PLANNED, MilestoneState.RETURNED],
        due_on__lt=timezone.localdate(),
    )
    passed = Count("milestones", filter=Q(milestones__state=MilestoneState.ACCEPTED))
    return (
        contracts.select_related("need__organisation", "supplier")
        .annotate(is_late=Exists(late), milestones_passed=passed, milestones_all=Count("milestones"))
        .order_by("-created_at", "-pk")
    )


def side_counts(organisation: Organisation) -> dict[Side, int]:
    """How many contracts an organisation has on each side."""
    return {
        Side.BUYER: Contract.objects.filter(need__organisation=organisation).count(),
        Side.SUPPLIER: Contract.objects.filter(supplier=organisation).count(),
    }


# --- One contract ----------------------------------------------------------------------------------------------
def history(contract: Contract, case: SuccessCase | None) -> list[dict[str, Any]]:
    """What happened to a contract and its case, oldest first: label, at, by and note of each."""
    codes = [contract.code, case.code] if case else [contract.code]
    events = AuditEvent.objects.filter(object_code__in=codes).select_related("by").order_by("at", "pk")
    return [
        {
            "label": EVENT_LABELS.get(event.action, event.action),
            "at": event.at,
            "by": event.by.name if event.by else _("系统"),
            "note": _note(event),
        }
        for event in events
        if event.action in EVENT_LABELS
    ]


def _changed_words(changed: str) -> list[str]:
    """Field names as `change_contract` writes them into the audit trail, in words."""
    return [str(CONTRACT[name].label if name in CONTRACT else _("里程碑")) for name in changed.split()]


@dataclass(frozen=True, slots=True)
class Balance:
    """Money agreed on as a sum and what of it was recorded as paid, 万元. Royalties are no part of either.

    What is due as royalties nobody knows until it is earned: they cannot be open, and paying them pays nothing else.
    A correction counts as what it corrects.
    """

    due: Decimal
    paid: Decimal

    @property
    def open(self) -> Decimal:
        """Never below nothing: what was paid beyond is not owed back here."""
        return max(self.due - self.paid, Decimal(0))


def balances(milestones: list[Milestone], payments: list[Payment]) -> dict[int, Balance]:
    """Milestone pk → what is due on it and what was paid."""
    paid: dict[int | None, Decimal] = {}
    for payment in _agreed(payments):
        paid[payment.milestone_id] = paid.get(payment.milestone_id, Decimal(0)) + payment.amount
    return {row.pk: Balance(due=row.payment or Decimal(0), paid=paid.get(row.pk, Decimal(0))) for row in milestones}


def total_balance(contract: Contract, payments: list[Payment]) -> Balance:
    """Of the whole contract: the agreed amount and entry fee."""
    due = (contract.amount or Decimal(0)) + (contract.entry_fee or Decimal(0))
    return Balance(due=due, paid=_sum(_agreed(payments)))


def royalties_paid(payments: list[Payment]) -> Decimal:
    """万元, their corrections included."""
    return _sum(payment for payment in payments if payment.counts_as == PaymentKind.ROYALTY)


def _agreed(payments: list[Payment]) -> Iterator[Payment]:
    return (payment for payment in payments if payment.counts_as != PaymentKind.ROYALTY)


def _sum(payments: Iterable[Payment]) -> Decimal:
    return sum((payment.amount for payment in payments), Decimal(0))


# --- Figures ---------------------------------------------------------------------------------------------------
_VALUE = Coalesce(F("amount"), Decimal(0)) + Coalesce(F("entry_fee"), Decimal(0))


def contract_value(
    *,
    organisation: Organisation | None = None,
    region: str = "",
    industry: str = "",
    since: date | None = None,
) -> Decimal:
    """万元 of binding contracts: agreed amounts and entry fees. Royalties never count: when signing they are a rate.

    `region` (GB/T 2260, any number of leading digits) and `industry` (GB/T 4754, or its leading letter) are the need's;
    `organisation` is either side; `since` is the first day of signing.
    """
    total = _binding(organisation, region, industry, since).aggregate(total=Sum(_VALUE))["total"]
    return total or Decimal(0)


def signed_count(
    *, organisation: Organisation | None = None, region: str = "", industry: str = "", since: date | None = None
) -> int:
    return _binding(organisation, region, industry, since).count()


def solved_count(*, organisation: Organisation | None = None, region: str = "", industry: str = "") -> int:
    """Distinct needs whose enterprise confirmed, with figures, that a contract solved them."""
    solved = Contract.objects.filter(state=ContractState.SOLVED)
    return Need.objects.filter(pk__in=_narrow(solved, organisation, region, industry).values("need")).count()


def _binding(organisation: Organisation | None, region: str, industry: str, since: date | None) -> ContractQuerySet:
    contracts = _narrow(Contract.objects.binding(), organisation, region, industry)
    return contracts.filter(signed_at__date__gte=since) if since else contracts


def _narrow(
    contracts: ContractQuerySet, organisation: Organisation | None, region: str, industry: str
) -> ContractQuerySet:
    if organisation is not None:
        contracts = contracts.filter(Q(need__organisation=organisation) | Q(supplier=organisation))
    if region:
        contracts = contracts.filter(need__region_code__startswith=region)
    if industry:
        contracts = contracts.filter(need__industry__startswith=industry)
    return contracts


def _note(event: AuditEvent) -> str:
    if event.action == "contract.change":
        return _("、").join(_changed_words(event.reason))
    if event.action in {"contract.confirm", "contract.sign"}:
        return f"SHA-256 {event.reason[:16]}…"
    return event.reason

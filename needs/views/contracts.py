"""Pages that show contracts: one's own, one contract's whole story, and its papers to print."""

from typing import Any

from django.core.paginator import Paginator
from django.db.models import Prefetch
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from accounts import clock
from accounts.workflow import WrongState
from needs.contract_text import has_royalty, missing, parties, text_hash, unanswered_clauses
from needs.models import Attachment, Clause, Contract, Milestone, OutcomeFigure, Side, SuccessCase
from needs.permissions.contracts import (
    allowed_case_actions,
    allowed_contract_actions,
    milestone_actions,
    sides_of,
    writing_sides,
)
from needs.queries import contracts as queries
from needs.views.common import PER_PAGE, visible_contract
from needs.workflow import ContractState, MilestoneState

TABS = {
    Side.BUYER: gettext_lazy("我方为需求方"),
    Side.SUPPLIER: gettext_lazy("我方为研发方"),
}


@require_safe
def mine(request: HttpRequest) -> HttpResponse:
    """The contracts of the organisation one acts for, a tab for each side; operators also find all."""
    if request.organisation is None:
        return render(request, "needs/mine_without_organisation.html")
    counts: dict[str, int] = {side.value: number for side, number in queries.side_counts(request.organisation).items()}
    labels: dict[str, Any] = {side.value: label for side, label in TABS.items()}
    if request.is_operator:
        counts["all"], labels["all"] = Contract.objects.visible_to(request.user).count(), _("全部合同")
    chosen = request.GET.get("side", "")
    if chosen not in counts:
        chosen = next((side for side, number in counts.items() if number), Side.BUYER.value)
    if chosen == "all":
        contracts = queries.with_progress(Contract.objects.visible_to(request.user))
    else:
        contracts = queries.contracts_of(request.organisation, Side(chosen))
    context = {
        "organisation": request.organisation,
        "tabs": [
            {"url": f"?side={side}", "label": labels[side], "count": counts[side], "is_current": side == chosen}
            for side in labels
        ],
        "page": Paginator(contracts, PER_PAGE).get_page(request.GET.get("page")),
    }
    return render(request, "needs/contract_mine.html", context)


@require_safe
def detail(request: HttpRequest, code: str) -> HttpResponse:
    contract = visible_contract(request, code)
    user, today = request.user, timezone.localdate(clock.now())
    writing = writing_sides(user, contract)
    milestones = _milestones(contract)
    payments = list(contract.payments.select_related("milestone", "recorded_by").order_by("paid_on", "pk"))
    figures = list(contract.figures.select_related("evidence"))
    case = SuccessCase.objects.filter(contract=contract).first()
    ratings = queries.ratings_shown_to(user, contract)
    is_draft = contract.state == ContractState.DRAFT
    balances = queries.balances(milestones, payments)
    context = {
        "contract": contract,
        "sides": sides_of(user, contract),
        "is_insider": bool(writing),
        "actions": allowed_contract_actions(user=user, contract=contract) - _rated_by(writing, contract),
        "missing": missing(contract, milestones) if is_draft else [],
        "clauses": _checklist(contract),
        "milestones": [
            {
                "row": row,
                "files": row.files,
                "actions": milestone_actions(writing, contract=contract, state=row.state),
                "balance": balances[row.pk],
                "accept_dialog": f"accept-{row.position}",
                "return_dialog": f"return-{row.position}",
                "is_late": contract.state == ContractState.SIGNED
                and row.state in {MilestoneState.PLANNED, MilestoneState.RETURNED}
                and row.due_on < today,
            }
            for row in milestones
        ],
        "all_passed": all(row.state == MilestoneState.ACCEPTED for row in milestones),
        "next_milestone": _next_of(milestones),
        "payments": payments,
        "total": queries.total_balance(contract, payments),
        "royalties": queries.royalties_paid(payments) if has_royalty(contract) else None,
        "files": list(contract.attachments.filter(removed_at=None).select_related("uploaded_by").order_by("pk")),
        "figures": figures,
        "chart": chart_of(figures),
        "ratings": ratings,
        "case": case,
        "case_actions": allowed_case_actions(user=user, contract=contract, state=case.state) if case else frozenset(),
        "history": queries.history(contract, case),
    }
    return render(request, "needs/contract_detail.html", context)


@require_safe
def print_contract(request: HttpRequest, code: str) -> HttpResponse:
    """The contract on paper; marked as a draft until both have signed."""
    return render(request, "needs/contract_print.html", paper(visible_contract(request, code)))


@require_safe
def certificate(request: HttpRequest, code: str) -> HttpResponse:
    """The certificate of acceptance on paper."""
    contract = visible_contract(request, code)
    if contract.accepted_at is None:
        raise WrongState(_("合同通过验收之后才有验收证书。"))
    return render(request, "needs/contract_certificate.html", {**paper(contract), "figures": contract.figures.all()})


def paper(contract: Contract) -> dict[str, Any]:
    """What both papers and the page of confirming show."""
    milestones = list(contract.milestones.all())
    return {
        "contract": contract,
        "parties": parties(contract),
        "milestones": milestones,
        "clauses": [(clause.label, contract.clauses.get(clause.value, "")) for clause in Clause],
        # What was signed keeps the hash it was signed under.
        "hash": contract.confirmed_hash if contract.signed_at else text_hash(contract, milestones),
    }


def chart_of(figures: list[OutcomeFigure]) -> dict[str, Any] | None:
    """Before and after with the former as 100: figures of different units side by side. None where nothing compares."""
    rows = [
        [figure.name, 100.0, float(round(figure.after / figure.before * 100, 1))]
        for figure in figures
        if figure.before > 0 and figure.after >= 0
    ]
    return {"columns": [_("指标"), _("实施前"), _("实施后")], "rows": rows} if rows else None


def _milestones(contract: Contract) -> list[Milestone]:
    """In order, each with `files`: what was attached to it and is still there."""
    kept = Attachment.objects.filter(removed_at=None).select_related("uploaded_by").order_by("pk")
    rows = contract.milestones.select_related("delivered_by", "accepted_by")
    return list(rows.prefetch_related(Prefetch("attachments", queryset=kept, to_attr="files")))


def _next_of(milestones: list[Milestone]) -> Milestone | None:
    """What waits for somebody: a delivery that is to be judged before a milestone that is to be delivered."""
    delivered = [row for row in milestones if row.state == MilestoneState.DELIVERED]
    to_deliver = [row for row in milestones if row.state in {MilestoneState.PLANNED, MilestoneState.RETURNED}]
    return next(iter([*delivered, *to_deliver]), None)


def _checklist(contract: Contract) -> list[dict[str, Any]]:
    """The clauses of art. 845, answered or missing."""
    unanswered = set(unanswered_clauses(contract))
    return [
        {"label": clause.label, "text": contract.clauses.get(clause.value, ""), "is_answered": clause not in unanswered}
        for clause in Clause
    ]


def _rated_by(writing: frozenset[Side], contract: Contract) -> set[str]:
    """The action “rate” once every side the reader writes for has rated."""
    if contract.state not in {ContractState.SOLVED, ContractState.TERMINATED}:
        return set()
    given = set(contract.ratings.values_list("side", flat=True))
    return {"rate"} if writing <= given else set()

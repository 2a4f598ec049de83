"""The pages of a contract: the list, the contract with all that follows from it, and its way to the signature."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Prefetch
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.http import PER_PAGE, Request
from accounts.models import is_operator
from accounts.permissions import check_operator
from contracts.contract import actions, queries
from contracts.contract.forms import (
    ContractForm,
    FundingForm,
    MilestoneFormSet,
    initial_of,
    milestone_initial,
)
from contracts.contract.permissions import (
    allowed_contract_actions,
    check_either_side,
    check_side,
    sides_of,
    writing_sides,
)
from contracts.contract.text import (
    has_royalty,
    missing,
    parties,
    text_hash,
    unanswered_clauses,
)
from contracts.contract.workflow import CONTRACT_ACTIONS, ContractState
from contracts.delivery.actions import attach_to_contract
from contracts.delivery.permissions import milestone_actions
from contracts.delivery.workflow import MilestoneState
from contracts.models import (
    Clause,
    Contract,
    Milestone,
    MilestoneAttachment,
    OutcomeFigure,
    Side,
    SuccessCase,
)
from contracts.outcome import queries as outcome_queries
from contracts.outcome.permissions import allowed_case_actions
from lib import clock
from lib.refusals import NotReady, WrongState
from lib.transitions import next_state
from needs.files.actions import Unacceptable
from needs.files.forms import AttachmentForm


def visible_contract(request: Request, code: str) -> Contract:
    """The contract `code` with its need, both organisations and output, when the reader may see it; else 404."""
    contracts = Contract.objects.visible_to(request.user).select_related(
        "need__organisation", "need__caretaker", "supplier", "solution"
    )
    return get_object_or_404(contracts, code=code)


TABS = {
    Side.BUYER: gettext_lazy("我方为需求方"),
    Side.SUPPLIER: gettext_lazy("我方为研发方"),
}


@require_safe
def mine(request: Request) -> HttpResponse:
    """The contracts of the organisation one acts for, a tab for each side; operators also find all."""
    if request.organisation is None:
        return render(request, "needs/need/mine_without_organisation.html")
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
    return render(request, "contracts/contract/contract_mine.html", context)


@require_safe
def detail(request: Request, code: str) -> HttpResponse:
    contract = visible_contract(request, code)
    user, today = request.user, timezone.localdate(clock.now())
    writing = writing_sides(user, contract)
    milestones = _milestones(contract)
    payments = list(contract.payments.select_related("milestone", "recorded_by").order_by("paid_on", "pk"))
    figures = list(contract.figures.select_related("evidence"))
    case = SuccessCase.objects.filter(contract=contract).first()
    ratings = outcome_queries.ratings_shown_to(user, contract)
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
                "files": row.files,  # type: ignore[attr-defined]  # prefetched by `_milestones`
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
    return render(request, "contracts/contract/contract_detail.html", context)


@require_safe
def print_contract(request: Request, code: str) -> HttpResponse:
    """The contract on paper; marked as a draft until both have signed."""
    return render(request, "contracts/contract/contract_print.html", paper(visible_contract(request, code)))


@require_safe
def certificate(request: Request, code: str) -> HttpResponse:
    """The certificate of acceptance on paper."""
    contract = visible_contract(request, code)
    if contract.accepted_at is None:
        raise WrongState(_("合同通过验收之后才有验收证书。"))
    return render(
        request, "contracts/contract/contract_certificate.html", {**paper(contract), "figures": contract.figures.all()}
    )


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
    kept = MilestoneAttachment.objects.filter(removed_at=None).select_related("uploaded_by").order_by("pk")
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


@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: Request, code: str) -> HttpResponse:
    contract = visible_contract(request, code)
    check_either_side(request.user, contract)
    next_state(table=CONTRACT_ACTIONS, action="change", state=contract.state)
    read_hash = request.POST.get("read_hash", "") or _hash_of(contract)
    if request.method == "POST":
        form = ContractForm(request.POST)
        formset = MilestoneFormSet(request.POST, prefix="milestones")
        if form.is_valid() & formset.is_valid():
            try:
                contract = actions.change_contract(
                    contract=contract,
                    values=form.content,
                    milestones=formset.rows,
                    by=request.user,
                    at=timezone.now(),
                    read_hash=request.POST.get("read_hash"),
                )
            except actions.ChangedMeanwhile as error:
                form.add_error(None, str(error))
                read_hash = _hash_of(contract)
            else:
                messages.success(request, _("合同草案已保存。"))
                return redirect(contract)
    else:
        form = ContractForm(initial=initial_of(contract))
        formset = MilestoneFormSet(initial=milestone_initial(contract.milestones.all()), prefix="milestones")
    context = {
        "contract": contract,
        "form": form,
        "formset": formset,
        "read_hash": read_hash,
        "is_confirmed": contract.buyer_confirmed_at is not None or contract.supplier_confirmed_at is not None,
    }
    return render(request, "contracts/contract/contract_form.html", context, status=422 if form.is_bound else 200)


def _hash_of(contract: Contract) -> str:
    return text_hash(contract, list(contract.milestones.all()))


@require_http_methods(["GET", "HEAD", "POST"])
def confirm(request: Request, code: str) -> HttpResponse:
    """The exact text that is signed, with its hash; the decision carries the hash of what was read."""
    contract = visible_contract(request, code)
    side = _confirming_side(request, contract)
    context = {**paper(contract), "side": side}
    context["missing"] = missing(contract, context["milestones"])
    if request.method == "POST":
        try:
            contract = actions.confirm_contract(
                contract=contract,
                side=side,
                by=request.user,
                at=timezone.now(),
                read_hash=request.POST.get("read_hash", ""),
            )
        except NotReady as error:
            return render(
                request, "contracts/contract/contract_confirm.html", {**context, "missing": error.reasons}, status=422
            )
        messages.success(request, _("合同已签订。") if contract.is_binding else _("已确认，等待对方确认。"))
        return redirect(contract)
    return render(request, "contracts/contract/contract_confirm.html", context)


def _confirming_side(request: Request, contract: Contract) -> Side:
    """The side that has not confirmed yet, for the rare person who writes for both."""
    check_either_side(request.user, contract)
    next_state(table=CONTRACT_ACTIONS, action="confirm", state=contract.state)
    confirmed = {Side.BUYER: contract.buyer_confirmed_at, Side.SUPPLIER: contract.supplier_confirmed_at}
    waiting = [side for side in sorted(writing_sides(request.user, contract)) if confirmed[side] is None]
    if not waiting:
        raise WrongState(_("您方已经确认过这份合同，正在等待对方确认。"))
    return waiting[0]


@require_http_methods(["GET", "HEAD", "POST"])
def funding(request: Request, code: str) -> HttpResponse:
    contract = visible_contract(request, code)
    if not is_operator(request.user):
        check_side(request.user, contract, Side.BUYER)
    if not contract.awaits_funding:
        raise WrongState(_("这份合同没有待登记的财政资助。"))
    form = FundingForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            actions.record_funding(contract=contract, **form.cleaned_data, by=request.user, at=timezone.now())
        except NotReady as error:
            form.add_error("decided_on", error.reasons)
        else:
            messages.success(request, _("资助立项已登记。"))
            return redirect(contract)
    context = {
        "contract": contract,
        "form": form,
        "title": _("登记资助立项"),
        "help": _("资助由有关部门另行决定，平台只作登记。登记之后不能修改。"),
        "button": _("登记"),
    }
    return render(request, "contracts/contract/contract_step.html", context, status=422 if form.is_bound else 200)


@require_POST
def terminate(request: Request, code: str) -> HttpResponse:
    contract = visible_contract(request, code)
    if not writing_sides(request.user, contract):
        check_operator(request.user)
    if not (reason := request.POST.get("reason", "").strip()):
        messages.error(request, _("请写明终止原因。"))
        return redirect(contract)
    actions.terminate_contract(contract=contract, reason=reason[:2000], by=request.user, at=timezone.now())
    messages.success(request, _("合同已终止。"))
    return redirect(contract)


@require_POST
def attach(request: Request, code: str) -> HttpResponse:
    contract = visible_contract(request, code)
    check_either_side(request.user, contract)
    form = AttachmentForm(request.POST, request.FILES)
    if not form.is_valid():
        messages.error(request, " ".join(str(error) for errors in form.errors.values() for error in errors))
        return redirect(f"{contract.get_absolute_url()}#files")
    try:
        upload = form.cleaned_data["file"]
        attachment = attach_to_contract(contract=contract, upload=upload, by=request.user, at=timezone.now())
        messages.success(request, _("已上传“%(name)s”。") % {"name": attachment.name})
    except Unacceptable as error:
        messages.error(request, str(error))
    return redirect(f"{contract.get_absolute_url()}#files")

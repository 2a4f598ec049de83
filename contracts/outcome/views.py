"""What a contract brought: figures, ratings, success cases."""

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.http import PER_PAGE, PublicRequest, Request, read_at
from contracts.contract.actions import ChangedMeanwhile
from contracts.contract.permissions import (
    check_either_side,
    check_side,
    writing_sides,
)
from contracts.contract.views import chart_of, visible_contract
from contracts.contract.workflow import CONTRACT_ACTIONS, ContractState
from contracts.models import Contract, Side, SuccessCase
from contracts.outcome import actions, queries
from contracts.outcome.forms import CaseForm, FigureFormSet, RatingForm
from contracts.outcome.permissions import allowed_case_actions
from contracts.outcome.workflow import CASE_ACTIONS, CaseState
from lib.refusals import NotReady, WrongState
from lib.transitions import next_state
from needs.files.actions import Unacceptable


@require_http_methods(["GET", "HEAD", "POST"])
def solve(request: Request, code: str) -> HttpResponse:
    """The enterprise's confirmation that its problem is solved, with figures and their evidence."""
    contract = visible_contract(request, code)
    check_side(request.user, contract, Side.BUYER)
    next_state(table=CONTRACT_ACTIONS, action="solve", state=contract.state)
    formset = FigureFormSet(request.POST or None, request.FILES or None, prefix="figures")
    reasons = actions.obstacles_to_solving(contract)
    if request.method == "POST" and formset.is_valid():
        try:
            actions.confirm_solved(contract=contract, figures=formset.rows, by=request.user, at=timezone.now())
        except NotReady as error:
            reasons = error.reasons
        except Unacceptable as error:
            reasons = [str(error)]
        else:
            messages.success(request, _("已确认问题解决，需求随之关闭。请评价这次合作，也可以一起发布成功案例。"))
            return redirect(contract)
    context = {"contract": contract, "formset": formset, "reasons": reasons}
    return render(request, "contracts/outcome/contract_solve.html", context, status=422 if formset.is_bound else 200)


@require_http_methods(["GET", "HEAD", "POST"])
def rate(request: Request, code: str) -> HttpResponse:
    contract = visible_contract(request, code)
    side = _rating_side(request, contract)
    form = RatingForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        actions.rate(contract=contract, side=side, **form.cleaned_data, by=request.user, at=timezone.now())
        messages.success(request, _("评价已提交。双方都评价之后同时显示。"))
        return redirect(contract)
    other = contract.supplier if side == Side.BUYER else contract.need.organisation
    context = {
        "contract": contract,
        "form": form,
        "title": _("评价%(organisation)s") % {"organisation": other.name},
        "help": _("只对合同双方和平台运营人员可见。对方看到您的评价之前，也要先给出评价。"),
        "button": _("提交评价"),
    }
    return render(request, "contracts/contract/contract_step.html", context, status=422 if form.is_bound else 200)


def _rating_side(request: Request, contract: Contract) -> Side:
    check_either_side(request.user, contract)
    if not contract.is_ratable:
        raise WrongState(_("合同完成或终止之后才能互相评价。"))
    given = set(contract.ratings.values_list("side", flat=True))
    waiting = [side for side in sorted(writing_sides(request.user, contract)) if side not in given]
    if not waiting:
        raise WrongState(_("您方已经评价过，评价不能修改。"))
    return waiting[0]


# --- Success cases ---------------------------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
def case_edit(request: Request, code: str) -> HttpResponse:
    contract = visible_contract(request, code)
    check_either_side(request.user, contract)
    if contract.state != ContractState.SOLVED:
        raise WrongState(_("需求方确认问题解决之后，才能撰写成功案例。"))
    case = SuccessCase.objects.filter(contract=contract).first()
    if case is not None:
        next_state(table=CASE_ACTIONS, action="change", state=case.state)
    form = CaseForm(request.POST or None, initial={"title": case.title, "text": case.text} if case else None)
    if request.method == "POST" and form.is_valid():
        try:
            case = actions.write_case(
                contract=contract, **form.cleaned_data, by=request.user, at=timezone.now(), read_at=read_at(request)
            )
        except ChangedMeanwhile as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("案例已保存，双方都同意后公开。"))
            return redirect(case)
    context = {
        "contract": contract,
        "form": form,
        "title": _("修改成功案例") if case else _("撰写成功案例"),
        "help": _("双方都同意之前，只有合同双方和平台运营人员能看到。修改之后双方需要重新同意。"),
        "button": _("保存"),
    }
    return render(request, "contracts/contract/contract_step.html", context, status=422 if form.is_bound else 200)


@require_POST
def case_approve(request: Request, code: str) -> HttpResponse:
    case = _visible_case(request, code)
    check_either_side(request.user, case.contract)
    approved = {Side.BUYER: case.buyer_approved_at, Side.SUPPLIER: case.supplier_approved_at}
    sides = sorted(writing_sides(request.user, case.contract))
    side = next((side for side in sides if approved[side] is None), sides[0])
    case = actions.approve_case(case=case, side=side, by=request.user, at=timezone.now(), read_at=read_at(request))
    messages.success(request, _("案例已公开。") if case.state == CaseState.PUBLISHED else _("已同意，等待对方同意。"))
    return redirect(case)


@require_POST
def case_withdraw(request: Request, code: str) -> HttpResponse:
    case = actions.withdraw_case(case=_visible_case(request, code), by=request.user, at=timezone.now())
    messages.success(request, _("案例已撤下，不再公开。"))
    return redirect(case)


@require_safe
@login_not_required
def case_list(request: PublicRequest) -> HttpResponse:
    page = Paginator(queries.public_cases(), PER_PAGE).get_page(request.GET.get("page"))
    return render(request, "contracts/outcome/case_list.html", {"page": page})


@require_safe
@login_not_required
def case_detail(request: PublicRequest, code: str) -> HttpResponse:
    case = _visible_case(request, code)
    figures = list(case.contract.figures.all())
    is_party = Contract.objects.visible_to(request.user).filter(pk=case.contract_id).exists()
    approved = {Side.BUYER: case.buyer_approved_at, Side.SUPPLIER: case.supplier_approved_at}
    writing = writing_sides(request.user, case.contract)
    context = {
        "case": case,
        "contract": case.contract,
        "figures": figures,
        "chart": chart_of(figures),
        "is_party": is_party,
        "writing": writing,
        "waits_for_reader": any(approved[side] is None for side in writing),
        "actions": allowed_case_actions(user=request.user, contract=case.contract, state=case.state),
    }
    return render(request, "contracts/outcome/case_detail.html", context)


def _visible_case(request: PublicRequest, code: str) -> SuccessCase:
    return get_object_or_404(queries.cases_visible_to(request.user), code=code)

"""What follows a signature: milestones, payments, the final acceptance."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.http import Request
from contracts.contract.permissions import check_side
from contracts.contract.views import visible_contract
from contracts.contract.workflow import CONTRACT_ACTIONS, ContractState
from contracts.delivery import actions
from contracts.delivery.forms import AcceptForm, DeliverForm, PaymentForm
from contracts.delivery.workflow import MILESTONE_ACTIONS
from contracts.models import Contract, Milestone, Side
from lib import clock
from lib.refusals import NotReady, WrongState
from lib.transitions import next_state
from needs.files.actions import Unacceptable


@require_http_methods(["GET", "HEAD", "POST"])
def deliver(request: Request, code: str, position: int) -> HttpResponse:
    milestone = _milestone(request, code, position)
    check_side(request.user, milestone.contract, Side.SUPPLIER)
    next_state(table=MILESTONE_ACTIONS, action="deliver", state=milestone.state)
    if milestone.contract.state != ContractState.SIGNED:
        raise WrongState(_("合同不在履行中，里程碑不能交付或验收。"))
    form = DeliverForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        try:
            actions.deliver_milestone(milestone=milestone, **form.cleaned_data, by=request.user, at=clock.now())
        except Unacceptable as error:
            form.add_error("files", str(error))
        else:
            messages.success(request, _("已交付，等待需求方验收。"))
            return redirect(milestone.contract)
    context = {
        "contract": milestone.contract,
        "form": form,
        "title": _("交付里程碑“%(title)s”") % {"title": milestone.title},
        "help": milestone.deliverable,
        "button": _("交付"),
    }
    return render(request, "contracts/contract/contract_step.html", context, status=422 if form.is_bound else 200)


@require_POST
def accept_milestone(request: Request, code: str, position: int) -> HttpResponse:
    milestone = _milestone(request, code, position)
    actions.accept_milestone(milestone=milestone, by=request.user, at=timezone.now())
    messages.success(request, _("里程碑“%(title)s”已通过。") % {"title": milestone.title})
    return redirect(milestone.contract)


@require_POST
def return_milestone(request: Request, code: str, position: int) -> HttpResponse:
    milestone = _milestone(request, code, position)
    check_side(request.user, milestone.contract, Side.BUYER)
    if not (reason := _reason(request)):
        messages.error(request, _("请写明退回原因，对方会看到。"))
        return redirect(milestone.contract)
    actions.return_milestone(milestone=milestone, reason=reason, by=request.user, at=timezone.now())
    messages.success(request, _("里程碑“%(title)s”已退回整改。") % {"title": milestone.title})
    return redirect(milestone.contract)


@require_http_methods(["GET", "HEAD", "POST"])
def add_payment(request: Request, code: str) -> HttpResponse:
    contract = visible_contract(request, code)
    check_side(request.user, contract, Side.BUYER)
    if not contract.is_binding:
        raise WrongState(_("合同签订之后才能登记付款。"))
    form = PaymentForm(request.POST or None, contract=contract)
    if request.method == "POST" and form.is_valid():
        try:
            actions.add_payment(contract=contract, **form.cleaned_data, by=request.user, at=timezone.now())
        except NotReady as error:
            form.add_error(None, error.reasons)
        else:
            messages.success(request, _("付款已登记。"))
            return redirect(contract)
    context = {
        "contract": contract,
        "form": form,
        "title": _("登记付款"),
        "help": _("平台不经手资金，只记录双方在平台之外完成的付款。"),
        "button": _("登记"),
    }
    return render(request, "contracts/contract/contract_step.html", context, status=422 if form.is_bound else 200)


@require_http_methods(["GET", "HEAD", "POST"])
def accept(request: Request, code: str) -> HttpResponse:
    contract = visible_contract(request, code)
    _check_buyers_turn(request, contract, "accept")
    form = AcceptForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            actions.accept_contract(contract=contract, **form.cleaned_data, by=request.user, at=timezone.now())
        except NotReady as error:
            form.add_error(None, error.reasons)
        else:
            messages.success(request, _("合同已通过验收。请填写实施前后的成效，确认问题是否解决。"))
            return redirect(contract)
    context = {
        "contract": contract,
        "form": form,
        "title": _("最终验收"),
        "help": _("全部里程碑通过之后才能验收。验收通过后合同不能再终止，验收证书可以打印。"),
        "button": _("验收通过"),
    }
    return render(request, "contracts/contract/contract_step.html", context, status=422 if form.is_bound else 200)


@require_POST
def reject(request: Request, code: str) -> HttpResponse:
    contract = visible_contract(request, code)
    _check_buyers_turn(request, contract, "reject")
    if not (reason := _reason(request)):
        messages.error(request, _("请写明验收不通过的原因，对方会看到。"))
        return redirect(contract)
    actions.reject_contract(contract=contract, reason=reason, by=request.user, at=timezone.now())
    messages.success(request, _("已记录验收不通过，并通知研发方。"))
    return redirect(contract)


@require_POST
def resume(request: Request, code: str) -> HttpResponse:
    contract = actions.resume_contract(contract=visible_contract(request, code), by=request.user, at=timezone.now())
    messages.success(request, _("合同恢复履行。"))
    return redirect(contract)


def _milestone(request: Request, code: str, position: int) -> Milestone:
    contract = visible_contract(request, code)
    milestone = get_object_or_404(Milestone, contract=contract, position=position)
    milestone.contract = contract
    return milestone


def _check_buyers_turn(request: Request, contract: Contract, action: str) -> None:
    check_side(request.user, contract, Side.BUYER)
    next_state(table=CONTRACT_ACTIONS, action=action, state=contract.state)


def _reason(request: Request) -> str:
    return request.POST.get("reason", "").strip()[:2000]

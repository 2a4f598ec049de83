"""Writing a contract, confirming it, its public funding, its early end, its files."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.permissions import check_operator, is_operator
from accounts.workflow import WrongState, next_state
from needs.contract_text import missing, text_hash
from needs.domain import contracts as verbs
from needs.domain.attachments import Unacceptable
from needs.domain.delivery import attach_to_contract
from needs.forms.attachments import AttachmentForm
from needs.forms.contracts import ContractForm, FundingForm, MilestoneFormSet, initial_of, milestone_initial
from needs.models import Contract, Side
from needs.permissions.contracts import check_either_side, check_side, writing_sides
from needs.views.common import visible_contract
from needs.views.contracts import paper
from needs.workflow import CONTRACT_ACTIONS


@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, code: str) -> HttpResponse:
    contract = visible_contract(request, code)
    check_either_side(request.user, contract)
    next_state(table=CONTRACT_ACTIONS, action="change", state=contract.state)
    read_hash = request.POST.get("read_hash", "") or _hash_of(contract)
    if request.method == "POST":
        form = ContractForm(request.POST)
        formset = MilestoneFormSet(request.POST, prefix="milestones")
        if form.is_valid() & formset.is_valid():
            try:
                contract = verbs.change_contract(
                    contract=contract,
                    values=form.content,
                    milestones=formset.rows,
                    by=request.user,
                    at=timezone.now(),
                    read_hash=request.POST.get("read_hash"),
                )
            except verbs.ChangedMeanwhile as error:
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
    return render(request, "needs/contract_form.html", context, status=422 if form.is_bound else 200)


def _hash_of(contract: Contract) -> str:
    return text_hash(contract, list(contract.milestones.all()))


@require_http_methods(["GET", "HEAD", "POST"])
def confirm(request: HttpRequest, code: str) -> HttpResponse:
    """The exact text that is signed, with its hash; the decision carries the hash of what was read."""
    contract = visible_contract(request, code)
    side = _confirming_side(request, contract)
    context = {**paper(contract), "side": side}
    context["missing"] = missing(contract, context["milestones"])
    if request.method == "POST":
        try:
            contract = verbs.confirm_contract(
                contract=contract,
                side=side,
                by=request.user,
                at=timezone.now(),
                read_hash=request.POST.get("read_hash", ""),
            )
        except verbs.NotReady as error:
            return render(request, "needs/contract_confirm.html", {**context, "missing": error.reasons}, status=422)
        messages.success(request, _("合同已签订。") if contract.is_binding else _("已确认，等待对方确认。"))
        return redirect(contract)
    return render(request, "needs/contract_confirm.html", context)


def _confirming_side(request: HttpRequest, contract: Contract) -> Side:
    """The side that has not confirmed yet, for the rare person who writes for both."""
    check_either_side(request.user, contract)
    next_state(table=CONTRACT_ACTIONS, action="confirm", state=contract.state)
    confirmed = {Side.BUYER: contract.buyer_confirmed_at, Side.SUPPLIER: contract.supplier_confirmed_at}
    waiting = [side for side in sorted(writing_sides(request.user, contract)) if confirmed[side] is None]
    if not waiting:
        raise WrongState(_("您方已经确认过这份合同，正在等待对方确认。"))
    return waiting[0]


@require_http_methods(["GET", "HEAD", "POST"])
def funding(request: HttpRequest, code: str) -> HttpResponse:
    contract = visible_contract(request, code)
    if not is_operator(request.user):
        check_side(request.user, contract, Side.BUYER)
    if not contract.awaits_funding:
        raise WrongState(_("这份合同没有待登记的财政资助。"))
    form = FundingForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            verbs.record_funding(contract=contract, **form.cleaned_data, by=request.user, at=timezone.now())
        except verbs.NotReady as error:
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
    return render(request, "needs/contract_step.html", context, status=422 if form.is_bound else 200)


@require_POST
def terminate(request: HttpRequest, code: str) -> HttpResponse:
    contract = visible_contract(request, code)
    if not writing_sides(request.user, contract):
        check_operator(request.user)
    if not (reason := request.POST.get("reason", "").strip()):
        messages.error(request, _("请写明终止原因。"))
        return redirect(contract)
    verbs.terminate_contract(contract=contract, reason=reason[:2000], by=request.user, at=timezone.now())
    messages.success(request, _("合同已终止。"))
    return redirect(contract)


@require_POST
def attach(request: HttpRequest, code: str) -> HttpResponse:
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

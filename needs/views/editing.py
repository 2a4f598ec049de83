"""Writing a need: one form for drafts, for handing in and for changes."""

from typing import Any
from uuid import uuid4

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.permissions import Denied, check_writes_for
from accounts.workflow import WrongState
from needs.domain import needs as verbs
from needs.forms import SUBMIT, NeedForm, NeedIndicatorFormSet, initial_of
from needs.models import Need
from needs.permissions import check_poses_needs
from needs.validators import NEED_INDICATOR
from needs.views.common import visible_need
from needs.workflow import NEED_ACTIONS
from solutions.forms import indicator_initial
from solutions.forms.indicators import BaseIndicatorFormSet


@require_http_methods(["GET", "HEAD", "POST"])
def create(request: HttpRequest) -> HttpResponse:
    if request.organisation is None:
        return render(request, "needs/mine_without_organisation.html")
    check_poses_needs(request.user, request.organisation)
    hand_in = request.POST.get("intent") == SUBMIT
    if request.method == "POST":
        form = NeedForm(request.POST, hand_in=hand_in)
        formset = NeedIndicatorFormSet(request.POST, prefix="indicators")
        if form.is_valid() & formset.is_valid():
            need = verbs.create_need(
                organisation=request.organisation,
                values=form.content,
                indicators=formset.rows,
                by=request.user,
                at=timezone.now(),
                submission_key=form.cleaned_data["submission_key"],
            )
            return _saved(request, need, hand_in=hand_in, words=_("草稿已保存。"))
    else:
        form = NeedForm(initial=_first_values(request))
        formset = NeedIndicatorFormSet(prefix="indicators")
    return _form_page(request, form, formset, need=None)


@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, code: str) -> HttpResponse:
    need = visible_need(request, code)
    check_writes_for(request.user, need.organisation)
    verbs.check_editable(need)
    hand_in = request.POST.get("intent") == SUBMIT and need.state in NEED_ACTIONS["submit"].sources
    if request.method == "POST":
        form = NeedForm(request.POST, hand_in=hand_in)
        formset = NeedIndicatorFormSet(request.POST, prefix="indicators")
        if form.is_valid() & formset.is_valid():
            need = verbs.change_need(
                need=need, values=form.content, indicators=formset.rows, by=request.user, at=timezone.now()
            )
            return _saved(request, need, hand_in=hand_in, words=_("修改已保存。"))
    else:
        form = NeedForm(initial=initial_of(need))
        rows = indicator_initial(need.indicators.order_by("position", "pk"), NEED_INDICATOR)
        formset = NeedIndicatorFormSet(initial=rows, prefix="indicators")
    return _form_page(request, form, formset, need=need)


def _saved(request: HttpRequest, need: Need, *, hand_in: bool, words: str) -> HttpResponse:
    """Hand a saved need in when that was asked, and show it. What cannot be handed in stays saved."""
    if not hand_in:
        messages.success(request, words)
        return redirect(need)
    try:
        verbs.submit_needs(needs=[need], declared=True, by=request.user, at=timezone.now()).only()
        messages.success(request, _("需求已提交，正在匹配候选成果；同时已通知运营人员审核。"))
    except (Denied, verbs.NotReady) as error:
        messages.warning(request, _("内容已保存，但还不能提交：%(reason)s") % {"reason": error})
    except WrongState:
        # The form was sent twice: the first one has handed it in.
        messages.info(request, _("这项需求已经提交过了。"))
    return redirect(need)


def _first_values(request: HttpRequest) -> dict[str, Any]:
    """What we know already is not asked again."""
    return {
        "submission_key": uuid4(),
        "industry": request.organisation.industry,
        "region_code": request.organisation.region_code,
        "contact_name": request.user.name,
    }


def _form_page(
    request: HttpRequest, form: NeedForm, formset: BaseIndicatorFormSet, *, need: Need | None
) -> HttpResponse:
    context = {
        "form": form,
        "formset": formset,
        "need": need,
        "organisation": need.organisation if need else request.organisation,
        "can_hand_in": need is None or need.state in NEED_ACTIONS["submit"].sources,
    }
    return render(request, "needs/need_form.html", context)

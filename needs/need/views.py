"""Pages of needs: the public list, one need, one's own, the form, and what an owner does with them."""

from typing import Any
from uuid import uuid4

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.paginator import Page, Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django.views.decorators.vary import vary_on_headers

from accounts.http import PER_PAGE, PublicRequest, Request
from accounts.models import Organisation, User
from accounts.permissions import Denied, check_writes_for
from lib.asking import ask
from lib.batch import Batch
from lib.refusals import NotReady, WrongState
from needs.disclosure.actions import log_view, shown_list
from needs.disclosure.permissions import FULL, clearance, is_own
from needs.disclosure.queries import DisclosedNeed, disclosed, next_step, restricted_names
from needs.files.actions import shown_of_need
from needs.files.forms import AttachmentForm
from needs.models import Level, Need, NeedAttachment, NeedQuerySet
from needs.need import actions, queries
from needs.need.fields import NEED_INDICATOR
from needs.need.forms import (
    SUBMIT,
    AssignForm,
    CloseForm,
    NeedFilterForm,
    NeedForm,
    NeedIndicatorFormSet,
    initial_of,
)
from needs.need.permissions import allowed_actions, can_pose_needs, check_poses_needs
from needs.need.workflow import NEED_ACTIONS, NeedState
from needs.signals import need_noted
from solutions.indicator.forms import BaseIndicatorFormSet, indicator_initial

SUBMITTABLE = NEED_ACTIONS["submit"].sources


FEW = 5  # on the page of an organisation


@vary_on_headers("HX-Request")
@require_safe
@login_not_required
def need_list(request: PublicRequest) -> HttpResponse:
    """Published needs, newest first; to htmx the newest of one organisation, for that organisation's page."""
    if request.htmx:
        return _newest_of(request.GET.get("organisation", ""), request)
    form = NeedFilterForm(request.GET, organisations=queries.open_posers())
    needs = form.narrow(Need.objects.published().select_related("organisation"))
    page: Page[Any] = Paginator(needs.order_by("-published_at", "-pk"), PER_PAGE).get_page(request.GET.get("page"))
    page.object_list = shown_list(needs=page.object_list, viewer=request.viewer, at=timezone.now())
    context = {
        "form": form,
        "active": bool(form.chosen),
        "page": page,
        "can_pose": can_pose_needs(request.user, request.organisation),
    }
    return render(request, "needs/need/need_list.html", context)


def _newest_of(code: str, request: PublicRequest) -> HttpResponse:
    needs = Need.objects.published().filter(organisation__code=code).select_related("organisation")
    page: Page[Any] = Paginator(needs.order_by("-published_at", "-pk"), FEW).get_page(1)
    page.object_list = shown_list(needs=page.object_list, viewer=request.viewer, at=timezone.now())
    return render(request, "needs/need/_of_organisation.html", {"page": page, "code": code})


@require_safe
@login_not_required
def detail(request: PublicRequest, code: str) -> HttpResponse:
    need = visible_need(request, code)
    reached = clearance(request.viewer, need)
    is_insider = reached == FULL
    view = disclosed(need, reached)
    log_view(view=view, viewer=request.viewer, at=timezone.now())
    files, hidden_files = shown_of_need(need.attachments.select_related("uploaded_by").order_by("pk"), reached)
    levels = [*view.locks.values(), *hidden_files]
    allowed = allowed_actions(user=request.user, need=need)
    context = {
        "need": view,
        "some_withheld": bool(levels),
        "step": next_step(
            viewer=request.viewer, organisation=request.organisation, need=need, reached=reached, levels=levels
        ),
        "files": files,
        "hidden_files": hidden_files,
        "attach_form": AttachmentForm(with_level=True) if "edit" in allowed else None,
        "restricted_count": _restricted_count(view, files) if is_insider else 0,
        "is_insider": is_insider,
        "is_stranger": not is_insider,
        "is_owner_side": is_own(request.viewer, need),
        "sees_candidates": is_insider and need.is_matched,
        "actions": allowed,
        "notes": ask(need_noted, sender=Need, need=need, user=request.user) if is_insider and need.is_published else [],
        # A returned need is corrected before it is submitted again.
        "submits_first": need.state != NeedState.RETURNED,
        "history": queries.history(need) if is_insider else [],
        "close_form": CloseForm() if "close" in allowed else None,
        "assign_form": _assign_form(need) if "assign" in allowed else None,
    }
    return render(request, "needs/need/need_detail.html", context)


def _restricted_count(need: DisclosedNeed, files: list[NeedAttachment]) -> int:
    levels = [*(row.level for row in need.shown_indicators), *(row.level for row in files)]
    return len(restricted_names(need)) + sum(level != Level.PUBLIC for level in levels)


@require_safe
def mine(request: Request) -> HttpResponse:
    """The needs of the organisation one acts for, one tab per state."""
    organisation = request.organisation
    if organisation is None:
        return render(request, "needs/need/mine_without_organisation.html")
    state = request.GET.get("state", "")
    if state not in NeedState.values:
        state = ""
    needs = Need.objects.for_organisation(organisation).order_by("-changed_at", "-pk")
    page = Paginator(needs.filter(state=state) if state else needs, PER_PAGE).get_page(request.GET.get("page"))
    counts = queries.state_counts(organisation)
    can_pose = can_pose_needs(request.user, organisation)
    context = {
        "organisation": organisation,
        "state": state,
        "tabs": _tabs(counts, current=state),
        "page": page,
        "can_pose": can_pose,
        "submittable": SUBMITTABLE,
        "can_submit": can_pose and organisation.is_verified and any(n.state in SUBMITTABLE for n in page),
        "submittable_count": sum(counts[name] for name in SUBMITTABLE if not state or name == state),
    }
    return render(request, "needs/need/need_mine.html", context)


def _tabs(counts: dict[str, int], *, current: str) -> list[dict[str, object]]:
    entries = [("", _("全部"), sum(counts.values()))]
    entries += [(state.value, str(state.label), counts[state.value]) for state in NeedState]
    return [
        {"url": f"?state={key}" if key else "?", "label": label, "count": count, "is_current": key == current}
        for key, label, count in entries
    ]


def _assign_form(need: Need) -> AssignForm:
    return AssignForm(people=queries.caretaker_candidates(), initial={"caretaker": need.caretaker_id})


@require_http_methods(["GET", "HEAD", "POST"])
def create(request: Request) -> HttpResponse:
    if request.organisation is None:
        return render(request, "needs/need/mine_without_organisation.html")
    check_poses_needs(request.user, request.organisation)
    hand_in = request.POST.get("intent") == SUBMIT
    if request.method == "POST":
        form = NeedForm(request.POST, hand_in=hand_in)
        formset = NeedIndicatorFormSet(request.POST, prefix="indicators")
        if form.is_valid() & formset.is_valid():
            need = actions.create_need(
                organisation=request.organisation,
                values=form.content,
                indicators=formset.rows,
                by=request.user,
                at=timezone.now(),
                submission_key=form.cleaned_data["submission_key"],
            )
            return _saved(request, need, hand_in=hand_in, words=_("草稿已保存。"))
    else:
        form = NeedForm(initial=_first_values(request.organisation, request.user))
        formset = NeedIndicatorFormSet(prefix="indicators")
    return _form_page(request, form, formset, need=None)


@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: Request, code: str) -> HttpResponse:
    need = visible_need(request, code)
    check_writes_for(request.user, need.organisation)
    actions.check_editable(need)
    hand_in = request.POST.get("intent") == SUBMIT and need.state in NEED_ACTIONS["submit"].sources
    if request.method == "POST":
        form = NeedForm(request.POST, hand_in=hand_in)
        formset = NeedIndicatorFormSet(request.POST, prefix="indicators")
        if form.is_valid() & formset.is_valid():
            need = actions.change_need(
                need=need, values=form.content, indicators=formset.rows, by=request.user, at=timezone.now()
            )
            return _saved(request, need, hand_in=hand_in, words=_("修改已保存。"))
    else:
        form = NeedForm(initial=initial_of(need))
        rows = indicator_initial(need.indicators.order_by("position", "pk"), NEED_INDICATOR)
        formset = NeedIndicatorFormSet(initial=rows, prefix="indicators")
    return _form_page(request, form, formset, need=need)


def _saved(request: Request, need: Need, *, hand_in: bool, words: str) -> HttpResponse:
    """Hand a saved need in when that was asked, and show it. What cannot be handed in stays saved."""
    if not hand_in:
        messages.success(request, words)
        return redirect(need)
    try:
        actions.submit_needs(needs=[need], declared=True, by=request.user, at=timezone.now()).only()
        messages.success(request, _("需求已提交，正在匹配候选成果；同时已通知运营人员审核。"))
    except (Denied, NotReady) as error:
        messages.warning(request, _("内容已保存，但还不能提交：%(reason)s") % {"reason": error})
    except WrongState:
        # The form was sent twice: the first one has handed it in.
        messages.info(request, _("这项需求已经提交过了。"))
    return redirect(need)


def _first_values(organisation: Organisation, user: User) -> dict[str, Any]:
    """What we know already is not asked again."""
    return {
        "submission_key": uuid4(),
        "industry": organisation.industry,
        "region_code": organisation.region_code,
        "contact_name": user.name,
    }


def _form_page(request: Request, form: NeedForm, formset: BaseIndicatorFormSet, *, need: Need | None) -> HttpResponse:
    context = {
        "form": form,
        "formset": formset,
        "need": need,
        "organisation": need.organisation if need else request.organisation,
        "can_hand_in": need is None or need.state in NEED_ACTIONS["submit"].sources,
    }
    return render(request, "needs/need/need_form.html", context)


@require_POST
def submit(request: Request, code: str) -> HttpResponse:
    need = visible_need(request, code)
    declared = "declared" in request.POST
    try:
        actions.submit_needs(needs=[need], declared=declared, by=request.user, at=timezone.now()).only()
        messages.success(request, _("需求已提交，正在匹配候选成果；同时已通知运营人员审核。"))
    except NotReady as error:
        messages.error(request, str(error))
    return redirect(need)


@require_POST
def withdraw(request: Request, code: str) -> HttpResponse:
    need = actions.withdraw_need(need=visible_need(request, code), by=request.user, at=timezone.now())
    messages.success(request, _("需求已撤回，修改后可以再次提交。"))
    return redirect(need)


@require_POST
def close(request: Request, code: str) -> HttpResponse:
    need = visible_need(request, code)
    form = CloseForm(request.POST)
    if not form.is_valid():
        return render(
            request, "needs/need/need_decide.html", {"need": need, "form": form, "title": _("关闭需求")}, status=422
        )
    need = actions.close_need(need=need, reason=form.cleaned_data["reason"], by=request.user, at=timezone.now())
    messages.success(request, _("需求已关闭。"))
    return redirect(need)


def bulk_submit(request: Request) -> HttpResponse:
    needs = ticked(request)
    if "everything" in request.POST and request.organisation is not None:
        state = request.POST.get("state")
        states = [state] if state in SUBMITTABLE else SUBMITTABLE
        needs = Need.objects.for_organisation(request.organisation).filter(state__in=states)
    if not needs:
        messages.warning(request, _("请先勾选要提交的需求。"))
        return redirect("needs:mine")
    try:
        declared = "declared" in request.POST
        batch = actions.submit_needs(needs=needs, declared=declared, by=request.user, at=timezone.now())
        show_batch(request, batch, done=_("已提交 %(number)s 项需求，正在匹配候选成果。"))
    except actions.NotDeclared as error:
        messages.error(request, str(error))
    return redirect("needs:mine")


def ticked(request: Request) -> NeedQuerySet:
    return Need.objects.visible_to(request.user).filter(code__in=request.POST.getlist("code"))


MOST_REFUSALS = 5


def visible_need(request: PublicRequest, code: str) -> Need:
    """The need `code` with its organisation and caretaker, when the reader may see it; else 404."""
    needs = Need.objects.visible_to(request.user).select_related("organisation", "caretaker")
    return get_object_or_404(needs, code=code)


def show_batch(request: Request, batch: Batch[Need], *, done: str) -> None:
    """Say how many needs were dealt with (`done` holds %(number)s) and which could not be, and why."""
    if batch.done:
        messages.success(request, done % {"number": len(batch.done)})
    for need, error in batch.refused[:MOST_REFUSALS]:
        messages.warning(request, _("《%(title)s》未处理：%(reason)s") % {"title": need.title, "reason": error})
    if (more := len(batch.refused) - MOST_REFUSALS) > 0:
        messages.warning(request, _("另有 %(number)s 项未处理。") % {"number": more})

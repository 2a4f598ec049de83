"""Pages of challenges: the public list, one's own, the operators' queue, one challenge, its form and its steps."""

from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.http import PER_PAGE, PublicRequest, Request, read_at
from accounts.permissions import Denied, check_operator, check_writes_for
from challenges.challenge import actions, drafts, permissions, queries
from challenges.challenge.forms import (
    SUBMIT,
    USUAL_CRITERIA,
    BaseCriterionFormSet,
    CancelForm,
    ChallengeFilterForm,
    ChallengeForm,
    CriterionFormSet,
    ExtendForm,
    challenge_initial,
    first_values,
)
from challenges.challenge.permissions import (
    check_owns,
    check_owns_or_operates,
)
from challenges.challenge.queries import with_need
from challenges.challenge.workflow import ChallengeMode, ChallengeState
from challenges.evaluation.permissions import operates
from challenges.models import Challenge
from lib import clock
from lib.refusals import NotReady, WrongState
from needs.disclosure.permissions import is_own
from needs.models import Need
from needs.need.views import visible_need
from solutions.solution.forms import ReturnForm

ORDER = {"open": ("closes_at", "pk"), "notice": ("notice_until", "pk")}  # what is due first comes first


OLDEST_LAST = ("-announced_at", "-pk")


@require_safe
@login_not_required
def challenge_list(request: PublicRequest) -> HttpResponse:
    form = ChallengeFilterForm(request.GET)
    tab = request.GET.get("tab", "")
    tab = tab if tab in queries.TABS else "open"
    announced = form.narrow(Challenge.objects.announced())
    shown = announced.filter(state__in=queries.TABS[tab][1]).select_related("need__organisation")
    page = Paginator(shown.order_by(*ORDER.get(tab, OLDEST_LAST)), PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "form": form,
        "active": bool(form.chosen_mode),
        "tab": tab,
        "tabs": _list_tabs(queries.public_counts(announced), current=tab, mode=form.chosen_mode),
        "page": page,
        "at": clock.now(),
    }
    return render(request, "challenges/challenge/challenge_list.html", context)


def _list_tabs(counts: dict[str, int], *, current: str, mode: str) -> list[dict[str, Any]]:
    suffix = f"&mode={mode}" if mode else ""
    return [
        {"url": f"?tab={key}{suffix}", "label": label, "count": counts[key], "is_current": key == current}
        for key, (label, _states) in queries.TABS.items()
    ]


@require_safe
@login_not_required
def detail(request: PublicRequest, code: str) -> HttpResponse:
    challenge, at = visible_challenge(request, code), clock.now()
    allowed = permissions.allowed_challenge_actions(request.user, challenge)
    is_insider = permissions.is_insider(request.user, challenge)
    stage = permissions.objection_stage(challenge, at)
    context = {
        "challenge": challenge,
        "at": at,
        "criteria": challenge.criteria.all(),
        "blind": queries.hidden_from_reviewers(challenge),
        "kinds": queries.kind_labels(challenge),
        "dates": queries.dates_of(challenge),
        "actions": allowed,
        "is_insider": is_insider,
        "is_owner_side": is_own(request.viewer, challenge.need),
        "own_bid": queries.own_bid(request.user, request.organisation, challenge),
        "is_reviewer": queries.reviews(request.user, challenge),
        "winner": queries.published_winners([challenge]).get(challenge.pk),
        "takes_bids": queries.takes_bids(challenge, at),
        "stage": stage,
        "may_object": stage is not None and permissions.may_object(request.user, request.organisation, challenge),
        "objections": queries.objections_shown_to(request.user, challenge),
        "names_objectors": operates(request.user, challenge),
        "missing": queries.missing_for_close(challenge, at) if "close" in allowed else [],
        "can_repeat": "second_round" in allowed and queries.can_repeat(challenge),
        "next_round": queries.next_round(request.user, challenge),
        "history": queries.challenge_history(challenge) if is_insider else [],
    }
    return render(request, "challenges/challenge/challenge_detail.html", context)


@require_safe
def mine(request: Request) -> HttpResponse:
    """The challenges of the organisation one acts for, one tab per state."""
    organisation = request.organisation
    if organisation is None:
        return render(request, "needs/need/mine_without_organisation.html")
    state = request.GET.get("state", "")
    state = state if state in ChallengeState.values else ""
    challenges = Challenge.objects.for_organisation(organisation).select_related("need__organisation")
    shown = challenges.filter(state=state) if state else challenges
    page = Paginator(shown.order_by("-changed_at", "-pk"), PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "organisation": organisation,
        "state": state,
        "tabs": _state_tabs(queries.state_counts(organisation), current=state),
        "page": page,
        "at": clock.now(),
    }
    return render(request, "challenges/challenge/challenge_mine.html", context)


def _state_tabs(counts: dict[str, int], *, current: str) -> list[dict[str, Any]]:
    """All, and every state there is something in: ten tabs would be too many."""
    entries = [("", _("全部"), sum(counts.values()))]
    entries += [(s.value, str(s.label), counts[s.value]) for s in ChallengeState if counts[s.value] or s == current]
    return [
        {"url": f"?state={key}" if key else "?", "label": label, "count": count, "is_current": key == current}
        for key, label, count in entries
    ]


@require_safe
def review_queue(request: Request) -> HttpResponse:
    """What operators decide: challenges to announce, open objections; and answers that are late."""
    check_operator(request.user)
    at = clock.now()
    lists = {
        "submitted": queries.awaiting_review().prefetch_related("criteria"),
        "objections": queries.open_objections(request.user),
        "overdue": queries.overdue_answers(request.user, at),
    }
    tab = request.GET.get("tab", "")
    tab = tab if tab in lists else "submitted"
    context = {
        "tab": tab,
        "tabs": _review_tabs(queries.review_counts(request.user, at), current=tab),
        "page": Paginator(lists[tab], PER_PAGE).get_page(request.GET.get("page")),
        "at": at,
    }
    return render(request, "challenges/challenge/challenge_review.html", context)


def _review_tabs(counts: dict[str, int], *, current: str) -> list[dict[str, Any]]:
    labels = (("submitted", _("待论证")), ("objections", _("待处理异议")), ("overdue", _("逾期未答复")))
    return [
        {"url": f"?tab={key}", "label": label, "count": counts[key], "is_current": key == current}
        for key, label in labels
    ]


@require_safe
@login_not_required
def of_need(request: PublicRequest, code: str) -> HttpResponse:
    """The part of a need's page: its poser starts a challenge here, others find the one that runs."""
    need = visible_need(request, code)
    visible = Challenge.objects.visible_to(request.user).filter(need=need).select_related("need")
    challenges = list(visible.order_by("-round"))
    over = not challenges or challenges[0].state in permissions.ENDED
    context = {
        "need": need,
        "challenges": challenges,
        "at": clock.now(),
        "can_start": over and permissions.can_start_challenge(request.user, need),
    }
    template = (
        "challenges/challenge/_challenges_of_need.html"
        if request.htmx
        else "challenges/challenge/challenges_of_need.html"
    )
    return render(request, template, context)


@require_http_methods(["GET", "HEAD", "POST"])
def create(request: Request, code: str) -> HttpResponse:
    need, at = visible_need(request, code), clock.now()
    check_writes_for(request.user, need.organisation)
    if request.method == "POST":
        form, formset, hand_in = _read(request)
        if form.is_valid() & formset.is_valid():
            try:
                challenge = drafts.create_challenge(
                    need=need,
                    mode=form.content["mode"],
                    values=form.content,
                    criteria=_criteria(form, formset),
                    by=request.user,
                    at=at,
                )
            except WrongState as error:
                return _begun_already(request, need, error)
            return _saved(request, challenge, hand_in=hand_in)
    else:
        drafts.last_round(need)
        form = ChallengeForm(initial=first_values(mode=request.GET.get("mode", ""), at=at))
        formset = CriterionFormSet(initial=list(USUAL_CRITERIA), prefix="criteria")
    return _form_page(request, form, formset, need=need, challenge=None)


@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: Request, code: str) -> HttpResponse:
    challenge, at = visible_challenge(request, code), clock.now()
    check_owns(request.user, challenge)
    if request.method == "POST":
        drafts.check_changeable(challenge=challenge, by=request.user, at=at)
        form, formset, hand_in = _read(request)
        if form.is_valid() & formset.is_valid():
            challenge = drafts.change_challenge(
                challenge=challenge,
                values=form.content,
                criteria=_criteria(form, formset),
                by=request.user,
                at=at,
            )
            return _saved(request, challenge, hand_in=hand_in)
    else:
        if challenge.state not in permissions.EDITABLE:
            messages.info(request, _("榜单提交之后，规则、评分项和权重不能再改。"))
            return redirect(challenge)
        form = ChallengeForm(initial=challenge_initial(challenge))
        formset = CriterionFormSet(initial=drafts.criteria_of(challenge), prefix="criteria")
    return _form_page(request, form, formset, need=challenge.need, challenge=challenge)


def _read(request: Request) -> tuple[ChallengeForm, BaseCriterionFormSet, bool]:
    hand_in = request.POST.get("intent") == SUBMIT
    form = ChallengeForm(request.POST, hand_in=hand_in)
    whole = hand_in and request.POST.get("mode") != ChallengeMode.FIRST_CLAIM
    return form, CriterionFormSet(request.POST, prefix="criteria", whole=whole), hand_in


def _criteria(form: ChallengeForm, formset: BaseCriterionFormSet) -> list[dict[str, object]]:
    """A first claim is not scored: the rows that stand in its form are not kept."""
    return [] if form.content["mode"] == ChallengeMode.FIRST_CLAIM else formset.rows


def _begun_already(request: Request, need: Need, error: WrongState) -> HttpResponse:
    """The form was sent twice, or a colleague was quicker: show the challenge there is."""
    messages.warning(request, str(error))
    running = need.challenges.order_by("-round").first()
    return redirect(running or need)


def _saved(request: Request, challenge: Challenge, *, hand_in: bool) -> HttpResponse:
    """Hand a saved challenge in when that was asked. What cannot be handed in stays saved."""
    if not hand_in:
        messages.success(request, _("草稿已保存。"))
        return redirect(challenge)
    try:
        actions.submit_challenge(challenge=challenge, by=request.user, at=clock.now())
        messages.success(request, _("榜单已提交，等待平台论证；规则与评分项现已固定。"))
    except (Denied, NotReady) as error:
        messages.warning(request, _("内容已保存，但还不能提交：%(reason)s") % {"reason": error})
    return redirect(challenge)


def _form_page(
    request: Request,
    form: ChallengeForm,
    formset: BaseCriterionFormSet,
    *,
    need: Need,
    challenge: Challenge | None,
) -> HttpResponse:
    context = {"form": form, "formset": formset, "need": need, "challenge": challenge}
    return render(request, "challenges/challenge/challenge_form.html", context)


def visible_challenge(request: PublicRequest, code: str) -> Challenge:
    """The challenge `code` with its need and the need's people, when the reader may see it; else 404."""
    return get_object_or_404(with_need(Challenge.objects.visible_to(request.user)), code=code)


@require_POST
def submit(request: Request, code: str) -> HttpResponse:
    challenge = visible_challenge(request, code)
    try:
        actions.submit_challenge(challenge=challenge, by=request.user, at=clock.now())
        messages.success(request, _("榜单已提交，等待平台论证；规则与评分项现已固定。"))
    except NotReady as error:
        messages.error(request, str(error))
    return redirect(challenge)


@require_POST
def send_back(request: Request, code: str) -> HttpResponse:
    challenge = visible_challenge(request, code)
    check_operator(request.user)
    form = ReturnForm(request.POST)
    if not form.is_valid():
        return _step_page(request, challenge, form, _("论证退回"))
    reason = form.cleaned_data["reason"]
    actions.return_challenge(challenge=challenge, reason=reason, by=request.user, at=clock.now())
    messages.success(request, _("榜单已退回，并已通知需求方。"))
    return redirect("challenges:review-queue")


@require_POST
def announce(request: Request, code: str) -> HttpResponse:
    challenge = visible_challenge(request, code)
    try:
        actions.announce_challenge(challenge=challenge, by=request.user, at=clock.now(), read_at=read_at(request))
    except NotReady as error:
        messages.error(request, _("还不能发榜：%(reason)s") % {"reason": error})
        return redirect(challenge)
    messages.success(request, _("《%(title)s》已发榜。") % {"title": challenge.need.title})
    return redirect(challenge)


@require_http_methods(["GET", "HEAD", "POST"])
def extend(request: Request, code: str) -> HttpResponse:
    challenge = visible_challenge(request, code)
    check_owns(request.user, challenge)
    form = ExtendForm(request.POST or None, initial={"closes_at": challenge.closes_at})
    if request.method == "POST" and form.is_valid():
        try:
            actions.extend_challenge(challenge=challenge, by=request.user, at=clock.now(), **form.cleaned_data)
            messages.success(request, _("截止时间已延后，并已分别通知相关单位。"))
            return redirect(challenge)
        except NotReady as error:
            form.add_error("closes_at", str(error))
    return _step_page(request, challenge, form, _("延期"))


@require_POST
def cancel(request: Request, code: str) -> HttpResponse:
    challenge = visible_challenge(request, code)
    check_owns_or_operates(request.user, challenge)
    form = CancelForm(request.POST)
    if not form.is_valid():
        return _step_page(request, challenge, form, _("终止榜单"))
    reason = form.cleaned_data["reason"]
    actions.cancel_challenge(challenge=challenge, reason=reason, by=request.user, at=clock.now())
    messages.success(request, _("榜单已终止，并已通知相关单位。"))
    return redirect(challenge)


@require_POST
def close(request: Request, code: str) -> HttpResponse:
    challenge = visible_challenge(request, code)
    try:
        actions.close_challenge(challenge=challenge, by=request.user, at=clock.now())
        messages.success(request, _("榜单已结束。"))
    except NotReady as error:
        messages.error(request, str(error))
    return redirect(challenge)


@require_POST
def second_round(request: Request, code: str) -> HttpResponse:
    challenge = visible_challenge(request, code)
    draft = drafts.start_second_round(challenge=challenge, by=request.user, at=clock.now())
    messages.success(request, _("第 %(round)s 轮的草稿已建立，请检查条件并填写新的截止时间。") % {"round": draft.round})
    return redirect("challenges:edit", draft.code)


def _step_page(request: Request, challenge: Challenge, form: forms.Form, title: str, **more: Any) -> HttpResponse:
    context = {"challenge": challenge, "form": form, "title": title, "objection": None, **more}
    status = 422 if form.errors else 200
    return render(request, "challenges/challenge/challenge_decide.html", context, status=status)

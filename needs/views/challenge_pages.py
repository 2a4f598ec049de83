"""Pages that show challenges: the public list, one challenge, one's own, the operators' queue, the part on a need."""

from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts import clock
from accounts.permissions import check_operator
from needs.forms.challenges import ChallengeFilterForm
from needs.models import Challenge
from needs.permissions import challenges as permissions
from needs.permissions.evaluation import operates
from needs.queries import challenges as queries
from needs.views.challenge_common import visible_challenge
from needs.views.common import PER_PAGE, visible_need
from needs.workflow import ChallengeState

ORDER = {"open": ("closes_at", "pk"), "notice": ("notice_until", "pk")}  # what is due first comes first
OLDEST_LAST = ("-announced_at", "-pk")


@require_safe
@login_not_required
def challenge_list(request: HttpRequest) -> HttpResponse:
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
    return render(request, "needs/challenge_list.html", context)


def _list_tabs(counts: dict[str, int], *, current: str, mode: str) -> list[dict[str, Any]]:
    suffix = f"&mode={mode}" if mode else ""
    return [
        {"url": f"?tab={key}{suffix}", "label": label, "count": counts[key], "is_current": key == current}
        for key, (label, _states) in queries.TABS.items()
    ]


@require_safe
@login_not_required
def detail(request: HttpRequest, code: str) -> HttpResponse:
    challenge, at = visible_challenge(request, code), clock.now()
    actions = permissions.allowed_challenge_actions(request.user, challenge)
    is_insider = permissions.is_insider(request.user, challenge)
    stage = permissions.objection_stage(challenge, at)
    context = {
        "challenge": challenge,
        "at": at,
        "criteria": challenge.criteria.all(),
        "blind": queries.hidden_from_reviewers(challenge),
        "kinds": queries.kind_labels(challenge),
        "dates": queries.dates_of(challenge),
        "actions": actions,
        "is_insider": is_insider,
        "is_owner_side": any(m.organisation == challenge.need.organisation for m in request.memberships),
        "own_bid": queries.own_bid(request.user, request.organisation, challenge),
        "is_reviewer": queries.reviews(request.user, challenge),
        "winner": queries.published_winners([challenge]).get(challenge.pk),
        "takes_bids": queries.takes_bids(challenge, at),
        "stage": stage,
        "may_object": stage is not None and permissions.may_object(request.user, request.organisation, challenge),
        "objections": queries.objections_shown_to(request.user, challenge),
        "names_objectors": operates(request.user, challenge),
        "missing": queries.missing_for_close(challenge, at) if "close" in actions else [],
        "can_repeat": "second_round" in actions and queries.can_repeat(challenge),
        "next_round": queries.next_round(request.user, challenge),
        "history": queries.challenge_history(challenge) if is_insider else [],
    }
    return render(request, "needs/challenge_detail.html", context)


@require_safe
def mine(request: HttpRequest) -> HttpResponse:
    """The challenges of the organisation one acts for, one tab per state."""
    organisation = request.organisation
    if organisation is None:
        return render(request, "needs/mine_without_organisation.html")
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
    return render(request, "needs/challenge_mine.html", context)


def _state_tabs(counts: dict[str, int], *, current: str) -> list[dict[str, Any]]:
    """All, and every state there is something in: ten tabs would be too many."""
    entries = [("", _("全部"), sum(counts.values()))]
    entries += [(s.value, str(s.label), counts[s.value]) for s in ChallengeState if counts[s.value] or s == current]
    return [
        {"url": f"?state={key}" if key else "?", "label": label, "count": count, "is_current": key == current}
        for key, label, count in entries
    ]


@require_safe
def review_queue(request: HttpRequest) -> HttpResponse:
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
    return render(request, "needs/challenge_review.html", context)


def _review_tabs(counts: dict[str, int], *, current: str) -> list[dict[str, Any]]:
    labels = (("submitted", _("待论证")), ("objections", _("待处理异议")), ("overdue", _("逾期未答复")))
    return [
        {"url": f"?tab={key}", "label": label, "count": counts[key], "is_current": key == current}
        for key, label in labels
    ]


@require_safe
@login_not_required
def of_need(request: HttpRequest, code: str) -> HttpResponse:
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
    template = "needs/_challenges_of_need.html" if request.htmx else "needs/challenges_of_need.html"
    return render(request, template, context)

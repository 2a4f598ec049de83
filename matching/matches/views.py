"""Candidates of a need, needs for an output, one match explained, the answers of both sides, the operator's review."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.http import Request
from accounts.middleware import came_from
from accounts.permissions import check_operator
from accounts.viewer import Viewer
from lib.refusals import WrongState
from matching.explanation.actions import log_explained, log_listed
from matching.explanation.queries import explain, summarise
from matching.matches import (
    actions as decisions,
)
from matching.matches import (
    contacts,
    contracts,
    queries,
)
from matching.matches.advice import advice_for
from matching.matches.forms import ReviewFilters
from matching.matches.permissions import can_answer_as_buyer, can_answer_as_supplier, can_confirm, can_reject
from matching.matches.steps import next_step, steps
from matching.matches.workflow import ReasonCode
from matching.models import Match, MatchRun
from matching.runs import queries as runs_queries
from matching.runs.workflow import RunState
from needs.disclosure.permissions import FULL, PUBLIC, is_insider
from needs.disclosure.queries import disclosed
from needs.models import Need
from solutions.kinds import kind_of, matched
from solutions.models import Solution

PER_PAGE = 20
EARLY = "early"


@require_safe
def for_need(request: Request, code: str) -> HttpResponse:
    """The candidates of a need for its poser, its caretaker and operators: progress first, then the list."""
    need = get_object_or_404(
        Need.objects.visible_to(request.user).select_related("organisation", "caretaker"), code=code
    )
    viewer = request.viewer
    if not is_insider(viewer, need):
        raise Http404
    run = runs_queries.latest_run_of_need(need)
    cards = [candidate_card(match, viewer=viewer) for match in queries.candidates_of(need)]
    log_listed([card["match"] for card in cards], viewer=viewer, at=timezone.now())
    context = {
        "need": need,
        "cards": cards,
        "run": _unfinished_or_failed(run),
        "poll_url": _poll_url(run, subject=need.code),
        "advice": [] if cards else advice_for(need),
        "compared": queries.searchable_outputs(),
        "was_matched": bool(cards) or runs_queries.was_matched(need),
    }
    return render(
        request, "matching/matches/_candidates.html" if request.htmx else "matching/matches/for_need.html", context
    )


@require_safe
def for_solution(request: Request, code: str) -> HttpResponse:
    """Needs an output could answer, for its organisation and operators."""
    solution = get_object_or_404(
        Solution.objects.visible_to(request.user).of_kind(*matched()).select_related("organisation"),
        code=code,
    )
    viewer = request.viewer
    if not (viewer.is_operator or solution.organisation_id in viewer.member_of):
        raise Http404
    run = runs_queries.latest_run_of_solution(solution)
    matches = queries.needs_for(solution, as_operator=viewer.is_operator)
    # The page around a fragment has a ?page= of its own.
    page = Paginator(matches, PER_PAGE).get_page(1 if request.htmx else request.GET.get("page"))
    log_listed(page, viewer=viewer, at=timezone.now())
    context = {
        "solution": solution,
        "page": page,
        "cards": [invitation_card(match, viewer=viewer) for match in page],
        "run": _unfinished_or_failed(run),
        "poll_url": _poll_url(run, subject=solution.code),
    }
    return render(
        request,
        "matching/matches/_fitting_needs.html" if request.htmx else "matching/matches/for_solution.html",
        context,
    )


@require_safe
def match_detail(request: Request, code: str) -> HttpResponse:
    """One match explained; htmx (the review list) gets the explanation alone."""
    return page_of_match(request, visible_match(request, code))


@require_POST
def match_buyer_answer(request: Request, code: str) -> HttpResponse:
    match, said, error = visible_match(request, code), request.POST.get("answer", ""), ""
    try:
        decisions.answer_as_buyer(
            match=match, answer=said, reason=request.POST.get("reason", ""), by=request.user, at=timezone.now()
        )
    except decisions.ReasonMissing as missing:
        error = str(missing)
    except WrongState as wrong:
        if not request.htmx:
            raise
        error = str(wrong)
    return _answered(request, match, card=candidate_card, template="matching/matches/_candidate_card.html", error=error)


@require_POST
def match_supplier_answer(request: Request, code: str) -> HttpResponse:
    match, error = visible_match(request, code), ""
    try:
        decisions.answer_as_supplier(
            match=match, answer=request.POST.get("answer", ""), by=request.user, at=timezone.now()
        )
    except WrongState as wrong:
        if not request.htmx:
            raise
        error = str(wrong)
    return _answered(
        request, match, card=invitation_card, template="matching/matches/_invitation_card.html", error=error
    )


@require_POST
def contract_from_match(request: Request, code: str) -> HttpResponse:
    """Begin the contract of a match in contact, or go to the one there is."""
    return redirect(contracts.begin_contract(match=visible_match(request, code), by=request.user, at=timezone.now()))


# --- the operator's review: by keys, by mouse, and without JavaScript -----------------------------------------


@require_safe
def review(request: Request) -> HttpResponse:
    """Unreviewed matches, best first; `queue=early` shows those whose need is in review itself."""
    check_operator(request.user)
    form = ReviewFilters(request.GET)
    narrow = {name: form.chosen.get(name, "") for name in ("industry", "grade")}
    early = request.GET.get("queue") == EARLY
    waiting, ahead = queries.waiting_reviews(**narrow), queries.early_reviews(**narrow)
    page = Paginator(queries.for_pages(ahead if early else waiting), PER_PAGE).get_page(request.GET.get("page"))
    viewer = request.viewer
    log_listed(page, viewer=viewer, at=timezone.now())
    context = {
        "form": form,
        "active": any(narrow.values()),
        "page": page,
        "cards": [review_card(match, viewer=viewer) for match in page],
        "early": early,
        "left": page.paginator.count,
        "tabs": _tabs(
            request, early=early, waiting=page.paginator.count if not early else waiting.count(), ahead=ahead.count()
        ),
        "query": request.GET.urlencode(),
    }
    return render(request, "matching/matches/review.html", context)


@require_POST
def match_confirm(request: Request, code: str) -> HttpResponse:
    match = visible_match(request, code)
    return _decided(
        request,
        match,
        lambda: decisions.confirm_match(match=match, by=request.user, at=timezone.now()),
        said=_("已确认，双方已收到邀请。"),
    )


@require_POST
def match_reject(request: Request, code: str) -> HttpResponse:
    match, reason = visible_match(request, code), request.POST.get("reason", "")
    return _decided(
        request,
        match,
        lambda: decisions.reject_match(match=match, reason=reason, by=request.user, at=timezone.now()),
        said=_("已排除。"),
    )


# --- shared ----------------------------------------------------------------------------------------------------


def visible_match(request: Request, code: str) -> Match:
    return get_object_or_404(queries.for_pages(Match.objects.visible_to(request.user)), code=code)


def candidate_card(match: Match, *, viewer: Viewer) -> dict[str, Any]:
    """What templates/matching/matches/_candidate_card.html shows of a match to the poser's side."""
    return {
        "match": match,
        "summary": summarise(match, viewer=viewer),
        "facts_template": kind_of(match.solution).facts_template,
        "can_answer": can_answer_as_buyer(viewer, match),
        "reasons": ReasonCode.choices,
        "error": "",
        "answered_now": False,
    }


def invitation_card(match: Match, *, viewer: Viewer) -> dict[str, Any]:
    """What templates/matching/matches/_invitation_card.html shows of a match to the supplier's side: of the need only
    what is public, whatever it may read elsewhere."""
    return {
        "match": match,
        "need": disclosed(match.need, FULL if is_insider(viewer, match.need) else PUBLIC),
        "summary": summarise(match, viewer=viewer),
        "can_answer": can_answer_as_supplier(viewer, match),
        "error": "",
        "answered_now": False,
    }


def _answered(request: Request, match: Match, *, card: Any, template: str, error: str) -> HttpResponse:
    """htmx: the card again, in place. Without: back to the page one came from; an error on the page of the match."""
    match = visible_match(request, match.code)
    if request.htmx:
        viewer = request.viewer
        shown = card(match, viewer=viewer) | {"error": error, "answered_now": not error}
        return render(request, template, {"card": shown})
    if error:
        return page_of_match(request, match, error=error)
    messages.success(request, _("已记录您的反馈。"))
    return redirect(came_from(request))


def page_of_match(request: Request, match: Match, *, error: str = "") -> HttpResponse:
    """One match explained; htmx gets the explanation alone. With an error: the page again, saying it."""
    viewer = request.viewer
    explanation = explain(match, viewer=viewer)
    log_explained(explanation, viewer=viewer, at=timezone.now())
    context = {"match": match, "explanation": explanation, **_policy(match, viewer)}
    if request.htmx:
        return render(request, "matching/matches/_explanation.html", context)
    around = _around(match, viewer) | {"error": error}
    return render(request, "matching/matches/match_detail.html", context | around, status=422 if error else 200)


def _around(match: Match, viewer: Viewer) -> dict[str, Any]:
    """What the page of a match has around the explanation."""
    return {
        "next_step": next_step(match, viewer=viewer),
        "steps": steps(match, viewer=viewer),
        "contacts": contacts.reveal(match=match, viewer=viewer, at=timezone.now()),
        "trail": queries.trail(match) if viewer.is_operator else [],
        "back": _back(match, viewer),
        "contract": contracts.contract_of(match, viewer=viewer),
        "can_begin_contract": contracts.can_begin_contract(match, viewer=viewer),
        "reasons": ReasonCode.choices,
        "is_buyer_side": is_insider(viewer, match.need) and not viewer.is_operator,
        "can_answer_as_buyer": can_answer_as_buyer(viewer, match),
        "can_answer_as_supplier": can_answer_as_supplier(viewer, match),
        "can_confirm": can_confirm(viewer, match),
        "can_reject": can_reject(viewer, match),
    }


def _policy(match: Match, viewer: Viewer) -> dict[str, Any]:
    """Where the policy preference is switched, for who may."""
    may_switch = match.need.organisation_id in viewer.writes_for and match.need.is_matched
    return {"policy_url": reverse("needs:edit", args=[match.need.code]) if may_switch else ""}


def _back(match: Match, viewer: Viewer) -> tuple[str, str]:
    """The list this match is one of, for this viewer."""
    if viewer.is_operator:
        return reverse("matching:review"), _("匹配审核")
    if is_insider(viewer, match.need):
        return match.need.get_absolute_url(), _("需求与候选成果")
    return reverse("matching:for-solution", args=[match.solution.code]), _("适合这项成果的需求")


def _unfinished_or_failed(run: MatchRun | None) -> MatchRun | None:
    return run if run is not None and run.state != RunState.DONE else None


def _poll_url(run: MatchRun | None, *, subject: str) -> str:
    if run is None or run.is_finished:
        return ""
    return f"{reverse('matching:run-progress', args=[run.code])}?for={subject}"


def review_card(match: Match, *, viewer: Viewer) -> dict[str, Any]:
    """What templates/matching/matches/_review_card.html shows."""
    return {
        "match": match,
        "summary": summarise(match, viewer=viewer),
        "can_confirm": can_confirm(viewer, match),
        "can_reject": can_reject(viewer, match),
        "reasons": list(zip("1234567890", ReasonCode.values, ReasonCode.labels, strict=True)),
        "error": "",
    }


def _decided(request: Request, match: Match, decide: Callable[[], Match], *, said: str) -> HttpResponse:
    """htmx: the card goes and the counter falls, or the card says why not. Without: back with a message."""
    error = ""
    try:
        decide()
    except decisions.ReasonMissing as missing:
        error = str(missing)
    except WrongState as wrong:
        if not request.htmx:
            raise
        error = str(wrong)
    if error and not request.htmx:
        return page_of_match(request, match, error=error)
    if error:
        card = review_card(visible_match(request, match.code), viewer=request.viewer)
        return render(request, "matching/matches/_review_card.html", {"card": card | {"error": error}, "query": ""})
    if request.htmx:
        return render(request, "matching/matches/_review_done.html", {"said": said, "left": _left(request)})
    messages.success(request, said)
    return redirect(came_from(request))


def _left(request: Request) -> int:
    """How many wait in the list the decision was made in."""
    chosen = ReviewFilters(request.GET).chosen
    narrow = {name: chosen.get(name, "") for name in ("industry", "grade")}
    queue = queries.early_reviews if request.GET.get("queue") == EARLY else queries.waiting_reviews
    return queue(**narrow).count()


def _tabs(request: Request, *, early: bool, waiting: int, ahead: int) -> list[dict[str, object]]:
    """Both lists with their numbers, filters kept."""
    entries = [("", _("待审核匹配"), waiting, not early), (EARLY, _("需求待审核"), ahead, early)]
    tabs = []
    for queue, label, count, is_current in entries:
        params = request.GET.copy()
        params.pop("page", None)
        params["queue"] = queue
        tabs.append({"url": f"?{params.urlencode()}", "label": label, "count": count, "is_current": is_current})
    return tabs

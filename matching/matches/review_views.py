"""The operator's review of matches: by keys, by mouse, and without JavaScript."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.http import Request
from accounts.middleware import came_from
from accounts.permissions import check_operator
from accounts.viewer import Viewer
from lib.refusals import WrongState
from matching.matches import actions as decisions
from matching.matches import queries
from matching.matches.explain import summarise
from matching.matches.forms import ReviewFilters
from matching.matches.permissions import can_confirm, can_reject
from matching.matches.reading import log_listed
from matching.matches.views import page_of_match, visible_match
from matching.matches.workflow import ReasonCode
from matching.models import Match

PER_PAGE = 20
EARLY = "early"


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

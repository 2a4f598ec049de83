"""The time to match of one need, for its page."""

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.http import Request
from care.time_to_match.figures import (
    Event,
    TimeToMatch,
    shown,
    time_to_match_of,
)
from needs.disclosure.permissions import is_insider
from needs.models import Need


@require_safe
def of_need(request: Request, code: str) -> HttpResponse:
    """How long this need took to each step so far; its organisation, caretaker and operators only."""
    needs = Need.objects.visible_to(request.user).select_related("organisation")
    need = get_object_or_404(needs, code=code)
    if not is_insider(request.viewer, need):
        raise Http404
    found = time_to_match_of(need, at=timezone.now())
    if found is None:
        raise Http404
    context = {"need": need, "clock": found, "moments": _moments(found)}
    return render(
        request, "care/time_to_match/_clock.html" if request.htmx else "care/time_to_match/clock_of_need.html", context
    )


def _moments(found: TimeToMatch) -> list[dict[str, object]]:
    """Every event in its order with when it happened and after how many days; None: not yet."""
    days = {event: found.times.days(event) for event in Event}
    return [
        {
            "label": event.label,
            "at": found.times.events.get(event),
            "days": None if (number := days[event]) is None else shown(number),
        }
        for event in Event
    ]

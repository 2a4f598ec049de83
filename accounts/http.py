"""What the views of every app share: the types of their requests, and reading what a form posted."""

from datetime import datetime

from django.http import HttpRequest, QueryDict
from django.utils.dateparse import parse_datetime
from django_htmx.middleware import HtmxDetails

from accounts.models import Anyone, Membership, Organisation, User
from accounts.viewer import Viewer
from lib.cleaning import strip_controls


class PublicRequest(HttpRequest):
    """Only a type: what the middleware adds. Views that are open to visitors annotate their request with it."""

    user: Anyone
    viewer: Viewer
    memberships: list[Membership]
    membership: Membership | None  # of the organisation the person acts for
    organisation: Organisation | None
    is_operator: bool
    htmx: HtmxDetails


class Request(PublicRequest):
    """Only a type: behind the login there is a person."""

    user: User


def posted(request: HttpRequest) -> QueryDict | None:
    """What a form is bound to: nothing on GET, also an empty POST on POST."""
    return request.POST if request.method == "POST" else None


def read_at(request: HttpRequest) -> datetime | None:
    """When the page was made this decision was sent from (`_components/read_at.html`); None where it does not say."""
    try:
        moment = parse_datetime(request.POST.get("read_at", ""))
    except ValueError:
        return None
    return moment if moment is not None and moment.tzinfo is not None else None


PER_PAGE = 20


def said(request: HttpRequest, name: str, *, limit: int) -> str:
    """What a form of one field says, cut at `limit`: without the control characters the database cannot keep."""
    return strip_controls(request.POST.get(name, ""))[:limit]

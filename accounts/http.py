"""What a view may rely on: the request after `LoginRequiredMiddleware` and `CurrentOrganisationMiddleware`."""

from datetime import datetime

from django.http import HttpRequest
from django.utils.dateparse import parse_datetime
from django_htmx.middleware import HtmxDetails

from accounts.models import Membership, Organisation, User


class Request(HttpRequest):
    """Only a type: views behind the login annotate their request with it. Public pages take `HttpRequest`."""

    user: User
    memberships: list[Membership]
    membership: Membership | None
    organisation: Organisation | None
    is_operator: bool
    htmx: HtmxDetails


def read_at(request: HttpRequest) -> datetime | None:
    """When the page was made this decision was sent from (`_components/read_at.html`); None where it does not say."""
    try:
        moment = parse_datetime(request.POST.get("read_at", ""))
    except ValueError:
        return None
    return moment if moment is not None and moment.tzinfo is not None else None

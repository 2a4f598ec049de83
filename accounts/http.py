"""What a view may rely on: the request after `LoginRequiredMiddleware` and `CurrentOrganisationMiddleware`."""

from django.http import HttpRequest
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

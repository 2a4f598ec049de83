"""Puts the current organisation on the request, once."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from accounts.models import Membership
from accounts.models.organisation import OrganisationKind

SESSION_KEY = "organisation"


class CurrentOrganisationMiddleware:
    """Sets `request.membership`, `request.organisation` and `request.is_operator`.

    A person may belong to several organisations; the session remembers the chosen one, else the first joined.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        membership = None
        request.memberships = []
        if request.user.is_authenticated:
            request.memberships = list(
                Membership.objects.active()
                .filter(user=request.user)
                .select_related("organisation")
                .order_by("started_at", "pk")
            )
            chosen = request.session.get(SESSION_KEY)
            membership = next(
                (m for m in request.memberships if m.organisation.code == chosen),
                request.memberships[0] if request.memberships else None,
            )
            # The answer of accounts.models.organisation.is_operator, without a second query.
            request.user._is_operator = any(
                m.can_write
                and m.organisation.kind == OrganisationKind.OPERATOR
                and m.organisation.is_verified
                for m in request.memberships
            )
        request.membership = membership
        request.organisation = membership.organisation if membership else None
        request.is_operator = getattr(request.user, "_is_operator", False)
        return self.get_response(request)

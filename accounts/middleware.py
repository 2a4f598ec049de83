"""Puts the current organisation on the request, once; turns refusals of the domain into answers."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django.contrib import messages
from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import render, resolve_url
from django.utils.http import url_has_allowed_host_and_scheme
from django_htmx.http import HttpResponseClientRedirect

from accounts.models import Membership, OrganisationKind
from lib.refusals import Denied, NotReady, WrongState

SESSION_KEY = "organisation"


class LoginFirstMiddleware(LoginRequiredMiddleware):
    """After logging in one is back on the page, never at an address that takes a POST only, nor inside a fragment."""

    def process_view(
        self,
        request: HttpRequest,
        view_func: Callable[..., HttpResponseBase],
        view_args: Sequence[Any],
        view_kwargs: Mapping[str, Any],
    ) -> HttpResponseBase | None:
        answer: HttpResponseBase | None = super().process_view(request, view_func, view_args, view_kwargs)
        if answer is None or (request.method in ("GET", "HEAD") and not request.htmx):
            return answer
        to_login = redirect_to_login(came_from(request), self.get_login_url(view_func))
        return HttpResponseClientRedirect(to_login.url) if request.htmx else to_login


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
                m.can_write and m.organisation.kind == OrganisationKind.OPERATOR and m.organisation.is_verified
                for m in request.memberships
            )
        request.membership = membership
        request.organisation = membership.organisation if membership else None
        request.is_operator = getattr(request.user, "_is_operator", False)
        return self.get_response(request)


class DomainErrorMiddleware:
    """Every view may let `Denied`, `WrongState` and `NotReady` pass: they are answered here, in one way.

    Denied: the 403 page with the reason. WrongState, NotReady: the reason as a message on the page one came from. An
    address that only takes forms and was opened by hand: a page with a way on, not the browser's empty one.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if isinstance(response, HttpResponseNotAllowed) and not response.content:
            page = render(request, "405.html", status=response.status_code)
            page["Allow"] = response["Allow"]
            return page
        return response

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if isinstance(exception, Denied):
            return render(request, "403.html", {"exception": str(exception)}, status=403)
        if isinstance(exception, WrongState | NotReady):
            messages.warning(request, str(exception))
            back = came_from(request)
            # A swap of a fragment would hide the message: htmx is told to load the whole page.
            return HttpResponseClientRedirect(back) if request.htmx else HttpResponseRedirect(back)
        return None


def came_from(request: HttpRequest) -> str:
    """The page of ours the request was sent from, else the desk. Never a POST-only address."""
    page = (request.htmx.current_url if request.htmx else None) or request.headers.get("Referer", "")
    here = request.build_absolute_uri()
    if page != here and url_has_allowed_host_and_scheme(
        page, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    ):
        return page
    return resolve_url("dashboards:desk")

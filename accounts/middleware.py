"""Puts the current organisation on the request, once; turns refusals of the domain into answers."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import render, resolve_url
from django.utils.http import url_has_allowed_host_and_scheme
from django_htmx.http import HttpResponseClientRedirect

from accounts.http import PublicRequest
from accounts.models import Membership
from accounts.viewer import Viewer
from lib.refusals import Denied, NotReady, WrongState

SESSION_KEY = "organisation"


class LoginFirstMiddleware(LoginRequiredMiddleware):
    """After logging in one is back on the page, never at an address that takes a POST only, nor inside a fragment."""

    def process_view(  # type: ignore[override]  # here every request has what the other middleware adds
        self,
        request: PublicRequest,
        view_func: Callable[..., HttpResponseBase],
        view_args: tuple[Any, ...],
        view_kwargs: dict[str, Any],
    ) -> HttpResponseBase | None:
        answer: HttpResponseBase | None = super().process_view(request, view_func, view_args, view_kwargs)
        if answer is None or (request.method in ("GET", "HEAD") and not request.htmx):
            return answer
        to_login = redirect_to_login(came_from(request), self.get_login_url(view_func))
        return HttpResponseClientRedirect(to_login.url) if request.htmx else to_login


class CurrentOrganisationMiddleware:
    """Sets what `accounts.http.PublicRequest` declares: who asks, and for which organisation they act now.

    A person may belong to several organisations; the session remembers the chosen one, else the first joined.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: PublicRequest) -> HttpResponse:
        user = request.user
        if user.is_authenticated:
            mine = Membership.objects.active().filter(user=user).select_related("organisation")
            request.memberships = list(mine.order_by("started_at", "pk"))
            request.viewer = Viewer.of_member(user, request.memberships)
        else:
            request.memberships, request.viewer = [], Viewer.of(user)
        chosen = request.session.get(SESSION_KEY)
        request.membership = next(
            (m for m in request.memberships if m.organisation.code == chosen), next(iter(request.memberships), None)
        )
        request.organisation = request.membership.organisation if request.membership else None
        request.is_operator = request.viewer.is_operator
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

    def process_exception(self, request: PublicRequest, exception: Exception) -> HttpResponse | None:
        if isinstance(exception, Denied):
            return render(request, "403.html", {"exception": str(exception)}, status=403)
        if isinstance(exception, WrongState | NotReady):
            messages.warning(request, str(exception))
            back = came_from(request)
            # A swap of a fragment would hide the message: htmx is told to load the whole page.
            return HttpResponseClientRedirect(back) if request.htmx else HttpResponseRedirect(back)
        return None


def came_from(request: PublicRequest) -> str:
    """The page of ours the request was sent from, else the desk. Never a POST-only address."""
    page = (request.htmx.current_url if request.htmx else None) or request.headers.get("Referer", "")
    here = request.build_absolute_uri()
    if page != here and url_has_allowed_host_and_scheme(
        page, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    ):
        return page
    return resolve_url("dashboards:desk")

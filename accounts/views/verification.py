"""The operator's queue of organisations whose identity is to be checked."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from accounts.domain import organisations
from accounts.forms import DecisionForm, QueueFilters
from accounts.http import Request
from accounts.models import Organisation
from accounts.permissions import check_operator
from accounts.queries import members_of, organisation_trail
from accounts.views import posted
from accounts.workflow import VerificationState

PER_PAGE = 20


@require_GET
def verification_queue(request: Request) -> HttpResponse:
    """Oldest first; `state` shows those decided."""
    check_operator(request.user)
    filters = QueueFilters(request.GET)
    chosen = filters.cleaned_data["state"] if filters.is_valid() else ""
    state = chosen or VerificationState.PENDING
    found = Organisation.objects.filter(state=state).order_by("created_at", "pk")
    context = {
        "page_obj": Paginator(found, PER_PAGE).get_page(request.GET.get("page")),
        "states": VerificationState.choices,
        "state": state,
    }
    return render(request, "accounts/verification_queue.html", context)


@require_http_methods(["GET", "POST"])
def verification_decide(request: Request, code: str) -> HttpResponse:
    """Everything an operator needs to decide on one organisation, and the decision; then the next in the queue."""
    check_operator(request.user)
    organisation = get_object_or_404(Organisation, code=code)
    form = DecisionForm(posted(request))
    if request.method == "POST" and form.is_valid():
        _decide(request, organisation, form)
        following = Organisation.objects.awaiting_verification().order_by("created_at", "pk").first()
        return (
            redirect("accounts:verification-decide", following.code)
            if following
            else redirect("accounts:verification-queue")
        )
    context = {
        "organisation": organisation,
        "memberships": members_of(organisation),
        "trail": organisation_trail(organisation),
        "form": form,
    }
    return render(request, "accounts/verification_decide.html", context)


def _decide(request: Request, organisation: Organisation, form: DecisionForm) -> None:
    now, name = timezone.now(), {"organisation": organisation.name}
    if form.cleaned_data["decision"] == "verify":
        organisations.verify_organisation(organisation=organisation, by=request.user, at=now)
        messages.success(request, _("%(organisation)s 已通过核验。") % name)
    else:
        organisations.refuse_organisation(
            organisation=organisation, reason=form.cleaned_data["reason"], by=request.user, at=now
        )
        messages.success(request, _("%(organisation)s 未通过核验，原因已通知对方。") % name)

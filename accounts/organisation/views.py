"""Organisations: the public list and page, registering and changing one, and the operators' queue."""

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from accounts.http import PublicRequest, Request, posted
from accounts.membership.queries import members_of
from accounts.middleware import SESSION_KEY
from accounts.models import Organisation
from accounts.organisation import actions
from accounts.organisation.forms import DecisionForm, OrganisationFilters, OrganisationForm, QueueFilters
from accounts.organisation.queries import find_organisations, organisation_trail
from accounts.organisation.workflow import VerificationState
from accounts.permissions import check_manages, check_operator

PER_PAGE = 20


@login_not_required
@require_GET
def organisation_list(request: PublicRequest) -> HttpResponse:
    filters = OrganisationFilters(request.GET)
    wanted = filters.cleaned_data if filters.is_valid() else {}
    found = find_organisations(Organisation.objects.verified(), **wanted).order_by("name", "pk")
    context = {
        "page_obj": Paginator(found, PER_PAGE).get_page(request.GET.get("page")),
        "filters": filters,
        "is_filtered": any(wanted.values()),
    }
    return render(request, "accounts/organisation/organisation_list.html", context)


@login_not_required
@require_GET
def organisation_detail(request: PublicRequest, code: str) -> HttpResponse:
    organisation = get_object_or_404(Organisation.objects.visible_to(request.user), code=code)
    is_owner = organisation.pk in request.viewer.manages
    context = {
        "organisation": organisation,
        "is_owner": is_owner,
        "is_member": organisation.pk in request.viewer.member_of,
        "trail": organisation_trail(organisation) if is_owner or request.is_operator else [],
    }
    return render(request, "accounts/organisation/organisation_detail.html", context)


@require_http_methods(["GET", "POST"])
def organisation_create(request: Request) -> HttpResponse:
    form = OrganisationForm(posted(request), by_operator=request.is_operator)
    if request.method == "POST" and form.is_valid():
        try:
            organisation = actions.create_organisation(values=form.cleaned_data, by=request.user, at=timezone.now())
        except actions.Taken as taken:
            form.add_error(taken.field, str(taken))
        else:
            request.session[SESSION_KEY] = organisation.code
            messages.success(request, _("机构已登记，等待平台核验。核验期间可以先起草需求和成果。"))
            return redirect(organisation)
    return render(request, "accounts/organisation/organisation_create.html", {"form": form})


@require_http_methods(["GET", "POST"])
def organisation_edit(request: Request, code: str) -> HttpResponse:
    organisation = get_object_or_404(Organisation.objects.visible_to(request.user), code=code)
    check_manages(request.user, organisation)
    # The form writes what was typed onto its instance; the page's head keeps what is stored.
    form = OrganisationForm(posted(request), instance=Organisation.objects.get(pk=organisation.pk))
    if request.method == "POST" and form.is_valid():
        try:
            changed = actions.change_organisation(
                organisation=organisation, values=form.cleaned_data, by=request.user, at=timezone.now()
            )
        except actions.Taken as taken:
            form.add_error(taken.field, str(taken))
        else:
            again = changed.state != organisation.state
            messages.success(request, _("已保存，并重新提交核验。") if again else _("机构信息已保存。"))
            return redirect(changed)
    return render(request, "accounts/organisation/organisation_edit.html", {"form": form, "organisation": organisation})


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
    return render(request, "accounts/organisation/verification_queue.html", context)


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
    return render(request, "accounts/organisation/verification_decide.html", context)


def _decide(request: Request, organisation: Organisation, form: DecisionForm) -> None:
    now, name = timezone.now(), {"organisation": organisation.name}
    if form.cleaned_data["decision"] == "verify":
        actions.verify_organisation(organisation=organisation, by=request.user, at=now)
        messages.success(request, _("%(organisation)s 已通过核验。") % name)
    else:
        actions.refuse_organisation(
            organisation=organisation, reason=form.cleaned_data["reason"], by=request.user, at=now
        )
        messages.success(request, _("%(organisation)s 未通过核验，原因已通知对方。") % name)

"""Institution profiles: who is out there, and one's own page."""

from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from accounts.http import PublicRequest, Request
from accounts.models import Organisation
from lib import regions
from solutions.institution import queries
from solutions.institution.forms import InstitutionFilter, ProfileForm
from solutions.institution.kind import INSTITUTION
from solutions.models import Solution
from solutions.solution import actions, permissions
from solutions.solution.queries import only_entry
from solutions.solution.views import after_saving, current_organisation, page_of


@login_not_required
@require_safe
def institution_list(request: PublicRequest) -> HttpResponse:
    form = InstitutionFilter(request.GET)
    page = page_of(request, form.narrow(queries.institutions()))
    rows = [{"profile": profile, "region": regions.region_name(profile.region_code)} for profile in page]
    return render(
        request,
        "solutions/institution/institution_list.html",
        {
            "form": form,
            "page": page,
            "rows": rows,
            "can_profile": permissions.can_offer(request.membership, INSTITUTION),
        },
    )


@require_http_methods(["GET", "HEAD", "POST"])
def profile_edit(request: Request) -> HttpResponse:
    organisation = current_organisation(request)
    permissions.check_offers(request.user, organisation, INSTITUTION)
    profile = only_entry(INSTITUTION, organisation)
    form = ProfileForm(request.POST or None, initial=_initial(profile, organisation))
    if request.method == "POST" and _is_valid(form, wants_review=request.POST.get("then") == "submit"):
        saved = actions.save_only_entry(
            kind=INSTITUTION, organisation=organisation, values=form.content, by=request.user, at=timezone.now()
        )
        return after_saving(request, saved)
    return render(
        request,
        "solutions/institution/profile_form.html",
        {"form": form, "solution": profile, "organisation": organisation},
    )


def _is_valid(form: ProfileForm, *, wants_review: bool) -> bool:
    form.full_clean()
    if wants_review:
        form.require_for_submission()
    return form.is_valid()


def _initial(profile: Solution | None, organisation: Organisation) -> dict[str, Any]:
    if profile:
        return INSTITUTION.content_of(profile)
    return {
        "title": organisation.name,
        "summary": organisation.introduction,
        "region_code": organisation.region_code,
    }

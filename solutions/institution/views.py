"""Institution profiles: who is out there, and one's own page."""

from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from lib import industries, regions
from solutions.institution import permissions, queries
from solutions.institution.forms import InstitutionFilter, ProfileForm, profile_initial
from solutions.models import Solution
from solutions.output import queries as output_queries
from solutions.solution import actions as domain
from solutions.solution import permissions as solution_permissions
from solutions.solution.view_parts import actions_for, after_saving, current_organisation, events_of, page_of

OUTPUTS_SHOWN = 10


@login_not_required
@require_safe
def institution_list(request: HttpRequest) -> HttpResponse:
    form = InstitutionFilter(request.GET)
    page = page_of(request, form.narrow(queries.institutions()))
    rows = [{"profile": profile, "region": _region(profile)} for profile in page]
    can_profile = permissions.can_profile(request.membership)
    return render(
        request,
        "solutions/institution/institution_list.html",
        {"form": form, "page": page, "rows": rows, "can_profile": can_profile},
    )


def show_institution(request: HttpRequest, profile: Solution) -> HttpResponse:
    """The page of a profile; the address is the same as an output's."""
    is_insider = solution_permissions.sees_everything(request.user, profile)
    outputs = output_queries.published_outputs_of(profile.organisation)
    return render(
        request,
        "solutions/institution/institution_detail.html",
        {
            "solution": profile,
            "institution": profile.institution,
            "industries": [industries.industry_name(code) for code in profile.industries],
            "region": _region(profile),
            "outputs": outputs[:OUTPUTS_SHOWN],
            "output_count": outputs.count(),
            "is_insider": is_insider,
            "events": events_of(profile) if is_insider else [],
            **actions_for(request, profile),
        },
    )


@require_http_methods(["GET", "HEAD", "POST"])
def profile_edit(request: HttpRequest) -> HttpResponse:
    organisation = current_organisation(request)
    permissions.check_profiles(request.user, organisation)
    profile = queries.profile_of(organisation)
    form = ProfileForm(request.POST or None, initial=_initial(profile, organisation))
    wants_review = request.POST.get("then") == "submit"
    if request.method == "POST" and _is_valid(form, wants_review=wants_review):
        saved = domain.save_profile(organisation=organisation, values=form.values, by=request.user, at=timezone.now())
        return after_saving(request, saved)
    return render(
        request,
        "solutions/institution/profile_form.html",
        {"form": form, "solution": profile, "organisation": organisation},
    )


def _is_valid(form: ProfileForm, *, wants_review: bool) -> bool:
    form.full_clean()
    if wants_review:
        form.require_summary()
    return form.is_valid()


def _initial(profile: Solution | None, organisation: Any) -> dict[str, Any]:
    if profile:
        return profile_initial(profile)
    return {
        "title": organisation.name,
        "summary": organisation.introduction,
        "region_code": organisation.region_code,
    }


def _region(profile: Solution) -> str:
    return regions.region_name(profile.region_code) if profile.region_code else ""

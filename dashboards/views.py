"""Pages that only compose: each number comes from the `queries.py` of the app that owns it."""

from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.core.paginator import Page, Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.http import PublicRequest, Request
from accounts.membership.queries import invitations_for
from accounts.models import OrganisationKind
from accounts.organisation import queries as organisations
from accounts.permissions import check_operator
from challenges.waiting import waiting_for_reviewer
from contracts.contract import queries as contracts
from dashboards import about, desks
from lib.industries import industry_name
from matching.matches import queries as matches
from matching.matches.queries import FunnelStep
from needs.disclosure.actions import shown_list
from needs.need import queries as needs
from solutions.solution import queries as solutions

NEWEST = 5
INDUSTRIES = 10  # bars of the home page's figure
PER_PAGE = 20


@require_safe
@login_not_required
def home(request: PublicRequest) -> HttpResponse:
    """What the platform is, what is open now, how it goes on from there."""
    public = needs.public_counts()
    context = {
        "needs": shown_list(
            needs=needs.latest_published(limit=NEWEST), viewer=request.viewer, at=timezone.now(), only=["budget"]
        ),
        "outputs": list(solutions.matchable().order_by("-published_at", "-pk")[:NEWEST]),
        "open_needs": public["published"],
        "closed_needs": public["closed"],
        "open_outputs": matches.searchable_outputs(),
        "organisations": organisations.verified_count(),
        "in_contact": matches.needs_at_step(FunnelStep.CONTACTED).count(),
        "solved": contracts.solved_count(),
        "industry_data": _by_industry(),
    }
    return render(request, "dashboards/home.html", context)


@require_safe
def desk(request: Request) -> HttpResponse:
    """What waits for this person, by the organisation they act for."""
    organisation = request.organisation
    context: dict[str, Any]
    if organisation is None:
        invitations = invitations_for(request.user, at=timezone.now())
        context = {"invitations": invitations, "reviewing": waiting_for_reviewer(request.user)}
        return render(request, "dashboards/desk_newcomer.html", context)
    context = {"organisation": organisation, "hint": desks.hint_of(organisation)}
    if organisation.kind == OrganisationKind.OPERATOR and request.is_operator:
        return render(
            request, "dashboards/desk_operator.html", {**context, **desks.operator_desk(organisation, request.user)}
        )
    if not organisation.is_demand_side and not organisation.is_supply_side:
        context["reviewing"] = waiting_for_reviewer(request.user)
        return render(request, "dashboards/desk_other.html", context)
    context |= desks.participant_desk(organisation, request.viewer)
    context["can_write"] = organisation.pk in request.viewer.writes_for
    return render(request, "dashboards/desk.html", context)


@require_safe
def funnel_step(request: Request, step: str) -> HttpResponse:
    """The needs a figure of the operators' funnel sums."""
    check_operator(request.user)
    if step not in FunnelStep.values:
        raise Http404
    found = matches.needs_at_step(FunnelStep(step)).select_related("organisation")
    page: Page[Any] = Paginator(found.order_by("-submitted_at", "-pk"), PER_PAGE).get_page(request.GET.get("page"))
    page.object_list = shown_list(needs=page.object_list, viewer=request.viewer, at=timezone.now())
    context = {
        "step": FunnelStep(step),
        "tabs": [
            {"url": f"../{other.value}/", "label": other.label, "count": number, "is_current": other == step}
            for other, number in matches.funnel().items()
        ],
        "page": page,
    }
    return render(request, "dashboards/funnel_step.html", context)


@require_safe
@login_not_required
def about_matching(request: PublicRequest) -> HttpResponse:
    """The main logic of the ranking, as the rules on algorithmic recommendation ask (DOMAIN.md §6)."""
    context = {**about.context(), "operators": organisations.verified_operators()}
    return render(request, "dashboards/about_matching.html", context)


def _by_industry() -> dict[str, list[Any]]:
    """Rows for the figure: the industries with most open needs, then with most outputs."""
    wanted, offered = needs.open_by_industry(), solutions.matchable_by_industry()
    codes = sorted({*wanted, *offered} - {""}, key=lambda code: (-wanted.get(code, 0), -offered.get(code, 0), code))
    return {
        "columns": [_("行业"), _("公开需求"), _("公开成果")],
        "rows": [[industry_name(code), wanted.get(code, 0), offered.get(code, 0)] for code in codes[:INDUSTRIES]],
    }

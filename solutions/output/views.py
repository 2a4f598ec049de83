"""Research outputs: the public catalogue, one's own outputs, writing and handing in."""

from typing import Any
from uuid import uuid4

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django.views.decorators.vary import vary_on_headers

from accounts.http import read_at
from lib import industries, maturity, regions
from solutions.indicator.fields import INDICATOR
from solutions.indicator.forms import indicator_formset, indicator_initial
from solutions.institution.views import show_institution
from solutions.models import Solution, SolutionKind, TransferMode
from solutions.output import queries
from solutions.output.forms import OutputForm, OutputIndicatorForm, output_initial
from solutions.solution import actions as domain
from solutions.solution import permissions
from solutions.solution import queries as solution_queries
from solutions.solution.forms import CatalogueFilter
from solutions.solution.view_parts import (
    actions_for,
    after_saving,
    current_organisation,
    events_of,
    page_of,
    report_batch,
    submit_one,
    visible_solution,
)
from solutions.solution.workflow import SOLUTION_ACTIONS, SolutionState

OutputIndicators = indicator_formset(OutputIndicatorForm)
MOST_AT_ONCE = 1000
FEW = 5  # on the page of an organisation


@vary_on_headers("HX-Request")
@login_not_required
@require_safe
def output_list(request: HttpRequest) -> HttpResponse:
    """Published outputs, newest first; to htmx the newest of one organisation, for that organisation's page."""
    if request.htmx:
        return _newest_of(request.GET.get("organisation", ""), request)
    form = CatalogueFilter(request.GET, organisations=queries.organisations_in_catalogue())
    page = page_of(request, form.narrow(queries.catalogue()))
    return render(request, "solutions/output/output_list.html", {"form": form, "page": page, "rows": cards(page)})


def _newest_of(code: str, request: HttpRequest) -> HttpResponse:
    page = Paginator(queries.catalogue().filter(organisation__code=code), FEW).get_page(1)
    return render(
        request, "solutions/solution/_of_organisation.html", {"page": page, "rows": cards(page), "code": code}
    )


@login_not_required
@require_safe
def detail(request: HttpRequest, code: str) -> HttpResponse:
    solution = visible_solution(request, code)
    if solution.kind == SolutionKind.INSTITUTION:
        return show_institution(request, solution)
    is_insider = permissions.sees_everything(request.user, solution)
    return render(
        request,
        "solutions/output/output_detail.html",
        {
            "solution": solution,
            "output": solution.output,
            "stage": maturity.stage_label(solution.output.trl_min, solution.output.trl_max),
            "industries": [industries.industry_name(code) for code in solution.industries],
            "region": regions.region_name(solution.region_code) if solution.region_code else "",
            "transfer_modes": [TransferMode(mode).label for mode in solution.output.transfer_modes],
            "indicators": solution_queries.visible_indicators(solution, with_private=is_insider),
            "is_insider": is_insider,
            "events": events_of(solution) if is_insider else [],
            **actions_for(request, solution),
        },
    )


@require_http_methods(["GET", "HEAD", "POST"])
def create(request: HttpRequest) -> HttpResponse:
    organisation = current_organisation(request)
    permissions.check_offers(request.user, organisation)
    initial = {
        "submission_key": uuid4(),
        "completed_by": organisation.name,
        "region_code": organisation.region_code,
    }
    form = OutputForm(request.POST or None, initial=initial)
    formset = OutputIndicators(request.POST or None, prefix="indicators")
    if request.method == "POST" and _is_valid(request, form, formset):
        solution = domain.create_output(
            organisation=organisation,
            values=form.values,
            indicators=formset.rows,
            submission_key=form.cleaned_data["submission_key"],
            by=request.user,
            at=timezone.now(),
        )
        return after_saving(request, solution)
    return render(
        request,
        "solutions/output/output_form.html",
        {"form": form, "formset": formset, "solution": None, "organisation": organisation},
    )


@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, code: str) -> HttpResponse:
    solution = visible_solution(request, code)
    if solution.kind == SolutionKind.INSTITUTION:
        return redirect("solutions:profile-edit")
    permissions.check_edits(request.user, solution)
    form = OutputForm(request.POST or None, initial=output_initial(solution))
    rows = indicator_initial(solution_queries.visible_indicators(solution, with_private=True), INDICATOR)
    formset = OutputIndicators(request.POST or None, prefix="indicators", initial=rows)
    if request.method == "POST" and _is_valid(request, form, formset):
        solution = domain.change_solution(
            solution=solution,
            values=form.values,
            indicators=formset.rows,
            by=request.user,
            at=timezone.now(),
        )
        return after_saving(request, solution)
    return render(
        request,
        "solutions/output/output_form.html",
        {"form": form, "formset": formset, "solution": solution, "organisation": solution.organisation},
    )


@require_safe
def mine(request: HttpRequest) -> HttpResponse:
    organisation = current_organisation(request)
    state = request.GET.get("state", "")
    outputs = queries.own_outputs(organisation)
    if state in SolutionState.values:
        outputs = outputs.filter(state=state)
    counts = queries.state_counts(organisation)
    page = page_of(request, outputs)
    return render(
        request,
        "solutions/output/mine.html",
        {
            "organisation": organisation,
            "page": page,
            "rows": cards(page),
            "tabs": _tabs(counts, state),
            "draft_count": counts[SolutionState.DRAFT],
            "can_write": request.membership.can_write and organisation.is_supply_side,
        },
    )


@require_POST
def submit(request: HttpRequest, code: str) -> HttpResponse:
    solution = visible_solution(request, code)
    submit_one(request, solution)
    return redirect(solution)


@require_POST
def withdraw(request: HttpRequest, code: str) -> HttpResponse:
    solution = visible_solution(request, code)
    domain.withdraw_solution(solution=solution, by=request.user, at=timezone.now())
    messages.success(request, _("已撤回，不再公开。修改后可以再次提交。"))
    return redirect(solution)


@require_POST
def bulk(request: HttpRequest) -> HttpResponse:
    """Submit or publish the ticked entries; `submit-all` takes every draft of the current organisation."""
    action = request.POST.get("action")
    now = timezone.now()
    if action == "publish":
        batch = domain.publish_solutions(solutions=_ticked(request), by=request.user, at=now, read_at=read_at(request))
        report_batch(request, batch, done=_("已发布 %(count)s 项。"))
        return redirect("solutions:review-queue")
    if action == "submit-all":
        drafts = queries.own_outputs(current_organisation(request)).filter(state=SolutionState.DRAFT)
        chosen = list(drafts.order_by("pk")[:MOST_AT_ONCE])
        if (left := drafts.count() - len(chosen)) > 0:
            messages.info(
                request,
                _("草稿较多，一次提交 %(most)s 项；还有 %(left)s 项，请再提交一次。")
                % {"most": MOST_AT_ONCE, "left": left},
            )
    else:
        chosen = _ticked(request)
    batch = domain.submit_solutions(solutions=chosen, by=request.user, at=now)
    report_batch(request, batch, done=_("已提交 %(count)s 项，等待审核。"))
    return redirect("solutions:mine")


# --- parts ---------------------------------------------------------------------------------------------------------


def cards(outputs: Any) -> list[dict[str, Any]]:
    """Outputs with the words a list shows beside them."""
    return [
        {
            "solution": solution,
            "region": regions.region_name(solution.region_code) if solution.region_code else "",
            "stage": maturity.stage_label(solution.output.trl_min, solution.output.trl_max),
            "modes": [TransferMode(mode).label for mode in solution.output.transfer_modes],
            "can_submit": solution.state in SOLUTION_ACTIONS["submit"].sources,
        }
        for solution in outputs
    ]


def _tabs(counts: dict[str, int], current: str) -> list[dict[str, Any]]:
    return [
        {"state": "", "label": _("全部"), "count": sum(counts.values()), "is_current": current not in counts},
        *(
            {"state": state, "label": label, "count": counts[state], "is_current": state == current}
            for state, label in SolutionState.choices
        ),
    ]


def _ticked(request: HttpRequest) -> list[Solution]:
    codes = request.POST.getlist("code")
    return list(Solution.objects.visible_to(request.user).filter(code__in=codes)[:MOST_AT_ONCE])


def _is_valid(request: HttpRequest, form: OutputForm, formset: Any) -> bool:
    are_valid = [form.is_valid(), formset.is_valid()]
    if request.POST.get("then") == "submit":
        form.require_summary()
    return all(are_valid) and form.is_valid()

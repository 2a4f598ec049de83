"""Research outputs: the public catalogue, one's own outputs, writing."""

from typing import Any
from uuid import uuid4

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django.views.decorators.vary import vary_on_headers

from accounts.http import PublicRequest, Request, read_at
from lib import maturity, regions
from solutions.indicator.fields import INDICATOR
from solutions.indicator.forms import indicator_formset, indicator_initial
from solutions.kinds import kind_of
from solutions.models import Solution, TransferMode
from solutions.output import queries
from solutions.output.forms import CatalogueFilter, OutputForm, OutputIndicatorForm, output_initial
from solutions.output.kind import OUTPUT
from solutions.solution import actions, permissions
from solutions.solution.queries import organisations_with, state_counts, visible_indicators
from solutions.solution.views import after_saving, current_organisation, page_of, report_batch, visible_solution
from solutions.solution.workflow import SOLUTION_ACTIONS, SolutionState

OutputIndicators = indicator_formset(OutputIndicatorForm)
MOST_AT_ONCE = 1000
FEW = 5  # on the page of an organisation


@vary_on_headers("HX-Request")
@login_not_required
@require_safe
def output_list(request: PublicRequest) -> HttpResponse:
    """Published outputs, newest first; to htmx the newest of one organisation, for that organisation's page."""
    if request.htmx:
        return _newest_of(request.GET.get("organisation", ""), request)
    form = CatalogueFilter(request.GET, organisations=organisations_with(OUTPUT))
    page = page_of(request, form.narrow(queries.catalogue()))
    return render(request, "solutions/output/output_list.html", {"form": form, "page": page, "rows": cards(page)})


def _newest_of(code: str, request: PublicRequest) -> HttpResponse:
    page = Paginator(queries.catalogue().filter(organisation__code=code), FEW).get_page(1)
    return render(request, "solutions/output/_of_organisation.html", {"page": page, "rows": cards(page), "code": code})


@require_http_methods(["GET", "HEAD", "POST"])
def create(request: Request) -> HttpResponse:
    organisation = current_organisation(request)
    permissions.check_offers(request.user, organisation, OUTPUT)
    initial = {
        "submission_key": uuid4(),
        "completed_by": organisation.name,
        "region_code": organisation.region_code,
    }
    form = OutputForm(request.POST or None, initial=initial)
    formset = OutputIndicators(request.POST or None, prefix="indicators")
    if request.method == "POST" and _is_valid(request, form, formset):
        solution = actions.create_solution(
            kind=OUTPUT,
            organisation=organisation,
            values=form.content,
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
def edit(request: Request, code: str) -> HttpResponse:
    solution = visible_solution(request, code)
    if solution.kind != OUTPUT.code:
        return redirect(kind_of(solution).edit_url(solution))
    permissions.check_edits(request.user, solution)
    form = OutputForm(request.POST or None, initial=output_initial(solution))
    rows = indicator_initial(visible_indicators(solution, with_private=True), INDICATOR)
    formset = OutputIndicators(request.POST or None, prefix="indicators", initial=rows)
    if request.method == "POST" and _is_valid(request, form, formset):
        solution = actions.change_solution(
            solution=solution,
            values=form.content,
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
def mine(request: Request) -> HttpResponse:
    organisation = current_organisation(request)
    state = request.GET.get("state", "")
    outputs = queries.own_outputs(organisation)
    if state in SolutionState.values:
        outputs = outputs.filter(state=state)
    counts = state_counts(organisation, OUTPUT.code)
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
            "can_write": permissions.can_offer(request.membership, OUTPUT),
        },
    )


@require_POST
def bulk(request: Request) -> HttpResponse:
    """Submit or publish the ticked entries; `submit-all` takes every draft of the current organisation."""
    action = request.POST.get("action")
    now = timezone.now()
    if action == "publish":
        batch = actions.publish_solutions(solutions=_ticked(request), by=request.user, at=now, read_at=read_at(request))
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
    batch = actions.submit_solutions(solutions=chosen, by=request.user, at=now)
    report_batch(request, batch, done=_("已提交 %(count)s 项，等待审核。"))
    return redirect("solutions:mine")


# --- parts ---------------------------------------------------------------------------------------------------------


def cards(outputs: Any) -> list[dict[str, Any]]:
    """Outputs with the words a list shows beside them."""
    return [
        {
            "solution": solution,
            "region": regions.region_name(solution.region_code),
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


def _ticked(request: Request) -> list[Solution]:
    codes = request.POST.getlist("code")
    return list(Solution.objects.visible_to(request.user).filter(code__in=codes)[:MOST_AT_ONCE])


def _is_valid(request: Request, form: OutputForm, formset: Any) -> bool:
    are_valid = [form.is_valid(), formset.is_valid()]
    if request.POST.get("then") == "submit":
        form.require_for_submission()
    return all(are_valid) and form.is_valid()

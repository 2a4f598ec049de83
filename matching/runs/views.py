"""Runs: their health for operators, their progress for whoever waits."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from accounts.http import Request
from accounts.permissions import check_operator
from matching.models import MatchRun, Stage
from matching.runs import queries
from matching.runs.actions import rematch_everything
from matching.runs.workflow import RunState
from needs.models import Need
from solutions.models import Solution

PER_PAGE = 20
MOST_NAMED = 20  # needs or outputs of a run named on its page; an import may have thousands

COUNT_LABELS = {
    "needs": gettext_lazy("需求"),
    "solutions": gettext_lazy("成果"),
    "pairs": gettext_lazy("逐项评分的配对"),
    "matches": gettext_lazy("匹配"),
    "new": gettext_lazy("新的或程度提高的候选"),
}


@require_safe
def run_list(request: Request) -> HttpResponse:
    """Is the engine well, and what did it do lately; for operators."""
    check_operator(request.user)
    state = request.GET.get("state", "")
    runs = MatchRun.objects.whole().select_related("requested_by")
    if state in RunState.values:
        runs = runs.filter(state=state)
    runs = runs.annotate(
        need_count=Count("needs", distinct=True), solution_count=Count("solutions", distinct=True)
    ).order_by("-created_at", "-pk")
    context = {
        "health": queries.run_health(),
        "page": Paginator(runs, PER_PAGE).get_page(request.GET.get("page")),
        "chosen": state if state in RunState.values else "",
        "states": RunState.choices,
    }
    return render(request, "matching/runs/run_list.html", context)


@require_safe
def run_detail(request: Request, code: str) -> HttpResponse:
    """What one run did. Its error text and its counts, which tell of things not yet public, are for operators; how
    long it took is for those who may read all of what it was about."""
    run = get_object_or_404(MatchRun.objects.visible_to(request.user).select_related("requested_by"), code=code)
    needs = Need.objects.visible_to(request.user).filter(match_runs=run).order_by("pk")
    solutions = Solution.objects.visible_to(request.user).filter(match_runs=run).order_by("pk")
    shows_time = request.is_operator or run.is_about_needs
    context = {
        "run": run,
        "shows_time": shows_time,
        "needs": needs[:MOST_NAMED],
        "solutions": solutions[:MOST_NAMED],
        "counts": _counts(run) if request.is_operator else [],
        "chart": _chart(run) if shows_time else {},
        "is_operator": request.is_operator,
        "poll_url": "" if run.is_finished else reverse("matching:run-progress", args=[run.code]),
    }
    return render(request, "matching/runs/run_detail.html", context)


@require_safe
def run_progress(request: Request, code: str) -> HttpResponse:
    """The progress of a run as a fragment that polls itself; once over, it fetches what was waited for.

    `for` names the need or output on whose page somebody waits; its own view decides who may see the result.
    """
    run = get_object_or_404(MatchRun.objects.visible_to(request.user), code=code)
    subject = request.GET.get("for", "")
    context = {
        "run": run,
        "subject": subject,
        "result_url": _result_url(subject) if run.is_finished else "",
        "poll_url": "" if run.is_finished else request.get_full_path(),
    }
    return render(request, "matching/runs/_run_progress.html", context)


@require_POST
def rematch(request: Request) -> HttpResponse:
    """Score every open need again."""
    run = rematch_everything(by=request.user, at=timezone.now())
    messages.success(request, _("全量重算已排队，完成后每人只收到一条汇总通知。"))
    return redirect(run)


def _result_url(subject: str) -> str:
    if subject.startswith("N-"):
        return reverse("matching:for-need", args=[subject])
    if subject.startswith("S-"):
        return reverse("matching:for-solution", args=[subject])
    return ""


def _counts(run: MatchRun) -> list[tuple[Promise, int]]:
    return [(label, run.counts[name]) for name, label in COUNT_LABELS.items() if name in run.counts]


def _chart(run: MatchRun) -> dict[str, Any]:
    """Seconds per stage, in the order they happen, for _components/chart.html."""
    rows = [[str(stage.label), run.timings[stage]] for stage in Stage if stage in run.timings]
    return {"columns": [_("阶段"), _("秒")], "rows": rows}

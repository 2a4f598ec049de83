"""Reads of matching that pages and dashboards share, and its figures. Each asks a constant number of queries."""

from collections.abc import Iterable
from dataclasses import dataclass
from math import ceil
from statistics import median

from django.db.models import (
    Count,
    Q,
)

from matching.models import MatchRun, Trigger
from matching.runs.workflow import RunState
from needs.models import Need
from solutions.models import Solution

HEALTH_SAMPLE = 100  # finished runs the times are taken from


# --- runs ------------------------------------------------------------------------------------------------------
def latest_run_of_need(need: Need) -> MatchRun | None:
    return need.match_runs.whole().order_by("-created_at", "-pk").first()


def was_matched(need: Need) -> bool:
    """Whether a run over this need has finished since it was handed in: its own, or one over everything."""
    own = Q(pk__in=need.match_runs.values("pk"))
    whole = Q(trigger=Trigger.REMATCH, created_at__gte=need.submitted_at) if need.submitted_at else Q(pk=None)
    return MatchRun.objects.filter(own | whole, state=RunState.DONE).exists()


def latest_run_of_solution(solution: Solution) -> MatchRun | None:
    return solution.match_runs.order_by("-created_at", "-pk").first()


@dataclass(frozen=True, slots=True)
class TriggerHealth:
    trigger: str
    label: str
    runs: int
    median_seconds: float
    p90_seconds: float


@dataclass(frozen=True, slots=True)
class RunHealth:
    """Seconds are from cause to result, waiting included: what a person waits for."""

    waiting: int
    running: int
    failed: int
    sample: int  # how many finished runs the times are of
    median_seconds: float | None
    p90_seconds: float | None
    by_trigger: tuple[TriggerHealth, ...]


def run_health() -> RunHealth:
    """Two queries: the states, and the times of the last `HEALTH_SAMPLE` finished runs."""
    counted = dict(MatchRun.objects.whole().order_by().values_list("state").annotate(number=Count("pk")))
    latest = MatchRun.objects.whole().filter(state=RunState.DONE).order_by("-finished_at", "-pk")
    rows = list(latest.values_list("trigger", "created_at", "finished_at")[:HEALTH_SAMPLE])
    seconds = [
        (trigger, (finished - created).total_seconds()) for trigger, created, finished in rows if finished is not None
    ]
    everything = [value for _trigger, value in seconds]
    return RunHealth(
        waiting=counted.get(RunState.QUEUED, 0),
        running=counted.get(RunState.RUNNING, 0),
        failed=counted.get(RunState.FAILED, 0),
        sample=len(rows),
        median_seconds=median(everything) if everything else None,
        p90_seconds=_p90(everything) if everything else None,
        by_trigger=tuple(
            TriggerHealth(name.value, str(name.label), len(times), median(times), _p90(times))
            for name in Trigger
            if (times := [value for trigger, value in seconds if trigger == name])
        ),
    )


def _p90(values: Iterable[float]) -> float:
    """Nine of ten are at most this (nearest rank: always a value that occurred)."""
    ordered = sorted(values)
    return ordered[ceil(0.9 * len(ordered)) - 1]

"""Reads of the supply side: the catalogue, an organisation's own entries, the review queue, how an entry went."""

from typing import Any

from django.db.models import QuerySet

from accounts.audit import AuditEvent
from accounts.models import Organisation
from solutions.models import Solution
from solutions.solution.workflow import SolutionState


def returned_to(organisation: Organisation) -> QuerySet[Solution]:
    """Outputs and profile that wait for their owner with what an operator asked to be mended, the latest first."""
    return (
        Solution.objects.for_organisation(organisation)
        .filter(state=SolutionState.RETURNED)
        .order_by("-reviewed_at", "-pk")
    )


def awaiting_review() -> QuerySet[Solution]:
    """Outputs and profiles handed in, the longest waiting first."""
    return Solution.objects.awaiting_review().select_related("organisation", "output").order_by("submitted_at", "pk")


def changed_since_review() -> QuerySet[Solution]:
    """Published entries an operator has not looked at since they changed, the oldest change first."""
    return Solution.objects.changed_since_review().select_related("organisation", "output").order_by("changed_at", "pk")


def review_counts() -> dict[str, int]:
    """The figures of the operators' queue: `submitted`, `changed`."""
    return {
        "submitted": Solution.objects.awaiting_review().count(),
        "changed": Solution.objects.changed_since_review().count(),
    }


def visible_indicators(solution: Solution, *, with_private: bool) -> QuerySet[Any]:
    """The rows of the indicator table a reader may see."""
    rows = solution.indicators.order_by("position", "pk")
    return rows if with_private else rows.filter(is_public=True)


def history(solution: Solution) -> QuerySet[AuditEvent]:
    """What happened to an entry, in order."""
    return AuditEvent.objects.filter(object_code=solution.code).select_related("by").order_by("at", "pk")

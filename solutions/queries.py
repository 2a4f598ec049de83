"""Reads of the supply side: the catalogue, an organisation's own entries, the review queue, how an entry went."""

from typing import Any

from django.db.models import Count, Exists, F, Func, IntegerField, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce

from accounts.models import AuditEvent, Organisation
from solutions.models import Solution, SolutionKind
from solutions.workflow import SolutionState


def catalogue() -> QuerySet[Solution]:
    """Published outputs, newest first."""
    return (
        Solution.objects.outputs().published().select_related("organisation", "output").order_by("-published_at", "-pk")
    )


def catalogue_by_industry() -> dict[str, int]:
    """GB/T 4754 code → number of published outputs for it; an output of two industries counts in both."""
    published = Solution.objects.outputs().published().order_by()
    rows = published.annotate(division=Func(F("industries"), function="unnest"))
    return dict(rows.values_list("division").annotate(number=Count("pk")))


def organisations_in_catalogue() -> QuerySet[Organisation]:
    """Organisations with a published output, by name."""
    published = Solution.objects.outputs().published().filter(organisation=OuterRef("pk"))
    return Organisation.objects.filter(Exists(published)).order_by("name", "pk")


def institutions() -> QuerySet[Solution]:
    """Published profiles with `output_count`, the number of published outputs of their organisation."""
    outputs = (
        Solution.objects.outputs()
        .published()
        .filter(organisation=OuterRef("organisation"))
        .order_by()
        .values("organisation")
        .annotate(number=Count("pk"))
        .values("number")
    )
    return (
        Solution.objects.institutions()
        .published()
        .select_related("organisation", "institution")
        .annotate(output_count=Coalesce(Subquery(outputs), 0, output_field=IntegerField()))
        .order_by("-output_count", "pk")
    )


def own_outputs(organisation: Organisation) -> QuerySet[Solution]:
    """All outputs of an organisation, the latest change first."""
    return (
        Solution.objects.outputs()
        .for_organisation(organisation)
        .select_related("output")
        .order_by("-changed_at", "-pk")
    )


def state_counts(organisation: Organisation) -> dict[str, int]:
    """How many outputs of an organisation are in each state; every state has a number."""
    found = dict(
        Solution.objects.outputs().for_organisation(organisation).order_by().values_list("state").annotate(Count("pk"))
    )
    return {state: found.get(state, 0) for state in SolutionState.values}


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


def published_outputs_of(organisation: Organisation) -> QuerySet[Solution]:
    return catalogue().filter(organisation=organisation)


def profile_of(organisation: Organisation) -> Solution | None:
    """The one profile of an organisation, in whatever state."""
    return (
        Solution.objects.filter(kind=SolutionKind.INSTITUTION, organisation=organisation)
        .select_related("organisation", "institution")
        .first()
    )

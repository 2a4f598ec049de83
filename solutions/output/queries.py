"""Reads of the supply side: the catalogue, an organisation's own entries, the review queue, how an entry went."""

from django.db.models import Count, Exists, F, Func, OuterRef, QuerySet

from accounts.models import Organisation
from solutions.models import Solution
from solutions.solution.workflow import SolutionState


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


def published_outputs_of(organisation: Organisation) -> QuerySet[Solution]:
    return catalogue().filter(organisation=organisation)

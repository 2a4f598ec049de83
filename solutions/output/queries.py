"""Reads of research outputs: the catalogue and an organisation's own."""

from accounts.models import Organisation
from solutions.models import Solution
from solutions.solution.models import SolutionQuerySet


def outputs() -> SolutionQuerySet:
    return Solution.objects.of_kind("output").select_related("organisation", "output")


def catalogue() -> SolutionQuerySet:
    """Published outputs, newest first."""
    return outputs().published().order_by("-published_at", "-pk")


def own_outputs(organisation: Organisation) -> SolutionQuerySet:
    """All outputs of an organisation, the latest change first."""
    return outputs().for_organisation(organisation).order_by("-changed_at", "-pk")


def published_outputs_of(organisation: Organisation) -> SolutionQuerySet:
    return catalogue().for_organisation(organisation)

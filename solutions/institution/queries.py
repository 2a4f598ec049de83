"""Reads of institutions' profiles."""

from django.db.models import Count, IntegerField, OuterRef, Subquery
from django.db.models.functions import Coalesce

from solutions.models import Solution
from solutions.output.queries import outputs
from solutions.solution.models import SolutionQuerySet


def profiles() -> SolutionQuerySet:
    return Solution.objects.of_kind("institution").select_related("organisation", "institution")


def institutions() -> SolutionQuerySet:
    """Published profiles with `output_count`, the number of published outputs of their organisation; most first."""
    counted = (
        outputs()
        .published()
        .filter(organisation=OuterRef("organisation"))
        .order_by()
        .values("organisation")
        .annotate(number=Count("pk"))
        .values("number")
    )
    return (
        profiles()
        .published()
        .annotate(output_count=Coalesce(Subquery(counted), 0, output_field=IntegerField()))
        .order_by("-output_count", "pk")
    )

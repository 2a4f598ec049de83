"""Reads of the supply side: the catalogue, an organisation's own entries, the review queue, how an entry went."""

from django.db.models import Count, IntegerField, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce

from accounts.models import Organisation
from solutions.models import Solution, SolutionKind


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


def profile_of(organisation: Organisation) -> Solution | None:
    """The one profile of an organisation, in whatever state."""
    return (
        Solution.objects.filter(kind=SolutionKind.INSTITUTION, organisation=organisation)
        .select_related("organisation", "institution")
        .first()
    )

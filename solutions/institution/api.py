"""Institution profiles, to read."""

from django.db.models import QuerySet
from django_filters.rest_framework import FilterSet
from drf_spectacular.utils import extend_schema, extend_schema_view

from accounts.api.filters import FormFilter
from accounts.api.inputs import check_form
from accounts.api.schema import answers
from accounts.api.viewsets import CodeViewSet
from solutions.institution import queries
from solutions.institution.forms import InstitutionFilter
from solutions.institution.kind import INSTITUTION
from solutions.models import Solution
from solutions.solution.api import SolutionSerializer


class InstitutionFilterSet(FilterSet):
    region = FormFilter(help_text="A province, six digits of GB/T 2260.")
    industry = FormFilter(help_text="A division of GB/T 4754, such as `C34`.")

    def filter_queryset(self, queryset: QuerySet[Solution]) -> QuerySet[Solution]:
        form = InstitutionFilter(self.form.cleaned_data)
        check_form(form)
        return form.narrow(queryset)


class InstitutionSerializer(SolutionSerializer):
    """The profile of an institution, its details beside what all entries have."""

    kind = INSTITUTION


@extend_schema_view(
    list=extend_schema(
        operation_id="institutions_list",
        summary="List institution profiles",
        responses=answers(InstitutionSerializer(many=True)),
    ),
    retrieve=extend_schema(summary="One institution profile", responses=answers(InstitutionSerializer)),
)
class InstitutionViewSet(CodeViewSet):
    """What institutions can do beyond single outputs."""

    serializer_class = InstitutionSerializer
    filterset_class = InstitutionFilterSet

    def get_queryset(self) -> QuerySet[Solution]:
        return queries.profiles().visible_to(self.request.user).prefetch_related("indicators").order_by("pk")

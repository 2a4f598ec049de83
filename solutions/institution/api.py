"""Research outputs with their lifecycle, and institution profiles to read."""

from django.db.models import QuerySet
from django_filters.rest_framework import FilterSet
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import serializers

from accounts.api.filters import FormFilter
from accounts.api.inputs import check_form
from accounts.api.schema import answers
from accounts.api.viewsets import CodeViewSet
from solutions.institution.fields import PROFILE
from solutions.institution.forms import InstitutionFilter
from solutions.models import InstitutionDetail, Solution
from solutions.solution.api import SolutionSerializer, _details
from solutions.solution.fields import COMMON


class InstitutionFilterSet(FilterSet):
    region = FormFilter(help_text="A province, six digits of GB/T 2260.")
    industry = FormFilter(help_text="A division of GB/T 4754, such as `C34`.")

    def filter_queryset(self, queryset: QuerySet[Solution]) -> QuerySet[Solution]:
        form = InstitutionFilter(self.form.cleaned_data)
        check_form(form)
        return form.narrow(queryset)


class InstitutionDetailSerializer(serializers.ModelSerializer):
    class Meta:
        model = InstitutionDetail
        fields = [name for name in PROFILE if name not in COMMON]


class InstitutionSerializer(SolutionSerializer):
    """The profile of an institution, its details beside what all entries have."""

    def get_fields(self) -> dict[str, serializers.Field]:
        return {**super().get_fields(), **_details(InstitutionDetailSerializer(), "institution")}


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
        profiles = Solution.objects.visible_to(self.request.user).institutions()
        return profiles.select_related("organisation", "institution").prefetch_related("indicators").order_by("pk")

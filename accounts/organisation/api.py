"""Organisations in the API."""

from django.db.models import QuerySet
from django_filters.rest_framework import FilterSet
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import serializers

from accounts.api.filters import FormFilter
from accounts.api.inputs import check_form
from accounts.api.schema import answers
from accounts.api.viewsets import CodeViewSet
from accounts.models import Organisation
from accounts.organisation.forms import OrganisationFilters
from accounts.organisation.queries import find_organisations


class OrganisationFilterSet(FilterSet):
    q = FormFilter(help_text="Part of the name.")
    kind = FormFilter(help_text="A kind of organisation, such as `university`.")
    province = FormFilter(help_text="Six digits of GB/T 2260, such as `330000`.")
    industry = FormFilter(help_text="A division of GB/T 4754, such as `C34`.")

    def filter_queryset(self, queryset: QuerySet[Organisation]) -> QuerySet[Organisation]:
        form = OrganisationFilters(self.form.cleaned_data)
        check_form(form)
        return find_organisations(queryset.filter(state="verified"), **form.cleaned_data)


class OrganisationReferenceSerializer(serializers.ModelSerializer):
    """An organisation where it is mentioned."""

    class Meta:
        model = Organisation
        fields = ["code", "name", "kind"]


class OrganisationSerializer(serializers.ModelSerializer):
    region_name = serializers.CharField(read_only=True, help_text="In the language of the request.")
    industry_name = serializers.CharField(read_only=True, help_text="In the language of the request.")

    class Meta:
        model = Organisation
        fields = [
            "code",
            "name",
            "kind",
            "state",
            "region_code",
            "region_name",
            "industry",
            "industry_name",
            "introduction",
            "website",
            "created_at",
        ]


@extend_schema_view(
    list=extend_schema(
        operation_id="organisations_list",
        summary="List verified organisations",
        responses=answers(OrganisationSerializer(many=True)),
    ),
    retrieve=extend_schema(
        summary="One organisation",
        description="Verified ones are public; others show to their members and to operators.",
        responses=answers(OrganisationSerializer),
    ),
)
class OrganisationViewSet(CodeViewSet):
    """Enterprises, universities and everybody else who takes part."""

    serializer_class = OrganisationSerializer
    filterset_class = OrganisationFilterSet

    def get_queryset(self) -> QuerySet[Organisation]:
        return Organisation.objects.visible_to(self.request.user).order_by("name", "pk")

"""Organisations, and who I am."""

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.api.inputs import Filters, check_form
from accounts.api.schema import answers
from accounts.api.serializers import MeSerializer, OrganisationSerializer
from accounts.api.viewer import Viewer
from accounts.api.viewsets import CodeViewSet
from accounts.forms import OrganisationFilters
from accounts.models import Organisation
from accounts.queries import find_organisations


class OrganisationFiltersSerializer(Filters):
    q = serializers.CharField(required=False, help_text="Part of the name.")
    kind = serializers.CharField(required=False, help_text="A kind of organisation, such as `university`.")
    province = serializers.CharField(required=False, help_text="Six digits of GB/T 2260, such as `330000`.")
    industry = serializers.CharField(required=False, help_text="A division of GB/T 4754, such as `C34`.")


@extend_schema_view(
    list=extend_schema(
        operation_id="organisations_list",
        summary="List verified organisations",
        parameters=[OrganisationFiltersSerializer],
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
    filters = OrganisationFiltersSerializer

    def get_queryset(self) -> QuerySet[Organisation]:
        return Organisation.objects.visible_to(self.request.user).order_by("name", "pk")

    def narrow(self, queryset: QuerySet[Organisation], chosen: dict[str, Any]) -> QuerySet[Organisation]:
        form = OrganisationFilters(chosen)
        check_form(form)
        return find_organisations(queryset.filter(state="verified"), **form.cleaned_data)


class MeView(APIView):
    """The person the key or the session belongs to."""

    permission_classes = [IsAuthenticated]

    @extend_schema(
        operation_id="me",
        summary="Who I am and for which organisations I act",
        responses=answers(MeSerializer, errors=(401, 429)),
    )
    def get(self, request: Request) -> Response:
        return Response(MeSerializer(request.user, context={"viewer": Viewer(request.user)}).data)

"""Near-duplicates by program; for operators."""

from typing import Any

from django.db.models import QuerySet
from django_filters.rest_framework import ChoiceFilter, FilterSet
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import generics, serializers
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.filters import ListFilters
from accounts.api.schema import answers
from accounts.organisation.api import OrganisationReferenceSerializer
from accounts.permissions import check_operator
from matching.models import Duplicate, DuplicateKind
from matching.similar.workflow import DuplicateState


class DuplicateSideSerializer(serializers.Serializer[Any]):
    code = serializers.CharField()
    title = serializers.CharField()
    organisation = OrganisationReferenceSerializer()


class DuplicateSerializer(serializers.ModelSerializer[Duplicate]):
    sides = serializers.SerializerMethodField(help_text="Both needs, or both outputs.")
    similarity = serializers.FloatField(help_text="Terms in common of all terms of both, 0 to 1; of public text.")

    class Meta:
        model = Duplicate
        fields = ["kind", "sides", "similarity", "state", "found_at", "dismissed_at"]

    @extend_schema_field(DuplicateSideSerializer(many=True))
    def get_sides(self, duplicate: Duplicate) -> list[Any]:
        return list(DuplicateSideSerializer(duplicate.subjects, many=True).data)


class DuplicateFilterSet(FilterSet):
    kind = ChoiceFilter(choices=DuplicateKind.choices)
    state = ChoiceFilter(choices=DuplicateState.choices)


class DuplicateView(generics.ListAPIView[Duplicate]):
    """Pairs of needs, or of outputs, that say nearly the same."""

    permission_classes = [IsAuthenticated]
    serializer_class = DuplicateSerializer
    filter_backends = [ListFilters]
    filterset_class = DuplicateFilterSet
    queryset = Duplicate.objects.none()  # its type, for the description

    @extend_schema(
        operation_id="duplicates_list",
        summary="List near-duplicates, the most alike first (operators)",
        responses=answers(DuplicateSerializer(many=True), errors=(400, 401, 403, 429)),
    )
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return self.list(request, *args, **kwargs)

    def get_queryset(self) -> QuerySet[Duplicate]:
        check_operator(self.request.user)
        active = Duplicate.objects.filter(first__is_active=True, second__is_active=True)
        return active.with_subjects().most_alike_first()

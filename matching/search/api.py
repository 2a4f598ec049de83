"""Matches with what people decide about them, runs, and search."""

from functools import reduce
from operator import or_
from typing import Any

from django.db.models import QuerySet
from django_filters.rest_framework import CharFilter, ChoiceFilter, FilterSet
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import generics, serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.filters import ListFilters
from accounts.api.schema import answers
from accounts.organisation.api import OrganisationReferenceSerializer
from matching.matches.api import LIST_ERRORS
from matching.models import StoredDocument
from matching.search.forms import LONGEST_QUERY
from matching.search.queries import SIDES, results_of
from needs.models import Need
from solutions.kinds import kind_of, matched
from solutions.models import Solution

NEED = "need"
KINDS = [(kind, kind) for kind in (NEED, *matched())]


class SearchFilterSet(FilterSet):
    q = extend_schema_field(
        {"type": "string", "maxLength": LONGEST_QUERY, "description": "Words; all of them must occur."}
    )(CharFilter(required=True, max_length=LONGEST_QUERY))
    kind = ChoiceFilter(choices=KINDS, help_text="Only needs, or only outputs.")

    def filter_queryset(self, queryset: QuerySet[StoredDocument]) -> QuerySet[StoredDocument]:
        words, kind = self.form.cleaned_data["q"], self.form.cleaned_data["kind"]
        sides = ["need" if kind == NEED else "solution"] if kind else SIDES
        parts = [results_of(words, side=side, user=self.request.user) for side in sides]
        found = reduce(or_, parts).select_related("need__organisation", "solution__organisation")
        return found.filter(solution__kind=kind) if kind and kind != NEED else found


class FoundSerializer(serializers.Serializer[StoredDocument]):
    """A need or an output that holds every word asked for."""

    kind = serializers.SerializerMethodField()
    code = serializers.CharField(source="key")
    title = serializers.SerializerMethodField()
    organisation = serializers.SerializerMethodField()

    @extend_schema_field(serializers.ChoiceField(KINDS))
    def get_kind(self, document: StoredDocument) -> str:
        return kind_of(document.solution).code if document.solution else NEED

    def get_title(self, document: StoredDocument) -> str:
        return self._thing(document).title

    @extend_schema_field(OrganisationReferenceSerializer)
    def get_organisation(self, document: StoredDocument) -> dict[str, Any]:
        return OrganisationReferenceSerializer(self._thing(document).organisation).data

    def _thing(self, document: StoredDocument) -> Need | Solution:
        thing = document.need or document.solution
        assert thing is not None, "a constraint of the table"
        return thing


class SearchView(generics.ListAPIView[StoredDocument]):
    """Full-text search."""

    serializer_class = FoundSerializer
    filter_backends = [ListFilters]
    filterset_class = SearchFilterSet
    queryset = StoredDocument.objects.none()

    @extend_schema(
        operation_id="search",
        summary="Search needs and outputs, best first",
        responses=answers(FoundSerializer(many=True), errors=LIST_ERRORS),
    )
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return self.list(request, *args, **kwargs)

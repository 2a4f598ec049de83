"""Matches with what people decide about them, runs, and search."""

from functools import reduce
from operator import or_
from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import generics, serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.inputs import Filters
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


class SearchFiltersSerializer(Filters):
    q = serializers.CharField(max_length=LONGEST_QUERY, help_text="Words; all of them must occur.")
    kind = serializers.ChoiceField(KINDS, required=False, help_text="Only needs, or only outputs.")


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

    @extend_schema(
        operation_id="search",
        summary="Search needs and outputs, best first",
        parameters=[SearchFiltersSerializer],
        responses=answers(FoundSerializer(many=True), errors=LIST_ERRORS),
    )
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return self.list(request, *args, **kwargs)

    def get_queryset(self) -> QuerySet[StoredDocument]:
        chosen = SearchFiltersSerializer.read(self.request)
        kind = chosen.get("kind")
        sides = SIDES if kind is None else ["need" if kind == NEED else "solution"]
        parts = [results_of(chosen["q"], side=side, user=self.request.user) for side in sides]
        found = reduce(or_, parts).select_related("need__organisation", "solution__organisation")
        return found if kind in {None, NEED} else found.filter(solution__kind=kind)

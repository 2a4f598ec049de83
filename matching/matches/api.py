"""Matches with what people decide about them, runs, and search."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db.models import Case, Q, QuerySet, When
from django.utils import timezone
from django_filters.rest_framework import CharFilter, ChoiceFilter, FilterSet
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework.decorators import action
from rest_framework.exceptions import ValidationError
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.filters import BooleanFilter, organisations_of
from accounts.api.schema import acted, answers
from accounts.api.viewsets import CodeViewSet
from accounts.models import User, is_broker_now, is_operator
from contracts.contract.api import ContractDetailSerializer
from matching.explanation.actions import log_explained, log_listed
from matching.matches import actions as decisions
from matching.matches import contracts
from matching.matches.queries import for_pages
from matching.matches.serializers import (
    BuyerAnswerSerializer,
    MatchListSerializer,
    MatchSerializer,
    RejectSerializer,
    SupplierAnswerSerializer,
)
from matching.matches.workflow import ReviewState
from matching.models import Grade, Match
from needs.models import DisclosureChannel
from solutions.solution.workflow import SolutionState

LIST_ERRORS = (400, 401, 429)


ONE_ERRORS = (401, 404, 429)


class MatchFilterSet(FilterSet):
    need = CharFilter("need__code", help_text="Code of a need.")
    solution = CharFilter("solution__code", help_text="Code of an output.")
    review = ChoiceFilter(choices=ReviewState.choices)
    grade = ChoiceFilter(
        choices=Grade.choices,
        method="of_grade",
        help_text="Where you may not read all of the need, the grade you are shown.",
    )
    current = BooleanFilter(method="found", help_text="Only what the last run still found, or only the rest.")

    def of_grade(self, matches: QuerySet[Match], name: str, value: str) -> QuerySet[Match]:
        insider = insider_matches(self.request.user)
        return matches.filter(insider & Q(grade=value) | ~insider & Q(public_grade=value))

    def found(self, matches: QuerySet[Match], name: str, value: bool) -> QuerySet[Match]:
        insider, known = insider_matches(self.request.user), ~Q(public_grade="") if value else Q(public_grade="")
        return matches.filter(insider & Q(is_current=value) | ~insider & known)


def insider_matches(user: User) -> Q:
    """Matches of needs this reader may read all of."""
    if is_operator(user):
        return Q(pk__isnull=False)
    return Q(need__organisation__in=organisations_of(user)) | Q(need__caretaker=user) & Q(is_broker_now(user))


@contextmanager
def refusals() -> Iterator[None]:
    """The domain's own refusals in the words of the API."""
    try:
        yield
    except decisions.ReasonMissing as error:
        raise ValidationError({"reason": [str(error)]}) from error


@extend_schema_view(
    list=extend_schema(
        operation_id="matches_list",
        summary="List matches I may see, newest first",
        description="Posers see their needs' candidates, suppliers their outputs' published needs, operators all.",
        responses=answers(MatchListSerializer(many=True), errors=LIST_ERRORS),
    ),
    retrieve=extend_schema(
        summary="One match with its explanation",
        description="What a reader may not know is left out of the calculation; `some_hidden` says so.",
        responses=answers(MatchSerializer, errors=ONE_ERRORS),
    ),
)
class MatchViewSet(CodeViewSet):
    """Needs and outputs that fit each other."""

    permission_classes = [IsAuthenticated]
    filterset_class = MatchFilterSet
    queryset = Match.objects.none()  # its type, for the description

    def get_serializer_class(self) -> type[MatchListSerializer]:
        return MatchListSerializer if self.action == "list" else MatchSerializer

    def get_queryset(self) -> QuerySet[Match]:
        matches = Match.objects.visible_to(self.request.user)
        if not is_operator(self.request.user):
            # An output that was taken back is its owner's again: so is its text.
            is_readable = Q(solution__state=SolutionState.PUBLISHED) | Q(
                solution__organisation__in=self.my_organisations
            )
            matches = matches.filter(is_readable)
        # Not by score, nor by the order of writing, which is that of the score: suppliers may not know all of it. Nor
        # by when a pair was first found, where what they may not read had a say in that.
        hides_nothing = Q(public_explanation__isnull=True) & ~Q(public_grade="")
        listed_at = Case(
            When(insider_matches(self.person) | hides_nothing, then="created_at"), default="need__published_at"
        )
        return for_pages(matches).annotate(listed_at=listed_at).order_by("-listed_at", "code")

    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return self._explained(self.get_object())

    def answer(self, code: str, *, status: int = 200) -> Response:
        self.kwargs["code"] = code
        return self._explained(self.get_object(), status=status)

    def paginate_queryset(self, queryset: Any) -> Any:
        page = super().paginate_queryset(queryset)
        log_listed(page or [], viewer=self.viewer, channel=DisclosureChannel.API, at=timezone.now())
        return page

    def _explained(self, match: Match, *, status: int = 200) -> Response:
        shown = self.get_serializer(match).data
        log_explained(match.explained, viewer=self.viewer, channel=DisclosureChannel.API, at=timezone.now())
        return Response(shown, status=status)

    @extend_schema(
        summary="Confirm a match: both sides are invited (operators)", request=None, responses=acted(MatchSerializer)
    )
    @action(detail=True, methods=["post"])
    def confirm(self, request: Request, code: str) -> Response:
        decisions.confirm_match(match=self.get_object(), by=self.person, at=timezone.now())
        return self.answer(code)

    @extend_schema(
        summary="Turn a match down with a reason (operators)",
        request=RejectSerializer,
        responses=acted(MatchSerializer),
    )
    @action(detail=True, methods=["post"])
    def reject(self, request: Request, code: str) -> Response:
        match = self.get_object()
        reason = self.input(RejectSerializer)["reason"]
        decisions.reject_match(match=match, reason=reason, by=self.person, at=timezone.now())
        return self.answer(code)

    @extend_schema(
        summary="Answer for the poser: interested, or not suitable with a reason",
        request=BuyerAnswerSerializer,
        responses=acted(MatchSerializer),
    )
    @action(detail=True, methods=["post"], url_path="buyer-answer", url_name="buyer-answer")
    def buyer_answer(self, request: Request, code: str) -> Response:
        match = self.get_object()
        given = self.input(BuyerAnswerSerializer)
        with refusals():
            decisions.answer_as_buyer(match=match, **given, by=self.person, at=timezone.now())
        return self.answer(code)

    @extend_schema(
        summary="Answer for the supplier: interested, or not now",
        request=SupplierAnswerSerializer,
        responses=acted(MatchSerializer),
    )
    @action(detail=True, methods=["post"], url_path="supplier-answer", url_name="supplier-answer")
    def supplier_answer(self, request: Request, code: str) -> Response:
        match = self.get_object()
        given = self.input(SupplierAnswerSerializer)
        decisions.answer_as_supplier(match=match, **given, by=self.person, at=timezone.now())
        return self.answer(code)

    @extend_schema(
        summary="Begin the contract of a match in contact, or get the one there is",
        request=None,
        responses=acted(ContractDetailSerializer, status=201),
    )
    @action(detail=True, methods=["post"])
    def contract(self, request: Request, code: str) -> Response:
        contract = contracts.begin_contract(match=self.get_object(), by=self.person, at=timezone.now())
        return Response(ContractDetailSerializer(contract, context=self.get_serializer_context()).data, status=201)

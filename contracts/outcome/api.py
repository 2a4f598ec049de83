"""Success cases in the API: the same actions and permissions as the pages."""

from django.db.models import QuerySet
from django.utils import timezone
from django_filters.rest_framework import FilterSet
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.filters import MineFilter
from accounts.api.schema import acted, answers
from accounts.api.viewsets import CodeViewSet
from contracts.contract.permissions import check_either_side
from contracts.models import (
    Side,
    SuccessCase,
)
from contracts.outcome import actions, queries
from contracts.outcome.serializers import ApproveSerializer, CaseSerializer


class CaseFilterSet(FilterSet):
    mine = MineFilter(
        "contract__need__organisation",
        "contract__supplier",
        help_text="Only those of my contracts, drafts included.",
    )

    def filter_queryset(self, queryset: QuerySet[SuccessCase]) -> QuerySet[SuccessCase]:
        cases = super().filter_queryset(queryset)
        return cases if self.form.cleaned_data["mine"] else cases.filter(published_at__isnull=False)


@extend_schema_view(
    list=extend_schema(
        operation_id="cases_list",
        summary="List success cases",
        description="Published ones; with `mine` those of one's own contracts. The newest first.",
        responses=answers(CaseSerializer(many=True)),
    ),
    retrieve=extend_schema(summary="One success case", responses=answers(CaseSerializer)),
)
class CaseViewSet(CodeViewSet):
    """Success cases both sides let everybody read."""

    serializer_class = CaseSerializer
    filterset_class = CaseFilterSet

    def get_queryset(self) -> QuerySet[SuccessCase]:
        cases = queries.cases_visible_to(self.request.user)
        return cases.prefetch_related("contract__figures__evidence").order_by("-published_at", "-pk")

    @extend_schema(
        summary="Let everybody read the text you read; the second side's approval publishes",
        request=ApproveSerializer,
        responses=acted(CaseSerializer),
    )
    @action(detail=True, methods=["post"])
    def approve(self, request: Request, code: str) -> Response:
        case, sent = self.get_object(), self.input(ApproveSerializer)
        side = Side(sent["side"]) if "side" in sent else check_either_side(self.person, case.contract)
        actions.approve_case(case=case, side=side, by=self.person, at=timezone.now(), read_at=sent["written_at"])
        return self.answer(code)

    @extend_schema(summary="Take it back from the public", request=None, responses=acted(CaseSerializer))
    @action(detail=True, methods=["post"])
    def withdraw(self, request: Request, code: str) -> Response:
        actions.withdraw_case(case=self.get_object(), by=self.person, at=timezone.now())
        return self.answer(code)

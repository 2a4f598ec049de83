"""Appeals by program."""

from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django_filters.rest_framework import ChoiceFilter, FilterSet
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.schema import acted, answers
from accounts.api.viewsets import CodeViewSet
from challenges.answer.actions import appeal_bid, decide_appeal
from challenges.models import Appeal, Bid
from challenges.objection.workflow import DecisionState
from lib import clock


class AppealSerializer(serializers.ModelSerializer):
    bid: Any = serializers.SlugRelatedField(slug_field="code", read_only=True)
    challenge = serializers.CharField(source="bid.challenge.code", read_only=True)

    class Meta:
        model = Appeal
        fields = ["bid", "challenge", "text", "raised_at", "state", "answer", "decided_at"]


class AppealInputSerializer(serializers.Serializer):
    bid = serializers.CharField(help_text="Code of one's own declined bid.")
    text = serializers.CharField(max_length=3000)


class DecisionSerializer(serializers.Serializer):
    upheld = serializers.BooleanField()
    answer = serializers.CharField(max_length=3000)
    reopen = serializers.BooleanField(required=False, default=False, help_text="Take the award back too.")


class AppealFilterSet(FilterSet):
    state = ChoiceFilter(choices=DecisionState.choices)


@extend_schema_view(
    list=extend_schema(
        operation_id="appeals_list",
        summary="List appeals",
        description="Of one's own bids, of bids on one's own challenges; to operators all.",
        responses=answers(AppealSerializer(many=True)),
    ),
    retrieve=extend_schema(summary="One appeal", responses=answers(AppealSerializer)),
)
class AppealViewSet(CodeViewSet):
    """Appeals of declined bidders; `code` is that of the bid."""

    lookup_field = "bid__code"
    lookup_url_kwarg = "code"
    serializer_class = AppealSerializer
    filterset_class = AppealFilterSet
    queryset = Appeal.objects.none()

    def get_queryset(self) -> QuerySet[Appeal]:
        visible = Bid.objects.visible_to(self.request.user)
        appeals = Appeal.objects.filter(bid__in=visible.values("pk"))
        return appeals.select_related("bid__challenge").order_by("-raised_at", "-pk")

    @extend_schema(
        summary="Appeal against the answer to one's bid",
        request=AppealInputSerializer,
        responses=acted(AppealSerializer, status=201),
    )
    def create(self, request: Request) -> Response:
        given = self.input(AppealInputSerializer)
        bid = Bid.objects.visible_to(self.person).filter(code=given["bid"]).first()
        if bid is None:
            raise ValidationError({"bid": [_("没有这个方案。")]})
        appeal_bid(bid=bid, text=given["text"], by=self.person, at=clock.now())
        return self.answer(bid.code, status=201)

    @extend_schema(
        summary="Decide an appeal (operators)", request=DecisionSerializer, responses=acted(AppealSerializer)
    )
    @action(detail=True, methods=["post"])
    def decide(self, request: Request, code: str) -> Response:
        appeal = self.get_object()
        given = self.input(DecisionSerializer)
        decide_appeal(appeal=appeal, by=self.person, at=clock.now(), **given)
        return self.answer(code)

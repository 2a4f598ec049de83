"""What the engine learnt, by program: every training with its figures, and the roll-back. For operators."""

from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from django_filters.rest_framework import ChoiceFilter, FilterSet
from drf_spectacular.utils import extend_schema, extend_schema_field, extend_schema_view
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.exceptions import ValidationError
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.schema import acted, answers
from accounts.api.viewsets import CodeViewSet
from accounts.permissions import check_operator
from matching.learning import actions as weightings
from matching.learning.workflow import WeightingState
from matching.models import Weighting


class GainSerializer(serializers.Serializer[Any]):
    """nDCG@10 on held-out needs, with the weights of that day and with the learnt ones."""

    needs = serializers.IntegerField()
    before = serializers.FloatField()
    after = serializers.FloatField()
    gain = serializers.FloatField()
    low = serializers.FloatField(help_text="Lower end of the bootstrap interval of the gain.")
    high = serializers.FloatField()


class FiguresSerializer(serializers.Serializer[Any]):
    by_need = GainSerializer(required=False, help_text="Needs the training did not see. Absent: not tested.")
    by_time = GainSerializer(required=False, help_text="Needs first judged later. Absent: not tested.")


class WeightingSerializer(serializers.ModelSerializer[Weighting]):
    label = serializers.CharField(  # type: ignore[assignment]  # a field's name; DRF has an attribute of that name
        help_text="What is stamped on the runs that used it."
    )
    points = serializers.DictField(child=serializers.FloatField(), help_text="The most each part can bring.")
    figures = serializers.SerializerMethodField()
    replaces = serializers.SlugRelatedField[Any](
        slug_field="number", read_only=True, allow_null=True, help_text="Compared with; null: the default weights."
    )
    rolled_back_by = serializers.SlugRelatedField[Any](slug_field="name", read_only=True, allow_null=True)

    class Meta:
        model = Weighting
        fields = [
            "number",
            "label",
            "state",
            "verdict",
            "engine",
            "points",
            "zero_score",
            "full_score",
            "trained_at",
            "judgements",
            "examples",
            "needs",
            "level",
            "figures",
            "replaces",
            "promoted_at",
            "rolled_back_at",
            "rolled_back_by",
            "rolled_back_reason",
        ]

    @extend_schema_field(FiguresSerializer)
    def get_figures(self, weighting: Weighting) -> dict[str, Any]:
        return weighting.figures


class WeightingFilterSet(FilterSet):
    state = ChoiceFilter(choices=WeightingState.choices)


class RollBackSerializer(serializers.Serializer[Any]):
    reason = serializers.CharField(max_length=2000)


@extend_schema_view(
    list=extend_schema(
        operation_id="weightings_list",
        summary="List what was learnt from decisions, newest first (operators)",
        responses=answers(WeightingSerializer(many=True), errors=(400, 401, 403, 429)),
    ),
    retrieve=extend_schema(
        summary="One training: its evidence, its figures, its points (operators)",
        responses=answers(WeightingSerializer, errors=(401, 403, 404, 429)),
    ),
)
class WeightingViewSet(CodeViewSet):
    """The weights learnt from decisions."""

    permission_classes = [IsAuthenticated]
    serializer_class = WeightingSerializer
    filterset_class = WeightingFilterSet
    queryset = Weighting.objects.none()  # its type, for the description
    lookup_field = "number"
    lookup_url_kwarg = "code"
    lookup_value_regex = "[0-9]{1,9}"

    def get_queryset(self) -> QuerySet[Weighting]:
        check_operator(self.person)
        return Weighting.objects.select_related("replaces", "rolled_back_by").order_by("-number")

    @extend_schema(
        summary="Take the version in use out of use (operators)",
        description="What was in use before comes back, and every open need is scored again.",
        request=RollBackSerializer,
        responses=acted(WeightingSerializer),
    )
    @action(detail=True, methods=["post"], url_path="roll-back", url_name="roll-back")
    def roll_back(self, request: Request, code: str) -> Response:
        weighting = self.get_object()
        given = self.input(RollBackSerializer)
        try:
            weightings.roll_back(weighting=weighting, **given, by=self.person, at=timezone.now())
        except weightings.ReasonMissing as error:
            raise ValidationError({"reason": [str(error)]}) from error
        return self.answer(code)

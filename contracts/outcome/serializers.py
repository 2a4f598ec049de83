"""Figures, ratings and success cases as the API shows and takes them."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from accounts.api.content import CONTENT, ContentSerializer
from contracts.contract.serializers import SideSerializer
from contracts.models import ContractAttachment, OutcomeFigure, Rating, Remark, SuccessCase
from contracts.outcome.fields import CASE, FIGURE, RATING


class FigureSerializer(serializers.ModelSerializer):
    evidence: "serializers.SlugRelatedField[ContractAttachment]" = serializers.SlugRelatedField(
        "code", read_only=True, help_text="Code of the file."
    )

    class Meta:
        model = OutcomeFigure
        fields = ["name", "unit", "before", "after", "evidence"]


class FigureInputSerializer(ContentSerializer):
    evidence = serializers.CharField(help_text="Code of a file attached to the contract before.")

    class Meta:
        model = OutcomeFigure
        table = FIGURE
        fields = [CONTENT, "evidence"]


class SolveSerializer(serializers.Serializer):
    figures = FigureInputSerializer(many=True)


class RatingSerializer(serializers.ModelSerializer):
    class Meta:
        model = Rating
        fields = ["side", "stars", "remarks", "comment", "rated_at"]


class RatingInputSerializer(SideSerializer, ContentSerializer):
    remarks = serializers.ListField(child=serializers.ChoiceField(Remark.choices), required=False)

    class Meta:
        model = Rating
        table = RATING
        fields = ["side", CONTENT]


class CaseInputSerializer(ContentSerializer):
    written_at = serializers.DateTimeField(
        required=False,
        help_text="`written_at` of the case you read: where it was written since, nothing is overwritten (409).",
    )

    class Meta:
        model = SuccessCase
        table = CASE
        fields = [CONTENT, "written_at"]


class ApproveSerializer(SideSerializer):
    written_at = serializers.DateTimeField(
        help_text="`written_at` of the case you read: where it was written since, nobody approves it unread (409)."
    )


class CaseSerializer(serializers.ModelSerializer):
    buyer = serializers.CharField(source="contract.need.organisation.name")
    supplier = serializers.CharField(source="contract.supplier.name")
    figures = serializers.SerializerMethodField()

    class Meta:
        model = SuccessCase
        fields = ["code", "state", "title", "text", "buyer", "supplier", "figures", "written_at", "published_at"]

    @extend_schema_field(FigureSerializer(many=True))
    def get_figures(self, case: SuccessCase) -> Any:
        """Numbers only: the files stay with the parties."""
        rows = FigureSerializer(case.contract.figures.all(), many=True).data
        return [{**row, "evidence": None} for row in rows]

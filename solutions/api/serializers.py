"""Outputs, institution profiles and indicator rows as the API shows and takes them.

The input shapes only describe; what a value may be is said by `solutions.content` and `solutions.validators`.
"""

from decimal import Decimal
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from accounts.api.serializers import OrganisationReferenceSerializer
from solutions.content import COMMON, OUTPUT, PROFILE
from solutions.models import InstitutionDetail, OutputDetail, Solution, SolutionIndicator
from solutions.models.indicator import plain
from solutions.validators import INDICATOR


class PlainDecimalField(serializers.DecimalField):
    """A decimal as people write it: 980 instead of 980.000000, still as a string."""

    def to_representation(self, value: Decimal) -> str:
        return plain(value)


class IndicatorSerializer(serializers.ModelSerializer):
    """A row of an indicator table of an output; needs have their own way to say who may read it."""

    value = PlainDecimalField(max_digits=20, decimal_places=6)
    value_max = PlainDecimalField(
        max_digits=20, decimal_places=6, required=False, allow_null=True, help_text="Only for `range`."
    )

    class Meta:
        model = SolutionIndicator
        fields = list(INDICATOR)


class OutputDetailSerializer(serializers.ModelSerializer):
    class Meta:
        model = OutputDetail
        fields = [name for name in OUTPUT if name not in COMMON]


class InstitutionDetailSerializer(serializers.ModelSerializer):
    class Meta:
        model = InstitutionDetail
        fields = [name for name in PROFILE if name not in COMMON]


class SolutionSerializer(serializers.ModelSerializer):
    """What outputs and profiles share, with what is only told to those the entry belongs to."""

    organisation = OrganisationReferenceSerializer()
    indicators = serializers.SerializerMethodField(
        help_text="Rows that are not public show only to the owner's organisation and to operators."
    )
    return_reason = serializers.SerializerMethodField(help_text="Only for the owner's organisation and operators.")

    class Meta:
        model = Solution
        fields = [
            "code",
            "state",
            "organisation",
            *COMMON,
            "indicators",
            "return_reason",
            "created_at",
            "changed_at",
            "submitted_at",
            "published_at",
        ]

    @extend_schema_field(IndicatorSerializer(many=True))
    def get_indicators(self, solution: Solution) -> list[Any]:
        sees_all = self._sees_everything(solution)
        rows = [row for row in solution.indicators.all() if sees_all or row.is_public]
        return list(IndicatorSerializer(rows, many=True).data)

    def get_return_reason(self, solution: Solution) -> str:
        return solution.return_reason if self._sees_everything(solution) else ""

    def _sees_everything(self, solution: Solution) -> bool:
        """The answer of solutions.permissions.sees_everything, without a query per row."""
        viewer = self.context["viewer"]
        return viewer.is_operator or viewer.belongs_to(solution.organisation)


class OutputSerializer(SolutionSerializer):
    """A research output, its details beside what all entries have."""

    def get_fields(self) -> dict[str, serializers.Field]:
        return {**super().get_fields(), **_details(OutputDetailSerializer(), "output")}


class InstitutionSerializer(SolutionSerializer):
    """The profile of an institution, its details beside what all entries have."""

    def get_fields(self) -> dict[str, serializers.Field]:
        return {**super().get_fields(), **_details(InstitutionDetailSerializer(), "institution")}


def _details(serializer: serializers.ModelSerializer, relation: str) -> dict[str, serializers.Field]:
    fields = serializer.get_fields()
    for name, field in fields.items():
        field.source = f"{relation}.{name}"
    return fields


class OutputInputSerializer(serializers.ModelSerializer):
    """The content of an output. Indicators, when given, replace all rows."""

    indicators = IndicatorSerializer(many=True, required=False)

    class Meta:
        model = Solution
        fields = [*COMMON, "indicators"]

    def get_fields(self) -> dict[str, serializers.Field]:
        return {**super().get_fields(), **OutputDetailSerializer().get_fields()}


class OutputCreateSerializer(OutputInputSerializer):
    organisation = serializers.CharField(
        required=False, help_text="Code of the organisation it belongs to; may be left out by who belongs to one only."
    )
    submission_key = serializers.UUIDField(
        required=False, help_text="Any UUID of yours: sending the same one again makes no second output."
    )

    class Meta(OutputInputSerializer.Meta):
        fields = [*OutputInputSerializer.Meta.fields, "organisation", "submission_key"]


class ReturnSerializer(serializers.Serializer):
    reason = serializers.CharField(max_length=1000, help_text="What the owner should mend; the owner reads it.")

"""Outputs, institution profiles and indicator rows as the API shows and takes them.

The input shapes only describe; what a value may be is said by `solutions.content` and `solutions.validators`.
"""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from accounts.organisation.api import OrganisationReferenceSerializer
from solutions.indicator.api import IndicatorSerializer
from solutions.models import Solution
from solutions.solution.fields import COMMON


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
        return viewer.is_operator or solution.organisation_id in viewer.member_of


def _details(serializer: serializers.ModelSerializer, relation: str) -> dict[str, serializers.Field]:
    fields = serializer.get_fields()
    for name, field in fields.items():
        field.source = f"{relation}.{name}"
    return fields


class ReturnSerializer(serializers.Serializer):
    reason = serializers.CharField(max_length=1000, help_text="What the owner should mend; the owner reads it.")

"""Entries as the API shows and takes them: what all kinds share, and the details of one kind."""

from typing import Any, ClassVar

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from accounts.api.content import CONTENT, ContentSerializer
from accounts.organisation.api import OrganisationReferenceSerializer
from lib.fields import Table
from solutions.indicator.api import IndicatorSerializer
from solutions.models import Solution
from solutions.solution.kind import Kind


class KindSerializer(ContentSerializer):
    """The content of one kind: its fields on `Solution` where Meta.fields says CONTENT, its details at the end."""

    kind: ClassVar[Kind]

    def content_table(self) -> Table:
        own = self.kind.detail_fields
        return {name: field for name, field in self.kind.fields.items() if name not in own}

    def get_fields(self) -> dict[str, serializers.Field]:
        return {**super().get_fields(), **self.details()}

    def details(self) -> dict[str, serializers.Field]:
        kind = self.kind

        class Details(ContentSerializer):
            class Meta:
                model = kind.detail
                table = {name: kind.fields[name] for name in kind.detail_fields}
                fields = [CONTENT]

        return Details().get_fields()


class SolutionSerializer(KindSerializer):
    """An entry, with what is only told to those it belongs to."""

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
            CONTENT,
            "indicators",
            "return_reason",
            "created_at",
            "changed_at",
            "submitted_at",
            "published_at",
        ]

    def details(self) -> dict[str, serializers.Field]:
        details = super().details()
        for name, field in details.items():
            field.source = f"{self.kind.relation}.{name}"
        return details

    @extend_schema_field(IndicatorSerializer(many=True))
    def get_indicators(self, solution: Solution) -> list[Any]:
        sees_all = self._sees_everything(solution)
        rows = [row for row in solution.indicators.all() if sees_all or row.is_public]
        return list(IndicatorSerializer(rows, many=True).data)

    def get_return_reason(self, solution: Solution) -> str:
        return solution.return_reason if self._sees_everything(solution) else ""

    def _sees_everything(self, solution: Solution) -> bool:
        """The answer of solutions.solution.permissions.sees_everything, without a query per row."""
        viewer = self.context["viewer"]
        return viewer.is_operator or solution.organisation_id in viewer.member_of


class SolutionInputSerializer(KindSerializer):
    """The content of an entry. Indicators, when given, replace all rows."""

    indicators = IndicatorSerializer(many=True, required=False)

    class Meta:
        model = Solution
        fields = [CONTENT, "indicators"]


class ReturnSerializer(serializers.Serializer):
    reason = serializers.CharField(max_length=1000, help_text="What the owner should mend; the owner reads it.")

"""Needs as the API shows and takes them. What a value may be is said by `needs.validators`, not here."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from accounts.api.serializers import OrganisationReferenceSerializer
from needs.models import Level, Need, NeedIndicator
from needs.models.need import CloseReason
from needs.validators import NEED, NEED_INDICATOR
from solutions.api.serializers import IndicatorSerializer

# Personal: never shown by the API, to nobody; the name only to those the need belongs to.
CONTACT = ("contact_name", "contact_phone")
INSIDERS_ONLY = (*CONTACT, "usual_search_days")
CLOSE_REASONS = [choice for choice in CloseReason.choices if choice[0] != CloseReason.EXPIRED]


class NeedIndicatorSerializer(IndicatorSerializer):
    is_public = serializers.BooleanField(
        required=False, help_text="Older than `level`, which counts when both are sent; false stands for `named`."
    )

    class Meta:
        model = NeedIndicator
        fields = [*NEED_INDICATOR, "is_public"]


class NeedSerializer(serializers.ModelSerializer):
    """Given a need as its reader may see it (needs.queries.disclosure); what is withheld reads as if it were empty."""

    organisation = OrganisationReferenceSerializer()
    disclosure = serializers.DictField(
        child=serializers.ChoiceField(Level.choices),
        help_text="Name → from whom on it is shown, for what is not public; `budget` stands for both its ends.",
    )
    withheld = serializers.SerializerMethodField(
        help_text="Names of what you do not see yet: fields, and `indicators` when rows are missing."
    )
    indicators = serializers.SerializerMethodField(help_text="The rows you may see.")
    usual_search_days = serializers.SerializerMethodField(help_text="Only for the people of the need.")
    return_reason = serializers.SerializerMethodField(help_text="Only for the people of the need.")
    contact_name = serializers.SerializerMethodField(help_text="Only for the people of the need.")
    caretaker = serializers.SerializerMethodField(help_text="Name; only for the people of the need.")

    class Meta:
        model = Need
        fields = [
            "code",
            "state",
            "organisation",
            *(name for name in NEED if name not in INSIDERS_ONLY),
            "withheld",
            "indicators",
            "contact_name",
            "usual_search_days",
            "caretaker",
            "return_reason",
            "close_reason",
            "created_at",
            "changed_at",
            "submitted_at",
            "published_at",
            "closed_at",
        ]

    @extend_schema_field(NeedIndicatorSerializer(many=True))
    def get_indicators(self, need: Need) -> list[Any]:
        return list(NeedIndicatorSerializer(need.shown_indicators, many=True).data)

    def get_withheld(self, need: Need) -> list[str]:
        return sorted(need.withheld or ())

    def get_usual_search_days(self, need: Need) -> int | None:
        return need.usual_search_days if self._is_insider(need) else None

    def get_return_reason(self, need: Need) -> str:
        return need.return_reason if self._is_insider(need) else ""

    def get_contact_name(self, need: Need) -> str:
        return need.contact_name if self._is_insider(need) else ""

    def get_caretaker(self, need: Need) -> str:
        return need.caretaker.name if need.caretaker and self._is_insider(need) else ""

    def _is_insider(self, need: Need) -> bool:
        """The answer of needs.permissions.sees_everything, without a query per row."""
        viewer = self.context["viewer"]
        is_caretaker = need.caretaker_id is not None and need.caretaker_id == viewer.user.pk and viewer.is_broker
        return viewer.is_operator or is_caretaker or viewer.belongs_to(need.organisation)


class NeedInputSerializer(serializers.ModelSerializer):
    """The content of a need. Indicators, when given, replace all rows."""

    indicators = NeedIndicatorSerializer(many=True, required=False)
    disclosure = serializers.DictField(
        child=serializers.CharField(),
        required=False,
        help_text="Name → level, for what is not public: public, verified, nda, named. Replaces the whole table.",
    )

    class Meta:
        model = Need
        fields = [*NEED, "indicators"]


class NeedCreateSerializer(NeedInputSerializer):
    organisation = serializers.CharField(
        required=False, help_text="Code of the organisation it belongs to; may be left out by who belongs to one only."
    )
    submission_key = serializers.UUIDField(
        required=False, help_text="Any UUID of yours: sending the same one again changes the need it made."
    )

    class Meta(NeedInputSerializer.Meta):
        fields = [*NeedInputSerializer.Meta.fields, "organisation", "submission_key"]


class DeclarationSerializer(serializers.Serializer):
    declared = serializers.BooleanField(help_text="That the content holds no state secret and may be handed in.")


class CloseSerializer(serializers.Serializer):
    reason = serializers.ChoiceField(CLOSE_REASONS)

"""Matches, their explanations, runs and search results as the API shows them.

What a viewer may read of a match is said by `matching.explanation`; these serializers give it names.
"""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from accounts.organisation.api import OrganisationReferenceSerializer
from matching.explanation.queries import explain, summarise
from matching.explanation.values import Explanation, MarkedText, Summary
from matching.matches.workflow import BuyerAnswer, ReasonCode, SupplierAnswer
from matching.models import Grade, Match
from needs.disclosure.permissions import is_insider
from needs.need.api import NeedReferenceSerializer
from solutions.models import Solution


class PointsField(serializers.DecimalField):
    """Points with two places, as a string; null where they are withheld from this reader."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"max_digits": 6, "decimal_places": 2, "allow_null": True, "read_only": True, **options})


# --- both ends -----------------------------------------------------------------------------------------------------
class SolutionReferenceSerializer(serializers.ModelSerializer[Solution]):
    organisation = OrganisationReferenceSerializer()

    class Meta:
        model = Solution
        fields = ["code", "title", "organisation"]


# --- the explanation -----------------------------------------------------------------------------------------------
class TermSerializer(serializers.Serializer[Any]):
    term = serializers.CharField(help_text="Empty in the row that sums up the rest.")
    points = PointsField()
    others = serializers.IntegerField(help_text="How many terms the last row sums up.")


class PhraseSerializer(serializers.Serializer[Any]):
    need = serializers.CharField()
    solution = serializers.CharField()
    percent = serializers.IntegerField()


class PartSerializer(serializers.Serializer[Any]):
    name = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]  # a field's name; DRF has an attribute of that name
    sentence = serializers.CharField()
    points = PointsField()
    most = PointsField(help_text="The most this part can bring.")
    is_policy = serializers.BooleanField(help_text="A preference the need switched on, not a matter of fit.")
    terms = TermSerializer(many=True)
    phrases = PhraseSerializer(many=True)


class IndicatorShownSerializer(serializers.Serializer[Any]):
    name = serializers.CharField()
    wanted = serializers.CharField()
    condition = serializers.CharField()
    must = serializers.BooleanField()
    is_public = serializers.BooleanField()
    offered = serializers.CharField(help_text="As the supplier wrote it; empty when not given.")
    offered_name = serializers.CharField()
    offered_condition = serializers.CharField()
    converted = serializers.CharField(help_text="The same in the need's unit; empty when it is in that unit.")
    verdict = serializers.CharField(help_text="met, unmet or unknown")
    points = PointsField()


class PieceSerializer(serializers.Serializer[Any]):
    text = serializers.CharField()
    is_shared = serializers.BooleanField(help_text="Whether this is a term both texts share.")


class MarkedTextSerializer(serializers.Serializer[MarkedText]):
    label = serializers.CharField()  # type: ignore[assignment]  # a field's name; DRF has an attribute of that name
    pieces = serializers.SerializerMethodField()

    @extend_schema_field(PieceSerializer(many=True))
    def get_pieces(self, marked: MarkedText) -> list[dict[str, Any]]:
        return [{"text": text, "is_shared": is_shared} for text, is_shared in marked.pieces]


class ExplanationSerializer(serializers.Serializer[Explanation]):
    """The calculation: points of the parts add up to the score, where they are not withheld."""

    engine = serializers.CharField()
    score = PointsField()
    most = PointsField(help_text="The highest possible score, where it is known.")
    parts = PartSerializer(many=True)
    indicators = IndicatorShownSerializer(many=True)
    need_texts = MarkedTextSerializer(many=True)
    solution_texts = MarkedTextSerializer(many=True)


# --- matches -------------------------------------------------------------------------------------------------------
class SentencesField(serializers.ListField):
    """Sentences in the language of the request."""

    child = serializers.CharField()


class MatchListSerializer(serializers.ModelSerializer[Match]):
    """What is told of a match is not what is stored of it: it comes from a summary made for this viewer."""

    need = NeedReferenceSerializer()
    solution = SolutionReferenceSerializer()
    grade = serializers.ChoiceField(
        [*Grade.choices, ("none", "none")],
        source="summary.grade",
        help_text="As far as this reader may know it; `none` where what it may read gives none.",
    )
    fits = SentencesField(source="summary.fits", help_text="What clearly fits.")
    misses = SentencesField(source="summary.misses", help_text="What clearly does not fit.")
    unknowns = SentencesField(source="summary.unknowns", help_text="What nobody said.")
    some_hidden = serializers.BooleanField(
        source="summary.some_hidden", help_text="Content that is not public took part and is not shown."
    )
    is_outdated = serializers.BooleanField(
        source="summary.is_outdated", help_text="The content changed since; the next run is on its way."
    )
    is_crossing = serializers.BooleanField(
        source="summary.is_crossing", help_text="Holds the place of the list that is kept for another field."
    )
    is_current = serializers.BooleanField(help_text="Found by the last run, as far as this reader may know.")
    created_at = serializers.DateTimeField(allow_null=True, help_text="Null where `some_hidden`.")
    scored_at = serializers.DateTimeField(allow_null=True, help_text="Null where `some_hidden`.")
    reject_reason = serializers.SerializerMethodField(help_text="Only for operators.")
    buyer_reason = serializers.SerializerMethodField(help_text="Only for the poser's side and operators.")

    class Meta:
        model = Match
        fields = [
            "code",
            "need",
            "solution",
            "grade",
            "fits",
            "misses",
            "unknowns",
            "some_hidden",
            "is_outdated",
            "is_crossing",
            "is_current",
            "review",
            "reject_reason",
            "buyer_answer",
            "buyer_reason",
            "supplier_answer",
            "created_at",
            "scored_at",
            "confirmed_at",
            "buyer_answered_at",
            "supplier_answered_at",
            "contacted_at",
        ]

    def to_representation(self, match: Match) -> dict[str, Any]:
        match.summary = self.summary_of(match)
        shown = super().to_representation(match)
        if not is_insider(self.context["viewer"], match.need):
            shown["is_current"] = bool(match.public_grade)
            if match.summary.some_hidden:  # when the pair was first found, and again, the hidden text has a say in
                shown["created_at"] = shown["scored_at"] = None
        return shown

    def summary_of(self, match: Match) -> Summary:
        return summarise(match, viewer=self.context["viewer"])

    def get_reject_reason(self, match: Match) -> str:
        return match.reject_reason if self.context["viewer"].is_operator else ""

    def get_buyer_reason(self, match: Match) -> str:
        return match.buyer_reason if is_insider(self.context["viewer"], match.need) else ""


class MatchSerializer(MatchListSerializer):
    explanation = serializers.SerializerMethodField()

    class Meta(MatchListSerializer.Meta):
        fields = [*MatchListSerializer.Meta.fields, "explanation"]

    def summary_of(self, match: Match) -> Summary:
        match.explained = explain(match, viewer=self.context["viewer"])
        return match.explained.summary

    @extend_schema_field(ExplanationSerializer)
    def get_explanation(self, match: Match) -> dict[str, Any]:
        return ExplanationSerializer(match.explained).data


class RejectSerializer(serializers.Serializer[Any]):
    reason = serializers.ChoiceField(ReasonCode.choices)


class BuyerAnswerSerializer(serializers.Serializer[Any]):
    answer = serializers.ChoiceField([c for c in BuyerAnswer.choices if c[0]])
    reason = serializers.ChoiceField(ReasonCode.choices, required=False, help_text="Asked for with `not_suitable`.")


class SupplierAnswerSerializer(serializers.Serializer[Any]):
    answer = serializers.ChoiceField([c for c in SupplierAnswer.choices if c[0]])

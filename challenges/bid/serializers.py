"""What the API reads and writes of bids and claims: shapes, and the cleaning of what a program sends."""

from typing import Any

from django.core.exceptions import ValidationError as CleaningError
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.exceptions import ValidationError

from accounts.api import content
from accounts.api.content import CONTENT
from accounts.api.inputs import by_field, read_object
from accounts.models import Organisation
from accounts.organisation.api import OrganisationReferenceSerializer
from challenges.bid import queries
from challenges.bid.asked import Asked
from challenges.bid.fields import ANSWER, BID, CLAIM, MEETS, MOST_STEPS, STEP, is_blank_step
from challenges.claim.actions import REFUSALS
from challenges.models import Bid, BidVersion
from lib import clock
from lib.cleaning import strip_controls
from lib.fields import Table, clean
from needs.disclosure.actions import log_indicators_of_bid
from needs.models import DisclosureChannel, NeedIndicator
from needs.need.api import NeedReferenceSerializer
from solutions.models import Solution

Values = dict[str, Any]


class IndicatorAnswerSerializer(serializers.Serializer):
    indicator = serializers.IntegerField(help_text="`indicator` of a row of `content.indicator_answers`.")
    meets = serializers.ChoiceField(MEETS, allow_blank=True)
    value = serializers.CharField(required=False, allow_blank=True, help_text="What is promised, with its unit.")
    how = serializers.CharField(required=False, allow_blank=True, help_text="How, and by what it will be proved.")


class AnsweredIndicatorSerializer(IndicatorAnswerSerializer):
    name = serializers.CharField()
    requirement = serializers.CharField()
    necessity = serializers.CharField()


class StepSerializer(serializers.Serializer):
    title = serializers.CharField()
    month = serializers.IntegerField(help_text="Counts from signing.")
    deliverable = serializers.CharField(required=False, allow_blank=True)


class ContentSerializer(content.ContentSerializer):
    """What a version says."""

    version = serializers.IntegerField()
    submitted_at = serializers.DateTimeField(allow_null=True)
    indicator_answers = AnsweredIndicatorSerializer(many=True)
    plan = StepSerializer(many=True)
    price = serializers.DecimalField(max_digits=12, decimal_places=2, allow_null=True, help_text="万元.")
    solutions = serializers.ListField(child=serializers.CharField(), help_text="Codes of outputs.")
    attachments = serializers.ListField(child=serializers.CharField(), help_text="Codes of files.")

    class Meta:
        model = BidVersion
        table = BID
        fields = ["version", "submitted_at", CONTENT, "indicator_answers", "plan", "solutions", "attachments"]


class BidSerializer(serializers.ModelSerializer):
    challenge: serializers.Field = serializers.SlugRelatedField(slug_field="code", read_only=True)
    need = NeedReferenceSerializer(source="challenge.need")
    organisation = OrganisationReferenceSerializer()

    class Meta:
        model = Bid
        fields = [
            "code",
            "state",
            "challenge",
            "need",
            "organisation",
            "submitted_at",
            "withdrawn_at",
            "claim_number",
            "offered_at",
            "refusable_until",
            "reason",
            "answer",
            "answered_at",
        ]


class BidDetailSerializer(BidSerializer):
    content = serializers.SerializerMethodField(
        help_text="To the bidder what it wrote last, handed in or not; to others the version that counts."
    )

    class Meta(BidSerializer.Meta):
        fields = [*BidSerializer.Meta.fields, "content"]

    @extend_schema_field(ContentSerializer(allow_null=True))
    def get_content(self, bid: Bid) -> Any:
        viewer = self.context["viewer"]
        is_own = bid.organisation_id in viewer.member_of
        version = bid.versions.latest("number") if is_own else queries.counting_version(bid)
        if version is None:
            return None
        indicators = queries.indicators_shown_to(viewer, bid, version)
        log_indicators_of_bid(
            need=bid.challenge.need, rows=indicators, viewer=viewer, channel=DisclosureChannel.API, at=clock.now()
        )
        return ContentSerializer(_shown(version, indicators)).data


def _shown(version: BidVersion, indicators: list[NeedIndicator]) -> Values:
    rows = [
        {
            "indicator": row["indicator"].pk,
            "name": row["indicator"].name,
            "requirement": row["indicator"].requirement,
            "necessity": row["indicator"].necessity,
            "meets": row["meets"],
            "value": row["value"],
            "how": row["how"],
        }
        for row in queries.answer_rows(version, indicators)
    ]
    return {
        **queries.content_of(version),
        "version": version.number,
        "submitted_at": version.submitted_at,
        "indicator_answers": rows,
        "solutions": [solution.code for solution in version.solutions.order_by("code")],
        "attachments": [attachment.code for attachment in version.attachments.order_by("code")],
    }


class BidInputSerializer(content.ContentSerializer):
    """Only the fields sent change; `indicator_answers`, `plan` and `solutions`, when given, replace all rows."""

    indicator_answers = IndicatorAnswerSerializer(many=True, required=False)
    plan = StepSerializer(many=True, required=False)
    unaffiliated = serializers.BooleanField(required=False, help_text="That bidder and poser are not affiliated.")
    solutions = serializers.ListField(
        child=serializers.CharField(), required=False, help_text="Codes of one's own published outputs."
    )

    class Meta:
        model = BidVersion
        table = BID
        fields = [CONTENT, "indicator_answers", "plan", "solutions"]


class StartSerializer(serializers.Serializer):
    challenge = serializers.CharField(help_text="Code of an open challenge.")
    organisation = serializers.CharField(
        required=False, help_text="Code of the bidder; may be left out by who belongs to one organisation only."
    )


class ClaimSerializer(StartSerializer, content.ContentSerializer):
    indicator_answers = IndicatorAnswerSerializer(many=True)
    unaffiliated = serializers.BooleanField(help_text="That claimant and poser are not affiliated.")

    class Meta:
        model = BidVersion
        table = CLAIM
        fields = ["challenge", "organisation", CONTENT, "indicator_answers"]
        extra_kwargs = {name: {"required": True, "allow_null": False} for name in ("months", "price")} | {
            "approach": {"required": True, "allow_blank": False}
        }


class RefuseSerializer(serializers.Serializer):
    reason = serializers.ChoiceField([(reason.value, reason.label) for reason in REFUSALS])
    answer = serializers.CharField(max_length=3000, help_text="Words for the claimant.")


def clean_content(sent: Values, *, organisation: Organisation, asked: Asked) -> Values:
    """Values for the domain; every complaint at once, by field."""
    values: Values = {}
    errors: dict[str, Any] = {}
    try:
        values |= clean(BID, sent, partly=True)
    except CleaningError as error:
        errors |= by_field(error)
    for name, clean_rows in (
        ("indicator_answers", lambda rows: _answers(rows, asked.shown)),
        ("plan", _plan),
        ("solutions", lambda codes: _solutions(codes, organisation)),
    ):
        if sent.get(name) is None:  # nothing is sent to change; an empty list is
            continue
        try:
            values[name] = clean_rows(sent[name])
        except ValidationError as error:
            errors[name] = error.detail
    if errors:
        raise ValidationError(errors)
    return values


def _answers(sent: list[Any], indicators: list[NeedIndicator]) -> list[Values]:
    """One row per indicator the bidder sees, in its order; those not sent are unanswered."""
    known = {indicator.pk for indicator in indicators}
    given: dict[int, Values] = {}
    for row in _rows(sent, IndicatorAnswerSerializer, ANSWER, keep="indicator"):
        if row["indicator"] not in known:
            raise ValidationError([_("没有这项指标。")])
        given[row["indicator"]] = row
    blank = {"meets": "", "value": "", "how": ""}
    return [given.get(indicator.pk, {"indicator": indicator.pk, **blank}) for indicator in indicators]


def _plan(sent: list[Any]) -> list[Values]:
    if len(sent) > MOST_STEPS:
        raise ValidationError([_("里程碑最多 %(num)d 行。") % {"num": MOST_STEPS}])
    return [row for row in _rows(sent, StepSerializer, STEP) if not is_blank_step(row)]


def _rows(sent: list[Any], shape: Any, table: Table, keep: str | None = None) -> list[Values]:
    rows: list[Values] = []
    errors: list[Any] = []
    for raw in sent:
        try:
            row = read_object(raw, shape)
            rows.append({**({keep: row.get(keep)} if keep else {}), **clean(table, row)})
            errors.append({})
        except CleaningError as error:
            errors.append(by_field(error))
        except ValidationError as error:
            errors.append(error.detail if isinstance(error.detail, dict) else {"": error.detail})
    if any(errors):
        raise ValidationError(errors)
    return rows


def _solutions(codes: list[Any], organisation: Organisation) -> list[Solution]:
    asked = [strip_controls(str(code)) for code in codes]
    found = {output.code: output for output in queries.outputs_of(organisation).filter(code__in=asked)}
    if unknown := [code for code in codes if code not in found]:
        raise ValidationError([_("只能选择本单位已发布的成果：%(codes)s") % {"codes": _("、").join(map(str, unknown))}])
    return [found[code] for code in codes]

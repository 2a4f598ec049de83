"""Bids and claims by program: one's own, and others' only once they were opened. A sealed one is a 404, no number."""

from collections.abc import Callable, Mapping
from typing import Any

from django.core.exceptions import ValidationError as CleaningError
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django_filters.rest_framework import CharFilter, ChoiceFilter, FilterSet
from drf_spectacular.utils import extend_schema, extend_schema_field, extend_schema_view
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.exceptions import ValidationError
from rest_framework.generics import get_object_or_404
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.filters import MineFilter
from accounts.api.inputs import acting_organisation, by_field, check_form, read_object
from accounts.api.schema import acted, answers
from accounts.api.viewsets import CodeViewSet
from accounts.models import Organisation
from accounts.organisation.api import OrganisationReferenceSerializer
from accounts.permissions import check_writes_for
from challenges.bid import actions as verbs
from challenges.bid import fields as validators
from challenges.bid import queries
from challenges.bid.asked import asked_of
from challenges.bid.workflow import BidState
from challenges.claim import actions as claim_verbs
from challenges.models import Bid, BidAttachment, BidVersion, Challenge
from lib import clock
from lib.cleaning import strip_controls
from needs.disclosure.actions import log_indicators_of_bid
from needs.disclosure.permissions import FULL, is_insider
from needs.files.actions import Unacceptable
from needs.files.api import AttachmentSerializer, AttachmentUploadSerializer
from needs.files.forms import AttachmentForm
from needs.models import DisclosureChannel, NeedIndicator
from needs.need.api import NeedReferenceSerializer
from solutions.models import Solution

Values = dict[str, Any]


class IndicatorAnswerSerializer(serializers.Serializer):
    indicator = serializers.IntegerField(help_text="`indicator` of a row of `content.indicator_answers`.")
    meets = serializers.ChoiceField(validators.MEETS, allow_blank=True)
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


class ContentSerializer(serializers.Serializer):
    """What a version says."""

    version = serializers.IntegerField()
    submitted_at = serializers.DateTimeField(allow_null=True)
    approach = serializers.CharField()
    indicator_answers = AnsweredIndicatorSerializer(many=True)
    team = serializers.CharField()
    experts = serializers.ListField(child=serializers.CharField())
    plan = StepSerializer(many=True)
    months = serializers.IntegerField(allow_null=True)
    price = serializers.DecimalField(max_digits=12, decimal_places=2, allow_null=True, help_text="万元.")
    ip_proposal = serializers.CharField()
    unaffiliated = serializers.BooleanField()
    solutions = serializers.ListField(child=serializers.CharField(), help_text="Codes of outputs.")
    attachments = serializers.ListField(child=serializers.CharField(), help_text="Codes of files.")


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
        need = bid.challenge.need
        reached = FULL if is_insider(viewer, need) else queries.level_of(bid.organisation, need)
        indicators = asked_of(version, need, reached=reached)
        log_indicators_of_bid(need=need, rows=indicators, viewer=viewer, channel=DisclosureChannel.API, at=clock.now())
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


class BidInputSerializer(serializers.Serializer):
    """Only the fields sent change; `indicator_answers`, `plan` and `solutions`, when given, replace all rows."""

    approach = serializers.CharField(required=False, allow_blank=True)
    indicator_answers = IndicatorAnswerSerializer(many=True, required=False)
    team = serializers.CharField(required=False, allow_blank=True)
    experts = serializers.ListField(child=serializers.CharField(), required=False)
    plan = StepSerializer(many=True, required=False)
    months = serializers.IntegerField(required=False, allow_null=True)
    price = serializers.DecimalField(max_digits=12, decimal_places=2, required=False, allow_null=True)
    ip_proposal = serializers.CharField(required=False, allow_blank=True)
    unaffiliated = serializers.BooleanField(required=False, help_text="That bidder and poser are not affiliated.")
    solutions = serializers.ListField(
        child=serializers.CharField(), required=False, help_text="Codes of one's own published outputs."
    )


class StartSerializer(serializers.Serializer):
    challenge = serializers.CharField(help_text="Code of an open challenge.")
    organisation = serializers.CharField(
        required=False, help_text="Code of the bidder; may be left out by who belongs to one organisation only."
    )


class ClaimSerializer(StartSerializer):
    approach = serializers.CharField()
    indicator_answers = IndicatorAnswerSerializer(many=True)
    months = serializers.IntegerField()
    price = serializers.DecimalField(max_digits=12, decimal_places=2)
    unaffiliated = serializers.BooleanField(help_text="That claimant and poser are not affiliated.")


class RefuseSerializer(serializers.Serializer):
    reason = serializers.ChoiceField([(reason.value, reason.label) for reason in claim_verbs.REFUSALS])
    answer = serializers.CharField(max_length=3000, help_text="Words for the claimant.")


class BidFilterSet(FilterSet):
    state = ChoiceFilter(choices=BidState.choices)
    mine = MineFilter("organisation", help_text="Only those of my organisations.")
    challenge = CharFilter("challenge__code", help_text="Code of a challenge.")


@extend_schema_view(
    list=extend_schema(
        operation_id="bids_list",
        summary="List bids and claims",
        description="One's own; those on one's own challenges, and for operators all, once they were opened.",
        responses=answers(BidSerializer(many=True)),
    ),
    retrieve=extend_schema(summary="One bid with what it says", responses=answers(BidDetailSerializer)),
)
class BidViewSet(CodeViewSet):
    """Bids on open challenges (揭榜方案) and claims (抢单)."""

    filterset_class = BidFilterSet

    def get_serializer_class(self) -> type[BidSerializer]:
        return BidSerializer if self.action == "list" else BidDetailSerializer

    def get_queryset(self) -> QuerySet[Bid]:
        bids = Bid.objects.visible_to(self.request.user)
        return bids.select_related("organisation", "challenge__need__organisation").order_by("-created_at", "-pk")

    @extend_schema(
        summary="Begin the organisation's one bid on an open challenge, or get the one there is",
        request=StartSerializer,
        responses=acted(BidDetailSerializer, status=201),
    )
    def create(self, request: Request) -> Response:
        sent = read_object(request.data, StartSerializer)
        challenge, organisation = self._whereto(sent)
        bid = verbs.start_bid(challenge=challenge, organisation=organisation, by=self.person, at=clock.now())
        return self.answer(bid.code, status=201)

    @extend_schema(
        summary="Save a bid, finished or not",
        description="A bid that was handed in goes on counting as it was until it is handed in again.",
        request=BidInputSerializer,
        responses=acted(BidDetailSerializer),
    )
    def partial_update(self, request: Request, code: str) -> Response:
        bid = self.get_object()
        sent = read_object(request.data, BidInputSerializer)
        indicators = queries.indicators_for(bid.organisation, bid.challenge.need)
        values = _clean(sent, organisation=bid.organisation, indicators=indicators)
        verbs.save_bid(bid=bid, values=values, by=self.person, at=clock.now())
        return self.answer(code)

    @extend_schema(
        summary="Throw away what was changed since a bid was handed in",
        request=None,
        responses=acted(BidDetailSerializer),
    )
    @action(detail=True, methods=["post"])
    def drop(self, request: Request, code: str) -> Response:
        verbs.drop_working_version(bid=self.get_object(), by=self.person, at=clock.now())
        return self.answer(code)

    @extend_schema(
        summary="Put a file with a bid (multipart)",
        description="With what is being written: it counts from the next time the bid is handed in.",
        request={"multipart/form-data": AttachmentUploadSerializer},
        responses=acted(AttachmentSerializer, status=201),
    )
    @action(detail=True, methods=["post"], parser_classes=[MultiPartParser])
    def attachments(self, request: Request, code: str) -> Response:
        bid = self.get_object()
        check_writes_for(self.person, bid.organisation)  # before the file is looked into
        form = AttachmentForm(request.data, request.FILES)
        check_form(form)
        try:
            version = verbs.attach_to_bid(bid=bid, upload=form.cleaned_data["file"], by=self.person, at=clock.now())
        except Unacceptable as error:
            raise ValidationError({"file": [str(error)]}) from error
        return Response(AttachmentSerializer(version.attachments.latest("pk")).data, status=201)

    @extend_schema(
        summary="Leave a file out of a bid",
        description="Out of what is being written; a version handed in before keeps it.",
        responses=acted(None, status=204),
    )
    @action(
        detail=True,
        methods=["delete"],
        url_path="attachments/(?P<attachment>[A-Z]-[0-9A-Z]+)",
        url_name="attachment",
    )
    def attachment(self, request: Request, code: str, attachment: str) -> Response:
        bid = self.get_object()
        check_writes_for(self.person, bid.organisation)  # whoever may not write learns nothing of the files there are
        found = get_object_or_404(BidAttachment, bid=bid, code=attachment, removed_at=None)
        verbs.detach_from_bid(bid=bid, attachment=found, by=self.person, at=clock.now())
        return Response(status=204)

    @extend_schema(summary="Hand a bid in, until the deadline", request=None, responses=acted(BidDetailSerializer))
    @action(detail=True, methods=["post"])
    def submit(self, request: Request, code: str) -> Response:
        verbs.submit_bid(bid=self.get_object(), by=self.person, at=clock.now())
        return self.answer(code)

    @extend_schema(
        summary="Take a bid back until the deadline, or leave the queue of a first claim",
        request=None,
        responses=acted(BidDetailSerializer),
    )
    @action(detail=True, methods=["post"])
    def withdraw(self, request: Request, code: str) -> Response:
        bid = self.get_object()
        verb: Callable[..., Bid] = claim_verbs.withdraw_claim if bid.is_claim else verbs.withdraw_bid
        verb(bid=bid, by=self.person, at=clock.now())
        return self.answer(code)

    @extend_schema(
        summary="Claim a first-claim challenge",
        description="The first qualified claim is `awarded` at once; later ones are `submitted` with a `claim_number`.",
        request=ClaimSerializer,
        responses=acted(BidDetailSerializer, status=201),
    )
    @action(detail=False, methods=["post"])
    def claim(self, request: Request) -> Response:
        sent = read_object(request.data, ClaimSerializer)
        challenge, organisation = self._whereto(sent)
        content = {name: sent[name] for name in sent if name not in {"challenge", "organisation"}}
        indicators = queries.indicators_for(organisation, challenge.need)
        values = _clean(content, organisation=organisation, indicators=indicators)
        bid = claim_verbs.claim(
            challenge=challenge, organisation=organisation, values=values, by=self.person, at=clock.now()
        )
        return self.answer(bid.code, status=201)

    @extend_schema(
        summary="Accept the claim one was offered (poser)", request=None, responses=acted(BidDetailSerializer)
    )
    @action(detail=True, methods=["post"])
    def accept(self, request: Request, code: str) -> Response:
        claim_verbs.accept_claim(bid=self.get_object(), by=self.person, at=clock.now())
        return self.answer(code)

    @extend_schema(
        summary="Refuse the claim one was offered, with a reason (poser)",
        request=RefuseSerializer,
        responses=acted(BidDetailSerializer),
    )
    @action(detail=True, methods=["post"])
    def refuse(self, request: Request, code: str) -> Response:
        bid = self.get_object()
        given = self.input(RefuseSerializer)
        claim_verbs.refuse_claim(
            bid=bid, reason=given["reason"], answer=given["answer"], by=self.person, at=clock.now()
        )
        return self.answer(code)

    def _whereto(self, sent: Values) -> tuple[Challenge, Organisation]:
        challenges = Challenge.objects.visible_to(self.person).select_related("need__organisation")
        challenge = challenges.filter(code=strip_controls(str(sent.get("challenge", "")))).first()
        if challenge is None:
            raise ValidationError({"challenge": [_("没有这份榜单。")]})
        return challenge, acting_organisation(sent.get("organisation"), self.person)


def _clean(sent: Values, *, organisation: Organisation, indicators: list[NeedIndicator]) -> Values:
    """Values for the domain; every complaint at once, by field."""
    values: Values = {}
    errors: dict[str, Any] = {}
    try:
        values |= validators.clean_bid(sent)
    except CleaningError as error:
        errors |= by_field(error)
    for name, clean in (
        ("indicator_answers", lambda rows: _answers(rows, indicators)),
        ("plan", _plan),
        ("solutions", lambda codes: _solutions(codes, organisation)),
    ):
        if sent.get(name) is None:  # nothing is sent to change; an empty list is
            continue
        try:
            values[name] = clean(sent[name])
        except ValidationError as error:
            errors[name] = error.detail
    if errors:
        raise ValidationError(errors)
    return values


def _answers(sent: list[Any], indicators: list[NeedIndicator]) -> list[Values]:
    """One row per indicator the bidder sees, in its order; those not sent are unanswered."""
    known = {indicator.pk for indicator in indicators}
    given: dict[int, Values] = {}
    for row in _rows(sent, IndicatorAnswerSerializer, validators.clean_answer, keep="indicator"):
        if row["indicator"] not in known:
            raise ValidationError([_("没有这项指标。")])
        given[row["indicator"]] = row
    blank = {"meets": "", "value": "", "how": ""}
    return [given.get(indicator.pk, {"indicator": indicator.pk, **blank}) for indicator in indicators]


def _plan(sent: list[Any]) -> list[Values]:
    if len(sent) > validators.MOST_STEPS:
        raise ValidationError([_("里程碑最多 %(num)d 行。") % {"num": validators.MOST_STEPS}])
    return [row for row in _rows(sent, StepSerializer, validators.clean_step) if not validators.is_blank_step(row)]


def _rows(
    sent: list[Any], shape: Any, clean: Callable[[Mapping[str, Any]], Values], keep: str | None = None
) -> list[Values]:
    rows: list[Values] = []
    errors: list[Any] = []
    for raw in sent:
        try:
            row = read_object(raw, shape)
            rows.append({**({keep: row.get(keep)} if keep else {}), **clean(row)})
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

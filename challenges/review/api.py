"""A reviewer's own reviews by program, blind.

A bid is reached by challenge and label, never by its code; what is given is `challenges.review.queries.BlindBid`.
"""

from decimal import Decimal
from typing import Any

from django.db.models import QuerySet
from django.http import Http404
from django.utils.translation import gettext as _
from django_filters.rest_framework import ChoiceFilter, FilterSet
from drf_spectacular.utils import extend_schema, extend_schema_field, extend_schema_view
from rest_framework import serializers, viewsets
from rest_framework.decorators import action
from rest_framework.exceptions import ValidationError
from rest_framework.generics import get_object_or_404
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.inputs import check_form, read_object
from accounts.api.schema import acted, answers
from accounts.api.viewsets import CodeViewSet
from accounts.models import User
from accounts.organisation.api import OrganisationReferenceSerializer
from challenges.evaluation import minutes
from challenges.models import (
    Avoidance,
    Bid,
    Challenge,
    Criterion,
    Minutes,
    Reviewer,
)
from challenges.review import queries, scorecards
from challenges.review.actions import declare_avoidance, declare_no_conflict, recuse, withdraw_avoidance
from challenges.review.forms import AvoidanceForm
from challenges.review.permissions import reads_bids
from challenges.review.workflow import ReviewerState, ScorecardState
from lib import clock
from needs.disclosure.actions import log_view
from needs.disclosure.queries import INDICATORS, disclosed_to
from needs.models import DisclosureChannel

Values = dict[str, Any]


class BlindAnswerSerializer(serializers.Serializer):
    name = serializers.CharField()
    requirement = serializers.CharField()
    condition = serializers.CharField()
    is_must = serializers.BooleanField()
    meets = serializers.CharField(help_text="yes, partly, no, or empty.")
    value = serializers.CharField()
    how = serializers.CharField()


class BlindFileSerializer(serializers.Serializer):
    name = serializers.CharField()
    url = serializers.CharField()
    size = serializers.IntegerField()


class PlanStepSerializer(serializers.Serializer):
    title = serializers.CharField()
    month = serializers.IntegerField(help_text="Counted from signing.")
    deliverable = serializers.CharField()


class BlindBidSerializer(serializers.Serializer):
    """A bid as its reviewers read it. A part that is not named in `shown` is empty, whatever the bid says."""

    label = serializers.IntegerField()  # type: ignore[assignment]  # a field's name; DRF has an attribute of that name
    shown = serializers.ListField(child=serializers.CharField())
    approach = serializers.CharField()
    months = serializers.IntegerField(allow_null=True)
    plan = PlanStepSerializer(many=True)
    answers = BlindAnswerSerializer(many=True)
    organisation = serializers.CharField()
    team = serializers.CharField()
    experts = serializers.ListField(child=serializers.CharField())
    solutions = serializers.ListField(child=serializers.CharField())
    price = serializers.DecimalField(max_digits=12, decimal_places=2, allow_null=True)
    ip_proposal = serializers.CharField()
    attachments = BlindFileSerializer(many=True)


class ScoreSerializer(serializers.Serializer):
    criterion = serializers.CharField(max_length=60, help_text="Name of a criterion.")
    points = serializers.DecimalField(
        max_digits=4, decimal_places=1, min_value=Decimal(0), max_value=Decimal(100), help_text="0 to 100 in halves."
    )


class ScorecardSerializer(serializers.Serializer):
    label = serializers.IntegerField()  # type: ignore[assignment]  # a field's name; DRF has an attribute of that name
    state = serializers.ChoiceField(ScorecardState.choices)
    scores = ScoreSerializer(many=True)
    comment = serializers.CharField()


class ReviewSerializer(serializers.ModelSerializer):
    challenge = serializers.CharField(source="challenge.code")
    title = serializers.CharField(source="challenge.need.title")
    done = serializers.SerializerMethodField(help_text="Scorecards submitted.")
    total = serializers.SerializerMethodField(help_text="Bids to score; 0 before the declaration.")

    class Meta:
        model = Reviewer
        fields = ["challenge", "title", "state", "assigned_at", "declared_at", "done", "total"]

    def get_done(self, reviewer: Reviewer) -> int:
        return reviewer.done if reviewer.state == ReviewerState.ACTIVE else 0  # type: ignore[attr-defined]  # annotated

    def get_total(self, reviewer: Reviewer) -> int:
        return reviewer.total if reviewer.state == ReviewerState.ACTIVE else 0  # type: ignore[attr-defined]  # annotated


class ReviewDetailSerializer(ReviewSerializer):
    bids = serializers.SerializerMethodField(help_text="Blind; empty before the declaration.")
    scorecards = serializers.SerializerMethodField(help_text="One's own.")
    minutes = serializers.SerializerMethodField(help_text="Text and hash to sign; null while there are none.")

    class Meta(ReviewSerializer.Meta):
        fields = [*ReviewSerializer.Meta.fields, "bids", "scorecards", "minutes"]

    @extend_schema_field(BlindBidSerializer(many=True))
    def get_bids(self, reviewer: Reviewer) -> Any:
        if reads_bids(reviewer):
            viewer = self.context["viewer"]  # the reviewer: nobody sees the reviews of others
            need = disclosed_to(viewer, reviewer.challenge.need)
            log_view(view=need, viewer=viewer, channel=DisclosureChannel.API, at=clock.now(), only=[INDICATORS])
        return BlindBidSerializer(queries.blind_bids(reviewer), many=True).data

    @extend_schema_field(ScorecardSerializer(many=True))
    def get_scorecards(self, reviewer: Reviewer) -> Any:
        names = {row.pk: row.name for row in reviewer.challenge.criteria.all()}
        return [
            {
                "label": label,
                "state": card.state,
                "scores": [
                    {"criterion": names[row.criterion_id], "points": str(row.points)} for row in card.scores.all()
                ],
                "comment": card.comment,
            }
            for label, card in sorted(queries.own_cards(reviewer).items())
        ]

    @extend_schema_field(serializers.DictField(child=serializers.CharField(), allow_null=True))
    def get_minutes(self, reviewer: Reviewer) -> Any:
        found = Minutes.objects.filter(challenge=reviewer.challenge_id).first()
        if found is None or reviewer.state != ReviewerState.ACTIVE:
            return None
        return {"text": found.text, "text_hash": found.text_hash}


class RecuseSerializer(serializers.Serializer):
    reason = serializers.CharField(max_length=500)


class ScoreInputSerializer(serializers.Serializer):
    label = serializers.IntegerField()  # type: ignore[assignment]  # a field's name; DRF has an attribute of that name
    scores = ScoreSerializer(many=True)
    comment = serializers.CharField(max_length=3000, allow_blank=True, required=False, default="")
    submit = serializers.BooleanField(required=False, default=False, help_text="Hand it in: it cannot change later.")


class SignSerializer(serializers.Serializer):
    text_hash = serializers.CharField(max_length=64, help_text="Of the minutes as they were read.")


class ReviewFilterSet(FilterSet):
    state = ChoiceFilter(choices=ReviewerState.choices)


@extend_schema_view(
    list=extend_schema(
        operation_id="reviews_list",
        summary="List my reviews",
        responses=answers(ReviewSerializer(many=True), errors=(400, 401, 404, 429)),
    ),
    retrieve=extend_schema(
        summary="One of my reviews: the bids, blind, and my scorecards",
        responses=answers(ReviewDetailSerializer, errors=(401, 404, 429)),
    ),
)
class ReviewViewSet(CodeViewSet):
    """What I am asked to review; `code` is that of the challenge."""

    lookup_field = "challenge__code"
    lookup_url_kwarg = "code"
    filterset_class = ReviewFilterSet
    queryset = Reviewer.objects.none()

    def get_queryset(self) -> QuerySet[Reviewer]:
        user = self.request.user
        return queries.reviews_of(user) if isinstance(user, User) else Reviewer.objects.none()

    def get_serializer_class(self) -> Any:
        return ReviewSerializer if self.action == "list" else ReviewDetailSerializer

    @extend_schema(
        summary="Declare that there is no conflict of interest", request=None, responses=acted(ReviewDetailSerializer)
    )
    @action(detail=True, methods=["post"])
    def declare(self, request: Request, code: str) -> Response:
        declare_no_conflict(reviewer=self.get_object(), by=self.person, at=clock.now())
        return self.answer(code)

    @extend_schema(summary="Step back with a reason", request=RecuseSerializer, responses=acted(ReviewDetailSerializer))
    @action(detail=True, methods=["post"])
    def recuse(self, request: Request, code: str) -> Response:
        reviewer = self.get_object()
        reason = self.input(RecuseSerializer)["reason"]
        recuse(reviewer=reviewer, reason=reason, by=self.person, at=clock.now())
        return self.answer(code)

    @extend_schema(
        summary="Save or submit the scorecard of one bid",
        description="Scores left out are emptied.",
        request=ScoreInputSerializer,
        responses=acted(ReviewDetailSerializer),
    )
    @action(detail=True, methods=["post"])
    def score(self, request: Request, code: str) -> Response:
        reviewer = self.get_object()
        given = self.input(ScoreInputSerializer)
        if not queries.blind_bids(reviewer, label=given["label"]):
            raise Http404
        verb = scorecards.submit_scorecard if given["submit"] else scorecards.save_scorecard
        verb(
            reviewer=reviewer,
            bid=Bid.objects.get(challenge=reviewer.challenge_id, label=given["label"]),
            points=_points(reviewer.challenge, given["scores"]),
            comment=given["comment"],
            by=self.person,
            at=clock.now(),
        )
        return self.answer(code)

    @extend_schema(summary="Sign the minutes", request=SignSerializer, responses=acted(ReviewDetailSerializer))
    @action(detail=True, methods=["post"])
    def sign(self, request: Request, code: str) -> Response:
        reviewer = self.get_object()
        text_hash = self.input(SignSerializer)["text_hash"]
        minutes.sign_minutes(reviewer=reviewer, text_hash=text_hash, by=self.person, at=clock.now())
        return self.answer(code)


def _points(challenge: Challenge, scores: list[Values]) -> dict[int, Decimal]:
    by_name = {row.name: row.pk for row in Criterion.objects.filter(challenge=challenge)}
    if unknown := [row["criterion"] for row in scores if row["criterion"] not in by_name]:
        raise ValidationError({"scores": [_("没有这个评分项：%(name)s。") % {"name": unknown[0]}]})
    return {by_name[row["criterion"]]: row["points"] for row in scores}


class AvoidanceSerializer(serializers.ModelSerializer):
    organisation = OrganisationReferenceSerializer()

    class Meta:
        model = Avoidance
        fields = ["organisation", "reason", "declared_at"]


class AvoidanceInputSerializer(serializers.Serializer):
    organisation = serializers.CharField(max_length=120, help_text="Code or whole name of a verified organisation.")
    reason = serializers.CharField(max_length=200, required=False, allow_blank=True)


class AvoidanceViewSet(viewsets.GenericViewSet):
    """Organisations I never review."""

    serializer_class = AvoidanceSerializer
    permission_classes = [IsAuthenticated]
    lookup_field = "organisation"
    lookup_value_regex = CodeViewSet.lookup_value_regex
    queryset = Avoidance.objects.none()

    def get_queryset(self) -> QuerySet[Avoidance]:
        user = self.request.user
        return queries.avoidances_of(user) if isinstance(user, User) else Avoidance.objects.none()

    @extend_schema(
        operation_id="avoidances_list",
        summary="List organisations I never review",
        responses=answers(AvoidanceSerializer(many=True), errors=(401, 404, 429)),
    )
    def list(self, request: Request) -> Response:
        page = self.paginate_queryset(self.get_queryset())
        return self.get_paginated_response(AvoidanceSerializer(page, many=True).data)

    @extend_schema(
        summary="Declare that I never review an organisation",
        request=AvoidanceInputSerializer,
        responses=acted(AvoidanceSerializer, status=201),
    )
    def create(self, request: Request) -> Response:
        assert isinstance(request.user, User)
        form = AvoidanceForm(read_object(request.data, AvoidanceInputSerializer))
        check_form(form)
        avoidance = declare_avoidance(user=request.user, **form.cleaned_data, at=clock.now())
        return Response(AvoidanceSerializer(avoidance).data, status=201)

    @extend_schema(summary="Take a declaration back", responses=acted(None, status=204))
    def destroy(self, request: Request, organisation: str) -> Response:
        assert isinstance(request.user, User)
        avoidance = get_object_or_404(self.get_queryset(), organisation__code=organisation)
        withdraw_avoidance(avoidance=avoidance, by=request.user, at=clock.now())
        return Response(status=204)

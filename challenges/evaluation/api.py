"""Running an evaluation by program: reviewers, minutes, award, answers."""

from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django_filters.rest_framework import ChoiceFilter, FilterSet
from drf_spectacular.utils import extend_schema, extend_schema_field, extend_schema_view
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.schema import acted, answers
from accounts.api.viewsets import CodeViewSet
from accounts.models import User
from accounts.organisation.api import OrganisationReferenceSerializer
from challenges.answer.actions import REASONS, answer_bid
from challenges.challenge.workflow import ChallengeMode, ChallengeState
from challenges.evaluation import minutes, queries
from challenges.evaluation.actions import award_bid, declare_failed
from challenges.evaluation.permissions import check_runs_evaluation
from challenges.evaluation.ranking import Ranking
from challenges.models import Bid, Challenge, Minutes
from challenges.review import scorecards
from challenges.review.actions import assign_reviewer, remove_reviewer
from challenges.review.conflicts import ConflictRule, conflicts_of
from challenges.review.workflow import ReviewerState
from lib import clock
from lib.refusals import NotReady


class ProgressSerializer(serializers.Serializer):
    name = serializers.CharField(source="reviewer.user.name")
    email = serializers.CharField(source="reviewer.user.email")
    state = serializers.ChoiceField(ReviewerState.choices, source="reviewer.state")
    done = serializers.IntegerField()
    total = serializers.IntegerField()
    has_signed = serializers.BooleanField()
    conflicts = serializers.ListField(child=serializers.ChoiceField(ConflictRule.choices))


class EvaluatedBidSerializer(serializers.ModelSerializer):
    organisation = OrganisationReferenceSerializer()

    class Meta:
        model = Bid
        fields = ["code", "label", "organisation", "state", "reason", "answer", "answered_at"]


class EvaluationEntrySerializer(serializers.ModelSerializer):
    """One row of the list; the rest costs questions of its own."""

    title = serializers.CharField(source="need.title")

    class Meta:
        model = Challenge
        fields = ["code", "title", "state", "bidding_closed_at", "answer_by"]


class EvaluationSerializer(serializers.ModelSerializer):
    reviewers = serializers.SerializerMethodField()
    bids = serializers.SerializerMethodField()
    ranking = serializers.SerializerMethodField(help_text="Null before every reviewer has submitted every scorecard.")
    minutes = serializers.SerializerMethodField(help_text="Text and hash; null while there are none.")

    class Meta:
        model = Challenge
        fields = ["code", "state", "answer_by", "award_reason", "reviewers", "bids", "ranking", "minutes"]

    @extend_schema_field(ProgressSerializer(many=True))
    def get_reviewers(self, challenge: Challenge) -> Any:
        people = [row.user for row in challenge.reviewers.select_related("user")]
        is_running = challenge.state == ChallengeState.EVALUATING
        found = conflicts_of(challenge=challenge, users=people, at=clock.now()) if is_running else {}
        return ProgressSerializer(queries.progress_of(challenge, found), many=True).data

    @extend_schema_field(EvaluatedBidSerializer(many=True))
    def get_bids(self, challenge: Challenge) -> Any:
        return EvaluatedBidSerializer(queries.opened_bids(challenge), many=True).data

    @extend_schema_field(serializers.DictField(allow_null=True))
    def get_ranking(self, challenge: Challenge) -> Any:
        if challenge.state != ChallengeState.EVALUATING:
            found = Minutes.objects.filter(challenge=challenge).first()
            return Ranking.from_json(found.ranking).to_json() if found else None
        try:
            return scorecards.current_ranking(challenge).to_json()
        except NotReady:
            return None

    @extend_schema_field(serializers.DictField(child=serializers.CharField(), allow_null=True))
    def get_minutes(self, challenge: Challenge) -> Any:
        found = Minutes.objects.filter(challenge=challenge).first()
        return {"text": found.text, "text_hash": found.text_hash} if found else None


class AssignSerializer(serializers.Serializer):
    email = serializers.EmailField(help_text="The address the reviewer logs in with.")


class RemoveSerializer(serializers.Serializer):
    email = serializers.EmailField()
    reason = serializers.CharField(max_length=500)


class DrawUpSerializer(serializers.Serializer):
    remarks = serializers.CharField(max_length=5000, allow_blank=True, required=False, default="")


class AwardSerializer(serializers.Serializer):
    label = serializers.IntegerField()  # type: ignore[assignment]  # a field's name; DRF has an attribute of that name
    answer = serializers.CharField(max_length=3000)
    reason = serializers.CharField(
        max_length=2000, allow_blank=True, required=False, default="", help_text="Asked for beside the first."
    )


class FailSerializer(serializers.Serializer):
    reason = serializers.CharField(max_length=1000)


class AnswerSerializer(serializers.Serializer):
    label = serializers.IntegerField()  # type: ignore[assignment]  # a field's name; DRF has an attribute of that name
    reason = serializers.ChoiceField(REASONS)
    answer = serializers.CharField(max_length=3000)


class EvaluationFilterSet(FilterSet):
    state = ChoiceFilter(choices=ChallengeState.choices)


@extend_schema_view(
    list=extend_schema(
        operation_id="evaluations_list",
        summary="List evaluations",
        description="Of opened challenges of one's own organisations; to operators all.",
        responses=answers(EvaluationEntrySerializer(many=True)),
    ),
    retrieve=extend_schema(
        summary="One evaluation: reviewers, bids, ranking, minutes", responses=answers(EvaluationSerializer)
    ),
)
class EvaluationViewSet(CodeViewSet):
    """Evaluations of opened bids; `code` is that of the challenge."""

    filterset_class = EvaluationFilterSet
    queryset = Challenge.objects.none()

    def get_serializer_class(self) -> Any:
        return EvaluationEntrySerializer if self.action == "list" else EvaluationSerializer

    def get_queryset(self) -> QuerySet[Challenge]:
        opened = Challenge.objects.visible_to(self.request.user).filter(
            bidding_closed_at__isnull=False, mode=ChallengeMode.OPEN_CHALLENGE
        )
        if self.get_serializer_context()["viewer"].is_operator:
            # as challenges.evaluation.permissions.operates, for a list
            opened = opened.exclude(
                pk__in=Bid.objects.filter(organisation__in=self.my_organisations).values("challenge")
            )
        else:
            opened = opened.filter(need__organisation__in=self.my_organisations)
        return opened.select_related("need__organisation").order_by("-bidding_closed_at", "-pk")

    def _bid(self, challenge: Challenge, label: int) -> Bid:
        bid = queries.opened_bids(challenge).filter(label=label).first()
        if bid is None:
            raise ValidationError({"label": [_("没有这个方案。")]})
        return bid

    @extend_schema(
        summary="Ask somebody to review",
        description="409 with the rule when there is a conflict of interest.",
        request=AssignSerializer,
        responses=acted(EvaluationSerializer),
    )
    @action(detail=True, methods=["post"])
    def assign(self, request: Request, code: str) -> Response:
        challenge = self.get_object()
        check_runs_evaluation(self.person, challenge)
        user = User.objects.filter(email__iexact=self.input(AssignSerializer)["email"], is_active=True).first()
        if user is None:
            raise ValidationError({"email": [_("没有以这个邮箱登录的用户，请先请对方注册。")]})
        assign_reviewer(challenge=challenge, user=user, by=self.person, at=clock.now())
        return self.answer(code)

    @extend_schema(
        summary="Take a reviewer off with a reason", request=RemoveSerializer, responses=acted(EvaluationSerializer)
    )
    @action(detail=True, methods=["post"])
    def remove(self, request: Request, code: str) -> Response:
        challenge = self.get_object()
        given = self.input(RemoveSerializer)
        reviewer = challenge.reviewers.select_related("challenge").filter(user__email__iexact=given["email"]).first()
        if reviewer is None:
            raise ValidationError({"email": [_("没有这位评审人。")]})
        remove_reviewer(reviewer=reviewer, reason=given["reason"], by=self.person, at=clock.now())
        return self.answer(code)

    @extend_schema(
        summary="Draw up the minutes: signatures are taken back",
        request=DrawUpSerializer,
        responses=acted(EvaluationSerializer),
    )
    @action(detail=True, methods=["post"], url_path="minutes", url_name="minutes")
    def draw_up(self, request: Request, code: str) -> Response:
        challenge = self.get_object()
        remarks = self.input(DrawUpSerializer)["remarks"]
        minutes.draw_up_minutes(challenge=challenge, remarks=remarks, by=self.person, at=clock.now())
        return self.answer(code)

    @extend_schema(summary="Award a bid", request=AwardSerializer, responses=acted(EvaluationSerializer))
    @action(detail=True, methods=["post"])
    def award(self, request: Request, code: str) -> Response:
        challenge = self.get_object()
        given = self.input(AwardSerializer)
        bid = self._bid(challenge, given.pop("label"))
        award_bid(bid=bid, by=self.person, at=clock.now(), **given)
        return self.answer(code)

    @extend_schema(
        summary="Declare that no bid is good enough", request=FailSerializer, responses=acted(EvaluationSerializer)
    )
    @action(detail=True, methods=["post"], url_path="declare-failed", url_name="declare-failed")
    def declare_failed(self, request: Request, code: str) -> Response:
        challenge = self.get_object()
        reason = self.input(FailSerializer)["reason"]
        declare_failed(challenge=challenge, reason=reason, by=self.person, at=clock.now())
        return self.answer(code)

    @extend_schema(
        summary="Answer a bid that was not taken", request=AnswerSerializer, responses=acted(EvaluationSerializer)
    )
    @action(detail=True, methods=["post"], url_path="answer", url_name="answer")
    def answer_bid(self, request: Request, code: str) -> Response:
        challenge = self.get_object()
        given = self.input(AnswerSerializer)
        bid = self._bid(challenge, given.pop("label"))
        answer_bid(bid=bid, by=self.person, at=clock.now(), **given)
        return self.answer(code)

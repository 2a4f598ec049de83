"""The evaluation by program: one's own reviews (blind), running an evaluation, answers, appeals.

Reviewers reach a bid by challenge and label, never by its code; what they get is `needs.queries.evaluation.BlindBid`.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from typing import Any

from django.db.models import QuerySet
from django.http import Http404
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema, extend_schema_field, extend_schema_view
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from accounts import clock
from accounts.api.errors import NotReady
from accounts.api.inputs import Filters
from accounts.api.schema import acted, answers
from accounts.api.serializers import OrganisationReferenceSerializer
from accounts.api.viewsets import CodeViewSet
from accounts.models import User
from needs.domain import answers_to_bids, award, evaluation, minutes, scorecards
from needs.domain.answers_to_bids import REASONS
from needs.domain.disclosure import log_view
from needs.domain.ranking import Ranking
from needs.models import Appeal, Bid, Challenge, Criterion, DisclosureChannel, Minutes, Reviewer
from needs.permissions.evaluation import check_runs_evaluation, reads_bids
from needs.queries import evaluation as queries
from needs.queries.conflicts import ConflictRule, conflicts_of
from needs.queries.disclosure import INDICATORS, disclosed_to
from needs.workflow import ChallengeMode, ChallengeState, DecisionState, ReviewerState, ScorecardState

Values = dict[str, Any]


@contextmanager
def refusals() -> Iterator[None]:
    """The domain's own refusals in the words of the API."""
    try:
        yield
    except (evaluation.NotReady, evaluation.ConflictOfInterest) as error:
        raise NotReady(str(error)) from error
    except scorecards.BadScore as error:
        raise ValidationError({"scores": [str(error)]}) from error


# --- A reviewer's own -------------------------------------------------------------------------------------------


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
        return reviewer.done if reviewer.state == ReviewerState.ACTIVE else 0

    def get_total(self, reviewer: Reviewer) -> int:
        return reviewer.total if reviewer.state == ReviewerState.ACTIVE else 0


class ReviewDetailSerializer(ReviewSerializer):
    bids = serializers.SerializerMethodField(help_text="Blind; empty before the declaration.")
    scorecards = serializers.SerializerMethodField(help_text="One's own.")
    minutes = serializers.SerializerMethodField(help_text="Text and hash to sign; null while there are none.")

    class Meta(ReviewSerializer.Meta):
        fields = [*ReviewSerializer.Meta.fields, "bids", "scorecards", "minutes"]

    @extend_schema_field(BlindBidSerializer(many=True))
    def get_bids(self, reviewer: Reviewer) -> Any:
        if reads_bids(reviewer):
            need = disclosed_to(reviewer.user, reviewer.challenge.need)
            log_view(view=need, user=reviewer.user, channel=DisclosureChannel.API, at=clock.now(), only=[INDICATORS])
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


class ReviewFiltersSerializer(Filters):
    state = serializers.ChoiceField(ReviewerState.choices, required=False)


@extend_schema_view(
    list=extend_schema(
        operation_id="reviews_list",
        summary="List my reviews",
        parameters=[ReviewFiltersSerializer],
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
    filters = ReviewFiltersSerializer
    queryset = Reviewer.objects.none()

    def get_queryset(self) -> QuerySet[Reviewer]:
        user = self.request.user
        return queries.reviews_of(user) if isinstance(user, User) else Reviewer.objects.none()

    def get_serializer_class(self) -> Any:
        return ReviewSerializer if self.action == "list" else ReviewDetailSerializer

    def narrow(self, queryset: QuerySet[Reviewer], chosen: Values) -> QuerySet[Reviewer]:
        return queryset.filter(**chosen)

    @extend_schema(
        summary="Declare that there is no conflict of interest", request=None, responses=acted(ReviewDetailSerializer)
    )
    @action(detail=True, methods=["post"])
    def declare(self, request: Request, code: str) -> Response:
        evaluation.declare_no_conflict(reviewer=self.get_object(), by=self.person, at=clock.now())
        return self.answer(code)

    @extend_schema(summary="Step back with a reason", request=RecuseSerializer, responses=acted(ReviewDetailSerializer))
    @action(detail=True, methods=["post"])
    def recuse(self, request: Request, code: str) -> Response:
        reviewer = self.get_object()
        reason = self.input(RecuseSerializer)["reason"]
        evaluation.recuse(reviewer=reviewer, reason=reason, by=self.person, at=clock.now())
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
        with refusals():
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


# --- The poser's and operators' ---------------------------------------------------------------------------------


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
        except evaluation.NotReady:
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


class EvaluationFiltersSerializer(Filters):
    state = serializers.ChoiceField(ChallengeState.choices, required=False)


@extend_schema_view(
    list=extend_schema(
        operation_id="evaluations_list",
        summary="List evaluations",
        description="Of opened challenges of one's own organisations; to operators all.",
        parameters=[EvaluationFiltersSerializer],
        responses=answers(EvaluationEntrySerializer(many=True)),
    ),
    retrieve=extend_schema(
        summary="One evaluation: reviewers, bids, ranking, minutes", responses=answers(EvaluationSerializer)
    ),
)
class EvaluationViewSet(CodeViewSet):
    """Evaluations of opened bids; `code` is that of the challenge."""

    filters = EvaluationFiltersSerializer
    queryset = Challenge.objects.none()

    def get_serializer_class(self) -> Any:
        return EvaluationEntrySerializer if self.action == "list" else EvaluationSerializer

    def get_queryset(self) -> QuerySet[Challenge]:
        opened = Challenge.objects.visible_to(self.request.user).filter(
            bidding_closed_at__isnull=False, mode=ChallengeMode.OPEN_CHALLENGE
        )
        if not self.get_serializer_context()["viewer"].is_operator:
            opened = opened.filter(need__organisation__in=self.my_organisations)
        return opened.select_related("need__organisation").order_by("-bidding_closed_at", "-pk")

    def narrow(self, queryset: QuerySet[Challenge], chosen: Values) -> QuerySet[Challenge]:
        return queryset.filter(**chosen)

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
        with refusals():
            evaluation.assign_reviewer(challenge=challenge, user=user, by=self.person, at=clock.now())
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
        evaluation.remove_reviewer(reviewer=reviewer, reason=given["reason"], by=self.person, at=clock.now())
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
        with refusals():
            minutes.draw_up_minutes(challenge=challenge, remarks=remarks, by=self.person, at=clock.now())
        return self.answer(code)

    @extend_schema(summary="Award a bid", request=AwardSerializer, responses=acted(EvaluationSerializer))
    @action(detail=True, methods=["post"])
    def award(self, request: Request, code: str) -> Response:
        challenge = self.get_object()
        given = self.input(AwardSerializer)
        bid = self._bid(challenge, given.pop("label"))
        with refusals():
            award.award_bid(bid=bid, by=self.person, at=clock.now(), **given)
        return self.answer(code)

    @extend_schema(
        summary="Declare that no bid is good enough", request=FailSerializer, responses=acted(EvaluationSerializer)
    )
    @action(detail=True, methods=["post"], url_path="declare-failed", url_name="declare-failed")
    def declare_failed(self, request: Request, code: str) -> Response:
        challenge = self.get_object()
        reason = self.input(FailSerializer)["reason"]
        award.declare_failed(challenge=challenge, reason=reason, by=self.person, at=clock.now())
        return self.answer(code)

    @extend_schema(
        summary="Answer a bid that was not taken", request=AnswerSerializer, responses=acted(EvaluationSerializer)
    )
    @action(detail=True, methods=["post"], url_path="answer", url_name="answer")
    def answer_bid(self, request: Request, code: str) -> Response:
        challenge = self.get_object()
        given = self.input(AnswerSerializer)
        bid = self._bid(challenge, given.pop("label"))
        with refusals():
            answers_to_bids.answer_bid(bid=bid, by=self.person, at=clock.now(), **given)
        return self.answer(code)


# --- Appeals ----------------------------------------------------------------------------------------------------


class AppealSerializer(serializers.ModelSerializer):
    bid: Any = serializers.SlugRelatedField(slug_field="code", read_only=True)
    challenge = serializers.CharField(source="bid.challenge.code", read_only=True)

    class Meta:
        model = Appeal
        fields = ["bid", "challenge", "text", "raised_at", "state", "answer", "decided_at"]


class AppealInputSerializer(serializers.Serializer):
    bid = serializers.CharField(help_text="Code of one's own declined bid.")
    text = serializers.CharField(max_length=3000)


class DecisionSerializer(serializers.Serializer):
    upheld = serializers.BooleanField()
    answer = serializers.CharField(max_length=3000)
    reopen = serializers.BooleanField(required=False, default=False, help_text="Take the award back too.")


class AppealFiltersSerializer(Filters):
    state = serializers.ChoiceField(DecisionState.choices, required=False)


@extend_schema_view(
    list=extend_schema(
        operation_id="appeals_list",
        summary="List appeals",
        description="Of one's own bids, of bids on one's own challenges; to operators all.",
        parameters=[AppealFiltersSerializer],
        responses=answers(AppealSerializer(many=True)),
    ),
    retrieve=extend_schema(summary="One appeal", responses=answers(AppealSerializer)),
)
class AppealViewSet(CodeViewSet):
    """Appeals of declined bidders; `code` is that of the bid."""

    lookup_field = "bid__code"
    lookup_url_kwarg = "code"
    serializer_class = AppealSerializer
    filters = AppealFiltersSerializer
    queryset = Appeal.objects.none()

    def get_queryset(self) -> QuerySet[Appeal]:
        visible = Bid.objects.visible_to(self.request.user)
        appeals = Appeal.objects.filter(bid__in=visible.values("pk"))
        return appeals.select_related("bid__challenge").order_by("-raised_at", "-pk")

    def narrow(self, queryset: QuerySet[Appeal], chosen: Values) -> QuerySet[Appeal]:
        return queryset.filter(**chosen)

    @extend_schema(
        summary="Appeal against the answer to one's bid",
        request=AppealInputSerializer,
        responses=acted(AppealSerializer, status=201),
    )
    def create(self, request: Request) -> Response:
        given = self.input(AppealInputSerializer)
        bid = Bid.objects.visible_to(self.person).filter(code=given["bid"]).first()
        if bid is None:
            raise ValidationError({"bid": [_("没有这个方案。")]})
        with refusals():
            answers_to_bids.appeal_bid(bid=bid, text=given["text"], by=self.person, at=clock.now())
        return self.answer(bid.code, status=201)

    @extend_schema(
        summary="Decide an appeal (operators)", request=DecisionSerializer, responses=acted(AppealSerializer)
    )
    @action(detail=True, methods=["post"])
    def decide(self, request: Request, code: str) -> Response:
        appeal = self.get_object()
        given = self.input(DecisionSerializer)
        with refusals():
            answers_to_bids.decide_appeal(appeal=appeal, by=self.person, at=clock.now(), **given)
        return self.answer(code)


def _points(challenge: Challenge, scores: list[Values]) -> dict[int, Decimal]:
    by_name = {row.name: row.pk for row in Criterion.objects.filter(challenge=challenge)}
    if unknown := [row["criterion"] for row in scores if row["criterion"] not in by_name]:
        raise ValidationError({"scores": [_("没有这个评分项：%(name)s。") % {"name": unknown[0]}]})
    return {by_name[row["criterion"]]: row["points"] for row in scores}

"""Challenges by program: reading, writing, every step of the lifecycle, objections. Never a number of bids."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.core.exceptions import ValidationError as CleaningError
from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django_filters.rest_framework import CharFilter, ChoiceFilter, FilterSet
from drf_spectacular.utils import extend_schema, extend_schema_field, extend_schema_view
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.filters import MineFilter
from accounts.api.inputs import acting_organisation, by_field, read_object
from accounts.api.schema import acted, answers
from accounts.api.viewsets import CodeViewSet
from accounts.models import Organisation
from accounts.organisation.api import OrganisationReferenceSerializer
from challenges.challenge import actions, drafts
from challenges.challenge.fields import (
    CHALLENGE,
    CRITERION,
    check_criteria,
)
from challenges.challenge.queries import objections_shown_to, published_winners
from challenges.challenge.workflow import ChallengeMode, ChallengeState
from challenges.evaluation.permissions import operates
from challenges.models import Challenge, Criterion
from challenges.objection import actions as objection_actions
from challenges.objection.api import DecideObjectionSerializer, ObjectionSerializer, ObjectSerializer
from lib import clock
from lib.cleaning import strip_controls
from lib.fields import clean
from needs.disclosure.permissions import is_own
from needs.models import Need
from needs.need.api import NeedReferenceSerializer
from solutions.solution.api import ReturnSerializer

Values = dict[str, Any]


class CriterionSerializer(serializers.ModelSerializer):
    class Meta:
        model = Criterion
        fields = list(CRITERION)


class ChallengeSerializer(serializers.ModelSerializer):
    need = NeedReferenceSerializer()
    criteria = CriterionSerializer(many=True)
    previous: Any = serializers.SlugRelatedField(slug_field="code", read_only=True)
    winner = serializers.SerializerMethodField(help_text="Where the rules put the result on public notice; else null.")
    return_reason = serializers.SerializerMethodField(help_text="Only for the poser's organisation and operators.")

    class Meta:
        model = Challenge
        fields = [
            "code",
            "state",
            "need",
            *CHALLENGE,
            "criteria",
            "round",
            "previous",
            "winner",
            "return_reason",
            "created_at",
            "changed_at",
            "submitted_at",
            "announced_at",
            "notice_until",
            "opened_at",
            "bidding_closed_at",
            "answer_by",
            "awarded_at",
            "result_notice_until",
            "ended_at",
            "end_reason",
        ]

    @extend_schema_field(OrganisationReferenceSerializer(allow_null=True))
    def get_winner(self, challenge: Challenge) -> Any:
        winner = self._winners.get(challenge.pk)
        return OrganisationReferenceSerializer(winner).data if winner else None

    @cached_property
    def _winners(self) -> dict[int, Organisation]:
        """Of all challenges of the answer at once."""
        shown: Any = self.parent.instance if self.parent is not None else [self.instance]
        return published_winners(shown)

    def get_return_reason(self, challenge: Challenge) -> str:
        viewer = self.context["viewer"]
        is_insider = viewer.is_operator or is_own(viewer, challenge.need)
        return challenge.return_reason if is_insider else ""


class ChallengeInputSerializer(serializers.ModelSerializer):
    """The content of a challenge. Criteria, when given, replace all rows; their weights add up to 100."""

    criteria = CriterionSerializer(many=True, required=False)

    class Meta:
        model = Challenge
        fields = [*CHALLENGE, "criteria"]


class ChallengeCreateSerializer(ChallengeInputSerializer):
    need = serializers.CharField(help_text="Code of a published need of one's own organisation.")

    class Meta(ChallengeInputSerializer.Meta):
        fields = [*ChallengeInputSerializer.Meta.fields, "need"]


class AnnounceSerializer(serializers.Serializer):
    changed_at = serializers.DateTimeField(
        required=False,
        help_text="`changed_at` of the challenge you read: where it has changed since, it is not announced (409).",
    )


class ExtendSerializer(serializers.Serializer):
    closes_at = serializers.DateTimeField(help_text="Later than the deadline that stands.")
    reason = serializers.CharField(max_length=1000)


class CancelSerializer(serializers.Serializer):
    reason = serializers.CharField(max_length=1000)


class ChallengeFilterSet(FilterSet):
    state = ChoiceFilter(choices=ChallengeState.choices)
    mode = ChoiceFilter(choices=ChallengeMode.choices)
    mine = MineFilter("need__organisation", help_text="Only those of my organisations.")
    need = CharFilter("need__code", help_text="Code of a need.")


@extend_schema_view(
    list=extend_schema(
        operation_id="challenges_list",
        summary="List challenges",
        description="Announced ones, and those of one's own organisations. The latest first.",
        responses=answers(ChallengeSerializer(many=True)),
    ),
    retrieve=extend_schema(summary="One challenge with its criteria", responses=answers(ChallengeSerializer)),
)
class ChallengeViewSet(CodeViewSet):
    """Open challenges (揭榜) and first claims (抢单)."""

    serializer_class = ChallengeSerializer
    filterset_class = ChallengeFilterSet

    def get_queryset(self) -> QuerySet[Challenge]:
        challenges = Challenge.objects.visible_to(self.request.user)
        return (
            challenges.select_related("need__organisation", "need__caretaker", "previous")
            .prefetch_related("criteria")
            .order_by("-created_at", "-pk")
        )

    @extend_schema(
        summary="Write a draft of a challenge",
        request=ChallengeCreateSerializer,
        responses=acted(ChallengeSerializer, status=201),
    )
    def create(self, request: Request) -> Response:
        sent = read_object(request.data, ChallengeCreateSerializer)
        need = Need.objects.visible_to(self.person).filter(code=strip_controls(str(sent.pop("need", "")))).first()
        if need is None:
            raise ValidationError({"need": [_("没有这项需求。")]})
        values, criteria = _clean(sent, partial=False)
        challenge = drafts.create_challenge(
            need=need,
            mode=values["mode"],
            values=values,
            criteria=criteria or [],
            by=self.person,
            at=clock.now(),
        )
        return self.answer(challenge.code, status=201)

    @extend_schema(
        summary="Change a draft or a returned challenge",
        description="Later the rules are fixed: the attempt is refused and logged.",
        request=ChallengeInputSerializer,
        responses=acted(ChallengeSerializer),
    )
    def partial_update(self, request: Request, code: str) -> Response:
        challenge, at = self.get_object(), clock.now()
        drafts.check_changeable(challenge=challenge, by=self.person, at=at)
        values, criteria = _clean(read_object(request.data, ChallengeInputSerializer), partial=True)
        drafts.change_challenge(challenge=challenge, values=values, criteria=criteria, by=self.person, at=at)
        return self.answer(code)

    @extend_schema(summary="Hand a challenge in: rules are fixed", request=None, responses=acted(ChallengeSerializer))
    @action(detail=True, methods=["post"])
    def submit(self, request: Request, code: str) -> Response:
        actions.submit_challenge(challenge=self.get_object(), by=self.person, at=clock.now())
        return self.answer(code)

    @extend_schema(
        summary="Return a challenge with a reason (operators)",
        request=ReturnSerializer,
        responses=acted(ChallengeSerializer),
    )
    @action(detail=True, methods=["post"], url_path="return", url_name="return")
    def send_back(self, request: Request, code: str) -> Response:
        challenge = self.get_object()
        reason = self.input(ReturnSerializer)["reason"]
        actions.return_challenge(challenge=challenge, reason=reason, by=self.person, at=clock.now())
        return self.answer(code)

    @extend_schema(
        summary="Announce a challenge (operators)",
        request=AnnounceSerializer,
        responses=acted(ChallengeSerializer),
    )
    @action(detail=True, methods=["post"])
    def announce(self, request: Request, code: str) -> Response:
        challenge = self.get_object()
        read_at = self.input(AnnounceSerializer).get("changed_at")
        actions.announce_challenge(challenge=challenge, by=self.person, at=clock.now(), read_at=read_at)
        return self.answer(code)

    @extend_schema(summary="Set a later deadline", request=ExtendSerializer, responses=acted(ChallengeSerializer))
    @action(detail=True, methods=["post"])
    def extend(self, request: Request, code: str) -> Response:
        challenge = self.get_object()
        given = self.input(ExtendSerializer)
        actions.extend_challenge(challenge=challenge, by=self.person, at=clock.now(), **given)
        return self.answer(code)

    @extend_schema(
        summary="Cancel a challenge with a reason (poser, operators)",
        request=CancelSerializer,
        responses=acted(ChallengeSerializer),
    )
    @action(detail=True, methods=["post"])
    def cancel(self, request: Request, code: str) -> Response:
        challenge = self.get_object()
        reason = self.input(CancelSerializer)["reason"]
        actions.cancel_challenge(challenge=challenge, reason=reason, by=self.person, at=clock.now())
        return self.answer(code)

    @extend_schema(
        summary="Close a challenge: every bid has its answer", request=None, responses=acted(ChallengeSerializer)
    )
    @action(detail=True, methods=["post"])
    def close(self, request: Request, code: str) -> Response:
        actions.close_challenge(challenge=self.get_object(), by=self.person, at=clock.now())
        return self.answer(code)

    @extend_schema(
        summary="Begin a further round as a draft",
        description="Answers with the new challenge.",
        request=None,
        responses=acted(ChallengeSerializer, status=201),
    )
    @action(detail=True, methods=["post"], url_path="second-round", url_name="second-round")
    def second_round(self, request: Request, code: str) -> Response:
        draft = drafts.start_second_round(challenge=self.get_object(), by=self.person, at=clock.now())
        return self.answer(draft.code, status=201)

    @extend_schema(
        methods=["get"],
        summary="Objections to a challenge",
        description="All to operators and the poser's organisation; to others, and who is of a bidder, their own.",
        responses=answers(ObjectionSerializer(many=True)),
    )
    @extend_schema(
        methods=["post"],
        summary="Object within a notice period",
        request=ObjectSerializer,
        responses=acted(ObjectionSerializer, status=201),
    )
    @action(detail=True, methods=["get", "post"], filter_backends=[], pagination_class=None)
    def objections(self, request: Request, code: str) -> Response:
        challenge = self.get_object()
        context = self._context_of(challenge)
        if request.method == "GET":
            shown = objections_shown_to(request.user, challenge).select_related("challenge", "organisation")
            return Response(ObjectionSerializer(shown, many=True, context=context).data)
        given = self.input(ObjectSerializer)
        objection = objection_actions.raise_objection(
            challenge=challenge,
            organisation=acting_organisation(given.get("organisation"), self.person),
            text=given["text"],
            by=self.person,
            at=clock.now(),
        )
        return Response(ObjectionSerializer(objection, context=context).data, status=201)

    @extend_schema(
        summary="Decide an objection (operators)",
        request=DecideObjectionSerializer,
        responses=acted(ObjectionSerializer),
    )
    @action(detail=True, methods=["post"], url_path="decide-objection", url_name="decide-objection")
    def decide_objection(self, request: Request, code: str) -> Response:
        given = self.input(DecideObjectionSerializer)
        challenge = self.get_object()
        shown = objections_shown_to(self.person, challenge).select_related("challenge")
        objection = get_object_or_404(shown, pk=given.pop("objection"))
        objection = objection_actions.decide_objection(objection=objection, by=self.person, at=clock.now(), **given)
        return Response(ObjectionSerializer(objection, context=self._context_of(challenge)).data)

    def _context_of(self, challenge: Challenge) -> Values:
        """Whether objectors are named, asked once for all objections of the answer."""
        return {**self.get_serializer_context(), "operates": operates(self.request.user, challenge)}


def _clean(sent: Mapping[str, Any], *, partial: bool) -> tuple[Values, Sequence[Values] | None]:
    """Values and criteria (None when none were sent); every complaint at once, by field."""
    sent, errors = dict(sent), {}
    criteria: list[Values] | None = None
    if "criteria" in sent:
        try:
            criteria = _clean_criteria(sent.pop("criteria"))
        except ValidationError as error:
            errors["criteria"] = error.detail
    try:
        values = clean(CHALLENGE, sent, partly=partial)
    except CleaningError as error:
        errors |= by_field(error)
    if errors:
        raise ValidationError(errors)
    return values, criteria


def _clean_criteria(sent: list[Any]) -> list[Values]:
    rows: list[Values] = []
    errors: list[Any] = []
    for raw in sent:
        try:
            rows.append(clean(CRITERION, read_object(raw, CriterionSerializer)))
            errors.append({})
        except CleaningError as error:
            errors.append(by_field(error))
        except ValidationError as error:
            errors.append(error.detail if isinstance(error.detail, dict) else {"": error.detail})
    if any(errors):
        raise ValidationError(errors)
    try:
        check_criteria(rows)
    except CleaningError as error:
        raise ValidationError(error.messages) from error
    return rows

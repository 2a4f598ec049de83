"""Follow-ups by program: the same verbs, the same rights as the pages."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django_filters.rest_framework import CharFilter, ChoiceFilter, FilterSet
from drf_spectacular.utils import extend_schema, extend_schema_field, extend_schema_view
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.exceptions import ValidationError
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.filters import BooleanFilter
from accounts.api.schema import acted, answers
from accounts.api.viewsets import CodeViewSet
from accounts.models import User
from care.complaint import actions as complaint_verbs
from care.follow_up import actions as follow_up_verbs
from care.follow_up.permissions import owners_for
from care.follow_up.queries import visible_follow_ups
from care.models import Complaint, FollowUp
from care.subjects import Subject, subject_of, visible_subject
from needs.need.api import NeedReferenceSerializer

LIST_ERRORS = (400, 401, 429)


ONE_ERRORS = (401, 404, 429)


@contextmanager
def refusals() -> Iterator[None]:
    """The domain's own refusals in the words of the API."""
    try:
        yield
    except follow_up_verbs.DateInPast as error:
        raise ValidationError({"due_on": [str(error)]}) from error
    except (follow_up_verbs.ResultMissing, complaint_verbs.WordsMissing) as error:
        raise ValidationError({"": [str(error)]}) from error


def subject_named(given: dict[str, Any], user: User) -> Subject:
    """What `match` or `contract` names: exactly one of them, and one this person may see."""
    codes = [code for name in ("match", "contract") if (code := given.pop(name, ""))]
    if len(codes) != 1:
        raise ValidationError({"": [_("请给出 match 或 contract 中的一个。")]})
    subject = visible_subject(user, codes[0])
    if subject is None:
        raise ValidationError({"": [_("没有这个编号，或双方尚未开始对接。")]})
    return subject


class _AboutSerializer(serializers.ModelSerializer[Any]):
    """What a follow-up or a complaint is about."""

    match: serializers.SlugRelatedField[Any] = serializers.SlugRelatedField(
        slug_field="code", read_only=True, allow_null=True
    )
    contract: serializers.SlugRelatedField[Any] = serializers.SlugRelatedField(
        slug_field="code", read_only=True, allow_null=True
    )
    need = serializers.SerializerMethodField()

    @extend_schema_field(NeedReferenceSerializer)
    def get_need(self, row: FollowUp | Complaint) -> dict[str, Any]:
        return NeedReferenceSerializer(subject_of(row).need).data


# --- follow-ups ----------------------------------------------------------------------------------------------------
class FollowUpSerializer(_AboutSerializer):
    owner = serializers.CharField(source="owner.name")
    done_by = serializers.CharField(source="done_by.name", default=None, allow_null=True)
    is_overdue = serializers.SerializerMethodField()

    class Meta:
        model = FollowUp
        fields = [
            "id",
            "match",
            "contract",
            "need",
            "kind",
            "owner",
            "due_on",
            "topic",
            "is_overdue",
            "created_at",
            "result",
            "done_at",
            "done_by",
        ]

    def get_is_overdue(self, follow_up: FollowUp) -> bool:
        return follow_up.done_at is None and follow_up.due_on < timezone.localdate()


class FollowUpFilterSet(FilterSet):
    state = ChoiceFilter(choices=[(name, name) for name in ("overdue", "open", "done")], method="in_state")
    mine = BooleanFilter(method="owned", help_text="Only those I answer for.")
    match = CharFilter("match__code", help_text="Code of a match.")
    contract = CharFilter("contract__code", help_text="Code of a contract.")

    def in_state(self, follow_ups: QuerySet[FollowUp], name: str, value: str) -> QuerySet[FollowUp]:
        if value == "done":
            return follow_ups.filter(done_at__isnull=False)
        is_due = {"due_on__lt" if value == "overdue" else "due_on__gte": timezone.localdate()}
        return follow_ups.filter(done_at=None, **is_due)

    def owned(self, follow_ups: QuerySet[FollowUp], name: str, value: bool) -> QuerySet[FollowUp]:
        return follow_ups.filter(owner=self.request.user) if value else follow_ups


class FollowUpInputSerializer(serializers.Serializer[Any]):
    match = serializers.CharField(required=False, help_text="Code of a match in contact; or `contract`.")
    contract = serializers.CharField(required=False)
    due_on = serializers.DateField()
    topic = serializers.CharField(required=False, max_length=200)


class FollowUpResultSerializer(serializers.Serializer[Any]):
    result = serializers.CharField(max_length=3000)
    next_due_on = serializers.DateField(required=False, help_text="Left out, the chain ends.")
    next_topic = serializers.CharField(required=False, max_length=200)


class FollowUpOwnerSerializer(serializers.Serializer[Any]):
    owner = serializers.EmailField(help_text="An operator, or the caretaker of the need.")


@extend_schema_view(
    list=extend_schema(
        operation_id="follow_ups_list",
        summary="List follow-ups: operators all, a caretaker those of needs in their care",
        responses=answers(FollowUpSerializer(many=True), errors=LIST_ERRORS),
    ),
    retrieve=extend_schema(summary="One follow-up", responses=answers(FollowUpSerializer, errors=ONE_ERRORS)),
)
class FollowUpViewSet(CodeViewSet):
    """Who looks after a match or contract by when, and what came of it."""

    permission_classes = [IsAuthenticated]
    serializer_class = FollowUpSerializer
    filterset_class = FollowUpFilterSet
    queryset = FollowUp.objects.none()  # its type, for the description
    lookup_field = "pk"
    lookup_url_kwarg = "code"
    lookup_value_regex = "[0-9]{1,18}"

    def get_queryset(self) -> QuerySet[FollowUp]:
        return visible_follow_ups(self.person).order_by("due_on", "pk")

    @extend_schema(
        summary="Plan the next follow-up of a match or contract",
        request=FollowUpInputSerializer,
        responses=acted(FollowUpSerializer, status=201),
    )
    def create(self, request: Request) -> Response:
        given = self.input(FollowUpInputSerializer)
        subject = subject_named(given, self.person)
        with refusals():
            follow_up = follow_up_verbs.open_follow_up(subject=subject, **given, by=self.person, at=timezone.now())
        return self.answer(str(follow_up.pk), status=201)

    @extend_schema(
        summary="Write what came of it, and when to ask again",
        request=FollowUpResultSerializer,
        responses=acted(FollowUpSerializer),
    )
    @action(detail=True, methods=["post"])
    def finish(self, request: Request, code: str) -> Response:
        follow_up = self.get_object()
        given = self.input(FollowUpResultSerializer)
        with refusals():
            follow_up_verbs.finish_follow_up(follow_up=follow_up, **given, by=self.person, at=timezone.now())
        return self.answer(code)

    @extend_schema(
        summary="Hand it to somebody else (operators)",
        request=FollowUpOwnerSerializer,
        responses=acted(FollowUpSerializer),
    )
    @action(detail=True, methods=["post"])
    def reassign(self, request: Request, code: str) -> Response:
        follow_up = self.get_object()
        email = self.input(FollowUpOwnerSerializer)["owner"]
        people = owners_for(subject_of(follow_up).need)
        owner = next((person for person in people if person.email == email), None)
        if owner is None:
            raise ValidationError({"owner": [_("跟进只能交给运营人员或该需求的服务专员。")]})
        follow_up_verbs.reassign_follow_up(follow_up=follow_up, owner=owner, by=self.person, at=timezone.now())
        return self.answer(code)

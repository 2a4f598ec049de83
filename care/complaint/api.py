"""Complaints by program: the same verbs, the same rights as the pages."""

from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django_filters.rest_framework import ChoiceFilter, FilterSet
from drf_spectacular.utils import extend_schema, extend_schema_field, extend_schema_view
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.exceptions import ValidationError
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.schema import acted, answers
from accounts.api.viewsets import CodeViewSet
from accounts.organisation.api import OrganisationReferenceSerializer
from accounts.permissions import Denied
from care.complaint import actions as complaint_verbs
from care.complaint.permissions import complaining_parties
from care.complaint.queries import record_of, with_names
from care.complaint.workflow import ComplaintState
from care.follow_up.api import LIST_ERRORS, ONE_ERRORS, _AboutSerializer, refusals, subject_named
from care.models import Complaint


# --- complaints ----------------------------------------------------------------------------------------------------
class RecordLineSerializer(serializers.Serializer[Any]):
    text = serializers.CharField()
    at = serializers.DateTimeField()
    by = serializers.CharField()
    side = serializers.CharField(help_text="The party its author spoke for, or the platform.")


class ComplaintListSerializer(_AboutSerializer):
    complainant = OrganisationReferenceSerializer()
    respondent = OrganisationReferenceSerializer()

    class Meta:
        model = Complaint
        fields = [
            "code",
            "match",
            "contract",
            "need",
            "complainant",
            "respondent",
            "state",
            "text",
            "raised_at",
            "outcome",
            "ended_at",
        ]


class ComplaintSerializer(ComplaintListSerializer):
    record = serializers.SerializerMethodField(help_text="The mediation record, oldest first.")

    class Meta(ComplaintListSerializer.Meta):
        fields = [*ComplaintListSerializer.Meta.fields, "record"]

    @extend_schema_field(RecordLineSerializer(many=True))
    def get_record(self, complaint: Complaint) -> Any:
        return RecordLineSerializer(record_of(complaint), many=True).data


class ComplaintFilterSet(FilterSet):
    state = ChoiceFilter(choices=ComplaintState.choices)


class ComplaintInputSerializer(serializers.Serializer[Any]):
    match = serializers.CharField(required=False, help_text="Code of a match in contact; or `contract`.")
    contract = serializers.CharField(required=False)
    complainant = serializers.CharField(
        required=False, help_text="Code of the party I complain for; needed only when I write for both."
    )
    text = serializers.CharField(max_length=5000)


class EntryInputSerializer(serializers.Serializer[Any]):
    text = serializers.CharField(max_length=5000)


class OutcomeInputSerializer(serializers.Serializer[Any]):
    outcome = serializers.CharField(max_length=5000)


@extend_schema_view(
    list=extend_schema(
        operation_id="complaints_list",
        summary="List complaints of my organisations, newest first; operators all",
        responses=answers(ComplaintListSerializer(many=True), errors=LIST_ERRORS),
    ),
    retrieve=extend_schema(
        summary="One complaint with its record", responses=answers(ComplaintSerializer, errors=ONE_ERRORS)
    ),
)
class ComplaintViewSet(CodeViewSet):
    """Disputes over a match or a contract."""

    permission_classes = [IsAuthenticated]
    filterset_class = ComplaintFilterSet
    queryset = Complaint.objects.none()  # its type, for the description

    def get_serializer_class(self) -> type[ComplaintListSerializer]:
        return ComplaintListSerializer if self.action == "list" else ComplaintSerializer

    def get_queryset(self) -> QuerySet[Complaint]:
        complaints = with_names(Complaint.objects.visible_to(self.person))
        return complaints.order_by("-raised_at", "-pk")

    @extend_schema(
        summary="Complain of the other side of a match in contact or of a contract",
        request=ComplaintInputSerializer,
        responses=acted(ComplaintSerializer, status=201),
    )
    def create(self, request: Request) -> Response:
        given = self.input(ComplaintInputSerializer)
        subject, code = subject_named(given, self.person), given.pop("complainant", "")
        parties = complaining_parties(self.person, subject)
        if code:
            parties = [party for party in parties if party.code == code]
        if not parties:
            raise Denied(_("只有对接或合同的一方可以投诉另一方。"))
        if len(parties) > 1:
            raise ValidationError({"complainant": [_("您属于多个机构，请指明代表哪一个。")]})
        with refusals():
            complaint = complaint_verbs.raise_complaint(
                subject=subject, complainant=parties[0], **given, by=self.person, at=timezone.now()
            )
        return self.answer(complaint.code, status=201)

    @extend_schema(summary="Begin to mediate (operators)", request=None, responses=acted(ComplaintSerializer))
    @action(detail=True, methods=["post"], url_path="take-up")
    def take_up(self, request: Request, code: str) -> Response:
        complaint_verbs.take_up(complaint=self.get_object(), by=self.person, at=timezone.now())
        return self.answer(code)

    @extend_schema(
        summary="Add to the record (both parties and operators)",
        request=EntryInputSerializer,
        responses=acted(ComplaintSerializer, status=201),
    )
    @action(detail=True, methods=["post"])
    def entries(self, request: Request, code: str) -> Response:
        complaint = self.get_object()
        given = self.input(EntryInputSerializer)
        with refusals():
            complaint_verbs.add_entry(complaint=complaint, **given, by=self.person, at=timezone.now())
        return self.answer(code, status=201)

    @extend_schema(
        summary="Write down what both sides agreed (operators)",
        request=OutcomeInputSerializer,
        responses=acted(ComplaintSerializer),
    )
    @action(detail=True, methods=["post"])
    def settle(self, request: Request, code: str) -> Response:
        return self._end(complaint_verbs.settle, code)

    @extend_schema(
        summary="End it without support, saying why (operators)",
        request=OutcomeInputSerializer,
        responses=acted(ComplaintSerializer),
    )
    @action(detail=True, methods=["post"])
    def dismiss(self, request: Request, code: str) -> Response:
        return self._end(complaint_verbs.dismiss, code)

    @extend_schema(
        summary="Take my complaint back, saying why",
        request=OutcomeInputSerializer,
        responses=acted(ComplaintSerializer),
    )
    @action(detail=True, methods=["post"])
    def withdraw(self, request: Request, code: str) -> Response:
        return self._end(complaint_verbs.withdraw, code)

    def _end(self, verb: Any, code: str) -> Response:
        complaint = self.get_object()
        given = self.input(OutcomeInputSerializer)
        with refusals():
            verb(complaint=complaint, **given, by=self.person, at=timezone.now())
        return self.answer(code)

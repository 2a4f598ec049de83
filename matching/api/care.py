"""Follow-ups, complaints and the clock by program: the same verbs, the same rights as the pages."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db.models import QuerySet
from django.http import Http404
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema, extend_schema_field, extend_schema_view
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.exceptions import ValidationError
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.api.inputs import Filters
from accounts.api.schema import acted, answers
from accounts.api.serializers import OrganisationReferenceSerializer
from accounts.api.viewsets import CodeViewSet
from accounts.industries import industry_name
from accounts.models import Membership, Organisation, User
from accounts.permissions import Denied, is_operator
from accounts.regions import region_name
from matching import clock as clocks
from matching import complaints as complaint_verbs
from matching import follow_ups as follow_up_verbs
from matching.clock import ClockEvent, Measure
from matching.models import Complaint, FollowUp
from matching.permissions import Viewer
from matching.subjects import Subject, subject_of, visible_subject
from matching.workflow import ComplaintState
from needs.api.challenges import NeedReferenceSerializer
from needs.models import Need

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


class FollowUpFiltersSerializer(Filters):
    state = serializers.ChoiceField([(name, name) for name in ("overdue", "open", "done")], required=False)
    mine = serializers.BooleanField(required=False, help_text="Only those I answer for.")
    match = serializers.CharField(required=False, help_text="Code of a match.")
    contract = serializers.CharField(required=False, help_text="Code of a contract.")


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
        parameters=[FollowUpFiltersSerializer],
        responses=answers(FollowUpSerializer(many=True), errors=LIST_ERRORS),
    ),
    retrieve=extend_schema(summary="One follow-up", responses=answers(FollowUpSerializer, errors=ONE_ERRORS)),
)
class FollowUpViewSet(CodeViewSet):
    """Who looks after a match or contract by when, and what came of it."""

    permission_classes = [IsAuthenticated]
    serializer_class = FollowUpSerializer
    filters = FollowUpFiltersSerializer
    queryset = FollowUp.objects.none()  # its type, for the description
    lookup_field = "pk"
    lookup_url_kwarg = "code"
    lookup_value_regex = "[0-9]{1,18}"

    def get_queryset(self) -> QuerySet[FollowUp]:
        return follow_up_verbs.visible_follow_ups(self.person).order_by("due_on", "pk")

    def narrow(self, queryset: QuerySet[FollowUp], chosen: dict[str, Any]) -> QuerySet[FollowUp]:
        today = timezone.localdate()
        state = chosen.get("state")
        if state == "done":
            queryset = queryset.filter(done_at__isnull=False)
        elif state:
            queryset = queryset.filter(done_at=None)
            queryset = queryset.filter(due_on__lt=today) if state == "overdue" else queryset.filter(due_on__gte=today)
        if chosen.get("mine"):
            queryset = queryset.filter(owner=self.person)
        for name in ("match", "contract"):
            if code := chosen.get(name):
                queryset = queryset.filter(**{f"{name}__code": code})
        return queryset

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
        people = follow_up_verbs.owners_for(subject_of(follow_up).need)
        owner = next((person for person in people if person.email == email), None)
        if owner is None:
            raise ValidationError({"owner": [_("跟进只能交给运营人员或该需求的服务专员。")]})
        follow_up_verbs.reassign_follow_up(follow_up=follow_up, owner=owner, by=self.person, at=timezone.now())
        return self.answer(code)


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
        return RecordLineSerializer(complaint_verbs.record_of(complaint), many=True).data


class ComplaintFiltersSerializer(Filters):
    state = serializers.ChoiceField(ComplaintState.choices, required=False)


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
        parameters=[ComplaintFiltersSerializer],
        responses=answers(ComplaintListSerializer(many=True), errors=LIST_ERRORS),
    ),
    retrieve=extend_schema(
        summary="One complaint with its record", responses=answers(ComplaintSerializer, errors=ONE_ERRORS)
    ),
)
class ComplaintViewSet(CodeViewSet):
    """Disputes over a match or a contract."""

    permission_classes = [IsAuthenticated]
    filters = ComplaintFiltersSerializer

    def get_serializer_class(self) -> type[ComplaintListSerializer]:
        return ComplaintListSerializer if self.action == "list" else ComplaintSerializer

    def get_queryset(self) -> QuerySet[Complaint]:
        complaints = complaint_verbs.with_names(Complaint.objects.visible_to(self.person))
        return complaints.order_by("-raised_at", "-pk")

    def narrow(self, queryset: QuerySet[Complaint], chosen: dict[str, Any]) -> QuerySet[Complaint]:
        return queryset.filter(**chosen)

    @extend_schema(
        summary="Complain of the other side of a match in contact or of a contract",
        request=ComplaintInputSerializer,
        responses=acted(ComplaintSerializer, status=201),
    )
    def create(self, request: Request) -> Response:
        given = self.input(ComplaintInputSerializer)
        subject, code = subject_named(given, self.person), given.pop("complainant", "")
        parties = complaint_verbs.complaining_parties(self.person, subject)
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


# --- the clock -----------------------------------------------------------------------------------------------------


class MeasureSerializer(serializers.Serializer[Any]):
    """Days from the first submission; null reads: not reached by so many."""

    event = serializers.ChoiceField(ClockEvent.choices)
    n = serializers.IntegerField(help_text="Needs counted.")
    observed = serializers.IntegerField(help_text="Those that got so far.")
    censored = serializers.IntegerField(help_text="Those that have not, or ended before.")
    median = serializers.FloatField(allow_null=True)
    p90 = serializers.FloatField(allow_null=True)


class GroupSerializer(MeasureSerializer):
    code = serializers.CharField(help_text="Of GB/T 4754 or GB/T 2260; empty where the need names none.")
    name = serializers.CharField()


class SearchComparisonSerializer(serializers.Serializer[Any]):
    """Needs whose posers said how long such a search took before, against the median until first contact."""

    n = serializers.IntegerField()
    usual = serializers.FloatField()
    now = serializers.FloatField(allow_null=True)
    shorter_percent = serializers.IntegerField(source="change.percent", default=None, allow_null=True)


class ClockReportSerializer(serializers.Serializer[Any]):
    at = serializers.DateTimeField()
    n = serializers.IntegerField()
    measures = MeasureSerializer(many=True)
    by_industry = GroupSerializer(many=True, help_text="Of the event asked for.")
    by_region = GroupSerializer(many=True, help_text="Of the event asked for, by province.")
    search = SearchComparisonSerializer(allow_null=True)


class NeedClockSerializer(serializers.Serializer[Any]):
    need = serializers.CharField()
    submitted_at = serializers.DateTimeField()
    ended_at = serializers.DateTimeField(allow_null=True, help_text="Withdrawn or closed.")
    running = serializers.FloatField(help_text="Days from submission until now or until it ended.")
    events = serializers.ListField(child=serializers.DictField(), help_text="event, at, days; null: not yet.")
    usual_search_days = serializers.IntegerField(allow_null=True)


class ClockFiltersSerializer(Filters):
    event = serializers.ChoiceField(ClockEvent.choices, required=False, help_text="Of the groups; default contact.")
    industry = serializers.CharField(required=False, help_text="Section or division of GB/T 4754, or `unstated`.")
    region = serializers.CharField(required=False, help_text="Province, city or county of GB/T 2260, or `unstated`.")
    organisation = serializers.CharField(required=False, help_text="Code of the poser.")


class ClockView(APIView):
    """How long needs take to each step: operators over all, everybody else over their organisations' needs."""

    permission_classes = [IsAuthenticated]

    @extend_schema(
        operation_id="clock",
        summary="Median and p90 of days since submission (Kaplan-Meier)",
        parameters=[ClockFiltersSerializer],
        responses=answers(ClockReportSerializer, errors=LIST_ERRORS),
    )
    def get(self, request: Request) -> Response:
        chosen = ClockFiltersSerializer.read(request)
        event = ClockEvent(chosen.pop("event", clocks.SEARCH_ENDS))
        needs = Need.objects.all()
        if not is_operator(request.user):
            needs = needs.filter(organisation__in=_organisations_of(request.user))
        if code := chosen.pop("organisation", ""):
            chosen["organisation"] = self._poser(code)
        report = clocks.clock(clocks.narrowed(needs, **chosen), at=timezone.now())
        shown = {
            "at": report.at,
            "n": report.n,
            "measures": report.measures,
            "by_industry": [_group(code, industry_name, measure) for code, measure in report.by_industry(event)],
            "by_region": [_group(code, region_name, measure) for code, measure in report.by_region(event)],
            "search": report.search,
        }
        return Response(ClockReportSerializer(shown).data)

    def _poser(self, code: str) -> Organisation:
        organisation = Organisation.objects.visible_to(self.request.user).filter(code=code).first()
        if organisation is None:
            raise ValidationError({"organisation": [_("没有这个机构。")]})
        return organisation


class NeedClockView(APIView):
    """The clock of one need, for its organisation, its caretaker and operators."""

    permission_classes = [IsAuthenticated]

    @extend_schema(
        operation_id="clock_of_need",
        summary="The moments of one need and the days to each",
        responses=answers(NeedClockSerializer, errors=ONE_ERRORS),
    )
    def get(self, request: Request, code: str) -> Response:
        need = get_object_or_404(Need.objects.visible_to(request.user), code=code)
        found = clocks.clock_of(need, at=timezone.now())
        if found is None or not Viewer.of(request.user).sees_everything(need):
            raise Http404
        days = {event: found.times.days(event) for event in ClockEvent}
        shown = {
            "need": need.code,
            "submitted_at": found.times.submitted_at,
            "ended_at": found.times.ended_at,
            "running": found.running,
            "events": [
                {
                    "event": event.value,
                    "at": found.times.events.get(event),
                    "days": None if (number := days[event]) is None else clocks.shown(number),
                }
                for event in ClockEvent
            ],
            "usual_search_days": found.times.usual_search_days,
        }
        return Response(NeedClockSerializer(shown).data)


def _organisations_of(user: Any) -> QuerySet[Membership, Any]:
    return Membership.objects.active().filter(user=user).values("organisation")


def _group(code: str, name_of: Any, measure: Measure) -> dict[str, Any]:
    return {
        "code": code,
        "name": name_of(code) if code else "",
        "event": measure.event,
        "n": measure.n,
        "observed": measure.observed,
        "censored": measure.censored,
        "median": measure.median,
        "p90": measure.p90,
    }

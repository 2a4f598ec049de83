"""The time to match by program: of many needs, and of one."""

from typing import Any

from django.db.models import QuerySet
from django.http import Http404
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _
from django_filters.rest_framework import CharFilter, ChoiceFilter, FilterSet
from drf_spectacular.utils import extend_schema
from rest_framework import generics, serializers
from rest_framework.exceptions import ValidationError
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.filters import ListFilters, organisations_of
from accounts.api.schema import answers
from accounts.api.viewsets import WithViewer
from accounts.models import Organisation, is_operator
from care.follow_up.api import LIST_ERRORS, ONE_ERRORS
from care.time_to_match import figures
from care.time_to_match.figures import Event, Measure
from lib.industries import industry_name
from lib.regions import region_name
from needs.disclosure.permissions import is_insider
from needs.models import Need


class MeasureSerializer(serializers.Serializer[Any]):
    """Days from the first submission; null reads: not reached by so many."""

    event = serializers.ChoiceField(Event.choices)
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


class ClockFilterSet(FilterSet):
    event = ChoiceFilter(choices=Event.choices, help_text="Of the groups; default contact.")
    industry = CharFilter(help_text="Section or division of GB/T 4754, or `unstated`.")
    region = CharFilter(help_text="Province, city or county of GB/T 2260, or `unstated`.")
    organisation = CharFilter(help_text="Code of the poser.")

    def filter_queryset(self, queryset: QuerySet[Need]) -> QuerySet[Need]:
        chosen = self.form.cleaned_data
        poser = self._poser(chosen["organisation"]) if chosen["organisation"] else None
        return figures.narrowed(queryset, organisation=poser, industry=chosen["industry"], region=chosen["region"])

    def _poser(self, code: str) -> Organisation:
        organisation = Organisation.objects.visible_to(self.request.user).filter(code=code).first()
        if organisation is None:
            raise ValidationError({"organisation": [_("没有这个机构。")]})
        return organisation


class ClockView(generics.GenericAPIView[Need]):
    """How long needs take to each step: operators over all, everybody else over their organisations' needs."""

    permission_classes = [IsAuthenticated]
    filter_backends = [ListFilters]
    filterset_class = ClockFilterSet
    queryset = Need.objects.none()  # its type, for the description

    def get_queryset(self) -> QuerySet[Need]:
        needs = Need.objects.all()
        if is_operator(self.request.user):
            return needs
        return needs.filter(organisation__in=organisations_of(self.request.user))

    @extend_schema(
        operation_id="clock",
        summary="Median and p90 of days since submission (Kaplan-Meier)",
        filters=True,
        responses=answers(ClockReportSerializer, errors=LIST_ERRORS),
    )
    def get(self, request: Request) -> Response:
        report = figures.report_of(self.filter_queryset(self.get_queryset()), at=timezone.now())
        event = Event(request.query_params.get("event") or figures.SEARCH_ENDS)
        shown = {
            "at": report.at,
            "n": report.n,
            "measures": report.measures,
            "by_industry": [_group(code, industry_name, measure) for code, measure in report.by_industry(event)],
            "by_region": [_group(code, region_name, measure) for code, measure in report.by_region(event)],
            "search": report.search,
        }
        return Response(ClockReportSerializer(shown).data)


class NeedClockView(WithViewer):
    """The time to match of one need, for its organisation, its caretaker and operators."""

    permission_classes = [IsAuthenticated]

    @extend_schema(
        operation_id="clock_of_need",
        summary="The moments of one need and the days to each",
        responses=answers(NeedClockSerializer, errors=ONE_ERRORS),
    )
    def get(self, request: Request, code: str) -> Response:
        need = get_object_or_404(Need.objects.visible_to(request.user), code=code)
        found = figures.time_to_match_of(need, at=timezone.now())
        if found is None or not is_insider(self.viewer, need):
            raise Http404
        days = {event: found.times.days(event) for event in Event}
        shown = {
            "need": need.code,
            "submitted_at": found.times.submitted_at,
            "ended_at": found.times.ended_at,
            "running": found.running,
            "events": [
                {
                    "event": event.value,
                    "at": found.times.events.get(event),
                    "days": None if (number := days[event]) is None else figures.shown(number),
                }
                for event in Event
            ],
            "usual_search_days": found.times.usual_search_days,
        }
        return Response(NeedClockSerializer(shown).data)


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

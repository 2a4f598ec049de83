"""Matches with what people decide about them, runs, and search."""

from datetime import datetime

from django.db.models import QuerySet
from django_filters.rest_framework import CharFilter, ChoiceFilter, FilterSet
from drf_spectacular.utils import extend_schema, extend_schema_field, extend_schema_view
from rest_framework import serializers
from rest_framework.permissions import IsAuthenticated

from accounts.api.schema import answers
from accounts.api.viewsets import CodeViewSet
from matching.matches.api import LIST_ERRORS, ONE_ERRORS
from matching.models import MatchRun, Trigger
from matching.runs.workflow import RunState
from needs.models import Need
from solutions.models import Solution


class RunFilterSet(FilterSet):
    need = CharFilter(method="about_need", help_text="Code of a need it was about.")
    solution = CharFilter(method="about_solution", help_text="Code of an output it was about.")
    state = ChoiceFilter(choices=RunState.choices)
    trigger = ChoiceFilter(choices=Trigger.choices)

    def about_need(self, runs: QuerySet[MatchRun], name: str, value: str) -> QuerySet[MatchRun]:
        return runs.filter(needs__in=Need.objects.visible_to(self.request.user).filter(code=value))

    def about_solution(self, runs: QuerySet[MatchRun], name: str, value: str) -> QuerySet[MatchRun]:
        return runs.filter(solutions__in=Solution.objects.visible_to(self.request.user).filter(code=value))


# --- runs and search -----------------------------------------------------------------------------------------------
class RunSerializer(serializers.ModelSerializer[MatchRun]):
    timings = serializers.SerializerMethodField(help_text="Seconds per stage; empty for runs of outputs.")
    started_at = serializers.SerializerMethodField(help_text="Null for runs of outputs.")
    finished_at = serializers.SerializerMethodField(help_text="Null for runs of outputs.")
    counts = serializers.SerializerMethodField(help_text="Only for operators: they tell of things not yet public.")
    error = serializers.SerializerMethodField(help_text="Only for operators.")

    class Meta:
        model = MatchRun
        fields = [
            "code",
            "trigger",
            "state",
            "stage",
            "progress",
            "attempts",
            "timings",
            "counts",
            "engine_version",
            "error",
            "created_at",
            "started_at",
            "finished_at",
        ]

    @extend_schema_field(serializers.DictField(child=serializers.IntegerField()))
    def get_counts(self, run: MatchRun) -> dict[str, int]:
        return run.counts if self.context["viewer"].is_operator else {}

    @extend_schema_field(serializers.DictField(child=serializers.DecimalField(max_digits=12, decimal_places=3)))
    def get_timings(self, run: MatchRun) -> dict[str, str]:
        return {name: f"{seconds:.3f}" for name, seconds in run.timings.items()} if self._shows_time(run) else {}

    @extend_schema_field(serializers.DateTimeField(allow_null=True))
    def get_started_at(self, run: MatchRun) -> str | None:
        return self._time(run, run.started_at)

    @extend_schema_field(serializers.DateTimeField(allow_null=True))
    def get_finished_at(self, run: MatchRun) -> str | None:
        return self._time(run, run.finished_at)

    def _time(self, run: MatchRun, at: datetime | None) -> str | None:
        return serializers.DateTimeField().to_representation(at) if at is not None and self._shows_time(run) else None

    def _shows_time(self, run: MatchRun) -> bool:
        return run.is_about_needs or self.context["viewer"].is_operator

    def get_error(self, run: MatchRun) -> str:
        return run.error if self.context["viewer"].is_operator else ""


@extend_schema_view(
    list=extend_schema(
        operation_id="runs_list",
        summary="List matching runs of my needs and outputs, newest first",
        responses=answers(RunSerializer(many=True), errors=LIST_ERRORS),
    ),
    retrieve=extend_schema(
        summary="One run: how far it is and how long its stages took",
        responses=answers(RunSerializer, errors=ONE_ERRORS),
    ),
)
class RunViewSet(CodeViewSet):
    """The background work that finds matches."""

    permission_classes = [IsAuthenticated]
    serializer_class = RunSerializer
    filterset_class = RunFilterSet

    def get_queryset(self) -> QuerySet[MatchRun]:
        # The viewer knows already whether this is an operator: one query less.
        return MatchRun.objects.visible_to(self.viewer.user).order_by("-created_at", "-pk")

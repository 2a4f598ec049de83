"""Research outputs with their lifecycle."""

from functools import partial

from django.db.models import QuerySet
from django.utils import timezone
from django_filters.rest_framework import ChoiceFilter, FilterSet
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.filters import FormFilter, MineFilter
from accounts.api.inputs import acting_organisation, check_form, read_object, submission_key
from accounts.api.schema import acted, answers
from accounts.api.viewsets import CodeViewSet
from accounts.models import Organisation
from solutions.indicator.api import clean_content, with_other_end
from solutions.models import Solution
from solutions.output import queries
from solutions.output.fields import clean_output
from solutions.output.forms import CatalogueFilter
from solutions.output.kind import OUTPUT
from solutions.solution import actions as verbs
from solutions.solution.api import ReturnSerializer, SolutionInputSerializer, SolutionSerializer
from solutions.solution.workflow import SolutionState


class OutputFilterSet(FilterSet):
    state = ChoiceFilter(choices=SolutionState.choices)
    mine = MineFilter("organisation", help_text="Only those of my organisations.")
    organisation = FormFilter(help_text="Code of an organisation.")
    industry = FormFilter(help_text="A division of GB/T 4754, such as `C34`.")
    region = FormFilter(help_text="A province, six digits of GB/T 2260.")
    maturity = FormFilter(help_text="A stage: research, sample, small_scale, pilot …")
    transfer_mode = FormFilter()
    rights_status = FormFilter()

    def filter_queryset(self, queryset: QuerySet[Solution]) -> QuerySet[Solution]:
        visible = Organisation.objects.visible_to(self.request.user)
        form = CatalogueFilter(self.form.cleaned_data, organisations=visible)
        check_form(form)
        return form.narrow(super().filter_queryset(queryset))


class OutputSerializer(SolutionSerializer):
    """A research output, its details beside what all entries have."""

    kind = OUTPUT


class OutputInputSerializer(SolutionInputSerializer):
    """The content of an output. Indicators, when given, replace all rows."""

    kind = OUTPUT


class OutputCreateSerializer(OutputInputSerializer):
    organisation = serializers.CharField(
        required=False, help_text="Code of the organisation it belongs to; may be left out by who belongs to one only."
    )
    submission_key = serializers.UUIDField(
        required=False, help_text="Any UUID of yours: sending the same one again makes no second output."
    )

    class Meta(OutputInputSerializer.Meta):
        fields = [*OutputInputSerializer.Meta.fields, "organisation", "submission_key"]


@extend_schema_view(
    list=extend_schema(
        operation_id="outputs_list",
        summary="List outputs",
        description="Published outputs, and those of one's own organisations in any state. Latest change first.",
        responses=answers(OutputSerializer(many=True)),
    ),
    retrieve=extend_schema(summary="One output with its indicators", responses=answers(OutputSerializer)),
)
class OutputViewSet(CodeViewSet):
    """Research outputs."""

    serializer_class = OutputSerializer
    filterset_class = OutputFilterSet

    def get_queryset(self) -> QuerySet[Solution]:
        visible = queries.outputs().visible_to(self.request.user).prefetch_related("indicators")
        return visible.order_by("-changed_at", "-pk")

    @extend_schema(
        summary="Write a draft of an output",
        request=OutputCreateSerializer,
        responses=acted(OutputSerializer, status=201),
    )
    def create(self, request: Request) -> Response:
        sent = read_object(request.data, OutputCreateSerializer)
        organisation = acting_organisation(sent.pop("organisation", None), self.person)
        key = submission_key(sent.pop("submission_key", None))
        values, rows = clean_content(sent, clean_output)
        output = verbs.create_solution(
            kind=OUTPUT,
            organisation=organisation,
            values=values,
            indicators=rows or [],
            by=self.person,
            at=timezone.now(),
            submission_key=key,
        )
        return self.answer(output.code, status=201)

    @extend_schema(
        summary="Change the content of an output",
        description="Only the fields sent change. A published output stays public and is matched again.",
        request=OutputInputSerializer,
        responses=acted(OutputSerializer),
    )
    def partial_update(self, request: Request, code: str) -> Response:
        output = self.get_object()
        sent = with_other_end(read_object(request.data, OutputInputSerializer), output.output, ("trl_min", "trl_max"))
        values, rows = clean_content(sent, partial(clean_output, partly=True))
        verbs.change_solution(solution=output, values=values, indicators=rows, by=self.person, at=timezone.now())
        return self.answer(code)

    @extend_schema(summary="Hand an output in for review", request=None, responses=acted(OutputSerializer))
    @action(detail=True, methods=["post"])
    def submit(self, request: Request, code: str) -> Response:
        verbs.submit_solutions(solutions=[self.get_object()], by=self.person, at=timezone.now()).only()
        return self.answer(code)

    @extend_schema(
        summary="Take an output back from review or from the public", request=None, responses=acted(OutputSerializer)
    )
    @action(detail=True, methods=["post"])
    def withdraw(self, request: Request, code: str) -> Response:
        verbs.withdraw_solution(solution=self.get_object(), by=self.person, at=timezone.now())
        return self.answer(code)

    @extend_schema(summary="Publish an output (operators)", request=None, responses=acted(OutputSerializer))
    @action(detail=True, methods=["post"])
    def publish(self, request: Request, code: str) -> Response:
        verbs.publish_solutions(solutions=[self.get_object()], by=self.person, at=timezone.now()).only()
        return self.answer(code)

    @extend_schema(
        summary="Return an output to its owner with a reason (operators)",
        request=ReturnSerializer,
        responses=acted(OutputSerializer),
    )
    @action(detail=True, methods=["post"], url_path="return", url_name="return")
    def send_back(self, request: Request, code: str) -> Response:
        output = self.get_object()
        reason = self.input(ReturnSerializer)["reason"]
        verbs.return_solution(solution=output, reason=reason, by=self.person, at=timezone.now())
        return self.answer(code)

"""Needs as the API shows and takes them. Cleaning is in `needs.need.fields`."""

from functools import partial
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from django_filters.rest_framework import ChoiceFilter, FilterSet
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.content import CONTENT, ContentSerializer
from accounts.api.filters import FormFilter, MineFilter
from accounts.api.inputs import acting_organisation, check_form, read_object, submission_key
from accounts.api.schema import acted, answers
from accounts.api.viewsets import CodeViewSet
from accounts.models import Organisation
from accounts.organisation.api import OrganisationReferenceSerializer
from needs.disclosure.actions import shown_list
from needs.disclosure.queries import DisclosedNeed
from needs.models import CloseReason, DisclosureChannel, Level, Need, NeedIndicator
from needs.need import actions
from needs.need.fields import INSIDERS_ONLY, NEED, NEED_INDICATOR, clean_need, clean_need_indicator
from needs.need.forms import NeedFilterForm
from needs.need.workflow import NeedState
from solutions.indicator.api import IndicatorSerializer, clean_content, with_other_end
from solutions.solution.api import ReturnSerializer

CLOSE_REASONS = [choice for choice in CloseReason.choices if choice[0] != CloseReason.EXPIRED]


class NeedReferenceSerializer(serializers.ModelSerializer):
    """A need by name; its text is read at its own address, as far as it is disclosed."""

    organisation = OrganisationReferenceSerializer()

    class Meta:
        model = Need
        fields = ["code", "title", "organisation"]


class NeedIndicatorSerializer(IndicatorSerializer):
    is_public = serializers.BooleanField(
        required=False, help_text="Older than `level`, which counts when both are sent; false stands for `named`."
    )

    class Meta:
        model = NeedIndicator
        fields = [*NEED_INDICATOR, "is_public"]


class NeedSerializer(ContentSerializer):
    """Given a need as its reader may see it (needs.disclosure.queries); what is withheld reads as if it were empty."""

    organisation = OrganisationReferenceSerializer()
    disclosure = serializers.DictField(
        child=serializers.ChoiceField(Level.choices),
        help_text="Name → from whom on it is shown, for what is not public; `budget` stands for both its ends.",
    )
    withheld = serializers.SerializerMethodField(
        help_text="Names of what you do not see yet: fields, and `indicators` when rows are missing."
    )
    indicators = NeedIndicatorSerializer(
        source="shown_indicators", many=True, read_only=True, help_text="The rows you may see."
    )
    usual_search_days = serializers.IntegerField(
        read_only=True, allow_null=True, help_text="Only for the people of the need."
    )
    return_reason = serializers.CharField(read_only=True, help_text="Only for the people of the need.")
    contact_name = serializers.CharField(read_only=True, help_text="Only for the people of the need.")
    caretaker = serializers.SerializerMethodField(help_text="Name; only for the people of the need.")

    class Meta:
        model = Need
        table = NEED
        without = INSIDERS_ONLY  # the telephone number is shown to nobody, the others where they are named below
        fields = [
            "code",
            "state",
            "organisation",
            CONTENT,
            "withheld",
            "indicators",
            "contact_name",
            "usual_search_days",
            "caretaker",
            "return_reason",
            "close_reason",
            "created_at",
            "changed_at",
            "submitted_at",
            "published_at",
            "closed_at",
        ]

    def get_withheld(self, need: DisclosedNeed) -> list[str]:
        return sorted(need.withheld)

    def get_caretaker(self, need: DisclosedNeed) -> str:
        return need.caretaker.name if need.caretaker else ""


class NeedInputSerializer(ContentSerializer):
    """The content of a need. Indicators, when given, replace all rows."""

    indicators = NeedIndicatorSerializer(many=True, required=False)
    disclosure = serializers.DictField(
        child=serializers.CharField(),
        required=False,
        help_text="Name → level, for what is not public: public, verified, nda, named. Replaces the whole table.",
    )

    class Meta:
        model = Need
        table = NEED
        fields = [CONTENT, "indicators"]


class NeedCreateSerializer(NeedInputSerializer):
    organisation = serializers.CharField(
        required=False, help_text="Code of the organisation it belongs to; may be left out by who belongs to one only."
    )
    submission_key = serializers.UUIDField(
        required=False, help_text="Any UUID of yours: sending the same one again changes the need it made."
    )

    class Meta(NeedInputSerializer.Meta):
        fields = [*NeedInputSerializer.Meta.fields, "organisation", "submission_key"]


class DeclarationSerializer(serializers.Serializer):
    declared = serializers.BooleanField(help_text="That the content holds no state secret and may be handed in.")


class CloseSerializer(serializers.Serializer):
    reason = serializers.ChoiceField(CLOSE_REASONS)


class NeedFilterSet(FilterSet):
    state = ChoiceFilter(choices=NeedState.choices)
    mine = MineFilter("organisation", help_text="Only those of my organisations.")
    organisation = FormFilter(help_text="Code of an organisation.")
    industry = FormFilter(help_text="GB/T 4754: a division (`C34`) or a section (`C`).")
    need_type = FormFilter()
    region = FormFilter(help_text="A province, six digits of GB/T 2260.")
    budget = FormFilter(help_text="万元: 0-20, 20-50, 50-100, 100-500, 500- or open.")

    def filter_queryset(self, queryset: Any) -> QuerySet[Need]:
        visible = Organisation.objects.visible_to(self.request.user)
        form = NeedFilterForm(self.form.cleaned_data, organisations=visible)
        check_form(form)
        return form.narrow(super().filter_queryset(queryset))


content_of = partial(clean_content, clean_row=clean_need_indicator, row_shape=NeedIndicatorSerializer)


@extend_schema_view(
    list=extend_schema(
        operation_id="needs_list",
        summary="List needs",
        description="Published and closed needs, and those of one's own organisations. Latest change first.",
        responses=answers(NeedSerializer(many=True)),
    ),
    retrieve=extend_schema(summary="One need with its indicators", responses=answers(NeedSerializer)),
)
class NeedViewSet(CodeViewSet):
    """Technical needs of enterprises."""

    serializer_class = NeedSerializer
    filterset_class = NeedFilterSet

    def get_queryset(self) -> QuerySet[Need]:
        needs = Need.objects.visible_to(self.request.user).select_related("organisation", "caretaker")
        return needs.prefetch_related("indicators").order_by("-changed_at", "-pk")

    def paginate_queryset(self, queryset: Any) -> list[Any]:
        return self._disclosed(super().paginate_queryset(queryset) or [])

    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return self.answer(kwargs["code"])

    def answer(self, code: str, *, status: int = 200) -> Response:
        self.kwargs["code"] = code
        (view,) = self._disclosed([self.get_object()])
        return Response(self.get_serializer(view).data, status=status)

    def _disclosed(self, needs: list[Need]) -> list[DisclosedNeed]:
        """What this reader may see; what of it is not public is written down."""
        return shown_list(needs=needs, viewer=self.viewer, at=timezone.now(), channel=DisclosureChannel.API, only=None)

    @extend_schema(
        summary="Write a draft of a need",
        request=NeedCreateSerializer,
        responses=acted(NeedSerializer, status=201),
    )
    def create(self, request: Request) -> Response:
        sent = read_object(request.data, NeedCreateSerializer)
        organisation = acting_organisation(sent.pop("organisation", None), self.person)
        key = submission_key(sent.pop("submission_key", None))
        values, rows = content_of(sent, clean_need)
        need = actions.create_need(
            organisation=organisation,
            values=values,
            indicators=rows or [],
            by=self.person,
            at=timezone.now(),
            submission_key=key,
        )
        return self.answer(need.code, status=201)

    @extend_schema(
        summary="Change the content of a need",
        description="Only the fields sent change. A published need stays public and is matched again.",
        request=NeedInputSerializer,
        responses=acted(NeedSerializer),
    )
    def partial_update(self, request: Request, code: str) -> Response:
        need = self.get_object()
        sent = with_other_end(read_object(request.data, NeedInputSerializer), need, ("budget_min", "budget_max"))
        values, rows = content_of(sent, partial(clean_need, partly=True))
        actions.change_need(need=need, values=values, indicators=rows, by=self.person, at=timezone.now())
        return self.answer(code)

    @extend_schema(
        summary="Hand a need in: matching starts, operators review it",
        request=DeclarationSerializer,
        responses=acted(NeedSerializer),
    )
    @action(detail=True, methods=["post"])
    def submit(self, request: Request, code: str) -> Response:
        need = self.get_object()
        declared = self.input(DeclarationSerializer)["declared"]
        try:
            actions.submit_needs(needs=[need], declared=declared, by=self.person, at=timezone.now()).only()
        except actions.NotDeclared as error:
            raise ValidationError({"declared": [str(error)]}) from error
        return self.answer(code)

    @extend_schema(summary="Take a need back", request=None, responses=acted(NeedSerializer))
    @action(detail=True, methods=["post"])
    def withdraw(self, request: Request, code: str) -> Response:
        actions.withdraw_need(need=self.get_object(), by=self.person, at=timezone.now())
        return self.answer(code)

    @extend_schema(
        summary="Close a published need and say why", request=CloseSerializer, responses=acted(NeedSerializer)
    )
    @action(detail=True, methods=["post"])
    def close(self, request: Request, code: str) -> Response:
        need = self.get_object()
        reason = self.input(CloseSerializer)["reason"]
        actions.close_need(need=need, reason=reason, by=self.person, at=timezone.now())
        return self.answer(code)

    @extend_schema(summary="Publish a need (operators)", request=None, responses=acted(NeedSerializer))
    @action(detail=True, methods=["post"])
    def publish(self, request: Request, code: str) -> Response:
        actions.publish_needs(needs=[self.get_object()], by=self.person, at=timezone.now()).only()
        return self.answer(code)

    @extend_schema(
        summary="Return a need to its owner with a reason (operators)",
        request=ReturnSerializer,
        responses=acted(NeedSerializer),
    )
    @action(detail=True, methods=["post"], url_path="return", url_name="return")
    def send_back(self, request: Request, code: str) -> Response:
        need = self.get_object()
        reason = self.input(ReturnSerializer)["reason"]
        actions.return_need(need=need, reason=reason, by=self.person, at=timezone.now())
        return self.answer(code)

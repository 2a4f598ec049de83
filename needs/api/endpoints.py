"""Technical needs with their lifecycle."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.errors import NotReady
from accounts.api.inputs import Filters, acting_organisation, check_form, read_object, submission_key
from accounts.api.schema import acted, answers
from accounts.api.viewsets import CodeViewSet
from accounts.models import Organisation
from needs.api.serializers import (
    CloseSerializer,
    DeclarationSerializer,
    NeedCreateSerializer,
    NeedIndicatorSerializer,
    NeedInputSerializer,
    NeedSerializer,
)
from needs.domain import needs as verbs
from needs.domain.disclosure import shown_list
from needs.forms import NeedFilterForm
from needs.models import DisclosureChannel, Need
from needs.validators import clean_need, clean_need_indicator
from needs.workflow import NeedState
from solutions.api.content import clean_content, with_other_end
from solutions.api.serializers import ReturnSerializer


class NeedFiltersSerializer(Filters):
    state = serializers.ChoiceField(NeedState.choices, required=False)
    mine = serializers.BooleanField(required=False, help_text="Only those of my organisations.")
    organisation = serializers.CharField(required=False, help_text="Code of an organisation.")
    industry = serializers.CharField(required=False, help_text="GB/T 4754: a division (`C34`) or a section (`C`).")
    need_type = serializers.CharField(required=False)
    region = serializers.CharField(required=False, help_text="A province, six digits of GB/T 2260.")
    budget = serializers.CharField(required=False, help_text="万元: 0-20, 20-50, 50-100, 100-500, 500- or open.")


content_of = partial(clean_content, clean_row=clean_need_indicator, row_shape=NeedIndicatorSerializer)


@contextmanager
def refusals() -> Iterator[None]:
    """The domain's own refusals in the words of the API."""
    try:
        yield
    except verbs.NotDeclared as error:
        raise ValidationError({"declared": [str(error)]}) from error
    except verbs.NotReady as error:
        raise NotReady(str(error)) from error


@extend_schema_view(
    list=extend_schema(
        operation_id="needs_list",
        summary="List needs",
        description="Published and closed needs, and those of one's own organisations. Latest change first.",
        parameters=[NeedFiltersSerializer],
        responses=answers(NeedSerializer(many=True)),
    ),
    retrieve=extend_schema(summary="One need with its indicators", responses=answers(NeedSerializer)),
)
class NeedViewSet(CodeViewSet):
    """Technical needs of enterprises."""

    serializer_class = NeedSerializer
    filters = NeedFiltersSerializer

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

    def _disclosed(self, needs: list[Need]) -> list[Need]:
        """What this reader may see; what of it is not public is written down."""
        return shown_list(
            needs=needs, user=self.request.user, at=timezone.now(), channel=DisclosureChannel.API, only=None
        )

    def narrow(self, queryset: QuerySet[Need], chosen: dict[str, Any]) -> QuerySet[Need]:
        if state := chosen.pop("state", None):
            queryset = queryset.filter(state=state)
        if chosen.pop("mine", False):
            queryset = queryset.filter(organisation__in=self.my_organisations)
        form = NeedFilterForm(chosen, organisations=Organisation.objects.visible_to(self.request.user))
        check_form(form)
        return form.narrow(queryset)

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
        need = verbs.create_need(
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
        values, rows = content_of(sent, partial(clean_need, partial=True))
        verbs.change_need(need=need, values=values, indicators=rows, by=self.person, at=timezone.now())
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
        with refusals():
            verbs.submit_needs(needs=[need], declared=declared, by=self.person, at=timezone.now()).only()
        return self.answer(code)

    @extend_schema(summary="Take a need back", request=None, responses=acted(NeedSerializer))
    @action(detail=True, methods=["post"])
    def withdraw(self, request: Request, code: str) -> Response:
        verbs.withdraw_need(need=self.get_object(), by=self.person, at=timezone.now())
        return self.answer(code)

    @extend_schema(
        summary="Close a published need and say why", request=CloseSerializer, responses=acted(NeedSerializer)
    )
    @action(detail=True, methods=["post"])
    def close(self, request: Request, code: str) -> Response:
        need = self.get_object()
        reason = self.input(CloseSerializer)["reason"]
        verbs.close_need(need=need, reason=reason, by=self.person, at=timezone.now())
        return self.answer(code)

    @extend_schema(summary="Publish a need (operators)", request=None, responses=acted(NeedSerializer))
    @action(detail=True, methods=["post"])
    def publish(self, request: Request, code: str) -> Response:
        with refusals():
            verbs.publish_needs(needs=[self.get_object()], by=self.person, at=timezone.now()).only()
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
        verbs.return_need(need=need, reason=reason, by=self.person, at=timezone.now())
        return self.answer(code)

"""Contracts and success cases by program. The pages' own verbs and permissions."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.core.exceptions import ValidationError as CleaningError
from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _
from django_filters.rest_framework import CharFilter, ChoiceFilter, FilterSet
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework.decorators import action
from rest_framework.exceptions import ValidationError
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.filters import MineFilter
from accounts.api.inputs import by_field, check_form, read_object
from accounts.api.parsers import JSONParser
from accounts.api.schema import acted, answers
from accounts.api.viewsets import CodeViewSet
from contracts.contract import actions as verbs
from contracts.contract import serializers as shapes
from contracts.contract.fields import MILESTONE, MOST_MILESTONES, clean_contract
from contracts.contract.permissions import check_either_side
from contracts.contract.workflow import ContractState
from contracts.delivery import actions as delivery
from contracts.models import (
    Contract,
    ContractAttachment,
    Milestone,
    PaymentKind,
    Side,
)
from contracts.outcome import actions as outcomes
from lib import fields
from lib.refusals import WrongState
from needs.files.actions import Unacceptable
from needs.files.api import AttachmentSerializer, AttachmentUploadSerializer
from needs.files.forms import AttachmentForm

OF_MILESTONE = r"milestones/(?P<position>[0-9]{1,4})"


_DETAIL = acted(shapes.ContractDetailSerializer)


@contextmanager
def refusals() -> Iterator[None]:
    """Refusals of this room in the words of the API."""
    try:
        yield
    except verbs.ChangedMeanwhile as error:
        raise WrongState(_("内容在您打开页面之后又有修改，请看过新的内容再决定。")) from error
    except Unacceptable as error:
        raise ValidationError({"file": [str(error)]}) from error


class ContractFilterSet(FilterSet):
    state = ChoiceFilter(choices=ContractState.choices)
    mine = MineFilter("need__organisation", "supplier", help_text="Only those of my organisations.")
    need = CharFilter("need__code", help_text="Code of a need.")


@extend_schema_view(
    list=extend_schema(
        operation_id="contracts_list",
        summary="List contracts",
        description="Those of one's own organisations; for operators all. The latest first.",
        responses=answers(shapes.ContractSerializer(many=True)),
    ),
    retrieve=extend_schema(summary="One contract with everything", responses=answers(shapes.ContractDetailSerializer)),
)
class ContractViewSet(CodeViewSet):
    """Technology contracts between a need's organisation (buyer) and a supplier."""

    filterset_class = ContractFilterSet

    def get_serializer_class(self) -> type[shapes.ContractSerializer]:
        return shapes.ContractSerializer if self.action == "list" else shapes.ContractDetailSerializer

    def get_queryset(self) -> QuerySet[Contract]:
        contracts = Contract.objects.visible_to(self.request.user)
        return contracts.select_related("need__organisation", "supplier", "solution").order_by("-created_at", "-pk")

    # --- Until it is signed --------------------------------------------------------------------------------------

    @extend_schema(summary="Change a draft", request=shapes.ContractInputSerializer, responses=_DETAIL)
    def partial_update(self, request: Request, code: str) -> Response:
        contract = self.get_object()
        sent = read_object(request.data, shapes.ContractInputSerializer)
        milestones = _milestones(sent.pop("milestones")) if "milestones" in sent else None
        read_hash = sent.pop("text_hash", None)
        try:
            values = clean_contract(sent)
        except CleaningError as error:
            raise ValidationError(by_field(error)) from error
        with refusals():
            verbs.change_contract(
                contract=contract,
                values=values,
                milestones=milestones,
                by=self.person,
                at=timezone.now(),
                read_hash=read_hash,
            )
        return self.answer(code)

    @extend_schema(
        summary="Confirm the text you read; the second side's confirmation signs",
        request=shapes.ConfirmSerializer,
        responses=_DETAIL,
    )
    @action(detail=True, methods=["post"])
    def confirm(self, request: Request, code: str) -> Response:
        contract, sent = self.get_object(), self.input(shapes.ConfirmSerializer)
        with refusals():
            verbs.confirm_contract(
                contract=contract,
                side=self._side(contract, sent),
                by=self.person,
                at=timezone.now(),
                read_hash=sent["text_hash"],
            )
        return self.answer(code)

    @extend_schema(summary="Record the public funding decision", request=shapes.FundingSerializer, responses=_DETAIL)
    @action(detail=True, methods=["post"])
    def funding(self, request: Request, code: str) -> Response:
        contract, sent = self.get_object(), self.input(shapes.FundingSerializer)
        with refusals():
            verbs.record_funding(contract=contract, **sent, by=self.person, at=timezone.now())
        return self.answer(code)

    @extend_schema(summary="End a contract and say why", request=shapes.ReasonSerializer, responses=_DETAIL)
    @action(detail=True, methods=["post"])
    def terminate(self, request: Request, code: str) -> Response:
        contract, sent = self.get_object(), self.input(shapes.ReasonSerializer)
        verbs.terminate_contract(contract=contract, reason=sent["reason"], by=self.person, at=timezone.now())
        return self.answer(code)

    @extend_schema(
        summary="Put a file with a contract (multipart): evidence of figures, annexes",
        request={"multipart/form-data": AttachmentUploadSerializer},
        responses=acted(AttachmentSerializer, status=201),
    )
    @action(detail=True, methods=["post"], parser_classes=[MultiPartParser])
    def attachments(self, request: Request, code: str) -> Response:
        contract = self.get_object()
        form = AttachmentForm(request.data, request.FILES)
        check_form(form)
        with refusals():
            attachment = delivery.attach_to_contract(
                contract=contract, upload=form.cleaned_data["file"], by=self.person, at=timezone.now()
            )
        return Response(AttachmentSerializer(attachment).data, status=201)

    # --- Milestones and money ------------------------------------------------------------------------------------

    @extend_schema(
        summary="Hand a milestone over (supplier)",
        request={"application/json": shapes.NoteSerializer, "multipart/form-data": shapes.DeliverySerializer},
        responses=_DETAIL,
    )
    @action(
        detail=True,
        methods=["post"],
        url_path=f"{OF_MILESTONE}/deliver",
        url_name="milestone-deliver",
        parser_classes=[JSONParser, MultiPartParser],
    )
    def deliver(self, request: Request, code: str, position: str) -> Response:
        milestone = self._milestone(position)
        note = self.input(shapes.NoteSerializer)["note"]
        with refusals():
            delivery.deliver_milestone(
                milestone=milestone,
                note=note,
                files=request.FILES.getlist("files"),
                by=self.person,
                at=timezone.now(),
            )
        return self.answer(code)

    @extend_schema(summary="Accept a milestone (buyer)", request=None, responses=_DETAIL)
    @action(detail=True, methods=["post"], url_path=f"{OF_MILESTONE}/accept", url_name="milestone-accept")
    def accept_milestone(self, request: Request, code: str, position: str) -> Response:
        delivery.accept_milestone(milestone=self._milestone(position), by=self.person, at=timezone.now())
        return self.answer(code)

    @extend_schema(
        summary="Send a milestone back with a reason (buyer)", request=shapes.ReasonSerializer, responses=_DETAIL
    )
    @action(detail=True, methods=["post"], url_path=f"{OF_MILESTONE}/return", url_name="milestone-return")
    def return_milestone(self, request: Request, code: str, position: str) -> Response:
        milestone, sent = self._milestone(position), self.input(shapes.ReasonSerializer)
        delivery.return_milestone(milestone=milestone, reason=sent["reason"], by=self.person, at=timezone.now())
        return self.answer(code)

    @extend_schema(
        summary="Record a payment or a correction (buyer)",
        request=shapes.PaymentInputSerializer,
        responses=acted(shapes.ContractDetailSerializer, status=201),
    )
    @action(detail=True, methods=["post"])
    def payments(self, request: Request, code: str) -> Response:
        contract, sent = self.get_object(), self.input(shapes.PaymentInputSerializer)
        position = sent.pop("milestone", None)
        milestone = None if position is None else contract.milestones.filter(position=position).first()
        if position is not None and milestone is None:
            raise ValidationError({"milestone": [_("没有这个里程碑。")]})
        kind = PaymentKind(sent.pop("kind"))
        with refusals():
            delivery.add_payment(
                contract=contract, milestone=milestone, kind=kind, **sent, by=self.person, at=timezone.now()
            )
        return self.answer(code, status=201)

    # --- Acceptance and outcome ----------------------------------------------------------------------------------

    @extend_schema(summary="Accept the whole contract (buyer)", request=shapes.NoteSerializer, responses=_DETAIL)
    @action(detail=True, methods=["post"])
    def accept(self, request: Request, code: str) -> Response:
        contract, sent = self.get_object(), self.input(shapes.NoteSerializer)
        with refusals():
            delivery.accept_contract(contract=contract, note=sent["note"], by=self.person, at=timezone.now())
        return self.answer(code)

    @extend_schema(
        summary="Reject the final acceptance with a reason (buyer)",
        request=shapes.ReasonSerializer,
        responses=_DETAIL,
    )
    @action(detail=True, methods=["post"])
    def reject(self, request: Request, code: str) -> Response:
        contract, sent = self.get_object(), self.input(shapes.ReasonSerializer)
        delivery.reject_contract(contract=contract, reason=sent["reason"], by=self.person, at=timezone.now())
        return self.answer(code)

    @extend_schema(summary="Take a rejected contract up again (buyer)", request=None, responses=_DETAIL)
    @action(detail=True, methods=["post"])
    def resume(self, request: Request, code: str) -> Response:
        delivery.resume_contract(contract=self.get_object(), by=self.person, at=timezone.now())
        return self.answer(code)

    @extend_schema(
        summary="Confirm with figures that the problem is solved (buyer)",
        request=shapes.SolveSerializer,
        responses=_DETAIL,
    )
    @action(detail=True, methods=["post"])
    def solve(self, request: Request, code: str) -> Response:
        contract, sent = self.get_object(), self.input(shapes.SolveSerializer)
        files: dict[str, ContractAttachment] = {
            file.code: file for file in contract.attachments.filter(removed_at=None)
        }
        figures = [{**row, "evidence": files.get(row["evidence"])} for row in sent["figures"]]
        with refusals():
            outcomes.confirm_solved(contract=contract, figures=figures, by=self.person, at=timezone.now())
        return self.answer(code)

    @extend_schema(summary="Rate the other side, once", request=shapes.RatingInputSerializer, responses=_DETAIL)
    @action(detail=True, methods=["post"])
    def rate(self, request: Request, code: str) -> Response:
        contract, sent = self.get_object(), self.input(shapes.RatingInputSerializer)
        side = self._side(contract, sent)
        sent.pop("side", None)
        outcomes.rate(contract=contract, side=side, **sent, by=self.person, at=timezone.now())
        return self.answer(code)

    @extend_schema(
        summary="Write or change the success case",
        request=shapes.CaseInputSerializer,
        responses=acted(shapes.CaseSerializer),
    )
    @action(detail=True, methods=["put"])
    def case(self, request: Request, code: str) -> Response:
        contract, sent = self.get_object(), self.input(shapes.CaseInputSerializer)
        read_at = sent.pop("written_at", None)
        with refusals():
            case = outcomes.write_case(contract=contract, **sent, by=self.person, at=timezone.now(), read_at=read_at)
        return Response(shapes.CaseSerializer(case).data)

    def _milestone(self, position: str) -> Milestone:
        return get_object_or_404(Milestone, contract=self.get_object(), position=int(position))

    def _side(self, contract: Contract, sent: dict[str, Any]) -> Side:
        return Side(sent["side"]) if "side" in sent else check_either_side(self.person, contract)


def _milestones(rows: Any) -> list[dict[str, Any]]:
    """Rows as model values; ValidationError by row."""
    if not isinstance(rows, list) or len(rows) > MOST_MILESTONES:
        raise ValidationError({"milestones": [_("最多 %(number)s 行。") % {"number": MOST_MILESTONES}]})
    values: list[dict[str, Any]] = []
    errors: list[dict[str, Any]] = []
    for row in rows:
        try:
            values.append(fields.clean(MILESTONE, read_object(row, shapes.MilestoneInputSerializer)))
            errors.append({})
        except CleaningError as error:
            errors.append(by_field(error))
    if any(errors):
        raise ValidationError({"milestones": errors})
    return values

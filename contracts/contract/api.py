"""Contracts in the API, from the draft to the success case: the same actions and permissions as the pages."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.core.exceptions import ValidationError as CleaningError
from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _
from django_filters.rest_framework import CharFilter, ChoiceFilter, FilterSet
from drf_spectacular.utils import extend_schema, extend_schema_field, extend_schema_view
from rest_framework import serializers
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
from contracts.contract import actions
from contracts.contract.fields import CONTRACT, MILESTONE, MOST_MILESTONES, clean_contract
from contracts.contract.permissions import check_either_side, sides_of
from contracts.contract.serializers import (
    ConfirmSerializer,
    ContractInputSerializer,
    ContractSerializer,
    FundingSerializer,
    MilestoneInputSerializer,
    NoteSerializer,
    ReasonSerializer,
)
from contracts.contract.text import missing, text_hash
from contracts.contract.workflow import ContractState
from contracts.delivery import actions as delivery
from contracts.delivery.serializers import (
    DeliverySerializer,
    MilestoneSerializer,
    PaymentInputSerializer,
    PaymentSerializer,
)
from contracts.models import (
    Clause,
    Contract,
    ContractAttachment,
    Milestone,
    PaymentKind,
    Side,
    SuccessCase,
)
from contracts.outcome import actions as outcomes
from contracts.outcome import queries as outcome_queries
from contracts.outcome.serializers import (
    CaseInputSerializer,
    CaseSerializer,
    FigureSerializer,
    RatingInputSerializer,
    RatingSerializer,
    SolveSerializer,
)
from lib import fields
from lib.refusals import WrongState
from needs.files.actions import Unacceptable
from needs.files.api import AttachmentSerializer, AttachmentUploadSerializer
from needs.files.forms import AttachmentForm

OF_MILESTONE = r"milestones/(?P<position>[0-9]{1,4})"


@contextmanager
def refusals() -> Iterator[None]:
    """Refusals of this room in the words of the API."""
    try:
        yield
    except actions.ChangedMeanwhile as error:
        raise WrongState(_("内容在您打开页面之后又有修改，请看过新的内容再决定。")) from error
    except Unacceptable as error:
        raise ValidationError({"file": [str(error)]}) from error


class ContractDetailSerializer(ContractSerializer):
    clauses = serializers.DictField(child=serializers.CharField(), help_text=f"Of: {', '.join(Clause.values)}.")
    milestones = MilestoneSerializer(many=True)
    payments = serializers.SerializerMethodField()
    figures = FigureSerializer(many=True)
    ratings = serializers.SerializerMethodField(help_text="Both once both have rated; before that one's own.")
    sides = serializers.SerializerMethodField(help_text="Yours: buyer, supplier, both or none.")
    text_hash = serializers.SerializerMethodField(
        help_text="SHA-256 of the text as it is: send it to confirm it, or to change what you read."
    )
    missing = serializers.SerializerMethodField(help_text="What a draft still lacks, in sentences.")
    case = serializers.SerializerMethodField(help_text="Code of the success case.")

    class Meta(ContractSerializer.Meta):
        fields = [
            *ContractSerializer.Meta.fields,
            *(name for name in CONTRACT if name not in ContractSerializer.Meta.fields),
            "funding_amount",
            "funding_decided_on",
            "funding_reference",
            "sides",
            "text_hash",
            "missing",
            "confirmed_hash",
            "buyer_confirmed_at",
            "supplier_confirmed_at",
            "milestones",
            "payments",
            "acceptance_note",
            "reject_reason",
            "terminate_reason",
            "figures",
            "ratings",
            "case",
        ]

    @extend_schema_field(PaymentSerializer(many=True))
    def get_payments(self, contract: Contract) -> Any:
        rows = contract.payments.select_related("milestone").order_by("paid_on", "pk")
        return PaymentSerializer(rows, many=True).data

    @extend_schema_field(RatingSerializer(many=True))
    def get_ratings(self, contract: Contract) -> Any:
        return RatingSerializer(outcome_queries.ratings_shown_to(self.context["viewer"].user, contract), many=True).data

    def get_sides(self, contract: Contract) -> list[str]:
        return sorted(sides_of(self.context["viewer"].user, contract))

    def get_text_hash(self, contract: Contract) -> str:
        return text_hash(contract, list(contract.milestones.all()))

    def get_missing(self, contract: Contract) -> list[str]:
        is_draft = contract.state == ContractState.DRAFT
        return missing(contract, list(contract.milestones.all())) if is_draft else []

    def get_case(self, contract: Contract) -> str | None:
        case = SuccessCase.objects.filter(contract=contract).first()
        return case.code if case else None


_DETAIL = acted(ContractDetailSerializer)


class ContractFilterSet(FilterSet):
    state = ChoiceFilter(choices=ContractState.choices)
    mine = MineFilter("need__organisation", "supplier", help_text="Only those of my organisations.")
    need = CharFilter("need__code", help_text="Code of a need.")


@extend_schema_view(
    list=extend_schema(
        operation_id="contracts_list",
        summary="List contracts",
        description="Those of one's own organisations; for operators all. The latest first.",
        responses=answers(ContractSerializer(many=True)),
    ),
    retrieve=extend_schema(summary="One contract with everything", responses=answers(ContractDetailSerializer)),
)
class ContractViewSet(CodeViewSet):
    """Technology contracts between a need's organisation (buyer) and a supplier."""

    filterset_class = ContractFilterSet

    def get_serializer_class(self) -> type[ContractSerializer]:
        return ContractSerializer if self.action == "list" else ContractDetailSerializer

    def get_queryset(self) -> QuerySet[Contract]:
        contracts = Contract.objects.visible_to(self.request.user)
        return contracts.select_related("need__organisation", "supplier", "solution").order_by("-created_at", "-pk")

    # --- Until it is signed --------------------------------------------------------------------------------------

    @extend_schema(summary="Change a draft", request=ContractInputSerializer, responses=_DETAIL)
    def partial_update(self, request: Request, code: str) -> Response:
        contract = self.get_object()
        sent = read_object(request.data, ContractInputSerializer)
        milestones = _milestones(sent.pop("milestones")) if "milestones" in sent else None
        read_hash = sent.pop("text_hash", None)
        try:
            values = clean_contract(sent)
        except CleaningError as error:
            raise ValidationError(by_field(error)) from error
        with refusals():
            actions.change_contract(
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
        request=ConfirmSerializer,
        responses=_DETAIL,
    )
    @action(detail=True, methods=["post"])
    def confirm(self, request: Request, code: str) -> Response:
        contract, sent = self.get_object(), self.input(ConfirmSerializer)
        with refusals():
            actions.confirm_contract(
                contract=contract,
                side=self._side(contract, sent),
                by=self.person,
                at=timezone.now(),
                read_hash=sent["text_hash"],
            )
        return self.answer(code)

    @extend_schema(summary="Record the public funding decision", request=FundingSerializer, responses=_DETAIL)
    @action(detail=True, methods=["post"])
    def funding(self, request: Request, code: str) -> Response:
        contract, sent = self.get_object(), self.input(FundingSerializer)
        with refusals():
            actions.record_funding(contract=contract, **sent, by=self.person, at=timezone.now())
        return self.answer(code)

    @extend_schema(summary="End a contract and say why", request=ReasonSerializer, responses=_DETAIL)
    @action(detail=True, methods=["post"])
    def terminate(self, request: Request, code: str) -> Response:
        contract, sent = self.get_object(), self.input(ReasonSerializer)
        actions.terminate_contract(contract=contract, reason=sent["reason"], by=self.person, at=timezone.now())
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
        request={"application/json": NoteSerializer, "multipart/form-data": DeliverySerializer},
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
        note = self.input(NoteSerializer)["note"]
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

    @extend_schema(summary="Send a milestone back with a reason (buyer)", request=ReasonSerializer, responses=_DETAIL)
    @action(detail=True, methods=["post"], url_path=f"{OF_MILESTONE}/return", url_name="milestone-return")
    def return_milestone(self, request: Request, code: str, position: str) -> Response:
        milestone, sent = self._milestone(position), self.input(ReasonSerializer)
        delivery.return_milestone(milestone=milestone, reason=sent["reason"], by=self.person, at=timezone.now())
        return self.answer(code)

    @extend_schema(
        summary="Record a payment or a correction (buyer)",
        request=PaymentInputSerializer,
        responses=acted(ContractDetailSerializer, status=201),
    )
    @action(detail=True, methods=["post"])
    def payments(self, request: Request, code: str) -> Response:
        contract, sent = self.get_object(), self.input(PaymentInputSerializer)
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

    @extend_schema(summary="Accept the whole contract (buyer)", request=NoteSerializer, responses=_DETAIL)
    @action(detail=True, methods=["post"])
    def accept(self, request: Request, code: str) -> Response:
        contract, sent = self.get_object(), self.input(NoteSerializer)
        with refusals():
            delivery.accept_contract(contract=contract, note=sent["note"], by=self.person, at=timezone.now())
        return self.answer(code)

    @extend_schema(
        summary="Reject the final acceptance with a reason (buyer)",
        request=ReasonSerializer,
        responses=_DETAIL,
    )
    @action(detail=True, methods=["post"])
    def reject(self, request: Request, code: str) -> Response:
        contract, sent = self.get_object(), self.input(ReasonSerializer)
        delivery.reject_contract(contract=contract, reason=sent["reason"], by=self.person, at=timezone.now())
        return self.answer(code)

    @extend_schema(summary="Take a rejected contract up again (buyer)", request=None, responses=_DETAIL)
    @action(detail=True, methods=["post"])
    def resume(self, request: Request, code: str) -> Response:
        delivery.resume_contract(contract=self.get_object(), by=self.person, at=timezone.now())
        return self.answer(code)

    @extend_schema(
        summary="Confirm with figures that the problem is solved (buyer)",
        request=SolveSerializer,
        responses=_DETAIL,
    )
    @action(detail=True, methods=["post"])
    def solve(self, request: Request, code: str) -> Response:
        contract, sent = self.get_object(), self.input(SolveSerializer)
        files: dict[str, ContractAttachment] = {
            file.code: file for file in contract.attachments.filter(removed_at=None)
        }
        figures = [{**row, "evidence": files.get(row["evidence"])} for row in sent["figures"]]
        with refusals():
            outcomes.confirm_solved(contract=contract, figures=figures, by=self.person, at=timezone.now())
        return self.answer(code)

    @extend_schema(summary="Rate the other side, once", request=RatingInputSerializer, responses=_DETAIL)
    @action(detail=True, methods=["post"])
    def rate(self, request: Request, code: str) -> Response:
        contract, sent = self.get_object(), self.input(RatingInputSerializer)
        side = self._side(contract, sent)
        sent.pop("side", None)
        outcomes.rate(contract=contract, side=side, **sent, by=self.person, at=timezone.now())
        return self.answer(code)

    @extend_schema(
        summary="Write or change the success case",
        request=CaseInputSerializer,
        responses=acted(CaseSerializer),
    )
    @action(detail=True, methods=["put"])
    def case(self, request: Request, code: str) -> Response:
        contract, sent = self.get_object(), self.input(CaseInputSerializer)
        read_at = sent.pop("written_at", None)
        with refusals():
            case = outcomes.write_case(contract=contract, **sent, by=self.person, at=timezone.now(), read_at=read_at)
        return Response(CaseSerializer(case).data)

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
            values.append(fields.clean(MILESTONE, read_object(row, MilestoneInputSerializer)))
            errors.append({})
        except CleaningError as error:
            errors.append(by_field(error))
    if any(errors):
        raise ValidationError({"milestones": errors})
    return values

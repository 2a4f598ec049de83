"""Contracts, milestones, payments, figures, ratings and success cases as the API shows and takes them."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from accounts.organisation.api import OrganisationReferenceSerializer
from contracts.contract.fields import CONTRACT, MILESTONE
from contracts.contract.permissions import sides_of
from contracts.contract.text import missing, text_hash
from contracts.contract.workflow import ContractState
from contracts.models import (
    Clause,
    Contract,
    ContractAttachment,
    FundingOrder,
    Milestone,
    OutcomeFigure,
    Payment,
    PaymentKind,
    Rating,
    Remark,
    Side,
    SuccessCase,
)
from contracts.outcome import queries
from needs.need.api import NeedReferenceSerializer

TERMS = [name for name in CONTRACT if name != "title"]


class MilestoneSerializer(serializers.ModelSerializer):
    class Meta:
        model = Milestone
        fields = [
            "position",
            "title",
            "deliverable",
            "due_on",
            "payment",
            "state",
            "delivered_at",
            "delivery_note",
            "return_reason",
            "accepted_at",
        ]


class PaymentSerializer(serializers.ModelSerializer):
    milestone: "serializers.SlugRelatedField[Milestone]" = serializers.SlugRelatedField(
        "position", read_only=True, help_text="Its position."
    )

    class Meta:
        model = Payment
        fields = ["kind", "corrects", "amount", "paid_on", "milestone", "note", "recorded_at"]


class FigureSerializer(serializers.ModelSerializer):
    evidence: "serializers.SlugRelatedField[ContractAttachment]" = serializers.SlugRelatedField(
        "code", read_only=True, help_text="Code of the file."
    )

    class Meta:
        model = OutcomeFigure
        fields = ["name", "unit", "before", "after", "evidence"]


class RatingSerializer(serializers.ModelSerializer):
    class Meta:
        model = Rating
        fields = ["side", "stars", "remarks", "comment", "rated_at"]


class ContractSerializer(serializers.ModelSerializer):
    need = NeedReferenceSerializer()
    buyer = OrganisationReferenceSerializer(source="need.organisation", help_text="甲方.")
    supplier = OrganisationReferenceSerializer(help_text="乙方.")

    class Meta:
        model = Contract
        fields = [
            "code",
            "state",
            "title",
            "need",
            "buyer",
            "supplier",
            "kind",
            "amount",
            "created_at",
            "signed_at",
            "accepted_at",
            "solved_at",
            "terminated_at",
        ]


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
            *(name for name in TERMS if name not in ContractSerializer.Meta.fields),
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
        return RatingSerializer(queries.ratings_shown_to(self.context["viewer"].user, contract), many=True).data

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


class MilestoneInputSerializer(serializers.ModelSerializer):
    class Meta:
        model = Milestone
        fields = list(MILESTONE)


class ContractInputSerializer(serializers.ModelSerializer):
    """Only the fields sent change; `clauses` and `milestones`, when given, replace all of them."""

    clauses = serializers.DictField(child=serializers.CharField(allow_blank=True), required=False)
    funding_order = serializers.ChoiceField(FundingOrder.choices, required=False)
    milestones = MilestoneInputSerializer(many=True, required=False)
    text_hash = serializers.CharField(
        max_length=64,
        required=False,
        help_text="`text_hash` of the contract you read: where it has changed since, nothing is overwritten (409).",
    )

    class Meta:
        model = Contract
        fields = [*CONTRACT, "milestones", "text_hash"]


class SideSerializer(serializers.Serializer):
    side = serializers.ChoiceField(
        Side.choices, required=False, help_text="For whom; may be left out by who writes for one side only."
    )


class ConfirmSerializer(SideSerializer):
    text_hash = serializers.CharField(max_length=64, help_text="`text_hash` of the contract you read.")


class FundingSerializer(serializers.Serializer):
    amount = serializers.DecimalField(max_digits=12, decimal_places=2, help_text="万元.")
    decided_on = serializers.DateField()
    reference = serializers.CharField(max_length=120)


class ReasonSerializer(serializers.Serializer):
    reason = serializers.CharField(max_length=2000)


class NoteSerializer(serializers.Serializer):
    note = serializers.CharField(max_length=5000)


class DeliverySerializer(NoteSerializer):
    files = serializers.ListField(child=serializers.FileField(), required=False, help_text="Multipart only.")


class PaymentInputSerializer(serializers.Serializer):
    kind = serializers.ChoiceField(PaymentKind.choices)
    corrects = serializers.ChoiceField(
        [choice for choice in PaymentKind.choices if choice[0] != PaymentKind.CORRECTION],
        required=False,
        allow_blank=True,
        help_text="Of a correction: the kind it is of. May be left out where the contract knows one kind only.",
    )
    amount = serializers.DecimalField(max_digits=12, decimal_places=2, help_text="万元; corrections may be negative.")
    paid_on = serializers.DateField()
    milestone = serializers.IntegerField(required=False, allow_null=True, help_text="Position of a milestone.")
    note = serializers.CharField(max_length=300, required=False, allow_blank=True)


class FigureInputSerializer(serializers.Serializer):
    name = serializers.CharField(max_length=60)
    unit = serializers.CharField(max_length=20)
    before = serializers.DecimalField(max_digits=20, decimal_places=6)
    after = serializers.DecimalField(max_digits=20, decimal_places=6)
    evidence = serializers.CharField(help_text="Code of a file attached to the contract before.")


class SolveSerializer(serializers.Serializer):
    figures = FigureInputSerializer(many=True)


class RatingInputSerializer(SideSerializer):
    stars = serializers.IntegerField(min_value=1, max_value=5)
    remarks = serializers.ListField(child=serializers.ChoiceField(Remark.choices), required=False)
    comment = serializers.CharField(max_length=2000, required=False, allow_blank=True)


class CaseInputSerializer(serializers.Serializer):
    title = serializers.CharField(max_length=120)
    text = serializers.CharField(max_length=10_000)
    written_at = serializers.DateTimeField(
        required=False,
        help_text="`written_at` of the case you read: where it was written since, nothing is overwritten (409).",
    )


class ApproveSerializer(SideSerializer):
    written_at = serializers.DateTimeField(
        help_text="`written_at` of the case you read: where it was written since, nobody approves it unread (409)."
    )


class CaseSerializer(serializers.ModelSerializer):
    buyer = serializers.CharField(source="contract.need.organisation.name")
    supplier = serializers.CharField(source="contract.supplier.name")
    figures = serializers.SerializerMethodField()

    class Meta:
        model = SuccessCase
        fields = ["code", "state", "title", "text", "buyer", "supplier", "figures", "written_at", "published_at"]

    @extend_schema_field(FigureSerializer(many=True))
    def get_figures(self, case: SuccessCase) -> Any:
        """Numbers only: the files stay with the parties."""
        rows = FigureSerializer(case.contract.figures.all(), many=True).data
        return [{**row, "evidence": None} for row in rows]

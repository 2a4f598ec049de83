"""A contract in lists of the API, and what a request about one may hold, here and in the other rooms."""

from rest_framework import serializers

from accounts.api.content import CONTENT, ContentSerializer
from accounts.organisation.api import OrganisationReferenceSerializer
from contracts.contract.fields import CONTRACT, FUNDING, MILESTONE
from contracts.models import Contract, FundingOrder, Milestone, Side
from needs.need.api import NeedReferenceSerializer


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


class MilestoneInputSerializer(ContentSerializer):
    class Meta:
        model = Milestone
        table = MILESTONE
        fields = [CONTENT]


class ContractInputSerializer(ContentSerializer):
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
        table = CONTRACT
        fields = [CONTENT, "milestones", "text_hash"]


class SideSerializer(serializers.Serializer):
    side = serializers.ChoiceField(
        Side.choices, required=False, help_text="For whom; may be left out by who writes for one side only."
    )


class ConfirmSerializer(SideSerializer):
    text_hash = serializers.CharField(max_length=64, help_text="`text_hash` of the contract you read.")


class FundingSerializer(ContentSerializer):
    class Meta:
        model = Contract
        table = FUNDING
        fields = [CONTENT]


class ReasonSerializer(serializers.Serializer):
    reason = serializers.CharField(max_length=2000)


class NoteSerializer(serializers.Serializer):
    note = serializers.CharField(max_length=5000)

"""Milestones and payments as the API shows and takes them."""

from rest_framework import serializers

from accounts.api.content import CONTENT, ContentSerializer
from contracts.contract.serializers import NoteSerializer
from contracts.delivery.fields import PAYMENT
from contracts.models import Milestone, Payment


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


class DeliverySerializer(NoteSerializer):
    files = serializers.ListField(child=serializers.FileField(), required=False, help_text="Multipart only.")


class PaymentInputSerializer(ContentSerializer):
    milestone = serializers.IntegerField(required=False, allow_null=True, help_text="Position of a milestone.")

    class Meta:
        model = Payment
        table = PAYMENT
        fields = [CONTENT, "milestone"]

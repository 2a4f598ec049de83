"""Objections by program: their shapes. Their addresses are below a challenge's: challenges/challenge/api.py."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from accounts.organisation.api import OrganisationReferenceSerializer
from challenges.models import Objection


class ObjectionSerializer(serializers.ModelSerializer):
    challenge: Any = serializers.SlugRelatedField(slug_field="code", read_only=True)
    organisation = serializers.SerializerMethodField(
        help_text="Only for operators, who are not of a bidder here, and the objector's own members."
    )

    class Meta:
        model = Objection
        fields = ["id", "challenge", "stage", "organisation", "text", "raised_at", "state", "answer", "decided_at"]

    @extend_schema_field(OrganisationReferenceSerializer(allow_null=True))
    def get_organisation(self, objection: Objection) -> Any:
        viewer = self.context["viewer"]
        if not (self.context["operates"] or objection.organisation_id in viewer.member_of):
            return None
        return OrganisationReferenceSerializer(objection.organisation).data


class ObjectSerializer(serializers.Serializer):
    text = serializers.CharField(max_length=3000)
    organisation = serializers.CharField(
        required=False, help_text="Code of the organisation that objects; may be left out by who belongs to one only."
    )


class DecideObjectionSerializer(serializers.Serializer):
    objection = serializers.IntegerField(help_text="Id of an objection of this challenge.")
    upheld = serializers.BooleanField()
    answer = serializers.CharField(max_length=3000)

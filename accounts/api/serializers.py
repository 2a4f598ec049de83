"""Organisations and people as the API shows them. Read only: they are registered and verified on the pages."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from accounts.models import Membership, Organisation, User


class OrganisationReferenceSerializer(serializers.ModelSerializer):
    """An organisation where it is mentioned."""

    class Meta:
        model = Organisation
        fields = ["code", "name", "kind"]


class OrganisationSerializer(serializers.ModelSerializer):
    region_name = serializers.CharField(read_only=True, help_text="In the language of the request.")
    industry_name = serializers.CharField(read_only=True, help_text="In the language of the request.")

    class Meta:
        model = Organisation
        fields = [
            "code",
            "name",
            "kind",
            "state",
            "region_code",
            "region_name",
            "industry",
            "industry_name",
            "introduction",
            "website",
            "created_at",
        ]


class MembershipSerializer(serializers.ModelSerializer):
    organisation = OrganisationReferenceSerializer()
    can_write = serializers.BooleanField(read_only=True, help_text="Whether this role may write, submit and answer.")

    class Meta:
        model = Membership
        fields = ["organisation", "role", "can_write", "started_at"]


class MeSerializer(serializers.ModelSerializer):
    is_operator = serializers.SerializerMethodField(help_text="Whether this person reviews for the platform.")
    memberships = serializers.SerializerMethodField()

    class Meta:
        model = User
        fields = ["name", "email", "language", "is_operator", "memberships"]

    def get_is_operator(self, user: User) -> bool:
        return self.context["viewer"].is_operator

    @extend_schema_field(MembershipSerializer(many=True))
    def get_memberships(self, user: User) -> list[Any]:
        mine = Membership.objects.active().filter(user=user).select_related("organisation")
        return list(MembershipSerializer(mine.order_by("started_at", "pk"), many=True).data)

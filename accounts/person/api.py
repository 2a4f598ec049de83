"""One's own account in the API."""

from typing import Any

from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.api.schema import answers
from accounts.api.viewsets import viewer_of
from accounts.models import Membership, User
from accounts.organisation.api import OrganisationReferenceSerializer


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


class MeView(APIView):
    """The person the key or the session belongs to."""

    permission_classes = [IsAuthenticated]

    @extend_schema(
        operation_id="me",
        summary="Who I am and for which organisations I act",
        responses=answers(MeSerializer, errors=(401, 429)),
    )
    def get(self, request: Request) -> Response:
        return Response(MeSerializer(request.user, context={"viewer": viewer_of(request)}).data)

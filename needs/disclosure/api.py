"""What a need discloses, by program: agreement, named organisations, log, files. The pages' own actions."""

from typing import Any

from django.db.models import Q, QuerySet
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, viewsets
from rest_framework.decorators import action
from rest_framework.exceptions import NotFound, ValidationError
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.inputs import acting_organisation
from accounts.api.schema import acted, answers
from accounts.api.viewsets import WithViewer
from accounts.models import Membership, Organisation, User
from accounts.organisation.api import OrganisationReferenceSerializer
from needs.disclosure import actions, queries
from needs.disclosure.permissions import is_insider
from needs.models import DisclosureView, NamedOrganisation, NdaAcceptance, Need

CODE = "[A-Z]-[0-9A-Z]+"


class NdaAgreementSerializer(serializers.Serializer):
    version = serializers.CharField()
    text = serializers.CharField(help_text="Chinese, with an English translation below.")
    text_hash = serializers.CharField(help_text="SHA-256 of the text in UTF-8: send it back to sign what you read.")


class NdaSignSerializer(serializers.Serializer):
    text_hash = serializers.CharField(max_length=64)
    organisation = serializers.CharField(required=False, help_text="For whom; needed by who belongs to several.")


class NdaAcceptanceSerializer(serializers.ModelSerializer):
    need = serializers.CharField(source="need.code")
    organisation = OrganisationReferenceSerializer()
    accepted_by = serializers.CharField(source="accepted_by.name")

    class Meta:
        model = NdaAcceptance
        fields = [
            "code",
            "need",
            "organisation",
            "text_version",
            "text_hash",
            "accepted_at",
            "accepted_by",
            "revoked_at",
            "revoke_reason",
        ]


class NdaRevokeSerializer(serializers.Serializer):
    reason = serializers.CharField(max_length=300)


class NamedSerializer(serializers.ModelSerializer):
    organisation = OrganisationReferenceSerializer()

    class Meta:
        model = NamedOrganisation
        fields = ["organisation", "named_at"]


class NamingSerializer(serializers.Serializer):
    organisation = serializers.CharField(help_text="Code of a verified organisation.")


class DisclosureViewSerializer(serializers.ModelSerializer):
    user = serializers.CharField(source="user.name")
    organisations = serializers.SerializerMethodField()

    class Meta:
        model = DisclosureView
        fields = ["at", "user", "organisations", "fields", "channel"]

    def get_organisations(self, view: DisclosureView) -> list[str]:
        return queries.organisations_at_reading(view)


class OfNeed(WithViewer, viewsets.GenericViewSet):
    """Something of one need that its reader may see: else a 404."""

    def need(self, *, insiders: bool = False) -> Need:
        """`insiders`: only for the poser's side, the caretaker and operators."""
        visible = Need.objects.visible_to(self.request.user).select_related("organisation")
        need = get_object_or_404(visible, code=self.kwargs["need_code"])
        if insiders and not is_insider(self.viewer, need):
            raise NotFound
        return need

    def paged(self, rows: QuerySet[Any], shape: type[serializers.BaseSerializer[Any]]) -> Response:
        return self.get_paginated_response(shape(self.paginate_queryset(rows), many=True).data)


class NeedAgreementViewSet(OfNeed):
    """The confidentiality agreement on one need."""

    serializer_class = NdaAcceptanceSerializer
    permission_classes = [IsAuthenticated]

    @extend_schema(
        operation_id="need_agreement_read",
        summary="The agreement as your organisation would sign it",
        responses=answers(NdaAgreementSerializer),
    )
    @action(detail=False, url_path="agreement")
    def agreement(self, request: Request, need_code: str) -> Response:
        organisation = acting_organisation(request.query_params.get("organisation"), self.person)
        text = actions.agreement_for(self.need(), organisation)
        return Response({"version": text.version, "text": text.text, "text_hash": text.checksum})

    @extend_schema(
        operation_id="need_agreement_acceptances",
        summary="Who signed: for the need's own people; others see their organisations' own",
        responses=answers(NdaAcceptanceSerializer(many=True)),
    )
    def list(self, request: Request, need_code: str) -> Response:
        need = self.need()
        rows = queries.acceptances_of(need).select_related("need")
        if not is_insider(self.viewer, need):
            mine = Membership.objects.active().filter(user=self.person).values("organisation")
            rows = rows.filter(organisation__in=mine)
        return self.paged(rows, NdaAcceptanceSerializer)

    @extend_schema(
        operation_id="need_agreement_sign",
        summary="Sign the agreement for your organisation",
        request=NdaSignSerializer,
        responses=acted(NdaAcceptanceSerializer, status=201),
    )
    def create(self, request: Request, need_code: str) -> Response:
        sent = NdaSignSerializer(data=request.data)
        sent.is_valid(raise_exception=True)
        organisation = acting_organisation(sent.validated_data.get("organisation"), self.person)
        try:
            acceptance = actions.accept_nda(
                need=self.need(),
                organisation=organisation,
                text_hash=sent.validated_data["text_hash"],
                by=self.person,
                at=timezone.now(),
            )
        except actions.TextChanged as error:
            raise ValidationError({"text_hash": [str(error)]}) from error
        return Response(NdaAcceptanceSerializer(acceptance).data, status=201)


class AcceptanceViewSet(WithViewer, viewsets.GenericViewSet):
    """Signed agreements, by their number."""

    serializer_class = NdaAcceptanceSerializer
    permission_classes = [IsAuthenticated]
    lookup_field = "code"
    lookup_value_regex = CODE

    def get_queryset(self) -> QuerySet[NdaAcceptance]:
        rows = NdaAcceptance.objects.select_related("need__organisation", "organisation", "accepted_by").order_by("pk")
        if self.viewer.is_operator:
            return rows
        mine = Q(organisation__in=self.viewer.member_of) | Q(need__organisation__in=self.viewer.member_of)
        return rows.filter(mine | Q(need__caretaker=self.person) if self.viewer.is_broker else mine)

    @extend_schema(summary="One signed agreement", responses=answers(NdaAcceptanceSerializer))
    def retrieve(self, request: Request, code: str) -> Response:
        return Response(NdaAcceptanceSerializer(self.get_object()).data)

    @extend_schema(
        summary="End an agreement: by either side, with a reason",
        request=NdaRevokeSerializer,
        responses=acted(NdaAcceptanceSerializer),
    )
    @action(detail=True, methods=["post"])
    def revoke(self, request: Request, code: str) -> Response:
        acceptance = self.get_object()
        sent = NdaRevokeSerializer(data=request.data)
        sent.is_valid(raise_exception=True)
        assert isinstance(request.user, User)
        actions.revoke_nda(
            acceptance=acceptance, reason=sent.validated_data["reason"], by=request.user, at=timezone.now()
        )
        return Response(NdaAcceptanceSerializer(self.get_object()).data)


class NamedViewSet(OfNeed):
    """Organisations the poser named: for the need's own people."""

    serializer_class = NamedSerializer
    permission_classes = [IsAuthenticated]
    lookup_field = "organisation"
    lookup_value_regex = CODE

    @extend_schema(summary="Named organisations", responses=answers(NamedSerializer(many=True)))
    def list(self, request: Request, need_code: str) -> Response:
        return self.paged(queries.named_of(self.need(insiders=True)), NamedSerializer)

    @extend_schema(
        summary="Name an organisation", request=NamingSerializer, responses=acted(NamedSerializer, status=201)
    )
    def create(self, request: Request, need_code: str) -> Response:
        sent = NamingSerializer(data=request.data)
        sent.is_valid(raise_exception=True)
        code = sent.validated_data["organisation"]
        organisation = Organisation.objects.visible_to(request.user).filter(code=code).first()
        if organisation is None:
            raise ValidationError({"organisation": [_("没有这个机构。")]})
        try:
            named = actions.name_organisation(
                need=self.need(insiders=True), organisation=organisation, by=self.person, at=timezone.now()
            )
        except actions.NotNameable as error:
            raise ValidationError({"organisation": [str(error)]}) from error
        return Response(NamedSerializer(named).data, status=201)

    @extend_schema(summary="Name an organisation no longer", responses=acted(None, status=204))
    def destroy(self, request: Request, need_code: str, organisation: str) -> Response:
        row = get_object_or_404(queries.named_of(self.need(insiders=True)), organisation__code=organisation)
        actions.unname_organisation(need=row.need, organisation=row.organisation, by=self.person, at=timezone.now())
        return Response(status=204)


class LogViewSet(OfNeed):
    """Who read what is not public, the latest first: for the need's own people."""

    serializer_class = DisclosureViewSerializer
    permission_classes = [IsAuthenticated]

    @extend_schema(summary="Who read what is not public", responses=answers(DisclosureViewSerializer(many=True)))
    def list(self, request: Request, need_code: str) -> Response:
        return self.paged(queries.log_of(self.need(insiders=True)), DisclosureViewSerializer)

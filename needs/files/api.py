"""What a need discloses, by program: agreement, named organisations, log, files. The pages' own verbs."""

from django.http import FileResponse
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, viewsets
from rest_framework.exceptions import NotFound, ValidationError
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.inputs import check_form
from accounts.api.schema import ErrorSerializer, acted, answers
from accounts.api.viewsets import WithViewer
from accounts.models import User
from accounts.permissions import check_writes_for
from needs.disclosure.api import CODE, OfNeed
from needs.disclosure.permissions import FULL, clearance
from needs.files import actions as files
from needs.files import kinds
from needs.files.forms import AttachmentForm
from needs.files.view_parts import file_response
from needs.models import Attachment, DisclosureChannel, Level, NeedAttachment


class AttachmentSerializer(serializers.ModelSerializer):
    uploaded_by = serializers.SerializerMethodField(help_text="Name; only for the need's own people.")

    class Meta:
        model = NeedAttachment  # the others look the same
        fields = ["code", "name", "content_type", "size", "sha256", "level", "uploaded_at", "uploaded_by"]

    def get_uploaded_by(self, attachment: Attachment) -> str:
        return attachment.uploaded_by.name if self.context.get("is_insider") else ""


class AttachmentUploadSerializer(serializers.Serializer):
    file = serializers.FileField()
    level = serializers.ChoiceField(Level.choices, required=False)


class NeedAttachmentViewSet(OfNeed):
    """Files of one need: those its reader may open."""

    serializer_class = AttachmentSerializer
    parser_classes = [MultiPartParser]

    @extend_schema(summary="Files of a need you may open", responses=answers(AttachmentSerializer(many=True)))
    def list(self, request: Request, need_code: str) -> Response:
        need = self.need()
        rows = need.attachments.filter(removed_at=None).select_related("uploaded_by").order_by("pk")
        reached = clearance(self.viewer, need)
        shown, _hidden = files.shown_of_need(rows, reached)
        page = self.paginate_queryset(rows.filter(pk__in=[row.pk for row in shown]))
        context = {"is_insider": reached == FULL}
        return self.get_paginated_response(AttachmentSerializer(page, many=True, context=context).data)

    @extend_schema(
        summary="Put a file with a need (multipart)",
        request={"multipart/form-data": AttachmentUploadSerializer},
        responses=acted(AttachmentSerializer, status=201),
    )
    def create(self, request: Request, need_code: str) -> Response:
        need = self.need()
        check_writes_for(request.user, need.organisation)
        form = AttachmentForm(request.data, request.FILES, with_level=True)
        check_form(form)
        try:
            attachment = files.attach_to_need(
                need=need,
                upload=form.cleaned_data["file"],
                level=form.cleaned_data["level"],
                by=self.person,
                at=timezone.now(),
            )
        except files.Unacceptable as error:
            raise ValidationError({"file": [str(error)]}) from error
        return Response(AttachmentSerializer(attachment, context={"is_insider": True}).data, status=201)


class AttachmentViewSet(WithViewer, viewsets.GenericViewSet):
    """Any file by its number, whatever it belongs to."""

    queryset = NeedAttachment.objects.none()  # for the schema; `get_object` looks further
    serializer_class = AttachmentSerializer
    lookup_field = "code"
    lookup_value_regex = CODE

    def get_object(self) -> Attachment:
        if (attachment := kinds.find(self.kwargs["code"])) is None:
            raise NotFound
        return attachment

    @extend_schema(
        summary="Download a file",
        responses={(200, "application/octet-stream"): OpenApiTypes.BINARY, 404: ErrorSerializer},
    )
    def retrieve(self, request: Request, code: str) -> FileResponse:
        return file_response(self.viewer, self.get_object(), channel=DisclosureChannel.API)

    @extend_schema(summary="Take a file away", responses=acted(None, status=204))
    def destroy(self, request: Request, code: str) -> Response:
        attachment = self.get_object()
        if attachment.removed_at is not None or not files.may_read(request.user, attachment):
            raise NotFound
        assert isinstance(request.user, User)
        files.remove(attachment=attachment, by=request.user, at=timezone.now())
        return Response(status=204)

"""Bids and claims by program: one's own, and others' only once they were opened. A sealed one is a 404, no number."""

from collections.abc import Callable
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django_filters.rest_framework import CharFilter, ChoiceFilter, FilterSet
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework.decorators import action
from rest_framework.exceptions import ValidationError
from rest_framework.generics import get_object_or_404
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.filters import MineFilter
from accounts.api.inputs import acting_organisation, check_form, read_object
from accounts.api.schema import acted, answers
from accounts.api.viewsets import CodeViewSet
from accounts.models import Organisation
from accounts.permissions import check_writes_for
from challenges.bid import actions
from challenges.bid.asked import asked_for
from challenges.bid.serializers import (
    BidDetailSerializer,
    BidInputSerializer,
    BidSerializer,
    ClaimSerializer,
    RefuseSerializer,
    StartSerializer,
    clean_content,
)
from challenges.bid.workflow import BidState
from challenges.claim import actions as claims
from challenges.models import Bid, BidAttachment, Challenge
from lib import clock
from lib.cleaning import strip_controls
from needs.files.actions import Unacceptable
from needs.files.api import AttachmentSerializer, AttachmentUploadSerializer
from needs.files.forms import AttachmentForm

Values = dict[str, Any]


class BidFilterSet(FilterSet):
    state = ChoiceFilter(choices=BidState.choices)
    mine = MineFilter("organisation", help_text="Only those of my organisations.")
    challenge = CharFilter("challenge__code", help_text="Code of a challenge.")


@extend_schema_view(
    list=extend_schema(
        operation_id="bids_list",
        summary="List bids and claims",
        description="One's own; those on one's own challenges, and for operators all, once they were opened.",
        responses=answers(BidSerializer(many=True)),
    ),
    retrieve=extend_schema(summary="One bid with what it says", responses=answers(BidDetailSerializer)),
)
class BidViewSet(CodeViewSet):
    """Bids on open challenges (揭榜方案) and claims (抢单)."""

    filterset_class = BidFilterSet

    def get_serializer_class(self) -> type[BidSerializer]:
        return BidSerializer if self.action == "list" else BidDetailSerializer

    def get_queryset(self) -> QuerySet[Bid]:
        bids = Bid.objects.visible_to(self.request.user)
        return bids.select_related("organisation", "challenge__need__organisation").order_by("-created_at", "-pk")

    @extend_schema(
        summary="Begin the organisation's one bid on an open challenge, or get the one there is",
        request=StartSerializer,
        responses=acted(BidDetailSerializer, status=201),
    )
    def create(self, request: Request) -> Response:
        sent = read_object(request.data, StartSerializer)
        challenge, organisation = self._whereto(sent)
        bid = actions.start_bid(challenge=challenge, organisation=organisation, by=self.person, at=clock.now())
        return self.answer(bid.code, status=201)

    @extend_schema(
        summary="Save a bid, finished or not",
        description="A bid that was handed in goes on counting as it was until it is handed in again.",
        request=BidInputSerializer,
        responses=acted(BidDetailSerializer),
    )
    def partial_update(self, request: Request, code: str) -> Response:
        bid = self.get_object()
        sent = read_object(request.data, BidInputSerializer)
        asked = asked_for(bid.organisation, bid.challenge.need)
        values = clean_content(sent, organisation=bid.organisation, asked=asked)
        actions.save_bid(bid=bid, values=values, by=self.person, at=clock.now())
        return self.answer(code)

    @extend_schema(
        summary="Throw away what was changed since a bid was handed in",
        request=None,
        responses=acted(BidDetailSerializer),
    )
    @action(detail=True, methods=["post"])
    def drop(self, request: Request, code: str) -> Response:
        actions.drop_working_version(bid=self.get_object(), by=self.person, at=clock.now())
        return self.answer(code)

    @extend_schema(
        summary="Put a file with a bid (multipart)",
        description="With what is being written: it counts from the next time the bid is handed in.",
        request={"multipart/form-data": AttachmentUploadSerializer},
        responses=acted(AttachmentSerializer, status=201),
    )
    @action(detail=True, methods=["post"], parser_classes=[MultiPartParser])
    def attachments(self, request: Request, code: str) -> Response:
        bid = self.get_object()
        check_writes_for(self.person, bid.organisation)  # before the file is looked into
        form = AttachmentForm(request.data, request.FILES)
        check_form(form)
        try:
            version = actions.attach_to_bid(bid=bid, upload=form.cleaned_data["file"], by=self.person, at=clock.now())
        except Unacceptable as error:
            raise ValidationError({"file": [str(error)]}) from error
        return Response(AttachmentSerializer(version.attachments.latest("pk")).data, status=201)

    @extend_schema(
        summary="Leave a file out of a bid",
        description="Out of what is being written; a version handed in before keeps it.",
        responses=acted(None, status=204),
    )
    @action(
        detail=True,
        methods=["delete"],
        url_path="attachments/(?P<attachment>[A-Z]-[0-9A-Z]+)",
        url_name="attachment",
    )
    def attachment(self, request: Request, code: str, attachment: str) -> Response:
        bid = self.get_object()
        check_writes_for(self.person, bid.organisation)  # whoever may not write learns nothing of the files there are
        found = get_object_or_404(BidAttachment, bid=bid, code=attachment, removed_at=None)
        actions.detach_from_bid(bid=bid, attachment=found, by=self.person, at=clock.now())
        return Response(status=204)

    @extend_schema(summary="Hand a bid in, until the deadline", request=None, responses=acted(BidDetailSerializer))
    @action(detail=True, methods=["post"])
    def submit(self, request: Request, code: str) -> Response:
        actions.submit_bid(bid=self.get_object(), by=self.person, at=clock.now())
        return self.answer(code)

    @extend_schema(
        summary="Take a bid back until the deadline, or leave the queue of a first claim",
        request=None,
        responses=acted(BidDetailSerializer),
    )
    @action(detail=True, methods=["post"])
    def withdraw(self, request: Request, code: str) -> Response:
        bid = self.get_object()
        withdraw: Callable[..., Bid] = claims.withdraw_claim if bid.is_claim else actions.withdraw_bid
        withdraw(bid=bid, by=self.person, at=clock.now())
        return self.answer(code)

    @extend_schema(
        summary="Claim a first-claim challenge",
        description="The first qualified claim is `awarded` at once; later ones are `submitted` with a `claim_number`.",
        request=ClaimSerializer,
        responses=acted(BidDetailSerializer, status=201),
    )
    @action(detail=False, methods=["post"])
    def claim(self, request: Request) -> Response:
        sent = read_object(request.data, ClaimSerializer)
        challenge, organisation = self._whereto(sent)
        content = {name: sent[name] for name in sent if name not in {"challenge", "organisation"}}
        asked = asked_for(organisation, challenge.need)
        values = clean_content(content, organisation=organisation, asked=asked)
        bid = claims.claim(
            challenge=challenge, organisation=organisation, values=values, by=self.person, at=clock.now(), asked=asked
        )
        return self.answer(bid.code, status=201)

    @extend_schema(
        summary="Accept the claim one was offered (poser)", request=None, responses=acted(BidDetailSerializer)
    )
    @action(detail=True, methods=["post"])
    def accept(self, request: Request, code: str) -> Response:
        claims.accept_claim(bid=self.get_object(), by=self.person, at=clock.now())
        return self.answer(code)

    @extend_schema(
        summary="Refuse the claim one was offered, with a reason (poser)",
        request=RefuseSerializer,
        responses=acted(BidDetailSerializer),
    )
    @action(detail=True, methods=["post"])
    def refuse(self, request: Request, code: str) -> Response:
        bid = self.get_object()
        given = self.input(RefuseSerializer)
        claims.refuse_claim(bid=bid, reason=given["reason"], answer=given["answer"], by=self.person, at=clock.now())
        return self.answer(code)

    def _whereto(self, sent: Values) -> tuple[Challenge, Organisation]:
        challenges = Challenge.objects.visible_to(self.person).select_related("need__organisation")
        challenge = challenges.filter(code=strip_controls(str(sent.get("challenge", "")))).first()
        if challenge is None:
            raise ValidationError({"challenge": [_("没有这份榜单。")]})
        return challenge, acting_organisation(sent.get("organisation"), self.person)

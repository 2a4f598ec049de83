"""A bid on a challenge, or a claim: identity and state here, what it says in numbered versions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Anyone, Membership, Organisation, is_operator
from challenges.bid.workflow import BID_ACTIONS, BidState
from challenges.challenge.models import Challenge
from challenges.challenge.workflow import UNSEALED, ChallengeMode
from contracts.models import Contract
from lib.codes import new_code
from lib.transitions import Lifecycle
from needs.models import Attachment
from solutions.models import Solution

if TYPE_CHECKING:
    from accounts.models import User


def new_bid_code() -> str:
    return new_code("B")


class BidReason(models.TextChoices):
    """Why a bid was not taken: every bidder gets one of these and a sentence of its own."""

    BETTER_BID = "better_bid", _("综合评分低于中榜方案")
    INDICATORS_NOT_MET = "indicators_not_met", _("指标不满足")
    UNPROVEN = "unproven", _("技术路线依据不足")
    TOO_EARLY = "too_early", _("成熟度不够")
    PLAN = "plan", _("进度或计划不可行")
    TEAM = "team", _("团队或条件不足")
    PRICE = "price", _("报价不合适")
    IP = "ip", _("知识产权方案不可接受")
    NOT_ELIGIBLE = "not_eligible", _("不符合申报条件")
    CLAIMED_BEFORE = "claimed_before", _("已有单位先行抢单并确认")
    TOO_FEW_BIDS = "too_few_bids", _("有效揭榜数不足而流标")
    CANCELLED = "cancelled", _("榜单终止")
    OTHER = "other", _("其他")


class BidQuerySet(models.QuerySet["Bid"]):
    def handed_in(self) -> Self:
        """Bids that count: submitted and not withdrawn."""
        return self.filter(state__in=[BidState.SUBMITTED, BidState.AWARDED, BidState.DECLINED])

    def standing_awards(self) -> Self:
        """Awarded, and the contract was signed or may still be: one given up before the signature is no award."""
        return self.filter(state=BidState.AWARDED).exclude(contract__state="terminated", contract__signed_at=None)

    def awaiting_confirmation(self) -> Self:
        """Claims that were offered to their poser, who has neither accepted nor refused them."""
        return self.filter(state=BidState.AWARDED, refusable_until__isnull=False)

    def unanswered(self) -> Self:
        return self.filter(state=BidState.SUBMITTED)

    def unsealed(self) -> Self:
        """Handed in, on a challenge whose deadline is over and whose bids were opened. Claims are never sealed."""
        return self.handed_in().filter(
            Q(challenge__state__in=UNSEALED)
            | Q(challenge__bidding_closed_at__isnull=False)
            | Q(challenge__mode=ChallengeMode.FIRST_CLAIM)
        )

    def for_organisation(self, organisation: Organisation) -> Self:
        return self.filter(organisation=organisation)

    def by_organisations_of(self, user: User) -> Self:
        """Begun or handed in by an organisation `user` is a member of: there the person is a bidder like any other."""
        return self.filter(organisation__in=Membership.objects.active().filter(user=user).values("organisation"))

    def visible_to(self, user: Anyone | None) -> Self:
        """One's own organisation's always. Others' only unsealed: to the poser's organisation and to operators.

        An operator of a bidding organisation is a bidder there. Reviewers do not come through here: they read the
        blind view (challenges/review/actions.py).
        """
        if user is None or not user.is_authenticated:
            return self.none()
        mine = Membership.objects.active().filter(user=user).values("organisation")
        own = Q(organisation__in=mine)
        opened = Q(pk__in=Bid.objects.unsealed().values("pk"))
        if is_operator(user):
            contested = Bid.objects.by_organisations_of(user).values("challenge")
            return self.filter(own | opened & ~Q(challenge__in=contested))
        return self.filter(own | opened & Q(challenge__need__organisation__in=mine))


class Bid(models.Model):
    lifecycle = Lifecycle(BID_ACTIONS, "bid.{}")

    code = models.CharField(_("编号"), max_length=10, unique=True, default=new_bid_code)
    challenge = models.ForeignKey(Challenge, on_delete=models.PROTECT, related_name="bids")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="bids")
    state = models.CharField(_("状态"), max_length=9, choices=BidState, default=BidState.DRAFT, db_index=True)
    # What reviewers call it instead of its bidder: 方案 1, 方案 2 … in random order, given when bids are opened.
    label = models.PositiveSmallIntegerField(_("评审编号"), null=True, blank=True)
    created_at = models.DateTimeField(_("建立时间"), default=timezone.now)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    submitted_at = models.DateTimeField(_("提交时间"), null=True, blank=True)  # of the version that counts
    submitted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    withdrawn_at = models.DateTimeField(_("撤回时间"), null=True, blank=True)
    # What its award led to.
    contract = models.OneToOneField(Contract, on_delete=models.PROTECT, null=True, blank=True, related_name="bid")
    # 抢单: its place in the queue by the database's clock; the poser may refuse until `refusable_until`.
    claim_number = models.PositiveIntegerField(_("抢单次序"), null=True, blank=True)
    offered_at = models.DateTimeField(_("抢得时间"), null=True, blank=True)
    refusable_until = models.DateTimeField(_("确认截止"), null=True, blank=True)
    # The reasoned answer every bidder gets.
    reason = models.CharField(_("答复原因"), max_length=20, choices=BidReason, blank=True)
    answer = models.TextField(_("答复"), max_length=3000, blank=True)
    answered_at = models.DateTimeField(_("答复时间"), null=True, blank=True)
    answered_by = models.ForeignKey(  # empty when the platform answered: 流标, 终止
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )

    objects = BidQuerySet.as_manager()

    class Meta:
        verbose_name = _("揭榜方案")
        verbose_name_plural = _("揭榜方案")
        constraints = [
            models.UniqueConstraint(fields=["challenge", "organisation"], name="bid_one_per_organisation"),
            models.UniqueConstraint(
                fields=["challenge"], condition=Q(state="awarded"), name="bid_one_award_per_challenge"
            ),
            models.UniqueConstraint(fields=["challenge", "label"], name="bid_label_once_per_challenge"),
            models.UniqueConstraint(fields=["challenge", "claim_number"], name="bid_claim_number_once_per_challenge"),
            models.CheckConstraint(
                name="bid_handed_in_has_time_and_person",
                condition=Q(state="draft") | Q(submitted_at__isnull=False, submitted_by__isnull=False),
            ),
            models.CheckConstraint(
                name="bid_answered_with_words",
                condition=Q(state__in=["awarded", "declined"], answered_at__isnull=False) & ~Q(answer="")
                | ~Q(state__in=["awarded", "declined"]) & Q(answered_at=None, answered_by=None, answer="", reason=""),
            ),
            models.CheckConstraint(name="bid_declined_has_reason", condition=~Q(state="declined") | ~Q(reason="")),
            models.CheckConstraint(
                name="bid_withdrawn_has_time",
                condition=Q(state="withdrawn", withdrawn_at__isnull=False)
                | ~Q(state="withdrawn") & Q(withdrawn_at=None),
            ),
        ]
        indexes = [models.Index(fields=["organisation", "-created_at"])]

    def __str__(self) -> str:
        return self.code

    def get_absolute_url(self) -> str:
        return reverse("challenges:bid-detail", args=[self.code])

    @property
    def audited(self) -> tuple[str, str]:
        """The need's title: nothing of what a sealed bid says."""
        return self.code, self.challenge.need.title

    @property
    def is_claim(self) -> bool:
        return self.challenge.is_first_claim


class BidAttachment(Attachment):
    owner_field = "bid"

    bid = models.ForeignKey(Bid, on_delete=models.PROTECT, related_name="attachments")

    class Meta(Attachment.Meta):
        abstract = False

    @property
    def audited(self) -> None:
        """Nothing anybody else could read before bids are opened: the versions are the record."""

    def is_evidence(self) -> bool:
        """A version that was handed in holds it."""
        return self.versions.handed_in().exists()


class BidVersionQuerySet(models.QuerySet["BidVersion"]):
    def handed_in(self) -> Self:
        return self.filter(submitted_at__isnull=False)

    def working(self) -> Self:
        """What is being written and not yet handed in: at most one per bid, only its author's to see."""
        return self.filter(submitted_at=None)


class BidVersion(models.Model):
    """What a bid says. The last one handed in counts; a newer one that is being written is nobody else's business."""

    bid = models.ForeignKey(Bid, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveSmallIntegerField(_("版本"))
    approach = models.TextField(_("技术路线与实施方案"), max_length=20_000, blank=True)
    # [{"indicator": pk of NeedIndicator, "meets": "yes" | "partly" | "no", "value": "≥ 990 MPa", "how": "…"}]
    indicator_answers = models.JSONField(_("指标承诺"), default=list, blank=True)
    # The need's indicators as they stood when this was handed in (challenges/bid/asked.py); None while it is written.
    indicators_asked = models.JSONField(_("提交时的指标要求"), null=True, blank=True)
    team = models.TextField(_("团队与条件"), max_length=5000, blank=True)
    experts = ArrayField(models.CharField(max_length=40), verbose_name=_("参与专家"), default=list, blank=True)
    # [{"title": "…", "month": 3, "deliverable": "…"}]; month counts from signing
    plan = models.JSONField(_("计划与里程碑"), default=list, blank=True)
    months = models.PositiveSmallIntegerField(_("完成周期（月）"), null=True, blank=True)
    price = models.DecimalField(_("报价（万元）"), max_digits=12, decimal_places=2, null=True, blank=True)
    ip_proposal = models.TextField(_("知识产权归属与分享建议"), max_length=3000, blank=True)
    solutions = models.ManyToManyField(Solution, related_name="bid_versions", blank=True, verbose_name=_("依托成果"))
    attachments = models.ManyToManyField(BidAttachment, related_name="versions", blank=True, verbose_name=_("附件"))
    # 无隶属或关联关系: the bidder's statement that it is not affiliated with the poser
    unaffiliated = models.BooleanField(_("声明与需求方无关联关系"), default=False)
    saved_at = models.DateTimeField(_("保存时间"), default=timezone.now)
    saved_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    submitted_at = models.DateTimeField(_("提交时间"), null=True, blank=True)

    objects = BidVersionQuerySet.as_manager()

    class Meta:
        verbose_name = _("方案版本")
        verbose_name_plural = _("方案版本")
        constraints = [
            models.UniqueConstraint(fields=["bid", "number"], name="bid_version_once_per_number"),
            models.UniqueConstraint(fields=["bid"], condition=Q(submitted_at=None), name="bid_one_working_version"),
            models.CheckConstraint(name="bid_version_price_not_negative", condition=Q(price=None) | Q(price__gte=0)),
            models.CheckConstraint(
                name="bid_version_handed_in_keeps_what_was_asked",
                condition=Q(submitted_at=None, indicators_asked__isnull=True)
                | Q(submitted_at__isnull=False, indicators_asked__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.bid_id} v{self.number}"

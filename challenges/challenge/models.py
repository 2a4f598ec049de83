"""The call on a need: 揭榜 (open challenge) or 抢单 (first claim), and its criteria."""

from __future__ import annotations

from typing import Self

import pgtrigger
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Anyone, Membership, Organisation, OrganisationKind, is_operator
from challenges.challenge.workflow import CHALLENGE_ACTIONS, ChallengeMode, ChallengeState
from lib.codes import new_code
from lib.transitions import Lifecycle
from needs.models import Need


def new_challenge_code() -> str:
    return new_code("C")


class BlindField(models.TextChoices):
    """Parts of a bid that are kept from reviewers unless the rules show them."""

    ORGANISATION = "organisation", _("揭榜单位")
    TEAM = "team", _("团队")
    EXPERTS = "experts", _("专家")
    SOLUTIONS = "solutions", _("依托成果")
    PRICE = "price", _("报价")
    IP_PROPOSAL = "ip_proposal", _("知识产权方案")
    ATTACHMENTS = "attachments", _("附件")


class ChallengeQuerySet(models.QuerySet["Challenge"]):
    def announced(self) -> Self:
        return self.filter(announced_at__isnull=False)

    def for_organisation(self, organisation: Organisation) -> Self:
        return self.filter(need__organisation=organisation)

    def visible_to(self, user: Anyone | None) -> Self:
        """What was announced is public; before, it shows to the poser's organisation and operators."""
        if user is None or not user.is_authenticated:
            return self.announced()
        if is_operator(user):
            return self
        mine = Membership.objects.active().filter(user=user).values("organisation")
        return self.filter(Q(announced_at__isnull=False) | Q(need__organisation__in=mine))


class Challenge(models.Model):
    """One round. Its text and criteria are fixed once it is handed in."""

    lifecycle = Lifecycle(CHALLENGE_ACTIONS, "challenge.{}")

    code = models.CharField(_("编号"), max_length=10, unique=True, default=new_challenge_code)
    need = models.ForeignKey(Need, on_delete=models.PROTECT, related_name="challenges")
    mode = models.CharField(_("方式"), max_length=14, choices=ChallengeMode)
    round = models.PositiveSmallIntegerField(_("轮次"), default=1)
    previous = models.OneToOneField(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="next", verbose_name=_("上一轮")
    )
    rules = models.TextField(_("揭榜规则"), max_length=10_000, blank=True)
    eligibility = models.TextField(_("申报条件"), max_length=5000, blank=True)
    # empty = every kind on the supply side
    eligible_kinds = ArrayField(
        models.CharField(max_length=20, choices=OrganisationKind),
        verbose_name=_("可揭榜的机构类型"),
        default=list,
        blank=True,
    )
    prize = models.DecimalField(_("榜额（万元）"), max_digits=12, decimal_places=2, null=True, blank=True)
    requires_nda = models.BooleanField(_("须先签署保密协议"), default=False)
    # names of BlindField the reviewers may see; empty = all of them hidden
    shown_to_reviewers = ArrayField(
        models.CharField(max_length=14, choices=BlindField),
        verbose_name=_("评审可见内容"),
        default=list,
        blank=True,
    )
    notice_days = models.PositiveSmallIntegerField(_("发榜公示期（天）"), default=0)
    closes_at = models.DateTimeField(_("截止时间"), null=True, blank=True)  # the first moment that is too late
    min_bids = models.PositiveSmallIntegerField(_("最少有效揭榜数"), default=1)  # fewer at the deadline: 流标
    answer_days = models.PositiveSmallIntegerField(_("答复期限（截止后天数）"), default=30)
    result_notice_days = models.PositiveSmallIntegerField(_("结果公示期（天）"), default=0)
    refusal_days = models.PositiveSmallIntegerField(_("抢单确认期（天）"), default=5)  # first claim only

    state = models.CharField(
        _("状态"), max_length=10, choices=ChallengeState, default=ChallengeState.DRAFT, db_index=True
    )
    created_at = models.DateTimeField(_("建立时间"), default=timezone.now)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    changed_at = models.DateTimeField(_("更新时间"), default=timezone.now)
    submitted_at = models.DateTimeField(_("提交时间"), null=True, blank=True)
    return_reason = models.TextField(_("退回原因"), max_length=1000, blank=True)
    announced_at = models.DateTimeField(_("发榜时间"), null=True, blank=True)
    announced_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    notice_until = models.DateTimeField(_("公示截止"), null=True, blank=True)
    opened_at = models.DateTimeField(_("开始揭榜时间"), null=True, blank=True)
    bidding_closed_at = models.DateTimeField(_("开标时间"), null=True, blank=True)
    answer_by = models.DateTimeField(_("答复截止"), null=True, blank=True)
    answers_overdue_told_at = models.DateTimeField(null=True, blank=True)
    awarded_at = models.DateTimeField(_("定榜时间"), null=True, blank=True)
    award_reason = models.TextField(_("定榜说明"), max_length=2000, blank=True)  # asked for beside the ranking's first
    result_notice_until = models.DateTimeField(_("结果公示截止"), null=True, blank=True)
    ended_at = models.DateTimeField(_("结束时间"), null=True, blank=True)
    end_reason = models.TextField(_("终止或流标原因"), max_length=1000, blank=True)

    objects = ChallengeQuerySet.as_manager()

    class Meta:
        verbose_name = _("榜单")
        verbose_name_plural = _("榜单")
        constraints = [
            models.UniqueConstraint(fields=["need", "round"], name="challenge_once_per_need_and_round"),
            models.UniqueConstraint(
                fields=["need"],
                condition=~Q(state__in=["closed", "failed", "cancelled"]),
                name="challenge_one_under_way_per_need",
            ),
            models.CheckConstraint(
                name="challenge_returned_has_reason", condition=~Q(state="returned") | ~Q(return_reason="")
            ),
            models.CheckConstraint(
                name="challenge_announced_at_with_by",
                condition=Q(announced_at=None, announced_by=None)
                | Q(announced_at__isnull=False, announced_by__isnull=False, closes_at__isnull=False),
            ),
            models.CheckConstraint(
                name="challenge_running_was_announced",
                condition=Q(state__in=["draft", "submitted", "returned", "cancelled"]) | Q(announced_at__isnull=False),
            ),
            models.CheckConstraint(
                name="challenge_evaluated_was_unsealed",
                condition=~Q(state="evaluating") | Q(bidding_closed_at__isnull=False, answer_by__isnull=False),
            ),
            models.CheckConstraint(
                name="challenge_awarded_has_time", condition=~Q(state="awarded") | Q(awarded_at__isnull=False)
            ),
            models.CheckConstraint(
                name="challenge_ended_has_time",
                condition=Q(state__in=["closed", "failed", "cancelled"], ended_at__isnull=False)
                | ~Q(state__in=["closed", "failed", "cancelled"]) & Q(ended_at=None),
            ),
            models.CheckConstraint(
                name="challenge_failed_or_cancelled_says_why",
                condition=~Q(state__in=["failed", "cancelled"]) | ~Q(end_reason=""),
            ),
            models.CheckConstraint(
                name="challenge_later_round_follows_one",
                condition=Q(round=1, previous=None) | Q(round__gt=1, previous__isnull=False),
            ),
        ]
        indexes = [models.Index(fields=["state", "closes_at"])]

    def __str__(self) -> str:
        return self.need.title

    def get_absolute_url(self) -> str:
        return reverse("challenges:detail", args=[self.code])

    @property
    def audited(self) -> tuple[str, str]:
        return self.code, self.need.title

    @property
    def is_first_claim(self) -> bool:
        return self.mode == ChallengeMode.FIRST_CLAIM

    @property
    def state_label(self) -> str:
        """The state in words that fit the mode."""
        if self.state == ChallengeState.OPEN and self.is_first_claim:
            return str(_("抢单中"))
        return self.get_state_display()


class Criterion(models.Model):
    """One line of the scorecard. A trigger refuses every change once the challenge is handed in."""

    challenge = models.ForeignKey(Challenge, on_delete=models.CASCADE, related_name="criteria")
    position = models.PositiveSmallIntegerField(default=0)
    name = models.CharField(_("评分项"), max_length=60)
    description = models.CharField(_("评分说明"), max_length=500, blank=True)
    weight = models.PositiveSmallIntegerField(_("权重（%）"))  # of one challenge they add up to 100

    class Meta:
        verbose_name = _("评分标准")
        verbose_name_plural = _("评分标准")
        ordering = ["position", "pk"]
        constraints = [
            models.CheckConstraint(name="criterion_weight_is_a_share", condition=Q(weight__gte=1, weight__lte=100)),
            models.UniqueConstraint(fields=["challenge", "name"], name="criterion_once_per_name"),
        ]
        triggers = [
            pgtrigger.Trigger(
                name="criterion_fixed_once_handed_in",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert | pgtrigger.Update | pgtrigger.Delete,
                declare=[("challenge_state", "text")],
                func="""
                    SELECT state INTO challenge_state FROM challenges_challenge
                    WHERE id = CASE WHEN TG_OP = 'DELETE' THEN OLD.challenge_id ELSE NEW.challenge_id END;
                    IF challenge_state NOT IN ('draft', 'returned') THEN
                        RAISE EXCEPTION 'criteria of a challenge are fixed once it is handed in'
                        USING ERRCODE = 'check_violation', CONSTRAINT = 'criterion_fixed_once_handed_in';
                    END IF;
                    RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
                """,
            )
        ]

    def __str__(self) -> str:
        return self.name

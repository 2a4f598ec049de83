"""Reviewers of a challenge, what they declared, and their scorecards."""

from __future__ import annotations

from decimal import Decimal
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Organisation
from challenges.bid.models import Bid
from challenges.challenge.models import Challenge, Criterion
from challenges.review.workflow import REVIEWER_ACTIONS, SCORECARD_ACTIONS, ReviewerState, ScorecardState
from lib.transitions import Lifecycle


class Avoidance(models.Model):
    """回避单位: an organisation a person never reviews, declared once by the person."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="avoidances")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    reason = models.CharField(_("原因"), max_length=200, blank=True)
    declared_at = models.DateTimeField(_("声明时间"), default=timezone.now)

    class Meta:
        verbose_name = _("回避声明")
        verbose_name_plural = _("回避声明")
        constraints = [models.UniqueConstraint(fields=["user", "organisation"], name="avoidance_declared_once")]

    def __str__(self) -> str:
        return f"{self.user_id} · {self.organisation_id}"


class ReviewerQuerySet(models.QuerySet["Reviewer"]):
    def serving(self) -> Self:
        """Assigned and neither recused nor removed: whose scorecards are awaited."""
        return self.filter(state__in=[ReviewerState.ASSIGNED, ReviewerState.ACTIVE])


class Reviewer(models.Model):
    lifecycle = Lifecycle(REVIEWER_ACTIONS, "review.{}")

    challenge = models.ForeignKey(Challenge, on_delete=models.PROTECT, related_name="reviewers")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="reviews")
    state = models.CharField(_("状态"), max_length=8, choices=ReviewerState, default=ReviewerState.ASSIGNED)
    assigned_at = models.DateTimeField(_("指派时间"), default=timezone.now)
    assigned_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    # 无利益冲突声明: before it nothing of a bid is shown
    declared_at = models.DateTimeField(_("声明时间"), null=True, blank=True)
    ended_at = models.DateTimeField(_("结束时间"), null=True, blank=True)
    end_reason = models.CharField(_("回避或撤换原因"), max_length=500, blank=True)

    objects = ReviewerQuerySet.as_manager()

    class Meta:
        verbose_name = _("评审人")
        verbose_name_plural = _("评审人")
        constraints = [
            models.UniqueConstraint(fields=["challenge", "user"], name="reviewer_once_per_challenge"),
            models.CheckConstraint(
                name="reviewer_active_has_declared", condition=~Q(state="active") | Q(declared_at__isnull=False)
            ),
            models.CheckConstraint(
                name="reviewer_ended_says_why",
                condition=Q(state__in=["recused", "removed"], ended_at__isnull=False) & ~Q(end_reason="")
                | Q(state__in=["assigned", "active"], ended_at=None, end_reason=""),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.challenge_id} · {self.user_id}"

    @property
    def audited(self) -> tuple[str, str]:
        """Without the reason a reviewer gives: it may say with whom there is a conflict, that is who bids."""
        return self.challenge.audited


class Scorecard(models.Model):
    """One reviewer's judgement of one bid."""

    lifecycle = Lifecycle(SCORECARD_ACTIONS, "review.score")  # handing it in; saving leaves no row

    reviewer = models.ForeignKey(Reviewer, on_delete=models.PROTECT, related_name="scorecards")
    bid = models.ForeignKey(Bid, on_delete=models.PROTECT, related_name="scorecards")
    state = models.CharField(_("状态"), max_length=9, choices=ScorecardState, default=ScorecardState.DRAFT)
    comment = models.TextField(_("评语"), max_length=3000, blank=True)
    saved_at = models.DateTimeField(_("保存时间"), default=timezone.now)
    submitted_at = models.DateTimeField(_("提交时间"), null=True, blank=True)

    class Meta:
        verbose_name = _("评分表")
        verbose_name_plural = _("评分表")
        constraints = [
            models.UniqueConstraint(fields=["reviewer", "bid"], name="scorecard_once_per_reviewer_and_bid"),
            models.CheckConstraint(
                name="scorecard_submitted_has_time",
                condition=Q(state="draft", submitted_at=None) | Q(state="submitted", submitted_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.reviewer_id} × {self.bid_id}"

    @property
    def audited(self) -> tuple[str, str]:
        return self.reviewer.audited


class Score(models.Model):
    """Points of one criterion, 0 to 100 in steps of a half."""

    scorecard = models.ForeignKey(Scorecard, on_delete=models.CASCADE, related_name="scores")
    criterion = models.ForeignKey(Criterion, on_delete=models.PROTECT, related_name="scores")
    points = models.DecimalField(_("得分"), max_digits=4, decimal_places=1)

    class Meta:
        verbose_name = _("单项得分")
        verbose_name_plural = _("单项得分")
        constraints = [
            models.UniqueConstraint(fields=["scorecard", "criterion"], name="score_once_per_criterion"),
            models.CheckConstraint(
                name="score_between_0_and_100", condition=Q(points__gte=Decimal(0), points__lte=Decimal(100))
            ),
        ]

    def __str__(self) -> str:
        return f"{self.points}"

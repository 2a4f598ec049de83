"""What people's later decisions say about a pair: written by receivers, read by whoever trains the engine."""

from __future__ import annotations

from typing import Self

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from lib.transitions import Lifecycle
from matching.engine.learning.lessons import Lesson, lesson
from matching.engine.weights import (
    DEFAULT,
    ENGINE_VERSION,
    Weights,
)
from matching.learning.workflow import WEIGHTING_ACTIONS, WeightingState
from matching.matches.models import Match
from needs.need.models import Need
from solutions.solution.models import Solution


class FeedbackKind(models.TextChoices):
    BID = "bid", _("参与揭榜")  # written when bids are opened, never before
    AWARD = "award", _("中榜")
    DECLINE = "decline", _("未中榜")
    SIGNED = "signed", _("签约")
    ACCEPTED = "accepted", _("验收通过")
    SOLVED = "solved", _("问题解决")


class Feedback(models.Model):
    """One thing that happened to a need and an output; `match` is the pair when the engine had found it."""

    need = models.ForeignKey(Need, on_delete=models.CASCADE, related_name="feedback")
    solution = models.ForeignKey(Solution, on_delete=models.CASCADE, related_name="feedback")
    match = models.ForeignKey(Match, on_delete=models.SET_NULL, null=True, related_name="feedback")
    kind = models.CharField(_("反馈"), max_length=8, choices=FeedbackKind)
    reason = models.CharField(_("原因"), max_length=20, blank=True)  # needs.models.BidReason of a decline
    source_code = models.CharField(_("来源编号"), max_length=10)  # the bid's or contract's public code
    at = models.DateTimeField(_("时间"), default=timezone.now)

    class Meta:
        verbose_name = _("匹配反馈")
        verbose_name_plural = _("匹配反馈")
        constraints = [
            models.UniqueConstraint(fields=["source_code", "solution", "kind"], name="feedback_once_per_event"),
            models.CheckConstraint(name="feedback_decline_has_reason", condition=~Q(kind="decline") | ~Q(reason="")),
        ]
        indexes = [models.Index(fields=["need", "kind"])]

    def __str__(self) -> str:
        return f"{self.need_id} × {self.solution_id} {self.kind}"


class JudgementKind(models.TextChoices):
    CONFIRMED = "confirmed", _("运营方确认")
    REJECTED = "rejected", _("运营方排除")
    INTERESTED = "interested", _("企业感兴趣")
    NOT_SUITABLE = "not_suitable", _("企业认为不合适")
    OFFERED = "offered", _("成果方愿意对接")
    NOT_NOW = "not_now", _("成果方暂不对接")
    BID = "bid", _("参与揭榜")
    AWARD = "award", _("中榜")
    DECLINE = "decline", _("未中榜")
    SIGNED = "signed", _("签约")
    ACCEPTED = "accepted", _("验收通过")
    SOLVED = "solved", _("问题解决")
    TAKEN_BACK = "taken_back", _("中榜或未中榜已撤回")


class JudgementQuerySet(models.QuerySet["Judgement"]):
    def of_this_engine(self) -> Self:
        """Parts of another version compare other things: their values teach nothing about today's. What was taken
        back was so whatever engine saw it."""
        return self.filter(Q(engine=ENGINE_VERSION) | Q(kind=JudgementKind.TAKEN_BACK))


class Judgement(models.Model):
    """One decision about a pair, with the value of each part frozen at that moment.

    Rows are added and never changed, which a trigger holds: a later decision on the same pair is a row of its own,
    and whose word stands is asked when training. What a row teaches is said by matching/engine/learning/lessons.py.
    """

    need = models.ForeignKey(Need, on_delete=models.PROTECT, related_name="judgements")
    solution = models.ForeignKey(Solution, on_delete=models.PROTECT, related_name="judgements")
    # The code of the match, bid or contract it was about, the kind, and for answers, which may change, the moment;
    # of bids and contracts the output, and how often what was said before was taken back.
    event = models.CharField(max_length=100, unique=True)
    kind = models.CharField(_("决定"), max_length=12, choices=JudgementKind)
    # A ReasonCode of matching, or a BidReason of needs.
    reason = models.CharField(_("原因"), max_length=20, blank=True)
    # {part: value}; NULL when the engine had not found the pair, or an engine without values had.
    features = models.JSONField(null=True)
    engine = models.CharField(_("引擎版本"), max_length=40, blank=True)
    at = models.DateTimeField(_("时间"), default=timezone.now)

    objects = JudgementQuerySet.as_manager()

    class Meta:
        verbose_name = _("决定")
        verbose_name_plural = _("决定")
        constraints = [
            models.CheckConstraint(
                name="judgement_features_are_of_an_engine",
                condition=Q(features=None, engine="") | Q(features__isnull=False) & ~Q(engine=""),
            ),
        ]
        indexes = [models.Index(fields=["engine", "at"])]
        triggers = [
            pgtrigger.Trigger(
                name="judgement_stays",
                when=pgtrigger.Before,
                operation=pgtrigger.Update,
                func="""
                    RAISE EXCEPTION 'a judgement is added to, never rewritten'
                    USING ERRCODE = 'check_violation', CONSTRAINT = 'judgement_stays';
                """,
            )
        ]

    def __str__(self) -> str:
        return self.event

    @property
    def source(self) -> str:
        """The code of the match, bid or contract it was about."""
        return self.event.partition(":")[0]

    @property
    def lesson(self) -> Lesson:
        return lesson(self.kind, self.reason)


class TrainingVerdict(models.TextChoices):
    """`matching.engine.learning.training.Verdict` in words."""

    PROMOTED = "promoted", _("在没见过的和后来的需求上都更好，已采用")
    NOT_BETTER = "not_better", _("没有证据表明更好，不采用")
    TOO_FEW = "too_few", _("决定还太少，没有检验")
    TOO_LITTLE_NEW = "too_little_new", _("上次检验以来新的决定太少，没有再检验")


class WeightingQuerySet(models.QuerySet["Weighting"]):
    def active(self) -> Self:
        return self.filter(state=WeightingState.ACTIVE, engine=ENGINE_VERSION)

    def tested(self) -> Self:
        """Trainings of this engine that were put to the test."""
        return self.filter(engine=ENGINE_VERSION, verdict__in=[TrainingVerdict.PROMOTED, TrainingVerdict.NOT_BETTER])


class Weighting(models.Model):
    """One training: the evidence, the points it found, how they did on what was held out, and what became of them."""

    number = models.PositiveIntegerField(_("版本"), unique=True)
    state = models.CharField(
        _("状态"), max_length=9, choices=WeightingState, default=WeightingState.CANDIDATE, db_index=True
    )
    verdict = models.CharField(_("结论"), max_length=14, choices=TrainingVerdict)
    engine = models.CharField(_("引擎版本"), max_length=40)
    points = models.JSONField(_("各项分值"))  # {part: points}
    zero_score = models.FloatField()  # where the scale of probabilities begins (matching.engine.calibration)
    full_score = models.FloatField()
    trained_at = models.DateTimeField(_("训练时间"))
    # The history is only added to, so its length names the evidence: nothing is trained twice on the same.
    judgements = models.PositiveIntegerField(_("决定数"))
    examples = models.PositiveIntegerField(_("样本数"))  # pairs that count, of needs that compare something
    needs = models.PositiveIntegerField(_("需求数"))
    level = models.FloatField(_("检验水平"))  # of each one-sided interval; 0 where nothing was tested
    figures = models.JSONField(
        _("检验结果"), default=dict
    )  # {"by_need": matching.engine.learning.training.Gain, "by_time": Gain}
    # What was in use when it was trained and compared; NULL: the weights the platform comes with.
    replaces = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    promoted_at = models.DateTimeField(_("采用时间"), null=True, blank=True)  # by the scheduled training, never by hand
    rolled_back_at = models.DateTimeField(_("回退时间"), null=True, blank=True)
    rolled_back_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    rolled_back_reason = models.TextField(_("回退原因"), max_length=2000, blank=True)

    objects = WeightingQuerySet.as_manager()
    lifecycle = Lifecycle(WEIGHTING_ACTIONS, audited_as="weighting.{}")

    class Meta:
        verbose_name = _("权重版本")
        verbose_name_plural = _("权重版本")
        constraints = [
            models.UniqueConstraint(fields=["state"], condition=Q(state="active"), name="weighting_one_active"),
            models.UniqueConstraint(fields=["engine", "judgements"], name="weighting_once_per_evidence"),
            models.CheckConstraint(
                name="weighting_used_was_promoted",
                condition=Q(state__in=["active", "retired"], promoted_at__isnull=False, verdict="promoted")
                | Q(state__in=["candidate", "rejected"], promoted_at=None),
            ),
            models.CheckConstraint(
                name="weighting_rolled_back_by_somebody_for_a_reason",
                condition=Q(rolled_back_at=None, rolled_back_by=None, rolled_back_reason="")
                | Q(state="retired", rolled_back_at__isnull=False, rolled_back_by__isnull=False)
                & ~Q(rolled_back_reason=""),
            ),
        ]

    def __str__(self) -> str:
        return self.label

    def get_absolute_url(self) -> str:
        return f"{reverse('matching:learning')}#{self.label}"

    @property
    def label(self) -> str:
        """What is stamped on the runs that used it."""
        return f"W-{self.number}"

    @property
    def audited(self) -> tuple[str, str]:
        return self.label, self.label

    @property
    def weights(self) -> Weights:
        known = {part: self.points[part] for part in DEFAULT.points if part in self.points}
        return DEFAULT.with_points(known, zero_score=self.zero_score, full_score=self.full_score)

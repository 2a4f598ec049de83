"""What the engine knows and found: documents, runs, matches."""

from __future__ import annotations

from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Anyone, Membership, is_broker_now, is_operator
from lib.codes import new_code
from matching.runs.workflow import RunState
from needs.models import Need
from solutions.models import Solution


class Trigger(models.TextChoices):
    NEED_SUBMITTED = "need_submitted", _("需求提交")
    NEED_PUBLISHED = "need_published", _("需求发布")
    NEED_CHANGED = "need_changed", _("需求修改")
    SOLUTION_PUBLISHED = "solution_published", _("成果发布")
    SOLUTION_CHANGED = "solution_changed", _("成果修改")
    REMATCH = "rematch", _("全量重算")
    SHARE = "share", _("全量重算的一部分")


_TRIGGERS_OF_NEEDS = frozenset({Trigger.NEED_SUBMITTED, Trigger.NEED_PUBLISHED, Trigger.NEED_CHANGED})


class Stage(models.TextChoices):
    WAITING = "waiting", _("等待计算")
    READING = "reading", _("读取与分词")
    RETRIEVING = "retrieving", _("检索候选")
    SCORING = "scoring", _("逐项评分")
    WRITING = "writing", _("写入结果")
    FINISHED = "finished", _("完成")


def new_run_code() -> str:
    return new_code("R")


class MatchRunQuerySet(models.QuerySet["MatchRun"]):
    def visible_to(self, user: Anyone | None) -> Self:
        """Operators see all runs; others those of needs and solutions of theirs, or of needs in their care."""
        if user is None or not user.is_authenticated:
            return self.none()
        if is_operator(user):
            return self.whole()
        mine = Membership.objects.active().filter(user=user).values("organisation")
        return self.whole().filter(
            Q(
                pk__in=MatchRun.needs.through.objects.filter(
                    Q(need__organisation__in=mine) | Q(need__caretaker=user) & Q(is_broker_now(user))
                ).values("matchrun")
            )
            | Q(pk__in=MatchRun.solutions.through.objects.filter(solution__organisation__in=mine).values("matchrun"))
        )

    def whole(self) -> Self:
        """Without the shares of rematches: what people know as runs."""
        return self.filter(parent=None)

    def unfinished(self) -> Self:
        return self.filter(state__in=[RunState.QUEUED, RunState.RUNNING])


class MatchRun(models.Model):
    """One background run: what caused it, how far it is, what it found, how long each stage took."""

    code = models.CharField(_("编号"), max_length=10, unique=True, default=new_run_code)
    trigger = models.CharField(_("触发原因"), max_length=20, choices=Trigger)
    # What to score: these needs against all solutions, these solutions against all open needs; none = everything.
    needs = models.ManyToManyField(Need, related_name="match_runs", verbose_name=_("需求"))
    solutions = models.ManyToManyField(Solution, related_name="match_runs", verbose_name=_("成果"))
    state = models.CharField(
        _("状态"),
        max_length=8,
        choices=RunState,
        default=RunState.QUEUED,
        db_index=True,
    )
    stage = models.CharField(_("阶段"), max_length=10, choices=Stage, default=Stage.WAITING)
    progress = models.PositiveSmallIntegerField(_("进度（%）"), default=0)
    attempts = models.PositiveSmallIntegerField(_("尝试次数"), default=0)
    # seconds per stage, e.g. {"reading": 0.12, "scoring": 0.4}
    timings = models.JSONField(_("各阶段用时"), default=dict)
    # {"needs": 1, "solutions": 0, "pairs": 200, "matches": 12, "new": 3}
    counts = models.JSONField(_("数量"), default=dict)
    engine_version = models.CharField(_("引擎版本"), max_length=40, blank=True)
    error = models.TextField(_("错误"), blank=True)
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
    )
    # A whole rematch is cut into parts, so that every worker can take one.
    parent = models.ForeignKey("self", on_delete=models.CASCADE, null=True, related_name="shares")
    snapshot = models.CharField(max_length=16, blank=True)  # whose term statistics the scores rest on
    created_at = models.DateTimeField(_("建立时间"), default=timezone.now)
    started_at = models.DateTimeField(_("开始时间"), null=True, blank=True)
    heartbeat_at = models.DateTimeField(_("最近活动"), null=True, blank=True)
    finished_at = models.DateTimeField(_("结束时间"), null=True, blank=True)

    objects = MatchRunQuerySet.as_manager()

    class Meta:
        verbose_name = _("匹配任务")
        verbose_name_plural = _("匹配任务")
        constraints = [
            models.CheckConstraint(name="run_progress_is_a_percentage", condition=Q(progress__lte=100)),
            models.CheckConstraint(
                name="run_ended_has_time",
                condition=Q(state__in=["done", "failed"], finished_at__isnull=False)
                | Q(state__in=["queued", "running"], finished_at=None),
            ),
            models.CheckConstraint(name="run_failed_has_error", condition=~Q(state="failed") | ~Q(error="")),
        ]
        indexes = [models.Index(fields=["-created_at"])]

    def __str__(self) -> str:
        return self.code

    def get_absolute_url(self) -> str:
        return reverse("matching:run-detail", args=[self.code])

    @property
    def is_about_needs(self) -> bool:
        """Seen by the needs' own side. Outputs are compared with needs their owners may not read in full: how long
        that took could tell something of those."""
        return self.trigger in _TRIGGERS_OF_NEEDS

    @property
    def is_finished(self) -> bool:
        return self.state in (RunState.DONE, RunState.FAILED)

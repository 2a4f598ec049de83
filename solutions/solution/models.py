"""An entry of the catalogue, of whatever kind. What only one kind has is a row of its room."""

from __future__ import annotations

from typing import ClassVar, Self

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Anyone, Membership, Organisation, is_operator
from lib.codes import new_code
from lib.transitions import Lifecycle
from solutions.indicator.models import Indicator
from solutions.solution.workflow import SOLUTION_ACTIONS, SolutionState


def new_solution_code() -> str:
    return new_code("S")


class SolutionQuerySet(models.QuerySet["Solution"]):
    def of_kind(self, *codes: str) -> Self:
        return self.filter(kind__in=codes)

    def published(self) -> Self:
        return self.filter(state=SolutionState.PUBLISHED)

    def awaiting_review(self) -> Self:
        return self.filter(state=SolutionState.SUBMITTED)

    def changed_since_review(self) -> Self:
        """Published entries whose content changed after an operator last looked at it."""
        return self.published().filter(changed_at__gt=F("reviewed_at"))

    def for_organisation(self, organisation: Organisation) -> Self:
        return self.filter(organisation=organisation)

    def visible_to(self, user: Anyone | None) -> Self:
        """Published entries are public; others show to their organisation's members and to operators."""
        if user is None or not user.is_authenticated:
            return self.published()
        if is_operator(user):
            return self
        mine = Membership.objects.active().filter(user=user).values("organisation")
        return self.filter(Q(state=SolutionState.PUBLISHED) | Q(organisation__in=mine))


class Solution(models.Model):
    code = models.CharField(_("编号"), max_length=10, unique=True, default=new_solution_code)
    kind = models.CharField(_("类型"), max_length=12)  # a code of solutions.kinds
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="solutions")
    title = models.CharField(_("名称"), max_length=120)
    summary = models.TextField(_("简介"), max_length=20_000)
    technical_field = models.CharField(_("技术领域"), max_length=60, blank=True)
    industries = ArrayField(
        models.CharField(max_length=3),
        verbose_name=_("应用行业"),
        default=list,
        blank=True,
    )  # GB/T 4754 divisions
    # English ones are phrases: of 73,000 real keywords 2 % are longer than 40 characters, the longest 83
    keywords = ArrayField(
        models.CharField(max_length=100),
        verbose_name=_("关键词"),
        default=list,
        blank=True,
    )
    region_code = models.CharField(_("所在地区"), max_length=6, blank=True)  # GB/T 2260

    state = models.CharField(
        _("状态"),
        max_length=10,
        choices=SolutionState,
        default=SolutionState.DRAFT,
        db_index=True,
    )
    created_at = models.DateTimeField(_("建立时间"), default=timezone.now)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
    )
    changed_at = models.DateTimeField(_("内容更新时间"), default=timezone.now)
    submitted_at = models.DateTimeField(_("提交时间"), null=True, blank=True)
    published_at = models.DateTimeField(_("首次发布时间"), null=True, blank=True)
    reviewed_at = models.DateTimeField(_("审核时间"), null=True, blank=True)
    reviewed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
    )
    # As its kind says, so that the database keeps it.
    one_per_organisation = models.BooleanField(default=False, editable=False)
    return_reason = models.TextField(_("退回原因"), max_length=1000, blank=True)

    # One-time key of the create form: a second POST of the same form makes nothing new.
    submission_key = models.UUIDField(null=True, blank=True, editable=False)

    # Where it came from: empty for entries typed here; source + external id make an import idempotent.
    source = models.CharField(_("来源"), max_length=60, blank=True)
    external_id = models.CharField(_("来源编号"), max_length=80, blank=True)
    imported_at = models.DateTimeField(_("导入时间"), null=True, blank=True)

    objects = SolutionQuerySet.as_manager()
    lifecycle: ClassVar = Lifecycle(SOLUTION_ACTIONS, "solution.{}")

    class Meta:
        verbose_name = _("成果")
        verbose_name_plural = _("成果")
        constraints = [
            models.UniqueConstraint(
                fields=["source", "external_id"],
                condition=~Q(source=""),
                name="solution_once_per_source_id",
            ),
            models.UniqueConstraint(
                fields=["created_by", "submission_key"],
                name="solution_once_per_submitted_form",
            ),
            models.UniqueConstraint(
                fields=["organisation", "kind"],
                condition=Q(one_per_organisation=True),
                name="solution_one_of_its_kind_per_organisation",
            ),
            models.CheckConstraint(
                name="solution_published_has_been_reviewed",
                condition=~Q(state="published") | Q(published_at__isnull=False, reviewed_at__isnull=False),
            ),
            models.CheckConstraint(
                name="solution_submitted_has_time",
                condition=Q(state__in=["draft", "returned"]) | Q(submitted_at__isnull=False),
            ),
            models.CheckConstraint(
                name="solution_returned_has_reason",
                condition=~Q(state="returned") | ~Q(return_reason=""),
            ),
        ]
        indexes = [models.Index(fields=["kind", "state", "-published_at"])]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("solutions:detail", args=[self.code])

    @property
    def audited(self) -> tuple[str, str]:
        return self.code, self.title

    @property
    def is_published(self) -> bool:
        return self.state == SolutionState.PUBLISHED

    @property
    def is_changed_since_review(self) -> bool:
        """A published entry whose content changed after an operator last looked at it."""
        return self.is_published and self.reviewed_at is not None and self.changed_at > self.reviewed_at


class SolutionIndicator(Indicator):
    solution = models.ForeignKey(Solution, on_delete=models.CASCADE, related_name="indicators")
    is_public = models.BooleanField(_("公开"), default=True)

    class Meta(Indicator.Meta):
        verbose_name = _("技术指标")
        verbose_name_plural = _("技术指标")

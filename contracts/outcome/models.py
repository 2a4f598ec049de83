"""What a contract brought: figures before and after, ratings, and the public success case."""

from __future__ import annotations

from decimal import Decimal

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from contracts.contract.models import Contract, ContractAttachment, Side
from contracts.outcome.workflow import CASE_ACTIONS, CaseState
from lib.codes import new_code
from lib.numbers import plain
from lib.transitions import Lifecycle


class OutcomeFigure(models.Model):
    """One number before and after, with its evidence: what "solved" means here."""

    contract = models.ForeignKey(Contract, on_delete=models.PROTECT, related_name="figures")
    position = models.PositiveSmallIntegerField(default=0)
    name = models.CharField(_("指标"), max_length=60)
    unit = models.CharField(_("单位"), max_length=20, blank=True)
    before = models.DecimalField(_("实施前"), max_digits=20, decimal_places=6)
    after = models.DecimalField(_("实施后"), max_digits=20, decimal_places=6)
    evidence = models.ForeignKey(
        ContractAttachment,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="figures",
        verbose_name=_("证明材料"),
    )

    class Meta:
        verbose_name = _("成效数据")
        verbose_name_plural = _("成效数据")
        ordering = ["position", "pk"]

    def __str__(self) -> str:
        return self.name

    @property
    def before_text(self) -> str:
        """Without the zeros the database fills up with."""
        return plain(self.before)

    @property
    def after_text(self) -> str:
        return plain(self.after)

    @property
    def change_percent(self) -> Decimal | None:
        """How much more or less than before, in percent of it; None from zero."""
        return round((self.after - self.before) / abs(self.before) * 100, 1) if self.before else None


def new_case_code() -> str:
    return new_code("E")


class SuccessCase(models.Model):
    """What both sides let everybody read about a solved need."""

    code = models.CharField(_("编号"), max_length=10, unique=True, default=new_case_code)
    contract = models.OneToOneField(Contract, on_delete=models.PROTECT, related_name="case")
    title = models.CharField(_("标题"), max_length=120)
    text = models.TextField(_("正文"), max_length=10_000)
    state = models.CharField(_("状态"), max_length=9, choices=CaseState, default=CaseState.DRAFT)
    written_at = models.DateTimeField(_("撰写时间"), default=timezone.now)
    written_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    buyer_approved_at = models.DateTimeField(_("需求方同意时间"), null=True, blank=True)
    supplier_approved_at = models.DateTimeField(_("研发方同意时间"), null=True, blank=True)
    published_at = models.DateTimeField(_("公开时间"), null=True, blank=True)

    lifecycle = Lifecycle(CASE_ACTIONS, audited_as="case.{}")

    class Meta:
        verbose_name = _("成功案例")
        verbose_name_plural = _("成功案例")
        constraints = [
            models.CheckConstraint(
                name="case_public_only_when_both_agreed",
                condition=Q(state="draft", published_at=None)
                | Q(
                    state="published",
                    published_at__isnull=False,
                    buyer_approved_at__isnull=False,
                    supplier_approved_at__isnull=False,
                ),
            )
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("contracts:case-detail", args=[self.code])

    @property
    def audited(self) -> tuple[str, str]:
        return self.code, self.contract.need.title


class Remark(models.TextChoices):
    """What a rating may name, good or bad."""

    ON_TIME = "on_time", _("按期履约")
    COMMUNICATION = "communication", _("沟通顺畅")
    QUALITY = "quality", _("质量可靠")
    PROFESSIONAL = "professional", _("专业能力强")
    LATE = "late", _("进度拖延")
    UNCLEAR = "unclear", _("要求或说明不清")
    PAYMENT = "payment", _("付款不及时")
    BELOW_PROMISE = "below_promise", _("未达承诺")


class Rating(models.Model):
    """What one side of a contract says of the other, 1 to 5. Shown once both have spoken: nobody answers a rating."""

    contract = models.ForeignKey(Contract, on_delete=models.PROTECT, related_name="ratings")
    side = models.CharField(_("评价方"), max_length=8, choices=Side)
    stars = models.PositiveSmallIntegerField(_("评分"))
    # names of what went well or badly
    remarks = ArrayField(models.CharField(max_length=20), verbose_name=_("评价要点"), default=list, blank=True)
    comment = models.TextField(_("评价"), max_length=2000, blank=True)
    rated_at = models.DateTimeField(_("评价时间"), default=timezone.now)
    rated_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    class Meta:
        verbose_name = _("互评")
        verbose_name_plural = _("互评")
        constraints = [
            models.UniqueConstraint(fields=["contract", "side"], name="rating_once_per_side"),
            models.CheckConstraint(name="rating_one_to_five", condition=Q(stars__gte=1, stars__lte=5)),
        ]

    def __str__(self) -> str:
        return f"{self.stars}"

    @property
    def remark_labels(self) -> list[str]:
        return [str(Remark(name).label) for name in self.remarks]

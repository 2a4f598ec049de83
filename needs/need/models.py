"""A technical need of an enterprise, with its indicators."""

from __future__ import annotations

from typing import Any, Self

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.membership.models import Membership, is_broker_now, is_operator
from accounts.models import Anyone
from accounts.organisation.models import Organisation
from lib.codes import new_code
from lib.industries import industry_name
from lib.maturity import LEVELS, Maturity
from lib.regions import region_name
from lib.transitions import Lifecycle
from needs.disclosure.models import Level
from needs.need.workflow import MATCHED, NEED_ACTIONS, NeedState
from solutions.indicator.models import Indicator


def new_need_code() -> str:
    return new_code("N")


def maturity_words(level: int) -> str:
    """A readiness level in the words of the forms people know: 5 → 已有样品／通过小试."""
    return "／".join(str(Maturity(stage).label) for stage, (low, high) in LEVELS.items() if low <= level <= high)


class NeedType(models.TextChoices):
    KEY_TECHNOLOGY = "key_technology", _("关键核心技术攻关")
    KEY_COMPONENT = "key_component", _("关键零部件")
    NEW_PRODUCT = "new_product", _("新产品研发")
    PROCESS_IMPROVEMENT = "process_improvement", _("生产工艺改进")
    TECHNICAL_UPGRADE = "technical_upgrade", _("技术改造")
    TECHNICAL_SUPPORT = "technical_support", _("技术配套")
    INSPECTION = "inspection", _("检验检测")
    EXPERT_CONSULTING = "expert_consulting", _("专家咨询")


class CooperationMode(models.TextChoices):
    LECTURE = "lecture", _("讲学")
    TRAINING = "training", _("培训")
    DIAGNOSIS = "diagnosis", _("诊断指导")
    TRANSFER = "transfer", _("技术转让")
    LICENCE = "licence", _("技术许可")
    EQUITY = "equity", _("作价入股")
    JOINT_DEVELOPMENT = "joint_development", _("联合开发")
    COMMISSIONED_DEVELOPMENT = "commissioned_development", _("委托研发")
    JOINT_ENTITY = "joint_entity", _("共建实体")
    LONG_TERM_SERVICE = "long_term_service", _("长期服务")


class CloseReason(models.TextChoices):
    SOLVED_HERE = "solved_here", _("已通过本平台找到解决方案")
    SOLVED_ELSEWHERE = "solved_elsewhere", _("已通过其他途径解决")
    CANCELLED = "cancelled", _("项目取消或计划变更")
    EXPIRED = "expired", _("超过有效期")


class NeedQuerySet(models.QuerySet["Need"]):
    def published(self) -> Self:
        return self.filter(state=NeedState.PUBLISHED)

    def matched(self) -> Self:
        """Needs the engine scores: submitted or published."""
        return self.filter(state__in=MATCHED)

    def awaiting_review(self) -> Self:
        return self.filter(state=NeedState.SUBMITTED)

    def changed_since_review(self) -> Self:
        """Published needs whose content changed after an operator last looked at it."""
        return self.published().filter(changed_at__gt=F("reviewed_at"))

    def for_organisation(self, organisation: Organisation) -> Self:
        return self.filter(organisation=organisation)

    def visible_to(self, user: Anyone | None) -> Self:
        """Published and closed needs are public; others show to their organisation, caretaker, operators.

        A caretaker is one as long as it is a broker; an operator who is none any more, neither.
        """
        public = Q(state__in=[NeedState.PUBLISHED, NeedState.CLOSED])
        if user is None or not user.is_authenticated:
            return self.filter(public)
        if is_operator(user):
            return self
        mine = Membership.objects.active().filter(user=user).values("organisation")
        return self.filter(public | Q(organisation__in=mine) | Q(caretaker=user) & Q(is_broker_now(user)))


class NeedProperties:
    """What follows from a need's fields, for the row and for what a reader sees of it (needs.disclosure.queries)."""

    __slots__ = ()

    code: Any
    state: Any
    organisation_id: Any
    disclosure: Any
    industry: Any
    region_code: Any
    trl_min: Any
    cooperation_modes: Any

    def get_absolute_url(self) -> str:
        return reverse("needs:detail", args=[self.code])

    def level_of(self, name: str) -> str:
        """From whom on the field `name` (needs.need.fields.hideable) is shown: a value of Level."""
        level: str = self.disclosure.get(name, Level.PUBLIC.value)
        return level

    @property
    def is_published(self) -> bool:
        return self.state == NeedState.PUBLISHED

    @property
    def is_matched(self) -> bool:
        return self.state in MATCHED

    @property
    def industry_name(self) -> str:
        return industry_name(self.industry) if self.industry else ""

    @property
    def region_name(self) -> str:
        return region_name(self.region_code) if self.region_code else ""

    @property
    def maturity_label(self) -> str:
        return maturity_words(self.trl_min) if self.trl_min else ""

    @property
    def cooperation_labels(self) -> list[str]:
        return [str(CooperationMode(mode).label) for mode in self.cooperation_modes]


class Need(NeedProperties, models.Model):
    code = models.CharField(_("编号"), max_length=10, unique=True, default=new_need_code)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="needs")
    title = models.CharField(_("需求名称"), max_length=120)
    # Asked for in the form; empty only on imported needs whose source does not say it.
    need_type = models.CharField(_("需求类型"), max_length=24, choices=NeedType, blank=True)
    industry = models.CharField(_("所属行业"), max_length=3, blank=True)  # GB/T 4754 division
    technical_field = models.CharField(_("技术领域"), max_length=60, blank=True)
    keywords = ArrayField(
        models.CharField(max_length=40),
        verbose_name=_("关键词"),
        default=list,
        blank=True,
    )
    background = models.TextField(_("背景与现状"), max_length=20_000, blank=True)  # a draft may lack it
    difficulty = models.TextField(_("主要技术难点"), max_length=20_000, blank=True)
    tried = models.TextField(_("已尝试过的方案（不需要什么）"), max_length=5000, blank=True)
    benchmark = models.TextField(_("对标水平"), max_length=2000, blank=True)
    trl_min = models.PositiveSmallIntegerField(_("期望成熟度（TRL）"), null=True, blank=True)
    # 万元; both empty = 面议
    budget_min = models.DecimalField(_("预算下限（万元）"), max_digits=12, decimal_places=2, null=True, blank=True)
    budget_max = models.DecimalField(_("预算上限（万元）"), max_digits=12, decimal_places=2, null=True, blank=True)
    months = models.PositiveSmallIntegerField(_("期望完成时间（月）"), null=True, blank=True)
    valid_until = models.DateField(_("有效期至"), null=True, blank=True)
    cooperation_modes = ArrayField(
        models.CharField(max_length=24, choices=CooperationMode),
        verbose_name=_("合作方式"),
        default=list,
        blank=True,
    )
    region_code = models.CharField(_("所在地区"), max_length=6, blank=True)  # GB/T 2260
    # A policy preference is explicit and switchable, never hidden in the score (DOMAIN.md §6).
    prefers_local = models.BooleanField(_("同等条件下优先本地"), default=False)
    # The last place of a full list of candidates is kept for one from another field (matching.engine.crossing).
    wants_crossing = models.BooleanField(_("为跨领域成果保留一个位置"), default=True)
    # Name (needs.need.fields.hideable) → Level, for what is not public; indicators and files have their own level.
    disclosure = models.JSONField(_("公开范围"), default=dict, blank=True)
    # What the enterprise says such a search took before, in days: the clock compares with it.
    usual_search_days = models.PositiveSmallIntegerField(_("以往寻找同类技术用时（天）"), null=True, blank=True)
    contact_name = models.CharField(_("联系人"), max_length=40, blank=True)
    contact_phone = models.CharField(_("联系电话"), max_length=30, blank=True)  # personal: shown masked

    state = models.CharField(
        _("状态"),
        max_length=10,
        choices=NeedState,
        default=NeedState.DRAFT,
        db_index=True,
    )
    # 非涉密承诺: without it nothing is submitted; a need that touches state secrets is refused at entry.
    declared_at = models.DateTimeField(_("非涉密承诺时间"), null=True, blank=True)
    declared_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
    )
    caretaker = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="needs_cared_for",
        verbose_name=_("服务专员"),
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
    submitted_at = models.DateTimeField(_("首次提交时间"), null=True, blank=True)
    published_at = models.DateTimeField(_("首次发布时间"), null=True, blank=True)
    withdrawn_at = models.DateTimeField(_("撤回时间"), null=True, blank=True)
    closed_at = models.DateTimeField(_("关闭时间"), null=True, blank=True)
    close_reason = models.CharField(_("关闭原因"), max_length=20, choices=CloseReason, blank=True)
    reviewed_at = models.DateTimeField(_("审核时间"), null=True, blank=True)
    reviewed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
    )
    return_reason = models.TextField(_("退回原因"), max_length=1000, blank=True)

    # One per opened form: a form sent twice makes one need.
    submission_key = models.UUIDField(null=True, blank=True, editable=False)
    source = models.CharField(_("来源"), max_length=60, blank=True)
    external_id = models.CharField(_("来源编号"), max_length=80, blank=True)
    imported_at = models.DateTimeField(_("导入时间"), null=True, blank=True)

    objects = NeedQuerySet.as_manager()
    lifecycle = Lifecycle(NEED_ACTIONS, audited_as="need.{}")

    class Meta:
        verbose_name = _("技术需求")
        verbose_name_plural = _("技术需求")
        constraints = [
            models.UniqueConstraint(
                fields=["source", "external_id"],
                condition=~Q(source=""),
                name="need_once_per_source_id",
            ),
            models.UniqueConstraint(
                fields=["created_by", "submission_key"],
                name="need_once_per_person_and_form",
            ),
            models.CheckConstraint(
                name="need_declared_at_with_by",
                condition=Q(declared_at=None, declared_by=None)
                | Q(declared_at__isnull=False, declared_by__isnull=False),
            ),
            models.CheckConstraint(
                name="need_submitted_only_when_declared_non_secret",
                condition=Q(state__in=["draft", "returned", "withdrawn"])
                | Q(
                    declared_at__isnull=False,
                    submitted_at__isnull=False,
                    caretaker__isnull=False,
                ),
            ),
            models.CheckConstraint(
                name="need_published_has_been_reviewed",
                condition=~Q(state__in=["published", "closed"])
                | Q(published_at__isnull=False, reviewed_at__isnull=False),
            ),
            models.CheckConstraint(
                name="need_returned_has_reason",
                condition=~Q(state="returned") | ~Q(return_reason=""),
            ),
            models.CheckConstraint(
                name="need_closed_at_with_reason",
                condition=Q(state="closed", closed_at__isnull=False) & ~Q(close_reason="")
                | ~Q(state="closed") & Q(closed_at=None, close_reason=""),
            ),
            models.CheckConstraint(
                name="need_withdrawn_has_time",
                condition=Q(state="withdrawn", withdrawn_at__isnull=False)
                | ~Q(state="withdrawn") & Q(withdrawn_at=None),
            ),
            models.CheckConstraint(
                name="need_budget_is_a_range",
                condition=(Q(budget_min=None) | Q(budget_min__gte=0))
                & (Q(budget_max=None) | Q(budget_max__gte=0))
                & (Q(budget_min=None) | Q(budget_max=None) | Q(budget_min__lte=F("budget_max"))),
            ),
            models.CheckConstraint(
                name="need_maturity_is_a_level",
                condition=Q(trl_min=None) | Q(trl_min__gte=1, trl_min__lte=9),
            ),
        ]
        indexes = [
            models.Index(fields=["state", "-published_at"]),
            models.Index(fields=["organisation", "-changed_at"]),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def audited(self) -> tuple[str, str]:
        return self.code, self.title

    @property
    def has_unreviewed_change(self) -> bool:
        """Published, and changed after an operator last looked; `changed_since_review()` for one row."""
        return self.is_published and self.reviewed_at is not None and self.changed_at > self.reviewed_at

    @property
    def masked_name(self) -> str:
        """The contact's family name alone: 王**."""
        return f"{self.contact_name[:1]}**" if self.contact_name else ""

    @property
    def masked_phone(self) -> str:
        """The telephone number with its middle hidden: 138****5678."""
        phone = self.contact_phone
        return f"{phone[:3]}****{phone[-4:]}" if len(phone) >= 8 else "****" if phone else ""


class NeedIndicator(Indicator):
    need = models.ForeignKey(Need, on_delete=models.CASCADE, related_name="indicators")
    level = models.CharField(_("公开范围"), max_length=8, choices=Level, default=Level.PUBLIC)

    @property
    def is_public(self) -> bool:
        return self.level == Level.PUBLIC

    class Meta(Indicator.Meta):
        verbose_name = _("指标要求")
        verbose_name_plural = _("指标要求")

"""What only a research output has."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from solutions.solution.models import Solution


class TransferMode(models.TextChoices):
    OWNERSHIP_TRANSFER = "ownership_transfer", _("所有权转让")
    EXCLUSIVE_LICENCE = "exclusive_licence", _("独占许可")
    SOLE_LICENCE = "sole_licence", _("排他许可")
    ORDINARY_LICENCE = "ordinary_licence", _("普通许可")
    EQUITY = "equity", _("作价入股")
    JOINT_DEVELOPMENT = "joint_development", _("合作开发")
    TECHNICAL_SERVICE = "technical_service", _("技术服务")
    TECHNICAL_CONSULTING = "technical_consulting", _("技术咨询")


class RightsStatus(models.TextChoices):
    GRANTED = "granted", _("已授权")
    APPLIED = "applied", _("申请中")
    SOFTWARE = "software", _("软件著作权")
    SECRET = "secret", _("技术秘密")
    PAPER = "paper", _("论文")
    NONE = "none", _("无")


class MaturityAssessor(models.TextChoices):
    SELF = "self", _("自评")
    THIRD_PARTY = "third_party", _("第三方评价")


class OutputDetail(models.Model):
    """What only a research output has (科技成果)."""

    solution = models.OneToOneField(Solution, on_delete=models.CASCADE, related_name="output")
    innovations = ArrayField(
        models.CharField(max_length=300),
        verbose_name=_("创新点"),
        default=list,
        blank=True,
        size=3,
    )
    # Technology readiness level 1–9; both empty = not applicable (process know-how)
    trl_min = models.PositiveSmallIntegerField(_("成熟度下限"), null=True, blank=True)
    trl_max = models.PositiveSmallIntegerField(_("成熟度上限"), null=True, blank=True)
    maturity_assessed_by = models.CharField(
        _("成熟度评价方式"),
        max_length=12,
        choices=MaturityAssessor,
        default=MaturityAssessor.SELF,
    )
    rights_status = models.CharField(
        _("知识产权状态"),
        max_length=10,
        choices=RightsStatus,
        default=RightsStatus.NONE,
    )
    rights_note = models.CharField(_("知识产权说明"), max_length=300, blank=True)  # type, number, date
    transfer_modes = ArrayField(
        models.CharField(max_length=20, choices=TransferMode),
        verbose_name=_("转化方式"),
        default=list,
        blank=True,
    )
    price = models.DecimalField(
        _("价格（万元）"), max_digits=12, decimal_places=2, null=True, blank=True
    )  # empty = 面议
    completed_by = models.CharField(_("完成单位"), max_length=300, blank=True)
    completed_people = models.CharField(_("完成人"), max_length=300, blank=True)  # in order
    awards = models.CharField(_("获奖情况"), max_length=300, blank=True)
    broker_delegated = models.BooleanField(_("委托技术经理人"), default=False)

    class Meta:
        verbose_name = _("成果详情")
        verbose_name_plural = _("成果详情")
        constraints = [
            models.CheckConstraint(
                name="output_maturity_is_a_range_of_levels",
                condition=Q(trl_min=None, trl_max=None) | Q(trl_min__gte=1, trl_max__lte=9, trl_min__lte=F("trl_max")),
            ),
            models.CheckConstraint(
                name="output_price_not_negative",
                condition=Q(price=None) | Q(price__gte=0),
            ),
        ]

    def __str__(self) -> str:
        return str(self.solution_id)

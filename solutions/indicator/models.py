"""The indicator row shared by needs and outputs: a name, a comparison, a value with its unit, a condition."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from lib.numbers import plain


class Comparison(models.TextChoices):
    AT_LEAST = "ge", _("≥")
    AT_MOST = "le", _("≤")
    EQUAL = "eq", _("=")
    RANGE = "range", _("区间")


class Necessity(models.TextChoices):
    MUST = "must", _("必达")
    WISH = "wish", _("期望")


class Indicator(models.Model):
    """Abstract row; `NeedIndicator` and `SolutionIndicator` say whose it is."""

    position = models.PositiveSmallIntegerField(default=0)
    name = models.CharField(_("指标名称"), max_length=60)
    comparison = models.CharField(_("比较"), max_length=5, choices=Comparison)
    value = models.DecimalField(_("数值"), max_digits=20, decimal_places=6)
    value_max = models.DecimalField(_("上限"), max_digits=20, decimal_places=6, null=True, blank=True)
    unit = models.CharField(_("单位"), max_length=20, blank=True)
    condition = models.CharField(_("测试条件"), max_length=120, blank=True)
    necessity = models.CharField(_("必达/期望"), max_length=4, choices=Necessity, default=Necessity.MUST)

    class Meta:
        abstract = True
        ordering = ["position", "pk"]
        constraints = [
            models.CheckConstraint(
                name="%(class)s_only_ranges_have_an_upper_value",
                condition=Q(
                    comparison="range",
                    value_max__isnull=False,
                    value_max__gte=F("value"),
                )
                | ~Q(comparison="range") & Q(value_max=None),
            )
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.requirement}"

    @property
    def requirement(self) -> str:
        """The value as people write it: `≥ 980 MPa`, `0.5 – 0.8 mm`."""
        low = plain(self.value)
        if self.comparison == Comparison.RANGE:
            text = f"{low} – {plain(self.value_max)}"
        else:
            text = f"{Comparison(self.comparison).label} {low}"
        return f"{text} {self.unit}".strip()

"""What only an institution's profile has."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from solutions.solution.models import Solution


class InstitutionDetail(models.Model):
    """What only an institution's profile has (机构画像)."""

    solution = models.OneToOneField(Solution, on_delete=models.CASCADE, related_name="institution")
    disciplines = ArrayField(
        models.CharField(max_length=60),
        verbose_name=_("优势学科"),
        default=list,
        blank=True,
    )
    laboratories = models.TextField(_("平台与实验室"), max_length=4000, blank=True)
    service_modes = models.TextField(_("可提供的服务"), max_length=2000, blank=True)
    contact_office = models.CharField(_("对接部门"), max_length=120, blank=True)

    class Meta:
        verbose_name = _("机构画像详情")
        verbose_name_plural = _("机构画像详情")

    def __str__(self) -> str:
        return str(self.solution_id)

"""Who may read what of a need: levels per field, accepted NDAs, named organisations, the log of who looked."""

from __future__ import annotations

from typing import Self

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.organisation.models import Organisation
from lib.codes import new_code


class Level(models.TextChoices):
    """From whom on something is shown; each stage asks for all before it. Insiders see everything.

    NAMED means: verified, NDA accepted and named by the poser.
    """

    PUBLIC = "public", _("公开")
    VERIFIED = "verified", _("核验机构可见")
    NDA = "nda", _("签署保密协议后可见")
    NAMED = "named", _("指定机构可见")


LEVEL_ORDER = {level.value: place for place, level in enumerate(Level)}


def new_acceptance_code() -> str:
    return new_code("D")


class NdaAcceptanceQuerySet(models.QuerySet["NdaAcceptance"]):
    def in_force(self) -> Self:
        return self.filter(revoked_at=None)


class NdaAcceptance(models.Model):
    """An organisation's signed acceptance of the confidentiality agreement on one need (保密协议).

    `text_version` names the text in needs/disclosure/nda.py; `text_hash` is the SHA-256 of the text as it was rendered
    for this need and organisation, so that what was signed can be shown to be what is kept.
    """

    code = models.CharField(_("编号"), max_length=10, unique=True, default=new_acceptance_code)
    need = models.ForeignKey("needs.Need", on_delete=models.PROTECT, related_name="nda_acceptances")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="nda_acceptances")
    text_version = models.CharField(_("文本版本"), max_length=20)
    text = models.TextField(_("签署文本"))
    text_hash = models.CharField(_("文本校验值（SHA-256）"), max_length=64)
    accepted_at = models.DateTimeField(_("签署时间"), default=timezone.now)
    accepted_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    revoked_at = models.DateTimeField(_("解除时间"), null=True, blank=True)
    revoked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    revoke_reason = models.CharField(_("解除原因"), max_length=300, blank=True)

    objects = NdaAcceptanceQuerySet.as_manager()

    class Meta:
        verbose_name = _("保密协议签署记录")
        verbose_name_plural = _("保密协议签署记录")
        constraints = [
            models.UniqueConstraint(
                fields=["need", "organisation"],
                condition=Q(revoked_at=None),
                name="nda_one_in_force_per_need_and_organisation",
            ),
            models.CheckConstraint(
                name="nda_revoked_at_with_by",
                condition=Q(revoked_at=None, revoked_by=None) | Q(revoked_at__isnull=False, revoked_by__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.code


class NamedOrganisation(models.Model):
    """An organisation the poser named: the last stage of disclosure."""

    need = models.ForeignKey("needs.Need", on_delete=models.CASCADE, related_name="named_organisations")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    named_at = models.DateTimeField(_("指定时间"), default=timezone.now)
    named_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    class Meta:
        verbose_name = _("指定机构")
        verbose_name_plural = _("指定机构")
        constraints = [
            models.UniqueConstraint(fields=["need", "organisation"], name="named_once_per_need_and_organisation")
        ]

    def __str__(self) -> str:
        return f"{self.need_id} · {self.organisation_id}"


class DisclosureChannel(models.TextChoices):
    PAGE = "page", _("网页")
    API = "api", _("接口")
    DOWNLOAD = "download", _("下载附件")


class DisclosureView(models.Model):
    """Somebody outside the poser's organisation read something of a need that is not public."""

    need = models.ForeignKey("needs.Need", on_delete=models.CASCADE, related_name="disclosure_views")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    # names of needs.need.fields.hideable, "indicators", or "attachment:A-…"
    fields = ArrayField(models.CharField(max_length=40), verbose_name=_("查看内容"))
    channel = models.CharField(_("渠道"), max_length=8, choices=DisclosureChannel)
    at = models.DateTimeField(_("时间"), default=timezone.now)

    class Meta:
        verbose_name = _("查阅记录")
        verbose_name_plural = _("查阅记录")
        indexes = [models.Index(fields=["need", "-at"])]

    def __str__(self) -> str:
        return f"{self.need_id} {self.at:%Y-%m-%d %H:%M}"

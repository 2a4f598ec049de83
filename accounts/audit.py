"""Who did what to which object, when, from which state to which. Rows are written, never changed."""

from datetime import datetime

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.person.models import User


class AuditEvent(models.Model):
    at = models.DateTimeField(_("时间"), default=timezone.now)
    # Empty when the platform itself acted (a sweep, a run).
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
    )
    action = models.CharField(_("操作"), max_length=60)  # "need.publish"
    # A label and a public code, not a foreign key: accounts knows no business object.
    object_code = models.CharField(_("编号"), max_length=20)
    object_label = models.CharField(_("对象"), max_length=200)
    from_state = models.CharField(_("原状态"), max_length=20, blank=True)
    to_state = models.CharField(_("新状态"), max_length=20, blank=True)
    reason = models.TextField(_("理由"), blank=True)

    class Meta:
        verbose_name = _("操作记录")
        verbose_name_plural = _("操作记录")
        indexes = [models.Index(fields=["object_code", "at"])]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.action} {self.object_code}"


def record(
    *,
    action: str,
    code: str,
    label: str,
    by: User | None,
    at: datetime,
    from_state: str = "",
    to_state: str = "",
    reason: str = "",
) -> None:
    """Write one audit row inside the caller's transaction. `action` reads `noun.verb`, e.g. `need.publish`."""
    AuditEvent.objects.create(
        action=action,
        object_code=code,
        object_label=label[:200],
        by=by,
        at=at,
        from_state=from_state,
        to_state=to_state,
        reason=reason,
    )

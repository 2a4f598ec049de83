"""A file somebody attached. Names on disk are random; every download asks permission (needs/files/actions.py)."""

from __future__ import annotations

import secrets

from django.conf import settings
from django.core.files.storage import FileSystemStorage
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from lib.codes import new_code
from needs.disclosure.models import Level


def new_attachment_code() -> str:
    return new_code("A")


def private_storage() -> FileSystemStorage:
    """Outside everything a web server hands out by itself; without an address of its own."""
    return FileSystemStorage(location=settings.ATTACHMENT_ROOT, base_url=None)


def random_name(_attachment: Attachment, _filename: str) -> str:
    """Nothing of the name somebody typed reaches the disk."""
    token = secrets.token_hex(16)
    return f"{token[:2]}/{token}"


class Attachment(models.Model):
    code = models.CharField(_("编号"), max_length=10, unique=True, default=new_attachment_code)
    # Exactly one of four says what it belongs to, and so who may read it.
    need = models.ForeignKey("needs.Need", on_delete=models.PROTECT, null=True, related_name="attachments")
    bid = models.ForeignKey("challenges.Bid", on_delete=models.PROTECT, null=True, related_name="attachments")
    milestone = models.ForeignKey(
        "contracts.Milestone", on_delete=models.PROTECT, null=True, related_name="attachments"
    )
    contract = models.ForeignKey("contracts.Contract", on_delete=models.PROTECT, null=True, related_name="attachments")
    level = models.CharField(_("公开范围"), max_length=8, choices=Level, default=Level.NDA)  # of a need's files
    file = models.FileField(_("文件"), storage=private_storage, upload_to=random_name, max_length=100)
    name = models.CharField(_("文件名"), max_length=200)  # as its owner called it, cleaned
    content_type = models.CharField(max_length=100)
    size = models.PositiveBigIntegerField(_("大小（字节）"))
    sha256 = models.CharField(max_length=64)
    uploaded_at = models.DateTimeField(_("上传时间"), default=timezone.now)
    uploaded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    removed_at = models.DateTimeField(_("移除时间"), null=True, blank=True)

    class Meta:
        verbose_name = _("附件")
        verbose_name_plural = _("附件")
        constraints = [
            models.CheckConstraint(
                name="attachment_belongs_to_one_thing",
                condition=(
                    Q(need__isnull=False, bid=None, milestone=None, contract=None)
                    | Q(need=None, bid__isnull=False, milestone=None, contract=None)
                    | Q(need=None, bid=None, milestone__isnull=False, contract=None)
                    | Q(need=None, bid=None, milestone=None, contract__isnull=False)
                ),
            )
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("needs:attachment-download", args=[self.code])

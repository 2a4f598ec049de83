"""A file somebody attached: what all have in common, and a need's files. Other apps have tables of their own.

Names on disk are random; every download asks permission (needs/files/kinds.py).
"""

from __future__ import annotations

import secrets
from typing import Any, ClassVar

from django.conf import settings
from django.core.files.storage import FileSystemStorage
from django.db import models
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
    """One table for each kind of owner; the foreign key to it is called `owner_field` and has `attachments` back."""

    owner_field: ClassVar[str]
    level: Any = Level.NDA  # only a need's files have a choice

    code = models.CharField(_("编号"), max_length=10, unique=True, default=new_attachment_code)
    file = models.FileField(_("文件"), storage=private_storage, upload_to=random_name, max_length=100)
    name = models.CharField(_("文件名"), max_length=200)  # as its owner called it, cleaned
    content_type = models.CharField(max_length=100)
    size = models.PositiveBigIntegerField(_("大小（字节）"))
    sha256 = models.CharField(max_length=64)
    uploaded_at = models.DateTimeField(_("上传时间"), default=timezone.now)
    uploaded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    removed_at = models.DateTimeField(_("移除时间"), null=True, blank=True)

    class Meta:
        abstract = True
        verbose_name = _("附件")
        verbose_name_plural = _("附件")

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("needs:attachment-download", args=[self.code])

    @property
    def owner(self) -> Any:
        return getattr(self, self.owner_field)

    @property
    def audited(self) -> tuple[str, str] | None:
        """The code and title under which the trail keeps that it came or went; None keeps nothing."""
        raise NotImplementedError

    def is_evidence(self) -> bool:
        """Whether something rests on the file, so that its bytes stay even when it is removed."""
        return False


class NeedAttachment(Attachment):
    owner_field = "need"

    need = models.ForeignKey("needs.Need", on_delete=models.PROTECT, related_name="attachments")
    level = models.CharField(_("公开范围"), max_length=8, choices=Level, default=Level.NDA)

    class Meta(Attachment.Meta):
        abstract = False

    @property
    def audited(self) -> tuple[str, str]:
        return self.need.code, self.need.title

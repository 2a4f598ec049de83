"""Files people attach: taken in, handed out and removed here only.

Who may read a file or take it away is said by the app it belongs to (`needs.files.kinds`). A bid's, a milestone's and
a contract's own actions lock and check, and then call `keep`; so does a bid that lets go of a file (`discard`). What
lies with a contract or a milestone has been put before the other side and stays.
"""

import hashlib
import re
import unicodedata
import zipfile
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import IO, TypeVar

from django.contrib.auth.models import AnonymousUser
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils.translation import gettext as _

from accounts import audit
from accounts.models import User
from accounts.permissions import check_writes_for
from lib.refusals import Denied
from needs.files import kinds
from needs.files.models import private_storage
from needs.models import LEVEL_ORDER, Attachment, Level, Need, NeedAttachment
from needs.need.actions import check_editable

MAX_BYTES = 20 * 1024 * 1024
MAX_NAME = 200  # characters
MAX_FILES = 20  # of one thing
_ZIP = b"PK\x03\x04"
# Extension → what the file is sent as, and how it begins.
TYPES: dict[str, tuple[str, bytes]] = {
    "pdf": ("application/pdf", b"%PDF-"),
    "docx": ("application/vnd.openxmlformats-officedocument.wordprocessingml.document", _ZIP),
    "xlsx": ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", _ZIP),
    "pptx": ("application/vnd.openxmlformats-officedocument.presentationml.presentation", _ZIP),
    "png": ("image/png", b"\x89PNG\r\n\x1a\n"),
    "jpg": ("image/jpeg", b"\xff\xd8\xff"),
    "zip": ("application/zip", _ZIP),
}
# The folder that tells an Office file from any other zip.
_OFFICE_FOLDERS = {"docx": "word/", "xlsx": "xl/", "pptx": "ppt/"}
# Control and formatting characters: a right-to-left mark makes `exe.pdf` of `fdp.exe`.
_UNPRINTABLE = frozenset({"Cc", "Cf", "Co", "Cs", "Cn", "Zl", "Zp"})


A_DAY = timedelta(days=1)
# What `sweep_orphans` may delete: names of `random_name`, and nothing else that lies in the folder.
RANDOM_NAME = re.compile("[0-9a-f]{2}/[0-9a-f]{32}")

A = TypeVar("A", bound=Attachment)


class Unacceptable(Exception):
    """The file is refused; the message says why and may be shown."""


class Gone(Exception):
    """The file was removed; the message may be shown."""


@transaction.atomic
def attach_to_need(
    *, need: Need, upload: UploadedFile, level: str = Level.NDA, by: User, at: datetime
) -> NeedAttachment:
    """Unacceptable for what the file is, Denied when `by` does not write for the need, WrongState when it is fixed."""
    need = _lock(need)
    check_editable(need)
    check_writes_for(by, need.organisation)
    return keep(NeedAttachment(need=need, level=Level(level)), upload=upload, by=by, at=at)


def check_removable_from_need(by: User, attachment: NeedAttachment) -> None:
    need = _lock(attachment.need)
    check_editable(need)
    check_writes_for(by, need.organisation)


def keep(attachment: A, *, upload: UploadedFile, by: User, at: datetime) -> A:
    """Fill in `attachment`, a new row that names its owner, from `upload`, and save both.

    For an action that holds a transaction, has locked the owner and checked that `by` may. Unacceptable for what the
    file is. When the transaction is undone the bytes stay on disk until `sweep_orphans`.
    """
    siblings = attachment.owner.attachments.filter(removed_at=None)
    if siblings.count() >= MAX_FILES:
        raise Unacceptable(_("最多上传 %(number)d 个文件。") % {"number": MAX_FILES})
    attachment.name = clean_name(upload.name or "")
    extension = check_content(upload, attachment.name)
    attachment.content_type = TYPES[extension][0]
    attachment.size, attachment.sha256 = upload.size or 0, _sha256(upload)
    attachment.uploaded_at, attachment.uploaded_by = at, by
    attachment.file.save(attachment.name, upload, save=False)
    attachment.save()
    _record("add", attachment, by, at)
    return attachment


@transaction.atomic
def remove(*, attachment: Attachment, by: User, at: datetime) -> None:
    """Take a file away. Denied for who does not write for its owner, WrongState where files stay."""
    kinds.kind_of(attachment).check_removable(by, attachment)
    discard(attachment=attachment, by=by, at=at)


@transaction.atomic
def discard(*, attachment: Attachment, by: User, at: datetime) -> None:
    """Let go of a file, for a verb that has locked its owner and checked that `by` may.

    It leaves the disk after the commit, unless a handed-in version or a figure rests on it.
    """
    attachment = type(attachment)._default_manager.select_for_update(of=("self",)).get(pk=attachment.pk)
    if attachment.removed_at is not None:
        return
    attachment.removed_at = at
    attachment.save(update_fields=["removed_at"])
    _record("remove", attachment, by, at)
    if not attachment.is_evidence():
        storage, path = attachment.file.storage, attachment.file.name
        transaction.on_commit(lambda: storage.delete(path))


def sweep_orphans(*, at: datetime) -> list[str]:
    """Delete the files no row names, and return their names: what was uploaded in a transaction that was undone.

    Files younger than a day stay: their transaction may still be open.
    """
    storage = private_storage()
    if not storage.exists(""):
        return []
    folders, _files = storage.listdir("")
    found = [f"{folder}/{name}" for folder in folders for name in storage.listdir(folder)[1]]
    old = {name for name in found if RANDOM_NAME.fullmatch(name) and at - storage.get_modified_time(name) > A_DAY}
    for model in kinds.models():
        old.difference_update(model._default_manager.values_list("file", flat=True).iterator())
    for name in old:
        storage.delete(name)
    return sorted(old)


def open_for(user: User | AnonymousUser, attachment: Attachment) -> IO[bytes]:
    """The bytes, for a person who may read them; raises Denied, or Gone for what was removed."""
    if not may_read(user, attachment):
        raise Denied(_("您没有查看该文件的权限。"))
    if attachment.removed_at is not None and not attachment.is_evidence():
        raise Gone(_("该文件已被移除。"))
    return attachment.file.open("rb")


def may_read(user: User | AnonymousUser, attachment: Attachment) -> bool:
    """Asked anew at every download: nothing of an earlier answer is kept."""
    return kinds.kind_of(attachment).may_read(user, attachment)


def shown_of_need(attachments: Iterable[NeedAttachment], reached: int) -> tuple[list[NeedAttachment], list[str]]:
    """The files of a need that a clearance reaches, and the levels of the others (never their names)."""
    present = [row for row in attachments if row.removed_at is None]
    shown = [row for row in present if LEVEL_ORDER[row.level] <= reached]
    return shown, [row.level for row in present if LEVEL_ORDER[row.level] > reached]


# --- What a file may be --------------------------------------------------------------------------------------------


def clean_name(raw: str) -> str:
    """The name without folders, control and formatting characters, at most MAX_NAME long, its extension kept."""
    last = re.split(r"[/\\]", unicodedata.normalize("NFC", raw))[-1]
    printable = "".join(sign for sign in last if unicodedata.category(sign) not in _UNPRINTABLE)
    stem, dot, extension = re.sub(r"\s+", " ", printable).strip().rpartition(".")
    if not dot:
        raise Unacceptable(_("文件名缺少扩展名。可上传：%(types)s。") % {"types": _type_list()})
    stem = stem.strip(" .") or "file"
    return f"{stem[: MAX_NAME - len(extension) - 1]}.{extension.lower()}"


def check_content(upload: UploadedFile, name: str) -> str:
    """The extension, when name, size and leading bytes agree on one of TYPES."""
    extension = name.rpartition(".")[2]
    extension = "jpg" if extension == "jpeg" else extension
    if extension not in TYPES:
        raise Unacceptable(_("不能上传这种文件。可上传：%(types)s。") % {"types": _type_list()})
    if not upload.size:
        raise Unacceptable(_("文件是空的。"))
    if upload.size > MAX_BYTES:
        raise Unacceptable(_("文件超过 20 MB。"))
    upload.seek(0)
    lead = TYPES[extension][1]
    if upload.read(len(lead)) != lead or not _is_what_it_says(upload, extension):
        raise Unacceptable(_("文件内容与扩展名“%(extension)s”不符。") % {"extension": extension})
    upload.seek(0)
    return extension


def _is_what_it_says(upload: UploadedFile, extension: str) -> bool:
    """A zip can be opened as one; an Office file is one with the folder of its kind. Nothing is unpacked."""
    if TYPES[extension][1] != _ZIP:
        return True
    try:
        with zipfile.ZipFile(upload) as packed:
            names = packed.namelist()
    except (zipfile.BadZipFile, ValueError, OSError):
        return False
    folder = _OFFICE_FOLDERS.get(extension)
    return folder is None or ("[Content_Types].xml" in names and any(name.startswith(folder) for name in names))


def _type_list() -> str:
    return _("、").join(TYPES)


def _sha256(upload: UploadedFile) -> str:
    digest = hashlib.sha256()
    for chunk in upload.chunks():
        digest.update(chunk)
    upload.seek(0)
    return digest.hexdigest()


# --- Shared by several actions --------------------------------------------------------------------------------------


def _lock(need: Need) -> Need:
    return Need.objects.select_for_update(of=("self",), no_key=True).select_related("organisation").get(pk=need.pk)


def _record(verb: str, attachment: Attachment, by: User, at: datetime) -> None:
    """A bid's files leave no trace anybody else could read before bids are opened: their versions are their record."""
    if attachment.audited is not None:
        code, label = attachment.audited
        audit.record(action=f"attachment.{verb}", code=code, label=label, by=by, at=at, reason=attachment.code)

"""Files people attach: taken in, handed out and removed here only.

Who may read a file follows from what it belongs to: a need's from its level, a bid's from the bid, a milestone's or a
contract's from the contract. Whether a bid, a milestone or a contract still takes files is asked by its own verb,
which calls `attach` after its own locks and checks; and so it is when a bid lets go of one (`discard`). What lies with
a contract or a milestone has been put before the other side and stays.
"""

import hashlib
import re
import unicodedata
import weakref
import zipfile
from collections.abc import Iterable
from datetime import datetime
from typing import IO

from django.contrib.auth.models import AnonymousUser
from django.core.files.storage import Storage
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils.translation import gettext as _

from accounts import audit
from accounts.models import User
from accounts.permissions import Denied, belongs_to, check_writes_for
from accounts.viewer import Viewer
from challenges.models import Bid, BlindField, Reviewer
from challenges.review.permissions import reads_bids
from contracts.contract.permissions import check_either_side
from contracts.models import Contract, Milestone, OutcomeFigure
from lib.refusals import WrongState
from needs.disclosure.permissions import clearance
from needs.models import LEVEL_ORDER, Attachment, Level, Need
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


class Unacceptable(Exception):
    """The file is refused; the message says why and may be shown."""


class Gone(Exception):
    """The file was removed; the message may be shown."""


@transaction.atomic
def attach(
    *,
    upload: UploadedFile,
    by: User,
    at: datetime,
    need: Need | None = None,
    bid: Bid | None = None,
    milestone: Milestone | None = None,
    contract: Contract | None = None,
    level: str = Level.NDA,
) -> Attachment:
    """Keep `upload` with exactly one of need, bid, milestone, contract. `level` counts for a need's file only.

    Raises Unacceptable for what the file is, Denied when `by` does not write for the thing's owner, WrongState for a
    closed need. The bytes leave the disk again when the surrounding transaction is undone.
    """
    owner = _only(need, bid, milestone, contract)
    if need is not None:
        need = Need.objects.select_for_update(of=("self",), no_key=True).select_related("organisation").get(pk=need.pk)
        check_editable(need)
    _check_writes(by, owner)
    if owner.attachments.filter(removed_at=None).count() >= MAX_FILES:
        raise Unacceptable(_("最多上传 %(number)d 个文件。") % {"number": MAX_FILES})
    name = clean_name(upload.name or "")
    extension = check_content(upload, name)
    attachment = Attachment(
        need=need,
        bid=bid,
        milestone=milestone,
        contract=contract,
        level=Level(level) if need is not None else Level.NDA,
        name=name,
        content_type=TYPES[extension][0],
        size=upload.size or 0,
        sha256=_sha256(upload),
        uploaded_at=at,
        uploaded_by=by,
    )
    attachment.file.save(name, upload, save=False)
    _delete_unless_committed(attachment)
    attachment.save()
    _record("add", attachment, by, at)
    return attachment


@transaction.atomic
def remove(*, attachment: Attachment, by: User, at: datetime) -> None:
    """Take a need's file away. Denied for who does not write for its owner, WrongState where files stay."""
    owner = owner_of(attachment)
    if isinstance(owner, Need):
        owner = (
            Need.objects.select_for_update(of=("self",), no_key=True).select_related("organisation").get(pk=owner.pk)
        )
        check_editable(owner)
    _check_writes(by, owner)
    if isinstance(owner, Bid):
        raise WrongState(_("方案的附件只能在编辑方案时移除；提交的版本保留其附件。"))
    if not isinstance(owner, Need):
        raise WrongState(_("合同与里程碑的附件已提供给对方，不能移除。"))
    discard(attachment=attachment, by=by, at=at)


@transaction.atomic
def discard(*, attachment: Attachment, by: User, at: datetime) -> None:
    """Let go of a file, for a verb that has locked its owner and checked that `by` may.

    It leaves the disk after the commit, unless a handed-in version or a figure rests on it.
    """
    attachment = Attachment.objects.select_for_update(of=("self",)).get(pk=attachment.pk)
    if attachment.removed_at is not None:
        return
    attachment.removed_at = at
    attachment.save(update_fields=["removed_at"])
    _record("remove", attachment, by, at)
    if not is_evidence(attachment):
        storage, path = attachment.file.storage, attachment.file.name
        transaction.on_commit(lambda: storage.delete(path))


def open_for(user: User | AnonymousUser, attachment: Attachment) -> IO[bytes]:
    """The bytes, for a person who may read them; raises Denied, or Gone for what was removed."""
    if not may_read(user, attachment):
        raise Denied(_("您没有查看该文件的权限。"))
    if attachment.removed_at is not None and not is_evidence(attachment):
        raise Gone(_("该文件已被移除。"))
    return attachment.file.open("rb")


def may_read(user: User | AnonymousUser, attachment: Attachment) -> bool:
    """Asked anew at every download: nothing of an earlier answer is kept."""
    person = user if isinstance(user, User) else None
    owner = owner_of(attachment)
    if isinstance(owner, Need):
        is_visible = Need.objects.visible_to(person).filter(pk=owner.pk).exists()
        return is_visible and LEVEL_ORDER[attachment.level] <= clearance(Viewer.of(user), owner)
    if person is None:
        return False
    if isinstance(owner, Bid):
        return _reads_bid_file(person, owner, attachment)
    contract = owner.contract if isinstance(owner, Milestone) else owner
    return Contract.objects.visible_to(person).filter(pk=contract.pk).exists()


def _reads_bid_file(user: User, bid: Bid, attachment: Attachment) -> bool:
    """The bidder's side reads all its files; everybody else those of the version that was handed in last."""
    if belongs_to(user, bid.organisation):
        return True
    counting = bid.versions.handed_in().order_by("-number").first()
    if counting is None or not counting.attachments.filter(pk=attachment.pk).exists():
        return False
    return Bid.objects.visible_to(user).filter(pk=bid.pk).exists() or reviewer_reads(user, bid)


def reviewer_reads(user: User, bid: Bid) -> bool:
    """A reviewer who reads the bids reads their files too, where the rules show files to reviewers."""
    if BlindField.ATTACHMENTS not in bid.challenge.shown_to_reviewers:
        return False
    reviewer = Reviewer.objects.select_related("challenge").filter(challenge=bid.challenge_id, user=user).first()
    return reviewer is not None and reads_bids(reviewer) and Bid.objects.unsealed().filter(pk=bid.pk).exists()


def shown_of_need(attachments: Iterable[Attachment], reached: int) -> tuple[list[Attachment], list[str]]:
    """The files of a need that a clearance reaches, and the levels of the others (never their names)."""
    present = [row for row in attachments if row.removed_at is None]
    shown = [row for row in present if LEVEL_ORDER[row.level] <= reached]
    return shown, [row.level for row in present if LEVEL_ORDER[row.level] > reached]


def owner_of(attachment: Attachment) -> Need | Bid | Milestone | Contract:
    """What it belongs to; the database holds that it is one thing."""
    return _only(attachment.need, attachment.bid, attachment.milestone, attachment.contract)


def is_evidence(attachment: Attachment) -> bool:
    """A version of a bid that was handed in, or a figure before and after, rests on the file: its bytes stay."""
    is_in_bid = attachment.bid_versions.handed_in().exists()
    return is_in_bid or OutcomeFigure.objects.filter(evidence=attachment).exists()


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


# --- What several verbs share --------------------------------------------------------------------------------------


def _only(*owners: Need | Bid | Milestone | Contract | None) -> Need | Bid | Milestone | Contract:
    (owner,) = (owner for owner in owners if owner is not None)
    return owner


def _check_writes(by: User, owner: Need | Bid | Milestone | Contract) -> None:
    if isinstance(owner, Need | Bid):
        check_writes_for(by, owner.organisation)
    else:
        check_either_side(by, owner.contract if isinstance(owner, Milestone) else owner)


class _Written:
    """Stands for a file on disk while nobody knows whether its row will be committed."""


def _delete_unless_committed(attachment: Attachment) -> None:
    """Django tells nobody of a rollback: it drops the callbacks that waited for the commit.

    So the only reference to `written` is such a callback. When it is dropped unrun, `written` goes with it and the file
    is deleted; when it runs, it calls that off.
    """
    written = _Written()
    undo = weakref.finalize(written, _delete, attachment.file.storage, attachment.file.name)

    def keep(_written: _Written = written) -> None:
        undo.detach()

    transaction.on_commit(keep)


def _delete(storage: Storage, path: str) -> None:
    storage.delete(path)


def _record(verb: str, attachment: Attachment, by: User, at: datetime) -> None:
    """A bid's files leave no trace anybody else could read before bids are opened: their versions are their record."""
    owner = owner_of(attachment)
    if isinstance(owner, Bid):
        return
    thing = owner.contract if isinstance(owner, Milestone) else owner
    title = (thing.need if isinstance(thing, Contract) else thing).title
    audit.record(action=f"attachment.{verb}", code=thing.code, label=title, by=by, at=at, reason=attachment.code)

"""Files: what is taken in, how it is kept, and how it goes again."""

import hashlib
import os
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from accounts.audit import AuditEvent
from challenges.models import Challenge
from lib.refusals import WrongState
from needs.files import actions as verbs
from needs.files.tasks import sweep_orphans
from needs.models import Attachment, Need, NeedAttachment
from tests.factories.bids import BidFactory
from tests.factories.contracts import ContractFactory, MilestoneFactory
from tests.factories.disclosure import (
    PDF,
    BidAttachmentFactory,
    ContractAttachmentFactory,
    MilestoneAttachmentFactory,
    NeedAttachmentFactory,
    pdf,
    zipped,
)
from tests.factories.needs import NeedFactory

DOCX = zipped("[Content_Types].xml", "word/document.xml")


@pytest.fixture
def need(enterprise) -> Need:
    return NeedFactory(published=True, organisation=enterprise)


def attach(need: Need, by, upload=None, **options) -> NeedAttachment:
    return verbs.attach_to_need(need=need, upload=upload or pdf(), by=by, at=timezone.now(), **options)


def upload_to(client, need: Need, upload, **fields):
    return client.post(reverse("needs:need-attach", args=[need.code]), {"file": upload, **fields})


# --- Taking in -----------------------------------------------------------------------------------------------------


def test_an_uploaded_file_is_kept_under_a_random_name_with_its_checksum(client_of, buyer, need):
    upload_to(client_of(buyer), need, pdf("设计 说明.PDF", b"abc"), level="verified")
    kept = need.attachments.get()
    assert (kept.name, kept.level, kept.content_type, kept.uploaded_by) == (
        "设计 说明.pdf",
        "verified",
        "application/pdf",
        buyer,
    )
    assert (kept.size, kept.sha256) == (len(PDF) + 3, hashlib.sha256(PDF + b"abc").hexdigest())
    assert "说明" not in kept.file.name
    assert "." not in Path(kept.file.name).name
    assert AuditEvent.objects.filter(action="attachment.add", object_code=need.code).exists()
    assert not AuditEvent.objects.filter(object_label__contains="说明").exists()


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.pdf", PDF),
        ("a.png", b"\x89PNG\r\n\x1a\n..."),
        ("a.jpg", b"\xff\xd8\xff\xe0"),
        ("a.jpeg", b"\xff\xd8\xff\xe0"),
        ("a.zip", zipped("a.txt")),
        ("a.docx", DOCX),
        ("a.xlsx", zipped("[Content_Types].xml", "xl/workbook.xml")),
        ("a.pptx", zipped("[Content_Types].xml", "ppt/presentation.xml")),
    ],
)
@pytest.mark.django_db
def test_these_types_are_taken(name, content, buyer, need):
    assert attach(need, buyer, SimpleUploadedFile(name, content)).name.startswith("a.")


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("a.exe", b"MZ", "不能上传这种文件"),
        ("a.html", b"<html>", "不能上传这种文件"),
        ("a.svg", b"<svg>", "不能上传这种文件"),
        ("a", PDF, "缺少扩展名"),
        ("a.pdf", b"MZ....", "不符"),
        ("a.png", PDF, "不符"),
        ("a.docx", zipped("a.txt"), "不符"),
        ("a.xlsx", DOCX, "不符"),
        ("a.zip", b"PK\x03\x04 nothing behind it", "不符"),
        ("fdp.\u202eexe", b"MZ", "不能上传这种文件"),
    ],
)
@pytest.mark.django_db
def test_what_is_refused_is_refused_with_the_reason(name, content, sentence, buyer, need):
    with pytest.raises(verbs.Unacceptable, match=sentence):
        attach(need, buyer, SimpleUploadedFile(name, content))
    assert not need.attachments.exists()


def test_an_empty_or_missing_file_is_said_on_the_page(client_of, buyer, need):
    page = client_of(buyer).post(
        reverse("needs:need-attach", args=[need.code]), {"file": SimpleUploadedFile("a.pdf", b"")}, follow=True
    )
    assert "文件是空的。" in page.content.decode()
    page = client_of(buyer).post(reverse("needs:need-attach", args=[need.code]), follow=True)
    assert "请先选择文件。" in page.content.decode()


def test_a_file_over_the_limit_is_refused(buyer, need, monkeypatch):
    monkeypatch.setattr(verbs, "MAX_BYTES", len(PDF))
    attach(need, buyer, pdf())
    with pytest.raises(verbs.Unacceptable, match="20 MB"):
        attach(need, buyer, pdf(content=b"x"))


def test_the_number_of_files_is_limited(buyer, need, monkeypatch):
    monkeypatch.setattr(verbs, "MAX_FILES", 1)
    attach(need, buyer)
    with pytest.raises(verbs.Unacceptable, match="最多上传 1 个文件"):
        attach(need, buyer)


@pytest.mark.parametrize(
    ("raw", "clean"),
    [
        ("../../etc/passwd.pdf", "passwd.pdf"),
        ("C:\\机密\\方案.PDF", "方案.pdf"),
        ("a\x00b\n.pdf", "ab.pdf"),
        ("  多  空格 .pdf", "多 空格.pdf"),
        ("...pdf", "file.pdf"),
        ("fdp.\u202egnp.pdf", "fdp.gnp.pdf"),
        ("长" * 300 + ".pdf", "长" * 196 + ".pdf"),
    ],
)
def test_names_are_cleaned(raw, clean):
    assert verbs.clean_name(raw) == clean


@pytest.mark.parametrize(("who", "status"), [("colleague", 403), ("operator", 403), ("outsider", 403)])
def test_only_the_posers_writers_attach(who, status, request, client_of, need):
    assert upload_to(client_of(request.getfixturevalue(who)), need, pdf()).status_code == status
    assert not NeedAttachment.objects.exists()


def test_a_closed_need_takes_no_files(buyer, enterprise):
    with pytest.raises(WrongState):
        attach(NeedFactory(closed=True, organisation=enterprise), buyer)


# --- Handing out ---------------------------------------------------------------------------------------------------


def test_a_download_is_a_download_and_never_a_page(client_of, buyer, need):
    file = attach(need, buyer, pdf("图纸 “A”.pdf"))
    response = client_of(buyer).get(file.get_absolute_url())
    assert b"".join(response.streaming_content) == PDF
    assert response["Content-Disposition"].startswith("attachment; filename*=utf-8''")
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Cache-Control"] == "private, no-store"
    assert response["Content-Type"] == "application/pdf"


def test_a_file_of_a_draft_is_not_there_for_others(client, client_of, supplier, enterprise):
    file = NeedAttachmentFactory(need=NeedFactory(organisation=enterprise), level="public")
    for reader in (client, client_of(supplier)):
        assert reader.get(file.get_absolute_url()).status_code == 404


def test_a_visitor_reads_a_public_file(client, need):
    file = NeedAttachmentFactory(need=need, level="public", secret="公开的内容")
    assert "公开的内容".encode() in b"".join(client.get(file.get_absolute_url()).streaming_content)


def test_strangers_do_not_learn_who_put_a_file_there(client, client_of, buyer, need):
    NeedAttachmentFactory(need=need, level="public", uploaded_by=buyer)
    for url in (need.get_absolute_url(), f"/api/v1/needs/{need.code}/attachments/"):
        assert buyer.name not in client.get(url).content.decode()
        assert buyer.name in client_of(buyer).get(url).content.decode()


# --- Removing ------------------------------------------------------------------------------------------------------


def test_a_removed_file_is_gone_for_everybody_and_leaves_the_disk_after_the_commit(
    client_of, buyer, need, django_capture_on_commit_callbacks
):
    file = NeedAttachmentFactory(need=need, level="public")
    path = Path(file.file.path)
    with django_capture_on_commit_callbacks(execute=True):
        client_of(buyer).post(reverse("needs:attachment-remove", args=[file.code]))
        assert path.exists()
    assert not path.exists()
    assert client_of(buyer).get(file.get_absolute_url()).status_code == 404
    assert file.name not in client_of(buyer).get(need.get_absolute_url()).content.decode()


@pytest.mark.parametrize(("who", "status"), [("colleague", 403), ("operator", 403), ("outsider", 404)])
def test_only_the_posers_writers_remove(who, status, request, client_of, need):
    file = NeedAttachmentFactory(need=need, level="named")
    response = client_of(request.getfixturevalue(who)).post(reverse("needs:attachment-remove", args=[file.code]))
    assert response.status_code == status
    assert need.attachments.get().removed_at is None


def test_removing_takes_a_post(client_of, buyer, need):
    file = NeedAttachmentFactory(need=need)
    assert client_of(buyer).get(reverse("needs:attachment-remove", args=[file.code])).status_code == 405


# --- Files without a row -------------------------------------------------------------------------------------------


def age(path: Path, days: int) -> None:
    then = (timezone.now() - timedelta(days=days)).timestamp()
    os.utime(path, (then, then))


@pytest.fixture
def undone(buyer, need) -> Path:
    """The file of an upload whose transaction was rolled back."""

    class Undone(Exception):
        pass

    def fails_later() -> None:
        with transaction.atomic():
            paths.append(Path(attach(need, buyer).file.path))
            raise Undone

    paths: list[Path] = []
    with pytest.raises(Undone):
        fails_later()
    return paths[0]


def test_what_an_undone_upload_left_on_disk_is_swept_after_a_day(undone):
    assert not NeedAttachment.objects.exists()
    sweep_orphans()
    assert undone.exists()
    age(undone, days=2)
    sweep_orphans()
    assert not undone.exists()


def test_a_file_that_a_row_names_stays_whatever_it_belongs_to(enterprise, university, supplier):
    need = NeedFactory(organisation=enterprise, published=True)
    contract = ContractFactory(signed=True, need=need, supplier=university)
    files = [
        NeedAttachmentFactory(need=need),
        BidAttachmentFactory(bid=BidFactory(submitted=True, organisation=university, created_by=supplier)),
        ContractAttachmentFactory(contract=contract),
        MilestoneAttachmentFactory(milestone=MilestoneFactory(contract=contract)),
    ]
    for file in files:
        age(Path(file.file.path), days=2)
    sweep_orphans()
    assert all(Path(file.file.path).exists() for file in files)


def test_the_sweep_touches_nothing_that_is_not_an_attachment(settings, undone):
    beside = Path(settings.ATTACHMENT_ROOT) / "00" / "README"
    beside.parent.mkdir(exist_ok=True)
    beside.write_text("示例")
    age(beside, days=2)
    sweep_orphans()
    assert beside.exists()
    beside.unlink()


def test_without_a_folder_of_attachments_there_is_nothing_to_sweep(db, settings, tmp_path):
    settings.ATTACHMENT_ROOT = tmp_path / "none"
    sweep_orphans()


# --- By program ----------------------------------------------------------------------------------------------------


def test_a_program_uploads_lists_downloads_and_removes(client_of, buyer, need):
    client, base = client_of(buyer), f"/api/v1/needs/{need.code}/attachments/"
    sent = client.post(base, {"file": pdf("方案.pdf"), "level": "nda"})
    assert sent.status_code == 201
    code = sent.json()["code"]
    assert [row["code"] for row in client.get(base).json()["results"]] == [code]
    assert b"".join(client.get(f"/api/v1/attachments/{code}/").streaming_content) == PDF
    assert client.delete(f"/api/v1/attachments/{code}/").status_code == 204
    assert client.get(f"/api/v1/attachments/{code}/").status_code == 404


def test_a_program_hears_why_a_file_is_refused(client_of, buyer, need):
    sent = client_of(buyer).post(f"/api/v1/needs/{need.code}/attachments/", {"file": pdf("a.exe")})
    assert sent.status_code == 400
    assert "不能上传这种文件" in sent.content.decode()


# --- What lies with a bid, a milestone or a contract ---------------------------------------------------------------


def removal_by(client, api: bool, file: Attachment):
    if api:
        return client.delete(f"/api/v1/attachments/{file.code}/")
    return client.post(reverse("needs:attachment-remove", args=[file.code]))


@pytest.mark.parametrize("api", [False, True])
def test_a_bidder_takes_no_file_out_of_what_was_handed_in(api, client_of, supplier, university):
    """Else reviewers would read another bid after the deadline than was handed in by it."""
    bid = BidFactory(submitted=True, organisation=university, created_by=supplier)
    file = BidAttachmentFactory(bid=bid)
    bid.versions.get().attachments.add(file)
    Challenge.objects.filter(pk=bid.challenge_id).update(closes_at=timezone.now() - timedelta(minutes=1))
    assert removal_by(client_of(supplier), api, file).status_code == (409 if api else 302)
    file.refresh_from_db()
    assert file.removed_at is None


@pytest.mark.parametrize("api", [False, True])
@pytest.mark.parametrize("who", ["buyer", "supplier"])
@pytest.mark.parametrize("of", ["contract", "milestone"])
def test_neither_side_takes_back_or_destroys_what_lies_with_a_contract(
    of, who, api, request, client_of, enterprise, university, django_capture_on_commit_callbacks
):
    """A delivery that was accepted, a report the other side relies on: the bytes stay."""
    contract = ContractFactory(
        accepted=True, need=NeedFactory(organisation=enterprise, published=True), supplier=university
    )
    if of == "contract":
        file = ContractAttachmentFactory(contract=contract)
    else:
        file = MilestoneAttachmentFactory(milestone=MilestoneFactory(contract=contract, accepted=True))
    with django_capture_on_commit_callbacks(execute=True):
        answer = removal_by(client_of(request.getfixturevalue(who)), api, file)
    assert answer.status_code == (409 if api else 302)
    file.refresh_from_db()
    assert file.removed_at is None
    assert Path(file.file.path).exists()

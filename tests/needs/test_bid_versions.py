"""What is written stays a working version; what was handed in goes on counting until the next one is."""

from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from accounts.permissions import Denied
from accounts.workflow import WrongState
from needs.domain import attachments
from needs.domain import bids as verbs
from needs.models import Attachment
from tests.factories import BidFactory, ChallengeFactory, MembershipFactory, OutputFactory
from tests.needs.bidding import said
from tests.needs.pages import text

pytestmark = pytest.mark.django_db


@pytest.fixture
def bid(university, supplier):
    return BidFactory(submitted=True, organisation=university, created_by=supplier, version__approach="第一版做法")


def save(bid, by, **values):
    return verbs.save_bid(bid=bid, values=values, by=by, at=timezone.now())


def pdf(name="检测报告.pdf"):
    return SimpleUploadedFile(name, BytesIO(b"%PDF-1.7 example").read(), content_type="application/pdf")


def test_a_change_opens_a_copy_and_the_one_handed_in_counts(bid, supplier, university):
    output = OutputFactory(published=True, organisation=university)
    bid.versions.get().solutions.add(output)
    working = save(bid, supplier, approach="第二版做法")
    assert (working.number, working.submitted_at, working.approach) == (2, None, "第二版做法")
    assert (working.team, list(working.solutions.all())) == (bid.versions.get(number=1).team, [output])
    assert said(bid) == "第一版做法"
    bid.refresh_from_db()
    assert bid.state == "submitted"


def test_further_changes_go_into_the_same_working_version(bid, supplier):
    save(bid, supplier, approach="第二版做法")
    save(bid, supplier, team="更多人")
    assert bid.versions.count() == 2


def test_saving_the_same_again_opens_nothing(bid, supplier):
    assert save(bid, supplier, approach="第一版做法", solutions=[]).number == 1
    assert bid.versions.count() == 1


def test_the_second_version_counts_once_it_is_handed_in(bid, supplier):
    save(bid, supplier, approach="第二版做法")
    verbs.submit_bid(bid=bid, by=supplier, at=timezone.now())
    assert said(bid) == "第二版做法"
    assert bid.versions.handed_in().count() == 2


def test_nothing_new_is_not_handed_in_twice(bid, supplier):
    with pytest.raises(WrongState, match="没有新的修改"):
        verbs.submit_bid(bid=bid, by=supplier, at=timezone.now())


def test_a_working_version_can_be_thrown_away(bid, supplier):
    save(bid, supplier, approach="第二版做法")
    verbs.drop_working_version(bid=bid, by=supplier, at=timezone.now())
    assert [version.number for version in bid.versions.all()] == [1]
    with pytest.raises(WrongState, match="没有可以放弃"):
        verbs.drop_working_version(bid=bid, by=supplier, at=timezone.now())


def test_a_draft_has_nothing_to_go_back_to(university, supplier):
    with pytest.raises(WrongState):
        verbs.drop_working_version(bid=BidFactory(organisation=university), by=supplier, at=timezone.now())


@pytest.mark.parametrize("who", ["outsider", "operator", "buyer"])
def test_nobody_else_writes_into_a_bid(who, request, bid):
    person = request.getfixturevalue(who)
    with pytest.raises(Denied):
        save(bid, person, approach="别人的做法")
    with pytest.raises(Denied):
        verbs.drop_working_version(bid=bid, by=person, at=timezone.now())
    with pytest.raises(Denied):
        verbs.attach_to_bid(bid=bid, upload=pdf(), by=person, at=timezone.now())


def test_a_file_goes_into_the_working_version_only(bid, supplier):
    working = verbs.attach_to_bid(bid=bid, upload=pdf(), by=supplier, at=timezone.now())
    assert (working.number, working.attachments.get().name) == (2, "检测报告.pdf")
    assert not bid.versions.get(number=1).attachments.exists()


def test_a_file_of_a_version_handed_in_stays_with_it(bid, supplier):
    attachment = verbs.attach_to_bid(bid=bid, upload=pdf(), by=supplier, at=timezone.now()).attachments.get()
    verbs.submit_bid(bid=bid, by=supplier, at=timezone.now())
    working = verbs.detach_from_bid(bid=bid, attachment=attachment, by=supplier, at=timezone.now())
    assert not working.attachments.exists()
    assert list(bid.versions.get(number=2).attachments.all()) == [attachment]
    attachment.refresh_from_db()
    assert attachment.removed_at is None


def test_a_file_no_version_has_any_more_is_gone(bid, supplier):
    attachment = verbs.attach_to_bid(bid=bid, upload=pdf(), by=supplier, at=timezone.now()).attachments.get()
    verbs.detach_from_bid(bid=bid, attachment=attachment, by=supplier, at=timezone.now())
    assert Attachment.objects.get().removed_at is not None
    with pytest.raises(attachments.Gone):
        attachments.open_for(supplier, Attachment.objects.get())


def test_files_come_and_go_on_the_page(bid, supplier, client_of):
    client = client_of(supplier)
    page = text(client.post(reverse("needs:bid-attach", args=[bid.code]), {"file": pdf()}, follow=True))
    assert "附件已上传" in page
    assert "检测报告.pdf" in page
    attachment = Attachment.objects.get()
    page = text(client.post(reverse("needs:bid-detach", args=[bid.code, attachment.code]), follow=True))
    assert "附件已移除" in page


@pytest.mark.parametrize(
    ("files", "words"),
    [
        ({}, "请先选择文件"),
        ({"file": SimpleUploadedFile("a.exe", b"MZ")}, "不能上传这种文件"),
        ({"file": SimpleUploadedFile("a.pdf", b"MZ")}, "不符"),
    ],
)
def test_a_file_that_cannot_be_taken_is_refused_with_the_reason(files, words, bid, supplier, client_of):
    assert words in text(client_of(supplier).post(reverse("needs:bid-attach", args=[bid.code]), files, follow=True))
    assert not Attachment.objects.exists()


def test_the_author_reads_every_version(bid, supplier, client_of):
    save(bid, supplier, approach="第二版做法")
    client = client_of(supplier)
    assert "第一版做法" in text(client.get(reverse("needs:bid-version", args=[bid.code, 1])))
    assert "第二版做法" in text(client.get(reverse("needs:bid-version", args=[bid.code, 2])))
    assert client.get(reverse("needs:bid-version", args=[bid.code, 3])).status_code == 404


def test_after_opening_others_read_the_version_that_counts_alone(university, supplier, client_of, buyer, enterprise):
    challenge = ChallengeFactory(open_now=True, need__organisation=enterprise)
    bid = BidFactory(submitted=True, challenge=challenge, organisation=university, version__approach="第一版做法")
    save(bid, supplier, approach="第二版做法")
    verbs.submit_bid(bid=bid, by=supplier, at=timezone.now())
    save(bid, supplier, approach="第三版做法")
    challenge.state, challenge.bidding_closed_at, challenge.answer_by = "evaluating", timezone.now(), timezone.now()
    challenge.save()
    client = client_of(buyer)
    page = text(client.get(bid.get_absolute_url()))
    assert "第二版做法" in page
    assert "第一版做法" not in page
    assert "第三版做法" not in page
    statuses = [client.get(reverse("needs:bid-version", args=[bid.code, n])).status_code for n in (1, 2, 3)]
    assert statuses == [404, 200, 404]


def test_a_colleague_goes_on_with_what_another_began(bid, supplier, university):
    save(bid, supplier, approach="第二版做法")
    colleague = MembershipFactory(organisation=university).user
    working = save(bid, colleague, team="同事补充")
    assert (working.number, working.approach, working.saved_by) == (2, "第二版做法", colleague)

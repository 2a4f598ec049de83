"""What is written stays a working version; what was handed in goes on counting until the next one is."""

from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from accounts.permissions import Denied
from challenges.bid import actions as verbs
from challenges.bid.asked import asked_of
from challenges.challenge.automatic import close_due
from challenges.evaluation.actions import declare_failed
from challenges.models import BidAttachment
from lib.refusals import WrongState
from needs.files import actions as attachments
from needs.models import LEVEL_ORDER, DisclosureView, Level, NdaAcceptance
from needs.need.actions import change_need
from tests.challenges.bidding import content, said
from tests.factories.accounts import MembershipFactory
from tests.factories.bids import BidFactory
from tests.factories.challenges import ChallengeFactory
from tests.factories.disclosure import NdaAcceptanceFactory
from tests.factories.needs import NeedIndicatorFactory
from tests.factories.solutions import OutputFactory
from tests.needs.need.pages import text

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
    assert BidAttachment.objects.get().removed_at is not None
    with pytest.raises(attachments.Gone):
        attachments.open_for(supplier, BidAttachment.objects.get())


def test_files_come_and_go_on_the_page(bid, supplier, client_of):
    client = client_of(supplier)
    page = text(client.post(reverse("challenges:bid-attach", args=[bid.code]), {"file": pdf()}, follow=True))
    assert "附件已上传" in page
    assert "检测报告.pdf" in page
    attachment = BidAttachment.objects.get()
    page = text(client.post(reverse("challenges:bid-detach", args=[bid.code, attachment.code]), follow=True))
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
    assert words in text(
        client_of(supplier).post(reverse("challenges:bid-attach", args=[bid.code]), files, follow=True)
    )
    assert not BidAttachment.objects.exists()


def test_the_author_reads_every_version(bid, supplier, client_of):
    save(bid, supplier, approach="第二版做法")
    client = client_of(supplier)
    assert "第一版做法" in text(client.get(reverse("challenges:bid-version", args=[bid.code, 1])))
    assert "第二版做法" in text(client.get(reverse("challenges:bid-version", args=[bid.code, 2])))
    assert client.get(reverse("challenges:bid-version", args=[bid.code, 3])).status_code == 404


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
    statuses = [client.get(reverse("challenges:bid-version", args=[bid.code, n])).status_code for n in (1, 2, 3)]
    assert statuses == [404, 200, 404]


def test_a_colleague_goes_on_with_what_another_began(bid, supplier, university):
    save(bid, supplier, approach="第二版做法")
    colleague = MembershipFactory(organisation=university).user
    working = save(bid, colleague, team="同事补充")
    assert (working.number, working.approach, working.saved_by) == (2, "第二版做法", colleague)


# --- What it was asked -------------------------------------------------------------------------------------------


ASKED = ("name", "comparison", "value", "value_max", "unit", "condition", "necessity", "level")


@pytest.fixture
def answered(enterprise, university, supplier, buyer):
    """A bid that answers a strength and a secret noise, handed in by its author; its challenge then found no winner."""
    challenge = ChallengeFactory(open_now=True, need__organisation=enterprise)
    NeedIndicatorFactory(need=challenge.need, condition="20 ℃")
    NeedIndicatorFactory(need=challenge.need, name="噪声", value=60, unit="dB", position=1, level=Level.NDA)
    NdaAcceptanceFactory(need=challenge.need, organisation=university)
    at = timezone.now()
    bid = verbs.start_bid(challenge=challenge, organisation=university, by=supplier, at=at)
    verbs.save_bid(bid=bid, values=content(challenge, university), by=supplier, at=at)
    verbs.submit_bid(bid=bid, by=supplier, at=at)
    close_due(at=challenge.closes_at)
    challenge.refresh_from_db()
    declare_failed(challenge=challenge, reason="各方案都达不到必达指标。", by=buyer, at=challenge.closes_at)
    bid.refresh_from_db()
    return bid


def rewrite(bid, by, **changes):
    """The poser edits the need: `changes` by name of the indicator, None to take one out."""
    need = bid.challenge.need
    rows = [
        {**row, **(changes.get(row["name"]) or {})}
        for row in need.indicators.order_by("position").values(*ASKED)
        if changes.get(row["name"], {}) is not None
    ]
    change_need(need=need, values={}, indicators=rows, by=by, at=timezone.now())


EDITS = {
    "the condition": {"抗拉强度": {"condition": "600 ℃"}},
    "the value": {"抗拉强度": {"value": 2000}},
    "the name": {"抗拉强度": {"name": "屈服强度"}},
    "gone": {"抗拉强度": None},
}


@pytest.mark.parametrize("edit", EDITS)
@pytest.mark.parametrize("who", ["buyer", "supplier", "operator"])
def test_what_was_promised_stands_beside_what_was_asked_then(edit, who, answered, request, buyer, client_of):
    rewrite(answered, buyer, **EDITS[edit])
    client = client_of(request.getfixturevalue(who))
    page = text(client.get(answered.get_absolute_url()))
    assert "未答复" not in page
    assert "20 ℃" in page
    assert "≥ 1000 MPa" in page
    strength, noise = client.get(f"/api/v1/bids/{answered.code}/").json()["content"]["indicator_answers"]
    assert (strength["name"], strength["requirement"], strength["meets"]) == ("抗拉强度", "≥ 1000 MPa", "yes")
    assert (noise["name"], noise["value"]) == ("噪声", "≥ 60 dB")


def test_what_is_asked_since_was_not_asked_of_it(answered, buyer, client_of):
    NeedIndicatorFactory(need=answered.challenge.need, name="硬度", position=2)
    assert "硬度" not in text(client_of(buyer).get(answered.get_absolute_url()))


def shown_at(bid, level):
    rows = asked_of(bid.versions.get(), bid.challenge.need, reached=LEVEL_ORDER[level])
    return [row.name for row in rows]


def test_what_was_hidden_stays_hidden_below_its_level(answered, buyer, supplier, client_of):
    assert shown_at(answered, Level.VERIFIED) == ["抗拉强度"]
    rewrite(answered, buyer, 噪声=None)
    assert shown_at(answered, Level.VERIFIED) == ["抗拉强度"]
    assert shown_at(answered, Level.NDA) == ["抗拉强度", "噪声"]
    NdaAcceptance.objects.update(revoked_at=timezone.now(), revoked_by=buyer, revoke_reason="另行签署")
    assert "噪声" not in text(client_of(supplier).get(answered.get_absolute_url()))


@pytest.mark.parametrize(
    ("changes", "verified", "nda"),
    [
        ({"level": "named"}, False, False),
        ({"level": "public"}, True, True),
        ({"level": "public", "value": 70}, False, True),  # the old value was never public
        ({"level": "named", "value": 70}, False, False),
    ],
    ids=["narrowed", "widened", "widened with other words", "narrowed with other words"],
)
def test_a_level_that_was_changed_since_counts(changes, verified, nda, answered, buyer):
    rewrite(answered, buyer, 噪声=changes)
    assert ("噪声" in shown_at(answered, Level.VERIFIED)) == verified
    assert ("噪声" in shown_at(answered, Level.NDA)) == nda


def test_reading_what_is_gone_from_the_need_is_logged_too(answered, buyer, operator, client_of):
    rewrite(answered, buyer, 噪声=None)
    client_of(operator).get(answered.get_absolute_url())
    assert DisclosureView.objects.get(user=operator).fields == ["indicators"]


def test_a_version_keeps_what_it_was_asked_from_its_handing_in_on_and_not_before(bid):
    version = bid.versions.get()
    version.indicators_asked = None
    with pytest.raises(IntegrityError, match="keeps_what_was_asked"), transaction.atomic():
        version.save()
    version.indicators_asked, version.submitted_at = [], None
    with pytest.raises(IntegrityError, match="keeps_what_was_asked"), transaction.atomic():
        version.save()

"""Bids and claims by program: the same rules as on the pages, and sealed ones are nowhere."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from challenges.bid.actions import attach_to_bid
from challenges.models import Bid, Challenge
from contracts.models import Contract
from tests.api.content import error_of, fields_of
from tests.factories.accounts import MembershipFactory
from tests.factories.bids import BidFactory
from tests.factories.challenges import ChallengeFactory
from tests.factories.needs import NeedIndicatorFactory
from tests.factories.solutions import OutputFactory

LIST = "/api/v1/bids/"


def url(bid, action=""):
    return f"{LIST}{bid.code}/{action}/" if action else f"{LIST}{bid.code}/"


@pytest.fixture
def challenge(enterprise):
    found = ChallengeFactory(open_now=True, need__organisation=enterprise)
    NeedIndicatorFactory(need=found.need)
    return found


@pytest.fixture
def first_claim(enterprise):
    found = ChallengeFactory(open_now=True, first_claim=True, need__organisation=enterprise)
    NeedIndicatorFactory(need=found.need)
    return found


def body(challenge, **changes):
    return {
        "approach": "真空脱气与电渣重熔联合控制夹杂物。",
        "team": "示例课题组十二人。",
        "experts": ["示例专家甲"],
        "plan": [{"title": "中试验证", "month": 6, "deliverable": "中试样件"}],
        "months": 12,
        "price": "80.5",
        "ip_proposal": "双方共有。",
        "unaffiliated": True,
        "indicator_answers": [
            {"indicator": row.pk, "meets": "yes", "value": "1050 MPa", "how": "第三方检测"}
            for row in challenge.need.indicators.all()
        ],
        **changes,
    }


def claim_body(challenge, **changes):
    names = ("approach", "months", "price", "unaffiliated", "indicator_answers")
    values = body(challenge)
    return {"challenge": challenge.code, **{name: values[name] for name in names}, **changes}


def test_a_bid_is_begun_saved_handed_in_and_withdrawn(api_of, supplier, university, challenge):
    api = api_of(supplier)
    begun = api.post(LIST, {"challenge": challenge.code}, format="json")
    assert begun.status_code == 201
    bid = Bid.objects.get()
    assert begun.json()["content"]["indicator_answers"][0]["meets"] == ""
    output = OutputFactory(published=True, organisation=university)
    saved = api.patch(url(bid), body(challenge, solutions=[output.code]), format="json").json()
    assert (saved["state"], saved["content"]["price"], saved["content"]["solutions"]) == (
        "draft",
        "80.50",
        [output.code],
    )
    assert api.post(url(bid, "submit")).json()["state"] == "submitted"
    assert api.post(url(bid, "withdraw")).json()["state"] == "withdrawn"


def test_beginning_twice_is_one_bid(api_of, supplier, challenge):
    codes = {api_of(supplier).post(LIST, {"challenge": challenge.code}, format="json").json()["code"] for _n in "12"}
    assert len(codes) == 1


def test_what_is_missing_is_named_by_field(api_of, supplier, university, challenge):
    bid = BidFactory(challenge=challenge, organisation=university, version__team="", version__plan=[])
    refused = api_of(supplier).post(url(bid, "submit"))
    assert refused.status_code == 400
    assert set(fields_of(refused)) == {"team", "plan"}


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"price": "面谈"}, "price"),
        ({"plan": [{"title": "试制", "month": "夏天"}]}, "plan"),
        ({"plan": [{"title": "试制", "month": 1}] * 21}, "plan"),
        ({"indicator_answers": [{"indicator": 0, "meets": "yes"}]}, "indicator_answers"),
        ({"indicator_answers": [{"indicator": 0, "meets": "maybe"}]}, "indicator_answers"),
        ({"solutions": ["S-ZZZZZZZZ"]}, "solutions"),
        ({"state": "awarded"}, "state"),
    ],
)
def test_what_cannot_be_read_is_refused_and_nothing_saved(changes, field, api_of, supplier, university, challenge):
    bid = BidFactory(challenge=challenge, organisation=university, version__approach="原文")
    refused = api_of(supplier).patch(url(bid), {"approach": "新文", **changes}, format="json")
    assert refused.status_code == 400
    assert set(fields_of(refused)) == {field}
    assert bid.versions.get().approach == "原文"


def test_a_claim_is_won_accepted_and_becomes_a_contract(api_of, supplier, buyer, first_claim):
    won = api_of(supplier).post(f"{LIST}claim/", claim_body(first_claim), format="json")
    assert won.status_code == 201
    assert (won.json()["state"], won.json()["claim_number"]) == ("awarded", 1)
    bid = Bid.objects.get()
    assert api_of(buyer).get(url(bid)).json()["content"]["price"] == "80.50"
    assert api_of(buyer).post(url(bid, "accept")).status_code == 200
    assert Contract.objects.get().bid == bid


def test_an_unmet_must_indicator_is_no_claim(api_of, supplier, first_claim):
    answers = [{"indicator": first_claim.need.indicators.get().pk, "meets": "partly"}]
    refused = api_of(supplier).post(f"{LIST}claim/", claim_body(first_claim, indicator_answers=answers), format="json")
    assert refused.status_code == 400
    assert not Bid.objects.exists()


def test_a_claim_is_refused_by_its_poser_with_a_reason(api_of, supplier, buyer, first_claim):
    api_of(supplier).post(f"{LIST}claim/", claim_body(first_claim), format="json")
    bid = Bid.objects.get()
    assert api_of(buyer).post(url(bid, "refuse"), {"reason": "team"}, format="json").status_code == 400
    refused = api_of(buyer).post(url(bid, "refuse"), {"reason": "team", "answer": "没有同类业绩。"}, format="json")
    assert (refused.json()["state"], refused.json()["answer"]) == ("declined", "没有同类业绩。")


def test_the_wrong_state_and_the_wrong_person_are_told_apart(api_of, supplier, university, buyer, challenge):
    bid = BidFactory(challenge=challenge, organisation=university)
    assert error_of(api_of(supplier).post(url(bid, "withdraw"))) == "wrong_state"
    assert error_of(api_of(buyer).post(LIST, {"challenge": challenge.code}, format="json")) == "permission_denied"
    unknown = api_of(supplier).post(LIST, {"challenge": "C-ZZZZZZZZ"}, format="json")
    assert set(fields_of(unknown)) == {"challenge"}


@pytest.mark.parametrize("who", ["buyer", "operator", "outsider"])
def test_sealed_bids_are_no_row_no_number_and_no_address(who, request, api_of, university, challenge):
    bid = BidFactory(submitted=True, challenge=challenge, organisation=university)
    api = api_of(request.getfixturevalue(who))
    assert api.get(LIST).json()["count"] == 0
    assert api.get(url(bid)).status_code == 404


def test_lists_are_narrowed_by_state_challenge_and_whose_they_are(api_of, buyer, supplier, university, enterprise):
    challenge = ChallengeFactory(evaluating=True, need__organisation=enterprise)
    foreign = BidFactory(submitted=True, challenge=challenge)
    own = BidFactory(organisation=university)
    assert [row["code"] for row in api_of(buyer).get(LIST, {"challenge": challenge.code}).json()["results"]] == [
        foreign.code
    ]
    assert api_of(buyer).get(LIST, {"mine": "true"}).json()["count"] == 0
    assert [row["code"] for row in api_of(supplier).get(LIST, {"state": "draft"}).json()["results"]] == [own.code]


@pytest.mark.parametrize("code", ["C-\x00", None, 10**30])
@pytest.mark.parametrize("path", [LIST, f"{LIST}claim/"])
def test_the_code_of_no_challenge_is_said_whatever_it_holds(path, code, api_of, supplier):
    answer = api_of(supplier).post(path, {"challenge": code}, format="json")
    assert answer.status_code == 400
    assert "challenge" in fields_of(answer)


@pytest.mark.parametrize("codes", [None, ["S-\x00"]])
def test_outputs_that_are_none_change_nothing(codes, api_of, supplier, university, challenge):
    bid = BidFactory(challenge=challenge, organisation=university)
    answer = api_of(supplier).patch(url(bid), {"solutions": codes}, format="json")
    assert answer.status_code == (200 if codes is None else 400)


@pytest.mark.parametrize("reason", ["better_bid", "claimed_before", "too_few_bids", "cancelled"])
def test_a_claim_is_not_refused_for_what_the_platform_alone_finds(reason, api_of, supplier, buyer, first_claim):
    api_of(supplier).post(f"{LIST}claim/", claim_body(first_claim), format="json")
    bid = Bid.objects.get()
    answer = api_of(buyer).post(url(bid, "refuse"), {"reason": reason, "answer": "没有业绩。"}, format="json")
    assert answer.status_code == 400
    assert "reason" in fields_of(answer)


# --- Versions and files ----------------------------------------------------------------------------


def pdf():
    return SimpleUploadedFile("检测报告.pdf", b"%PDF-1.4 test", content_type="application/pdf")


@pytest.fixture
def handed_in(university, challenge, settings, tmp_path):
    settings.ATTACHMENT_ROOT = tmp_path
    return BidFactory(challenge=challenge, organisation=university, submitted=True)


def test_what_was_changed_since_a_bid_was_handed_in_is_thrown_away(api_of, supplier, handed_in):
    api = api_of(supplier)
    api.patch(url(handed_in), {"team": "另一支队伍"}, format="json")
    dropped = api.post(url(handed_in, "drop"), {}, format="json")
    assert (dropped.status_code, dropped.json()["content"]["version"]) == (200, 1)
    again = api.post(url(handed_in, "drop"), {}, format="json")
    assert (again.status_code, error_of(again)) == (409, "wrong_state")


def test_a_file_is_put_with_a_bid_and_left_out_again(api_of, supplier, handed_in):
    api = api_of(supplier)
    put = api.post(url(handed_in, "attachments"), {"file": pdf()}, format="multipart")
    assert (put.status_code, put.json()["name"]) == (201, "检测报告.pdf")
    code = put.json()["code"]
    assert api.get(url(handed_in)).json()["content"]["attachments"] == [code]
    assert api.delete(url(handed_in, f"attachments/{code}")).status_code == 204
    assert api.get(url(handed_in)).json()["content"]["attachments"] == []
    assert api.delete(url(handed_in, f"attachments/{code}")).status_code == 404


def test_a_file_that_is_none_is_refused_at_its_name(api_of, supplier, handed_in):
    bad = SimpleUploadedFile("a.exe", b"MZ")
    for sent in ({}, {"file": bad}):
        assert "file" in fields_of(api_of(supplier).post(url(handed_in, "attachments"), sent, format="multipart"))


def test_after_the_deadline_nothing_is_changed_or_attached(api_of, supplier, handed_in):
    code = attach_to_bid(bid=handed_in, upload=pdf(), by=supplier, at=timezone.now()).attachments.get().code
    Challenge.objects.update(closes_at=timezone.now())
    api = api_of(supplier)
    late = [
        api.post(url(handed_in, "drop"), {}, format="json"),
        api.post(url(handed_in, "attachments"), {"file": pdf()}, format="multipart"),
        api.delete(url(handed_in, f"attachments/{code}")),
    ]
    assert [(answer.status_code, error_of(answer)) for answer in late] == [(409, "wrong_state")] * 3


@pytest.mark.parametrize(("who", "status"), [("reader", 403), ("buyer", 404), ("operator", 404), ("outsider", 404)])
def test_nobody_else_changes_the_files_of_a_sealed_bid(who, status, api_of, supplier, handed_in, request):
    code = attach_to_bid(bid=handed_in, upload=pdf(), by=supplier, at=timezone.now()).attachments.get().code
    if who == "reader":
        person = MembershipFactory(organisation=handed_in.organisation, role="viewer").user
    else:
        person = request.getfixturevalue(who)
    api = api_of(person)
    refused = [
        api.post(url(handed_in, "drop"), {}, format="json"),
        api.post(url(handed_in, "attachments"), {"file": pdf()}, format="multipart"),
        api.delete(url(handed_in, f"attachments/{code}")),
    ]
    assert [answer.status_code for answer in refused] == [status] * 3
    assert handed_in.versions.latest("number").attachments.get().code == code


def test_visitors_put_no_file_anywhere(visitor, handed_in):
    assert visitor.post(url(handed_in, "attachments"), {"file": pdf()}, format="multipart").status_code == 401
    assert visitor.post(url(handed_in, "drop"), {}, format="json").status_code == 401

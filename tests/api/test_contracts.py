"""Contracts by program: the whole way from a draft to a public case, with the permissions of the pages."""

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from contracts.models import Clause, Contract, SuccessCase
from tests.api.content import error_of, fields_of
from tests.contracts.contract.test_contract_states import case_in
from tests.factories.accounts import MembershipFactory
from tests.factories.bids import BidFactory
from tests.factories.challenges import ChallengeFactory
from tests.factories.contracts import ContractFactory, MilestoneFactory, in_state
from tests.factories.needs import NeedFactory

LIST = "/api/v1/contracts/"
ROW = {"title": "样件", "deliverable": "三套", "due_on": "2026-06-01", "payment": "100"}
TERMS = {
    "kind": "service",
    "amount": "100",
    "payment_mode": "instalments",
    "rights_owner": "joint",
    "starts_on": "2026-01-01",
    "clauses": {clause.value: "约定" for clause in Clause},
    "milestones": [ROW],
}


@pytest.fixture(autouse=True)
def files_elsewhere(settings, tmp_path):
    settings.ATTACHMENT_ROOT = tmp_path


@pytest.fixture
def contract_in(enterprise, university):
    def made(state: str, **fields: Any) -> Contract:
        return in_state(state, need=NeedFactory(organisation=enterprise, published=True), supplier=university, **fields)

    return made


def url(contract: Contract, action: str = "") -> str:
    return f"{LIST}{contract.code}/{action}/" if action else f"{LIST}{contract.code}/"


def pdf() -> SimpleUploadedFile:
    return SimpleUploadedFile("报告.pdf", b"%PDF-1.4 test", content_type="application/pdf")


def test_from_a_draft_to_a_public_case(contract_in, api_of, visitor, buyer, supplier):
    contract = contract_in("draft")
    buying, supplying = api_of(buyer), api_of(supplier)
    written = supplying.patch(url(contract), TERMS, format="json").json()
    assert written["missing"] == []
    assert written["sides"] == ["supplier"]
    for api in (buying, supplying):
        answer = api.post(url(contract, "confirm"), {"text_hash": written["text_hash"]}, format="json")
        assert answer.status_code == 200, answer.json()
    assert answer.json()["state"] == "signed"

    deliver = url(contract, "milestones/1/deliver")
    sent = supplying.post(deliver, {"note": "样件", "files": [pdf()]}, format="multipart")
    assert sent.json()["milestones"][0]["state"] == "delivered"
    assert contract.milestones.get().attachments.count() == 1
    buying.post(url(contract, "milestones/1/return"), {"reason": "缺报告"}, format="json")
    supplying.post(deliver, {"note": "补报告"}, format="json")
    buying.post(url(contract, "milestones/1/accept"))
    paid = {"kind": "instalment", "amount": "100", "paid_on": "2026-06-02", "milestone": 1}
    assert buying.post(url(contract, "payments"), paid, format="json").status_code == 201
    assert buying.post(url(contract, "accept"), {"note": "达到"}, format="json").json()["state"] == "accepted"

    file = buying.post(url(contract, "attachments"), {"file": pdf()}, format="multipart").json()
    figure = {"name": "寿命", "unit": "h", "before": "800", "after": "2100", "evidence": file["code"]}
    solved = buying.post(url(contract, "solve"), {"figures": [figure]}, format="json").json()
    assert (solved["state"], solved["figures"][0]["evidence"]) == ("solved", file["code"])
    for api in (buying, supplying):
        rated = api.post(url(contract, "rate"), {"stars": 5}, format="json").json()
    assert [row["stars"] for row in rated["ratings"]] == [5, 5]

    case = supplying.put(url(contract, "case"), {"title": "示例案例", "text": "寿命翻倍"}, format="json").json()
    public = f"/api/v1/cases/{case['code']}/"
    assert visitor.get(public).status_code == 404
    for api in (buying, supplying):
        read = {"written_at": api.get(public).json()["written_at"]}
        assert api.post(f"{public}approve/", read, format="json").status_code == 200
    shown = visitor.get(public).json()
    assert (shown["state"], shown["figures"][0]["evidence"]) == ("published", None)
    assert [row["code"] for row in visitor.get("/api/v1/cases/").json()["results"]] == [case["code"]]
    buying.post(f"{public}withdraw/")
    assert visitor.get(public).status_code == 404
    assert visitor.get("/api/v1/cases/").json()["results"] == []
    assert len(supplying.get("/api/v1/cases/", {"mine": True}).json()["results"]) == 1


def test_who_sees_contracts(contract_in, api_of, visitor, buyer, colleague, supplier, operator, outsider):
    contract = contract_in("signed")
    for person in (buyer, colleague, supplier, operator):
        assert [row["code"] for row in api_of(person).get(LIST).json()["results"]] == [contract.code]
        assert api_of(person).get(url(contract)).status_code == 200
    for api in (api_of(outsider), visitor):
        assert api.get(url(contract)).status_code in {401, 404}
    assert api_of(outsider).get(LIST).json()["results"] == []


def test_an_operator_of_a_losing_bidder_does_not_read_the_winners_contract(contract_in, api_of, university, operator):
    contract = contract_in("signed")
    challenge = ChallengeFactory(need=contract.need, awarded=True)
    BidFactory(challenge=challenge, organisation=university, awarded=True, contract=contract)
    loser = BidFactory(challenge=challenge, declined=True).organisation
    MembershipFactory(organisation=loser, user=operator)
    api = api_of(operator)
    assert api.get(url(contract)).status_code == 404
    assert api.get(LIST).json()["results"] == []
    assert api.post(url(contract, "terminate"), {"reason": "协商"}, format="json").status_code == 404


def test_the_list_is_narrowed(contract_in, api_of, operator, buyer):
    contract = contract_in("signed")
    ContractFactory()

    def codes(api, **filters):
        return [row["code"] for row in api.get(LIST, filters).json()["results"]]

    assert codes(api_of(operator), state="signed") == [contract.code]
    assert codes(api_of(operator), need=contract.need.code) == [contract.code]
    assert codes(api_of(operator), mine=True) == []
    assert codes(api_of(buyer), mine=True) == [contract.code]


ACTIONS: list[tuple[str, str, dict[str, Any]]] = [
    ("confirm", "draft", {"text_hash": "0"}),
    ("funding", "signed", {"amount": "5", "decided_on": "2026-01-01", "reference": "示例"}),
    ("terminate", "signed", {"reason": "协商一致"}),
    ("payments", "signed", {"kind": "instalment", "amount": "5", "paid_on": "2026-01-01"}),
    ("accept", "signed", {"note": "达到"}),
    ("reject", "signed", {"reason": "未达到"}),
    ("resume", "rejected", {}),
    ("solve", "accepted", {"figures": []}),
    ("rate", "solved", {"stars": 5}),
    ("milestones/1/deliver", "signed", {"note": "样件"}),
    ("milestones/1/accept", "signed", {}),
    ("milestones/1/return", "signed", {"reason": "缺报告"}),
]


@pytest.mark.parametrize(("action", "state", "body"), ACTIONS)
def test_who_may_not_is_refused(action, state, body, contract_in, api_of, visitor, colleague, outsider):
    contract = contract_in(state)
    MilestoneFactory(contract=contract, position=1)
    answer = api_of(colleague).post(url(contract, action), body, format="json")
    assert (answer.status_code, error_of(answer)) == (403, "permission_denied")
    assert api_of(outsider).post(url(contract, action), body, format="json").status_code == 404
    assert visitor.post(url(contract, action), body, format="json").status_code == 401


@pytest.mark.parametrize(("action", "body"), [("accept", {"note": "达到"}), ("solve", {"figures": []})])
def test_the_wrong_moment_is_a_conflict(action, body, contract_in, api_of, buyer):
    answer = api_of(buyer).post(url(contract_in("draft"), action), body, format="json")
    assert (answer.status_code, error_of(answer)) == (409, "wrong_state")


def test_what_is_missing_is_said(contract_in, api_of, buyer):
    contract = contract_in("draft")
    read = api_of(buyer).get(url(contract)).json()
    assert read["missing"]
    answer = api_of(buyer).post(url(contract, "confirm"), {"text_hash": read["text_hash"]}, format="json")
    assert (answer.status_code, error_of(answer)) == (409, "not_ready")


def test_another_text_is_not_confirmed(contract_in, api_of, buyer):
    contract = contract_in("draft", ready=True)
    answer = api_of(buyer).post(url(contract, "confirm"), {"text_hash": "0" * 64}, format="json")
    assert error_of(answer) == "wrong_state"


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"amount": "很多"}, "amount"),
        ({"kind": "标准合同"}, "kind"),
        ({"clauses": {"weather": "晴"}}, "clauses"),
        ({"milestones": [{"title": ""}]}, "milestones"),
        ({"milestones": "三个"}, "milestones"),
        ({"state": "signed"}, "state"),
    ],
)
def test_what_cannot_be_read_is_named(body, field, contract_in, api_of, buyer):
    answer = api_of(buyer).patch(url(contract_in("draft")), body, format="json")
    assert answer.status_code == 400
    assert field in fields_of(answer)


def test_only_what_was_sent_changes(contract_in, api_of, buyer):
    contract = contract_in("draft", ready=True)
    MilestoneFactory(contract=contract, position=1)
    answer = api_of(buyer).patch(url(contract), {"amount": "90"}, format="json").json()
    assert (answer["amount"], answer["kind"], len(answer["milestones"])) == ("90.00", "commissioned_development", 1)


def test_a_payment_names_a_milestone_there_is(contract_in, api_of, buyer):
    body = {"kind": "instalment", "amount": "5", "paid_on": "2026-01-01", "milestone": 7}
    answer = api_of(buyer).post(url(contract_in("signed"), "payments"), body, format="json")
    assert "milestone" in fields_of(answer)


def test_a_correction_says_of_what_it_is(contract_in, api_of, buyer):
    contract = contract_in("signed")
    path = url(contract, "payments")
    for body in (
        {"kind": "instalment", "amount": "5"},
        {"kind": "correction", "corrects": "instalment", "amount": "-2", "note": "多记"},
    ):
        answer = api_of(buyer).post(path, {**body, "paid_on": "2026-01-01"}, format="json")
        assert answer.status_code == 201
    assert [row["corrects"] for row in answer.json()["payments"]] == ["", "instalment"]


def test_a_file_that_is_none_is_refused(contract_in, api_of, buyer):
    bad = SimpleUploadedFile("a.exe", b"MZ")
    answer = api_of(buyer).post(url(contract_in("signed"), "attachments"), {"file": bad}, format="multipart")
    assert "file" in fields_of(answer)


def test_funding_termination_rejection_and_resumption(contract_in, api_of, buyer, operator):
    contract = contract_in("signed", funding_order="contract_first")
    body = {"amount": "50", "decided_on": "2026-01-05", "reference": "示例科计〔2026〕1 号"}
    funded = api_of(operator).post(url(contract, "funding"), body, format="json").json()
    assert funded["funding_reference"] == "示例科计〔2026〕1 号"
    api = api_of(buyer)
    assert api.post(url(contract, "reject"), {"reason": "未达到"}, format="json").json()["state"] == "rejected"
    assert api.post(url(contract, "resume")).json()["state"] == "signed"
    ended = api.post(url(contract, "terminate"), {"reason": "协商一致"}, format="json").json()
    assert (ended["state"], ended["terminate_reason"]) == ("terminated", "协商一致")


@pytest.mark.parametrize("role", ["colleague", "operator"])
def test_who_only_reads_decides_on_no_case(role, contract_in, api_of, request):
    case = case_in("draft", contract_in("solved"))
    read = {"written_at": case.written_at}
    answer = api_of(request.getfixturevalue(role)).post(f"/api/v1/cases/{case.code}/approve/", read, format="json")
    assert answer.status_code == 403
    assert SuccessCase.objects.get().state == "draft"


def test_a_case_is_not_made_public_in_words_nobody_read(contract_in, api_of, visitor, buyer, supplier):
    contract = contract_in("solved")
    buying, supplying, path = api_of(buyer), api_of(supplier), url(contract, "case")
    old = supplying.put(path, {"title": "旧标题", "text": "旧正文"}, format="json").json()
    new = buying.put(path, {"title": "新标题", "text": "对方没有看过的正文"}, format="json").json()
    approve = f"/api/v1/cases/{old['code']}/approve/"

    def approved(api, **read):
        return api.post(approve, read, format="json")

    assert approved(buying, written_at=new["written_at"]).status_code == 200
    assert list(fields_of(approved(supplying))) == ["written_at"]
    stale = approved(supplying, written_at=old["written_at"])
    assert (stale.status_code, error_of(stale)) == (409, "wrong_state")
    assert visitor.get(f"/api/v1/cases/{old['code']}/").status_code == 404
    assert approved(supplying, written_at=new["written_at"]).json()["state"] == "published"


def test_who_names_the_case_it_read_overwrites_no_newer_one(contract_in, api_of, buyer, supplier):
    contract = contract_in("solved")
    path = url(contract, "case")
    old = api_of(supplier).put(path, {"title": "旧标题", "text": "旧正文"}, format="json").json()
    new = api_of(buyer).put(path, {"title": "新标题", "text": "新正文"}, format="json").json()
    words = {"title": "第三稿", "text": "第三稿正文"}
    stale = api_of(supplier).put(path, {**words, "written_at": old["written_at"]}, format="json")
    assert (stale.status_code, error_of(stale)) == (409, "wrong_state")
    assert SuccessCase.objects.get().title == "新标题"
    written = api_of(supplier).put(path, {**words, "written_at": new["written_at"]}, format="json").json()
    assert (written["title"], "written_at" in written) == ("第三稿", True)


def test_who_names_the_draft_it_read_overwrites_no_newer_one(contract_in, api_of, buyer, supplier):
    contract = contract_in("draft")
    read = api_of(supplier).get(url(contract)).json()["text_hash"]
    changed = api_of(buyer).patch(url(contract), {"amount": "90", "text_hash": read}, format="json").json()
    stale = api_of(supplier).patch(url(contract), {"amount": "80", "text_hash": read}, format="json")
    assert (stale.status_code, error_of(stale)) == (409, "wrong_state")
    contract.refresh_from_db()
    assert contract.amount == 90
    body = {"amount": "80", "text_hash": changed["text_hash"]}
    assert api_of(supplier).patch(url(contract), body, format="json").json()["amount"] == "80.00"


@pytest.mark.parametrize("number", [1, 3])
def test_the_list_asks_as_much_for_three_as_for_one(number, contract_in, api_of, buyer, django_assert_num_queries):
    for _each in range(number):
        contract_in("signed")
    api = api_of(buyer)
    with django_assert_num_queries(4):
        api.get(LIST)


@pytest.mark.parametrize("number", [1, 3])
def test_the_cases_ask_as_much_for_three_as_for_one(number, contract_in, visitor, django_assert_num_queries):
    for _each in range(number):
        case_in("published", contract_in("solved"))
    with django_assert_num_queries(3):
        visitor.get("/api/v1/cases/")

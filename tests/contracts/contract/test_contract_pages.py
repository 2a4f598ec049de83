"""What the pages of contracts and cases show, to whom, and what their forms do."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from contracts.contract.queries import (
    contract_value,
    solved_count,
)
from contracts.contract.text import text_hash
from contracts.delivery.actions import tell_overdue_milestones
from contracts.models import (
    Clause,
    Contract,
    ContractAttachment,
    OutcomeFigure,
    SuccessCase,
)
from needs.models import Need
from tests.contracts.contract.test_contract_states import STATES, case_in, evidence_of
from tests.factories.accounts import MembershipFactory
from tests.factories.bids import BidFactory
from tests.factories.challenges import ChallengeFactory
from tests.factories.contracts import ContractFactory, MilestoneFactory, PaymentFactory, in_state
from tests.factories.needs import NeedFactory

PDF = b"%PDF-1.4 test"
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def files_elsewhere(settings, tmp_path):
    settings.ATTACHMENT_ROOT = tmp_path


@pytest.fixture
def contract_in(enterprise, university):
    def made(state: str, **fields: Any) -> Contract:
        need = NeedFactory(organisation=enterprise, published=True)
        ready = {"ready": True} if state == "draft" else {}
        contract = in_state(state, need=need, supplier=university, **ready, **fields)
        MilestoneFactory(contract=contract, position=1, accepted=state not in {"draft", "terminated"})
        return contract

    return made


def url(name: str, contract: Contract, *args: Any) -> str:
    return reverse(f"contracts:{name}", args=[contract.code, *args])


def pdf(name: str = "报告.pdf") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, PDF, content_type="application/pdf")


@pytest.fixture
def won_against(contract_in, university):
    """A contract from a challenge on which another organisation bid too: the contract, and who lost."""
    contract = contract_in("signed")
    challenge = ChallengeFactory(need=contract.need, awarded=True)
    BidFactory(challenge=challenge, organisation=university, awarded=True, label=1, contract=contract)
    MilestoneFactory(contract=contract, position=2, due_on=timezone.localdate() - timedelta(days=3))
    rival = BidFactory(challenge=challenge, declined=True, label=2)
    return contract, rival.organisation


# --- Reading ---------------------------------------------------------------------------------------------------


def test_an_operator_of_a_losing_bidder_does_not_read_the_winners_contract(won_against, client_of, operator):
    contract, loser = won_against
    client, desk = client_of(operator), reverse("dashboards:desk")
    everything = reverse("contracts:mine") + "?side=all"
    assert client.get(contract.get_absolute_url()).status_code == 200
    assert contract.get_absolute_url() in client.get(desk).content.decode()
    assert contract.code in client.get(everything).content.decode()
    MembershipFactory(organisation=loser, user=operator)
    for name in ("detail", "print", "certificate"):
        assert client.get(url(name, contract)).status_code == 404
    assert contract.get_absolute_url() not in client.get(desk).content.decode()
    page = client.get(everything)
    assert contract.code not in page.content.decode()
    assert [tab["count"] for tab in page.context["tabs"]][-1] == 0


def test_nor_does_the_needs_caretaker_there(won_against, client_of):
    contract, loser = won_against
    broker = MembershipFactory(role="broker").user
    Need.objects.filter(pk=contract.need_id).update(caretaker=broker)
    assert client_of(broker).get(contract.get_absolute_url()).status_code == 200
    MembershipFactory(organisation=loser, user=broker)
    assert client_of(broker).get(contract.get_absolute_url()).status_code == 404


@pytest.mark.parametrize("side", ["buyer", "supplier"])
def test_a_party_reads_its_contract_whatever_else_its_members_belong_to(side, won_against, client_of, operator):
    contract, loser = won_against
    party = contract.buyer if side == "buyer" else contract.supplier
    for organisation in (loser, party):
        MembershipFactory(organisation=organisation, user=operator)
    assert client_of(operator).get(contract.get_absolute_url()).status_code == 200


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("role", ["buyer", "supplier", "colleague", "operator"])
def test_the_page_tells_the_story_in_every_state(state, role, contract_in, client_of, request):
    contract = contract_in(state)
    page = client_of(request.getfixturevalue(role)).get(contract.get_absolute_url())
    assert page.status_code == 200
    assert "当前进展与下一步" in page.content.decode()
    assert contract.supplier.name in page.content.decode()


GET_PAGES = ["detail", "print", "certificate", "edit", "confirm"]
GET_PAGES += ["funding", "payment-add", "accept", "solve", "rate", "case-edit"]
POST_PAGES = ["terminate", "attach", "reject", "resume"]


@pytest.mark.parametrize("name", GET_PAGES)
def test_an_outsider_finds_nothing(name, contract_in, client_of, outsider):
    assert client_of(outsider).get(url(name, contract_in("solved"))).status_code == 404


@pytest.mark.parametrize("name", POST_PAGES)
def test_an_outsider_does_nothing(name, contract_in, client_of, outsider):
    assert client_of(outsider).post(url(name, contract_in("signed"))).status_code == 404


@pytest.mark.parametrize("name", ["milestone-deliver", "milestone-accept", "milestone-return"])
def test_an_outsider_touches_no_milestone(name, contract_in, client_of, outsider):
    assert client_of(outsider).post(url(name, contract_in("signed"), 1)).status_code == 404


@pytest.mark.parametrize(
    ("name", "state"),
    [
        ("edit", "draft"),
        ("confirm", "draft"),
        ("payment-add", "signed"),
        ("accept", "signed"),
        ("solve", "accepted"),
        ("rate", "solved"),
        ("case-edit", "solved"),
    ],
)
@pytest.mark.parametrize("role", ["colleague", "operator"])
def test_who_only_reads_gets_no_form(name, state, role, contract_in, client_of, request):
    assert client_of(request.getfixturevalue(role)).get(url(name, contract_in(state))).status_code == 403


@pytest.mark.parametrize(("name", "state"), [("payment-add", "signed"), ("solve", "accepted")])
def test_the_supplier_gets_no_form_of_the_buyer(name, state, contract_in, client_of, supplier):
    assert client_of(supplier).get(url(name, contract_in(state))).status_code == 403


@pytest.mark.parametrize(
    ("name", "state", "role"),
    [
        ("edit", "draft", "supplier"),
        ("confirm", "draft", "buyer"),
        ("payment-add", "rejected", "buyer"),
        ("accept", "signed", "buyer"),
        ("solve", "accepted", "buyer"),
        ("rate", "solved", "supplier"),
        ("case-edit", "solved", "supplier"),
        ("print", "draft", "colleague"),
        ("certificate", "solved", "operator"),
    ],
)
def test_the_pages_of_whose_turn_it_is_open(name, state, role, contract_in, client_of, request):
    assert client_of(request.getfixturevalue(role)).get(url(name, contract_in(state))).status_code == 200


@pytest.mark.parametrize(
    ("name", "state"),
    [
        ("edit", "signed"),
        ("confirm", "signed"),
        ("payment-add", "draft"),
        ("accept", "draft"),
        ("solve", "signed"),
        ("rate", "signed"),
        ("case-edit", "accepted"),
        ("certificate", "signed"),
        ("funding", "draft"),
    ],
)
def test_a_page_whose_time_it_is_not_leads_back(name, state, contract_in, client_of, buyer):
    assert client_of(buyer).get(url(name, contract_in(state))).status_code == 302


def test_my_contracts_stand_under_the_side_one_is_on(contract_in, client_of, buyer, supplier, operator, outsider):
    contract = contract_in("signed")
    for person, side in ((buyer, "buyer"), (supplier, "supplier"), (operator, "all")):
        page = client_of(person).get(reverse("contracts:mine"), {"side": side})
        assert list(page.context["page"]) == [contract], side
    assert "还没有合同" in client_of(outsider).get(reverse("contracts:mine")).content.decode()
    assert not client_of(outsider).get(reverse("contracts:mine"), {"side": "all"}).context["page"].object_list


def test_the_first_tab_with_contracts_opens(contract_in, client_of, supplier):
    contract = contract_in("signed")
    assert list(client_of(supplier).get(reverse("contracts:mine")).context["page"]) == [contract]


# --- Writing ---------------------------------------------------------------------------------------------------


def sheet(**values: Any) -> dict[str, Any]:
    return {
        "title": "示例合同",
        "kind": "service",
        "payment_mode": "instalments",
        "amount": "１００",
        "rights_owner": "joint",
        "funding_order": "none",
        "starts_on": "2026-01-01",
        **{f"clause_{clause.value}": "约定" for clause in Clause},
        "milestones-TOTAL_FORMS": "3",
        "milestones-INITIAL_FORMS": "0",
        "milestones-0-title": "样件",
        "milestones-0-due_on": "2026-06-01",
        "milestones-0-payment": "40",
        "milestones-1-title": "验证",
        "milestones-1-due_on": "2026-12-01",
        "milestones-1-payment": "60",
        **values,
    }


def test_a_draft_is_written_with_its_milestones_and_confirmed_by_both(contract_in, client_of, buyer, supplier):
    contract = contract_in("draft")
    assert client_of(buyer).post(url("edit", contract), sheet()).status_code == 302
    contract.refresh_from_db()
    assert (contract.title, contract.amount, contract.clauses["secrecy"]) == ("示例合同", Decimal(100), "约定")
    assert [(row.title, row.payment) for row in contract.milestones.all()] == [("样件", 40), ("验证", 60)]
    for person in (buyer, supplier):
        page = client_of(person).get(url("confirm", contract))
        assert "统一社会信用代码" in page.content.decode()
        assert page.context["missing"] == []
        client_of(person).post(url("confirm", contract), {"read_hash": page.context["hash"]})
    contract.refresh_from_db()
    assert contract.state == "signed"
    assert contract.confirmed_hash == page.context["hash"]


@pytest.mark.parametrize(
    "wrong",
    [
        {"milestones-0-due_on": ""},
        {"milestones-0-payment": "很多"},
        {"royalty_percent": "0"},
        {"title": ""},
        {"kind": "标准合同"},
    ],
)
def test_what_cannot_be_read_stays_on_the_page(wrong, contract_in, client_of, buyer):
    contract = contract_in("draft")
    page = client_of(buyer).post(url("edit", contract), sheet(**wrong))
    assert page.status_code == 422
    contract.refresh_from_db()
    assert contract.title != "示例合同"


def test_who_saves_over_the_others_change_is_told_first_and_loses_nothing(contract_in, client_of, buyer, supplier):
    contract = contract_in("draft")
    opened = {"read_hash": client_of(buyer).get(url("edit", contract)).context["read_hash"]}
    client_of(supplier).post(url("edit", contract), sheet(title="研发方改过的名称"))
    page = client_of(buyer).post(url("edit", contract), sheet(rights_sharing="各半", **opened))
    assert page.status_code == 422
    assert "已被修改" in page.content.decode()
    assert "各半" in page.content.decode()
    contract.refresh_from_db()
    assert contract.title == "研发方改过的名称"
    again = sheet(rights_sharing="各半", read_hash=page.context["read_hash"])
    assert client_of(buyer).post(url("edit", contract), again).status_code == 302
    contract.refresh_from_db()
    assert contract.rights_sharing == "各半"


def test_a_removed_row_does_not_count(contract_in, client_of, buyer):
    contract = contract_in("draft")
    client_of(buyer).post(url("edit", contract), sheet(**{"milestones-0-DELETE": "on"}))
    assert [row.title for row in contract.milestones.all()] == ["验证"]


def test_every_clause_has_an_example(contract_in, client_of, buyer):
    page = client_of(buyer).get(url("edit", contract_in("draft")))
    assert page.content.decode().count("sh-help") >= len(Clause)
    assert all("例如" in str(field.help_text) for field in page.context["form"].clause_fields)


def test_who_confirms_an_older_text_is_sent_back(contract_in, client_of, buyer):
    contract = contract_in("draft")
    answer = client_of(buyer).post(url("confirm", contract), {"read_hash": "0" * 64})
    assert answer.status_code == 302
    contract.refresh_from_db()
    assert contract.buyer_confirmed_at is None


def test_an_incomplete_draft_says_what_it_misses_and_has_no_button(contract_in, client_of, buyer):
    contract = contract_in("draft", clauses={})
    page = client_of(buyer).get(url("confirm", contract))
    assert "缺少" in page.content.decode()
    assert "read_hash" not in page.content.decode()
    rows = list(contract.milestones.all())
    posted = client_of(buyer).post(url("confirm", contract), {"read_hash": text_hash(contract, rows)})
    assert posted.status_code == 422


def test_funding_is_recorded_on_its_page(contract_in, client_of, buyer):
    contract = contract_in("draft", funding_order="funding_first")
    values = {"amount": "50", "decided_on": "2026-01-05", "reference": "示例科计〔2026〕1 号"}
    assert client_of(buyer).get(url("funding", contract)).status_code == 200
    tomorrow = {**values, "decided_on": "2999-01-01"}
    assert client_of(buyer).post(url("funding", contract), tomorrow).status_code == 422
    assert client_of(buyer).post(url("funding", contract), values).status_code == 302
    contract.refresh_from_db()
    assert (contract.funding_amount, contract.funding_reference) == (Decimal(50), "示例科计〔2026〕1 号")


@pytest.mark.parametrize(
    ("name", "state", "after"),
    [("terminate", "signed", "terminated"), ("reject", "signed", "rejected")],
)
def test_what_needs_a_reason_asks_for_it(name, state, after, contract_in, client_of, buyer):
    contract = contract_in(state)
    client_of(buyer).post(url(name, contract), {"reason": "  "})
    contract.refresh_from_db()
    assert contract.state == state
    client_of(buyer).post(url(name, contract), {"reason": "协商一致"})
    contract.refresh_from_db()
    assert contract.state == after


# --- Delivering, paying, accepting -----------------------------------------------------------------------------


def test_a_milestone_is_delivered_with_files_returned_and_accepted(contract_in, client_of, buyer, supplier):
    contract = contract_in("signed")
    milestone = MilestoneFactory(contract=contract, position=2, title="中试")
    deliver = url("milestone-deliver", contract, 2)
    assert client_of(supplier).get(deliver).status_code == 200
    assert client_of(supplier).post(deliver, {"note": ""}).status_code == 422
    refused = client_of(supplier).post(deliver, {"note": "样件", "files": SimpleUploadedFile("a.exe", b"MZ")})
    assert refused.status_code == 422
    answer = client_of(supplier).post(deliver, {"note": "样件", "files": [pdf("一.pdf"), pdf("二.pdf")]})
    assert answer.status_code == 302
    assert milestone.attachments.count() == 2
    client_of(buyer).post(url("milestone-return", contract, 2), {"reason": ""})
    milestone.refresh_from_db()
    assert milestone.state == "delivered"
    client_of(buyer).post(url("milestone-return", contract, 2), {"reason": "缺报告"})
    assert "缺报告" in client_of(supplier).get(contract.get_absolute_url()).content.decode()
    client_of(supplier).post(deliver, {"note": "补报告"})
    client_of(buyer).post(url("milestone-accept", contract, 2))
    milestone.refresh_from_db()
    assert milestone.state == "accepted"


def test_the_ledger_adds_up(contract_in, client_of, buyer):
    contract = contract_in("signed")
    add = url("payment-add", contract)
    row = {"kind": "instalment", "milestone": "1", "amount": "30", "paid_on": "2026-01-05"}
    assert client_of(buyer).post(add, row).status_code == 302
    assert client_of(buyer).post(add, {**row, "kind": "correction", "amount": "-5"}).status_code == 422
    client_of(buyer).post(add, {**row, "kind": "correction", "amount": "-5", "note": "多记"})
    page = client_of(buyer).get(contract.get_absolute_url())
    total = page.context["total"]
    assert (total.due, total.paid, total.open) == (100, 25, 75)
    assert page.context["milestones"][0]["balance"].open == 75


def test_only_what_was_agreed_is_offered_to_be_paid(contract_in, client_of, buyer):
    def offered(contract):
        form = client_of(buyer).get(url("payment-add", contract)).context["form"]
        return [kind for kind, _label in form.fields["kind"].choices]

    contract = contract_in("signed")
    assert offered(contract) == ["instalment", "correction"]
    Contract.objects.filter(pk=contract.pk).update(payment_mode="entry_fee_and_royalty", amount=None, entry_fee=20)
    assert offered(contract) == ["instalment", "entry_fee", "royalty", "correction"]


def test_a_correction_says_of_what_where_there_is_a_choice_and_royalties_stand_apart(contract_in, client_of, buyer):
    contract = contract_in("signed")
    add, client = url("payment-add", contract), client_of(buyer)
    assert "corrects" not in client.get(add).context["form"].fields
    assert client.get(contract.get_absolute_url()).context["royalties"] is None
    Contract.objects.filter(pk=contract.pk).update(payment_mode="entry_fee_and_royalty", amount=None, entry_fee=50)
    row = {"kind": "royalty", "amount": "30", "paid_on": "2026-01-05"}
    assert client.post(add, row).status_code == 302
    correction = {**row, "kind": "correction", "amount": "-5", "note": "多记"}
    assert "请选择更正的是哪种款项" in client.post(add, correction).content.decode()
    assert client.post(add, {**correction, "corrects": "royalty"}).status_code == 302
    page = client.get(contract.get_absolute_url())
    assert (page.context["total"].open, page.context["royalties"]) == (50, 25)
    assert "更正 · 提成" in page.content.decode()


def test_the_final_verdict_is_offered_once_every_milestone_has_passed(contract_in, client_of, buyer):
    contract = contract_in("signed")
    milestone = MilestoneFactory(contract=contract, position=2)
    verdicts = [url("accept", contract), url("reject", contract)]
    page = client_of(buyer).get(contract.get_absolute_url()).content.decode()
    assert not any(verdict in page for verdict in verdicts)
    milestone.delete()
    page = client_of(buyer).get(contract.get_absolute_url()).content.decode()
    assert all(verdict in page for verdict in verdicts)


def test_a_late_milestone_is_marked(contract_in, client_of, buyer):
    contract = contract_in("signed")
    MilestoneFactory(contract=contract, position=2, due_on="2020-01-01")
    assert "已逾期" in client_of(buyer).get(contract.get_absolute_url()).content.decode()
    assert "有里程碑逾期" in client_of(buyer).get(reverse("contracts:mine")).content.decode()
    assert len(tell_overdue_milestones(at=timezone.now())) == 1


def test_acceptance_and_the_certificate(contract_in, client_of, buyer, supplier):
    contract = contract_in("signed")
    late = MilestoneFactory(contract=contract, position=2)
    accept = url("accept", contract)
    assert client_of(buyer).post(accept, {"note": "全部达到"}).status_code == 422
    late.delete()
    assert client_of(buyer).post(accept, {"note": ""}).status_code == 422
    assert client_of(buyer).post(accept, {"note": "寿命全部达到"}).status_code == 302
    text = client_of(supplier).get(url("certificate", contract)).content.decode()
    assert "寿命全部达到" in text
    assert "验收通过" in text


def test_a_rejected_contract_resumes(contract_in, client_of, buyer):
    contract = contract_in("rejected")
    client_of(buyer).post(url("resume", contract))
    contract.refresh_from_db()
    assert contract.state == "signed"


def test_a_file_is_attached_by_either_side(contract_in, client_of, buyer, supplier, colleague):
    contract = contract_in("signed")
    for person in (buyer, supplier):
        client_of(person).post(url("attach", contract), {"file": pdf()})
    assert contract.attachments.count() == 2
    assert client_of(colleague).post(url("attach", contract), {"file": pdf()}).status_code == 403
    client_of(buyer).post(url("attach", contract), {"file": SimpleUploadedFile("a.exe", b"MZ")})
    client_of(buyer).post(url("attach", contract), {})
    assert contract.attachments.count() == 2


# --- Outcome ---------------------------------------------------------------------------------------------------


def figures(**values: Any) -> dict[str, Any]:
    return {
        "figures-TOTAL_FORMS": "2",
        "figures-INITIAL_FORMS": "0",
        "figures-0-name": "台架寿命",
        "figures-0-unit": "h",
        "figures-0-before": "800",
        "figures-0-after": "2100",
        "figures-0-evidence": pdf(),
        **values,
    }


def test_solved_with_figures_and_their_evidence(contract_in, client_of, buyer, supplier):
    contract = contract_in("accepted")
    assert client_of(buyer).post(url("solve", contract), figures()).status_code == 302
    contract.refresh_from_db()
    assert contract.state == "solved"
    figure = contract.figures.get()
    assert (figure.before, figure.after, figure.evidence.contract) == (800, 2100, contract)
    page = client_of(supplier).get(contract.get_absolute_url())
    assert "+162.5%" in page.content.decode()
    assert figure.evidence.get_absolute_url() in page.content.decode()
    assert page.context["chart"]["rows"] == [["台架寿命", 100.0, 262.5]]


@pytest.mark.parametrize(
    "wrong",
    [
        {"figures-0-evidence": ""},
        {"figures-0-before": "很少"},
        {"figures-0-unit": ""},
        {"figures-0-evidence": SimpleUploadedFile("a.exe", b"MZ")},
        {f"figures-0-{name}": "" for name in ("name", "unit", "before", "after", "evidence")},
    ],
)
def test_without_a_whole_figure_nothing_is_solved(wrong, contract_in, client_of, buyer):
    contract = contract_in("accepted")
    assert client_of(buyer).post(url("solve", contract), figures(**wrong)).status_code == 422
    contract.refresh_from_db()
    assert contract.state == "accepted"
    assert not ContractAttachment.objects.exists()


def test_ratings_are_shown_when_both_have_rated(contract_in, client_of, buyer, supplier):
    contract = contract_in("solved")
    rate = url("rate", contract)
    client_of(buyer).post(rate, {"stars": "2", "remarks": ["late"], "comment": "进度拖了两个月"})
    assert "进度拖了两个月" not in client_of(supplier).get(contract.get_absolute_url()).content.decode()
    assert client_of(supplier).post(rate, {"stars": "9"}).status_code == 422
    client_of(supplier).post(rate, {"stars": "5"})
    page = client_of(supplier).get(contract.get_absolute_url()).content.decode()
    assert "进度拖了两个月" in page
    assert "进度拖延" in page
    assert client_of(buyer).get(rate).status_code == 302


def test_a_case_is_public_once_both_agree_and_no_more_after_it_is_withdrawn(
    contract_in, client_of, client, buyer, supplier, outsider
):
    contract = contract_in("solved")
    OutcomeFigure.objects.create(
        contract=contract, name="寿命", unit="h", before=800, after=2100, evidence=evidence_of(contract)
    )
    answer = client_of(supplier).post(url("case-edit", contract), {"title": "示例案例", "text": "寿命翻倍"})
    case = SuccessCase.objects.get()
    assert answer.url == case.get_absolute_url()
    approve, withdraw = (
        reverse("contracts:case-approve", args=[case.code]),
        reverse("contracts:case-withdraw", args=[case.code]),
    )
    client_of(supplier).post(approve)
    assert client.get(case.get_absolute_url()).status_code == 404
    assert client_of(outsider).post(approve).status_code == 404
    client_of(buyer).post(approve)
    page = client.get(case.get_absolute_url()).content.decode()
    assert "寿命翻倍" in page
    assert "检测报告.pdf" not in page
    assert contract.code not in page
    assert "示例案例" in client.get(reverse("contracts:case-list")).content.decode()
    client_of(buyer).post(withdraw)
    assert client.get(case.get_absolute_url()).status_code == 404
    assert "示例案例" not in client.get(reverse("contracts:case-list")).content.decode()


@pytest.mark.parametrize("role", ["colleague", "operator"])
def test_who_only_reads_decides_on_no_case(role, contract_in, client_of, request):
    case = case_in("draft", contract_in("solved"))
    person = client_of(request.getfixturevalue(role))
    assert person.get(case.get_absolute_url()).status_code == 200
    assert person.post(reverse("contracts:case-approve", args=[case.code])).status_code == 403


# --- Papers ----------------------------------------------------------------------------------------------------


def test_a_draft_on_paper_says_so_and_a_signed_contract_does_not(contract_in, client_of, buyer):
    draft = client_of(buyer).get(url("print", contract_in("draft"))).content.decode()
    assert "草案 · 未签署" in draft
    text = client_of(buyer).get(url("print", contract_in("signed"))).content.decode()
    assert "草案 · 未签署" not in text
    for words in ("第八百四十五条", "统一社会信用代码", "甲方（盖章）", "0" * 64):
        assert words in text


# --- Constant queries ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("number", [1, 3])
def test_the_page_asks_as_much_for_three_milestones_as_for_one(
    number, contract_in, client_of, buyer, django_assert_num_queries
):
    contract = contract_in("signed")
    for position in range(2, number + 1):
        MilestoneFactory(contract=contract, position=position, delivered=True)
        PaymentFactory(contract=contract)
    PaymentFactory(contract=contract)
    browser = client_of(buyer)
    with django_assert_num_queries(18):
        browser.get(contract.get_absolute_url())


@pytest.mark.parametrize("number", [1, 3])
def test_the_list_asks_as_much_for_three_contracts_as_for_one(
    number, enterprise, client_of, buyer, django_assert_num_queries
):
    for _each in range(number):
        MilestoneFactory(
            contract=ContractFactory(signed=True, need=NeedFactory(organisation=enterprise, published=True))
        )
    browser = client_of(buyer)
    with django_assert_num_queries(8):
        browser.get(reverse("contracts:mine"))


@pytest.mark.parametrize("number", [1, 3])
def test_the_list_of_cases_asks_as_much_for_three_as_for_one(number, client, django_assert_num_queries):
    for _each in range(number):
        contract = ContractFactory(solved=True)
        case_in("published", contract)
        OutcomeFigure.objects.create(contract=contract, name="寿命", unit="h", before=1, after=2)
    with django_assert_num_queries(3):
        client.get(reverse("contracts:case-list"))


# --- Figures ---------------------------------------------------------------------------------------------------


def test_only_binding_contracts_are_worth_money(enterprise, university):
    for state in STATES:
        need = NeedFactory(organisation=enterprise, published=True, region_code="310115", industry="C34")
        amounts = {"amount": Decimal(10), "entry_fee": Decimal(1)}
        in_state(state, need=need, supplier=university, **amounts)
    assert contract_value() == 44  # signed, rejected, accepted, solved; never a draft or one that was ended
    assert contract_value(organisation=enterprise) == contract_value(organisation=university) == 44
    assert contract_value(region="31") == contract_value(industry="C") == 44
    assert contract_value(region="33") == contract_value(industry="A") == 0
    assert contract_value(since=timezone.localdate()) == 44
    assert contract_value(organisation=ContractFactory().supplier) == 0
    assert solved_count() == solved_count(organisation=university, region="31", industry="C34") == 1

"""A contract draft: where it comes from, what it takes along, how it is taken back."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.audit import AuditEvent
from accounts.models import Notification
from contracts.contract.actions import discard_draft, draft_contract, months_after
from contracts.models import Contract
from lib.refusals import WrongState
from tests.factories.bids import BidFactory, BidVersionFactory
from tests.factories.contracts import ContractFactory, in_state
from tests.factories.needs import NeedFactory
from tests.factories.solutions import OutputFactory

NOON = datetime(2026, 8, 31, 4, 0, tzinfo=UTC)


@pytest.fixture
def need(enterprise):
    return NeedFactory(organisation=enterprise, published=True)


@pytest.fixture
def bid(need, university):
    return BidFactory(awarded=True, organisation=university, challenge__need=need)


def test_from_a_bid_comes_its_price_its_plan_its_rights_and_its_output(need, bid, university, buyer):
    output = OutputFactory(organisation=university)
    version = bid.versions.get()
    version.solutions.add(output)
    contract = draft_contract(need=need, supplier=university, bid=bid, by=buyer, at=NOON)
    assert (contract.state, contract.amount, contract.bid) == ("draft", Decimal(80), bid)
    assert contract.rights_sharing == version.ip_proposal
    assert contract.solution == output
    assert (contract.starts_on, contract.ends_on) == (date(2026, 8, 31), date(2027, 8, 31))
    assert [(row.position, row.title, row.due_on) for row in contract.milestones.all()] == [
        (1, "工艺定型", date(2026, 11, 30)),
        (2, "中试验证", date(2027, 5, 31)),
    ]


def test_only_what_was_handed_in_counts(need, university, buyer):
    bid = BidFactory(awarded=True, organisation=university, challenge__need=need)
    BidVersionFactory(bid=bid, number=2, submitted_at=None, price=Decimal(1))
    assert draft_contract(need=need, supplier=university, bid=bid, by=buyer, at=NOON).amount == Decimal(80)


def test_from_a_contact_comes_an_empty_draft_with_the_output(need, university, buyer):
    output = OutputFactory(organisation=university)
    contract = draft_contract(need=need, supplier=university, solution=output, by=buyer, at=NOON)
    assert (contract.bid, contract.amount, contract.solution) == (None, None, output)
    assert not contract.milestones.exists()


def test_both_sides_hear_of_a_draft_and_it_leaves_an_audit_row(need, bid, university, buyer, supplier):
    contract = draft_contract(need=need, supplier=university, bid=bid, by=buyer, at=NOON)
    notices = Notification.objects.all()
    assert {notice.recipient for notice in notices} == {buyer, supplier}
    assert {notice.url for notice in notices} == {contract.get_absolute_url()}
    trail = AuditEvent.objects.get()
    assert (trail.action, trail.object_code, trail.object_label) == ("contract.draft", contract.code, need.title)


@pytest.mark.parametrize("state", ["draft", "signed", "rejected", "accepted", "solved"])
def test_one_need_and_supplier_have_one_contract(state, need, university, buyer):
    existing = in_state(state, need=need, supplier=university)
    assert draft_contract(need=need, supplier=university, by=buyer, at=NOON) == existing
    assert not AuditEvent.objects.exists()


def test_after_a_terminated_contract_there_may_be_another(need, university, buyer):
    old = in_state("terminated", need=need, supplier=university)
    assert draft_contract(need=need, supplier=university, by=buyer, at=NOON) != old


def test_a_draft_from_a_contact_takes_the_bid_that_won_later(need, bid, university, buyer):
    contract = draft_contract(need=need, supplier=university, by=buyer, at=NOON)
    assert draft_contract(need=need, supplier=university, bid=bid, by=buyer, at=NOON) == contract
    contract.refresh_from_db()
    assert (contract.bid, contract.amount) == (bid, None)


@pytest.mark.parametrize("state", ["signed", "rejected", "accepted", "solved"])
def test_what_both_signed_after_a_contact_takes_the_bid_that_won_later(state, need, bid, university, buyer):
    existing = in_state(state, need=need, supplier=university)
    for _time in range(2):
        assert draft_contract(need=need, supplier=university, bid=bid, by=buyer, at=NOON) == existing
    existing.refresh_from_db()
    assert (existing.bid, existing.state) == (bid, state)
    assert AuditEvent.objects.get().action == "contract.link"


def test_a_contract_of_an_earlier_award_keeps_its_bid(need, bid, university, buyer):
    first = BidFactory(awarded=True, organisation=university, challenge__need=NeedFactory(published=True))
    existing = in_state("signed", need=need, supplier=university, bid=first)
    assert draft_contract(need=need, supplier=university, bid=bid, by=buyer, at=NOON).bid == first
    existing.refresh_from_db()
    assert existing.bid == first


def test_nobody_makes_a_contract_with_itself(need, enterprise, buyer):
    with pytest.raises(ValueError, match="itself"):
        draft_contract(need=need, supplier=enterprise, by=buyer, at=NOON)


def test_the_database_holds_one_contract_per_need_and_supplier(need, university):
    ContractFactory(need=need, supplier=university)
    with pytest.raises(IntegrityError), transaction.atomic():
        ContractFactory(need=need, supplier=university)


def test_an_award_taken_back_ends_the_draft_and_frees_the_bid(need, bid, university, buyer, operator):
    contract = draft_contract(need=need, supplier=university, bid=bid, by=buyer, at=NOON)
    discarded = discard_draft(contract=contract, reason="异议成立", by=operator, at=timezone.now())
    assert (discarded.state, discarded.terminate_reason, discarded.bid) == ("terminated", "异议成立", None)
    again = draft_contract(need=need, supplier=university, bid=bid, by=buyer, at=timezone.now())
    assert (again.bid, again.state) == (bid, "draft")


def test_a_draft_the_sides_ended_only_gives_the_bid_back(need, bid, university, operator):
    contract = in_state("terminated", need=need, supplier=university, bid=bid)
    assert discard_draft(contract=contract, reason="异议成立", by=operator, at=NOON).bid is None
    assert Contract.objects.get().terminate_reason == contract.terminate_reason


@pytest.mark.parametrize("state", ["signed", "rejected", "accepted", "solved"])
def test_what_both_signed_is_not_discarded(state, operator):
    contract = in_state(state)
    with pytest.raises(WrongState):
        discard_draft(contract=contract, reason="异议成立", by=operator, at=NOON)


@pytest.mark.parametrize(
    ("day", "months", "later"),
    [
        (date(2026, 1, 31), 1, date(2026, 2, 28)),
        (date(2026, 12, 15), 1, date(2027, 1, 15)),
        (date(2027, 11, 30), 3, date(2028, 2, 29)),
        (date(2026, 5, 5), 24, date(2028, 5, 5)),
        (date(2028, 2, 29), 12, date(2029, 2, 28)),
        (date(2026, 1, 15), 11, date(2026, 12, 15)),
    ],
)
def test_months_end_on_the_last_day_there_is(day, months, later):
    assert months_after(day, months) == later

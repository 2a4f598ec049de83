"""The contract of an award: what it takes along from the bid, whose it is, how it is let go."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.utils import timezone

from accounts.audit import AuditEvent
from accounts.models import Notification
from challenges.bid.contract import contract_of_award, let_contract_go
from contracts.contract.actions import draft_contract
from contracts.models import Contract
from tests.factories.bids import BidFactory, BidVersionFactory
from tests.factories.contracts import in_state
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
    contract = contract_of_award(bid=bid, need=need, by=buyer, at=NOON)
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
    assert contract_of_award(bid=bid, need=need, by=buyer, at=NOON).amount == Decimal(80)


def test_both_sides_hear_of_a_draft_and_it_leaves_an_audit_row(need, bid, university, buyer, supplier):
    contract = contract_of_award(bid=bid, need=need, by=buyer, at=NOON)
    notices = Notification.objects.all()
    assert {notice.recipient for notice in notices} == {buyer, supplier}
    assert {notice.url for notice in notices} == {contract.get_absolute_url()}
    trail = AuditEvent.objects.get()
    assert (trail.action, trail.object_code, trail.object_label) == ("contract.draft", contract.code, need.title)


def test_a_draft_from_a_contact_takes_the_bid_that_won_later(need, bid, university, buyer):
    contract = draft_contract(need=need, supplier=university, by=buyer, at=NOON)
    assert contract_of_award(bid=bid, need=need, by=buyer, at=NOON) == contract
    contract.refresh_from_db()
    assert (contract.bid, contract.amount) == (bid, None)


@pytest.mark.parametrize("state", ["signed", "rejected", "accepted", "solved"])
def test_what_both_signed_after_a_contact_takes_the_bid_that_won_later(state, need, bid, university, buyer):
    existing = in_state(state, need=need, supplier=university)
    for _time in range(2):
        assert contract_of_award(bid=bid, need=need, by=buyer, at=NOON) == existing
    existing.refresh_from_db()
    assert (existing.bid, existing.state) == (bid, state)
    assert AuditEvent.objects.get().action == "contract.link"


def test_a_contract_of_an_earlier_award_keeps_its_bid(need, bid, university, buyer):
    first = BidFactory(awarded=True, organisation=university, challenge__need=NeedFactory(published=True))
    existing = in_state("signed", need=need, supplier=university, bid=first)
    assert contract_of_award(bid=bid, need=need, by=buyer, at=NOON).bid == first
    existing.refresh_from_db()
    assert existing.bid == first


def test_an_award_taken_back_ends_the_draft_and_frees_the_bid(need, bid, university, buyer, operator):
    contract = contract_of_award(bid=bid, need=need, by=buyer, at=NOON)
    let_contract_go(bid=bid, reason="异议成立", by=operator, at=timezone.now())
    contract.refresh_from_db()
    bid.refresh_from_db()
    assert (contract.state, contract.terminate_reason, bid.contract) == ("terminated", "异议成立", None)
    again = contract_of_award(bid=bid, need=need, by=buyer, at=timezone.now())
    assert (again.bid, again.state) == (bid, "draft")


def test_a_draft_the_sides_ended_only_gives_the_bid_back(need, bid, university, operator):
    contract = in_state("terminated", need=need, supplier=university, bid=bid)
    let_contract_go(bid=bid, reason="异议成立", by=operator, at=NOON)
    bid.refresh_from_db()
    assert bid.contract is None
    assert Contract.objects.get().terminate_reason == contract.terminate_reason

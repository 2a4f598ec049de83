"""A contract draft: where it comes from, how it is taken back."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import IntegrityError, transaction

from accounts.audit import AuditEvent
from contracts.contract.actions import discard_draft, draft_contract, months_after
from contracts.models import Contract
from lib.refusals import WrongState
from tests.factories.contracts import ContractFactory, in_state
from tests.factories.needs import NeedFactory
from tests.factories.solutions import OutputFactory

NOON = datetime(2026, 8, 31, 4, 0, tzinfo=UTC)


@pytest.fixture
def need(enterprise):
    return NeedFactory(organisation=enterprise, published=True)


def test_from_a_contact_comes_an_empty_draft_with_the_output(need, university, buyer):
    output = OutputFactory(organisation=university)
    contract = draft_contract(need=need, supplier=university, solution=output, by=buyer, at=NOON)
    assert (contract.amount, contract.solution) == (None, output)
    assert not contract.milestones.exists()


@pytest.mark.parametrize("state", ["draft", "signed", "rejected", "accepted", "solved"])
def test_one_need_and_supplier_have_one_contract(state, need, university, buyer):
    existing = in_state(state, need=need, supplier=university)
    assert draft_contract(need=need, supplier=university, by=buyer, at=NOON) == existing
    assert not AuditEvent.objects.exists()


def test_after_a_terminated_contract_there_may_be_another(need, university, buyer):
    old = in_state("terminated", need=need, supplier=university)
    assert draft_contract(need=need, supplier=university, by=buyer, at=NOON) != old


def test_nobody_makes_a_contract_with_itself(need, enterprise, buyer):
    with pytest.raises(ValueError, match="itself"):
        draft_contract(need=need, supplier=enterprise, by=buyer, at=NOON)


def test_the_database_holds_one_contract_per_need_and_supplier(need, university):
    ContractFactory(need=need, supplier=university)
    with pytest.raises(IntegrityError), transaction.atomic():
        ContractFactory(need=need, supplier=university)


@pytest.mark.parametrize("state", ["signed", "rejected", "accepted", "solved"])
def test_what_both_signed_is_not_discarded(state, operator):
    contract = in_state(state)
    for awarded_at in (None, contract.signed_at):
        with pytest.raises(WrongState):
            discard_draft(contract=contract, drafted_for=awarded_at, reason="异议成立", by=operator, at=NOON)


@pytest.mark.parametrize("state", ["signed", "rejected", "accepted", "solved"])
def test_what_both_signed_before_the_award_stands_when_it_is_taken_back(state, operator):
    contract = in_state(state)
    awarded_at = contract.signed_at + timedelta(seconds=1)
    discard_draft(contract=contract, drafted_for=awarded_at, reason="异议成立", by=operator, at=NOON)
    assert Contract.objects.get().state == state


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

"""The ledger: the buyer records, corrects, and never changes a line."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.models import Notification
from accounts.permissions import Denied
from accounts.workflow import WrongState
from needs.domain.contracts import NotReady
from needs.domain.delivery import add_payment
from tests.factories import ContractFactory, MilestoneFactory, NeedFactory, PaymentFactory
from tests.factories.contracts import in_state


@pytest.fixture
def contract(enterprise, university):
    return ContractFactory(signed=True, need=NeedFactory(organisation=enterprise, published=True), supplier=university)


def pay(contract, by, *, days=0, **options):
    """An instalment of 30 paid `days` from today."""
    paid_on = timezone.localdate() + timedelta(days=days)
    values = {"kind": "instalment", "amount": Decimal(30), "paid_on": paid_on, **options}
    return add_payment(contract=contract, **values, by=by, at=timezone.now())


def test_a_payment_is_recorded_against_its_milestone_and_told(contract, buyer, supplier):
    milestone = MilestoneFactory(contract=contract)
    payment = pay(contract, buyer, milestone=milestone, note=" 第一笔 ")
    assert (payment.milestone, payment.amount, payment.note, payment.recorded_by) == (
        milestone,
        Decimal(30),
        "第一笔",
        buyer,
    )
    assert Notification.objects.get().recipient == supplier


@pytest.mark.parametrize("who", ["supplier", "colleague", "outsider", "operator"])
def test_only_the_buyer_records(who, contract, request):
    with pytest.raises(Denied):
        pay(contract, request.getfixturevalue(who))


@pytest.mark.parametrize(("state", "may"), [("draft", False), ("terminated", False), ("rejected", True)])
def test_money_is_recorded_on_signed_contracts(state, may, enterprise, buyer):
    contract = in_state(state, need=NeedFactory(organisation=enterprise, published=True))
    if may:
        assert pay(contract, buyer).pk
        return
    with pytest.raises(WrongState):
        pay(contract, buyer)


@pytest.mark.parametrize(
    "values",
    [
        {"days": 1},
        {"amount": Decimal(0)},
        {"amount": Decimal(-5)},
        {"kind": "royalty"},
        {"kind": "entry_fee"},
        {"kind": "correction", "amount": Decimal(0), "note": "改"},
        {"kind": "correction", "amount": Decimal(5)},
        {"kind": "correction", "amount": Decimal(-31), "note": "多记"},
    ],
)
def test_a_line_that_cannot_be_right_is_refused(values, contract, buyer):
    PaymentFactory(contract=contract)
    with pytest.raises(NotReady):
        pay(contract, buyer, **values)
    assert contract.payments.count() == 1


def test_a_correction_puts_right_what_was_recorded(contract, buyer):
    PaymentFactory(contract=contract)
    pay(contract, buyer, kind="correction", amount=Decimal(-30), note="重复登记")
    assert sum(payment.amount for payment in contract.payments.all()) == 0


def test_a_milestone_of_another_contract_is_no_place_for_it(contract, buyer):
    with pytest.raises(ValueError, match="another contract"):
        pay(contract, buyer, milestone=MilestoneFactory())


@pytest.mark.parametrize("values", [{"amount": -1}, {"kind": "correction", "amount": -1, "note": ""}])
def test_the_database_refuses_negative_lines_but_explained_corrections(values, contract):
    with pytest.raises(IntegrityError), transaction.atomic():
        PaymentFactory(contract=contract, **values)

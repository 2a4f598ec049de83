"""The ledger: the buyer records, corrects, and never changes a line."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.models import Notification
from accounts.permissions import Denied
from contracts.contract.queries import balances, royalties_paid, total_balance
from contracts.delivery.actions import add_payment
from lib.refusals import NotReady, WrongState
from tests.factories.contracts import ContractFactory, MilestoneFactory, PaymentFactory, in_state
from tests.factories.needs import NeedFactory


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
        {"kind": "correction", "amount": Decimal(-5), "note": "多记", "corrects": "royalty"},
        {"kind": "correction", "amount": Decimal(-5), "note": "多记", "corrects": "correction"},
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
    assert contract.payments.latest("pk").corrects == "instalment"  # all there is under this contract


@pytest.fixture
def with_royalty(enterprise, university):
    need = NeedFactory(organisation=enterprise, published=True)
    terms = {"payment_mode": "entry_fee_and_royalty", "amount": None, "entry_fee": 50, "royalty_percent": 3}
    return ContractFactory(signed=True, need=need, supplier=university, **terms)


def figures(contract):
    payments = list(contract.payments.all())
    total = total_balance(contract, payments)
    return total.due, total.paid, total.open, royalties_paid(payments)


def test_royalties_pay_nothing_of_the_entry_fee_and_are_a_figure_of_their_own(with_royalty, buyer):
    pay(with_royalty, buyer, kind="royalty")
    assert figures(with_royalty) == (50, 0, 50, 30)
    pay(with_royalty, buyer, kind="entry_fee", amount=Decimal(50))
    assert figures(with_royalty) == (50, 50, 0, 30)


def test_a_correction_counts_as_what_it_corrects(with_royalty, buyer):
    pay(with_royalty, buyer, kind="royalty")
    pay(with_royalty, buyer, kind="entry_fee", amount=Decimal(50))
    pay(with_royalty, buyer, kind="correction", corrects="royalty", amount=Decimal(-10), note="多记")
    assert figures(with_royalty) == (50, 50, 0, 20)
    pay(with_royalty, buyer, kind="correction", corrects="entry_fee", amount=Decimal(-5), note="多记")
    assert figures(with_royalty) == (50, 45, 5, 20)


@pytest.mark.parametrize("corrects", ["", "instalment", "entry_fee"])
def test_a_correction_says_of_what_and_takes_no_more_than_was_recorded_of_it(corrects, with_royalty, buyer):
    pay(with_royalty, buyer, kind="royalty")
    with pytest.raises(NotReady):
        pay(with_royalty, buyer, kind="correction", corrects=corrects, amount=Decimal(-10), note="多记")


def test_royalties_recorded_at_a_milestone_do_not_pay_it(with_royalty, buyer):
    milestone = MilestoneFactory(contract=with_royalty, payment=40)
    pay(with_royalty, buyer, kind="royalty", milestone=milestone)
    pay(with_royalty, buyer, milestone=milestone, amount=Decimal(15))
    balance = balances([milestone], list(with_royalty.payments.all()))[milestone.pk]
    assert (balance.due, balance.paid, balance.open) == (40, 15, 25)


def test_a_milestone_of_another_contract_is_no_place_for_it(contract, buyer):
    with pytest.raises(ValueError, match="another contract"):
        pay(contract, buyer, milestone=MilestoneFactory())


@pytest.mark.parametrize(
    "values",
    [
        {"amount": -1},
        {"kind": "correction", "corrects": "instalment", "amount": -1, "note": ""},
        {"kind": "correction", "amount": -1, "note": "多记"},
        {"kind": "correction", "corrects": "correction", "amount": -1, "note": "多记"},
        {"corrects": "royalty"},
    ],
)
def test_the_database_refuses_negative_lines_but_explained_corrections(values, contract):
    with pytest.raises(IntegrityError), transaction.atomic():
        PaymentFactory(contract=contract, **values)

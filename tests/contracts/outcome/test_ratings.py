"""Both sides rate each other once; nobody answers a rating."""

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.models import Notification
from accounts.permissions import Denied
from contracts.models import Rating, Side
from contracts.outcome.actions import rate
from contracts.outcome.queries import ratings_shown_to
from lib.refusals import WrongState
from tests.factories.contracts import ContractFactory, in_state
from tests.factories.needs import NeedFactory


@pytest.fixture
def contract(enterprise, university):
    return ContractFactory(solved=True, need=NeedFactory(organisation=enterprise, published=True), supplier=university)


def give(contract, side, by, stars=5):
    return rate(
        contract=contract, side=side, stars=stars, remarks=["on_time"], comment=" 好 ", by=by, at=timezone.now()
    )


def test_a_rating_shows_only_once_both_have_rated(contract, buyer, supplier, operator):
    own = give(contract, Side.BUYER, buyer, stars=2)
    assert own.comment == "好"
    assert ratings_shown_to(supplier, contract) == []
    assert ratings_shown_to(operator, contract) == []
    assert ratings_shown_to(buyer, contract) == [own]
    other = give(contract, Side.SUPPLIER, supplier)
    for person in (buyer, supplier, operator):
        assert ratings_shown_to(person, contract) == [own, other]


def test_the_notice_of_the_first_rating_says_nothing_of_it(contract, buyer, supplier):
    give(contract, Side.BUYER, buyer, stars=1)
    notice = Notification.objects.get()
    assert notice.recipient == supplier
    assert "1" not in notice.text.replace(contract.need.title, "")


def test_one_rating_per_side(contract, buyer):
    give(contract, Side.BUYER, buyer)
    with pytest.raises(WrongState):
        give(contract, Side.BUYER, buyer)


@pytest.mark.parametrize("who", ["colleague", "outsider", "operator", "supplier"])
def test_nobody_rates_for_a_side_that_is_not_theirs(who, contract, request):
    with pytest.raises(Denied):
        give(contract, Side.BUYER, request.getfixturevalue(who))


@pytest.mark.parametrize("state", ["draft", "signed", "rejected", "accepted", "terminated"])
def test_who_has_not_worked_together_to_the_end_rates_nobody(state, enterprise, buyer):
    contract = in_state(state, need=NeedFactory(organisation=enterprise, published=True))
    with pytest.raises(WrongState):
        give(contract, Side.BUYER, buyer)


def test_a_signed_contract_that_was_terminated_is_rated_too(enterprise, buyer):
    contract = in_state(
        "terminated", need=NeedFactory(organisation=enterprise, published=True), signed_at=timezone.now()
    )
    assert give(contract, Side.BUYER, buyer).pk


@pytest.mark.parametrize("stars", [0, 6])
def test_the_database_knows_one_to_five(stars, contract, buyer):
    with pytest.raises(IntegrityError), transaction.atomic():
        give(contract, Side.BUYER, buyer, stars=stars)
    assert not Rating.objects.exists()

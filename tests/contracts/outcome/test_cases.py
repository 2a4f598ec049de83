"""A success case is public only while both sides agree to the same text."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from contracts.contract.actions import ChangedMeanwhile
from contracts.models import Side, SuccessCase
from contracts.outcome.actions import approve_case, withdraw_case, write_case
from lib.refusals import WrongState
from tests.factories.contracts import ContractFactory, in_state
from tests.factories.needs import NeedFactory


@pytest.fixture
def contract(enterprise, university):
    return ContractFactory(solved=True, need=NeedFactory(organisation=enterprise, published=True), supplier=university)


def write(contract, by, text="正文"):
    return write_case(contract=contract, title="示例案例", text=text, by=by, at=timezone.now())


def approve(case, side, by, **options):
    return approve_case(case=case, side=side, by=by, at=timezone.now(), **options)


def test_the_second_approval_publishes(contract, buyer, supplier):
    case = write(contract, buyer)
    assert approve(case, Side.SUPPLIER, supplier).state == "draft"
    published = approve(case, Side.BUYER, buyer)
    assert published.state == "published"
    assert published.published_at == published.buyer_approved_at


def test_a_change_takes_back_the_approval_and_saving_the_same_does_not(contract, buyer, supplier):
    case = write(contract, buyer)
    approve(case, Side.SUPPLIER, supplier)
    assert write(contract, buyer).supplier_approved_at is not None
    assert write(contract, buyer, text="别的").supplier_approved_at is None
    assert approve(case, Side.BUYER, buyer).state == "draft"


def test_nobody_approves_twice_or_a_text_they_have_not_read(contract, buyer):
    case = write(contract, buyer)
    with pytest.raises(WrongState):
        approve(case, Side.BUYER, buyer, read_at=timezone.now() - timedelta(minutes=1))
    approve(case, Side.BUYER, buyer)
    with pytest.raises(WrongState):
        approve(case, Side.BUYER, buyer)


def test_nobody_writes_over_what_the_other_side_wrote_meanwhile(contract, buyer, supplier):
    opened = timezone.now() - timedelta(minutes=1)
    case = write(contract, supplier, text="研发方写的")
    values = {"contract": contract, "title": "示例案例", "text": "需求方写的", "by": buyer}
    with pytest.raises(ChangedMeanwhile):
        write_case(**values, at=timezone.now(), read_at=opened)
    case.refresh_from_db()
    assert case.text == "研发方写的"
    assert write_case(**values, at=timezone.now(), read_at=timezone.now()).text == "需求方写的"


@pytest.mark.parametrize("who", ["buyer", "supplier"])
def test_either_takes_it_back_and_both_have_to_agree_anew(who, contract, buyer, supplier, request):
    case = write(contract, buyer)
    approve(case, Side.BUYER, buyer)
    approve(case, Side.SUPPLIER, supplier)
    withdrawn = withdraw_case(case=case, by=request.getfixturevalue(who), at=timezone.now())
    assert (withdrawn.state, withdrawn.published_at) == ("draft", None)
    assert (withdrawn.buyer_approved_at, withdrawn.supplier_approved_at) == (None, None)


@pytest.mark.parametrize("state", ["draft", "signed", "rejected", "accepted", "terminated"])
def test_there_is_no_case_before_the_problem_is_solved(state, enterprise, buyer):
    contract = in_state(state, need=NeedFactory(organisation=enterprise, published=True))
    with pytest.raises(WrongState):
        write(contract, buyer)


@pytest.mark.parametrize("values", [{"state": "published"}, {"published_at": timezone.now()}])
def test_the_database_holds_that_both_agreed(values, contract, buyer):
    case = write(contract, buyer)
    with pytest.raises(IntegrityError), transaction.atomic():
        SuccessCase.objects.filter(pk=case.pk).update(**values)

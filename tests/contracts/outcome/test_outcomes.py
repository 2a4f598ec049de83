"""Solved means: accepted, confirmed by the enterprise, with figures before and after and their evidence."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from accounts.models import Notification
from challenges.challenge.workflow import UNDER_WAY
from contracts.models import ContractAttachment
from contracts.outcome.actions import confirm_solved
from contracts.signals import contract_solved
from lib.refusals import NotReady
from needs.signals import needs_unlisted
from tests.challenges.challenge_steps import in_state as challenge_in
from tests.contracts.contract.test_contract_states import evidence_of
from tests.factories.bids import BidFactory
from tests.factories.contracts import ContractFactory
from tests.factories.needs import NeedFactory
from tests.needs.need.pages import text


@pytest.fixture
def contract(enterprise, university):
    return ContractFactory(
        accepted=True, need=NeedFactory(organisation=enterprise, published=True), supplier=university
    )


def figure(contract, **values):
    return {
        "name": "接触疲劳寿命",
        "unit": "h",
        "before": Decimal(800),
        "after": Decimal(2100),
        "evidence": evidence_of(contract),
        **values,
    }


def solve(contract, by, *figures):
    return confirm_solved(contract=contract, figures=figures, by=by, at=timezone.now())


def test_the_figures_are_kept_in_order_and_the_need_is_closed_as_solved_here(contract, buyer, supplier):
    heard = []

    def hear(sender, **kwargs):
        heard.append(sender.__name__)

    contract_solved.connect(hear)
    needs_unlisted.connect(hear)
    solved = solve(contract, buyer, figure(contract), figure(contract, name="废品率", unit="%"))
    contract_solved.disconnect(hear)
    needs_unlisted.disconnect(hear)
    assert (solved.state, solved.solved_by) == ("solved", buyer)
    assert [row.name for row in contract.figures.all()] == ["接触疲劳寿命", "废品率"]
    contract.need.refresh_from_db()
    assert (contract.need.state, contract.need.close_reason) == ("closed", "solved_here")
    assert heard == ["Need", "Contract"]
    assert {buyer, supplier} <= {notice.recipient for notice in Notification.objects.all()}


@pytest.mark.parametrize("state", sorted(UNDER_WAY))
def test_what_is_called_for_on_the_need_is_ended_first(state, contract, buyer, client_of):
    challenge = challenge_in(state, need=contract.need)
    if state == "awarded":
        BidFactory(challenge=challenge, awarded=True, label=1)
    with pytest.raises(NotReady, match="请先终止或结束榜单"):
        solve(contract, buyer, figure(contract))
    page = client_of(buyer).get(reverse("contracts:solve", args=[contract.code]))
    assert "请先终止或结束榜单" in text(page)
    contract.refresh_from_db()
    contract.need.refresh_from_db()
    assert (contract.state, contract.need.state) == ("accepted", "published")
    challenge.state, challenge.ended_at, challenge.end_reason = "cancelled", timezone.now(), "问题已另行解决"
    challenge.save()
    assert solve(contract, buyer, figure(contract)).state == "solved"


@pytest.mark.parametrize("state", ["draft", "returned", "failed", "cancelled", "closed"])
def test_a_challenge_that_does_not_run_is_not_in_the_way(state, contract, buyer):
    challenge_in(state, need=contract.need)
    assert solve(contract, buyer, figure(contract)).state == "solved"


def test_a_claim_to_be_confirmed_is_in_the_way_and_the_contracts_own_award_is_not(contract, buyer):
    challenge = challenge_in("awarded", need=contract.need, mode="first_claim", weights=())
    until = timezone.now() + timedelta(days=5)
    bid = BidFactory(
        challenge=challenge, organisation=contract.supplier, awarded=True, claim_number=1, refusable_until=until
    )
    with pytest.raises(NotReady):
        solve(contract, buyer, figure(contract))
    bid.refusable_until = None
    bid.save()
    assert solve(contract, buyer, figure(contract)).state == "solved"


def test_a_need_closed_before_stays_as_it_was(buyer, enterprise):
    contract = ContractFactory(accepted=True, need=NeedFactory(organisation=enterprise, closed=True))
    solve(contract, buyer, figure(contract))
    contract.need.refresh_from_db()
    assert contract.need.close_reason == "cancelled"


@pytest.mark.parametrize("values", [{"name": ""}, {"unit": ""}, {"before": None}, {"after": None}, {"evidence": None}])
def test_nothing_is_solved_by_half_a_figure(values, contract, buyer):
    with pytest.raises(NotReady, match="1"):
        solve(contract, buyer, figure(contract, **values))
    assert not contract.figures.exists()


def test_nothing_is_solved_without_a_figure(contract, buyer):
    with pytest.raises(NotReady):
        solve(contract, buyer)


def test_evidence_is_this_contracts_own_and_still_there(contract, buyer):
    foreign = evidence_of(ContractFactory(accepted=True))
    with pytest.raises(NotReady):
        solve(contract, buyer, figure(contract, evidence=foreign))
    removed = evidence_of(contract)
    ContractAttachment.objects.filter(pk=removed.pk).update(removed_at=timezone.now())
    removed.refresh_from_db()
    with pytest.raises(NotReady):
        solve(contract, buyer, figure(contract, evidence=removed))


def test_the_database_holds_who_confirmed(contract):
    with pytest.raises(IntegrityError), transaction.atomic():
        type(contract).objects.filter(pk=contract.pk).update(state="solved")

"""The final acceptance: all milestones passed, in words; or rejected, and taken up again."""

import pytest
from django.utils import timezone

from accounts.models import Notification
from contracts.delivery import actions as delivery
from contracts.signals import contract_accepted
from lib.refusals import NotReady
from tests.factories.contracts import ContractFactory, MilestoneFactory
from tests.factories.needs import NeedFactory


@pytest.fixture
def contract(enterprise, university):
    return ContractFactory(signed=True, need=NeedFactory(organisation=enterprise, published=True), supplier=university)


def test_nothing_is_accepted_while_a_milestone_is_open(contract, buyer):
    MilestoneFactory(contract=contract, accepted=True)
    MilestoneFactory(contract=contract, delivered=True, title="中试验证")
    with pytest.raises(NotReady, match="中试验证"):
        delivery.accept_contract(contract=contract, note="达到", by=buyer, at=timezone.now())
    contract.refresh_from_db()
    assert contract.state == "signed"


def test_acceptance_keeps_the_verdict_and_is_told_upwards(contract, buyer, supplier):
    heard = []

    def hear(contract, **_kwargs):
        heard.append(contract.pk)

    contract_accepted.connect(hear)
    MilestoneFactory(contract=contract, accepted=True)
    now = timezone.now()
    accepted = delivery.accept_contract(contract=contract, note=" 全部达到 ", by=buyer, at=now)
    contract_accepted.disconnect(hear)
    assert (accepted.accepted_at, accepted.accepted_by, accepted.acceptance_note) == (now, buyer, "全部达到")
    assert heard == [contract.pk]
    assert {notice.recipient for notice in Notification.objects.all()} == {buyer, supplier}


def test_acceptance_wants_words(contract, buyer):
    with pytest.raises(ValueError, match="reason"):
        delivery.accept_contract(contract=contract, note=" ", by=buyer, at=timezone.now())


def test_a_rejected_contract_is_taken_up_again_and_accepted(contract, buyer, supplier):
    MilestoneFactory(contract=contract, accepted=True)
    rejected = delivery.reject_contract(contract=contract, reason="寿命未达到", by=buyer, at=timezone.now())
    assert (rejected.state, rejected.reject_reason) == ("rejected", "寿命未达到")
    resumed = delivery.resume_contract(contract=contract, by=buyer, at=timezone.now())
    assert (resumed.state, resumed.reject_reason, resumed.rejected_at) == ("signed", "", None)
    assert delivery.accept_contract(contract=contract, note="达到", by=buyer, at=timezone.now()).state == "accepted"

"""Milestones: delivered, judged, overdue."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.audit import AuditEvent
from accounts.models import Notification
from contracts.delivery import actions as delivery
from contracts.models import Milestone
from tests.factories.contracts import ContractFactory, MilestoneFactory, in_state
from tests.factories.needs import NeedFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def contract(enterprise, university):
    return ContractFactory(signed=True, need=NeedFactory(organisation=enterprise, published=True), supplier=university)


def yesterday():
    return timezone.localdate() - timedelta(days=1)


def test_a_milestone_goes_back_and_forth_until_it_is_accepted(contract, buyer, supplier):
    milestone = MilestoneFactory(contract=contract, title="样件")
    delivery.deliver_milestone(milestone=milestone, note="三套", by=supplier, at=timezone.now())
    returned = delivery.return_milestone(milestone=milestone, reason=" 缺报告 ", by=buyer, at=timezone.now())
    assert returned.return_reason == "缺报告"
    delivery.deliver_milestone(milestone=milestone, note="补报告", by=supplier, at=timezone.now())
    accepted = delivery.accept_milestone(milestone=milestone, by=buyer, at=timezone.now())
    assert (accepted.state, accepted.delivery_note, accepted.accepted_by) == ("accepted", "补报告", buyer)
    trail = AuditEvent.objects.order_by("pk").values_list("action", "reason")
    assert list(trail) == [
        ("contract.milestone_deliver", "样件"),
        ("contract.milestone_return", "样件： 缺报告 "),
        ("contract.milestone_deliver", "样件"),
        ("contract.milestone_accept", "样件"),
    ]
    told = list(Notification.objects.order_by("pk").values_list("recipient", flat=True))
    assert told == [buyer.pk, supplier.pk, buyer.pk, supplier.pk]


def test_nothing_is_returned_without_a_reason(contract, buyer):
    milestone = MilestoneFactory(contract=contract, delivered=True)
    with pytest.raises(ValueError, match="reason"):
        delivery.return_milestone(milestone=milestone, reason="  ", by=buyer, at=timezone.now())


def test_an_overdue_milestone_is_told_to_both_sides_once(contract, buyer, supplier):
    late = MilestoneFactory(contract=contract, due_on=yesterday(), title="样件")
    assert delivery.tell_overdue_milestones(at=timezone.now()) == [late]
    assert delivery.tell_overdue_milestones(at=timezone.now()) == []
    notices = Notification.objects.all()
    assert {notice.recipient for notice in notices} == {buyer, supplier}
    assert len(notices) == 2
    assert "样件" in notices[0].text


def test_the_day_itself_is_still_in_time(contract):
    MilestoneFactory(contract=contract, due_on=timezone.localdate())
    assert delivery.tell_overdue_milestones(at=timezone.now()) == []


@pytest.mark.parametrize("trait", ["delivered", "accepted"])
def test_what_was_delivered_is_not_overdue(trait, contract):
    MilestoneFactory(contract=contract, due_on=yesterday(), **{trait: True})
    assert delivery.tell_overdue_milestones(at=timezone.now()) == []


@pytest.mark.parametrize("state", ["draft", "rejected", "accepted", "solved", "terminated"])
def test_only_contracts_under_way_are_overdue(state):
    MilestoneFactory(contract=in_state(state), due_on=yesterday())
    assert delivery.tell_overdue_milestones(at=timezone.now()) == []


@pytest.mark.parametrize(
    "values", [{"state": "delivered"}, {"state": "returned"}, {"state": "accepted"}, {"payment": -1}]
)
def test_the_database_refuses_half_a_step(values, contract):
    milestone = MilestoneFactory(contract=contract)
    with pytest.raises(IntegrityError), transaction.atomic():
        Milestone.objects.filter(pk=milestone.pk).update(**values)

"""Who leaves, or is a broker no more, hands over the open needs in their care."""

import pytest
from django.utils import timezone

from accounts.audit import AuditEvent
from accounts.membership.actions import change_role, end_membership
from accounts.models import (
    Membership,
    Notification,
    Organisation,
    Role,
    User,
)
from needs.models import Need
from tests.factories.accounts import MembershipFactory
from tests.factories.needs import NeedFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def broker(enterprise: Organisation, buyer: User) -> Membership:
    return MembershipFactory(organisation=enterprise, role=Role.BROKER)


@pytest.fixture
def need(broker: Membership) -> Need:
    return NeedFactory(published=True, caretaker=broker.user)


def test_a_broker_who_leaves_hands_over_to_an_operator(
    broker: Membership, need: Need, buyer: User, operator: User
) -> None:
    end_membership(membership=broker, by=buyer, at=timezone.now())
    need.refresh_from_db()
    assert need.caretaker == operator
    assert Notification.objects.for_user(operator).exists()
    assert AuditEvent.objects.filter(action="need.assign", object_code=need.code).exists()


def test_a_broker_who_becomes_a_member_hands_over_too(
    broker: Membership, need: Need, buyer: User, operator: User
) -> None:
    change_role(membership=broker, role=Role.MEMBER, by=buyer, at=timezone.now())
    need.refresh_from_db()
    assert need.caretaker == operator


def test_who_may_still_care_keeps_the_needs(broker: Membership, need: Need, buyer: User, operator: User) -> None:
    MembershipFactory(user=broker.user, role=Role.BROKER)
    end_membership(membership=broker, by=buyer, at=timezone.now())
    need.refresh_from_db()
    assert need.caretaker == broker.user


def test_without_an_operator_a_need_keeps_its_caretaker(broker: Membership, need: Need, buyer: User) -> None:
    end_membership(membership=broker, by=buyer, at=timezone.now())
    need.refresh_from_db()
    assert need.caretaker == broker.user

"""The figures other pages ask of needs, and who may see a need's indicators and candidates."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import AnonymousUser
from django.utils import timezone

from accounts.models import Role
from accounts.viewer import Viewer
from needs.disclosure.queries import disclosed_to
from needs.need import queries
from needs.need.permissions import can_pose_needs
from tests.factories.accounts import MembershipFactory, OrganisationFactory
from tests.factories.needs import NeedFactory, NeedIndicatorFactory

pytestmark = pytest.mark.django_db


def test_review_counts_name_what_waits_for_an_operator():
    NeedFactory.create_batch(2, submitted=True)
    NeedFactory(published=True)
    NeedFactory(published=True, changed_at=timezone.now() + timedelta(minutes=1))
    assert queries.review_counts() == {"submitted": 2, "changed": 1}


def test_state_counts_name_every_state(enterprise):
    NeedFactory.create_batch(2, organisation=enterprise)
    NeedFactory(published=True)
    assert queries.state_counts(enterprise) == {
        "draft": 2,
        "submitted": 0,
        "returned": 0,
        "published": 0,
        "withdrawn": 0,
        "closed": 0,
    }


def test_what_is_open_is_shown_newest_first():
    now = timezone.now()
    needs = [NeedFactory(published=True, published_at=now - timedelta(days=days)) for days in range(3)]
    NeedFactory(closed=True)
    assert list(queries.latest_published(limit=2)) == needs[:2]


def test_indicators_are_shown_in_order_and_by_right(buyer, outsider, enterprise):
    need = NeedFactory(organisation=enterprise, published=True)
    last = NeedIndicatorFactory(need=need, position=2)
    first = NeedIndicatorFactory(need=need, position=1, level="named")
    assert [row.name for row in disclosed_to(Viewer.of(buyer), need).shown_indicators] == [first.name, last.name]
    assert [row.name for row in disclosed_to(Viewer.of(outsider), need).shown_indicators] == [last.name]
    assert [row.name for row in disclosed_to(Viewer.of(AnonymousUser()), need).shown_indicators] == [last.name]


def test_posing_takes_a_writer_of_the_demand_side(buyer, colleague, supplier, enterprise, university):
    assert can_pose_needs(buyer, enterprise)
    assert not can_pose_needs(colleague, enterprise)
    assert not can_pose_needs(supplier, university)
    assert not can_pose_needs(buyer, None)


def test_caretakers_are_operators_and_brokers_who_are_still_there(operator, buyer):
    broker = MembershipFactory(role=Role.BROKER).user
    MembershipFactory(role=Role.BROKER, ended_at=timezone.now())
    MembershipFactory(role=Role.BROKER, organisation=OrganisationFactory(pending=True))
    MembershipFactory(role=Role.BROKER, user__is_active=False)
    assert set(queries.caretaker_candidates()) == {operator, broker}


def test_loads_count_open_needs_only(operator):
    NeedFactory(submitted=True, caretaker=operator)
    NeedFactory(published=True, caretaker=operator)
    NeedFactory(closed=True, caretaker=operator)
    assert queries.caretaker_loads([operator]) == {operator.pk: 2}

"""Who asks: made once a request, by page and API alike, from one reading of the memberships."""

import pytest
from django.contrib.auth.models import AnonymousUser
from django.test import RequestFactory
from rest_framework.request import Request as ApiRequest
from rest_framework.test import force_authenticate

from accounts.api.viewsets import viewer_of
from accounts.models import Role, is_operator
from accounts.viewer import Viewer
from tests.factories.accounts import MembershipFactory, OrganisationFactory


@pytest.fixture
def person(buyer, pending):
    """Owner of a verified and of a pending enterprise, reads for a university, once a member elsewhere."""
    MembershipFactory(user=buyer, organisation=OrganisationFactory(university=True), role=Role.VIEWER)
    MembershipFactory(user=buyer, organisation=OrganisationFactory(), ended_at=pending.created_at)
    return buyer


def test_a_viewer_knows_every_role_after_one_query(person, enterprise, pending, django_assert_num_queries):
    with django_assert_num_queries(1):
        viewer = Viewer.of(person)

        assert len(viewer.member_of) == 3
        assert viewer.verified == viewer.member_of - {pending.pk}
        assert viewer.writes_for == viewer.manages == {enterprise.pk, pending.pk}
        assert (viewer.is_operator, viewer.is_broker, is_operator(person)) == (False, False, False)
        assert viewer.person == person


@pytest.mark.parametrize(
    ("role", "organisation", "is_operating", "is_broking"),
    [
        (Role.OWNER, {"operator": True}, True, False),
        (Role.VIEWER, {"operator": True}, False, False),
        (Role.OWNER, {"operator": True, "pending": True}, False, False),
        (Role.BROKER, {"operator": True}, True, True),
        (Role.BROKER, {}, False, True),
        (Role.BROKER, {"pending": True}, False, False),
    ],
)
@pytest.mark.django_db
def test_operators_and_brokers_need_the_role_and_a_verified_organisation(role, organisation, is_operating, is_broking):
    user = MembershipFactory(organisation=OrganisationFactory(**organisation), role=role).user

    assert is_operator(user) is is_operating
    viewer = Viewer.of(user)
    assert (viewer.is_operator, viewer.is_broker) == (is_operating, is_broking)


def test_a_visitor_is_nobody_and_costs_no_query():
    """No access to the database in this test: a query would fail it."""
    assert Viewer.of(AnonymousUser()) == Viewer(AnonymousUser())


def test_the_middleware_makes_it_from_the_memberships_it_reads_anyway(client_of, person, django_assert_num_queries):
    client = client_of(person)
    with django_assert_num_queries(5):  # session, person, memberships; one's notices and their number
        request = client.get("/account/notices/").wsgi_request

        assert request.viewer == Viewer.of_member(person, request.memberships)
        assert request.is_operator is request.viewer.is_operator
        assert request.membership.organisation == request.organisation


def test_the_api_takes_the_one_of_the_session(person, django_assert_num_queries):
    request = RequestFactory().get("/")
    request.viewer = Viewer.of(person)
    force_authenticate(request, person)
    with django_assert_num_queries(0):
        assert viewer_of(ApiRequest(request)) is request.viewer


def test_the_api_asks_for_whom_a_token_names(person, django_assert_num_queries):
    request = RequestFactory().get("/")
    request.viewer = Viewer.of(AnonymousUser())  # by the middleware, which reads no token
    force_authenticate(request, person)
    with django_assert_num_queries(1):
        viewer = viewer_of(ApiRequest(request))

    assert viewer == Viewer.of(person)

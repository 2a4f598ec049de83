"""From a match in contact to the draft of a contract."""

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import Organisation, User
from contracts.models import Contract
from matching.models import Match
from needs.models import Need
from tests.factories.matching import MatchFactory
from tests.factories.needs import NeedFactory
from tests.factories.solutions import OutputFactory

pytestmark = pytest.mark.django_db

Login = Callable[[User], Client]


@pytest.fixture
def match(enterprise: Organisation, university: Organisation) -> Match:
    return MatchFactory(
        in_contact=True,
        need=NeedFactory(published=True, organisation=enterprise),
        solution=OutputFactory(published=True, organisation=university),
    )


def url(match: Match) -> str:
    return reverse("matching:contract-from-match", args=[match.code])


@pytest.mark.parametrize("who", ["buyer", "supplier"])
def test_either_side_begins_it_and_lands_on_it(
    match: Match, who: str, client_of: Login, request: pytest.FixtureRequest
) -> None:
    response = client_of(request.getfixturevalue(who)).post(url(match))
    contract = Contract.objects.get()
    assert (contract.need, contract.supplier, contract.solution) == (
        match.need,
        match.solution.organisation,
        match.solution,
    )
    assert response.headers["Location"] == contract.get_absolute_url()


def test_both_sides_beginning_one_make_one(match: Match, client_of: Login, buyer: User, supplier: User) -> None:
    assert client_of(buyer).post(url(match)).headers == client_of(supplier).post(url(match)).headers
    assert Contract.objects.count() == 1


@pytest.mark.parametrize(("who", "status"), [("colleague", 403), ("operator", 403), ("outsider", 404)])
def test_nobody_else_begins_one(
    match: Match, who: str, status: int, client_of: Login, request: pytest.FixtureRequest
) -> None:
    assert client_of(request.getfixturevalue(who)).post(url(match)).status_code == status
    assert not Contract.objects.exists()


def test_not_before_contact_nor_after_the_need_is_closed(match: Match, client_of: Login, buyer: User) -> None:
    Match.objects.update(contacted_at=None)
    assert "双方开始对接之后" in client_of(buyer).post(url(match), follow=True).content.decode()
    Match.objects.update(contacted_at=timezone.now())
    Need.objects.update(state="closed", closed_at=timezone.now(), close_reason="cancelled")
    assert "需求已关闭或撤回" in client_of(buyer).post(url(match), follow=True).content.decode()
    assert not Contract.objects.exists()


def test_the_page_offers_it_and_then_leads_to_it(match: Match, client_of: Login, buyer: User, colleague: User) -> None:
    page = client_of(buyer).get(match.get_absolute_url()).content.decode()
    assert url(match) in page
    assert reverse("care:follow-ups-of-match", args=[match.code]) in page
    assert url(match) not in client_of(colleague).get(match.get_absolute_url()).content.decode()
    client_of(buyer).post(url(match))
    page = client_of(buyer).get(match.get_absolute_url()).content.decode()
    assert url(match) not in page
    assert Contract.objects.get().get_absolute_url() in page

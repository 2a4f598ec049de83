"""The needs behind a figure of the operators' funnel."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from care.time_to_match.figures import Event, report_of
from matching.matches.queries import FunnelStep, funnel, needs_at_step
from matching.models import Match
from needs.models import Need
from tests.factories.bids import BidFactory
from tests.factories.challenges import ChallengeFactory
from tests.factories.contracts import ContractFactory
from tests.factories.needs import NeedFactory
from tests.factories.solutions import OutputFactory

pytestmark = pytest.mark.django_db

ClientOf = Callable[[User], Client]
MakeMatch = Callable[..., Match]


def url(step: str) -> str:
    return reverse("dashboards:funnel-step", args=[step])


def test_a_need_counts_once_in_every_step_it_reached(operator: User, match_of: MakeMatch, confirmed: MakeMatch) -> None:
    NeedFactory()
    NeedFactory(submitted=True)
    NeedFactory(published=True)
    match_of(NeedFactory(published=True), OutputFactory(published=True))
    need = NeedFactory(closed=True)
    confirmed(need, OutputFactory(published=True))
    both = {
        "buyer_answer": "interested",
        "buyer_answered_at": timezone.now(),
        "buyer_answered_by": operator,
        "supplier_answer": "interested",
        "supplier_answered_at": timezone.now(),
        "supplier_answered_by": operator,
        "contacted_at": timezone.now(),
    }
    confirmed(need, OutputFactory(published=True), **both)
    assert {step.value: number for step, number in funnel().items()} == {
        "posted": 4,
        "published": 3,
        "matched": 2,
        "confirmed": 1,
        "bid": 0,
        "contacted": 1,
        "signed": 0,
        "accepted": 0,
    }


def test_a_figure_leads_to_the_needs_it_sums(operator: User, match_of: MakeMatch, client_of: ClientOf) -> None:
    matched = match_of(NeedFactory(published=True), OutputFactory(published=True)).need
    unmatched = NeedFactory(published=True)
    page = client_of(operator).get(url("matched")).content.decode()
    assert matched.title in page
    assert unmatched.title not in page
    assert unmatched.title in client_of(operator).get(url("published")).content.decode()


def test_an_empty_step_says_what_to_do_next(operator: User, client_of: ClientOf) -> None:
    page = client_of(operator).get(url("contacted")).content.decode()
    assert "还没有需求走到这一步" in page
    assert reverse("matching:review") in page


def test_it_is_for_operators(buyer: User, client_of: ClientOf) -> None:
    answer = client_of(buyer).get(url("posted"))
    assert answer.status_code == 403
    assert "平台运营人员" in answer.content.decode()


def test_there_is_no_other_step(operator: User, client_of: ClientOf) -> None:
    assert client_of(operator).get(url("paid")).status_code == 404


def test_it_is_read_only(operator: User, client_of: ClientOf) -> None:
    assert client_of(operator).post(url("posted")).status_code == 405


@pytest.mark.parametrize("number", [1, 3])
def test_a_constant_number_of_queries(
    number: int, operator: User, client_of: ClientOf, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    assert len(FunnelStep) == 8
    NeedFactory.create_batch(number, published=True)
    client = client_of(operator)
    with django_assert_num_queries(15):
        client.get(url("published"))


def test_bids_count_once_opened_and_contracts_once_signed() -> None:
    BidFactory(submitted=True)  # sealed
    opened = BidFactory(submitted=True, label=1, challenge=ChallengeFactory(evaluating=True))
    ContractFactory(ready=True)  # a draft
    signed, accepted = ContractFactory(signed=True), ContractFactory(accepted=True)
    for contract in (signed, accepted):
        Need.objects.filter(pk=contract.need_id).update(submitted_at=timezone.now())
    assert list(needs_at_step(FunnelStep.BID)) == [opened.challenge.need]
    assert set(needs_at_step(FunnelStep.SIGNED)) == {signed.need, accepted.need}
    assert list(needs_at_step(FunnelStep.ACCEPTED)) == [accepted.need]


def test_a_claim_is_contact_once_its_poser_has_taken_it_as_on_the_clock() -> None:
    claim = BidFactory(claim=True)
    need = Need.objects.filter(pk=claim.challenge.need_id)
    need.update(submitted_at=timezone.now() - timedelta(days=9))

    def reached() -> list[int]:
        steps = [needs_at_step(step).count() for step in (FunnelStep.BID, FunnelStep.CONTACTED)]
        return [*steps, report_of(need, at=timezone.now()).measure(Event.CONTACT).observed]

    assert reached() == [1, 0, 0]
    claim.refusable_until = None
    claim.save()
    assert reached() == [1, 1, 1]

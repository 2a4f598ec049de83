"""A hundred claims at one moment, each on a connection of its own: one wins, the others queue up and are told."""

import threading

import pytest
from django.db import close_old_connections, connection

from accounts.models import Notification
from challenges.claim import actions as claims
from challenges.models import Bid
from lib import clock
from tests.factories.accounts import MembershipFactory, OrganisationFactory
from tests.factories.challenges import ChallengeFactory
from tests.factories.needs import NeedIndicatorFactory
from tests.plugins.servers import HANG_SECONDS

CLAIMANTS = 100


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_of_a_hundred_claims_at_one_moment_exactly_one_wins(buyer, enterprise):
    challenge = ChallengeFactory(open_now=True, first_claim=True, need__organisation=enterprise)
    indicator = NeedIndicatorFactory(need=challenge.need)
    values = {
        "approach": "按现有产线改造，三个月内完成验证。",
        "months": 6,
        "price": 80,
        "unaffiliated": True,
        "indicator_answers": [{"indicator": indicator.pk, "meets": "yes", "value": "≥ 1000 MPa", "how": ""}],
    }
    people = [MembershipFactory(organisation=OrganisationFactory(university=True)) for _number in range(CLAIMANTS)]
    connection.close()  # leaves its place to the claimants
    start = threading.Barrier(CLAIMANTS)
    failures: list[Exception] = []

    def make_claim(number: int) -> None:
        try:
            connection.ensure_connection()
            start.wait(timeout=HANG_SECONDS)
            claims.claim(
                challenge=challenge,
                organisation=people[number].organisation,
                values=values,
                by=people[number].user,
                at=clock.now(),
            )
        except Exception as error:
            failures.append(error)
            start.abort()
        finally:
            connection.close()

    threads = [threading.Thread(target=make_claim, args=[number]) for number in range(CLAIMANTS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=HANG_SECONDS)
    close_old_connections()

    assert failures == []
    challenge.refresh_from_db()
    assert challenge.state == "awarded"
    winner = Bid.objects.get(state="awarded")
    assert winner.claim_number == 1
    queued = Bid.objects.filter(state="submitted").order_by("claim_number")
    assert list(queued.values_list("claim_number", flat=True)) == list(range(2, CLAIMANTS + 1))
    told = dict(Notification.objects.exclude(recipient=buyer).values_list("recipient", "params__number"))
    users = {person.organisation_id: person.user_id for person in people}
    assert told.pop(users[winner.organisation_id]) is None
    assert told == {users[bid.organisation_id]: bid.claim_number for bid in queued}
    assert Notification.objects.filter(recipient=buyer).count() == 1

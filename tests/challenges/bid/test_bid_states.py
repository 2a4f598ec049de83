"""Every action of a bid, from every state and by every role, as the table says: BID_ACTIONS.

Awarding, declining and reconsidering are the evaluation's: test_award.py, test_answers.py, test_appeals.py.
"""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.audit import AuditEvent
from accounts.permissions import Denied
from challenges.answer.automatic import dismiss_bids
from challenges.bid import actions as bids
from challenges.bid.permissions import allowed_bid_actions
from challenges.bid.workflow import BID_ACTIONS, BidState
from challenges.claim import actions as claims
from lib.refusals import WrongState
from tests.factories.bids import BidFactory
from tests.factories.challenges import ChallengeFactory

pytestmark = pytest.mark.django_db

STATES = [state.value for state in BidState]
HERE = ("submit", "withdraw", "refuse", "dismiss")


def in_state(state, *, is_claim=False, enterprise, university, **fields):
    """A bid in `state` on a challenge that takes bids, or a claim on one whose first claim waits for its poser."""
    traits = {} if state == "draft" else {state: True}
    if not is_claim:
        challenge = ChallengeFactory(open_now=True, need__organisation=enterprise)
        return BidFactory(challenge=challenge, organisation=university, **traits, **fields)
    challenge = ChallengeFactory(
        opened=True, first_claim=True, state="awarded", awarded_at=timezone.now(), need__organisation=enterprise
    )
    until = timezone.now() + timedelta(days=5) if state == "awarded" else None
    return BidFactory(
        challenge=challenge, organisation=university, claim_number=1, refusable_until=until, **traits, **fields
    )


def act(action, bid, *, supplier, buyer):
    """Do `action` as the person whose turn it is."""
    now = timezone.now()
    if action == "submit":
        return bids.submit_bid(bid=bid, by=supplier, at=now)
    if action == "withdraw":
        verb = claims.withdraw_claim if bid.is_claim else bids.withdraw_bid
        return verb(bid=bid, by=supplier, at=now)
    if action == "refuse":
        return claims.refuse_claim(bid=bid, reason="team", answer="没有同类业绩。", by=buyer, at=now)
    return dismiss_bids(challenge=bid.challenge, reason="cancelled", answer="榜单终止。", at=now)


CASES = [(action, is_claim) for action in HERE for is_claim in (False, True)]
# A claim is handed in by claiming; only a claim is refused.
CASES = [case for case in CASES if case not in {("submit", True), ("refuse", False)}]
ALLOWED = [
    (action, is_claim, state)
    for action, is_claim in CASES
    for state in sorted(BID_ACTIONS[action].sources)
    # handing the same in twice is refused: test_bid_versions.py
    if (action, state) != ("submit", "submitted")
]
FORBIDDEN = [
    (action, is_claim, state)
    for action, is_claim in CASES
    for state in STATES
    if state not in BID_ACTIONS[action].sources
]


@pytest.mark.parametrize(("action", "is_claim", "state"), ALLOWED)
def test_an_action_leads_where_the_table_says(action, is_claim, state, enterprise, university, supplier, buyer):
    bid = in_state(state, is_claim=is_claim, enterprise=enterprise, university=university)
    act(action, bid, supplier=supplier, buyer=buyer)
    bid.refresh_from_db()
    assert bid.state == BID_ACTIONS[action].target
    trail = AuditEvent.objects.get(object_code=bid.code)
    assert (trail.action, trail.from_state, trail.to_state) == (f"bid.{action}", state, bid.state)


@pytest.mark.parametrize(("action", "is_claim", "state"), FORBIDDEN)
def test_an_action_is_refused_from_every_other_state(action, is_claim, state, enterprise, university, supplier, buyer):
    bid = in_state(state, is_claim=is_claim, enterprise=enterprise, university=university)
    if action == "dismiss":
        assert act(action, bid, supplier=supplier, buyer=buyer) == []
    else:
        with pytest.raises(WrongState):
            act(action, bid, supplier=supplier, buyer=buyer)
    bid.refresh_from_db()
    assert bid.state == state
    assert not AuditEvent.objects.exists()


TURN = {"supplier": "supplier", "owner": "buyer"}
OTHERS = [
    (action, is_claim, who)
    for action, is_claim in CASES
    if action != "dismiss"
    for who in ("buyer", "supplier", "colleague", "operator", "outsider")
    if who != TURN[BID_ACTIONS[action].actor]
]


@pytest.mark.parametrize(("action", "is_claim", "who"), OTHERS)
def test_only_the_person_whose_turn_it_is_acts(action, is_claim, who, request, enterprise, university, supplier, buyer):
    person = request.getfixturevalue(who)
    state = "withdrawn" if action == "submit" else min(BID_ACTIONS[action].sources)
    bid = in_state(state, is_claim=is_claim, enterprise=enterprise, university=university)
    with pytest.raises(Denied):
        act(action, bid, supplier=person, buyer=person)


@pytest.mark.parametrize("state", STATES)
def test_pages_offer_a_bidder_exactly_what_the_table_allows(state, enterprise, university, supplier, buyer, operator):
    bid = in_state(state, enterprise=enterprise, university=university)

    def offered(person, at):
        return set(allowed_bid_actions(user=person, bid=bid, at=at))

    at = bid.challenge.closes_at - timedelta(seconds=1)
    allowed = {name for name in ("submit", "withdraw") if state in BID_ACTIONS[name].sources}
    assert offered(supplier, at) - {"edit"} == allowed
    assert ("edit" in offered(supplier, at)) == ("submit" in allowed)
    assert offered(supplier, bid.challenge.closes_at) == set()
    for person in (buyer, operator):
        assert offered(person, at) == set()


@pytest.mark.parametrize("state", STATES)
def test_pages_offer_of_a_claim_exactly_what_the_table_allows(
    state, enterprise, university, supplier, buyer, colleague, operator
):
    bid = in_state(state, is_claim=True, enterprise=enterprise, university=university)
    now = timezone.now()
    assert set(allowed_bid_actions(user=supplier, bid=bid, at=now)) == ({"withdraw"} if state == "submitted" else set())
    decides = {"accept", "refuse"} if state == "awarded" else set()
    assert set(allowed_bid_actions(user=buyer, bid=bid, at=now)) == decides
    late = now + timedelta(days=6)
    assert set(allowed_bid_actions(user=buyer, bid=bid, at=late)) == decides - {"refuse"}
    for person in (colleague, operator):
        assert not allowed_bid_actions(user=person, bid=bid, at=now)


def test_a_claim_is_not_handed_in_as_a_bid_nor_a_bid_withdrawn_as_a_claim(enterprise, university, supplier):
    claim = in_state("submitted", is_claim=True, enterprise=enterprise, university=university)
    bid = in_state("submitted", enterprise=enterprise, university=university)
    now = timezone.now()
    for mistaken in (
        lambda: bids.submit_bid(bid=claim, by=supplier, at=now),
        lambda: bids.withdraw_bid(bid=claim, by=supplier, at=now),
        lambda: bids.save_bid(bid=claim, values={"team": "更多人"}, by=supplier, at=now),
        lambda: claims.withdraw_claim(bid=bid, by=supplier, at=now),
    ):
        with pytest.raises(WrongState):
            mistaken()

"""Which answers may be appealed against, until when, and which bids may be answered."""

from datetime import datetime, timedelta

from django.db.models import Max

from accounts.models import User
from accounts.permissions import (
    writes_for,
)
from challenges.bid.workflow import BID_ACTIONS, BidState
from challenges.challenge.workflow import ChallengeState
from challenges.models import (
    Appeal,
    Bid,
    Challenge,
)

APPEAL_TIME = timedelta(days=15)  # long enough for a research office to meet once, short enough for the winner


def appeal_until(bid: Bid) -> datetime | None:
    """The first moment too late for an appeal; None where there is nothing to appeal against.

    One appeals against what a person decided: 流标, 终止 and a claim that came too late are nobody's judgement, and
    bids of a challenge that ended before its deadline stay sealed. What is closed stays closed: it waits for this time.
    """
    if bid.state != BidState.DECLINED or bid.answered_by_id is None or bid.answered_at is None:
        return None
    if bid.challenge.state == ChallengeState.CLOSED:
        return None
    return bid.answered_at + APPEAL_TIME


def last_appeal_until(challenge: Challenge) -> datetime | None:
    """The first moment at which no bidder who has not appealed yet can appeal any more; None where nobody could."""
    might = challenge.bids.filter(state=BidState.DECLINED, answered_by__isnull=False, appeal=None)
    last: datetime | None = might.aggregate(last=Max("answered_at"))["last"]
    return last + APPEAL_TIME if last else None


def may_appeal(*, user: User, bid: Bid, at: datetime) -> bool:
    """For the page of a declined bid: show the link to the appeal."""
    until = appeal_until(bid)
    return (
        until is not None
        and at < until
        and writes_for(user, bid.organisation)
        and not Appeal.objects.filter(bid=bid).exists()
    )


def is_answerable(challenge: Challenge, state: str) -> bool:
    """Whether a bid in `state` may be answered by the poser now; while evaluating only for want of eligibility."""
    if state not in BID_ACTIONS["decline"].sources:
        return False
    if challenge.is_first_claim:
        # Claims are refused or confirmed. Once one is confirmed, what an appeal brought back is still to be answered.
        return challenge.state != ChallengeState.OPEN and not challenge.bids.awaiting_confirmation().exists()
    return challenge.bidding_closed_at is not None

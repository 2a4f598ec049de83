"""What every action on a bid shares: locking it, answering it, and taking an answer back.

A bid's state and its answer belong together (a constraint holds it), so both are written here and nowhere else.
"""

from collections.abc import Iterable
from datetime import datetime

from django.dispatch import Signal

from accounts.audit import step
from accounts.models import User
from challenges import signals
from challenges.challenge.steps import lock_challenge
from challenges.models import Bid, Challenge

ANSWER = ("reason", "answer", "answered_at", "answered_by")


def lock_bid(bid: Bid) -> Bid:
    """The row as it is now, locked, with its organisation, challenge and need."""
    return (
        Bid.objects.select_related("organisation", "challenge__need__organisation")
        .select_for_update(of=("self",))
        .get(pk=bid.pk)
    )


def lock_both(bid: Bid) -> tuple[Challenge, Bid]:
    """The challenge first: everywhere in this order."""
    challenge = lock_challenge(Challenge(pk=bid.challenge_id))
    bid = lock_bid(bid)
    bid.challenge = challenge
    return challenge, bid


def answer_bid(
    bid: Bid,
    action: str,
    *,
    answer: str,
    reason: str = "",
    by: User | None,
    at: datetime,
    answered_by: User | None,
    changed: Iterable[str] = (),
    signal: Signal | None = None,
) -> None:
    """Take the step `action` of a locked bid with the answer its bidder reads. The caller has checked everything.

    `reason` is a BidReason, empty where the bid is taken. `answered_by` is None for an answer of the platform's own,
    which nobody can appeal against; `by` is whoever took the step.
    """
    bid.reason, bid.answer, bid.answered_at, bid.answered_by = reason, answer, at, answered_by
    step(bid, action, by=by, at=at, reason=reason, changed=(*ANSWER, *changed), signal=signal, bid=bid)


def take_back_answer(bid: Bid, *, by: User, at: datetime) -> None:
    """An appeal or objection was upheld: a locked bid is open to a decision again."""
    bid.reason, bid.answer, bid.answered_at, bid.answered_by = "", "", None, None
    step(bid, "reconsider", by=by, at=at, changed=ANSWER, signal=signals.bid_reconsidered, bid=bid)

"""Answers the platform gives by itself, and those it takes back. A poser's own are in challenges/answer/actions.py."""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction

from accounts.models import User
from challenges.bid.notices import tell_bidders
from challenges.bid.steps import answer_bid, take_back_answer
from challenges.bid.workflow import BidState
from challenges.challenge.notices import tell_owner
from challenges.challenge.steps import lock_challenge
from challenges.models import Bid, BidReason, Challenge


def dismiss_bids(*, challenge: Challenge, reason: str, answer: str, at: datetime) -> list[Bid]:
    """Answer every bid that is still unanswered on a locked challenge, and tell each bidder by itself.

    `reason` is a BidReason, `answer` a sentence for the bidder. Sealed bids stay sealed: nobody else hears of them.
    """
    bids = _lock_bids(challenge, [BidState.SUBMITTED])
    for bid in bids:
        answer_bid(bid, "dismiss", reason=BidReason(reason), answer=answer, by=None, at=at, answered_by=None)
    tell_bidders(bids, "answer.dismissed", at)
    return bids


def lock_decided_bids(challenge: Challenge) -> list[Bid]:
    """The bids for `take_back_answers`. Locked separately because its caller locks a contract in between."""
    return _lock_bids(challenge, [BidState.AWARDED, BidState.DECLINED])


def take_back_answers(bids: Iterable[Bid], *, by: User, at: datetime) -> None:
    """The award falls: the awarded bid and all that were declined after it are open to a decision again.

    Whatever reason they were given, they lost to that award. Who is not eligible was not in the ranking, and stays out.
    """
    was = [bid for bid in bids if bid.reason != BidReason.NOT_ELIGIBLE]
    for bid in was:
        take_back_answer(bid, by=by, at=at)
    tell_bidders(was, "answer.reconsidered", at)


def tell_overdue_answers(*, at: datetime) -> list[Challenge]:
    """Tell the poser and the caretaker, once, that a bid waits for its answer beyond the deadline."""
    told = []
    overdue = Challenge.objects.filter(
        answer_by__lt=at,
        answers_overdue_told_at=None,
        pk__in=Bid.objects.unanswered().unsealed().values("challenge"),
    )
    for late in overdue.order_by("answer_by", "pk"):
        with transaction.atomic():
            challenge = lock_challenge(late)
            if challenge.answers_overdue_told_at is not None:
                continue
            challenge.answers_overdue_told_at = at
            challenge.save(update_fields=["answers_overdue_told_at"])
            tell_owner(challenge, "answer.overdue", at)
            told.append(challenge)
    return told


def _lock_bids(challenge: Challenge, states: Iterable[str]) -> list[Bid]:
    bids = list(
        Bid.objects.filter(challenge=challenge, state__in=states)
        .select_related("organisation")
        .select_for_update(of=("self",))
        .order_by("pk")
    )
    for bid in bids:
        bid.challenge = challenge
    return bids

"""Answers the platform gives by itself, and the award that is taken back. An owner's own answers: `evaluation`."""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_noop

from accounts import audit
from accounts.models import User
from challenges import signals
from challenges.bid.workflow import BID_ACTIONS, BidState
from challenges.challenge import notices as telling
from challenges.challenge.steps import lock_challenge
from challenges.models import Bid, BidReason, Challenge
from lib.transitions import next_state


def dismiss_bids(*, challenge: Challenge, reason: str, answer: str, at: datetime) -> list[Bid]:
    """Answer every bid that is still unanswered on a locked challenge, and tell each bidder by itself.

    `reason` is a BidReason, `answer` a sentence for the bidder. Sealed bids stay sealed: nobody else hears of them.
    """
    bids = _lock_bids(challenge, [BidState.SUBMITTED])
    for bid in bids:
        bid.state = next_state(table=BID_ACTIONS, action="dismiss", state=bid.state)
        bid.reason, bid.answer, bid.answered_at, bid.answered_by = BidReason(reason), answer, at, None
        bid.save(update_fields=["state", "reason", "answer", "answered_at", "answered_by"])
        _record(bid, "dismiss", challenge, by=None, at=at, from_state=BidState.SUBMITTED, reason=reason)
    telling.tell_bidders(
        challenge, bids, "answered", gettext_noop("您对《%(title)s》的揭榜已得到答复，请查看原因。"), at
    )
    return bids


def lock_decided_bids(challenge: Challenge) -> list[Bid]:
    """The bids for `take_back_award`. Locked separately because its caller locks a contract in between."""
    return _lock_bids(challenge, [BidState.AWARDED, BidState.DECLINED])


def take_back_award(*, challenge: Challenge, bids: Iterable[Bid], by: User, at: datetime) -> None:
    """The award falls: the awarded bid and all that were declined after it are open to a decision again.

    Whatever reason they were given, they lost to that award. Who is not eligible was not in the ranking, and stays out.
    """
    was = [bid for bid in bids if bid.reason != BidReason.NOT_ELIGIBLE]
    for bid in was:
        before = bid.state
        bid.state = next_state(table=BID_ACTIONS, action="reconsider", state=before)
        bid.reason, bid.answer, bid.answered_at, bid.answered_by = "", "", None, None
        bid.save(update_fields=["state", "reason", "answer", "answered_at", "answered_by"])
        _record(bid, "reconsider", challenge, by=by, at=at, from_state=before)
        signals.bid_reconsidered.send(sender=Bid, bid=bid, by=by, at=at)
    telling.tell_bidders(
        challenge, was, "reconsidered", gettext_noop("《%(title)s》的结果因异议成立而重新评定，请等待新的答复。"), at
    )


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
            telling.tell_overdue(challenge, at)
            told.append(challenge)
    return told


def _lock_bids(challenge: Challenge, states: Iterable[str]) -> list[Bid]:
    return list(
        Bid.objects.filter(challenge=challenge, state__in=states)
        .select_related("organisation")
        .select_for_update(of=("self",))
        .order_by("pk")
    )


def _record(
    bid: Bid, verb: str, challenge: Challenge, *, by: User | None, at: datetime, from_state: str, reason: str = ""
) -> None:
    audit.record(
        action=f"bid.{verb}",
        code=bid.code,
        label=challenge.need.title,
        by=by,
        at=at,
        from_state=from_state,
        to_state=bid.state,
        reason=reason,
    )

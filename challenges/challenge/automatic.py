"""What the clock does to a challenge: opens it after its notice period, opens its bids or fails it at the deadline.

Run by challenges/challenge/tasks.py; every function may run twice.
"""

import random
from datetime import datetime, timedelta

from django.utils.translation import gettext as _

from accounts.audit import step
from challenges import signals
from challenges.answer.automatic import dismiss_bids
from challenges.bid.notices import tell_bidders
from challenges.bid.workflow import BidState
from challenges.challenge.notices import local, tell_operators, tell_owner
from challenges.challenge.steps import one_of_many
from challenges.challenge.workflow import ChallengeState
from challenges.models import Bid, BidQuerySet, BidReason, Challenge, Objection, ObjectionStage
from challenges.objection.workflow import DecisionState


def open_due(*, at: datetime) -> list[Challenge]:
    """Open challenges whose notice period is over, unless an objection is undecided or was upheld.

    One whose deadline passed meanwhile does not open any more: it is cancelled and begun again by a further round.
    """
    blocked = Objection.objects.filter(stage=ObjectionStage.NOTICE).exclude(state=DecisionState.DISMISSED)
    due = Challenge.objects.filter(state=ChallengeState.NOTICE, notice_until__lte=at, closes_at__gt=at)
    opened = []
    for pk in (
        due.exclude(pk__in=blocked.values("challenge")).order_by("notice_until", "pk").values_list("pk", flat=True)
    ):
        with one_of_many(pk):
            challenge = _lock_due(pk, ChallengeState.NOTICE)
            # asked again under the lock: an objection may have come between
            if challenge is None or blocked.filter(challenge=challenge).exists():
                continue
            open_challenge(challenge, at=at)
            opened.append(challenge)
    return opened


def close_due(*, at: datetime) -> list[Challenge]:
    """At the deadline: too few bids, or no claim that won, is 流标; else bids are opened and the evaluation begins."""
    closed = []
    due = Challenge.objects.filter(state=ChallengeState.OPEN, closes_at__lte=at)
    for pk in due.order_by("closes_at", "pk").values_list("pk", flat=True):
        with one_of_many(pk):
            challenge = _lock_due(pk, ChallengeState.OPEN)
            if challenge is None or challenge.closes_at is None or challenge.closes_at > at:  # extended meanwhile
                continue
            bids = list(challenge.bids.filter(state=BidState.SUBMITTED).select_for_update().order_by("pk"))
            if challenge.is_first_claim or len(bids) < challenge.min_bids:
                _fail(challenge, at)
            else:
                _unseal(challenge, bids, at)
            closed.append(challenge)
    return closed


def _lock_due(pk: int, state: str) -> Challenge | None:
    """The row, unless another process has it in hand or has moved it on."""
    return (
        Challenge.objects.filter(pk=pk, state=state)
        .select_related("need__organisation", "need__caretaker")
        .select_for_update(of=("self",), skip_locked=True)
        .first()
    )


def open_challenge(challenge: Challenge, *, at: datetime) -> None:
    """Bids or claims may come from now on. `challenge` is locked."""
    assert challenge.closes_at is not None, "the database holds: what was announced has a deadline"
    challenge.opened_at = at
    step(challenge, "open", by=None, at=at, changed=["opened_at"])
    tell_owner(challenge, "challenge.opened", at, until=local(challenge.closes_at))


def bids_to_tell(challenge: Challenge) -> BidQuerySet:
    """Every bid of a challenge with what a notice needs, in one order."""
    return challenge.bids.select_related("organisation", "challenge__need").order_by("pk")


def _fail(challenge: Challenge, at: datetime) -> None:
    """流标. What was handed in is answered and stays sealed for good."""
    if challenge.is_first_claim:
        challenge.end_reason = _("截止时没有单位抢单成功。")
    else:
        challenge.end_reason = _("截止时有效揭榜数不足 %(least)s 个。") % {"least": challenge.min_bids}
    challenge.ended_at = at
    step(challenge, "fail", by=None, at=at, changed=["end_reason", "ended_at"])
    answer = _("榜单截止时有效揭榜数不足，已流标；您的方案没有开启，除本单位外任何人都看不到。")
    if challenge.is_first_claim:
        answer = _("抢单截止，没有单位抢单成功，榜单已流标。")
    dismiss_bids(challenge=challenge, reason=BidReason.TOO_FEW_BIDS, answer=answer, at=at)
    tell_owner(challenge, "challenge.failed", at)


def _unseal(challenge: Challenge, bids: list[Bid], at: datetime) -> None:
    """开标: bids get their labels in random order, and from now on the poser and operators may read them."""
    assert challenge.closes_at is not None, "the database holds: what was announced has a deadline"
    labels = list(range(1, len(bids) + 1))
    random.SystemRandom().shuffle(labels)
    for bid, label in zip(bids, labels, strict=True):
        bid.label = label
    Bid.objects.bulk_update(bids, ["label"])
    challenge.bidding_closed_at = at
    challenge.answer_by = challenge.closes_at + timedelta(days=challenge.answer_days)
    step(
        challenge,
        "close_bidding",
        by=None,
        at=at,
        changed=["bidding_closed_at", "answer_by"],
        signal=signals.bids_unsealed,
        challenge=challenge,
    )
    until = local(challenge.answer_by)
    tell_owner(challenge, "challenge.unsealed", at, until=until)
    tell_operators(challenge, "challenge.unsealed_operators", at)
    tell_bidders(
        bids_to_tell(challenge).filter(pk__in=[bid.pk for bid in bids]), "challenge.unsealed_bidder", at, until=until
    )

"""The reasoned answer every bidder gets from the poser, the one appeal against it, and its decision by an operator."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.audit import check_step, note, step
from accounts.models import User
from accounts.permissions import check_writes_for
from challenges import signals
from challenges.answer.notices import tell_of_appeal
from challenges.answer.permissions import appeal_until, is_answerable
from challenges.bid import steps as bids
from challenges.bid.notices import tell_bidder
from challenges.bid.workflow import BidState
from challenges.challenge.permissions import check_decides
from challenges.challenge.steps import lock_need_of
from challenges.challenge.workflow import ChallengeState
from challenges.claim.actions import offer_next
from challenges.evaluation.actions import check_can_reopen, checked_answer, renew_deadline, take_back_award
from challenges.evaluation.notices import tell_poser
from challenges.evaluation.permissions import check_bids_for
from challenges.models import Appeal, Bid, BidReason
from lib.refusals import NotReady, WrongState

# Given by the platform alone, of what is nobody's judgement.
NOT_A_PERSONS = frozenset({BidReason.CLAIMED_BEFORE, BidReason.TOO_FEW_BIDS, BidReason.CANCELLED})
REASONS = [choice for choice in BidReason.choices if choice[0] not in NOT_A_PERSONS]


@transaction.atomic
def answer_bid(*, bid: Bid, reason: str, answer: str, by: User, at: datetime) -> Bid:
    """The poser says to one bidder why its bid was not taken: one of REASONS, and a sentence of its own.

    While bids are evaluated only a bid that is not eligible is answered: any other answer would take a bid out of the
    ranking before there is one.
    """
    challenge, bid = bids.lock_both(bid)
    check_writes_for(by, challenge.need.organisation)
    if BidReason(reason) in NOT_A_PERSONS:
        raise ValueError("This reason is the platform's own.")
    check_step(bid, "decline")
    if not is_answerable(challenge, bid.state):
        raise WrongState(_("现在还不能答复这个方案。"))
    if challenge.state == ChallengeState.EVALUATING and reason != BidReason.NOT_ELIGIBLE:
        raise WrongState(_("评榜期间只能以“不符合申报条件”答复；其余方案请在定榜之后答复。"))
    answer = checked_answer(answer)
    signal = signals.bid_declined
    bids.answer_bid(bid, "decline", reason=reason, answer=answer, by=by, at=at, answered_by=by, signal=signal)
    tell_bidder(bid, "answer.declined", at)
    return bid


@transaction.atomic
def appeal_bid(*, bid: Bid, text: str, by: User, at: datetime) -> Appeal:
    """The one appeal of a declined bidder, in time. WrongState when there is none (any more)."""
    _challenge, bid = bids.lock_both(bid)
    check_bids_for(by, bid)
    until = appeal_until(bid)
    if until is None:
        raise WrongState(_("这项答复不能申诉。"))
    if Appeal.objects.filter(bid=bid).exists():
        raise WrongState(_("每个方案只能申诉一次，您已经申诉过。"))
    if at >= until:
        raise WrongState(_("申诉期限已过。"))
    if not text.strip():
        raise NotReady(_("请写明申诉理由。"))
    appeal = Appeal.objects.create(bid=bid, text=text.strip(), raised_at=at, raised_by=by)
    note(bid, "appeal", by=by, at=at, from_state=bid.state)
    tell_of_appeal(bid, at)
    return appeal


@transaction.atomic
def decide_appeal(*, appeal: Appeal, upheld: bool, answer: str, by: User, at: datetime, reopen: bool = False) -> Appeal:
    """An operator decides. Upheld: the bid is answered anew; with `reopen` the award itself is taken back too."""
    lock_need_of(appeal.bid.challenge)
    challenge, bid = bids.lock_both(appeal.bid)
    appeal = Appeal.objects.select_for_update().get(pk=appeal.pk)
    appeal.bid = bid
    check_decides(by, challenge)
    action = "uphold" if upheld else "dismiss"
    check_step(appeal, action)
    if upheld and reopen:
        check_can_reopen(challenge)
    appeal.answer, appeal.decided_at, appeal.decided_by = checked_answer(answer), at, by
    step(appeal, action, by=by, at=at, changed=["answer", "decided_at", "decided_by"])
    if not upheld:
        tell_bidder(bid, "answer.appeal_dismissed", at)
        return appeal
    if bid.state == BidState.DECLINED:  # an objection may have taken the award, and with it this answer, back before
        bids.take_back_answer(bid, by=by, at=at)
    tell_bidder(bid, "answer.appeal_upheld", at)
    tell_poser(challenge, "answer.appeal_upheld_poser", at, about=str(bid.pk))
    if challenge.is_first_claim and challenge.state == ChallengeState.OPEN:
        offer_next(challenge, at)
    if reopen:
        take_back_award(challenge=challenge, by=by, at=at)
    else:
        renew_deadline(challenge, at)
        challenge.save(update_fields=["answer_by", "answers_overdue_told_at"])
    return appeal

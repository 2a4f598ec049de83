"""The reasoned answer every bidder gets from the poser, the one appeal against it, and its decision by an operator."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from accounts.models import User
from accounts.permissions import check_writes_for
from challenges import signals
from challenges.answer.permissions import appeal_until, is_answerable
from challenges.bid import actions as bids
from challenges.bid.workflow import BID_ACTIONS, BidState
from challenges.challenge.permissions import check_decides
from challenges.challenge.steps import lock_need_of
from challenges.challenge.workflow import ChallengeState
from challenges.claim.actions import offer_next
from challenges.evaluation.actions import checked_answer, renew_deadline, take_back_award
from challenges.evaluation.permissions import check_bids_for
from challenges.models import Appeal, Bid, BidReason
from challenges.objection.workflow import DECISION_ACTIONS
from challenges.review import notices as telling
from challenges.review.actions import NotReady
from lib.refusals import WrongState
from lib.transitions import next_state

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
    before, bid.state = bid.state, next_state(table=BID_ACTIONS, action="decline", state=bid.state)
    if not is_answerable(challenge, before):
        raise WrongState(_("现在还不能答复这个方案。"))
    if challenge.state == ChallengeState.EVALUATING and reason != BidReason.NOT_ELIGIBLE:
        raise WrongState(_("评榜期间只能以“不符合申报条件”答复；其余方案请在定榜之后答复。"))
    bid.reason, bid.answer, bid.answered_at, bid.answered_by = reason, checked_answer(answer), at, by
    bid.save(update_fields=["state", "reason", "answer", "answered_at", "answered_by"])
    bids.record("decline", bid, by=by, at=at, from_state=before, to_state=bid.state, reason=reason)
    telling.tell_bidder(bid, "declined", gettext_noop("您就《%(title)s》提交的方案已得到答复，请查看原因。"), at)
    signals.bid_declined.send(sender=Bid, bid=bid, by=by, at=at)
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
    bids.record("appeal", bid, by=by, at=at, from_state=bid.state, to_state=bid.state)
    telling.tell_of_appeal(bid, at)
    return appeal


@transaction.atomic
def decide_appeal(*, appeal: Appeal, upheld: bool, answer: str, by: User, at: datetime, reopen: bool = False) -> Appeal:
    """An operator decides. Upheld: the bid is answered anew; with `reopen` the award itself is taken back too."""
    lock_need_of(appeal.bid.challenge)
    challenge, bid = bids.lock_both(appeal.bid)
    appeal = Appeal.objects.select_for_update().get(pk=appeal.pk)
    check_decides(by, challenge)
    verb = "uphold" if upheld else "dismiss"
    before, appeal.state = appeal.state, next_state(table=DECISION_ACTIONS, action=verb, state=appeal.state)
    appeal.answer, appeal.decided_at, appeal.decided_by = checked_answer(answer), at, by
    appeal.save(update_fields=["state", "answer", "decided_at", "decided_by"])
    bids.record(f"appeal_{verb}", bid, by=by, at=at, from_state=before, to_state=appeal.state)
    if not upheld:
        telling.tell_bidder(bid, "appeal", gettext_noop("您就《%(title)s》提出的申诉经审理不成立，请查看答复。"), at)
        return appeal
    if bid.state == BidState.DECLINED:  # an objection may have taken the award, and with it this answer, back before
        _reconsider(bid, by=by, at=at)
    telling.tell_bidder(bid, "appeal", gettext_noop("您就《%(title)s》提出的申诉成立，方案将重新答复。"), at)
    telling.tell_poser(
        challenge, f"appeal:{bid.pk}", gettext_noop("就《%(title)s》提出的一项申诉成立，请重新答复这个方案。"), at
    )
    if challenge.is_first_claim and challenge.state == ChallengeState.OPEN:
        offer_next(challenge, at)
    if reopen:
        take_back_award(challenge=challenge, by=by, at=at)
    else:
        renew_deadline(challenge, at)
        challenge.save(update_fields=["answer_by", "answers_overdue_told_at"])
    return appeal


def _reconsider(bid: Bid, *, by: User, at: datetime) -> None:
    before, bid.state = bid.state, next_state(table=BID_ACTIONS, action="reconsider", state=bid.state)
    bid.reason, bid.answer, bid.answered_at, bid.answered_by = "", "", None, None
    bid.save(update_fields=["state", "reason", "answer", "answered_at", "answered_by"])
    bids.record("reconsider", bid, by=by, at=at, from_state=before, to_state=bid.state)
    signals.bid_reconsidered.send(sender=Bid, bid=bid, by=by, at=at)

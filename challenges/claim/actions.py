"""抢单: the first qualified claim on a challenge wins, and the poser has some days to refuse it with a reason.

Who is first is decided by the lock on the challenge's row: a hundred claims at one moment queue up there, one wins, the
others get the next numbers and are told at once. A claim is confirmed when its poser accepts it or lets the days pass:
then the contract is drafted, `refusable_until` is emptied, and whoever waited is answered. Who does not qualify by
then is not confirmed: the clock answers and offers the next claim, a poser is told to refuse.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from accounts.models import Organisation, User
from accounts.permissions import Denied, check_writes_for
from challenges import signals
from challenges.answer.automatic import dismiss_bids
from challenges.bid.actions import (
    CONTENT_FIELDS,
    hand_in,
    lock_both,
    record,
    withdraw,
    working_of,
    write_version,
)
from challenges.bid.contract import contract_of_award
from challenges.bid.fields import check_complete
from challenges.bid.notices import tell_bidder, tell_poser
from challenges.bid.permissions import (
    awaits_confirmation,
    check_eligible,
    check_may_bid,
    is_confirmed,
    is_over,
)
from challenges.bid.queries import content_of, hidden_must_level, indicators_for
from challenges.bid.workflow import BID_ACTIONS, BidState
from challenges.challenge.steps import (
    lock_challenge,
    lock_need_of,
    move_challenge,
    one_of_many,
)
from challenges.challenge.workflow import ChallengeMode, ChallengeState
from challenges.models import (
    Bid,
    BidReason,
    BidVersion,
    Challenge,
)
from contracts.models import Contract
from lib.refusals import WrongState
from lib.transitions import next_state
from needs.models import Level, NeedIndicator

Values = Mapping[str, Any]

# For what a poser may refuse a claim: not for what the platform alone finds, and a claim is not compared with others.
REFUSALS = [
    reason
    for reason in BidReason
    if reason not in {BidReason.BETTER_BID, BidReason.CLAIMED_BEFORE, BidReason.TOO_FEW_BIDS, BidReason.CANCELLED}
]

# What the platform writes as answers: Chinese in the row, translated when read.
OFFERED = gettext_noop("首个符合条件的抢单，等待需求方确认。")
CONFIRMED = gettext_noop("抢单已确认，技术合同草案已生成。")
CLAIMED_BEFORE = gettext_noop("已有单位先行抢单并获需求方确认，本次抢单未能成交。")
NO_LONGER_QUALIFIED = gettext_noop("轮到本单位时已不符合抢单条件（核验、关联关系或保密协议）。")


@transaction.atomic
def claim(*, challenge: Challenge, organisation: Organisation, values: Values, by: User, at: datetime) -> Bid:
    """Claim a challenge: the first qualified claim is awarded at once, later ones wait in order.

    Denied says what disqualifies the organisation, ValidationError by field what the claim lacks, WrongState that
    nothing can be claimed any more. Sent twice it is one claim.
    """
    challenge = lock_challenge(challenge)
    if not challenge.is_first_claim:
        raise WrongState(_("这份榜单不是抢单，请提交揭榜方案。"))
    check_may_bid(by, organisation, challenge)
    before = Bid.objects.filter(challenge=challenge, organisation=organisation).select_for_update().first()
    if before is not None and before.state in {BidState.SUBMITTED, BidState.AWARDED}:
        return before
    if before is not None and before.state == BidState.DECLINED:
        raise WrongState(_("本机构的抢单已得到答复，不能再次抢单。"))
    _check_taking_claims(challenge, at)
    indicators = _check_sees_musts(organisation, challenge)
    bid = _write_claim(challenge, organisation, before, values, by=by, at=at)
    check_complete(content_of(bid.versions.latest("number")), indicators=indicators, is_claim=True)
    if challenge.state == ChallengeState.OPEN:
        _offer(challenge, bid, by=by, at=at)
    else:
        ahead = gettext_noop("《%(title)s》已有单位先抢到；您的抢单已登记，排在第 %(number)s 位。")
        tell_bidder(bid, "queued", ahead, at, number=bid.claim_number)
    signals.bids_unsealed.send(sender=Challenge, challenge=challenge, by=by, at=at)
    return bid


@transaction.atomic
def refuse_claim(*, bid: Bid, reason: str, answer: str, by: User, at: datetime) -> Bid:
    """The poser refuses the claim it was offered, with a BidReason and words; the next in order is offered at once."""
    challenge, bid = lock_both(bid)
    check_writes_for(by, challenge.need.organisation)
    _check_offered(bid)
    if bid.refusable_until is None or at >= bid.refusable_until:
        raise WrongState(_("确认期已过，抢单视为已确认，不能再拒绝。"))
    if BidReason(reason) not in REFUSALS:
        raise ValueError("This reason is not one to refuse a claim for.")
    before, bid.state = bid.state, next_state(table=BID_ACTIONS, action="refuse", state=bid.state)
    bid.reason, bid.answer = reason, _required(answer)
    bid.answered_at, bid.answered_by = at, by
    bid.save(update_fields=["state", "reason", "answer", "answered_at", "answered_by"])
    record("refuse", bid, by=by, at=at, from_state=before, to_state=bid.state, reason=reason)
    tell_bidder(bid, "refused", gettext_noop("需求方未确认您对《%(title)s》的抢单，请查看原因。"), at)
    signals.bid_declined.send(sender=Bid, bid=bid, by=by, at=at)
    challenge.awarded_at = None
    move_challenge(challenge, "refuse_claim", ["awarded_at"], by=by, at=at)
    offer_next(challenge, at)
    return bid


@transaction.atomic
def accept_claim(*, bid: Bid, by: User, at: datetime) -> Contract:
    """The poser takes the claim it was offered: the contract is drafted, whoever waited is answered.

    WrongState with the reason when the claimant does not qualify any more: such a claim is refused.
    """
    lock_need_of(bid.challenge)
    challenge, bid = lock_both(bid)
    check_writes_for(by, challenge.need.organisation)
    _check_offered(bid)
    if reason := _disqualified(bid, challenge):
        raise WrongState(
            _("抢单单位已不符合抢单条件，不能确认；请以“不符合申报条件”拒绝。原因：%(reason)s") % {"reason": reason}
        )
    return _confirm(challenge, bid, by=by, at=at)


def confirm_due_claims(*, at: datetime) -> list[Bid]:
    """Claims that were not refused in time are accepted, if their claimants still qualify; else the next is offered.

    Each in a transaction of its own; may run twice. Returned are those that were accepted.
    """
    due = Bid.objects.filter(
        state=BidState.AWARDED,
        refusable_until__lte=at,
        challenge__mode=ChallengeMode.FIRST_CLAIM,
        challenge__state=ChallengeState.AWARDED,
    )
    confirmed = []
    for found in due.select_related("challenge").order_by("refusable_until", "pk"):
        with one_of_many(found.pk):
            lock_need_of(found.challenge)
            challenge, bid = lock_both(found)
            # decided while this one waited for the lock
            if not awaits_confirmation(bid) or challenge.state != ChallengeState.AWARDED:
                continue
            if _disqualified(bid, challenge):
                _lapse(challenge, bid, at)
                continue
            _confirm(challenge, bid, by=None, at=at)
            confirmed.append(bid)
    return confirmed


@transaction.atomic
def withdraw_claim(*, bid: Bid, by: User, at: datetime) -> Bid:
    """Leave the queue. Who claims again takes a new place at its end."""
    challenge, bid = lock_both(bid)
    check_writes_for(by, bid.organisation)
    if not challenge.is_first_claim:
        raise WrongState(_("这不是抢单申请。"))
    target = next_state(table=BID_ACTIONS, action="withdraw", state=bid.state)
    withdraw(bid, target, by=by, at=at)
    tell_bidder(bid, "withdrawn", gettext_noop("您对《%(title)s》的抢单已撤回。"), at)
    return bid


# --- What the verbs share ------------------------------------------------------------------------------------


def _check_taking_claims(challenge: Challenge, at: datetime) -> None:
    """While a claim waits for its confirmation others may still queue up behind it."""
    if challenge.state == ChallengeState.AWARDED:
        offered = challenge.bids.filter(state=BidState.AWARDED).first()
        if offered is None or is_confirmed(offered):
            raise WrongState(_("已有单位抢单并获确认，不再接受抢单。"))
    elif challenge.state != ChallengeState.OPEN:
        raise WrongState(_("榜单现在不接受抢单。"))
    if is_over(challenge, at):
        raise WrongState(_("截止时间已过，不再接受抢单。"))


def _check_sees_musts(organisation: Organisation, challenge: Challenge) -> list[NeedIndicator]:
    """Nobody can promise what they cannot read: say which step discloses the rest."""
    hidden = hidden_must_level(organisation, challenge.need)
    if hidden == Level.NAMED:
        raise Denied(_("有必达指标只对需求方指定的机构公开，请先联系需求方指定本机构，再来抢单。"))
    if hidden == Level.NDA:
        raise Denied(_("有必达指标须签署保密协议后才能看到；请先签署保密协议，再来抢单。"))
    if hidden == Level.VERIFIED:
        raise Denied(_("有必达指标只对通过核验的机构公开；本机构通过核验后再来抢单。"))
    return indicators_for(organisation, challenge.need)


def _write_claim(
    challenge: Challenge, organisation: Organisation, bid: Bid | None, values: Values, *, by: User, at: datetime
) -> Bid:
    """The claim with the next number; one that was withdrawn comes back as a new version."""
    if unknown := values.keys() - CONTENT_FIELDS:
        raise TypeError(f"Not content of a claim: {', '.join(sorted(unknown))}")
    if bid is None:
        bid = Bid(challenge=challenge, organisation=organisation, created_at=at, created_by=by)
    before = bid.state
    bid.challenge = challenge
    bid.state = next_state(table=BID_ACTIONS, action="submit", state=before)
    bid.submitted_at, bid.submitted_by, bid.withdrawn_at = at, by, None
    last = challenge.bids.aggregate(last=Max("claim_number"))["last"] or 0
    bid.claim_number = last + 1
    is_new = bid.pk is None
    bid.save()
    if is_new:
        version = BidVersion.objects.create(bid=bid, number=1, saved_at=at, saved_by=by)
    else:
        version = working_of(bid, by=by, at=at)
    write_version(version, values, by=by, at=at)
    hand_in(version, challenge.need, at)
    record("claim", bid, by=by, at=at, from_state=before, to_state=bid.state)
    return bid


def _offer(challenge: Challenge, bid: Bid, *, by: User | None, at: datetime) -> None:
    """Award a claim subject to the poser's refusal, and the challenge with it."""
    before, bid.state = bid.state, next_state(table=BID_ACTIONS, action="award", state=bid.state)
    bid.answer, bid.answered_at, bid.answered_by = OFFERED, at, None
    bid.offered_at, bid.refusable_until = at, at + timedelta(days=challenge.refusal_days)
    bid.save(update_fields=["state", "answer", "answered_at", "answered_by", "offered_at", "refusable_until"])
    record("offer", bid, by=by, at=at, from_state=before, to_state=bid.state)
    challenge.awarded_at = at
    move_challenge(challenge, "claim", ["awarded_at"], by=by, at=at)
    days = challenge.refusal_days
    tell_bidder(bid, "offered", gettext_noop("您抢到了《%(title)s》，等待需求方在 %(days)s 天内确认。"), at, days=days)
    to_poser = gettext_noop("《%(title)s》有单位抢单成功，请在 %(days)s 天内确认；逾期未拒绝视为确认。")
    tell_poser(bid, "claimed", to_poser, at, days=days)


def offer_next(challenge: Challenge, at: datetime) -> None:
    """The next claim in order that is still qualified; those that are not any more are answered on the way.

    `challenge` is locked, open, and nobody's claim is awarded: one was refused or lapsed, or came back by appeal.
    """
    queue = challenge.bids.filter(state=BidState.SUBMITTED).select_related("organisation").order_by("claim_number")
    for bid in queue.select_for_update(of=("self",)):
        bid.challenge = challenge
        if _disqualified(bid, challenge):
            _answer_unfit(bid, "dismiss", at)
            continue
        _offer(challenge, bid, by=None, at=at)
        return


def _lapse(challenge: Challenge, bid: Bid, at: datetime) -> None:
    """The poser let the days pass, but the platform does not confirm who would not be let in today."""
    _answer_unfit(bid, "lapse", at)
    message = gettext_noop("抢到《%(title)s》的单位已不符合条件，抢单失效；如有后续抢单，已顺位通知您确认。")
    tell_poser(bid, "lapsed", message, at)
    challenge.awarded_at = None
    move_challenge(challenge, "lapse_claim", ["awarded_at"], by=None, at=at)
    offer_next(challenge, at)


def _disqualified(bid: Bid, challenge: Challenge) -> str:
    """Why who claimed would not be let in now, in words; empty when it would."""
    try:
        check_eligible(bid.organisation, challenge)
    except Denied as error:
        return str(error)
    return ""


def _answer_unfit(bid: Bid, action: str, at: datetime) -> None:
    before, bid.state = bid.state, next_state(table=BID_ACTIONS, action=action, state=bid.state)
    bid.reason, bid.answer, bid.answered_at, bid.answered_by = BidReason.NOT_ELIGIBLE, NO_LONGER_QUALIFIED, at, None
    bid.save(update_fields=["state", "reason", "answer", "answered_at", "answered_by"])
    record(action, bid, by=None, at=at, from_state=before, to_state=bid.state, reason=bid.reason)
    tell_bidder(bid, "answered", gettext_noop("您对《%(title)s》的抢单已得到答复，请查看原因。"), at)


def _check_offered(bid: Bid) -> None:
    if not awaits_confirmation(bid):
        raise WrongState(_("这份抢单现在不需要确认，页面可能已过期。"))


def _confirm(challenge: Challenge, bid: Bid, *, by: User | None, at: datetime) -> Contract:
    bid.answer, bid.answered_at, bid.answered_by, bid.refusable_until = CONFIRMED, at, by, None
    bid.save(update_fields=["answer", "answered_at", "answered_by", "refusable_until"])
    record("accept", bid, by=by, at=at, from_state=bid.state, to_state=bid.state)
    tell_bidder(bid, "accepted", gettext_noop("需求方已确认您对《%(title)s》的抢单，技术合同草案已生成。"), at)
    dismiss_bids(challenge=challenge, reason=BidReason.CLAIMED_BEFORE, answer=CLAIMED_BEFORE, at=at)
    signals.bid_awarded.send(sender=Bid, bid=bid, by=by, at=at)
    # Where the clock confirms, the contract is in the name of whoever called for claims.
    return contract_of_award(bid=bid, need=challenge.need, by=by or challenge.created_by, at=at)


def _required(answer: str) -> str:
    if not answer.strip():
        raise ValueError("A claim is refused with words.")
    return answer.strip()

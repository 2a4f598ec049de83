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

from accounts.audit import step
from accounts.models import Organisation, User
from accounts.permissions import Denied, check_writes_for
from challenges import signals
from challenges.answer.automatic import dismiss_bids
from challenges.bid.actions import (
    CONTENT_FIELDS,
    HANDED_IN,
    hand_in,
    working_of,
    write_version,
)
from challenges.bid.asked import Asked, asked_for
from challenges.bid.contract import contract_of_award
from challenges.bid.fields import check_complete
from challenges.bid.notices import tell_bidder
from challenges.bid.permissions import (
    awaits_confirmation,
    check_eligible,
    check_may_bid,
    is_confirmed,
    is_over,
)
from challenges.bid.queries import content_of
from challenges.bid.steps import answer_bid, lock_both
from challenges.bid.workflow import BidState
from challenges.challenge.steps import lock_challenge, lock_need_of, one_of_many
from challenges.challenge.workflow import ChallengeMode, ChallengeState
from challenges.claim.notices import tell_poser
from challenges.models import (
    Bid,
    BidReason,
    BidVersion,
    Challenge,
)
from contracts.models import Contract
from lib.refusals import WrongState
from needs.models import Level

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
def claim(
    *,
    challenge: Challenge,
    organisation: Organisation,
    values: Values,
    by: User,
    at: datetime,
    asked: Asked | None = None,
) -> Bid:
    """Claim a challenge: the first qualified claim is awarded at once, later ones wait in order.

    Denied says what disqualifies the organisation, ValidationError by field what the claim lacks, WrongState that
    nothing can be claimed any more. Sent twice it is one claim. `asked`: what the form of this request has asked.
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
    asked = asked or asked_for(organisation, challenge.need)
    _check_sees_musts(asked)
    _check_claim(before, values, asked)
    bid = _write_claim(challenge, organisation, before, values, asked, by=by, at=at)
    if challenge.state == ChallengeState.OPEN:
        _offer(challenge, bid, by=by, at=at)
    else:
        tell_bidder(bid, "claim.queued", at, number=bid.claim_number)
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
    answer, signal = _required(answer), signals.bid_declined
    answer_bid(bid, "refuse", reason=reason, answer=answer, by=by, at=at, answered_by=by, signal=signal)
    tell_bidder(bid, "claim.refused", at)
    challenge.awarded_at = None
    step(challenge, "refuse_claim", by=by, at=at, changed=["awarded_at"])
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
    bid.withdrawn_at = at
    step(bid, "withdraw", by=by, at=at, changed=["withdrawn_at"])
    tell_bidder(bid, "claim.withdrawn", at)
    return bid


# --- What the actions share ------------------------------------------------------------------------------------


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


def _check_sees_musts(asked: Asked) -> None:
    """Nobody can promise what they cannot read: say which step discloses the rest."""
    hidden = asked.hidden_must_level
    if hidden == Level.NAMED:
        raise Denied(_("有必达指标只对需求方指定的机构公开，请先联系需求方指定本机构，再来抢单。"))
    if hidden == Level.NDA:
        raise Denied(_("有必达指标须签署保密协议后才能看到；请先签署保密协议，再来抢单。"))
    if hidden == Level.VERIFIED:
        raise Denied(_("有必达指标只对通过核验的机构公开；本机构通过核验后再来抢单。"))


def _check_claim(bid: Bid | None, values: Values, asked: Asked) -> None:
    """What is claimed, with what stands in the last version of a claim that was withdrawn, is complete."""
    if unknown := values.keys() - CONTENT_FIELDS:
        raise TypeError(f"Not content of a claim: {', '.join(sorted(unknown))}")
    last = bid.versions.latest("number") if bid else BidVersion()
    check_complete({**content_of(last), **values}, indicators=asked.shown, is_claim=True)


def _write_claim(
    challenge: Challenge,
    organisation: Organisation,
    bid: Bid | None,
    values: Values,
    asked: Asked,
    *,
    by: User,
    at: datetime,
) -> Bid:
    """The claim with the next number; one that was withdrawn comes back as a new version."""
    if bid is None:
        bid = Bid.objects.create(challenge=challenge, organisation=organisation, created_at=at, created_by=by)
        version = BidVersion.objects.create(bid=bid, number=1, saved_at=at, saved_by=by)
    else:
        bid.challenge, bid.organisation = challenge, organisation
        version = working_of(bid, by=by, at=at)
    write_version(version, values, by=by, at=at)
    hand_in(version, asked, at)
    last = challenge.bids.aggregate(last=Max("claim_number"))["last"] or 0
    bid.claim_number = last + 1
    bid.submitted_at, bid.submitted_by, bid.withdrawn_at = at, by, None
    step(bid, "claim", by=by, at=at, changed=[*HANDED_IN, "claim_number"])
    return bid


def _offer(challenge: Challenge, bid: Bid, *, by: User | None, at: datetime) -> None:
    """Award a claim subject to the poser's refusal, and the challenge with it."""
    days = challenge.refusal_days
    bid.offered_at, bid.refusable_until = at, at + timedelta(days=days)
    dates = ["offered_at", "refusable_until"]
    answer_bid(bid, "offer", answer=OFFERED, by=by, at=at, answered_by=None, changed=dates)
    challenge.awarded_at = at
    step(challenge, "claim", by=by, at=at, changed=["awarded_at"])
    tell_bidder(bid, "claim.offered", at, days=days)
    tell_poser(bid, "claim.offered_poser", at, days=days)


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
    tell_poser(bid, "claim.lapsed", at)
    challenge.awarded_at = None
    step(challenge, "lapse_claim", by=None, at=at, changed=["awarded_at"])
    offer_next(challenge, at)


def _disqualified(bid: Bid, challenge: Challenge) -> str:
    """Why who claimed would not be let in now, in words; empty when it would."""
    try:
        check_eligible(bid.organisation, challenge)
    except Denied as error:
        return str(error)
    return ""


def _answer_unfit(bid: Bid, action: str, at: datetime) -> None:
    answer_bid(bid, action, reason=BidReason.NOT_ELIGIBLE, answer=NO_LONGER_QUALIFIED, by=None, at=at, answered_by=None)
    tell_bidder(bid, "claim.answered", at)


def _check_offered(bid: Bid) -> None:
    if not awaits_confirmation(bid):
        raise WrongState(_("这份抢单现在不需要确认，页面可能已过期。"))


def _confirm(challenge: Challenge, bid: Bid, *, by: User | None, at: datetime) -> Contract:
    bid.refusable_until = None
    answer_bid(
        bid,
        "accept",
        answer=CONFIRMED,
        by=by,
        at=at,
        answered_by=by,
        changed=["refusable_until"],
        signal=signals.bid_awarded,
    )
    tell_bidder(bid, "claim.accepted", at)
    dismiss_bids(challenge=challenge, reason=BidReason.CLAIMED_BEFORE, answer=CLAIMED_BEFORE, at=at)
    # Where the clock confirms, the contract is in the name of whoever called for claims.
    return contract_of_award(bid=bid, need=challenge.need, by=by or challenge.created_by, at=at)


def _required(answer: str) -> str:
    if not answer.strip():
        raise ValueError("A claim is refused with words.")
    return answer.strip()

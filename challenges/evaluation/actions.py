"""定榜: one bid is awarded, or none; the contract follows at once or after the result's notice period."""

from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from accounts.models import User
from accounts.permissions import Denied, check_operator, check_writes_for
from challenges import signals
from challenges.answer import automatic as answers
from challenges.bid import actions as bids
from challenges.bid.contract import contract_of_award, let_contract_go
from challenges.bid.permissions import check_eligible
from challenges.bid.workflow import BID_ACTIONS, BidState
from challenges.challenge.queries import awards_awaiting_contract
from challenges.challenge.steps import (
    lock_challenge,
    lock_need_of,
    move_challenge,
    one_of_many,
)
from challenges.challenge.workflow import CHALLENGE_ACTIONS, ChallengeMode, ChallengeState
from challenges.evaluation.minutes import check_stands
from challenges.models import (
    Appeal,
    Bid,
    Challenge,
    ObjectionStage,
)
from challenges.objection.workflow import DecisionState
from challenges.review import notices as telling
from challenges.review.actions import NotReady, check_evaluating
from contracts.models import Contract
from lib.refusals import WrongState
from lib.transitions import next_state

SHORTEST_ANSWER = 10  # characters: "不合适" is no answer


class ReasonNeeded(NotReady):
    """Another bid than the first of the ranking is awarded only with a reason; may be shown."""


@transaction.atomic
def award_bid(*, bid: Bid, reason: str, answer: str, by: User, at: datetime) -> Bid:
    """The poser awards one bid and answers its bidder. NotReady while the minutes do not stand.

    `reason` may be empty only for a bid the ranking puts first. The others are answered one by one.
    """
    lock_need_of(bid.challenge)
    challenge, bid = bids.lock_both(bid)
    check_writes_for(by, challenge.need.organisation)
    check_evaluating(challenge)
    before, bid.state = bid.state, next_state(table=BID_ACTIONS, action="award", state=bid.state)
    ranking = check_stands(challenge=challenge, at=at)
    _check_still_eligible(bid, challenge)
    result = next((result for result in ranking.bids if result.label == bid.label), None)
    if result is None:
        raise WrongState(_("这个方案不在排名之中，不能定榜。"))
    if result.rank != 1 and not reason.strip():
        raise ReasonNeeded(_("这个方案不是排名第一，请写明选择它的理由。"))
    bid.answer, bid.answered_at, bid.answered_by = checked_answer(answer), at, by
    bid.save(update_fields=["state", "answer", "answered_at", "answered_by"])
    challenge.awarded_at, challenge.award_reason = at, reason.strip()
    days = challenge.result_notice_days
    challenge.result_notice_until = at + timedelta(days=days) if days else None
    move_challenge(challenge, "award", ["awarded_at", "award_reason", "result_notice_until"], by=by, at=at)
    bids.record("award", bid, by=by, at=at, from_state=before, to_state=bid.state)
    telling.tell_bidder(bid, "awarded", gettext_noop("您就《%(title)s》提交的方案已中榜，请查看答复。"), at)
    signals.bid_awarded.send(sender=Bid, bid=bid, by=by, at=at)
    if not days:
        contract_of_award(bid=bid, need=challenge.need, by=by, at=at)
    return bid


@transaction.atomic
def declare_failed(*, challenge: Challenge, reason: str, by: User, at: datetime) -> Challenge:
    """No bid is good enough. Every bidder still gets an answer of its own."""
    challenge = lock_challenge(challenge)
    check_writes_for(by, challenge.need.organisation)
    if not reason.strip():
        raise ValueError("A challenge fails with a reason.")
    challenge.ended_at, challenge.end_reason = at, reason.strip()
    move_challenge(challenge, "declare_failed", ["ended_at", "end_reason"], by=by, at=at, reason=reason.strip())
    message = gettext_noop("《%(title)s》没有方案中榜，需求方将逐一答复各揭榜单位。")
    for bid in challenge.bids.unanswered().select_related("organisation").order_by("pk"):
        bid.challenge = challenge
        telling.tell_bidder(bid, "failed", message, at)
    return challenge


def finish_result_notice(*, at: datetime) -> list[Contract]:
    """The contracts of awards whose notice period is over with no objection open. Run by the clock.

    Each is drafted, or is the one the two had before and now belongs to the award. Until then the challenge does not
    close (`missing_for_close`).
    """
    due = Challenge.objects.filter(
        state=ChallengeState.AWARDED,
        mode=ChallengeMode.OPEN_CHALLENGE,
        result_notice_until__lte=at,
        pk__in=awards_awaiting_contract().values("challenge"),
    ).exclude(objections__stage=ObjectionStage.RESULT, objections__state=DecisionState.OPEN)
    drafted = []
    for pk in due.order_by("pk").values_list("pk", flat=True):
        with one_of_many(pk):
            if contract := _finish(pk, at):
                drafted.append(contract)
    return drafted


@transaction.atomic
def take_back_award(*, challenge: Challenge, by: User, at: datetime) -> Challenge:
    """An objection or appeal was upheld: bids are decided on again. WrongState once a contract was signed.

    Open again are the awarded bid and those declined after it; appeals among the latter are settled by that.
    """
    lock_need_of(challenge)
    challenge = lock_challenge(challenge)
    check_operator(by)
    if challenge.is_first_claim:
        raise WrongState(_("抢单没有评榜，不能重新评定。"))
    next_state(table=CHALLENGE_ACTIONS, action="reopen", state=challenge.state)
    decided = answers.lock_decided_bids(challenge)  # bids are locked before a contract
    for bid in decided:
        if bid.state == BidState.AWARDED:
            let_contract_go(bid=bid, reason=_("定榜结果经复核撤回。"), by=by, at=at)
    answers.take_back_award(challenge=challenge, bids=decided, by=by, at=at)
    settled = Appeal.objects.filter(bid__challenge=challenge, bid__state=BidState.SUBMITTED, state=DecisionState.OPEN)
    settled.update(
        state=DecisionState.UPHELD, answer=_("定榜结果已撤回，各方案重新评定。"), decided_at=at, decided_by=by
    )
    challenge.awarded_at, challenge.award_reason, challenge.result_notice_until = None, "", None
    renew_deadline(challenge, at)
    fields = ["awarded_at", "award_reason", "result_notice_until", "answer_by", "answers_overdue_told_at"]
    move_challenge(challenge, "reopen", fields, by=by, at=at)
    message = gettext_noop("《%(title)s》的定榜结果已撤回，请重新评定。")
    telling.tell_poser(challenge, "reopened", message, at)
    return challenge


def renew_deadline(challenge: Challenge, at: datetime) -> None:
    """Bids that wait for an answer again wait as long as the first time; the caller saves."""
    again = at + timedelta(days=challenge.answer_days)
    challenge.answer_by = max(challenge.answer_by, again) if challenge.answer_by else again
    challenge.answers_overdue_told_at = None


def checked_answer(answer: str) -> str:
    if len(answer.strip()) < SHORTEST_ANSWER:
        raise NotReady(_("答复至少写 %(number)s 个字，让对方知道原因和可以改进之处。") % {"number": SHORTEST_ANSWER})
    return answer.strip()


def _check_still_eligible(bid: Bid, challenge: Challenge) -> None:
    """Weeks lie between a bid and its award: verification, ties to the poser and the agreement are asked again."""
    try:
        check_eligible(bid.organisation, challenge)
    except Denied as error:
        raise NotReady(
            _("这家单位已不符合揭榜条件，不能定榜；请以“不符合申报条件”答复。原因：%(reason)s") % {"reason": error}
        ) from error


@transaction.atomic
def _finish(pk: int, at: datetime) -> Contract | None:
    """One challenge, asked again under its lock: an objection may have come, another sweep may have been here."""
    lock_need_of(Challenge.objects.get(pk=pk))
    challenge = lock_challenge(Challenge(pk=pk))
    awaiting = challenge.bids.filter(state=BidState.AWARDED, contract=None).select_related("organisation")
    bid = awaiting.select_for_update(of=("self",)).first()
    objected = challenge.objections.filter(stage=ObjectionStage.RESULT, state=DecisionState.OPEN).exists()
    if challenge.state != ChallengeState.AWARDED or bid is None or objected or bid.answered_by is None:
        return None
    contract = contract_of_award(bid=bid, need=challenge.need, by=bid.answered_by, at=at)
    if bid.contract_id != contract.pk:  # theirs on this need belongs to an earlier award
        return None
    if contract.is_binding:
        message = gettext_noop("《%(title)s》的结果公示期已满；双方此前签订的技术合同已与中榜方案关联。")
    else:
        message = gettext_noop("《%(title)s》的结果公示期已满，可以签订合同。")
    telling.tell_poser(challenge, "notice-over", message, at)
    return contract

"""定榜: one bid is awarded, or none; the contract follows at once or after the result's notice period."""

from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.audit import check_step, step
from accounts.models import User
from accounts.permissions import Denied, check_operator, check_writes_for
from challenges import signals
from challenges.answer import automatic as answers
from challenges.bid.contract import contract_of_award, let_contract_go
from challenges.bid.notices import tell_bidder, tell_bidders
from challenges.bid.permissions import check_eligible
from challenges.bid.steps import answer_bid, lock_both
from challenges.bid.workflow import BidState
from challenges.challenge.automatic import bids_to_tell
from challenges.challenge.queries import awards_awaiting_contract
from challenges.challenge.steps import lock_challenge, lock_need_of, one_of_many
from challenges.challenge.workflow import ChallengeMode, ChallengeState
from challenges.evaluation.minutes import check_stands
from challenges.evaluation.notices import tell_poser
from challenges.models import (
    Appeal,
    Bid,
    Challenge,
    ObjectionStage,
)
from challenges.objection.workflow import DecisionState
from challenges.review.actions import check_evaluating
from contracts.models import Contract
from lib.refusals import NotReady, WrongState

SHORTEST_ANSWER = 10  # characters: "不合适" is no answer
AWARD = ("awarded_at", "award_reason", "result_notice_until")  # what an award writes on its challenge


class ReasonNeeded(NotReady):
    """Another bid than the first of the ranking is awarded only with a reason; may be shown."""


@transaction.atomic
def award_bid(*, bid: Bid, reason: str, answer: str, by: User, at: datetime) -> Bid:
    """The poser awards one bid and answers its bidder. NotReady while the minutes do not stand.

    `reason` may be empty only for a bid the ranking puts first. The others are answered one by one.
    """
    lock_need_of(bid.challenge)
    challenge, bid = lock_both(bid)
    check_writes_for(by, challenge.need.organisation)
    check_evaluating(challenge)
    check_step(bid, "award")
    ranking = check_stands(challenge=challenge, at=at)
    _check_still_eligible(bid, challenge)
    result = next((result for result in ranking.bids if result.label == bid.label), None)
    if result is None:
        raise WrongState(_("这个方案不在排名之中，不能定榜。"))
    if result.rank != 1 and not reason.strip():
        raise ReasonNeeded(_("这个方案不是排名第一，请写明选择它的理由。"))
    answer = checked_answer(answer)
    challenge.awarded_at, challenge.award_reason = at, reason.strip()
    days = challenge.result_notice_days
    challenge.result_notice_until = at + timedelta(days=days) if days else None
    step(challenge, "award", by=by, at=at, changed=AWARD)
    answer_bid(bid, "award", answer=answer, by=by, at=at, answered_by=by, signal=signals.bid_awarded)
    tell_bidder(bid, "evaluation.awarded", at)
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
    step(challenge, "declare_failed", by=by, at=at, reason=challenge.end_reason, changed=["ended_at", "end_reason"])
    tell_bidders(bids_to_tell(challenge).unanswered(), "evaluation.failed", at)
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
    check_can_reopen(challenge)
    decided = answers.lock_decided_bids(challenge)  # bids are locked before a contract
    for bid in decided:
        if bid.state == BidState.AWARDED:
            let_contract_go(bid=bid, reason=_("定榜结果经复核撤回。"), by=by, at=at)
    answers.take_back_answers(decided, by=by, at=at)
    settled = Appeal.objects.filter(bid__challenge=challenge, bid__state=BidState.SUBMITTED, state=DecisionState.OPEN)
    for appeal in settled.select_related("bid__challenge__need").select_for_update(of=("self",)).order_by("pk"):
        appeal.answer, appeal.decided_at, appeal.decided_by = _("定榜结果已撤回，各方案重新评定。"), at, by
        step(appeal, "uphold", by=by, at=at, changed=["answer", "decided_at", "decided_by"])
    challenge.awarded_at, challenge.award_reason, challenge.result_notice_until = None, "", None
    renew_deadline(challenge, at)
    step(challenge, "reopen", by=by, at=at, changed=[*AWARD, "answer_by", "answers_overdue_told_at"])
    tell_poser(challenge, "evaluation.reopened", at)
    return challenge


def check_can_reopen(challenge: Challenge) -> None:
    """WrongState unless there is an award to take back that followed an evaluation."""
    if challenge.is_first_claim:
        raise WrongState(_("抢单没有评榜，不能重新评定。"))
    check_step(challenge, "reopen")


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
    tell_poser(challenge, "evaluation.notice_over_linked" if contract.is_binding else "evaluation.notice_over", at)
    return contract

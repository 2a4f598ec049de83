"""Who may do what in an evaluation. Conflicts of interest are a rule of their own: `needs.queries.conflicts`."""

from datetime import datetime, timedelta

from django.db.models import Max
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.permissions import Denied, belongs_to, check_writes_for, is_operator, writes_for
from needs.models import Appeal, Bid, Challenge, Reviewer
from needs.workflow import (
    BID_ACTIONS,
    CHALLENGE_ACTIONS,
    REVIEWER_ACTIONS,
    BidState,
    ChallengeState,
    ReviewerState,
)

APPEAL_TIME = timedelta(days=15)  # long enough for a research office to meet once, short enough for the winner


def sees_evaluation(user: User, challenge: Challenge) -> bool:
    """The evaluation of opened bids is read by the poser's organisation and by operators."""
    opened = challenge.bidding_closed_at is not None and not challenge.is_first_claim
    return opened and (belongs_to(user, challenge.need.organisation) or operates(user, challenge))


def operates(user: User, challenge: Challenge) -> bool:
    """An operator, and of no organisation that bids here: there it is a bidder like any other."""
    if not is_operator(user):
        return False
    return not Bid.objects.by_organisations_of(user).filter(challenge=challenge).exists()


def check_runs_evaluation(user: User, challenge: Challenge) -> None:
    """Reviewers and minutes are the business of the poser's writers and of operators."""
    if not operates(user, challenge) and not writes_for(user, challenge.need.organisation):
        raise Denied(_("只有需求方有权操作的成员或平台运营人员可以组织评审。"))


def check_is(user: User, reviewer: Reviewer) -> None:
    """Nobody declares, scores or signs for another."""
    if reviewer.user_id != user.pk:
        raise Denied(_("只有评审人本人可以进行此操作。"))


def check_bids_for(user: User, bid: Bid) -> None:
    check_writes_for(user, bid.organisation)


def allowed_evaluation_actions(*, user: User, challenge: Challenge) -> frozenset[str]:
    """What `user` may do now: assign, remove, draw_up, award, declare_failed, answer, decide_appeal."""
    owner = writes_for(user, challenge.need.organisation)
    operator = operates(user, challenge)
    actions = set()
    if challenge.state == ChallengeState.EVALUATING and (owner or operator):
        actions |= {"assign", "remove", "draw_up"}
    if owner:
        actions |= {name for name in ("award", "declare_failed") if challenge.state in CHALLENGE_ACTIONS[name].sources}
        actions.add("answer")
    if operator:
        actions.add("decide_appeal")
    return frozenset(actions)


def allowed_reviewer_actions(reviewer: Reviewer) -> frozenset[str]:
    """What the reviewer may do now: declare, recuse, score."""
    if reviewer.challenge.state != ChallengeState.EVALUATING:
        return frozenset()
    actions = {
        name
        for name, transition in REVIEWER_ACTIONS.items()
        if transition.actor == "reviewer" and reviewer.state in transition.sources
    }
    if reviewer.state == ReviewerState.ACTIVE:
        actions.add("score")
    return frozenset(actions)


def reads_bids(reviewer: Reviewer) -> bool:
    """Nothing of a bid before the declaration, and nothing any more once recused, removed or the challenge ended."""
    return reviewer.state == ReviewerState.ACTIVE and reviewer.challenge.state in {
        ChallengeState.EVALUATING,
        ChallengeState.AWARDED,
        ChallengeState.CLOSED,
    }


def appeal_until(bid: Bid) -> datetime | None:
    """The first moment too late for an appeal; None where there is nothing to appeal against.

    One appeals against what a person decided: 流标, 终止 and a claim that came too late are nobody's judgement, and
    bids of a challenge that ended before its deadline stay sealed. What is closed stays closed: it waits for this time.
    """
    if bid.state != BidState.DECLINED or bid.answered_by_id is None or bid.answered_at is None:
        return None
    if bid.challenge.state == ChallengeState.CLOSED:
        return None
    return bid.answered_at + APPEAL_TIME


def last_appeal_until(challenge: Challenge) -> datetime | None:
    """The first moment at which no bidder who has not appealed yet can appeal any more; None where nobody could."""
    might = challenge.bids.filter(state=BidState.DECLINED, answered_by__isnull=False, appeal=None)
    last: datetime | None = might.aggregate(last=Max("answered_at"))["last"]
    return last + APPEAL_TIME if last else None


def may_appeal(*, user: User, bid: Bid, at: datetime) -> bool:
    """For the page of a declined bid: show the link to the appeal."""
    until = appeal_until(bid)
    return (
        until is not None
        and at < until
        and writes_for(user, bid.organisation)
        and not Appeal.objects.filter(bid=bid).exists()
    )


def is_answerable(challenge: Challenge, state: str) -> bool:
    """Whether a bid in `state` may be answered by the poser now; while evaluating only for want of eligibility."""
    if state not in BID_ACTIONS["decline"].sources:
        return False
    if challenge.is_first_claim:
        # Claims are refused or confirmed. Once one is confirmed, what an appeal brought back is still to be answered.
        return challenge.state != ChallengeState.OPEN and not challenge.bids.awaiting_confirmation().exists()
    return challenge.bidding_closed_at is not None

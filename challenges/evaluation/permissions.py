"""Who runs, sees and reviews an evaluation. Conflicts of interest are in challenges/review/conflicts.py."""

from django.utils.translation import gettext as _

from accounts.models import Anyone, User, is_operator
from accounts.permissions import (
    Denied,
    belongs_to,
    check_writes_for,
    writes_for,
)
from challenges.challenge.workflow import CHALLENGE_ACTIONS, ChallengeState
from challenges.models import (
    Bid,
    Challenge,
    Reviewer,
)


def sees_evaluation(user: User, challenge: Challenge) -> bool:
    """The evaluation of opened bids is read by the poser's organisation and by operators."""
    opened = challenge.bidding_closed_at is not None and not challenge.is_first_claim
    return opened and (belongs_to(user, challenge.need.organisation) or operates(user, challenge))


def operates(user: Anyone, challenge: Challenge) -> bool:
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

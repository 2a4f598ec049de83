"""Who may do what in an evaluation. Conflicts of interest are a rule of their own: `challenges.review.conflicts`."""

from challenges.challenge.workflow import ChallengeState
from challenges.models import (
    Reviewer,
)
from challenges.review.workflow import REVIEWER_ACTIONS, ReviewerState


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

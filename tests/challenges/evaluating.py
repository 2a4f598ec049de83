"""What the tests of the evaluation share: a challenge whose bids were opened, with reviewers and their scores."""

from dataclasses import dataclass
from typing import Any

from accounts.models import Organisation
from challenges.models import (
    Bid,
    Challenge,
    Minutes,
    Reviewer,
)
from tests.factories.bids import BidFactory
from tests.factories.challenges import ChallengeFactory
from tests.factories.evaluation import MinutesFactory, ReviewerFactory, ScorecardFactory
from tests.factories.needs import NeedFactory, NeedIndicatorFactory

ANSWER = "技术路线完整，指标依据充分，综合评分第一。"
DECLINED = "方案可行，但中试验证周期比中榜方案长三个月。"


@dataclass
class Evaluation:
    challenge: Challenge
    bids: list[Bid]
    reviewers: list[Reviewer]
    minutes: Minutes | None

    @property
    def bid(self) -> Bid:
        return self.bids[0]

    @property
    def reviewer(self) -> Reviewer:
        return self.reviewers[0]


def evaluation(
    enterprise: Organisation,
    *,
    bids: int = 2,
    reviewers: int = 2,
    scored: bool = False,
    minutes: bool = False,
    signed: bool = False,
    **fields: Any,
) -> Evaluation:
    """Bids 方案 1 … n; where `scored` the first has the most points. `minutes` and `signed` imply what they need."""
    need = NeedFactory(published=True, organisation=enterprise)
    NeedIndicatorFactory(need=need)
    challenge = ChallengeFactory(need=need, **{"evaluating": True, **fields})
    entries = [BidFactory(challenge=challenge, submitted=True, label=number) for number in range(1, bids + 1)]
    people = [ReviewerFactory(challenge=challenge, active=True) for _number in range(reviewers)]
    if scored or minutes or signed:
        for place, bid in enumerate(entries):
            for reviewer in people:
                ScorecardFactory(reviewer=reviewer, bid=bid, submitted=True, points=90 - 10 * place)
    drawn_up = MinutesFactory(challenge=challenge, signed=signed) if minutes or signed else None
    return Evaluation(challenge=challenge, bids=entries, reviewers=people, minutes=drawn_up)


def awarded(enterprise: Organisation, **fields: Any) -> Evaluation:
    """The first of two bids was awarded, the second waits for its answer."""
    made = evaluation(enterprise, signed=True, **fields)
    bid = made.bid
    bid.state, bid.answer, bid.answered_at, bid.answered_by = "awarded", ANSWER, bid.submitted_at, bid.created_by
    bid.save()
    challenge = made.challenge
    challenge.state, challenge.awarded_at = "awarded", bid.answered_at
    challenge.save()
    return made

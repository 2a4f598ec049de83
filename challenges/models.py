"""What was called for, bid, reviewed and awarded: the models of every room."""

from challenges.answer.models import (
    Appeal,
)
from challenges.bid.models import (
    Bid,
    BidAttachment,
    BidQuerySet,
    BidReason,
    BidVersion,
)
from challenges.challenge.models import (
    BlindField,
    Challenge,
    ChallengeQuerySet,
    Criterion,
)
from challenges.evaluation.models import (
    Minutes,
    Signature,
)
from challenges.objection.models import (
    Objection,
    ObjectionStage,
)
from challenges.review.models import (
    Avoidance,
    Reviewer,
    Score,
    Scorecard,
)

__all__ = [
    "Appeal",
    "Avoidance",
    "Bid",
    "BidAttachment",
    "BidQuerySet",
    "BidReason",
    "BidVersion",
    "BlindField",
    "Challenge",
    "ChallengeQuerySet",
    "Criterion",
    "Minutes",
    "Objection",
    "ObjectionStage",
    "Reviewer",
    "Score",
    "Scorecard",
    "Signature",
]

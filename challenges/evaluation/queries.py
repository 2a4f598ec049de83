"""Reads of an evaluation: what is scored and by whom, what reviewers wrote, which bids were opened."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Count, Q

from challenges.bid.workflow import BidState
from challenges.models import (
    Bid,
    BidQuerySet,
    BidReason,
    Challenge,
    Reviewer,
    Scorecard,
)
from challenges.review.workflow import ReviewerState, ScorecardState


# --- Who has scored what ------------------------------------------------------------------------------------------
def scored_bids(challenge: Challenge) -> BidQuerySet:
    """The bids reviewers score: all that were handed in but those answered as not eligible."""
    bids = Bid.objects.handed_in().filter(challenge=challenge, label__isnull=False)
    return bids.exclude(state=BidState.DECLINED, reason=BidReason.NOT_ELIGIBLE).order_by("label")


def is_fully_scored(challenge: Challenge) -> bool:
    """Somebody serves, all who serve have declared, and each has submitted a scorecard for every bid."""
    serving = challenge.reviewers.serving()
    people = serving.count()
    bids = scored_bids(challenge)
    if not people or serving.exclude(state=ReviewerState.ACTIVE).exists() or not (number := bids.count()):
        return False
    submitted = Scorecard.objects.filter(reviewer__in=serving, bid__in=bids, state=ScorecardState.SUBMITTED)
    return submitted.count() == people * number


@dataclass(frozen=True, slots=True)
class Progress:
    """A reviewer and how many of the bids are scored."""

    reviewer: Reviewer
    done: int
    total: int
    has_signed: bool
    conflicts: list[Any] = field(default_factory=list)

    @property
    def dialog(self) -> str:
        """An id for this row's dialog on the page."""
        return f"remove-{self.reviewer.pk}"


def progress_of(challenge: Challenge, conflicts: Mapping[int, list[Any]]) -> list[Progress]:
    """Every reviewer there ever was, in the order of their assignment; `conflicts` of persons, by pk."""
    total = scored_bids(challenge).count()
    submitted = Q(scorecards__state=ScorecardState.SUBMITTED, scorecards__bid__in=scored_bids(challenge).values("pk"))
    reviewers = (
        challenge.reviewers.select_related("user")
        .annotate(
            done=Count("scorecards", filter=submitted, distinct=True),
            signed=Count("signatures", distinct=True),
        )
        .order_by("assigned_at", "pk")
    )
    return [
        Progress(
            reviewer=row,
            done=row.done,  # type: ignore[attr-defined]  # annotated above
            total=total,
            has_signed=bool(row.signed),  # type: ignore[attr-defined]  # annotated above
            conflicts=list(conflicts.get(row.user_id, [])),
        )
        for row in reviewers
    ]


def submitted_cards(challenge: Challenge) -> list[Scorecard]:
    """The cards that count, with reviewer, bid and scores. Only for pages shown when all are in."""
    cards = Scorecard.objects.filter(
        reviewer__in=challenge.reviewers.serving(), bid__in=scored_bids(challenge), state=ScorecardState.SUBMITTED
    )
    return list(cards.select_related("reviewer__user", "bid").prefetch_related("scores"))


def comments_on(bid: Bid) -> list[str]:
    """What the reviewers wrote about a bid, for who answers it; nothing before there are minutes."""
    cards = Scorecard.objects.filter(
        bid=bid,
        state=ScorecardState.SUBMITTED,
        reviewer__in=Reviewer.objects.filter(challenge=bid.challenge_id).serving(),
        bid__challenge__minutes__isnull=False,
    )
    return list(cards.order_by("submitted_at", "pk").values_list("comment", flat=True))


# --- Answers and appeals ------------------------------------------------------------------------------------------
def opened_bids(challenge: Challenge) -> BidQuerySet:
    """Every opened bid of a challenge with its bidder, in the order of the labels."""
    bids = Bid.objects.unsealed().filter(challenge=challenge)
    return bids.select_related("organisation", "appeal").order_by("label", "pk")

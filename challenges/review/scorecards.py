"""Scorecards: saved on the way, submitted once, and the ranking that follows from them."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from accounts.models import User
from challenges.evaluation.permissions import check_is
from challenges.evaluation.queries import is_fully_scored, scored_bids
from challenges.evaluation.ranking import (
    Card,
    Ranking,
    Weight,
    rank,
)
from challenges.models import (
    Bid,
    Challenge,
    Criterion,
    Reviewer,
    Score,
    Scorecard,
)
from challenges.review import actions as evaluation
from challenges.review import notices as telling
from challenges.review.workflow import SCORECARD_ACTIONS, ReviewerState, ScorecardState
from lib.refusals import WrongState
from lib.transitions import next_state

Points = Mapping[int, Decimal]  # pk of a criterion → 0 to 100 in halves; a criterion may be left out


class BadScore(Exception):
    """Points outside 0 to 100 or between the halves, or for no criterion of this challenge; may be shown."""


@transaction.atomic
def save_scorecard(*, reviewer: Reviewer, bid: Bid, points: Points, comment: str, by: User, at: datetime) -> Scorecard:
    """Keep what is scored so far. Scores left out are emptied. No audit row: typing is not an act."""
    reviewer = evaluation.lock_reviewer(reviewer)
    card = _open_card(reviewer, bid, "save", by=by, at=at)
    _write(card, points, comment, at)
    return card


@transaction.atomic
def submit_scorecard(
    *, reviewer: Reviewer, bid: Bid, points: Points, comment: str, by: User, at: datetime
) -> Scorecard:
    """Hand a scorecard in: every criterion has its points and there are words. It cannot be changed any more."""
    reviewer = evaluation.lock_reviewer(reviewer)
    card = _open_card(reviewer, bid, "submit", by=by, at=at)
    criteria = Criterion.objects.filter(challenge=reviewer.challenge)
    if missing := [criterion.name for criterion in criteria if criterion.pk not in points]:
        raise evaluation.NotReady(_("请为每个评分项打分，还缺：%(names)s。") % {"names": _("、").join(missing)})
    if not comment.strip():
        raise evaluation.NotReady(_("请写明评语：揭榜单位收到的答复要以评审意见为依据。"))
    _write(card, points, comment, at)
    card.state = next_state(table=SCORECARD_ACTIONS, action="submit", state=card.state)
    card.submitted_at = at
    card.save(update_fields=["state", "submitted_at"])
    evaluation.record(
        "score", reviewer, by=by, at=at, from_state=ScorecardState.DRAFT, to_state=ScorecardState.SUBMITTED
    )
    if is_fully_scored(reviewer.challenge):
        message = gettext_noop("榜单《%(title)s》的评分已全部提交，可以形成评审纪要。")
        telling.tell_poser(reviewer.challenge, "scored", message, at)
    return card


def current_ranking(challenge: Challenge) -> Ranking:
    """What the submitted scorecards of the serving reviewers give now. NotReady while any is missing."""
    if not is_fully_scored(challenge):
        raise evaluation.NotReady(_("还有评审人没有声明或没有提交全部评分表，不能计算排名。"))
    criteria = list(challenge.criteria.order_by("position", "pk"))
    cards = (
        Scorecard.objects.filter(
            reviewer__in=challenge.reviewers.serving(), bid__in=scored_bids(challenge), state=ScorecardState.SUBMITTED
        )
        .select_related("bid")
        .prefetch_related("scores")
    )
    return rank(
        weights=[Weight(criterion.name, criterion.weight) for criterion in criteria],
        cards=[card_of(card, criteria) for card in cards],
    )


def card_of(card: Scorecard, criteria: list[Criterion]) -> Card:
    """A submitted scorecard as the arithmetic takes it."""
    points = {score.criterion_id: score.points for score in card.scores.all()}
    assert card.bid.label is not None, "opened bids have a label"
    return Card(label=card.bid.label, points=tuple(points[criterion.pk] for criterion in criteria))


def _open_card(reviewer: Reviewer, bid: Bid, action: str, *, by: User, at: datetime) -> Scorecard:
    """The locked card of this reviewer and bid, made on the first save, when it may still be written."""
    check_is(by, reviewer)
    evaluation.check_evaluating(reviewer.challenge)
    if reviewer.state != ReviewerState.ACTIVE:
        raise WrongState(_("声明无利益冲突之后才能评分；已回避或已撤换的评审人不能再评分。"))
    if not scored_bids(reviewer.challenge).filter(pk=bid.pk).exists():
        raise WrongState(_("这个方案不在评审范围内。"))
    evaluation.check_still_impartial(reviewer, at)
    card, _is_new = Scorecard.objects.select_for_update().get_or_create(
        reviewer=reviewer, bid=bid, defaults={"saved_at": at}
    )
    next_state(table=SCORECARD_ACTIONS, action=action, state=card.state)
    return card


def _write(card: Scorecard, points: Points, comment: str, at: datetime) -> None:
    criteria = set(Criterion.objects.filter(challenge__reviewers=card.reviewer_id).values_list("pk", flat=True))
    for criterion, value in points.items():
        if criterion not in criteria:
            raise BadScore(_("没有这个评分项。"))
        if not value.is_finite() or not 0 <= value <= 100 or value * 2 % 1:
            raise BadScore(_("得分须在 0 到 100 之间，以 0.5 为单位。"))
    card.scores.exclude(criterion__in=points).delete()
    Score.objects.bulk_create(
        [Score(scorecard=card, criterion_id=criterion, points=value) for criterion, value in points.items()],
        update_conflicts=True,
        unique_fields=["scorecard", "criterion"],
        update_fields=["points"],
    )
    card.comment, card.saved_at = comment.strip(), at
    card.save(update_fields=["comment", "saved_at"])

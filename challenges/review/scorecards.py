"""Scorecards: saved on the way, submitted once, and the ranking that follows from them."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.audit import check_step, step
from accounts.models import User
from challenges.evaluation.notices import tell_poser
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
from challenges.review.actions import check_evaluating, check_still_impartial, lock_reviewer
from challenges.review.workflow import ReviewerState, ScorecardState
from lib.refusals import NotReady, WrongState

Points = Mapping[int, Decimal]  # pk of a criterion → 0 to 100 in halves; a criterion may be left out


@transaction.atomic
def save_scorecard(*, reviewer: Reviewer, bid: Bid, points: Points, comment: str, by: User, at: datetime) -> Scorecard:
    """Keep what is scored so far. Scores left out are emptied. No audit row: typing is not an act.

    ValidationError of `scores`: points outside 0 to 100 or between the halves, or for no criterion of this challenge.
    """
    reviewer = lock_reviewer(reviewer)
    card = _open_card(reviewer, bid, "save", by=by, at=at)
    _check_points(points, _criteria_of(reviewer))
    _write(card, points, comment, at)
    return card


@transaction.atomic
def submit_scorecard(
    *, reviewer: Reviewer, bid: Bid, points: Points, comment: str, by: User, at: datetime
) -> Scorecard:
    """Hand a scorecard in: every criterion has its points and there are words. It cannot be changed any more."""
    reviewer = lock_reviewer(reviewer)
    card = _open_card(reviewer, bid, "submit", by=by, at=at)
    criteria = _criteria_of(reviewer)
    if missing := [criterion.name for criterion in criteria if criterion.pk not in points]:
        raise NotReady(_("请为每个评分项打分，还缺：%(names)s。") % {"names": _("、").join(missing)})
    if not comment.strip():
        raise NotReady(_("请写明评语：揭榜单位收到的答复要以评审意见为依据。"))
    _check_points(points, criteria)
    _write(card, points, comment, at)
    card.submitted_at = at
    step(card, "submit", by=by, at=at, changed=["submitted_at"])
    if is_fully_scored(reviewer.challenge):
        tell_poser(reviewer.challenge, "review.scored", at)
    return card


def current_ranking(challenge: Challenge) -> Ranking:
    """What the submitted scorecards of the serving reviewers give now. NotReady while any is missing."""
    if not is_fully_scored(challenge):
        raise NotReady(_("还有评审人没有声明或没有提交全部评分表，不能计算排名。"))
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
    """The card of this reviewer and bid when it may still be written, a new one before the first save.

    The reviewer is locked, and with it all cards of that reviewer.
    """
    check_is(by, reviewer)
    check_evaluating(reviewer.challenge)
    if reviewer.state != ReviewerState.ACTIVE:
        raise WrongState(_("声明无利益冲突之后才能评分；已回避或已撤换的评审人不能再评分。"))
    if not scored_bids(reviewer.challenge).filter(pk=bid.pk).exists():
        raise WrongState(_("这个方案不在评审范围内。"))
    check_still_impartial(reviewer, at)
    card = Scorecard.objects.filter(reviewer=reviewer, bid=bid).first() or Scorecard(bid=bid)
    card.reviewer = reviewer
    check_step(card, action)
    return card


def _criteria_of(reviewer: Reviewer) -> list[Criterion]:
    return list(reviewer.challenge.criteria.order_by("position", "pk"))


def _check_points(points: Points, criteria: list[Criterion]) -> None:
    if points.keys() - {criterion.pk for criterion in criteria}:
        raise ValidationError({"scores": _("没有这个评分项。")})
    if any(not value.is_finite() or not 0 <= value <= 100 or value * 2 % 1 for value in points.values()):
        raise ValidationError({"scores": _("得分须在 0 到 100 之间，以 0.5 为单位。")})


def _write(card: Scorecard, points: Points, comment: str, at: datetime) -> None:
    card.comment, card.saved_at = comment.strip(), at
    card.save()
    card.scores.exclude(criterion__in=points).delete()
    Score.objects.bulk_create(
        [Score(scorecard=card, criterion_id=criterion, points=value) for criterion, value in points.items()],
        update_conflicts=True,
        unique_fields=["scorecard", "criterion"],
        update_fields=["points"],
    )

"""Reviewers, scorecards and minutes."""

from decimal import Decimal
from typing import Any

import factory
from django.utils import timezone

from challenges.evaluation.minutes import minutes_text
from challenges.evaluation.ranking import digest
from challenges.models import (
    Appeal,
    Minutes,
    Reviewer,
    Score,
    Scorecard,
    Signature,
)
from challenges.review.scorecards import current_ranking
from tests.factories.accounts import UserFactory
from tests.factories.bids import BidFactory
from tests.factories.challenges import ChallengeFactory


class ReviewerFactory(factory.django.DjangoModelFactory):
    """Assigned, not yet declared, unless a trait says more."""

    class Meta:
        model = Reviewer

    class Params:
        active = factory.Trait(state="active", declared_at=factory.LazyFunction(timezone.now))
        recused = factory.Trait(
            state="recused", ended_at=factory.LazyFunction(timezone.now), end_reason="与其中一家单位有合作"
        )
        removed = factory.Trait(state="removed", ended_at=factory.LazyFunction(timezone.now), end_reason="长期未评分")

    challenge = factory.SubFactory(ChallengeFactory, evaluating=True)
    user = factory.SubFactory(UserFactory)
    assigned_by = factory.SubFactory(UserFactory)


class ScorecardFactory(factory.django.DjangoModelFactory):
    """`points`: one number per criterion in their order, or one for all; None leaves the card without scores."""

    class Meta:
        model = Scorecard

    class Params:
        submitted = factory.Trait(state="submitted", submitted_at=factory.LazyFunction(timezone.now))

    reviewer = factory.SubFactory(ReviewerFactory, active=True)
    bid = factory.LazyAttribute(lambda card: BidFactory(challenge=card.reviewer.challenge, submitted=True, label=1))
    comment = "路线可行，指标依据充分，计划略紧。"
    points = 80

    @classmethod
    def _create(cls, model_class: type[Scorecard], *args: Any, **kwargs: Any) -> Scorecard:
        points = kwargs.pop("points")
        card = super()._create(model_class, *args, **kwargs)
        criteria = list(card.reviewer.challenge.criteria.order_by("position", "pk"))
        if points is not None:
            given = points if isinstance(points, list | tuple) else [points] * len(criteria)
            Score.objects.bulk_create(
                Score(scorecard=card, criterion=criterion, points=Decimal(str(value)))
                for criterion, value in zip(criteria, given, strict=True)
            )
        return card


class MinutesFactory(factory.django.DjangoModelFactory):
    """Of what the scorecards give now; `signed=True` by everybody who serves."""

    class Meta:
        model = Minutes

    challenge = factory.SubFactory(ChallengeFactory, evaluating=True)
    drawn_up_by = factory.SubFactory(UserFactory)
    signed = False

    @classmethod
    def _create(cls, model_class: type[Minutes], *args: Any, **kwargs: Any) -> Minutes:
        signed, challenge = kwargs.pop("signed"), kwargs["challenge"]
        ranking = current_ranking(challenge)
        reviewers = list(challenge.reviewers.serving().order_by("assigned_at", "pk"))
        text = minutes_text(challenge, reviewers, ranking, remarks="", at=timezone.now())
        data = ranking.to_json()
        fields = {"text": text, "ranking": data, "text_hash": digest(text=text, ranking=data), **kwargs}
        minutes = super()._create(model_class, *args, **fields)
        if signed:
            Signature.objects.bulk_create(
                Signature(minutes=minutes, reviewer=reviewer, text_hash=minutes.text_hash) for reviewer in reviewers
            )
        return minutes


class AppealFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Appeal

    class Params:
        decided = factory.Trait(
            state="dismissed",
            answer="评审程序合规，评分依据充分，维持原答复。",
            decided_at=factory.LazyFunction(timezone.now),
            decided_by=factory.SubFactory(UserFactory),
        )

    bid = factory.SubFactory(
        BidFactory, declined=True, label=1, challenge=factory.SubFactory(ChallengeFactory, awarded=True)
    )
    text = "答复称验证周期过长，但方案第三节已说明可与中试并行，周期与中榜方案相同。"
    raised_by = factory.SubFactory(UserFactory)

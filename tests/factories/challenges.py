"""Challenges in every state, with criteria that add up to 100, and objections."""

from datetime import timedelta
from typing import Any

import factory
from django.utils import timezone

from challenges.models import Challenge, Criterion, Objection
from tests.factories.accounts import OrganisationFactory, UserFactory
from tests.factories.needs import NeedFactory

CRITERIA = ("技术先进性与指标满足程度", "实施方案与进度可行性", "团队与条件", "报价合理性")


def _from_now(**delta: float) -> Any:
    return factory.LazyFunction(lambda: timezone.now() + timedelta(**delta))


class ChallengeFactory(factory.django.DjangoModelFactory):
    """A draft unless a trait says more. `weights` are those of its criteria: (50, 30, 20), or () for a first claim."""

    class Meta:
        model = Challenge

    class Params:
        first_claim = factory.Trait(mode="first_claim", weights=())
        submitted = factory.Trait(state="submitted", submitted_at=_from_now(days=-20))
        announced = factory.Trait(
            submitted_at=_from_now(days=-20),
            announced_at=_from_now(days=-15),
            announced_by=factory.SubFactory(UserFactory),
            notice_until=_from_now(days=-12),
            notice_days=3,
        )
        notice = factory.Trait(announced=True, state="notice", notice_until=_from_now(days=2))
        opened = factory.Trait(announced=True, opened_at=_from_now(days=-12))
        open_now = factory.Trait(opened=True, state="open")
        deadline_over = factory.Trait(
            opened=True,
            closes_at=_from_now(days=-1),
            bidding_closed_at=_from_now(days=-1),
            answer_by=_from_now(days=29),
        )
        evaluating = factory.Trait(deadline_over=True, state="evaluating")
        awarded = factory.Trait(deadline_over=True, state="awarded", awarded_at=_from_now(hours=-1))
        failed = factory.Trait(
            opened=True,
            closes_at=_from_now(days=-1),
            state="failed",
            ended_at=_from_now(days=-1),
            end_reason="有效揭榜数不足",
        )
        cancelled = factory.Trait(
            opened=True, state="cancelled", ended_at=_from_now(days=-1), end_reason="企业技术路线调整"
        )

    need = factory.SubFactory(NeedFactory, published=True)
    mode = "open_challenge"
    created_by = factory.SubFactory(UserFactory)
    rules = "揭榜方案须逐项回应技术指标，并附小试或中试数据。"
    eligibility = "具有独立法人资格，近三年有同类项目经验。"
    prize = 120
    closes_at = _from_now(days=10)
    weights = (50, 30, 20)
    names = CRITERIA

    @classmethod
    def _create(cls, model_class: type[Challenge], *args: Any, **kwargs: Any) -> Challenge:
        # the database refuses criteria of a challenge that was handed in: they are written while it is a draft
        weights, names = kwargs.pop("weights"), kwargs.pop("names")
        later = {name: kwargs.pop(name) for name in ("state", "ended_at") if name in kwargs}
        challenge = super()._create(model_class, *args, **kwargs)
        for position, weight in enumerate(weights):
            CriterionFactory(challenge=challenge, position=position, name=names[position], weight=weight)
        if later:
            for name, value in later.items():
                setattr(challenge, name, value)
            challenge.save(update_fields=list(later))
        return challenge


class CriterionFactory(factory.django.DjangoModelFactory):
    """Of a draft or returned challenge: the database refuses any other."""

    class Meta:
        model = Criterion

    challenge = factory.SubFactory(ChallengeFactory, weights=())
    name = factory.Sequence(lambda n: f"评分项{n}")
    weight = 100


class ObjectionFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Objection

    challenge = factory.SubFactory(ChallengeFactory, notice=True)
    stage = "notice"
    organisation = factory.SubFactory(OrganisationFactory, university=True)
    text = "申报条件中的业绩要求过于具体，排除了多数单位。"
    raised_by = factory.SubFactory(UserFactory)

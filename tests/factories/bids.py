"""Bids and claims, each with what it says."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import factory
from django.utils import timezone

from challenges.bid.asked import Asked, indicators_of
from challenges.models import Bid, BidVersion
from tests.factories.accounts import OrganisationFactory, UserFactory

PLAN = [
    {"title": "工艺定型", "month": 3, "deliverable": "工艺规范与小试报告"},
    {"title": "中试验证", "month": 9, "deliverable": "中试样件与第三方检测报告"},
]


class BidVersionFactory(factory.django.DjangoModelFactory):
    """What a bid says: complete, and answering every indicator of its need as met."""

    class Meta:
        model = BidVersion

    bid = factory.SubFactory("tests.factories.bids.BidFactory", version=None)
    number = 1
    approach = "采用真空脱气与电渣重熔联合控制夹杂物，并以循环球化退火细化碳化物，分小试、中试两步验证。"
    indicator_answers = factory.LazyAttribute(lambda version: answers_met(version.bid))
    indicators_asked = factory.LazyAttribute(
        lambda version: (
            Asked(indicators_of(version.bid.challenge.need), reached=0).kept() if version.submitted_at else None
        )
    )
    team = "示例课题组十二人，自有中试线与疲劳试验台。"
    experts = ["示例专家甲"]
    plan = factory.LazyFunction(lambda: [dict(row) for row in PLAN])
    months = 12
    price = Decimal(80)
    ip_proposal = "专利权由双方共有，需求方享有独占实施权。"
    unaffiliated = True
    saved_by = factory.SelfAttribute("bid.created_by")
    submitted_at = factory.SelfAttribute("bid.submitted_at")


class BidFactory(factory.django.DjangoModelFactory):
    """A draft with a working version, or with `submitted`, `awarded`, `declined`, `withdrawn` a bid handed in.

    Fields of its version: `BidFactory(submitted=True, version__approach="…")`; `version=None` for none at all.
    """

    class Meta:
        model = Bid
        skip_postgeneration_save = True

    class Params:
        handed_in = factory.Trait(
            submitted_at=factory.LazyFunction(timezone.now), submitted_by=factory.SelfAttribute("created_by")
        )
        answered = factory.Trait(
            handed_in=True,
            answer="综合评分第一，工艺路线与验证计划完整。",
            answered_at=factory.LazyFunction(timezone.now),
            answered_by=factory.SubFactory(UserFactory),
        )
        submitted = factory.Trait(handed_in=True, state="submitted")
        awarded = factory.Trait(answered=True, state="awarded")
        declined = factory.Trait(
            answered=True, state="declined", reason="better_bid", answer="方案可行，但验证周期长于中榜方案三个月。"
        )
        withdrawn = factory.Trait(handed_in=True, state="withdrawn", withdrawn_at=factory.LazyFunction(timezone.now))
        # The first claim, offered to the poser and not yet confirmed or refused.
        claim = factory.Trait(
            awarded=True,
            challenge=factory.SubFactory(
                "tests.factories.challenges.ChallengeFactory",
                opened=True,
                first_claim=True,
                state="awarded",
                awarded_at=factory.LazyFunction(timezone.now),
            ),
            claim_number=1,
            answer="首个符合条件的抢单，待需求方确认。",
            answered_by=None,
            offered_at=factory.LazyFunction(timezone.now),
            refusable_until=factory.LazyFunction(lambda: timezone.now() + timedelta(days=5)),
        )

    challenge = factory.SubFactory("tests.factories.challenges.ChallengeFactory", open_now=True)
    organisation = factory.SubFactory(OrganisationFactory, university=True)
    created_by = factory.SubFactory(UserFactory)

    version = factory.RelatedFactory(BidVersionFactory, factory_related_name="bid")


def answers_met(bid: Bid) -> list[dict[str, Any]]:
    """Every indicator of the need answered as met."""
    return [
        {"indicator": row.pk, "meets": "yes", "value": row.requirement, "how": "以中试样件的第三方检测报告证明。"}
        for row in bid.challenge.need.indicators.order_by("position", "pk")
    ]

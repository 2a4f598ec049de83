"""Technical needs."""

import factory
from django.utils import timezone

from accounts.models import Role, User
from needs.models import Need, NeedIndicator
from tests.factories.accounts import MembershipFactory, OrganisationFactory, UserFactory


def broker() -> User:
    """Somebody who may take care of needs."""
    return MembershipFactory(role=Role.BROKER).user


class NeedFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Need

    class Params:
        # what the database asks of a need that was submitted
        declared = factory.Trait(
            declared_at=factory.LazyFunction(timezone.now),
            declared_by=factory.SubFactory(UserFactory),
            caretaker=factory.LazyFunction(broker),
            submitted_at=factory.LazyFunction(timezone.now),
        )
        submitted = factory.Trait(declared=True, state="submitted")
        published = factory.Trait(
            declared=True,
            state="published",
            published_at=factory.LazyFunction(timezone.now),
            reviewed_at=factory.LazyFunction(timezone.now),
            # reviewed as it stands: not "changed since review"
            changed_at=factory.LazyAttribute(lambda need: need.reviewed_at),
        )
        closed = factory.Trait(
            declared=True,
            state="closed",
            published_at=factory.LazyFunction(timezone.now),
            reviewed_at=factory.LazyFunction(timezone.now),
            # reviewed as it stands: not "changed since review"
            changed_at=factory.LazyAttribute(lambda need: need.reviewed_at),
            closed_at=factory.LazyFunction(timezone.now),
            close_reason="cancelled",
        )

    organisation = factory.SubFactory(OrganisationFactory)
    title = factory.Sequence(lambda n: f"风电主轴轴承钢接触疲劳寿命提升{n}")
    need_type = "key_technology"
    industry = "C34"
    technical_field = "金属材料"
    keywords = ["轴承钢", "接触疲劳", "夹杂物"]
    background = "现用轴承钢夹杂物偏多，主轴轴承在台架试验中过早剥落，返修一次停机十四天。"
    difficulty = "氧含量与大颗粒夹杂物难以同时控制，碳化物带状偏析明显。"
    trl_min = 6
    cooperation_modes = ["joint_development"]
    region_code = "310115"
    # The database holds: what was withdrawn says when.
    withdrawn_at = factory.LazyAttribute(lambda need: timezone.now() if need.state == "withdrawn" else None)


class NeedIndicatorFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = NeedIndicator

    need = factory.SubFactory(NeedFactory)
    name = "抗拉强度"
    comparison = "ge"
    value = 1000
    unit = "MPa"

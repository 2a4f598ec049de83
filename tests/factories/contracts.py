"""Contracts, milestones, payments."""

from decimal import Decimal
from typing import Any

import factory
from django.utils import timezone

from challenges.models import Bid
from contracts.models import (
    Clause,
    Contract,
    Milestone,
    Payment,
)
from tests.factories.accounts import OrganisationFactory, UserFactory
from tests.factories.needs import NeedFactory

CLAUSES = {clause.value: f"示例约定：{clause.label}。" for clause in Clause}


class ContractFactory(factory.django.DjangoModelFactory):
    """An empty draft; `ready` misses nothing but a milestone, the others are what the database asks of their state."""

    class Meta:
        model = Contract
        skip_postgeneration_save = True

    class Params:
        ready = factory.Trait(
            kind="commissioned_development",
            amount=Decimal(100),
            payment_mode="instalments",
            rights_owner="joint",
            clauses=factory.LazyFunction(lambda: dict(CLAUSES)),
            starts_on=factory.LazyFunction(timezone.localdate),
        )
        agreed = factory.Trait(
            ready=True,
            confirmed_hash="0" * 64,
            buyer_confirmed_at=factory.LazyFunction(timezone.now),
            buyer_confirmed_by=factory.SubFactory(UserFactory),
            supplier_confirmed_at=factory.LazyFunction(timezone.now),
            supplier_confirmed_by=factory.SubFactory(UserFactory),
            signed_at=factory.LazyFunction(timezone.now),
        )
        passed = factory.Trait(
            agreed=True,
            accepted_at=factory.LazyFunction(timezone.now),
            accepted_by=factory.SubFactory(UserFactory),
            acceptance_note="全部指标达到合同约定。",
        )
        signed = factory.Trait(agreed=True, state="signed")
        rejected = factory.Trait(agreed=True, state="rejected", reject_reason="台架试验未达到约定寿命。")
        accepted = factory.Trait(passed=True, state="accepted")
        solved = factory.Trait(
            passed=True,
            state="solved",
            solved_at=factory.LazyFunction(timezone.now),
            solved_by=factory.SubFactory(UserFactory),
        )
        terminated = factory.Trait(
            state="terminated",
            terminated_at=factory.LazyFunction(timezone.now),
            terminate_reason="双方协商一致终止。",
        )

    need = factory.SubFactory(NeedFactory, published=True)
    supplier = factory.SubFactory(OrganisationFactory, university=True)
    title = factory.LazyAttribute(lambda contract: contract.need.title)
    created_by = factory.SubFactory(UserFactory)

    @factory.post_generation
    def bid(contract, create: bool, bid: Bid | None, **kwargs: Any) -> None:
        """`bid=…`: the award it came from."""
        if bid is not None:
            bid.contract = contract
            bid.save(update_fields=["contract"])


class MilestoneFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Milestone

    class Params:
        handed_over = factory.Trait(
            delivered_at=factory.LazyFunction(timezone.now),
            delivered_by=factory.SubFactory(UserFactory),
            delivery_note="样件与检测报告已提交。",
        )
        delivered = factory.Trait(handed_over=True, state="delivered")
        returned = factory.Trait(handed_over=True, state="returned", return_reason="缺少第三方检测报告。")
        accepted = factory.Trait(
            handed_over=True,
            state="accepted",
            accepted_at=factory.LazyFunction(timezone.now),
            accepted_by=factory.SubFactory(UserFactory),
        )

    contract = factory.SubFactory(ContractFactory, signed=True)
    position = factory.Sequence(lambda n: n + 1)
    title = factory.Sequence(lambda n: f"示例里程碑{n}")
    deliverable = "样件 3 套，第三方检测报告 1 份。"
    due_on = factory.LazyFunction(timezone.localdate)
    payment = Decimal(100)


class PaymentFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Payment

    contract = factory.SubFactory(ContractFactory, signed=True)
    kind = "instalment"
    amount = Decimal(30)
    paid_on = factory.LazyFunction(timezone.localdate)
    recorded_by = factory.SubFactory(UserFactory)


def in_state(state: str, **fields: Any) -> Contract:
    """A contract in `state`, with what the database asks of it."""
    return ContractFactory(**({} if state == "draft" else {state: True}), **fields)

"""Research outputs and institution profiles."""

from typing import Any

import factory
from django.utils import timezone

from solutions.models import InstitutionDetail, OutputDetail, Solution, SolutionIndicator
from tests.factories.accounts import OrganisationFactory

OUTPUT_FIELDS = {field.name for field in OutputDetail._meta.get_fields()}


class OutputFactory(factory.django.DjangoModelFactory):
    """A research output; fields of its detail are given by their own names, e.g. `trl_min=5, trl_max=6`."""

    class Meta:
        model = Solution

    class Params:
        submitted = factory.Trait(state="submitted", submitted_at=factory.LazyFunction(timezone.now))
        published = factory.Trait(
            state="published",
            submitted_at=factory.LazyFunction(timezone.now),
            published_at=factory.LazyFunction(timezone.now),
            reviewed_at=factory.LazyFunction(timezone.now),
        )

    kind = "output"
    organisation = factory.SubFactory(OrganisationFactory, university=True)
    title = factory.Sequence(lambda n: f"高温轴承钢洁净冶炼与碳化物细化技术{n}")
    summary = "通过真空脱气与电渣重熔联合控制夹杂物，并以循环球化退火细化碳化物，显著提高轴承的接触疲劳寿命。"
    technical_field = "金属材料"
    industries = ["C31"]
    keywords = ["轴承钢", "夹杂物", "疲劳寿命"]
    region_code = "310104"

    @classmethod
    def _create(cls, model_class: type[Solution], *args: Any, **kwargs: Any) -> Solution:
        detail = {name: kwargs.pop(name) for name in list(kwargs) if name in OUTPUT_FIELDS and name != "solution"}
        solution = super()._create(model_class, *args, **kwargs)
        OutputDetail.objects.create(solution=solution, **{"trl_min": 5, "trl_max": 7, **detail})
        return solution


class ProfileFactory(factory.django.DjangoModelFactory):
    """An institution's profile."""

    class Meta:
        model = Solution

    class Params:
        published = factory.Trait(
            state="published",
            submitted_at=factory.LazyFunction(timezone.now),
            published_at=factory.LazyFunction(timezone.now),
            reviewed_at=factory.LazyFunction(timezone.now),
        )

    kind = "institution"
    one_per_organisation = True
    organisation = factory.SubFactory(OrganisationFactory, university=True)
    title = factory.LazyAttribute(lambda profile: f"{profile.organisation.name}科技服务画像")
    summary = "面向装备制造与新材料开展应用研究，设有中试基地与检测平台。"

    @classmethod
    def _create(cls, model_class: type[Solution], *args: Any, **kwargs: Any) -> Solution:
        disciplines = kwargs.pop("disciplines", ["材料科学与工程"])
        solution = super()._create(model_class, *args, **kwargs)
        InstitutionDetail.objects.create(solution=solution, disciplines=disciplines)
        return solution


class SolutionIndicatorFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = SolutionIndicator

    solution = factory.SubFactory(OutputFactory)
    name = "抗拉强度"
    comparison = "ge"
    value = 1200
    unit = "N/mm²"

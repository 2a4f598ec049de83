"""People and organisations."""

from typing import Any

import factory
from django.utils import timezone

from accounts.models import Membership, Organisation, Role, User

PASSWORD = "sunhe-Demo-2026"


class UserFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = User
        skip_postgeneration_save = True

    email = factory.Sequence(lambda n: f"person{n}@example.com")
    name = factory.Sequence(lambda n: f"示例用户{n}")

    @classmethod
    def _create(cls, model_class: type[User], *args: Any, **kwargs: Any) -> User:
        return model_class.objects.create_user(*args, password=kwargs.pop("password", PASSWORD), **kwargs)


class OrganisationFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Organisation

    class Params:
        pending = factory.Trait(state="pending", decided_at=None)
        refused = factory.Trait(state="refused", refusal_reason="资料与登记信息不一致")
        university = factory.Trait(kind="university", name=factory.Sequence(lambda n: f"示例大学{n}"))
        operator = factory.Trait(kind="operator", name=factory.Sequence(lambda n: f"示例运营中心{n}"))

    name = factory.Sequence(lambda n: f"示例制造有限公司{n}")
    kind = "enterprise"
    region_code = "310115"
    industry = "C34"
    state = "verified"
    decided_at = factory.LazyFunction(timezone.now)


class MembershipFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Membership

    user = factory.SubFactory(UserFactory)
    organisation = factory.SubFactory(OrganisationFactory)
    role = Role.OWNER

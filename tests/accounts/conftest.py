"""What the tests of accounts share."""

from datetime import datetime, timedelta

import pytest
from django.utils import timezone
from stdnum.cn import uscc

from accounts.models import Invitation, Membership, Organisation, Role, User
from tests.factories.accounts import MembershipFactory, OrganisationFactory


@pytest.fixture
def at() -> datetime:
    return timezone.now()


@pytest.fixture
def member(enterprise: Organisation) -> User:
    """Writes for the enterprise, does not manage it."""
    return MembershipFactory(organisation=enterprise, role=Role.MEMBER, user__name="示例成员").user


@pytest.fixture
def pending(buyer: User) -> Organisation:
    """Another organisation of the buyer, waiting to be verified."""
    organisation = OrganisationFactory(pending=True, name="示例待核验制造有限公司")
    MembershipFactory(organisation=organisation, user=buyer)
    return organisation


@pytest.fixture
def refused(buyer: User) -> Organisation:
    organisation = OrganisationFactory(refused=True, name="示例未通过制造有限公司")
    MembershipFactory(organisation=organisation, user=buyer)
    return organisation


def credit_code(body: str = "91310115MA0000000") -> str:
    """The 17 characters with their right check digit; no such organisation is meant."""
    return body + uscc.calc_check_digit(body)


def membership_of(user: User, organisation: Organisation) -> Membership:
    return Membership.objects.get(user=user, organisation=organisation)


def organisation_values(**changes: object) -> dict[str, object]:
    values: dict[str, object] = {
        "name": "示例新登记有限公司",
        "kind": "enterprise",
        "credit_code": "",
        "region_code": "330100",
        "industry": "C35",
        "introduction": "做精密机床。",
        "website": "",
    }
    return values | changes


def invitation_for(email: str, organisation: Organisation, by: User, at: datetime, **fields: object) -> Invitation:
    return Invitation.objects.create(
        organisation=organisation,
        email=email,
        invited_by=by,
        **{"role": Role.MEMBER, "created_at": at, "expires_at": at + timedelta(days=14), **fields},
    )

"""Reads of accounts that pages share: the trail of an object, lists of organisations, figures."""

from datetime import datetime

from django.db.models import QuerySet

from accounts.models import (
    Invitation,
    Membership,
    Organisation,
    OrganisationKind,
    User,
)


def members_of(organisation: Organisation) -> QuerySet[Membership]:
    return (
        Membership.objects.active()
        .filter(organisation=organisation)
        .select_related("user")
        .order_by("started_at", "pk")
    )


def invitations_for(user: User, *, at: datetime) -> QuerySet[Invitation]:
    """Open invitations to the address of `user`, the one that ends first on top."""
    return (
        Invitation.objects.open(at)
        .filter(email=user.email)
        .select_related("organisation", "invited_by")
        .order_by("expires_at", "pk")
    )


def verified_operators() -> QuerySet[Organisation]:
    """Who runs the platform, by name."""
    return Organisation.objects.verified().filter(kind=OrganisationKind.OPERATOR).order_by("name", "pk")

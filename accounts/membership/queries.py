"""Members of an organisation, and invitations to a person."""

from datetime import datetime

from django.db.models import QuerySet

from accounts.models import Invitation, Membership, Organisation, User


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

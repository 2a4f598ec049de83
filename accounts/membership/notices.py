"""Who is told what about members of an organisation and invitations to it."""

from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.models import Invitation, Membership, User
from accounts.notice.actions import notify
from accounts.notice.texts import register

register(
    "membership",
    {
        "invited": _("%(organisation)s邀请您加入。"),
        "joined": _("%(person)s加入了%(organisation)s。"),
        "role": _("您在%(organisation)s的角色已调整。"),
        "ended": _("您已不再是%(organisation)s的成员。"),
    },
)


def tell_invited(invitation: Invitation, *, at: datetime) -> None:
    """Who has an account under the invited address; others get the link from the owner."""
    notify(
        recipients=User.objects.filter(email=invitation.email, is_active=True),
        event=f"invitation:{invitation.pk}:{at.isoformat()}",
        key="membership.invited",
        params={"organisation": invitation.organisation.name},
        url=reverse("accounts:invitation-accept", args=[invitation.token]),
        at=at,
    )


def tell_joined(membership: Membership, *, at: datetime) -> None:
    """The owners, except the person who joined."""
    organisation, person = membership.organisation, membership.user
    owners = Membership.objects.owners().filter(organisation=organisation).exclude(user=person)
    notify(
        recipients=[owner.user for owner in owners.select_related("user")],
        event=f"membership:{membership.pk}:joined",
        key="membership.joined",
        params={"person": person.name, "organisation": organisation.name},
        url=reverse("accounts:members", args=[organisation.code]),
        at=at,
    )


def tell_role(membership: Membership, *, at: datetime) -> None:
    """The member whose role another one changed."""
    _tell_member(membership, key="membership.role", event=f"role:{at.isoformat()}", at=at)


def tell_ended(membership: Membership, *, at: datetime) -> None:
    """The member whom an owner removed."""
    _tell_member(membership, key="membership.ended", event="ended", at=at)


def _tell_member(membership: Membership, *, key: str, event: str, at: datetime) -> None:
    notify(
        recipients=[membership.user],
        event=f"membership:{membership.pk}:{event}",
        key=key,
        params={"organisation": membership.organisation.name},
        url=membership.organisation.get_absolute_url(),
        at=at,
    )

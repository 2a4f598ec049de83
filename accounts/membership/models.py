"""Who belongs to an organisation with which role, and invitations to join."""

from __future__ import annotations

import secrets
from datetime import datetime
from typing import TYPE_CHECKING, Self, TypeGuard

from django.conf import settings
from django.db import models
from django.db.models import Exists, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.organisation.kinds import OrganisationKind
from accounts.organisation.workflow import VerificationState

if TYPE_CHECKING:
    from accounts.person.models import Anyone, User


def new_invitation_token() -> str:
    return secrets.token_urlsafe(24)


class Role(models.TextChoices):
    OWNER = "owner", _("管理员")  # manages the organisation and its members, and all a member may do
    MEMBER = "member", _("成员")  # writes, submits, answers
    BROKER = "broker", _("技术经理人")  # writes, submits, answers; may be a need's caretaker
    VIEWER = "viewer", _("只读成员")  # reads what the organisation sees


WRITING_ROLES = frozenset({Role.OWNER, Role.MEMBER, Role.BROKER})


class MembershipQuerySet(models.QuerySet["Membership"]):
    def active(self) -> Self:
        return self.filter(ended_at=None)

    def writing(self) -> Self:
        return self.active().filter(role__in=WRITING_ROLES)

    def owners(self) -> Self:
        return self.active().filter(role=Role.OWNER)

    def brokering(self) -> Self:
        """Of brokers of verified organisations: beside operators, those who may take care of others' needs."""
        return self.active().filter(role=Role.BROKER, organisation__state=VerificationState.VERIFIED)


class Membership(models.Model):
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="memberships")
    organisation = models.ForeignKey("accounts.Organisation", on_delete=models.PROTECT, related_name="memberships")
    role = models.CharField(_("角色"), max_length=10, choices=Role, default=Role.MEMBER)
    # Copied from the organisation's kind so that the database can hold "an individual has one member".
    sole = models.BooleanField(default=False)
    started_at = models.DateTimeField(_("加入时间"), default=timezone.now)
    ended_at = models.DateTimeField(_("离开时间"), null=True, blank=True)

    objects = MembershipQuerySet.as_manager()

    class Meta:
        verbose_name = _("成员关系")
        verbose_name_plural = _("成员关系")
        constraints = [
            models.UniqueConstraint(
                fields=["user", "organisation"],
                condition=Q(ended_at=None),
                name="membership_active_once_per_organisation",
            ),
            models.UniqueConstraint(
                fields=["organisation"],
                condition=Q(ended_at=None, sole=True),
                name="membership_individual_has_one_member",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} · {self.organisation}"

    @property
    def can_write(self) -> bool:
        return self.ended_at is None and self.role in WRITING_ROLES


class InvitationQuerySet(models.QuerySet["Invitation"]):
    def open(self, at: datetime) -> Self:
        """Not yet accepted and not expired; revoking an invitation lets it expire at once."""
        return self.filter(accepted_at=None, expires_at__gt=at)


class Invitation(models.Model):
    """A link by which a person joins an organisation; used once, valid for some days."""

    organisation = models.ForeignKey("accounts.Organisation", on_delete=models.CASCADE, related_name="invitations")
    email = models.EmailField(_("邮箱"))
    role = models.CharField(_("角色"), max_length=10, choices=Role, default=Role.MEMBER)
    token = models.CharField(max_length=40, unique=True, default=new_invitation_token)
    invited_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField(_("有效期至"))
    accepted_at = models.DateTimeField(_("接受时间"), null=True, blank=True)
    accepted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
    )

    objects = InvitationQuerySet.as_manager()

    class Meta:
        verbose_name = _("邀请")
        verbose_name_plural = _("邀请")
        constraints = [
            models.CheckConstraint(
                name="invitation_accepted_at_with_by",
                condition=Q(accepted_at=None, accepted_by=None)
                | Q(accepted_at__isnull=False, accepted_by__isnull=False),
            )
        ]

    def __str__(self) -> str:
        return f"{self.email} → {self.organisation}"


def is_broker_now(user: User) -> Exists:
    """A condition for filters: whoever was made a caretaker and left, or lost the role, takes care of nothing."""
    return Exists(Membership.objects.brokering().filter(user=user))


def is_operator(user: Anyone) -> TypeGuard[User]:
    """Whether `user` acts for the platform: an active writing member of a verified operator organisation.

    Asked several times a request, so the answer stays on the user object for that request's life.
    """
    if not user.is_authenticated:
        return False
    if user._is_operator is None:
        user._is_operator = (
            Membership.objects.writing()
            .filter(
                user=user,
                organisation__kind=OrganisationKind.OPERATOR,
                organisation__state=VerificationState.VERIFIED,
            )
            .exists()
        )
    return user._is_operator

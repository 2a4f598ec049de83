"""Who belongs to an organisation: inviting, joining, changing a role, leaving."""

from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from accounts import audit
from accounts.membership.notices import tell_ended, tell_invited, tell_joined, tell_role
from accounts.models import Invitation, Membership, Organisation, Role, User
from accounts.permissions import Denied, check_manages
from accounts.signals import membership_changed, membership_ending
from lib.refusals import WrongState

VALID_FOR = timedelta(days=14)


class AlreadyMember(Exception):
    """The person invited belongs to the organisation; the message may be shown."""


class LastOwner(WrongState):
    """An organisation keeps at least one owner."""


class InvitationClosed(WrongState):
    """The invitation was used, revoked or has expired."""


@transaction.atomic
def invite(*, organisation: Organisation, email: str, role: str, by: User, at: datetime) -> Invitation:
    """Make a link for `email` to join as `role`, valid for `VALID_FOR`.

    An open invitation of the same address is renewed instead: same link, new role and term. Raises `Denied`,
    `AlreadyMember`, and `WrongState` for an individual, who has exactly one member.
    """
    organisation = _locked(organisation)
    check_manages(by, organisation)
    if organisation.is_individual:
        raise WrongState(_("个人账户只有本人一名成员，不能邀请他人。"))
    email = email.lower()
    if Membership.objects.active().filter(organisation=organisation, user__email=email).exists():
        raise AlreadyMember(_("该邮箱的用户已是成员。"))
    invitation = Invitation.objects.open(at).filter(organisation=organisation, email=email).first()
    if invitation is None:
        invitation = Invitation(organisation=organisation, email=email, created_at=at)
    invitation.role, invitation.invited_by, invitation.expires_at = role, by, at + VALID_FOR
    invitation.save()
    _record("invite", organisation, masked(email), by=by, at=at, to_role=role)
    tell_invited(invitation, at=at)
    return invitation


@transaction.atomic
def revoke_invitation(*, invitation: Invitation, by: User, at: datetime) -> None:
    """Let the link expire now. Raises `Denied`, `InvitationClosed`."""
    organisation = _locked(invitation.organisation)
    check_manages(by, organisation)
    invitation = _locked_invitation(invitation.token)
    _check_open(invitation, at)
    invitation.expires_at = at
    invitation.save()
    _record("revoke", organisation, masked(invitation.email), by=by, at=at)


@transaction.atomic
def accept_invitation(*, token: str, by: User, at: datetime) -> Membership:
    """Join with the link. Accepting one's own accepted link again returns the membership.

    Raises `Denied` when the link is for another address, `InvitationClosed`, `Invitation.DoesNotExist`.
    """
    invitation = _locked_invitation(token)
    if by.email.lower() != invitation.email.lower():
        raise Denied(_("此邀请发给另一个邮箱，请用受邀邮箱登录后再接受。"))
    organisation = _locked(invitation.organisation)
    membership = Membership.objects.active().filter(user=by, organisation=organisation).first()
    if membership:
        return membership
    _check_open(invitation, at)
    invitation.accepted_at, invitation.accepted_by = at, by
    invitation.save()
    membership = Membership.objects.create(user=by, organisation=organisation, role=invitation.role, started_at=at)
    _record("join", organisation, by.name, by=by, at=at, to_role=membership.role)
    tell_joined(membership, at=at)
    return membership


@transaction.atomic
def change_role(*, membership: Membership, role: str, by: User, at: datetime) -> Membership:
    """Give a member another role. Raises `Denied`, `LastOwner`, `WrongState` when the membership has ended."""
    organisation = _locked(membership.organisation)
    check_manages(by, organisation)
    membership = _active(membership)
    before = membership.role
    if role == before:
        return membership
    if before == Role.OWNER:
        _check_another_owner(membership)
    if role == Role.VIEWER:
        membership_ending.send(Membership, membership=membership, by=by, at=at)
    membership.role = role
    membership.save()
    membership_changed.send(Membership, membership=membership, by=by, at=at)
    _record("role", organisation, membership.user.name, by=by, at=at, from_role=before, to_role=role)
    if membership.user != by:
        tell_role(membership, at=at)
    return membership


@transaction.atomic
def end_membership(*, membership: Membership, by: User, at: datetime) -> Membership:
    """Leave, or be removed by an owner. Apps above may object through `membership_ending`.

    Raises `Denied`, `LastOwner`, `WrongState` when the membership has ended.
    """
    organisation = _locked(membership.organisation)
    if membership.user != by:
        check_manages(by, organisation)
    membership = _active(membership)
    if membership.role == Role.OWNER:
        _check_another_owner(membership)
    membership_ending.send(Membership, membership=membership, by=by, at=at)
    membership.ended_at = at
    membership.save()
    membership_changed.send(Membership, membership=membership, by=by, at=at)
    _record("end", organisation, membership.user.name, by=by, at=at, from_role=membership.role)
    if membership.user != by:
        tell_ended(membership, at=at)
    return membership


def masked(email: str) -> str:
    """`zhang@example.com` → `z***@example.com`: what the audit trail keeps of an address."""
    name, _at, domain = email.partition("@")
    return f"{name[:1]}***@{domain}"


def _locked(organisation: Organisation) -> Organisation:
    # Every change of members goes through this lock, so "the last owner" cannot be two people at once.
    return Organisation.objects.select_for_update(of=("self",)).get(pk=organisation.pk)


def _locked_invitation(token: str) -> Invitation:
    return (
        Invitation.objects.select_for_update(of=("self",)).select_related("organisation", "invited_by").get(token=token)
    )


def _check_open(invitation: Invitation, at: datetime) -> None:
    if invitation.accepted_at is not None or invitation.expires_at <= at:
        raise InvitationClosed(_("邀请已失效，请联系机构管理员重新邀请。"))


def _active(membership: Membership) -> Membership:
    membership = Membership.objects.select_related("user", "organisation").get(pk=membership.pk)
    if membership.ended_at is not None:
        raise WrongState(_("该成员已离开机构。"))
    return membership


def _check_another_owner(membership: Membership) -> None:
    others = Membership.objects.owners().filter(organisation=membership.organisation).exclude(pk=membership.pk)
    if not others.exists():
        raise LastOwner(_("机构至少要有一名管理员，请先把另一名成员设为管理员。"))


def _record(
    verb: str,
    organisation: Organisation,
    who: str,
    *,
    by: User,
    at: datetime,
    from_role: str = "",
    to_role: str = "",
) -> None:
    # The organisation's code, so that its page shows the row; the label says whom it was about.
    audit.record(
        action=f"member.{verb}",
        code=organisation.code,
        label=who,
        by=by,
        at=at,
        from_state=from_role,
        to_state=to_role,
    )

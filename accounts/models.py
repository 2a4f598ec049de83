"""Who takes part, in which organisation, with which role; what they were told and what they did."""

from accounts.audit import AuditEvent
from accounts.membership.models import (
    WRITING_ROLES,
    Invitation,
    Membership,
    MembershipQuerySet,
    Role,
    is_broker_now,
    is_operator,
)
from accounts.notice.models import Notification
from accounts.organisation.kinds import SUPPLY_SIDE, OrganisationKind
from accounts.organisation.models import Organisation
from accounts.person.models import Anyone, User

__all__ = [
    "SUPPLY_SIDE",
    "WRITING_ROLES",
    "Anyone",
    "AuditEvent",
    "Invitation",
    "Membership",
    "MembershipQuerySet",
    "Notification",
    "Organisation",
    "OrganisationKind",
    "Role",
    "User",
    "is_broker_now",
    "is_operator",
]

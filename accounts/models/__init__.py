"""Who takes part, in which organisation, with which role; what they were told and what they did."""

from accounts.models.audit import AuditEvent
from accounts.models.notification import Notification
from accounts.models.organisation import Invitation, Membership, Organisation
from accounts.models.user import User

__all__ = [
    "AuditEvent",
    "Invitation",
    "Membership",
    "Notification",
    "Organisation",
    "User",
]

"""Writing the audit trail."""

from datetime import datetime

from accounts.models import AuditEvent, User


def record(
    *,
    action: str,
    code: str,
    label: str,
    by: User | None,
    at: datetime,
    from_state: str = "",
    to_state: str = "",
    reason: str = "",
) -> None:
    """Write one audit row inside the caller's transaction. `action` reads `noun.verb`, e.g. `need.publish`."""
    AuditEvent.objects.create(
        action=action,
        object_code=code,
        object_label=label[:200],
        by=by,
        at=at,
        from_state=from_state,
        to_state=to_state,
        reason=reason,
    )

"""Telling people: one notice per event and person, written in the caller's transaction."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from accounts.models import Membership, Notification, Organisation, User
from accounts.notice.texts import keys


def notify(
    *,
    recipients: Iterable[User],
    event: str,
    key: str,
    params: dict[str, Any],
    url: str,
    at: datetime,
) -> None:
    """Tell each recipient once about `event`; telling again is a no-op by the unique constraint.

    `key` names a text of some room's `notices.py` (see accounts/notice/texts.py), `params` the values of its places.
    A key nobody registered is a KeyError: it would be shown as an empty notice later.
    """
    if key not in keys():
        raise KeyError(key)
    Notification.objects.bulk_create(
        (
            Notification(
                recipient=user,
                event=event,
                key=key,
                params=params,
                url=url,
                created_at=at,
            )
            for user in recipients
        ),
        ignore_conflicts=True,
    )


def writers_of(organisation: Organisation) -> list[User]:
    """The people who answer for an organisation: its active members who may write."""
    return [
        membership.user
        for membership in Membership.objects.writing()
        .filter(organisation=organisation, user__is_active=True)
        .select_related("user")
    ]


def operators() -> list[User]:
    """Everybody who may review for the platform."""
    return list(
        User.objects.filter(
            is_active=True,
            memberships__in=Membership.objects.writing().filter(
                organisation__kind="operator", organisation__state="verified"
            ),
        ).distinct()
    )


def mark_read(*, user: User, at: datetime, pk: int | None = None) -> int:
    """Mark one notice, or all of them, as read; return how many changed."""
    unread = Notification.objects.for_user(user).unread()
    if pk is not None:
        unread = unread.filter(pk=pk)
    return unread.update(read_at=at)

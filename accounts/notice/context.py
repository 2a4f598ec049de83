"""What every page's header needs."""

from typing import Any

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from accounts.models import Notification


def unread_notices(request: HttpRequest) -> dict[str, Any]:
    """`unread_notice_count`, asked of the database only when a page shows it."""
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return {"unread_notice_count": 0}
    return {"unread_notice_count": SimpleLazyObject(lambda: Notification.objects.for_user(user).unread().count())}

"""Who hears of a follow-up: whoever it is given to, and when it is late."""

from collections.abc import Iterable
from datetime import datetime

from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.notice.actions import notify
from accounts.notice.texts import register
from care.models import FollowUp
from care.subjects import subject_of

register(
    "follow_up",
    {
        "opened": _("请于 %(day)s 前跟进《%(need)s》"),
        "owner": _("跟进《%(need)s》已交给您，计划日期 %(day)s"),
        "overdue": _("《%(need)s》的跟进已逾期，计划日期 %(day)s"),
    },
)


def tell_opened(follow_up: FollowUp, *, at: datetime) -> None:
    _tell(follow_up, "opened", [follow_up.owner], event="opened", at=at)


def tell_new_owner(follow_up: FollowUp, *, at: datetime) -> None:
    _tell(follow_up, "owner", [follow_up.owner], event=f"owner:{at.isoformat()}", at=at)


def tell_late(follow_up: FollowUp, recipients: Iterable[User], *, at: datetime) -> None:
    _tell(follow_up, "overdue", recipients, event="overdue", at=at)


def _tell(follow_up: FollowUp, name: str, recipients: Iterable[User], *, event: str, at: datetime) -> None:
    subject = subject_of(follow_up)
    notify(
        recipients=recipients,
        event=f"follow-up:{follow_up.pk}:{event}",
        key=f"follow_up.{name}",
        params={"need": subject.need.title, "day": follow_up.due_on.isoformat()},
        url=subject.get_absolute_url(),
        at=at,
    )

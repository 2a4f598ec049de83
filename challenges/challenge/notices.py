"""Who hears of what happened to a challenge. Written in the caller's transaction, once per event.

A bidder hears by a notice about its own bid (challenges/bid/notices.py) that names the need alone: nobody learns from
it who else bids, or how many.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.notice.actions import notify, operators, writers_of
from accounts.notice.texts import register
from challenges.models import Challenge

register(
    "challenge",
    {
        "submitted": _("《%(title)s》提交了榜单，等待论证。"),
        "returned": _("《%(title)s》的榜单被退回，请按论证意见修改后再提交。"),
        "announced": _("《%(title)s》已发榜，公示至 %(until)s，期满无异议即开始揭榜。"),
        "opened": _("《%(title)s》已开始揭榜，截止时间 %(until)s。"),
        "failed": _("《%(title)s》流标。可以修改条件后开展下一轮。"),
        "unsealed": _("《%(title)s》已截止并开标，请组织评审，并在 %(until)s 前答复。"),
        "unsealed_operators": _("《%(title)s》已截止并开标，等待评榜。"),
        "unsealed_bidder": _("《%(title)s》已截止，进入评榜；最迟 %(until)s 答复您。"),
        "extended": _("《%(title)s》的截止时间延至 %(until)s：%(reason)s"),
        "cancelled": _("《%(title)s》的榜单已终止：%(reason)s"),
    },
)


def tell(
    recipients: Iterable[User],
    challenge: Challenge,
    key: str,
    at: datetime,
    *,
    url: str,
    about: str = "",
    **params: Any,
) -> None:
    """Send the text `key` with the need's title. `about` tells apart events of one key at one moment."""
    notify(
        recipients=recipients,
        # a challenge extended twice is two events, a task run twice is one
        event=f"{key}:{challenge.pk}:{about}:{at:%Y%m%d%H%M%S%f}",
        key=key,
        params={"title": challenge.need.title, **params},
        url=url,
        at=at,
    )


def tell_owner(challenge: Challenge, key: str, at: datetime, *, about: str = "", **params: Any) -> None:
    """The poser's writers and the need's caretaker."""
    people = writers_of(challenge.need.organisation)
    if challenge.need.caretaker is not None:
        people.append(challenge.need.caretaker)
    tell(people, challenge, key, at, url=challenge.get_absolute_url(), about=about, **params)


def tell_operators(challenge: Challenge, key: str, at: datetime, *, about: str = "") -> None:
    tell(operators(), challenge, key, at, url=reverse("challenges:review-queue"), about=about)


def local(moment: datetime) -> str:
    """A moment as notices write it, in Asia/Shanghai."""
    return f"{timezone.localtime(moment):%Y-%m-%d %H:%M}"

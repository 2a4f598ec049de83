"""Who hears of what happened to a challenge, in which words. Written in the caller's transaction, once per event.

A bidder hears by a notice of its own that names the need alone: nobody learns from it who else bids, or how many.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_noop

from accounts.models import User
from accounts.notice.actions import notify, operators, writers_of
from challenges.models import Bid, Challenge, Objection


def event(challenge: Challenge, what: str, at: datetime) -> str:
    """Names one happening: a challenge extended twice is two events, a task run twice is one."""
    return f"challenge:{challenge.pk}:{what}:{at:%Y%m%d%H%M%S%f}"


def shown(moment: datetime) -> str:
    """A moment in words of Asia/Shanghai."""
    return f"{timezone.localtime(moment):%Y-%m-%d %H:%M}"


def tell_owner(challenge: Challenge, what: str, message: str, at: datetime, **params: Any) -> None:
    """The poser's writers and the need's caretaker."""
    people = writers_of(challenge.need.organisation)
    if challenge.need.caretaker is not None:
        people.append(challenge.need.caretaker)
    _tell(people, challenge, what, message, at, url=challenge.get_absolute_url(), **params)


def tell_operators(challenge: Challenge, what: str, message: str, at: datetime, **params: Any) -> None:
    _tell(operators(), challenge, what, message, at, url=reverse("challenges:review-queue"), **params)


def tell_bidders(
    challenge: Challenge, bids: Iterable[Bid], what: str, message: str, at: datetime, **params: Any
) -> None:
    """Each bidder about its own bid, to its own page."""
    for bid in bids:
        people, of_this_bid = writers_of(bid.organisation), f"{what}:{bid.pk}"
        _tell(people, challenge, of_this_bid, message, at, url=bid.get_absolute_url(), **params)


def tell_objector(objection: Objection, message: str, at: datetime) -> None:
    challenge = objection.challenge
    _tell(
        writers_of(objection.organisation),
        challenge,
        f"objection:{objection.pk}",
        message,
        at,
        url=challenge.get_absolute_url(),
    )


def tell_overdue(challenge: Challenge, at: datetime) -> None:
    tell_owner(
        challenge,
        "answers-overdue",
        gettext_noop("《%(title)s》的答复期限已过，仍有揭榜方案没有得到答复，请尽快逐一答复。"),
        at,
    )


def _tell(
    people: Iterable[User], challenge: Challenge, what: str, message: str, at: datetime, *, url: str, **params: Any
) -> None:
    notify(
        recipients=people,
        event=event(challenge, what, at),
        message=message,
        params={"title": challenge.need.title, **params},
        url=url,
        at=at,
    )

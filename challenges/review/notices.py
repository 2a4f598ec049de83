"""Who hears of what in an evaluation, in which words. No notice says who bids, who reviews or what was scored."""

from collections.abc import Iterable
from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext_noop

from accounts.models import User
from accounts.notice.actions import notify, operators, writers_of
from challenges.models import Bid, Challenge, Reviewer


def tell(recipients: Iterable[User], challenge: Challenge, what: str, message: str, *, url: str, at: datetime) -> None:
    """`message` has %(title)s, the need's title, and nothing else."""
    notify(
        recipients=recipients,
        event=f"challenge:{challenge.pk}:{what}:{at:%Y%m%d%H%M%S%f}",
        message=message,
        params={"title": challenge.need.title},
        url=url,
        at=at,
    )


def tell_reviewer(reviewer: Reviewer, what: str, message: str, at: datetime) -> None:
    url = reverse("challenges:review", args=[reviewer.challenge.code])
    tell([reviewer.user], reviewer.challenge, what, message, url=url, at=at)


def tell_poser(challenge: Challenge, what: str, message: str, at: datetime) -> None:
    url = reverse("challenges:evaluation", args=[challenge.code])
    tell(writers_of(challenge.need.organisation), challenge, what, message, url=url, at=at)


def tell_bidder(bid: Bid, what: str, message: str, at: datetime) -> None:
    tell(writers_of(bid.organisation), bid.challenge, f"{what}:{bid.pk}", message, url=bid.get_absolute_url(), at=at)


def tell_of_appeal(bid: Bid, at: datetime) -> None:
    """Operators decide it; the poser knows of it."""
    url = reverse("challenges:evaluation", args=[bid.challenge.code])
    if bid.challenge.is_first_claim:  # there is no evaluation of claims
        url = bid.get_absolute_url()
    message = gettext_noop("有单位就需求《%(title)s》的答复提出申诉，等待处理。")
    recipients = {*operators(), *writers_of(bid.challenge.need.organisation)}
    tell(recipients, bid.challenge, f"appeal:{bid.pk}", message, url=url, at=at)

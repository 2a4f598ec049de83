"""Who hears of what happened to a bid or a claim. Before opening only its author's organisation does."""

from datetime import datetime
from typing import Any

from accounts.notice.actions import notify, writers_of
from challenges.models import Bid


def _event(bid: Bid, what: str, at: datetime) -> str:
    return f"bid:{bid.pk}:{what}:{at:%Y%m%d%H%M%S%f}"


def tell_bidder(bid: Bid, what: str, message: str, at: datetime, **params: Any) -> None:
    """`message` holds %(title)s, the need's title, and what `params` names; never anything of a bid's content."""
    notify(
        recipients=writers_of(bid.organisation),
        event=_event(bid, what, at),
        message=message,
        params={"title": bid.challenge.need.title, **params},
        url=bid.get_absolute_url(),
        at=at,
    )


def tell_poser(bid: Bid, what: str, message: str, at: datetime, **params: Any) -> None:
    """Only of claims: bids are sealed."""
    notify(
        recipients=writers_of(bid.challenge.need.organisation),
        event=_event(bid, what, at),
        message=message,
        params={"title": bid.challenge.need.title, **params},
        url=bid.get_absolute_url(),
        at=at,
    )

"""Who hears of what happened to a bid. Before opening only its author's organisation does.

No notice holds anything of a bid's content.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from accounts.notice.actions import writers_of
from accounts.notice.texts import register
from challenges.challenge.notices import tell
from challenges.models import Bid

register(
    "bid",
    {
        "submitted": _("《%(title)s》的揭榜方案第 %(number)s 版已提交，截止前可以修改或撤回。"),
        "withdrawn": _("《%(title)s》的揭榜方案已撤回，截止前可以再次提交。"),
    },
)


def tell_bidder(bid: Bid, key: str, at: datetime, **params: Any) -> None:
    """The writers of the bidder, with a link to their own bid."""
    url = bid.get_absolute_url()
    tell(writers_of(bid.organisation), bid.challenge, key, at, url=url, about=str(bid.pk), **params)


def tell_bidders(bids: Iterable[Bid], key: str, at: datetime, **params: Any) -> None:
    """Each bidder about its own bid."""
    for bid in bids:
        tell_bidder(bid, key, at, **params)

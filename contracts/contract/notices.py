"""Who hears of what happened to a contract, in which words. Written in the caller's transaction, once per event."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from accounts.notice.actions import notify, writers_of
from contracts.models import Contract, Side

BOTH = (Side.BUYER, Side.SUPPLIER)


def other(side: Side) -> Side:
    return Side.SUPPLIER if side == Side.BUYER else Side.BUYER


def tell_sides(
    contract: Contract,
    sides: Iterable[Side],
    what: str,
    message: str,
    at: datetime,
    *,
    params: dict[str, Any] | None = None,
    url: str = "",
) -> None:
    """Tell the writers of `sides`; `message` has %(title)s, the need's title, and what `params` adds."""
    organisations = {Side.BUYER: contract.need.organisation, Side.SUPPLIER: contract.supplier}
    for side in sides:
        notify(
            recipients=writers_of(organisations[side]),
            event=f"contract:{contract.pk}:{what}:{at:%Y%m%d%H%M%S%f}",
            message=message,
            params={"title": contract.need.title, **(params or {})},
            url=url or contract.get_absolute_url(),
            at=at,
        )

"""What a bid was asked: the indicators of its need as they stood when it was handed in, kept with the version.

The poser may edit the need once its challenge has failed or ended; what a bid promised is read beside the words it was
promised to. All indicators are kept, those hidden from the bidder too: every reader gets them by level, as of the need.
"""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from challenges.models import BidVersion
from needs.models import LEVEL_ORDER, Need, NeedIndicator

FIELDS = ("position", "name", "comparison", "value", "value_max", "unit", "condition", "necessity", "level")
NUMBERS = ("value", "value_max")

Kept = list[dict[str, Any]]


def asked_now(need: Need) -> Kept:
    """The indicators of `need` as a version keeps them."""
    return [_kept(row) for row in indicators_of(need)]


def indicators_of(need: Need) -> list[NeedIndicator]:
    return list(need.indicators.order_by("position", "pk"))


def asked_of(version: BidVersion, need: Need, *, reached: int) -> list[NeedIndicator]:
    """The indicators beside which a reader of clearance `reached` reads the answers of `version`. For reading only.

    Of a version that was handed in those it was handed in with; of one that is being written those of the need.
    """
    current = indicators_of(need)
    rows = current if version.indicators_asked is None else as_asked(version.indicators_asked, current)
    return up_to(rows, reached)


def as_asked(kept: Kept, current: Iterable[NeedIndicator]) -> list[NeedIndicator]:
    """Rows as they were asked, each at the level it has now.

    One whose words were changed since is shown to whom both the old and the new words are; one that is gone keeps its
    level.
    """
    now = {row.pk: row for row in current}
    rows = []
    for stored in kept:
        row = _restored(stored)
        if successor := now.get(row.pk):
            is_same = _content(_kept(successor)) == _content(stored)
            levels = [successor.level] if is_same else [row.level, successor.level]
            row.level = max(levels, key=LEVEL_ORDER.__getitem__)
        rows.append(row)
    return rows


def up_to(rows: Iterable[NeedIndicator], reached: int) -> list[NeedIndicator]:
    return [row for row in rows if LEVEL_ORDER[row.level] <= reached]


def _kept(row: NeedIndicator) -> dict[str, Any]:
    values = {name: getattr(row, name) for name in FIELDS}
    for name in NUMBERS:
        values[name] = None if values[name] is None else str(values[name])
    return {"pk": row.pk, **values}


def _restored(stored: Mapping[str, Any]) -> NeedIndicator:
    values = {name: stored[name] for name in FIELDS}
    for name in NUMBERS:
        values[name] = None if values[name] is None else Decimal(values[name])
    return NeedIndicator(pk=stored["pk"], **values)


def _content(stored: Mapping[str, Any]) -> dict[str, Any]:
    """What is asked, wherever it stands and whoever may read it."""
    return {name: stored[name] for name in FIELDS if name not in {"position", "level"}}

"""What a bid is asked: the indicators of its need that are disclosed to the bidder; and what a version was asked.

With a version the indicators are kept as they stood when it was handed in.

The poser may edit the need once its challenge has failed or ended; what a bid promised is read beside the words it was
promised to. All indicators are kept, those hidden from the bidder too: every reader gets them by level, as of the need.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from accounts.models import Organisation
from challenges.models import BidVersion
from needs.models import LEVEL_ORDER, Level, NamedOrganisation, NdaAcceptance, Need, NeedIndicator
from solutions.indicator.models import Necessity

FIELDS = ("position", "name", "comparison", "value", "value_max", "unit", "condition", "necessity", "level")
NUMBERS = ("value", "value_max")

Kept = list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Asked:
    """The indicators of a need as a bidder is asked them: read once in a request, for form, check and log."""

    rows: list[NeedIndicator]  # all of them, in order
    reached: int  # how far the need is disclosed to the bidder: a number of LEVEL_ORDER

    @property
    def shown(self) -> list[NeedIndicator]:
        """Those the bidder may see and answers."""
        return up_to(self.rows, self.reached)

    @property
    def hidden_must_level(self) -> Level | None:
        """The highest stage that discloses a must-indicator the bidder cannot see yet; None when it sees all."""
        hidden = [
            row.level for row in self.rows if row.necessity == Necessity.MUST and LEVEL_ORDER[row.level] > self.reached
        ]
        return Level(max(hidden, key=LEVEL_ORDER.__getitem__)) if hidden else None

    def kept(self) -> Kept:
        """As a version keeps them."""
        return [_kept(row) for row in self.rows]


def asked_for(organisation: Organisation, need: Need) -> Asked:
    """What a bid of `organisation` on `need` is asked now."""
    return Asked(indicators_of(need), level_of(organisation, need))


def level_of(organisation: Organisation, need: Need) -> int:
    """How far `need` is disclosed to `organisation` itself: a number of LEVEL_ORDER."""
    if not organisation.is_verified:
        return LEVEL_ORDER[Level.PUBLIC]
    if not NdaAcceptance.objects.in_force().filter(need=need, organisation=organisation).exists():
        return LEVEL_ORDER[Level.VERIFIED]
    if not NamedOrganisation.objects.filter(need=need, organisation=organisation).exists():
        return LEVEL_ORDER[Level.NDA]
    return LEVEL_ORDER[Level.NAMED]


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

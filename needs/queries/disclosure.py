"""A need as one person may read it. Every page, list and answer of the API shows needs only through this."""

import copy
from collections.abc import Iterable, Sequence
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.db.models import prefetch_related_objects

from accounts.models import User
from needs.models import Level, Need, NeedIndicator
from needs.models.disclosure import LEVEL_ORDER, RESTRICTABLE
from needs.permissions.disclosure import PUBLIC, Reader, clearances, clearances_of

INDICATORS = "indicators"
# What stands for nothing in each field; `budget` is two of them.
_EMPTY: dict[str, dict[str, Any]] = {
    "technical_field": {"technical_field": ""},
    "keywords": {"keywords": list},
    "background": {"background": ""},
    "difficulty": {"difficulty": ""},
    "tried": {"tried": ""},
    "benchmark": {"benchmark": ""},
    "trl_min": {"trl_min": None},
    "budget": {"budget_min": None, "budget_max": None},
    "months": {"months": None},
    "cooperation_modes": {"cooperation_modes": list},
}


def disclosed(need: Need, clearance: int) -> Need:
    """A copy for reading, with what `clearance` does not reach emptied; saving it raises TypeError.

    `withheld` names what was emptied (of RESTRICTABLE, and "indicators" when rows are missing) and `shown_indicators`
    lists the rows in order; `indicators.all()` holds no others either.
    """
    view = copy.copy(need)
    withheld = {name for name in RESTRICTABLE if LEVEL_ORDER[need.level_of(name)] > clearance}
    for name in withheld:
        for field, empty in _EMPTY[name].items():
            setattr(view, field, empty() if callable(empty) else empty)
    rows = _rows(need)
    shown = [row for row in rows if LEVEL_ORDER[row.level] <= clearance]
    if len(shown) < len(rows):
        withheld.add(INDICATORS)
    view.withheld = frozenset(withheld)
    view.shown_indicators = shown
    _keep_only(view, shown)
    return view


def disclosed_to(user: User | AnonymousUser | None, need: Need) -> Need:
    return disclosed_list(user, [need])[0]


def disclosed_list(user: User | AnonymousUser | None, needs: Iterable[Need]) -> list[Need]:
    """The views of many needs in their order, with a constant number of queries."""
    listed = list(needs)
    return _views(listed, clearances(user, listed))


def disclosed_to_reader(reader: Reader, needs: Iterable[Need]) -> list[Need]:
    """The same for a caller who has asked `reader_of`."""
    listed = list(needs)
    return _views(listed, clearances_of(reader, listed))


def public_view(need: Need) -> Need:
    """What everybody may read: what lists are narrowed by and what a supplier's matches are explained with."""
    return disclosed(need, PUBLIC)


def has_restricted(need: Need) -> bool:
    """Whether a field or an indicator is not public. Files are no part of what is matched."""
    return bool(restricted_names(need)) or any(row.level != Level.PUBLIC for row in _rows(need))


def restricted_names(need: Need) -> list[str]:
    """The fields that are not public, in the order of RESTRICTABLE."""
    return [name for name in RESTRICTABLE if need.level_of(name) != Level.PUBLIC]


def restricted_shown(view: Need, only: Sequence[str] | None = None) -> list[str]:
    """What of a `disclosed` view is not public and can be read in it: the names for the log.

    `only`: the names the page or list shows at all.
    """
    names = [
        name for name in restricted_names(view) if name not in _withheld(view) and any(_values(view, name).values())
    ]
    if any(row.level != Level.PUBLIC for row in view.shown_indicators):
        names.append(INDICATORS)
    return [name for name in names if only is None or name in only]


def _views(needs: list[Need], reached: dict[int, int]) -> list[Need]:
    prefetch_related_objects(needs, "indicators")
    return [disclosed(need, reached[need.pk]) for need in needs]


def _rows(need: Need) -> list[NeedIndicator]:
    return sorted(need.indicators.all(), key=lambda row: (row.position, row.pk))


def _keep_only(view: Need, shown: list[NeedIndicator]) -> None:
    """Whoever asks the view for its `indicators.all()` gets what it shows, without a query."""
    rows = view.indicators.all()._clone()
    rows._result_cache = shown
    rows._prefetch_done = True
    view._prefetched_objects_cache = {"indicators": rows}


def _withheld(view: Need) -> frozenset[str]:
    if view.withheld is None:
        raise TypeError("Not a view of a need: ask needs.queries.disclosure.disclosed first.")
    return view.withheld


def _values(need: Need, name: str) -> dict[str, Any]:
    return {field: getattr(need, field) for field in _EMPTY[name]}

"""The part "indicators": which of the figures a need asks for an output states and meets. Pure.

Which row of an output answers which row of the need is found in matching/engine/parts/correspondence.py.
"""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from functools import lru_cache
from typing import Any

import numpy as np

from matching.engine.documents import Indicator
from matching.engine.parts.base import (
    Finding,
    Pair,
    Pairs,
    Part,
    Sentence,
    Values,
    cents,
    split_cents,
    written,
)
from matching.engine.parts.correspondence import Correspondence, Verdict
from matching.engine.text import gettext_noop as _
from matching.engine.weights import Weights

_SIGN: Mapping[Verdict, int] = {"met": 1, "unmet": -1, "unknown": 0}


def values(pairs: Pairs) -> Values:
    """A must weighs twice a wish; met adds its share of the points, unmet costs it, unknown does neither."""
    given = [sum(_points(answers, pairs.weights)) for answers in pairs.answers]
    return np.array(given) / 100 / (pairs.weights.points["indicators"] or 1.0)


def _points(answers: Sequence[Correspondence], weights: Weights) -> list[int]:
    """What each row brings, in cents: the points are split so that rows add up to the part."""
    shares = _shares(cents(weights.points["indicators"]), tuple(row.need.must for row in answers))
    return [share * _SIGN[row.verdict] for share, row in zip(shares, answers, strict=True)]


@lru_cache(maxsize=1024)
def _shares(whole: int, musts: tuple[bool, ...]) -> list[int]:
    return split_cents(whole, [2.0 if must else 1.0 for must in musts])


def explain(pair: Pair, value: float) -> Finding:
    rows = pair.answers
    if not rows:
        return Finding(Sentence("indicators", "not_asked"))
    verdicts = [row.verdict for row in rows]
    points = _points(rows, pair.weights)
    return Finding(
        Sentence("indicators", "counts", {verdict: verdicts.count(verdict) for verdict in _SIGN}),
        tuple(_detail(row, of_row) for row, of_row in zip(rows, points, strict=True)),
        fits=tuple(_sentence(row) for row in rows if row.verdict == "met"),
        misses=tuple(_sentence(row) for row in rows if row.verdict == "unmet"),
        unknowns=tuple(_sentence(row) for row in rows if row.verdict == "unknown"),
    )


def _detail(row: Correspondence, points: int) -> Mapping[str, Any]:
    """Both rows as written, and what the solution's value is in the need's unit."""
    return {
        "need": _as_written(row.need),
        "solution": row.solution and _as_written(row.solution),
        "value": row.value,
        "value_max": row.value_max,
        "verdict": row.verdict,
        "points": written(points),
    }


@lru_cache(maxsize=1 << 16)
def _as_written(indicator: Indicator) -> dict[str, Any]:
    """As plain values. The same dictionary for equal rows, over and over: nobody may change it."""
    return {name: getattr(indicator, name) for name in Indicator.__slots__}


def _sentence(row: Correspondence) -> Sentence:
    params = {"name": row.need.name, "wanted": quantity(row.need)}
    if row.solution is None:
        return Sentence("indicators", "missing", params)
    return Sentence("indicators", row.verdict, {**params, "offered": quantity(row.solution)})


def quantity(row: Indicator) -> str:
    """An indicator's value as people write it: "≥ 600 MPa", "10–20 μm", never "1.2e+06"."""
    if row.comparison == "range":
        value = f"{_plain(row.value)}–{_plain(row.value_max)}"
    else:
        value = f"{ {'ge': '≥', 'le': '≤', 'eq': '='}[row.comparison] } {_plain(row.value)}"
    return f"{value} {row.unit}".strip()


def _plain(value: float | None) -> str:
    return f"{Decimal(repr(value)):f}".removesuffix(".0")


PART = Part(
    name="indicators",
    label=_("技术指标"),
    about=_("逐行比较指标并换算单位。满足加分，不满足扣分，成果没有给出的不加不扣；必达指标的分量是期望指标的两倍。"),
    brief=_("指标逐行换算比较：满足加分，不满足扣分，没给出不加不扣。"),
    texts={
        "not_asked": _("需求没有列出指标"),
        "counts": _("指标满足 %(met)s 项，不满足 %(unmet)s 项，未知 %(unknown)s 项"),
        "missing": _("指标“%(name)s”要求 %(wanted)s，成果未给出"),
        "met": _("指标“%(name)s”要求 %(wanted)s，成果为 %(offered)s，满足"),
        "unmet": _("指标“%(name)s”要求 %(wanted)s，成果为 %(offered)s，不满足"),
        "unknown": _("指标“%(name)s”要求 %(wanted)s，成果为 %(offered)s，无法判断"),
    },
    values=values,
    explain=explain,
    can_cost=True,
    is_asked=lambda need: bool(need.indicators),
    details="indicators",
)

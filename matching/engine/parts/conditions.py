"""The parts of a score that do not come from text: indicators, maturity, cooperation, price, region. Pure."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from functools import lru_cache
from typing import Any

from matching.engine.documents import Document, Indicator
from matching.engine.indicators import Correspondence, Verdict
from matching.engine.parts.base import (
    ZERO,
    Finding,
    Part,
    Sentence,
    cents,
    decimal,
    fit,
    miss,
    not_asked,
    split_points,
    unknown,
)
from matching.engine.text import gettext_noop as _
from matching.engine.weights import Weights

COMPATIBLE_MODES: Mapping[str, frozenset[str]] = {
    "lecture": frozenset({"technical_consulting", "technical_service"}),
    "training": frozenset({"technical_consulting", "technical_service"}),
    "diagnosis": frozenset({"technical_consulting", "technical_service"}),
    "transfer": frozenset({"ownership_transfer"}),
    "licence": frozenset({"exclusive_licence", "sole_licence", "ordinary_licence"}),
    "equity": frozenset({"equity"}),
    "joint_development": frozenset({"joint_development"}),
    "commissioned_development": frozenset({"joint_development", "technical_service"}),
    "joint_entity": frozenset({"equity", "joint_development"}),
    "long_term_service": frozenset({"technical_service", "technical_consulting"}),
}
"""Cooperation mode of a need → transfer modes of an output that can serve it."""

_SIGN: Mapping[Verdict, int] = {"met": 1, "unmet": -1, "unknown": 0}


def most_points(need: Document, weights: Weights) -> float:
    """The most that `points` can be for what this need asks."""
    return sum(
        most
        for most, is_asked in (
            (weights.indicator_points, bool(need.indicators)),
            (weights.maturity_points, need.trl is not None),
            (weights.cooperation_points, bool(need.modes)),
            (weights.budget_points, need.budget[1] is not None),
            (weights.region_points, need.prefers_local),
        )
        if is_asked
    )


def indicators(rows: Sequence[Correspondence], weights: Weights) -> Finding:
    """A must weighs twice a wish; met adds its share of the points, unmet costs it, unknown does neither."""
    if not rows:
        return not_asked("indicators", weights.indicator_points, Sentence(_("需求没有列出指标")))
    shares = split_points(decimal(cents(weights.indicator_points)), [2.0 if row.need.must else 1.0 for row in rows])
    given = [share * _SIGN[row.verdict] for share, row in zip(shares, rows, strict=True)]
    total = sum(given, ZERO)
    verdicts = [row.verdict for row in rows]
    sentence = Sentence(
        _("指标满足 %(met)s 项，不满足 %(unmet)s 项，未知 %(unknown)s 项"),
        {verdict: verdicts.count(verdict) for verdict in _SIGN},
    )
    details = tuple(_indicator_row(row, share) for row, share in zip(rows, given, strict=True))
    return Finding(
        Part(
            "indicators",
            float(total) / (weights.indicator_points or 1.0),
            weights.indicator_points,
            total,
            sentence,
            details,
        ),
        fits=tuple(_indicator_sentence(row) for row in rows if row.verdict == "met"),
        misses=tuple(_indicator_sentence(row) for row in rows if row.verdict == "unmet"),
        unknowns=tuple(_indicator_sentence(row) for row in rows if row.verdict == "unknown"),
    )


def _indicator_row(row: Correspondence, points: Decimal) -> Mapping[str, Any]:
    """Both rows as written, and what the solution's value is in the need's unit."""
    return {
        "need": _as_written(row.need),
        "solution": row.solution and _as_written(row.solution),
        "value": row.value,
        "value_max": row.value_max,
        "verdict": row.verdict,
        "points": str(points),
    }


@lru_cache(maxsize=1 << 16)
def _as_written(indicator: Indicator) -> dict[str, Any]:
    """As plain values. The same dictionary for equal rows, over and over: nobody may change it."""
    return {name: getattr(indicator, name) for name in Indicator.__slots__}


def _indicator_sentence(row: Correspondence) -> Sentence:
    wanted = quantity(row.need)
    params = {"name": row.need.name, "wanted": wanted}
    if row.solution is None:
        return Sentence(_("指标“%(name)s”要求 %(wanted)s，成果未给出"), params)
    params["offered"] = quantity(row.solution)
    messages = {
        "met": _("指标“%(name)s”要求 %(wanted)s，成果为 %(offered)s，满足"),
        "unmet": _("指标“%(name)s”要求 %(wanted)s，成果为 %(offered)s，不满足"),
        "unknown": _("指标“%(name)s”要求 %(wanted)s，成果为 %(offered)s，无法判断"),
    }
    return Sentence(messages[row.verdict], params)


def quantity(row: Indicator) -> str:
    """An indicator's value as people write it: "≥ 600 MPa", "10–20 μm", never "1.2e+06"."""
    if row.comparison == "range":
        value = f"{_plain(row.value)}–{_plain(row.value_max)}"
    else:
        value = f"{ {'ge': '≥', 'le': '≤', 'eq': '='}[row.comparison] } {_plain(row.value)}"
    return f"{value} {row.unit}".strip()


def _plain(value: float | None) -> str:
    return f"{Decimal(repr(value)):f}".removesuffix(".0")


def levels_short(need: Document, solution: Document) -> int:
    """How many maturity levels the solution is below the least the need wants; 0 when either is unknown."""
    if need.trl is None or solution.trl is None:
        return 0
    return max(0, need.trl[0] - solution.trl[1])


def maturity_value(need: Document, solution: Document) -> float:
    """1 where it is reached, down to −1 where it is three levels short; 0 where either is unknown."""
    if need.trl is None or solution.trl is None:
        return 0.0
    short = levels_short(need, solution)
    return -min(1.0, short / 3) if short else 1.0


def cooperation_value(need: Document, solution: Document) -> float:
    if not need.modes or not solution.modes:
        return 0.0
    return 1.0 if any(COMPATIBLE_MODES[mode] & solution.modes for mode in need.modes) else -1.0


def budget_value(need: Document, solution: Document) -> float:
    """A price up to half above the most the enterprise would pay costs half: it is where people negotiate."""
    most, price = need.budget[1], solution.budget[0]
    if most is None or price is None:
        return 0.0
    if price <= most:
        return 1.0
    return -0.5 if price <= 1.5 * most else -1.0


def region_value(need: Document, solution: Document) -> float:
    """A policy preference the need switches on; distance never costs points."""
    if not need.prefers_local or not need.region or not solution.region:
        return 0.0
    if need.region[:4] == solution.region[:4]:
        return 1.0
    return 0.5 if need.region[:2] == solution.region[:2] else 0.0


def indicators_value(rows: Sequence[Correspondence]) -> float:
    """The share of what is met less what is not, from −1 to 1; a must weighs twice a wish."""
    shares = [2.0 if row.need.must else 1.0 for row in rows]
    signed = [share * _SIGN[row.verdict] for share, row in zip(shares, rows, strict=True)]
    return sum(signed) / sum(shares) if rows else 0.0


def points(rows: Sequence[Correspondence], need: Document, solution: Document, weights: Weights) -> float:
    """What all these parts bring, without a word why; exact up to the rounding of each row and part to cents."""
    return (
        weights.indicator_points * indicators_value(rows)
        + weights.maturity_points * maturity_value(need, solution)
        + weights.cooperation_points * cooperation_value(need, solution)
        + weights.budget_points * budget_value(need, solution)
        + weights.region_points * region_value(need, solution)
    )


def maturity(need: Document, solution: Document, weights: Weights) -> Finding:
    most = weights.maturity_points
    if need.trl is None:
        return not_asked("maturity", most, Sentence(_("需求不限成熟度")))
    wanted = {"wanted": need.trl[0]}
    if solution.trl is None:
        return unknown("maturity", most, Sentence(_("要求成熟度不低于 %(wanted)s 级，成果未给出"), wanted))
    params = {**wanted, "offered": solution.trl[1]}
    value = maturity_value(need, solution)
    if value > 0:
        return fit("maturity", most, Sentence(_("成熟度 %(offered)s 级，达到要求的 %(wanted)s 级"), params))
    return miss("maturity", most, Sentence(_("成熟度 %(offered)s 级，低于要求的 %(wanted)s 级"), params), value=value)


def cooperation(need: Document, solution: Document, weights: Weights) -> Finding:
    most = weights.cooperation_points
    if not need.modes:
        return not_asked("cooperation", most, Sentence(_("需求不限合作方式")))
    if not solution.modes:
        return unknown("cooperation", most, Sentence(_("成果未给出转化方式")))
    if cooperation_value(need, solution) > 0:
        return fit("cooperation", most, Sentence(_("合作方式与转化方式相容")))
    return miss("cooperation", most, Sentence(_("合作方式与转化方式不相容")))


def budget(need: Document, solution: Document, weights: Weights) -> Finding:
    most, price = need.budget[1], solution.budget[0]
    if most is None:
        return not_asked("budget", weights.budget_points, Sentence(_("需求预算面议")))
    if price is None:
        return unknown("budget", weights.budget_points, Sentence(_("成果价格面议")))
    params = {"price": f"{price:g}", "most": f"{most:g}"}
    value = budget_value(need, solution)
    if value > 0:
        sentence = Sentence(_("价格 %(price)s 万元，在预算 %(most)s 万元以内"), params)
        return fit("budget", weights.budget_points, sentence)
    sentence = Sentence(_("价格 %(price)s 万元，超过预算 %(most)s 万元"), params)
    return miss("budget", weights.budget_points, sentence, value=value)


def region(need: Document, solution: Document, weights: Weights) -> Finding:
    most = weights.region_points
    if not need.prefers_local:
        return not_asked("region", most, Sentence(_("未启用本地优先")))
    if not need.region or not solution.region:
        return unknown("region", most, Sentence(_("地区未知，无法计算本地优先")))
    value = region_value(need, solution)
    if not value:
        return not_asked("region", most, Sentence(_("本地优先：不在同一省份")))
    sentence = Sentence(_("本地优先：同一城市") if value == 1 else _("本地优先：同一省份"))
    return fit("region", most, sentence, value=value)

"""The parts of a score, by name and in the order in which they are shown. Pure.

Scoring, explanations, learning, the pages on matching and learning and the evaluation all read this table. A new part
is a file beside this one, a line here, and its points in matching/engine/weights.py.
"""

from collections.abc import Mapping

from matching.engine.parts import budget, content, cooperation, fuzzy, indicators, maturity, region, title
from matching.engine.parts.base import Pairs, Part, Values
from matching.engine.weights import Weights

PARTS: Mapping[str, Part] = {
    part.name: part
    for part in (
        title.PART,
        content.PART,
        fuzzy.PART,
        indicators.PART,
        maturity.PART,
        cooperation.PART,
        budget.PART,
        region.PART,
    )
}


def text_parts() -> list[Part]:
    return [part for part in PARTS.values() if part.is_text]


def other_parts() -> list[Part]:
    return [part for part in PARTS.values() if not part.is_text]


def points_of(values: Mapping[str, Values], weights: Weights) -> Values:
    """What parts with these values bring together, exact up to the rounding of each part to cents."""
    return sum(weights.points[name] * value for name, value in values.items())  # type: ignore[return-value]


def values_of(parts: list[Part], pairs: Pairs) -> dict[str, Values]:
    return {part.name: part.values(pairs) for part in parts}


def relevance_floor(weights: Weights) -> float:
    """The least sum of the text parts, in points: below it there is no match, whatever else fits."""
    return weights.relevance_share * sum(weights.points[part.name] for part in text_parts())

"""What a score is made of: parts with points and a sentence each. Pure.

Points are counted in cents, whole numbers, so that sums are exact; they become Decimals with two places where they are
stored.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from math import floor
from typing import Any

CENT = Decimal("0.01")
ZERO = Decimal("0.00")


@dataclass(frozen=True, slots=True)
class Sentence:
    """A Chinese msgid and the values for its %(name)s places. Who may read it is asked in
    matching/matches/explain.py."""

    msgid: str
    params: Mapping[str, Any] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        return {"msgid": self.msgid, "params": dict(self.params)}


@dataclass(frozen=True, slots=True)
class Part:
    """One reason for the score: `value` from −1 to 1 times the most it can bring, which gives the points.

    Details are JSON-ready rows; their shape depends on the part's name.
    """

    name: str
    value: float
    most: float
    points: Decimal
    sentence: Sentence
    details: Sequence[Mapping[str, Any]] = ()

    def to_json(self) -> dict[str, Any]:
        """Everything a page shows and a training reads; Decimals as strings with two places."""
        return {
            "name": self.name,
            "value": round(self.value, 4),
            "most": self.most,
            "points": str(self.points),
            "sentence": self.sentence.to_json(),
            "details": list(self.details),
        }


@dataclass(frozen=True, slots=True)
class Finding:
    """A part and what it says clearly fits, clearly does not, or is not known."""

    part: Part
    fits: tuple[Sentence, ...] = ()
    misses: tuple[Sentence, ...] = ()
    unknowns: tuple[Sentence, ...] = ()


def part(name: str, value: float, most: float, sentence: Sentence, details: Sequence[Mapping[str, Any]] = ()) -> Part:
    return Part(name, value, most, decimal(cents(value * most)), sentence, details)


def fit(name: str, most: float, sentence: Sentence, *, value: float = 1.0) -> Finding:
    return Finding(part(name, value, most, sentence), fits=(sentence,))


def miss(name: str, most: float, sentence: Sentence, *, value: float = -1.0) -> Finding:
    return Finding(part(name, value, most, sentence), misses=(sentence,))


def unknown(name: str, most: float, sentence: Sentence) -> Finding:
    return Finding(part(name, 0.0, most, sentence), unknowns=(sentence,))


def not_asked(name: str, most: float, sentence: Sentence) -> Finding:
    return Finding(part(name, 0.0, most, sentence))


def cents(points: float) -> int:
    return round(points * 100)


def decimal(cents_: int) -> Decimal:
    """Points with two places."""
    return Decimal(cents_).scaleb(-2)


def written(cents_: int) -> str:
    """The same as text: 507 is "5.07"."""
    return f"{'-' if cents_ < 0 else ''}{abs(cents_) // 100}.{abs(cents_) % 100:02}"


def split_points(points: Decimal, shares: Sequence[float]) -> list[Decimal]:
    """Split points in proportion to shares, in cents that add up exactly (largest remainder, first come first)."""
    total = sum(shares)
    if not total:
        return [ZERO] * len(shares)
    whole = int(points / CENT)
    exact = [whole * share / total for share in shares]
    split = [floor(value) for value in exact]
    by_remainder = sorted(range(len(exact)), key=lambda place: split[place] - exact[place])
    for place in by_remainder[: whole - sum(split)]:
        split[place] += 1
    return [CENT * value for value in split]

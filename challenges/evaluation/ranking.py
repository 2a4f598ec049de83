"""From scorecards to a ranking: pure arithmetic, no database, no Django.

Anybody with the points and the weights gets the same ranking and the same hash. All sums are exact fractions; only
what is shown is rounded, half up, and the ranks follow what is shown.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

# Two reviewers thirty points apart did not judge the same thing: with the customary marks (pass from 60, good from 85)
# one of them calls good what the other does not let pass. They should talk before the minutes are signed.
SPREAD_ALARM = Decimal(30)
FORMAT = 1


@dataclass(frozen=True, slots=True)
class Weight:
    """A criterion; the weights of one challenge add up to 100."""

    name: str
    weight: int


@dataclass(frozen=True, slots=True)
class Card:
    """One submitted scorecard: the bid's label, and points from 0 to 100 in the order of the weights."""

    label: int
    points: tuple[Decimal, ...]


@dataclass(frozen=True, slots=True)
class CriterionResult:
    """What all reviewers together gave one bid on one criterion; `points` ascending, so that no reviewer is told."""

    name: str
    weight: int
    points: tuple[Decimal, ...]
    mean: Decimal
    spread: Decimal

    @property
    def is_alarming(self) -> bool:
        return self.spread >= SPREAD_ALARM


@dataclass(frozen=True, slots=True)
class BidResult:
    label: int
    rank: int
    total: Decimal  # 0 to 100, two decimals
    spread: Decimal  # between the reviewers' own totals
    criteria: tuple[CriterionResult, ...]

    @property
    def is_alarming(self) -> bool:
        return self.spread >= SPREAD_ALARM or any(part.is_alarming for part in self.criteria)


@dataclass(frozen=True, slots=True)
class Ranking:
    """Best first; bids with the same total share a rank and stand in the order of their labels."""

    reviewers: int
    bids: tuple[BidResult, ...]

    def to_json(self) -> dict[str, Any]:
        """Numbers as text: JSON has no decimals."""
        return {
            "format": FORMAT,
            "reviewers": self.reviewers,
            "bids": [
                {
                    "label": bid.label,
                    "rank": bid.rank,
                    "total": str(bid.total),
                    "spread": str(bid.spread),
                    "criteria": [
                        {
                            "name": part.name,
                            "weight": part.weight,
                            "points": [str(points) for points in part.points],
                            "mean": str(part.mean),
                            "spread": str(part.spread),
                        }
                        for part in bid.criteria
                    ],
                }
                for bid in self.bids
            ],
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "Ranking":
        return cls(
            reviewers=data["reviewers"],
            bids=tuple(
                BidResult(
                    label=bid["label"],
                    rank=bid["rank"],
                    total=Decimal(bid["total"]),
                    spread=Decimal(bid["spread"]),
                    criteria=tuple(
                        CriterionResult(
                            name=part["name"],
                            weight=part["weight"],
                            points=tuple(Decimal(points) for points in part["points"]),
                            mean=Decimal(part["mean"]),
                            spread=Decimal(part["spread"]),
                        )
                        for part in bid["criteria"]
                    ),
                )
                for bid in data["bids"]
            ),
        )


def rank(*, weights: Sequence[Weight], cards: Sequence[Card]) -> Ranking:
    """Rank the bids the cards are about. Every bid needs the same number of cards; ValueError otherwise."""
    if sum(weight.weight for weight in weights) != 100:
        raise ValueError("The weights of a challenge add up to 100.")
    by_label: dict[int, list[Card]] = {}
    for card in cards:
        if len(card.points) != len(weights) or not all(0 <= points <= 100 for points in card.points):
            raise ValueError("A card has points from 0 to 100 for every criterion.")
        by_label.setdefault(card.label, []).append(card)
    if len({len(of_bid) for of_bid in by_label.values()}) > 1:
        raise ValueError("Every bid is scored by the same number of reviewers.")
    unranked = [_result(label, of_bid, weights) for label, of_bid in by_label.items()]
    totals = [bid.total for bid in unranked]
    bids = [
        BidResult(
            label=bid.label,
            rank=1 + sum(total > bid.total for total in totals),
            total=bid.total,
            spread=bid.spread,
            criteria=bid.criteria,
        )
        for bid in unranked
    ]
    reviewers = len(next(iter(by_label.values()), []))
    return Ranking(reviewers=reviewers, bids=tuple(sorted(bids, key=lambda bid: (bid.rank, bid.label))))


def weighted_total(points: Sequence[Decimal], weights: Sequence[Weight]) -> Decimal:
    """One reviewer's total of one bid, two decimals."""
    return _rounded(_total(points, weights))


def digest(*, text: str, ranking: Mapping[str, Any]) -> str:
    """SHA-256 of the minutes: their text and the ranking together, in one spelling."""
    canonical = json.dumps(
        {"text": text, "ranking": ranking}, ensure_ascii=False, sort_keys=True, separators=(",", ":")
    )
    return hashlib.sha256(canonical.encode()).hexdigest()


def _result(label: int, cards: Sequence[Card], weights: Sequence[Weight]) -> BidResult:
    totals = [_total(card.points, weights) for card in cards]
    return BidResult(
        label=label,
        rank=0,
        total=_rounded(sum(totals, Fraction()) / len(totals)),
        spread=_rounded(max(totals) - min(totals)),
        criteria=tuple(
            _criterion_result(weight, sorted(card.points[place] for card in cards))
            for place, weight in enumerate(weights)
        ),
    )


def _criterion_result(weight: Weight, points: Sequence[Decimal]) -> CriterionResult:
    mean = sum(map(Fraction, points), Fraction()) / len(points)
    return CriterionResult(
        name=weight.name,
        weight=weight.weight,
        points=tuple(value.quantize(Decimal("0.1")) for value in points),
        mean=_rounded(mean),
        spread=(points[-1] - points[0]).quantize(Decimal("0.1")),
    )


def _total(points: Sequence[Decimal], weights: Sequence[Weight]) -> Fraction:
    return (
        sum((Fraction(value) * weight.weight for value, weight in zip(points, weights, strict=True)), Fraction()) / 100
    )


def _rounded(value: Fraction) -> Decimal:
    """Two decimals, half up; `value` is never negative."""
    return Decimal((value * 200 + 1) // 2).scaleb(-2)

"""What the reserved place for another field (matching/engine/crossing.py) takes from the ranking of judged pairs."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from lab.evaluation.collection import RELEVANT, Collection
from lab.evaluation.engine import Texts
from matching.engine.crossing import with_place
from matching.engine.index import Near, overlap
from matching.engine.prepared import Prepared
from matching.engine.scoring import rank
from matching.engine.vectors import Statistics
from matching.engine.weights import DEFAULT, Weights


@dataclass(frozen=True, slots=True)
class Cost:
    """What the place takes from the ranking: mean nDCG without it less that with it, and how often it was held.

    `displaced` says in how many lists somebody had to go for it; in the others the holder was in the list anyway.
    """

    needs: int
    held: int
    displaced: int
    at_10: float
    at_20: float
    relevant: float | None  # share of holders of grade 2 or better; None when no list had one


def crossing_cost(
    without: Sequence[Sequence[int]], with_: Sequence[Sequence[int]], ideal: Sequence[Sequence[int]]
) -> tuple[float, float]:
    """Loss of mean nDCG@10 and @20: grades of each need's list without and with the place, and all its grades.

    Gain is 2^grade − 1, as everywhere in the evaluation; needs without a grade above 0 count as no loss.
    """
    losses = [
        [_ndcg(before, known, depth) - _ndcg(after, known, depth) for depth in (10, 20)]
        for before, after, known in zip(without, with_, ideal, strict=True)
    ]
    return (sum(row[0] for row in losses) / len(losses), sum(row[1] for row in losses) / len(losses))


def cost(texts: Texts, collection: Collection, weights: Weights = DEFAULT) -> Cost:
    """Each need that counts ranks its judged outputs, once without the place and once with it."""
    _segment, statistics = texts.segment(weights)
    outputs = dict(zip(collection.outputs, texts.outputs, strict=True))
    counted = {texts.pairs.needs[number]: texts.needs[number] for number in texts.pairs.counted}
    return measure(counted, outputs, collection.judgements, statistics, weights=weights)


def measure(
    needs: Mapping[str, Prepared],
    outputs: Mapping[str, Prepared],
    judgements: Mapping[str, Mapping[str, int]],
    statistics: Statistics,
    *,
    weights: Weights = DEFAULT,
    limit: int = 20,
) -> Cost:
    """Each need ranks its judged outputs, once without the place and once with it."""
    before, after, holders = [], [], []
    for need, prepared in needs.items():
        grades = judgements[need]
        query = prepared.as_need(statistics, weights)
        judged = {key: outputs[key] for key in grades}
        near = Near.of(
            [
                replace(overlap(query, solution.as_solution(statistics, weights)), key=key)
                for key, solution in judged.items()
            ]
        )
        plain = rank(prepared, near, judged, statistics, limit, weights=weights)
        placed, holder = with_place(prepared, near, judged, statistics, limit, weights=weights)
        before.append([grades[key] for key, _scored in plain])
        after.append([grades[key] for key, _scored in placed])
        if holder is not None:
            holders.append((grades[holder], holder not in dict(plain)))
    at_10, at_20 = crossing_cost(before, after, [list(judgements[need].values()) for need in needs])
    return Cost(
        needs=len(needs),
        held=len(holders),
        displaced=sum(is_new for _grade, is_new in holders),
        at_10=at_10,
        at_20=at_20,
        relevant=sum(grade >= RELEVANT for grade, _new in holders) / len(holders) if holders else None,
    )


def report(cost: Cost) -> str:
    """The cost in two lines for the evaluation's text."""
    found = "" if cost.relevant is None else f"; {cost.relevant:.0%} of its holders are of grade ≥ 2"
    return (
        f"place for another field: held in {cost.held} of {cost.needs} lists, displacing a candidate in "
        f"{cost.displaced}{found}\n"
        f"  costs nDCG@10 {cost.at_10:.4f} (none of the first ten makes way), nDCG@20 {cost.at_20:.4f}"
    )


def _ndcg(ranked: Sequence[int], known: Sequence[int], depth: int) -> float:
    ideal = _gain(sorted(known, reverse=True)[:depth])
    return _gain(ranked[:depth]) / ideal if ideal else 0.0


def _gain(grades: Sequence[int]) -> float:
    return sum((2**grade - 1) / math.log2(place + 2) for place, grade in enumerate(grades))

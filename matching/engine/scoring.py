"""What a need–solution pair scores and why: parts, each with points and one sentence, that add up to the score.

Pure: the same functions serve a Celery run, the evaluation command and a notebook. The parts themselves, with their
numbers and their texts, are in matching/engine/parts/.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from heapq import heappush, heappushpop
from typing import Any, Literal

import numpy as np

from matching.engine.calibration import least_score
from matching.engine.index import Found, Index, Near, overlap
from matching.engine.parts.base import Pair, Pairs, PartScore, Sentence, Values
from matching.engine.parts.maturity import levels_short
from matching.engine.parts.table import PARTS, other_parts, points_of, relevance_floor, text_parts, values_of
from matching.engine.prepared import Prepared
from matching.engine.vectors import Query, Statistics
from matching.engine.weights import DEFAULT, ENGINE_VERSION, Weights

Grade = Literal["high", "good", "fair", "none"]

RETRIEVE = 200
"""How many candidates of the index are looked at closely."""

_ROUNDING = 0.2
"""More than the sum of a pair's parts, each rounded to cents, can be away from the same in floating point."""

_AT_ONCE = 32
"""Pairs whose other parts are worked out together, before it is asked whether the rest can still make the list."""


@dataclass(frozen=True, slots=True)
class Scored:
    score: Decimal
    grade: Grade
    parts: tuple[PartScore, ...]
    fits: tuple[Sentence, ...]
    misses: tuple[Sentence, ...]
    unknowns: tuple[Sentence, ...]

    def to_json(self) -> dict[str, Any]:
        """Everything a page shows; Decimals as strings with two places."""
        return {
            "engine": ENGINE_VERSION,
            "score": str(self.score),
            "grade": self.grade,
            "parts": {part.name: part.to_json() for part in self.parts},
            "fits": [sentence.to_json() for sentence in self.fits],
            "misses": [sentence.to_json() for sentence in self.misses],
            "unknowns": [sentence.to_json() for sentence in self.unknowns],
        }


def retrieve(need: Prepared, index: Index, limit: int = RETRIEVE, *, weights: Weights = DEFAULT) -> Near:
    """The solutions whose text is nearest to the need's, with what `rank` scores from."""
    return index.nearest(need.as_need(index.statistics, weights), limit)


def rank(
    need: Prepared,
    near: Near,
    solutions: Mapping[str, Prepared],
    statistics: Statistics,
    limit: int,
    *,
    weights: Weights = DEFAULT,
) -> list[tuple[str, Scored]]:
    """The best `limit` of the retrieved that are a match at all (never graded "none"), best first, ties by key.

    `near` is what `retrieve` gave; keys missing from `solutions` are skipped: the caller decides which take part.
    """
    known = [place for place, key in enumerate(near.keys) if key in solutions]
    lead, content = near.lead[known].astype(np.float64), near.content[known].astype(np.float64)
    pairs = Pairs(need, [solutions[near.keys[place]] for place in known], lead, content, weights)
    query = need.as_need(statistics, weights)
    matches = []
    for row in _promising(pairs, limit):
        place = known[row.place]
        scored = _scored(row.block, row.within, row.values, query=query, found=near[place])
        if scored.grade != "none":
            matches.append((near.keys[place], scored))
    return sorted(matches, key=lambda match: (-match[1].score, match[0]))[:limit]


@dataclass(frozen=True, slots=True)
class _Row:
    """A pair that may make the list: its place among all, and in the block it was worked out with; its values."""

    score: float
    place: int
    block: Pairs
    within: int
    values: dict[str, float]


def _promising(pairs: Pairs, limit: int) -> list[_Row]:
    """Every pair that can be among the best `limit` once its parts are rounded.

    Texts are cheap to score, all at once; the other parts only where they can still bring a pair into the list, and a
    pair is explained only once it is in it.
    """
    weights, need = pairs.weights, pairs.need.document
    texts = values_of(text_parts(), pairs)
    relevance = points_of(texts, weights)
    most_of_others = sum(weights.points[part.name] for part in other_parts() if part.is_asked(need))
    fair = least_score("fair", weights)
    floor = relevance_floor(weights)
    rows: list[_Row] = []
    heads: list[float] = []  # a heap of the best scores so far
    order = np.argsort(-relevance, kind="stable")
    for start in range(0, len(order), _AT_ONCE):
        enough = max(floor, heads[0] - most_of_others) if len(heads) == limit else floor
        places = order[start : start + _AT_ONCE]
        places = places[relevance[places] + _ROUNDING >= enough]
        if not len(places):
            break
        block = pairs.at(places)
        others = values_of(other_parts(), block)
        scores = relevance[places] + points_of(others, weights)
        for within, (place, score) in enumerate(zip(places.tolist(), scores.tolist(), strict=True)):
            if score + _ROUNDING >= fair:
                values = _at(texts, place) | _at(others, within)
                rows.append(_Row(score, place, block, within, values))
                (heappush if len(heads) < limit else heappushpop)(heads, score)
    least = heads[0] - 2 * _ROUNDING if heads else 0.0
    return [row for row in rows if row.score >= least]


def score_pair(need: Prepared, solution: Prepared, statistics: Statistics, weights: Weights = DEFAULT) -> Scored:
    """Score one pair. `statistics` are always those of the solutions, from whichever side the pair was found."""
    query = need.as_need(statistics, weights)
    found = overlap(query, solution.as_solution(statistics, weights))
    pairs = _alone(need, solution, found, weights)
    return _scored(pairs, 0, _at(values_of(list(PARTS.values()), pairs), 0), query=query, found=found)


def might_match(need: Prepared, found: Found, solution: Prepared, weights: Weights = DEFAULT) -> bool:
    """Whether the texts of a pair allow a match: a cheap question before `score_pair`."""
    pairs = _alone(need, solution, found, weights)
    [relevance] = points_of(values_of(text_parts(), pairs), weights)
    return bool(relevance + _ROUNDING >= relevance_floor(weights))


def _alone(need: Prepared, solution: Prepared, found: Found, weights: Weights) -> Pairs:
    return Pairs(need, [solution], np.array([found.lead]), np.array([found.content]), weights)


def _at(values: Mapping[str, Values], place: int) -> dict[str, float]:
    return {name: float(of_part[place]) for name, of_part in values.items()}


def _scored(pairs: Pairs, place: int, values: Mapping[str, float], *, query: Query, found: Found) -> Scored:
    """The pair at `place`, with the values of its parts rounded to points and put into sentences."""
    assert found.shared is not None
    answers, weights = pairs.answers[place], pairs.weights
    pair = Pair(
        need=pairs.need,
        solution=pairs.solutions[place],
        lead=found.lead,
        content=found.content,
        answers=answers,
        weights=weights,
        query=query,
        shared=found.shared,
    )
    parts = tuple(PartScore.of(part, pair, values[part.name]) for part in PARTS.values())
    score = sum((part.points for part in parts), Decimal("0.00"))
    findings = [part.finding for part in parts]
    return Scored(
        score=score,
        grade=grade_of(
            score=score,
            relevance=sum((part.points for part in parts if PARTS[part.name].is_text), Decimal("0.00")),
            musts=[row.verdict for row in answers if row.need.must],
            levels_short=levels_short(pair.need.document, pair.solution.document),
            weights=weights,
        ),
        parts=parts,
        fits=tuple(sentence for finding in findings for sentence in finding.fits),
        misses=tuple(sentence for finding in findings for sentence in finding.misses),
        unknowns=tuple(sentence for finding in findings for sentence in finding.unknowns),
    )


def grade_of(
    *, score: Decimal, relevance: Decimal, musts: Sequence[str], levels_short: int, weights: Weights = DEFAULT
) -> Grade:
    """By the probability the score stands for, then held down: mostly missed musts are fair at most; high needs a
    must-indicator shown to be met, none missed, and a maturity less than three levels short. Words alone never make a
    high grade: of real pairs scored so by their titles alone, people found three in ten related (docs/evaluation.md).

    `relevance` is the share of the text parts in the score, `musts` the verdicts of the must-indicators,
    `levels_short` how far the maturity is below the least wanted.
    """
    if relevance < relevance_floor(weights) or score < least_score("fair", weights):
        return "none"
    missed = musts.count("unmet")
    if score < least_score("good", weights) or missed * 2 > len(musts):
        return "fair"
    if score < least_score("high", weights) or missed or "met" not in musts or levels_short >= 3:
        return "good"
    return "high"

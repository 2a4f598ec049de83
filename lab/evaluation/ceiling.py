"""How well people agree with people: the same output title judged more than once for one need.

Such twins are the only repeats there are. Their agreement says how much of a ranking's distance from 1 is noise of the
labels; a ranking by what somebody else said of the same title says what one more human would reach.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from lab.evaluation.collection import RELEVANT
from lab.evaluation.engine import Texts
from lab.evaluation.figures import (
    Figures,
    Interval,
    against,
    expected_ndcg,
    interval,
    ndcg,
)

LEAST_TWINS = 8


@dataclass(frozen=True, slots=True)
class Bounds:
    """nDCG@10 with ties against the ranking, in any order on average, and for it."""

    against: float
    expected: float
    best: float

    def __str__(self) -> str:
        return f"{self.against:.3f} / {self.expected:.3f} / {self.best:.3f}"


@dataclass(frozen=True, slots=True)
class Ceiling:
    """`human` and the rest are None where too few titles were judged more than once."""

    twins: int  # pairs of judgements of one title for one need
    same: float  # share of them with the same grade
    same_side: float  # … that agree on related or not
    engine: Bounds  # all needs that count
    texts_known: Bounds  # a ranking that knows the mean gain of each title for each need
    needs: int = 0  # with LEAST_TWINS outputs that have a twin
    human: Bounds | None = None
    human_then_engine: float | None = None  # ties of the human broken by the engine
    engine_there: Bounds | None = None
    random_there: float | None = None
    human_gain: Interval | None = None  # over the engine, both with ties in any order

    def lines(self) -> list[str]:
        lines = [
            f"one title judged more than once for one need: {self.twins} pairs of judgements, "
            f"{self.same:.0%} with the same grade, {self.same_side:.0%} agree on related or not",
            "nDCG@10 with ties against the ranking / in any order on average / for it:",
            f"  {'engine, all needs that count':44}{self.engine}",
            f"  {'knowing the mean gain of every title':44}{self.texts_known}",
        ]
        if self.human is None:
            return [*lines, f"no need has {LEAST_TWINS} outputs with a twin: one more human cannot be estimated"]
        assert self.human_gain is not None
        return [
            *lines,
            f"on the {self.needs} needs with at least {LEAST_TWINS} outputs that have a twin, and on those alone:",
            f"  {'one more human (the grades of the twins)':44}{self.human}",
            f"  {'the same, its ties broken by the engine':44}{'':8}{self.human_then_engine:.3f}",
            f"  {'engine':44}{self.engine_there}",
            f"  {'random':44}{'':8}{self.random_there:.3f}",
            f"  one more human over the engine, ties in any order: {self.human_gain.signed}",
        ]


def ceiling(texts: Texts, scores: Figures) -> Ceiling:
    pairs = texts.pairs
    gains = np.exp2(pairs.grades) - 1.0
    same = same_side = twins = 0
    known = np.zeros(len(pairs))
    others = np.full(len(pairs), np.nan)  # mean gain of the twins of a pair
    for places in _groups(texts):
        known[places] = gains[places].mean()
        if len(places) > 1:
            others[places] = (gains[places].sum() - gains[places]) / (len(places) - 1)
            grades = pairs.grades[places]
            upper = np.triu_indices(len(places), 1)
            twins += len(upper[0])
            same += int((grades[upper[0]] == grades[upper[1]]).sum())
            same_side += int(((grades[upper[0]] >= RELEVANT) == (grades[upper[1]] >= RELEVANT)).sum())
    everywhere = [pairs.of_need(number) for number in pairs.counted]
    figures = (
        twins,
        round(same / twins, 4) if twins else 0.0,
        round(same_side / twins, 4) if twins else 0.0,
        _bounds([(scores[own], pairs.grades[own]) for own in everywhere]),
        _bounds([(known[own], pairs.grades[own]) for own in everywhere]),
    )
    there = []
    for own in everywhere:
        places = np.flatnonzero(~np.isnan(others[own])) + own.start
        if len(places) >= LEAST_TWINS and pairs.grades[places].max() >= RELEVANT:
            there.append(places)
    if not there:
        return Ceiling(*figures)
    human = [(others[places], pairs.grades[places]) for places in there]
    engine = [(scores[places], pairs.grades[places]) for places in there]
    # Grades differ by a gain of 1 at least, means of them by less; a thousandth of a share of the score decides ties.
    both = [(others[places] + 1e-6 * scores[places], pairs.grades[places]) for places in there]
    random = [expected_ndcg(np.zeros(len(places)), pairs.grades[places]) for places in there]
    gain = np.array([expected_ndcg(*a) - expected_ndcg(*b) for a, b in zip(human, engine, strict=True)])
    return Ceiling(
        *figures,
        needs=len(there),
        human=_bounds(human),
        human_then_engine=_mean([expected_ndcg(*one) for one in both]),
        engine_there=_bounds(engine),
        random_there=_mean(random),
        human_gain=interval(gain),
    )


def _groups(texts: Texts) -> Iterator[Figures]:
    """The places of the pairs of one need whose outputs have one title; outputs without one stand alone."""
    groups: dict[tuple[int, str], list[int]] = {}
    for place, (need, row) in enumerate(zip(texts.pairs.need, texts.pairs.outputs, strict=True)):
        title = texts.outputs[row].names().title.strip()
        groups.setdefault((int(need), title or f"\n{place}"), []).append(place)
    yield from map(np.array, groups.values())


def _bounds(rankings: list[tuple[Figures, Figures]]) -> Bounds:
    return Bounds(
        _mean([ndcg(against(*ranking)) for ranking in rankings]),
        _mean([expected_ndcg(*ranking) for ranking in rankings]),
        _mean([ndcg(grades[np.lexsort((-grades, -scores))]) for scores, grades in rankings]),
    )


def _mean(figures: list[float]) -> float:
    return round(float(np.mean(figures)), 4)

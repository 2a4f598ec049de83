"""Graded examples → new points for the parts of the score, and whether they are any better. Pure.

`matching/learning/actions.py` reads the judgements, asks here and keeps the answer; the simulation
(tests/matching/engine/test_learning_rounds.py) asks here too, so what it measures is what runs. docs/learning.md says
the same in prose, with the figures of the simulation.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from itertools import pairwise
from math import ceil
from typing import Any
from zlib import crc32

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import expit
from scipy.stats import bootstrap

from matching.engine.learning.lessons import Lesson
from matching.engine.parts.table import PARTS
from matching.engine.weights import Weights

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Example:
    """One judged pair of a need and an output."""

    need: str
    moment: datetime
    features: Mapping[str, float]  # the value of each part, by name; a part that is not named was worth nothing
    lesson: Lesson
    poser: str = ""  # the organisation whose need it is; where it is not known, every need counts as one's own

    @property
    def voice(self) -> str:
        return self.poser or self.need


def features_of(explanation: Mapping[str, Any]) -> dict[str, float] | None:
    """The values of the parts of a match's explanation; None when it was written by an engine that gave none."""
    values = {name: float(part["value"]) for name, part in explanation["parts"].items() if "value" in part}
    return {name: values.get(name, 0.0) for name in PARTS} if values else None


def _table(rows: Sequence[Mapping[str, float]]) -> Floats:
    """A column for each of PARTS, by which `_points` and `_named` go as well."""
    table = np.array([[row.get(name, 0.0) for name in PARTS] for row in rows], dtype=np.float64)
    return table.reshape(-1, len(PARTS))


def _points(weights: Weights) -> Floats:
    return np.array([weights.points[name] for name in PARTS])


def _named(points: Floats) -> dict[str, float]:
    return {name: round(float(value), 2) for name, value in zip(PARTS, points, strict=True)}


class _Evidence:
    """Examples of needs that compare something, as arrays; rows sorted by need.

    A need counts when two of its judged pairs have different grades: only then is there an order to get right.
    """

    def __init__(self, examples: Sequence[Example]) -> None:
        by_need: dict[str, list[Example]] = {}
        for example in examples:
            if example.lesson.grade is not None:
                by_need.setdefault(example.need, []).append(example)
        counted = {need: rows for need, rows in sorted(by_need.items()) if len({row.lesson.grade for row in rows}) > 1}
        rows = [row for need in counted.values() for row in need]
        self.names = list(counted)
        self.need = np.repeat(np.arange(len(counted)), [len(rows) for rows in counted.values()])
        self.grade = np.array([row.lesson.grade for row in rows], dtype=np.int64)
        self.trust = np.array([row.lesson.trust for row in rows])
        self.features = _table([row.features for row in rows])
        self.teaches = np.array([[part in row.lesson.teaches for part in PARTS] for row in rows], dtype=bool)
        self.teaches = self.teaches.reshape(-1, len(PARTS))
        self.moment = np.array([row.moment.timestamp() for row in rows])
        voices = [need[0].voice for need in counted.values()]
        self.voice = np.unique(voices, return_inverse=True)[1].astype(np.int64)  # of each need, 0, 1, 2 …
        self.fold = np.array([crc32(name.encode()) % FOLDS for name in self.names], dtype=np.int64)
        self.better, self.worse = self._pairs()

    def _pairs(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Every two rows of one need where the first has the higher grade and there is a part both may move."""
        starts = np.searchsorted(self.need, np.arange(len(self.names) + 1))
        better, worse = [np.empty(0, dtype=np.int64)], [np.empty(0, dtype=np.int64)]
        for start, end in pairwise(starts):
            above, below = np.nonzero(self.grade[start:end, None] > self.grade[None, start:end])
            better.append(above + start)
            worse.append(below + start)
        first, second = np.concatenate(better), np.concatenate(worse)
        both = (self.teaches[first] & self.teaches[second]).any(axis=1)
        return first[both], second[both]

    def votes(self) -> Floats:
        """How much each need counts in training: one, or less where one organisation poses a large part of them."""
        most = max(1.0, LOUDEST * len(self.names))
        theirs = np.bincount(self.voice)[self.voice] if len(self.voice) else np.empty(0)
        return np.minimum(1.0, most / theirs)

    def first_moments(self) -> Floats:
        """When each need was first judged."""
        first = np.full(len(self.names), np.inf)
        np.minimum.at(first, self.need, self.moment)
        return first


# --- fitting -----------------------------------------------------------------------------------------------------

HOLD = 3.0
"""How strongly points stay where they are: moving a part by one `spread` costs as much as this many halves of a need
that is sorted no better than by chance. Few decisions move little; hundreds outweigh it."""

LOUDEST = 0.1
"""The share of all votes that the needs of one organisation may have together."""


def fit(examples: Sequence[Example], weights: Weights) -> dict[str, float]:
    """Points that order the judged pairs better than those of `weights`, and stay near them; none negative.

    Each two pairs of a need with different grades are a wish that one stand above the other: a logistic loss on the
    difference of their scores. Only parts that both decisions may teach can move to fulfil it; the others count as
    they are now. Every need has one vote, however many candidates of it were judged, and no organisation more than a
    tenth of all votes.
    """
    evidence = _Evidence(examples)
    return _named(_fit(evidence, np.ones(len(evidence.better), dtype=bool), weights))


def _fit(evidence: _Evidence, chosen: NDArray[np.bool_], weights: Weights) -> Floats:
    """`chosen` says which pairs take part."""
    now = _points(weights) / weights.spread  # in units in which a difference of one is worth e to one
    better, worse = evidence.better[chosen], evidence.worse[chosen]
    if not len(better):
        return _points(weights)
    difference = evidence.features[better] - evidence.features[worse]
    movable = difference * (evidence.teaches[better] & evidence.teaches[worse])
    fixed = (difference - movable) @ now
    importance = (
        evidence.trust[better] * evidence.trust[worse] * (evidence.grade[better] - evidence.grade[worse])
    ).astype(np.float64)
    votes = np.bincount(evidence.need[better], weights=importance, minlength=len(evidence.names))
    importance *= (evidence.votes() / np.where(votes, votes, 1.0))[evidence.need[better]]

    def loss(points: Floats) -> tuple[float, Floats]:
        odds, away = fixed + movable @ points, points - now
        slope = HOLD * away - movable.T @ (importance * expit(-odds))
        return float(importance @ np.logaddexp(0.0, -odds) + HOLD / 2 * away @ away), slope

    at_least_zero = [(0.0, None)] * len(now)
    found = minimize(loss, now, jac=True, bounds=at_least_zero, method="L-BFGS-B", options={"ftol": 0.0, "gtol": 1e-8})
    return np.asarray(found.x * weights.spread)


def recalibrated(examples: Sequence[Example], weights: Weights, points: Mapping[str, float]) -> Weights:
    """`weights` with these points, and with its probabilities as high and as far apart on these pairs as before.

    Judged pairs are no sample of the catalogue: they may say which of two fits better, not how many fit at all.
    So learning changes the order and leaves the level of the probabilities alone.
    """
    changed = weights.with_points(points)
    features = _table([example.features for example in examples])
    before, after = features @ _points(weights), features @ _points(changed)
    if len(features) < 2 or not before.std() or not after.std():
        return changed
    stretch = float(after.std() / before.std())
    zero = float(after.mean()) + (weights.zero_score - float(before.mean())) * stretch
    return replace(changed, zero_score=round(zero, 3), full_score=round(weights.full_score * stretch, 3))


# --- judging -----------------------------------------------------------------------------------------------------

FOLDS = 5
MOST_RANKS = 10  # nDCG@10
MIN_NEEDS = 60  # that compare something
MIN_EXAMPLES = 180
MIN_LATER = 20  # needs held out by time
MIN_VOICES = 10  # organisations whose needs they are
MIN_LATER_VOICES = 5
LATER_SHARE = 0.3  # of the needs, the first time anything is asked
GROWTH = 1.25  # how many times the needs of the last test before it is asked again
LEVEL = 0.05  # the chance that useless feedback is ever promoted, over all tests together
RESAMPLES = 2000


class Verdict(StrEnum):
    PROMOTED = "promoted"
    NOT_BETTER = "not_better"
    TOO_FEW = "too_few"  # needs, examples or organisations
    TOO_LITTLE_NEW = "too_little_new"  # since the last test


@dataclass(frozen=True, slots=True)
class Gain:
    """nDCG@10 on held-out needs with the points of today and with new ones; the interval is that of the gain, over
    other organisations that might have asked."""

    needs: int
    before: float
    after: float
    gain: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Decision:
    verdict: Verdict
    weights: Weights  # what would be, or is, promoted; the current ones where nothing was tried
    needs: int  # that compare something
    examples: int
    level: float  # of each one-sided interval; 0.0 where nothing was tested
    by_need: Gain | None = None
    by_time: Gain | None = None


@dataclass(frozen=True, slots=True)
class Asked:
    """What was tested before: how often, when last, and on how many needs."""

    times: int = 0
    until: datetime | None = None
    needs: int = 0


def level_of(test: int) -> float:
    """The level of the n-th test: 1/2, 1/6, 1/12 … of `LEVEL`, which add up to no more than `LEVEL` for ever."""
    return LEVEL / (test * (test + 1))


def decide(examples: Sequence[Example], *, weights: Weights, asked: Asked = Asked(), seed: int = 0) -> Decision:
    """Train on everything, test on what the training did not see, and say whether the result is to be promoted.

    Twice held out: by need (five folds), and by time (trained on what was judged before, tested on needs first
    judged after the last test). Promoted only when the lower end of the bootstrap interval of the gain is above zero
    in both, drawn by organisation: what suits one that poses half of the needs and nobody else is not better. A new
    test waits until a quarter more needs are judged and is stricter than the one before, so asking again and again
    finds nothing that is not there.
    """
    evidence = _Evidence(examples)
    needs, count = len(evidence.names), len(evidence.need)
    level = level_of(asked.times + 1)
    first = evidence.first_moments()
    if needs < MIN_NEEDS or count < MIN_EXAMPLES or len(set(evidence.voice)) < MIN_VOICES:
        return Decision(Verdict.TOO_FEW, weights, needs, count, 0.0)
    cut = float(np.quantile(first, 1 - LATER_SHARE)) if asked.until is None else asked.until.timestamp()
    later = first > cut
    is_little = later.sum() < MIN_LATER or len(set(evidence.voice[later])) < MIN_LATER_VOICES
    if needs < GROWTH * asked.needs or is_little:
        return Decision(Verdict.TOO_LITTLE_NEW, weights, needs, count, 0.0)

    by_need = _held_out_by_need(evidence, weights)
    before_cut = evidence.moment <= cut
    chosen = before_cut[evidence.better] & before_cut[evidence.worse]
    by_time = _ndcg(evidence, _fit(evidence, chosen, weights))[later]
    now = _ndcg(evidence, _points(weights))
    rng = np.random.default_rng([seed, asked.times])
    gains = (
        _gain(now, by_need, evidence.voice, level, rng),
        _gain(now[later], by_time, evidence.voice[later], level, rng),
    )

    points = _named(_fit(evidence, np.ones(len(evidence.better), dtype=bool), weights))
    better = all(gain.low > 0 for gain in gains)
    return Decision(
        verdict=Verdict.PROMOTED if better else Verdict.NOT_BETTER,
        weights=recalibrated([example for example in examples if example.lesson.grade is not None], weights, points),
        needs=needs,
        examples=count,
        level=level,
        by_need=gains[0],
        by_time=gains[1],
    )


def _held_out_by_need(evidence: _Evidence, weights: Weights) -> Floats:
    """nDCG of every need with points trained on the other folds. A need stays in its fold for ever."""
    found = np.empty(len(evidence.names))
    for fold in range(FOLDS):
        inside = evidence.fold == fold
        points = _fit(evidence, ~inside[evidence.need[evidence.better]], weights)
        found[inside] = _ndcg(evidence, points)[inside]
    return found


def _ndcg(evidence: _Evidence, points: Floats) -> Floats:
    """nDCG@10 per need; gain 2^grade - 1, and ties count against the ranking (the lower grade first)."""
    score = np.round(evidence.features @ points, 6)
    gains = np.exp2(evidence.grade) - 1
    found = _dcg(evidence.need, gains, np.lexsort((evidence.grade, -score, evidence.need)))
    return found / _dcg(evidence.need, gains, np.lexsort((-evidence.grade, evidence.need)))


def _dcg(need: NDArray[np.int64], gains: Floats, order: NDArray[np.intp]) -> Floats:
    """`order` keeps the rows of a need together, in the order of `need`."""
    rank = np.arange(len(need)) - np.searchsorted(need, need)
    discount = np.where(rank < MOST_RANKS, 1 / np.log2(rank + 2), 0.0)
    return np.bincount(need, weights=gains[order] * discount).astype(np.float64)


def _gain(before: Floats, after: Floats, voice: NDArray[np.int64], level: float, rng: np.random.Generator) -> Gain:
    """Paired by need, resampled by `voice` (the organisation of each); `level` is cut off at each end. A smaller level
    takes more resamples to be seen at all."""
    gains = after - before
    _voices, place = np.unique(voice, return_inverse=True)
    drawn = bootstrap(
        (np.bincount(place, weights=gains), np.bincount(place)),
        lambda total, needs, axis: total.sum(axis=axis) / needs.sum(axis=axis),
        n_resamples=max(RESAMPLES, ceil(10 / level)),
        batch=RESAMPLES,
        paired=True,
        vectorized=True,
        confidence_level=1 - 2 * level,
        method="percentile",
        rng=rng,
    )
    low, high = drawn.confidence_interval
    return Gain(
        needs=len(gains),
        before=float(before.mean()),
        after=float(after.mean()),
        gain=float(gains.mean()),
        low=float(low),
        high=float(high),
    )

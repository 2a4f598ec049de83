"""The figures of a ranking and how sure they are."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.stats import bootstrap

from lab.evaluation.collection import RELEVANT

DEPTH = 10
RESAMPLES, SEED = 2000, 1

Figures = NDArray[Any]
_DISCOUNT = 1 / np.log2(np.arange(DEPTH) + 2)


@dataclass(frozen=True, slots=True)
class Interval:
    """A mean over needs and its bootstrap 95 % interval."""

    mean: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.mean:.3f} [{self.low:.3f}, {self.high:.3f}]"

    @property
    def signed(self) -> str:
        return f"{self.mean:+.4f} [{self.low:+.4f}, {self.high:+.4f}]"


def interval(values: Figures, sizes: Figures | None = None) -> Interval:
    """Of the mean of one value a need; with `sizes`, of the sum of values over the sum of sizes.

    The draws have one seed, so intervals over the same needs are paired.
    """
    sizes = np.ones(len(values)) if sizes is None else sizes
    mean = low = high = float(_ratio(values, sizes))
    if len(values) > 1:  # of a single need there is nothing to draw from
        draws = bootstrap(
            (values, sizes),
            _ratio,
            n_resamples=RESAMPLES,
            paired=True,
            vectorized=True,
            method="percentile",
            rng=np.random.default_rng(SEED),
        )
        low, high = map(float, draws.confidence_interval)
    return Interval(*(round(figure, 5) for figure in (mean, low, high)))


def _ratio(values: Figures, sizes: Figures, axis: int = -1) -> Figures:
    return np.asarray(values.sum(axis=axis) / sizes.sum(axis=axis))


def against(scores: Figures, grades: Figures) -> Figures:
    """The grades in the order of scores, best first, where ties count against the system."""
    return np.asarray(grades[np.lexsort((grades, -scores))])


def ndcg(ranked: Sequence[int] | Figures) -> float:
    """Discounted gain of the first DEPTH grades over the best possible; gain 2^grade − 1."""
    gains = np.exp2(np.asarray(ranked, dtype=float)) - 1
    best = _gain(np.sort(gains)[::-1])
    return _gain(gains) / best if best else 0.0


def expected_ndcg(scores: Figures, grades: Figures) -> float:
    """The same where ties fall in any order, on average over all of them: each place of a tie gets its mean gain."""
    gains = np.exp2(grades.astype(float)) - 1
    _values, tied, sizes = np.unique(-scores, return_inverse=True, return_counts=True)
    means = np.bincount(tied, gains) / sizes
    best = _gain(np.sort(gains)[::-1])
    return _gain(np.repeat(means, sizes)) / best if best else 0.0


def _gain(gains: Figures) -> float:
    first = gains[:DEPTH]
    return float(first @ _DISCOUNT[: len(first)])


def reciprocal_rank(ranked: Sequence[int] | Figures) -> float:
    return next((1 / place for place, grade in enumerate(ranked, start=1) if grade >= RELEVANT), 0.0)


def precision(ranked: Sequence[int] | Figures, depth: int = 5) -> float:
    return sum(int(grade >= RELEVANT) for grade in ranked[:depth]) / depth


def log_loss(probability: Figures, happened: Figures) -> Figures:
    sure = np.clip(np.where(happened, probability, 1 - probability), 1e-12, 1.0)
    return np.asarray(-np.log(sure))


def folds_of(titles: Sequence[str], count: int, seed: int) -> NDArray[np.int64]:
    """A fold for each need; those with the same title share theirs, so that nothing is learnt from a twin."""
    names = sorted(set(titles))
    order = np.random.default_rng(seed).permutation(len(names))
    fold = {names[place]: number % count for number, place in enumerate(order)}
    return np.array([fold[title] for title in titles], dtype=np.int64)

"""From a score to the probability that people find the pair related, and back. Pure.

    probability = 1 / (1 + exp(−(slope · ln((score − zero) / full + shift) + offset)))

`full` is what the texts could bring at most (the points of title and content) and `zero` is 0, unless points were
learnt and both moved with them. Fitted on judged real pairs, whose texts alone decide their score; docs/evaluation.md
shows how well it holds on needs it was not fitted on. Judged pairs are candidates somebody chose to look at: of all
pairs of a catalogue far fewer are related, so the number is for comparing pairs with one another, and for grades.
"""

import math
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import expit

from matching.engine.weights import DEFAULT, Weights

Array = NDArray[Any]

_PULL = 1e-3  # towards no slope at all, so that pairs a score separates perfectly have a fit too


def score_at(share: float, weights: Weights = DEFAULT) -> float:
    """The score, in points, whose probability is `share` (above 0, below 1)."""
    odds = math.log(share / (1 - share))
    place = math.exp((odds - weights.odds_offset) / weights.odds_slope) - weights.odds_shift
    return weights.zero_score + weights.full_score * place


def least_score(grade: str, weights: Weights = DEFAULT) -> float:
    """The least score of a grade ("high", "good" or "fair"), in points."""
    return score_at({"high": weights.high, "good": weights.good, "fair": weights.fair}[grade], weights)


def probabilities(scores: Array, weights: Weights = DEFAULT) -> Array:
    """Of scores in points; scores below the zero of the scale count as that."""
    return np.asarray(1 / (1 + np.exp(-(weights.odds_slope * _places(scores, weights) + weights.odds_offset))))


def fitted(scores: Array, related: Array, weights: Weights = DEFAULT) -> Weights:
    """`weights` with the slope and offset under which these outcomes are most likely; the shift stays."""
    table = np.column_stack([_places(scores, weights), np.ones(len(scores))])
    pull = np.array([_PULL, 0.0])
    share = (np.sum(related) + 0.5) / (len(related) + 1)
    start = np.array([0.0, math.log(share / (1 - share))])

    def loss(line: Array) -> tuple[float, Array]:
        odds = table @ line
        value = np.logaddexp(0, odds).sum() - odds @ related + pull @ line**2 / 2
        return float(value), table.T @ (expit(odds) - related) + pull * line

    line = minimize(loss, start, jac=True, method="L-BFGS-B", options={"ftol": 0.0, "gtol": 1e-8}).x
    return replace(weights, odds_slope=round(float(line[0]), 3), odds_offset=round(float(line[1]), 3))


def _places(scores: Array, weights: Weights) -> Array:
    shares = np.maximum(np.asarray(scores, dtype=float) - weights.zero_score, 0.0) / weights.full_score
    return np.asarray(np.log(shares + weights.odds_shift))

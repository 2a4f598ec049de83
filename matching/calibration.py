"""From a score to the probability that people find the pair related, and back. Pure.

    probability = 1 / (1 + exp(−(slope · ln(score / full + shift) + offset)))

`full` is what the texts could bring at most (the points of title and content). Fitted on judged real pairs, whose texts
alone decide their score; docs/evaluation.md shows how well it holds on needs it was not fitted on. Judged pairs are
candidates somebody chose to look at: of all pairs of a catalogue far fewer are related, so the number is for comparing
pairs with one another, and for grades.
"""

import math
from typing import Literal

from matching.weights import DEFAULT, Weights

GradeName = Literal["high", "good", "fair"]


def probability(score: float, weights: Weights = DEFAULT) -> float:
    """Of a score in points; scores below zero count as zero."""
    full = weights.title_points + weights.content_points
    odds = weights.odds_slope * math.log(max(score, 0.0) / full + weights.odds_shift) + weights.odds_offset
    return 1 / (1 + math.exp(-odds))


def score_at(share: float, weights: Weights = DEFAULT) -> float:
    """The score, in points, whose probability is `share` (above 0, below 1)."""
    full = weights.title_points + weights.content_points
    odds = math.log(share / (1 - share))
    return full * (math.exp((odds - weights.odds_offset) / weights.odds_slope) - weights.odds_shift)


def least_score(grade: GradeName, weights: Weights = DEFAULT) -> float:
    """The least score of a grade, in points."""
    return score_at({"high": weights.high, "good": weights.good, "fair": weights.fair}[grade], weights)

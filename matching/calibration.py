"""From a score to the probability that people find the pair related, and back. Pure.

    probability = 1 / (1 + exp(−(slope · ln((score − zero) / full + shift) + offset)))

`full` is what the texts could bring at most (the points of title and content) and `zero` is 0, unless points were
learnt and both moved with them. Fitted on judged real pairs, whose texts alone decide their score; docs/evaluation.md
shows how well it holds on needs it was not fitted on. Judged pairs are candidates somebody chose to look at: of all
pairs of a catalogue far fewer are related, so the number is for comparing pairs with one another, and for grades.
"""

import math

from matching.weights import DEFAULT, Weights


def probability(score: float, weights: Weights = DEFAULT) -> float:
    """Of a score in points; scores below the zero of the scale count as that."""
    share = max(score - weights.zero_score, 0.0) / weights.full_score
    odds = weights.odds_slope * math.log(share + weights.odds_shift) + weights.odds_offset
    return 1 / (1 + math.exp(-odds))


def score_at(share: float, weights: Weights = DEFAULT) -> float:
    """The score, in points, whose probability is `share` (above 0, below 1)."""
    odds = math.log(share / (1 - share))
    place = math.exp((odds - weights.odds_offset) / weights.odds_slope) - weights.odds_shift
    return weights.zero_score + weights.full_score * place


def least_score(grade: str, weights: Weights = DEFAULT) -> float:
    """The least score of a grade ("high", "good" or "fair"), in points."""
    return score_at({"high": weights.high, "good": weights.good, "fair": weights.fair}[grade], weights)

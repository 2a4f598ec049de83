"""Points for the text parts learnt from judgements of other needs: nested cross-validation by need.

The fit is listwise: in each need the grades' gains say how likely a pair should stand first, and points are chosen so
that softmax(score) comes close, held near the shipped ones. How strongly they are held and where similarities earn half
their points is chosen in inner folds, from the training needs alone. A need and its twins share every fold.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import product

import numpy as np
from scipy.optimize import minimize

from lab.evaluation.engine import Similarities, Texts, text_points
from lab.evaluation.figures import (
    Figures,
    Interval,
    folds_of,
    interval,
    precision,
    reciprocal_rank,
)
from lab.evaluation.pairs import Pairs
from matching.engine.parts.table import text_parts
from matching.engine.weights import Weights

OUTER, INNER = 10, 5
HOLDS = (1.0, 10.0, 100.0, float("inf"))  # the last: points stay as shipped
HALVES = (0.0125, 0.025, 0.05, 0.1, 0.2)


@dataclass(frozen=True, slots=True)
class Learned:
    """Figures on needs never seen, and what was chosen in the outer folds."""

    ndcg: Interval
    mrr: Interval
    precision: Interval
    over_shipped: Interval
    over_best_simple: Interval
    best_simple: str
    points: dict[str, float]  # of each text part: the mean over folds
    spread: dict[str, float]  # their standard deviation
    kept: int  # folds in which the shipped points and curve came out best
    halves: dict[str, int]

    def lines(self) -> list[str]:
        chosen = ", ".join(f"{name} {mean:.1f} ± {self.spread[name]:.1f}" for name, mean in self.points.items())
        verdict = (
            "it pays" if self.over_shipped.low > 0 else "no gain that can be told from chance: shipped weights stay"
        )
        return [
            f"nDCG@10 {self.ndcg}   MRR {self.mrr}   P@5 {self.precision}",
            f"over the shipped weights {self.over_shipped.signed}: {verdict}",
            f"over the best simple baseline ({self.best_simple}) {self.over_best_simple.signed}",
            f"points learnt, mean over {OUTER} folds: {chosen}; shipped ones chosen in {self.kept} of {OUTER}; "
            f"half points at similarity {self.halves}",
        ]


def learn(
    texts: Texts,
    similarities: Similarities,
    weights: Weights,
    *,
    shipped: Figures,
    simple: tuple[str, Figures],
    progress: Callable[[str], None],
) -> Learned:
    """`shipped` and `simple` are nDCG@10 of each counted need by the shipped weights and by the best baseline."""
    pairs = texts.pairs
    halves = sorted({*HALVES, weights.half_similarity})
    values = {half: similarities.values(texts, replace(weights, half_similarity=half)) for half in halves}
    grid = list(product(halves, HOLDS))
    counted = np.array(pairs.counted)
    titles = [pairs.titles[number] for number in counted]
    outer = folds_of(titles, OUTER, seed=1)
    scores = np.zeros(len(pairs))
    chosen = []
    for fold in range(OUTER):
        progress(f"learning, fold {fold + 1} of {OUTER}")
        outside = np.flatnonzero(outer != fold)
        inner = folds_of([titles[place] for place in outside], INNER, seed=2)
        sums = np.zeros(len(grid))
        for hidden in range(INNER):
            known, unknown = counted[outside[inner != hidden]], outside[inner == hidden]
            for number, (half, hold) in enumerate(grid):
                points = fit(pairs, values[half], known, weights, hold)
                sums[number] += pairs.measured(values[half] @ points)[unknown].sum()
        half, hold = grid[int(sums.argmax())]
        points = fit(pairs, values[half], counted[outside], weights, hold)
        chosen.append((half, hold, points))
        for need in counted[outer == fold]:
            own = pairs.of_need(int(need))
            scores[own] = values[half][own] @ points
    ndcg = pairs.measured(scores)
    points = np.array([points for _half, _hold, points in chosen])
    return Learned(
        ndcg=interval(ndcg),
        mrr=interval(pairs.measured(scores, reciprocal_rank)),
        precision=interval(pairs.measured(scores, precision)),
        over_shipped=interval(ndcg - shipped),
        over_best_simple=interval(ndcg - simple[1]),
        best_simple=simple[0],
        points=_named(points.mean(axis=0)),
        spread=_named(points.std(axis=0)),
        kept=sum(half == weights.half_similarity and np.isinf(hold) for half, hold, _points in chosen),
        halves=dict(Counter(str(half) for half, _hold, _points in chosen)),
    )


def _named(figures: Figures) -> dict[str, float]:
    return {part.name: round(float(figure), 2) for part, figure in zip(text_parts(), figures, strict=True)}


def fit(pairs: Pairs, values: Figures, needs: Figures, weights: Weights, hold: float) -> Figures:
    """Points of the text parts from the judged pairs of these needs; none negative."""
    now = text_points(weights) / weights.spread
    if np.isinf(hold):
        return now * weights.spread
    lists = [pairs.of_need(int(need)) for need in needs]
    rows = np.concatenate([np.arange(own.start, own.stop) for own in lists])
    starts = np.cumsum([0, *(own.stop - own.start for own in lists[:-1])])
    sizes = np.array([own.stop - own.start for own in lists])
    own_values = values[rows]
    gains = np.exp2(pairs.grades[rows]) - 1.0
    wanted = gains / np.repeat(np.add.reduceat(gains, starts), sizes)

    def loss(points: Figures) -> tuple[float, Figures]:
        scores = own_values @ points
        scores = scores - np.repeat(np.maximum.reduceat(scores, starts), sizes)
        given = np.exp(scores)
        sums = np.add.reduceat(given, starts)
        away = points - now
        slope = own_values.T @ (given / np.repeat(sums, sizes) - wanted) + hold * away
        return float(np.log(sums).sum() - wanted @ scores + hold / 2 * away @ away), slope

    found = minimize(loss, now, jac=True, bounds=[(0.0, None)] * len(now), method="L-BFGS-B")
    return np.asarray(found.x * weights.spread)

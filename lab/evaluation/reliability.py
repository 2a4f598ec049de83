"""Whether the probability that people find a pair related holds: on needs the fit never saw, and with shipped numbers.

Judged pairs are candidates somebody chose to look at; of all pairs of a catalogue far fewer are related.
"""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from lab.evaluation.collection import MOST_GRADE, RELEVANT
from lab.evaluation.figures import (
    Figures,
    Interval,
    folds_of,
    interval,
    log_loss,
)
from lab.evaluation.pairs import Pairs
from matching.engine.calibration import fitted, least_score, probabilities
from matching.engine.weights import Weights

FOLDS = 10
BINS = 12
LEAST_PAIRS, LEAST_NEEDS = 200, 20


@dataclass(frozen=True, slots=True)
class Bin:
    pairs: int
    needs: int
    said: float
    found: float


@dataclass(frozen=True, slots=True)
class Held:
    """`…_gain`: how much less is lost than by saying the base rate of every pair, paired by need; above zero is good"""

    brier: float
    brier_gain: Interval
    log_loss: float
    log_loss_gain: Interval
    bins: tuple[Bin, ...]  # as many pairs in each, or nearly
    widths: tuple[Bin, ...]  # the same by tenths of the probability
    worst: float | None  # the greatest distance of said and found among all bins with enough pairs


@dataclass(frozen=True, slots=True)
class Graded:
    grade: str
    least: float
    pairs: int
    shares: tuple[float, ...]  # of the human grades 0 … 3


@dataclass(frozen=True, slots=True)
class Reliability:
    needs: int
    pairs: int
    base_rate: float
    unseen: Held
    shipped: Held
    slope: float  # fitted on all pairs
    offset: float
    shift: float
    grades: tuple[Graded, ...]

    def lines(self) -> list[str]:
        lines = [
            f"{self.pairs} judged pairs of {self.needs} needs, of which {self.base_rate:.1%} are related (grade ≥ "
            f"{RELEVANT}). Judged pairs were chosen to be judged: in a whole catalogue far fewer are related.",
        ]
        for name, held in ((f"fitted on other needs ({FOLDS} folds)", self.unseen), ("shipped numbers", self.shipped)):
            lines += [
                "",
                f"{name}: Brier {held.brier:.4f}, better than the base rate by {held.brier_gain.signed}; "
                f"log loss {held.log_loss:.4f}, by {held.log_loss_gain.signed}",
                f"  bins of at least {LEAST_PAIRS} pairs and {LEAST_NEEDS} needs, greatest distance "
                + ("– (too few pairs)" if held.worst is None else f"{held.worst:.3f}"),
                f"  {'pairs':>7}{'needs':>7}{'said':>8}{'found':>8}{'distance':>10}",
            ]
            for bins in (held.bins, held.widths):
                lines += [_bin_line(one) for one in bins]
                if bins is held.bins:
                    lines.append("  by tenths of the probability:")
        lines += [
            "",
            f"fit on all pairs: slope {self.slope:.3f}, offset {self.offset:.3f} (shift {self.shift})",
            f"  {'the engine says (least score)':34}{'pairs':>7}   human 0, 1, 2, 3",
        ]
        for row in self.grades:
            shares = "".join(f"{share:7.0%}" for share in row.shares)
            lines.append(f"  {f'{row.grade} ({row.least:.1f})':34}{row.pairs:7}{shares}")
        return lines


def _bin_line(one: Bin) -> str:
    return f"  {one.pairs:7}{one.needs:7}{one.said:8.3f}{one.found:8.3f}{one.found - one.said:+10.3f}"


def reliability(pairs: Pairs, scores: Figures, weights: Weights) -> Reliability:
    """Over all judged needs, whether their ranking counts or not."""
    related = pairs.grades >= RELEVANT
    folds = folds_of(pairs.titles, FOLDS, seed=1)[pairs.need]
    said, base = np.full((2, len(pairs)), related.mean())  # where there is no other need to learn from
    for fold in range(FOLDS):
        inside = folds == fold
        if inside.any() and not inside.all():
            said[inside] = probabilities(scores[inside], fitted(scores[~inside], related[~inside], weights))
            base[inside] = related[~inside].mean()
    all_fitted = fitted(scores, related, weights)
    return Reliability(
        needs=len(pairs.needs),
        pairs=len(pairs),
        base_rate=round(float(related.mean()), 4),
        unseen=_held(pairs, said, base, related),
        shipped=_held(pairs, probabilities(scores, weights), np.full(len(pairs), related.mean()), related),
        slope=all_fitted.odds_slope,
        offset=all_fitted.odds_offset,
        shift=weights.odds_shift,
        grades=_graded(pairs, scores, weights),
    )


def _held(pairs: Pairs, said: Figures, base: Figures, related: Figures) -> Held:
    sizes = np.diff(pairs.spans).astype(float)

    def gain(losses: Figures, base_losses: Figures) -> Interval:
        return interval(pairs.summed(base_losses - losses), sizes)

    brier, base_brier = (said - related) ** 2, (base - related) ** 2
    order = np.argsort(said, kind="stable")
    bins = _bins(pairs, said, related, np.array_split(order, max(1, min(BINS, len(pairs) // LEAST_PAIRS))))
    tenths = [np.flatnonzero((said * 10).astype(int) == tenth) for tenth in range(11)]
    widths = _bins(pairs, said, related, [places for places in tenths if len(places)])
    enough = [one for one in (*bins, *widths) if one.pairs >= LEAST_PAIRS and one.needs >= LEAST_NEEDS]
    return Held(
        brier=round(float(brier.mean()), 5),
        brier_gain=gain(brier, base_brier),
        log_loss=round(float(log_loss(said, related).mean()), 5),
        log_loss_gain=gain(log_loss(said, related), log_loss(base, related)),
        bins=bins,
        widths=widths,
        worst=max((round(abs(one.said - one.found), 4) for one in enough), default=None),
    )


def _bins(pairs: Pairs, said: Figures, related: Figures, groups: list[Figures]) -> tuple[Bin, ...]:
    """The groups from the lowest up, each joined with the following until it holds enough pairs and needs."""
    need = pairs.need
    bins: list[Figures] = []
    waiting = np.zeros(0, int)
    for places in groups:
        waiting = np.concatenate([waiting, places])
        if len(waiting) >= LEAST_PAIRS and len(np.unique(need[waiting])) >= LEAST_NEEDS:
            bins.append(waiting)
            waiting = np.zeros(0, int)
    if len(waiting):
        bins = [*bins[:-1], np.concatenate([bins[-1], waiting])] if bins else [waiting]
    return tuple(
        Bin(
            len(places),
            len(np.unique(need[places])),
            round(float(said[places].mean()), 4),
            round(float(related[places].mean()), 4),
        )
        for places in bins
    )


def _graded(pairs: Pairs, scores: Figures, weights: Weights) -> tuple[Graded, ...]:
    """By the score alone, without what else holds a grade down."""
    edges = [0.0, *(least_score(grade, weights) for grade in ("fair", "good", "high")), float("inf")]
    rows = []
    for grade, (low, high) in zip(("none", "fair", "good", "high"), pairwise(edges), strict=True):
        own = pairs.grades[(scores >= low) & (scores < high)]
        counts = np.bincount(own, minlength=MOST_GRADE + 1)
        shares = tuple(round(float(count) / max(len(own), 1), 4) for count in counts)
        rows.append(Graded(grade, round(low, 1), len(own), shares))
    return tuple(rows)

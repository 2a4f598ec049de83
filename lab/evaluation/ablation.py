"""The engine without each of its parts: what a part gains in nDCG@10, paired by need, and what it does to recall."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from lab.evaluation.engine import Similarities, Texts, recall
from lab.evaluation.figures import Figures, Interval, interval
from matching.engine.weights import Weights

_LINEAR = 1e6
"""A saturation so late that counts stand as they are."""


@dataclass(frozen=True, slots=True)
class Without:
    """`gain` is what the engine has over itself without the part: above zero, the part pays."""

    name: str
    ndcg: float
    gain: Interval
    recall: float


@dataclass(frozen=True, slots=True)
class Ablation:
    ndcg: float
    recall: float
    rows: tuple[Without, ...]

    def lines(self) -> list[str]:
        return [
            f"{'':36}{'nDCG@10':>9}{'recall@200':>12}   what the part gains (nDCG@10)",
            f"{'engine, all parts':36}{self.ndcg:9.3f}{self.recall:12.3f}",
            *(f"{row.name:36}{row.ndcg:9.3f}{row.recall:12.3f}   {row.gain.signed}" for row in self.rows),
        ]


def variants(weights: Weights) -> dict[str, tuple[Weights, bool]]:
    """Name → weights, and whether generic words are learnt from the needs."""
    return {
        "without words": (replace(weights, word=0.0), True),
        "without bigrams": (replace(weights, bigram=0.0), True),
        "without single characters": (replace(weights, character=0.0), True),
        "words alone": (replace(weights, bigram=0.0, character=0.0), True),
        "bigrams alone": (replace(weights, word=0.0, character=0.0), True),
        "single characters alone": (replace(weights, word=0.0, bigram=0.0), True),
        "without the need's title": (weights.with_points({"title": 0.0}, lead=0.0), True),
        "without the need's content": (weights.with_points({"content": 0.0}, lead=1.0), True),
        "without fuzzy titles": (weights.with_points({"fuzzy": 0.0}), True),
        "without generic words of needs": (weights, False),
        "saturation off: counts as they are": (replace(weights, saturation=_LINEAR), True),
        "saturation at once: there or not": (replace(weights, saturation=0.0), True),
        "without the curve s / (s + half)": (_straight(weights), True),
    }


def _straight(weights: Weights) -> Weights:
    """Points in proportion to similarity, as many as before at the similarity that earned half."""
    half, late = weights.half_similarity, 1e4
    scale = late / half / 2
    scaled = {part: weights.points[part] * scale for part in ("title", "content")}
    return weights.with_points(scaled, half_similarity=late)


def ablate(texts: Texts, weights: Weights, progress: Callable[[str], None]) -> tuple[Ablation, Similarities]:
    """With the similarities of the whole engine, which others need too."""
    whole = Similarities.of(texts, weights)
    best, found = _measured(texts, whole, weights)
    rows = []
    for name, (changed, generic_words) in variants(weights).items():
        progress(name)
        ndcg, recalled = _measured(texts, Similarities.of(texts, changed, generic_words=generic_words), changed)
        rows.append(Without(name, round(float(ndcg.mean()), 4), interval(best - ndcg), round(float(recalled), 4)))
    return Ablation(round(float(best.mean()), 4), round(float(found), 4), tuple(rows)), whole


def _measured(texts: Texts, similarities: Similarities, weights: Weights) -> tuple[Figures, float]:
    ndcg = texts.pairs.measured(similarities.scores(texts, weights))
    return ndcg, float(recall(texts.pairs, similarities.retrieved(weights)).mean())

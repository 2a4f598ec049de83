"""The engine on a collection of files: what a matching run does, and the same for many pairs and other weights."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from lab.evaluation.collection import RELEVANT, Collection
from lab.evaluation.figures import Figures
from lab.evaluation.pairs import Pairs as JudgedPairs
from matching.engine import kernels
from matching.engine.index import Gathered, Index, Segment, of_outputs
from matching.engine.index import names_of as keys_of
from matching.engine.parts.base import Pairs
from matching.engine.parts.table import text_parts, values_of
from matching.engine.prepared import Prepared
from matching.engine.scoring import RETRIEVE, retrieve, score_pair
from matching.engine.vectors import Statistics, query_of_need
from matching.engine.weights import DEFAULT, Weights


class Texts:
    """The documents of a collection, each prepared once. Generic words are learnt from all needs of the folder."""

    def __init__(self, collection: Collection) -> None:
        self.pairs = JudgedPairs.of(collection)
        needs = {need: Prepared.of(document) for need, document in collection.needs.items()}
        self.outputs = [Prepared.of(document) for document in collection.outputs.values()]
        self.needs = [needs[need] for need in self.pairs.needs]
        self._all_needs = Gathered.of([need.terms for need in needs.values()])
        self._all_outputs = Gathered.of([output.terms for output in self.outputs])
        self._keys = keys_of([f"{row:09d}" for row in range(len(self.outputs))])

    def segment(self, weights: Weights, *, generic_words: bool = True) -> tuple[Segment, Statistics]:
        """As a snapshot holds them; without `generic_words` nothing is learnt from the needs."""
        needs = self._all_needs if generic_words else Gathered.of([])
        return of_outputs(self._keys, self._all_outputs, needs, weights, version="evaluation")


def as_in_a_run(texts: Texts, weights: Weights) -> tuple[Figures, list[Figures]]:
    """The score of every judged pair, and the rows of the outputs retrieved for each need."""
    segment, statistics = texts.segment(weights)
    index = Index(statistics, weights, base=segment)
    scores = [
        float(score_pair(need, texts.outputs[row], statistics, weights).score)
        for number, need in enumerate(texts.needs)
        for row in texts.pairs.outputs[texts.pairs.of_need(number)]
    ]
    found = [np.array(retrieve(need, index, weights=weights).keys, int) for need in texts.needs]
    return np.array(scores), found


@dataclass(frozen=True, slots=True, eq=False)
class Similarities:
    """Lead and content similarity of every judged need to every output, float32[needs, outputs]."""

    lead: Figures
    content: Figures

    @classmethod
    def of(cls, texts: Texts, weights: Weights = DEFAULT, *, generic_words: bool = True) -> "Similarities":
        segment, statistics = texts.segment(weights, generic_words=generic_words)
        lead = np.zeros((len(texts.needs), len(texts.outputs)), np.float32)
        content = np.zeros_like(lead)
        for number, need in enumerate(texts.needs):
            query = query_of_need(need.terms, statistics, weights)
            starts, ends = segment.spans_of(query.ids)
            for vector, sums in ((query.lead, lead), (query.content, content)):
                assert vector is not None
                kernels.accumulate(starts, ends, segment.docs, segment.mixture, vector, sums[number])
        return cls(lead, content)

    def retrieved(self, weights: Weights) -> list[Figures]:
        """The rows each need would retrieve, best first."""
        return [top(weights.lead * a + (1 - weights.lead) * b) for a, b in zip(self.lead, self.content, strict=True)]

    def values(self, texts: Texts, weights: Weights) -> Figures:
        """The values of the text parts of every judged pair, float64[pairs, parts], in the order of the table."""
        values = []
        for number, need in enumerate(texts.needs):
            rows = texts.pairs.outputs[texts.pairs.of_need(number)]
            lead, content = (of_need[number, rows].astype(float) for of_need in (self.lead, self.content))
            pairs = Pairs(need, [texts.outputs[row] for row in rows], lead, content, weights)
            values.append(np.column_stack(list(values_of(text_parts(), pairs).values())))
        return np.concatenate(values)

    def scores(self, texts: Texts, weights: Weights) -> Figures:
        """The score of every judged pair, its parts rounded to cents as a run does."""
        points = np.round(self.values(texts, weights) * text_points(weights), 2)
        return np.asarray(np.round(points.sum(axis=1), 2))


def text_points(weights: Weights) -> Figures:
    """The most points of each text part, in the order of `Similarities.values`."""
    return np.array([weights.points[part.name] for part in text_parts()])


def top(scores: Figures, limit: int = RETRIEVE) -> Figures:
    """The rows of the best scores above zero, ties by row."""
    best = np.argsort(-scores, kind="stable")[:limit]
    return best[scores[best] > 0]


def recall(pairs: JudgedPairs, found: Sequence[Figures]) -> Figures:
    """Of each counted need: the share of its relevant judged outputs that were found among all outputs."""
    shares = []
    for number in pairs.counted:
        own = pairs.of_need(number)
        relevant = pairs.outputs[own][pairs.grades[own] >= RELEVANT]
        shares.append(np.isin(relevant, found[number]).mean())
    return np.array(shares)

"""Term vectors, the statistics behind them, and exact top-k retrieval over them.

A document's vector is saturated, field-weighted term frequency × inverse document frequency, of length one, so the
similarity of two documents is the sum over their shared terms: retrieval and explanation are the same numbers.
"""

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import repeat

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from matching.documents import Tokens
from matching.text import BIGRAM
from matching.weights import DEFAULT, Weights

_MOST_PENDING = 256


@dataclass(frozen=True, slots=True)
class Statistics:
    """How many documents there are and in how many each term stands."""

    documents: int
    frequency: Mapping[str, int]

    def idf(self, term: str) -> float:
        return math.log1p((self.documents + 0.5) / (self.frequency.get(term, 0) + 0.5))


def vector_of(tokens: Tokens, statistics: Statistics, weights: Weights = DEFAULT) -> dict[str, float]:
    """Term weights of one document; their squares add up to one (or the vector is empty)."""
    counts: defaultdict[str, float] = defaultdict(float)
    for field, weight in _fields(tokens, weights):
        for term, count in field.items():
            counts[term] += weight * count
    vector = {
        term: count / (count + weights.saturation) * _term_weight(term, statistics, weights)
        for term, count in counts.items()
    }
    length = math.sqrt(sum(value * value for value in vector.values()))
    return {term: value / length for term, value in vector.items()}


class Index:
    """In-memory inverted index: one sparse matrix, and beside it the few documents that changed since it was built.

    An index over outputs makes its own statistics. An index over needs is given those of the outputs, so that a pair
    has the same score from either side.
    """

    def __init__(self, *, statistics: Statistics | None = None, weights: Weights = DEFAULT) -> None:
        self._given = statistics
        self._weights = weights
        self._vocabulary: dict[str, int] = {}
        self._counts = sparse.csr_matrix((0, 0), dtype=np.float32)
        self._postings = sparse.csr_matrix((0, 0), dtype=np.float32)
        self._rows: dict[str, int] = {}
        self._keys: list[str] = []
        self._pending: dict[str, tuple[Tokens, dict[str, float]]] = {}
        self._statistics = statistics or Statistics(0, {})

    @classmethod
    def build(
        cls,
        documents: Iterable[tuple[str, Tokens]],
        *,
        statistics: Statistics | None = None,
        weights: Weights = DEFAULT,
    ) -> "Index":
        index = cls(statistics=statistics, weights=weights)
        index._merge(dict(documents))
        return index

    def __len__(self) -> int:
        return len(self._rows) + len(self._pending)

    def __contains__(self, key: str) -> bool:
        return key in self._rows or key in self._pending

    @property
    def statistics(self) -> Statistics:
        """Those the current vectors were made with; a few pending documents may not be counted yet."""
        return self._statistics

    def upsert(self, key: str, tokens: Tokens) -> None:
        self.remove(key)
        self._pending[key] = (tokens, vector_of(tokens, self._statistics, self._weights))
        if len(self._pending) > min(_MOST_PENDING, len(self._rows) // 20):
            self._merge({key: tokens for key, (tokens, _) in self._pending.items()})

    def remove(self, key: str) -> None:
        self._pending.pop(key, None)
        self._rows.pop(key, None)

    def candidates(self, tokens: Tokens, limit: int) -> list[tuple[str, float]]:
        """The `limit` most similar documents with their similarity (above 0), best first, ties by key."""
        return self.nearest(vector_of(tokens, self._statistics, self._weights), limit)

    def nearest(self, vector: Mapping[str, float], limit: int) -> list[tuple[str, float]]:
        found = [
            (key, similarity)
            for key, (_, other) in self._pending.items()
            if (similarity := sum(value * other.get(term, 0.0) for term, value in vector.items())) > 0
        ]
        found += self._nearest_in_matrix(vector, limit)
        return sorted(found, key=lambda pair: (-pair[1], pair[0]))[:limit]

    def _nearest_in_matrix(self, vector: Mapping[str, float], limit: int) -> list[tuple[str, float]]:
        known = {self._vocabulary[term]: value for term, value in vector.items() if term in self._vocabulary}
        if not known or not self._rows:
            return []
        values = np.fromiter(known.values(), dtype=np.float32)
        scores = self._postings[list(known)].T @ values
        dead = len(self._keys) - len(self._rows)
        best = _largest(scores, limit + dead)
        return [
            (self._keys[row], float(scores[row]))
            for row in best
            if scores[row] > 0 and self._rows.get(self._keys[row]) == row
        ]

    def _merge(self, documents: Mapping[str, Tokens]) -> None:
        """Put documents into the matrix, drop removed ones, and weigh everything by fresh statistics."""
        alive = sorted(self._rows.values())
        kept = [self._keys[row] for row in alive]
        added = self._count(documents.values())
        old = self._counts[alive]
        old.resize(len(kept), added.shape[1])
        self._counts = sparse.vstack([old, added], format="csr", dtype=np.float32)
        self._keys = [*kept, *documents]
        self._rows = {key: row for row, key in enumerate(self._keys)}
        self._pending = {}
        if self._given is None:
            frequency = np.bincount(self._counts.indices, minlength=len(self._vocabulary))
            terms = zip(self._vocabulary, frequency.tolist(), strict=True)
            self._statistics = Statistics(len(self._keys), {term: count for term, count in terms if count})
        self._weigh()

    def _count(self, documents: Iterable[Tokens]) -> sparse.csr_matrix:
        """Field-weighted counts, one row a document; new terms join the vocabulary."""
        vocabulary = defaultdict(None, self._vocabulary)
        vocabulary.default_factory = vocabulary.__len__
        columns: list[int] = []
        counts: list[int] = []
        weights: list[float] = []
        ends = [0]
        for tokens in documents:
            for field, weight in _fields(tokens, self._weights):
                columns.extend(map(vocabulary.__getitem__, field))
                counts.extend(field.values())
                weights.extend(repeat(weight, len(field)))
            ends.append(len(columns))
        self._vocabulary = dict(vocabulary)
        data = np.array(counts, dtype=np.float32) * np.array(weights, dtype=np.float32)
        shape = (len(ends) - 1, len(vocabulary))
        matrix = sparse.csr_matrix((data, np.array(columns, dtype=np.int32), ends), shape=shape)
        matrix.sum_duplicates()
        return matrix

    def _weigh(self) -> None:
        term_weights = np.fromiter(
            (_term_weight(term, self._statistics, self._weights) for term in self._vocabulary),
            dtype=np.float32,
            count=len(self._vocabulary),
        )
        vectors = self._counts.copy()
        vectors.data = vectors.data / (vectors.data + self._weights.saturation) * term_weights[vectors.indices]
        lengths = np.sqrt(vectors.multiply(vectors).sum(axis=1).A1)
        vectors.data /= np.repeat(lengths, np.diff(vectors.indptr)).astype(np.float32)
        self._postings = vectors.T.tocsr()


def _fields(tokens: Tokens, weights: Weights) -> tuple[tuple[Mapping[str, int], float], ...]:
    return (tokens.title, weights.title), (tokens.keywords, weights.keywords), (tokens.body, weights.body)


def _term_weight(term: str, statistics: Statistics, weights: Weights) -> float:
    return statistics.idf(term) * (weights.bigram if term.startswith(BIGRAM) else 1.0)


def _largest(scores: NDArray[np.float32], limit: int) -> NDArray[np.intp]:
    if limit >= len(scores):
        return np.arange(len(scores))
    return np.argpartition(scores, -limit)[-limit:]

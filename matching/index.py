"""Term vectors, the statistics behind them, and exact top-k retrieval over them.

A field's vector is saturated term frequency × inverse document frequency, of length one; a document's vector is the
weighted sum of its fields'. The similarity of two documents is the sum over their shared terms, so that retrieval,
score and explanation are the same numbers.
"""

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from matching.documents import Tokens
from matching.text import BIGRAM
from matching.weights import DEFAULT, Weights

_MOST_PENDING = 64


@dataclass(frozen=True, slots=True)
class Statistics:
    """How many documents there are and in how many each term stands."""

    documents: int
    frequency: Mapping[str, int]

    def idf(self, term: str) -> float:
        return math.log1p((self.documents + 0.5) / (self.frequency.get(term, 0) + 0.5))


def vector_of(tokens: Tokens, statistics: Statistics, weights: Weights = DEFAULT) -> dict[str, float]:
    """Term weights of one document; its similarity to itself is at most one."""
    fields = _fields(tokens)
    shares = _shares(weights)
    filled = sum(share for field, share in zip(fields, shares, strict=True) if field)
    vector: defaultdict[str, float] = defaultdict(float)
    for field, share in zip(fields, shares, strict=True):
        values = {
            term: count / (count + weights.saturation) * _kind(term, weights) * statistics.idf(term)
            for term, count in field.items()
        }
        length = math.hypot(*values.values())
        for term, value in values.items():
            vector[term] += value * share / filled / length
    return dict(vector)


class Index:
    """In-memory inverted index: one sparse matrix, and beside it the few documents that changed since it was built.

    An index over outputs makes its own statistics. An index over needs is given those of the outputs, so that a pair
    has the same score from either side.
    """

    def __init__(self, *, statistics: Statistics | None = None, weights: Weights = DEFAULT) -> None:
        self._given = statistics
        self._weights = weights
        self._vocabulary: dict[str, int] = {}
        self._counts = [_no_rows(0) for _ in _shares(weights)]
        self._postings = _no_rows(0)
        self._rows: dict[str, int] = {}
        self._keys: list[str] = []
        self._pending: dict[str, Tokens] = {}
        self._pending_vectors: dict[str, dict[str, float]] = {}
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
        self._settle()
        return self._statistics

    def upsert(self, key: str, tokens: Tokens) -> None:
        self.remove(key)
        self._pending[key] = tokens

    def remove(self, key: str) -> None:
        self._rows.pop(key, None)
        self._pending.pop(key, None)
        self._pending_vectors.pop(key, None)

    def candidates(self, tokens: Tokens, limit: int) -> list[tuple[str, float]]:
        """The `limit` most similar documents with their similarity (above 0), best first, ties by key."""
        return self.nearest(vector_of(tokens, self.statistics, self._weights), limit)

    def nearest(self, vector: Mapping[str, float], limit: int) -> list[tuple[str, float]]:
        """The same for a vector made with this index's statistics."""
        self._settle()
        found = [
            (key, similarity)
            for key, other in self._pending_vectors.items()
            if (similarity := sum(value * vector[term] for term, value in other.items() if term in vector)) > 0
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

    def _settle(self) -> None:
        """Before anyone looks: merge what is pending when it has become much, else have its vectors ready."""
        if len(self._pending) > min(_MOST_PENDING, len(self._rows) // 20):
            self._merge(self._pending)
        for key in self._pending.keys() - self._pending_vectors.keys():
            self._pending_vectors[key] = vector_of(self._pending[key], self._statistics, self._weights)

    def _merge(self, documents: Mapping[str, Tokens]) -> None:
        """Put documents into the matrix, drop removed ones, and weigh everything by fresh statistics."""
        alive = sorted(self._rows.values())
        added = self._count(list(documents.values()))
        width = len(self._vocabulary)
        self._counts = [
            sparse.vstack([_widened(old, width)[alive], new], format="csr", dtype=np.float32)
            for old, new in zip(self._counts, added, strict=True)
        ]
        self._keys = [*(self._keys[row] for row in alive), *documents]
        self._rows = {key: row for row, key in enumerate(self._keys)}
        self._pending, self._pending_vectors = {}, {}
        if self._given is None:
            self._statistics = self._take_statistics()
        self._postings = self._weigh().T.tocsr()

    def _count(self, documents: Sequence[Tokens]) -> list[sparse.csr_matrix]:
        """Term counts, one matrix a field and one row a document; new terms join the vocabulary."""
        vocabulary: defaultdict[str, int] = defaultdict(None, self._vocabulary)
        vocabulary.default_factory = vocabulary.__len__
        fields = [list(column) for column in zip(*map(_fields, documents), strict=True)]
        parts = []
        for field in fields or [[] for _ in self._counts]:
            columns = np.fromiter(map(vocabulary.__getitem__, chain.from_iterable(field)), dtype=np.int32)
            counts = np.fromiter(chain.from_iterable(terms.values() for terms in field), dtype=np.float32)
            ends = np.cumsum([0, *map(len, field)])
            parts.append((counts, columns, ends))
        self._vocabulary = dict(vocabulary)
        return [
            sparse.csr_matrix(part, shape=(len(documents), len(self._vocabulary)), dtype=np.float32) for part in parts
        ]

    def _take_statistics(self) -> Statistics:
        present = sum(self._counts[1:], start=self._counts[0]).tocsr()
        frequency = np.bincount(present.indices, minlength=len(self._vocabulary)).tolist()
        terms = zip(self._vocabulary, frequency, strict=True)
        return Statistics(len(self._keys), {term: count for term, count in terms if count})

    def _weigh(self) -> sparse.csr_matrix:
        """vector_of for every document at once."""
        frequency = self._statistics.frequency
        known = np.fromiter((frequency.get(term, 0) for term in self._vocabulary), dtype=np.float32)
        kinds = np.fromiter((_kind(term, self._weights) for term in self._vocabulary), dtype=np.float32)
        term_weights = kinds * np.log1p((self._statistics.documents + 0.5) / (known + 0.5))
        shares = np.array(_shares(self._weights), dtype=np.float32)
        filled = sum(share * (np.diff(counts.indptr) > 0) for share, counts in zip(shares, self._counts, strict=True))
        vectors = []
        for share, counts in zip(shares, self._counts, strict=True):
            field = counts.copy()
            field.data = field.data / (field.data + self._weights.saturation) * term_weights[field.indices]
            lengths = np.sqrt(field.multiply(field).sum(axis=1).A1)
            terms = np.diff(field.indptr)
            field.data *= np.repeat(share / np.maximum(filled * lengths, 1e-12), terms).astype(np.float32)
            vectors.append(field)
        return sum(vectors[1:], start=vectors[0])


def _fields(tokens: Tokens) -> tuple[Mapping[str, int], ...]:
    return tokens.title, tokens.keywords, tokens.body


def _shares(weights: Weights) -> tuple[float, ...]:
    return weights.title, weights.keywords, weights.body


def _kind(term: str, weights: Weights) -> float:
    if term.startswith(BIGRAM):
        return weights.bigram
    return weights.word if len(term) > 1 else weights.character


def _no_rows(columns: int) -> sparse.csr_matrix:
    return sparse.csr_matrix(np.zeros((0, columns), dtype=np.float32))


def _widened(matrix: sparse.csr_matrix, columns: int) -> sparse.csr_matrix:
    """The matrix with room for the vocabulary's new terms."""
    return sparse.csr_matrix((matrix.data, matrix.indices, matrix.indptr), shape=(matrix.shape[0], columns))


def _largest(scores: NDArray[np.float32], limit: int) -> NDArray[np.intp]:
    if limit >= len(scores):
        return np.arange(len(scores))
    return np.argpartition(scores, -limit)[-limit:]

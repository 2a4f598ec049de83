"""The plain methods an engine must beat, by their textbook formulas, over all text of a document."""

import math
from collections import Counter
from collections.abc import Callable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from lab.evaluation.collection import Collection
from lab.evaluation.figures import Figures
from matching.engine.documents import Document
from matching.engine.text import normalise, words

Ranking = Callable[[str], Figures]


def baselines(
    collection: Collection, needs: Sequence[str], draws: np.random.Generator
) -> dict[str, Callable[[], Ranking]]:
    """Name → what makes a function that scores all outputs, in their order, for a need."""

    def by_words(score: Callable[["_Bags", Mapping[str, int]], Figures]) -> Ranking:
        return _ranking(collection, needs, lambda text: list(words(text)), score)

    return {
        "random": lambda: lambda _need: draws.random(len(collection.outputs)),
        "keyword overlap": lambda: by_words(_Bags.overlap),
        "BM25 of words": lambda: by_words(_Bags.bm25),
        "character 1-3-grams": lambda: _ranking(collection, needs, _grams, _Bags.tfidf),
    }


def _ranking(
    collection: Collection,
    needs: Sequence[str],
    cut: Callable[[str], list[str]],
    score: Callable[["_Bags", Mapping[str, int]], Figures],
) -> Ranking:
    outputs = _Bags([cut(_text_of(output)) for output in collection.outputs.values()])
    asked = {need: Counter(cut(_text_of(collection.needs[need]))) for need in needs}
    return lambda need: score(outputs, asked[need])


class _Bags:
    """Bags of terms with an inverted list for each term, for the textbook formulas."""

    def __init__(self, texts: Sequence[Sequence[str]]) -> None:
        self.bags = [Counter(text) for text in texts]
        self._lengths = np.array([len(text) for text in texts], dtype=float)
        postings: dict[str, tuple[list[int], list[int]]] = {}
        for row, bag in enumerate(self.bags):
            for term, count in bag.items():
                rows, counts = postings.setdefault(term, ([], []))
                rows.append(row)
                counts.append(count)
        self._postings = {
            term: (np.array(rows), np.array(counts, dtype=float)) for term, (rows, counts) in postings.items()
        }
        self._norms = np.sqrt(
            self._sum({term: 1.0 for term in postings}, lambda w, c, _r: (w * _damped(c)) ** 2, idf=True)
        )

    def overlap(self, query: Mapping[str, int]) -> Figures:
        """How many of the query's words stand in each text."""
        return self._sum(dict.fromkeys(query, 1.0), lambda weight, _counts, rows: np.full(len(rows), weight))

    def bm25(self, query: Mapping[str, int], k1: float = 1.5, b: float = 0.75) -> Figures:
        average = self._lengths.mean() or 1.0

        def value(weight: float, counts: Figures, rows: NDArray[np.intp]) -> Figures:
            return weight * counts * (k1 + 1) / (counts + k1 * (1 - b + b * self._lengths[rows] / average))

        return self._sum({term: float(count) for term, count in query.items()}, value, idf=True)

    def tfidf(self, query: Mapping[str, int]) -> Figures:
        """Cosine of sublinear TF-IDF vectors, up to the query's own length, which does not change its ranking."""
        wanted = {term: float(_damped(count)) * self._idf(term) for term, count in query.items()}
        scores = self._sum(wanted, lambda weight, counts, _rows: weight * _damped(counts), idf=True)
        return scores / np.maximum(self._norms, 1e-12)

    def _idf(self, term: str) -> float:
        known = len(self._postings[term][0]) if term in self._postings else 0
        return math.log((1 + len(self.bags)) / (1 + known)) + 1

    def _sum(
        self,
        weights: Mapping[str, float],
        value: Callable[[float, Figures, NDArray[np.intp]], Figures],
        *,
        idf: bool = False,
    ) -> Figures:
        total = np.zeros(len(self.bags))
        for term, weight in weights.items():
            if term in self._postings:
                rows, counts = self._postings[term]
                total[rows] += value(weight * self._idf(term) if idf else weight, counts, rows)
        return total


def _damped(counts: Figures | int) -> Figures:
    return 1 + np.log(counts)


def _text_of(document: Document) -> str:
    return normalise("\n".join([document.title, *document.keywords, document.body]))


def _grams(text: str) -> list[str]:
    text = "".join(text.split())
    return [text[i : i + size] for size in (1, 2, 3) for i in range(len(text) - size + 1)]

"""Term vectors and the statistics behind them. Pure: no Django, no database.

A document is a vector over its terms: saturated term frequency × how much a term tells, of length one in each
field. A need has two such vectors, one of what it is called (title and keywords: the *lead*) and one of its content;
an output has one. The similarity of a pair is the sum over shared terms of lead and content, weighted together:
retrieval, score and explanation are the same numbers.
"""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from matching.engine import kernels
from matching.engine.terms import Terms, kinds_of
from matching.engine.weights import DEFAULT, Weights

Array = NDArray[Any]


def no_ids() -> Array:
    return np.zeros(0, np.uint64)


def _no_counts() -> Array:
    return np.zeros(0, np.int32)


@dataclass(frozen=True, slots=True, eq=False)
class Statistics:
    """In how many outputs and in how many published needs each term stands: fixed for a snapshot, stamped on runs.

    `ids` and `need_ids` uint64 ascending; `frequency` and `need_frequency` int32 beside them.
    """

    version: str = "empty"
    documents: int = 0
    ids: Array = field(default_factory=no_ids)
    frequency: Array = field(default_factory=_no_counts)
    needs: int = 0
    need_ids: Array = field(default_factory=no_ids)
    need_frequency: Array = field(default_factory=_no_counts)

    def telling(self, ids: Array) -> Array:
        """How much each term tells, float32: rare among outputs, and not what every need says (研发, 产业化).

        The product of the inverse document frequency over outputs and the square root of that over needs; the second
        is how generic words are learnt from the collection instead of listed.
        """
        rare = _idf(self.documents, _looked_up(self.ids, self.frequency, ids))
        uncommon = _idf(self.needs, _looked_up(self.need_ids, self.need_frequency, ids))
        return np.asarray(rare * np.sqrt(uncommon), dtype=np.float32)


def _idf(documents: int, frequency: Array) -> Array:
    return np.log1p((documents + 0.5) / (frequency + 0.5))


def _looked_up(ids: Array, numbers: Array, wanted: Array) -> Array:
    """The number beside each wanted id, 0 where it is not known."""
    if not len(ids):
        return np.zeros(len(wanted), np.int32)
    places = np.minimum(np.searchsorted(ids, wanted), len(ids) - 1)
    return np.where(ids[places] == wanted, numbers[places], 0)


def term_weights(ids: Array, statistics: Statistics, weights: Weights) -> Array:
    """What a term weighs before its count does: how much it tells × its kind's weight, float32."""
    kinds = np.array([weights.word, weights.bigram, weights.character], dtype=np.float32)
    return statistics.telling(ids) * kinds[kinds_of(ids)]


@dataclass(frozen=True, slots=True, eq=False)
class Query:
    """One document as it is asked with: its ids, and its vectors float32[n] over them.

    A need has a lead and a content and is asked with their mixture, an output has `mixture` alone.
    """

    ids: Array
    mixture: Array
    lead: Array | None = None
    content: Array | None = None


def query_of_need(terms: Terms, statistics: Statistics, weights: Weights = DEFAULT) -> Query:
    lead, content = need_vectors(np.array([0, len(terms.ids)]), terms, statistics, weights)
    return Query(terms.ids, mixed(lead, content, weights), lead, content)


def query_of_solution(terms: Terms, statistics: Statistics, weights: Weights = DEFAULT) -> Query:
    return Query(terms.ids, _vectors(np.array([0, len(terms.ids)]), terms, statistics, weights, shares_of(weights)))


def shares_of(weights: Weights) -> tuple[float, ...]:
    return weights.title, weights.keywords, weights.body


def mixed(lead: Array, content: Array, weights: Weights) -> Array:
    return np.asarray(weights.lead * lead + (1 - weights.lead) * content, dtype=np.float32)


def _vectors(spans: Array, terms: Terms, statistics: Statistics, weights: Weights, shares: tuple[float, ...]) -> Array:
    """Vectors of documents that stand one after the other in `terms`, float32 beside its ids."""
    ids, places = np.unique(terms.ids, return_inverse=True) if len(spans) > 2 else (terms.ids, None)
    if places is None:
        places = np.arange(len(ids))
    values = np.empty(len(terms.ids), np.float32)
    kernels.weigh(
        spans,
        places,
        terms.counts,
        term_weights(ids, statistics, weights),
        np.array(shares),
        weights.saturation,
        values,
    )
    return values


def need_vectors(spans: Array, terms: Terms, statistics: Statistics, weights: Weights) -> tuple[Array, Array]:
    """Lead and content of needs; a need that has only one of them has it twice."""
    lead = _vectors(spans, terms, statistics, weights, (weights.title, weights.keywords, 0.0))
    content = _vectors(spans, terms, statistics, weights, (0.0, 0.0, 1.0))
    documents = np.repeat(np.arange(len(spans) - 1), np.diff(spans))
    has_lead, has_content = (np.bincount(documents, values, len(spans) - 1) > 0 for values in (lead, content))
    return (
        np.where(has_lead[documents], lead, content),
        np.where(has_content[documents], content, lead),
    )

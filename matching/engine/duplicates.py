"""Documents that say nearly the same, without comparing all pairs. Pure: no Django, no database.

Two documents are near-duplicates when the terms they share are at least `THRESHOLD` of the terms either has (Jaccard
over term ids). Exact, by prefix filtering (AllPairs with PPJoin's bound on positions): terms are put in order of
rarity; documents that are similar enough must share one of the first |d| − ⌈t·|d|⌉ + 1 of each, so only those rare
terms are indexed and looked up. What is left to compare are documents with a rare term and a like length in common.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from matching.engine import kernels

Array = NDArray[Any]

THRESHOLD = 0.8


@dataclass(frozen=True, slots=True, eq=False)
class NearDuplicates:
    """Pairs of places in the documents given, `first` < `second`, and how many pairs had to be compared for them."""

    first: Array
    second: Array
    similarity: Array
    compared: int


def near_duplicates(
    documents: Sequence[Array], threshold: float = THRESHOLD, *, changed: Sequence[bool] | None = None
) -> NearDuplicates:
    """All pairs at least this similar; with `changed`, those in which at least one document is marked.

    `documents` are arrays of term ids, each id once. An empty document is like nothing.
    """
    if not 0 < threshold <= 1:
        raise ValueError("a threshold is above 0 and at most 1")
    lengths = np.array([len(ids) for ids in documents], np.int64)
    by_length = np.argsort(lengths, kind="stable")
    spans = np.concatenate([[0], np.cumsum(lengths[by_length])])
    if not spans[-1]:
        nothing = np.zeros(0, np.int64)
        return NearDuplicates(nothing, nothing, np.zeros(0), 0)
    _ids, places, frequency = np.unique(
        np.concatenate([documents[place] for place in by_length]), return_inverse=True, return_counts=True
    )
    rarity = np.empty(len(frequency), np.int64)
    rarity[np.argsort(frequency, kind="stable")] = np.arange(len(frequency))
    terms = rarity[places]
    terms = terms[np.lexsort((terms, np.repeat(np.arange(len(documents)), lengths[by_length])))]
    marked = np.ones(len(documents), np.bool_) if changed is None else np.array(changed, np.bool_)
    one, other, shared, compared = kernels.similar(spans, terms, len(frequency), marked[by_length], threshold)
    lengths_of_both = lengths[by_length[one]] + lengths[by_length[other]]
    pairs = np.sort(np.stack([by_length[one], by_length[other]]), axis=0)
    order = np.lexsort((pairs[1], pairs[0]))
    return NearDuplicates(pairs[0, order], pairs[1, order], (shared / (lengths_of_both - shared))[order], int(compared))


def jaccard(one: Array, other: Array) -> float:
    """The share of terms in common of all terms of two documents; 0 where both have none."""
    shared = len(np.intersect1d(one, other, assume_unique=True))
    together = len(one) + len(other) - shared
    return shared / together if together else 0.0

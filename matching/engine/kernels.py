"""The compiled inner loops of the engine, over plain arrays; what the numbers mean is said where they are called.

Compiled by numba at first use and kept on disk beside this file, so that only the first process of a machine waits.
Nothing here checks its input: every caller hands over arrays it has made itself.
"""

from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

Array = NDArray[Any]

ROUNDING = 1e-9  # of products with a threshold


@njit(cache=True, nogil=True)
def accumulate(starts: Array, ends: Array, docs: Array, values: Array, weights: Array, scores: Array) -> None:
    """scores[d] = sum over t of weights[t] × value of term t in document d, the terms given by their spans."""
    scores[:] = 0
    for t in range(len(starts)):
        weight = weights[t]
        for i in range(starts[t], ends[t]):
            scores[docs[i]] += weight * values[i]


@njit(cache=True, nogil=True)
def largest(scores: Array, alive: Array, limit: int) -> Array:
    """Rows of the `limit` greatest scores above zero among living rows, best first, ties by row.

    One pass with a heap whose root is the worst kept: nearly every row is dismissed by one comparison.
    """
    heap = np.empty(limit, np.int64)
    size = 0
    least = np.float32(0.0)
    for row in range(len(scores)):
        score = scores[row]
        if score <= least or not alive[row]:
            continue
        if size < limit:
            place = size
            size += 1
            while place > 0:
                parent = (place - 1) >> 1
                # rows come in ascending order, so among equals the newcomer is the worse one and goes to the root
                if scores[heap[parent]] < score:
                    break
                heap[place] = heap[parent]
                place = parent
            heap[place] = row
        else:
            place = 0
            while True:
                child = 2 * place + 1
                if child >= size:
                    break
                other = child + 1
                if other < size and _worse(scores, heap[other], heap[child]):
                    child = other
                if _worse(scores, row, heap[child]):
                    break
                heap[place] = heap[child]
                place = child
            heap[place] = row
        if size == limit:
            least = scores[heap[0]]
    found = heap[:size].copy()
    found.sort()
    order = np.argsort(-scores[found], kind="mergesort")
    return found[order]


@njit(cache=True, nogil=True, inline="always")
def _worse(scores: Array, row: int, other: int) -> bool:
    return scores[row] < scores[other] or (scores[row] == scores[other] and row > other)


@njit(cache=True, nogil=True)
def look_up(starts: Array, ends: Array, docs: Array, values: Array, rows: Array) -> Array:
    """Matrix [term, row]: the value of each term in each of `rows` (ascending), 0 where it does not stand there."""
    found = np.zeros((len(starts), len(rows)), np.float32)
    for t in range(len(starts)):
        low = starts[t]
        end = ends[t]
        for j in range(len(rows)):
            row = rows[j]
            # gallop from where the last row was found, then halve: postings are in the order of rows
            step = 1
            high = low
            while high < end and docs[high] < row:
                low = high + 1
                high += step
                step <<= 1
            high = min(high, end)
            while low < high:
                middle = (low + high) >> 1
                if docs[middle] < row:
                    low = middle + 1
                else:
                    high = middle
            if low >= end:
                break
            if docs[low] == row:
                found[t, j] = values[low]
    return found


@njit(cache=True, nogil=True)
def weigh(
    spans: Array, terms: Array, counts: Array, term_weights: Array, shares: Array, saturation: float, values: Array
) -> None:
    """Term vectors of documents, into `values`: one number for each of `terms`, which stand document by document.

    spans int64[documents + 1], terms int[n] (places in `term_weights`), counts uint8[n, fields], shares float[fields].
    A field's vector is n / (n + saturation) × term weight, made of length one; a document's is the sum of its fields'
    by their shares, where the shares of empty fields go to the others.
    """
    fields = counts.shape[1]
    lengths = np.empty(fields)
    for d in range(len(spans) - 1):
        filled = 0.0
        for f in range(fields):
            square = 0.0
            for i in range(spans[d], spans[d + 1]):
                n = counts[i, f]
                if n:
                    value = n / (n + saturation) * term_weights[terms[i]]
                    square += value * value
            lengths[f] = np.sqrt(square)
            if square > 0:
                filled += shares[f]
        for i in range(spans[d], spans[d + 1]):
            total = 0.0
            for f in range(fields):
                n = counts[i, f]
                if n and shares[f] > 0 and lengths[f] > 0:
                    value = n / (n + saturation) * term_weights[terms[i]]
                    total += value * shares[f] / filled / lengths[f]
            values[i] = total


@njit(cache=True, nogil=True)
def invert(spans: Array, terms: Array, offsets: Array, docs: Array, places: Array) -> None:
    """From documents' terms to terms' documents: fills docs and places (where in `terms` each posting came from).

    offsets int64[vocabulary + 1] is where each term's postings begin. A term's documents come out ascending.
    """
    following = offsets[:-1].copy()
    for d in range(len(spans) - 1):
        for i in range(spans[d], spans[d + 1]):
            place = following[terms[i]]
            following[terms[i]] = place + 1
            docs[place] = d
            places[place] = i


@njit(cache=True, nogil=True)
def similar(
    spans: Array, terms: Array, vocabulary: int, marked: Array, threshold: float
) -> tuple[Array, Array, Array, int]:
    """Pairs of documents whose Jaccard similarity reaches the threshold and of which at least one is marked.

    spans int64[documents + 1], documents in the order of their length; terms int[n], the rarest of each first.
    Returns documents, documents, how many terms they share, and of how many pairs that had to be counted.
    """
    documents = len(spans) - 1
    # Postings of the rare terms, of all documents and of the marked ones: who is not marked looks among those only.
    begins, size_of_all = _room(spans, terms, vocabulary, marked, threshold)
    docs, positions = np.empty(size_of_all, np.int32), np.empty(size_of_all, np.int32)
    ends = begins.copy()
    last_seen = np.full(documents, -1, np.int64)
    one, other, shared = np.empty(1024, np.int64), np.empty(1024, np.int64), np.empty(1024, np.int64)
    found = 0
    counted = 0
    for d in range(documents):
        size = spans[d + 1] - spans[d]
        prefix = _prefix(size, threshold)
        kind = 0 if marked[d] else 1
        for i in range(prefix):
            t = terms[spans[d] + i]
            # documents come in the order of their length: what is too short now is too short for all that follow
            while begins[kind, t] < ends[kind, t]:
                shortest = docs[begins[kind, t]]
                if spans[shortest + 1] - spans[shortest] >= threshold * size - ROUNDING:
                    break
                begins[kind, t] += 1
            for p in range(begins[kind, t], ends[kind, t]):
                e = docs[p]
                if last_seen[e] == d:
                    continue
                last_seen[e] = d
                length = spans[e + 1] - spans[e]
                least = int(np.ceil(threshold / (1 + threshold) * (size + length) - ROUNDING))
                # this is the first term they share: what comes before cannot count any more
                if 1 + min(size - i - 1, length - positions[p] - 1) < least:
                    continue
                counted += 1
                common = _shared(terms, spans[d] + i, spans[d + 1], spans[e] + positions[p], spans[e + 1], least)
                if common >= least and common >= threshold * (size + length - common) - ROUNDING:
                    if found == len(one):
                        one, other, shared = _doubled(one), _doubled(other), _doubled(shared)
                    one[found], other[found], shared[found] = d, e, common
                    found += 1
        for kind in range(2 if marked[d] else 1):
            _enter(d, terms[spans[d] : spans[d] + prefix], ends[kind], docs, positions)
    return one[:found], other[:found], shared[:found], counted


@njit(cache=True, nogil=True, inline="always")
def _enter(document: int, rarest: Array, ends: Array, docs: Array, positions: Array) -> None:
    """Append a document to the postings of its rarest terms."""
    for i in range(len(rarest)):
        t = rarest[i]
        docs[ends[t]] = document
        positions[ends[t]] = i
        ends[t] += 1


@njit(cache=True, nogil=True, inline="always")
def _prefix(size: int, threshold: float) -> int:
    """How many of a document's rarest terms must hold one of any document similar enough."""
    return min(size, size - int(np.ceil(threshold * size - ROUNDING)) + 1)


@njit(cache=True, nogil=True)
def _room(spans: Array, terms: Array, vocabulary: int, marked: Array, threshold: float) -> tuple[Array, int]:
    """Where the postings of each term begin, of all documents and of the marked ones, and how many there are."""
    offsets = np.zeros(2 * vocabulary + 1, np.int64)
    for d in range(len(spans) - 1):
        for i in range(spans[d], spans[d] + _prefix(spans[d + 1] - spans[d], threshold)):
            offsets[terms[i] + 1] += 1
            if marked[d]:
                offsets[vocabulary + terms[i] + 1] += 1
    offsets = np.cumsum(offsets)
    return offsets[:-1].copy().reshape(2, vocabulary), offsets[-1]


@njit(cache=True, nogil=True)
def _shared(terms: Array, i: int, i_end: int, j: int, j_end: int, least: int) -> int:
    """How many terms two ascending stretches share; stops where `least` cannot be reached any more."""
    common = 0
    while i < i_end and j < j_end:
        if common + min(i_end - i, j_end - j) < least:
            return common
        if terms[i] == terms[j]:
            common += 1
            i += 1
            j += 1
        elif terms[i] < terms[j]:
            i += 1
        else:
            j += 1
    return common


@njit(cache=True, nogil=True)
def _doubled(values: Array) -> Array:
    larger = np.empty(2 * len(values), values.dtype)
    larger[: len(values)] = values
    return larger


@njit(cache=True)
def hold(
    shared: Array, terms: Array, alone: Array, cut: Array, spans: Array, pieces: Array, shown: Array, words: Array
) -> None:
    """For each token, in the order in which they are credited, the term it is shown under:
    `matching.engine.terms.ShownTerms`.

    Of token i: shared[i], whether the pair shares it; terms[i], the number of its term; alone[i], whether that is one
    character; cut[i], whether it was cut across words; pieces[spans[i]:spans[i + 1]], the terms inside its own. Into
    shown[i]: the number of the term, -1 for a character that stands in none, -2 for what is not shared; into words[t]
    whether a whole word that is shared is written like that.
    """
    holders = np.full(len(words), -1, np.int64)
    words[:] = False
    for i in range(len(terms)):
        if not shared[i]:
            shown[i] = -2
            continue
        term = terms[i]
        holder = holders[term]
        if alone[i] or (cut[i] and holder >= 0):
            shown[i] = holder
            continue
        if not cut[i]:
            words[term] = True
        shown[i] = term
        for j in range(spans[i], spans[i + 1]):
            if holders[pieces[j]] < 0:
                holders[pieces[j]] = term


@njit(cache=True)
def gather(shown: Array, weights: Array, values: Array, sums: Array, counted: Array) -> None:
    """sums[t] = sum over the tokens shown under t of weights × values; the last of `sums` is for -1. `counted`: whether
    any of these products was not zero."""
    sums[:] = 0.0
    counted[:] = False
    for i in range(len(shown)):
        if shown[i] < -1:
            continue
        share = weights[i] * values[i]
        if share:
            sums[shown[i]] += share
            counted[shown[i]] = True

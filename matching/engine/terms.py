"""Tokens as numbers: what the index is built from, and which words a reader sees for them. Pure.

A term's number is 62 bits of a hash of its letters with two bits for its kind on top. With a million different terms
the chance that any two meet is one in nine million, and then a pair of words would count as one.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from hashlib import blake2b
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from matching.engine import kernels
from matching.engine.text import BIGRAM, surface

WORD, BIGRAM_KIND, CHARACTER = range(3)
FIELDS = 3  # title, keywords, body
MOST_COUNTED = 255  # a term said more often says no more

_KIND_SHIFT = 62
_LETTERS = (1 << _KIND_SHIFT) - 1

Array = NDArray[Any]


@lru_cache(maxsize=1 << 18)
def number_of(token: str) -> int:
    """The number of a token of matching.engine.text, below 2⁶⁴."""
    kind = BIGRAM_KIND if token.startswith(BIGRAM) else WORD if len(token) > 1 else CHARACTER
    letters = int.from_bytes(blake2b(token.encode(), digest_size=8).digest(), "little")
    return kind << _KIND_SHIFT | letters & _LETTERS


def tokens_by_number(fields: Iterable[Mapping[str, int]]) -> dict[int, str]:
    """The token behind each number of a document, from its token counts by field."""
    return {number_of(token): token for tokens in fields for token in tokens}


def kinds_of(ids: Array) -> Array:
    """WORD, BIGRAM_KIND or CHARACTER of each number."""
    return (ids >> np.uint64(_KIND_SHIFT)).astype(np.intp)


@dataclass(frozen=True, slots=True, eq=False)
class Terms:
    """One document's: `ids` uint64[n] ascending, each once; `counts` uint8[n, FIELDS], how often in each field."""

    ids: Array
    counts: Array

    @classmethod
    def of(cls, fields: tuple[Mapping[str, int], ...]) -> Self:
        """From token counts by field: title, keywords, body."""
        counts: dict[int, list[int]] = {}
        for field, tokens in enumerate(fields):
            for token, count in tokens.items():
                counts.setdefault(number_of(token), [0] * FIELDS)[field] = min(count, MOST_COUNTED)
        ids = np.fromiter(counts.keys(), dtype=np.uint64, count=len(counts))
        order = np.argsort(ids)
        table = np.array(list(counts.values()), dtype=np.uint8).reshape(len(counts), FIELDS)
        return cls(ids[order], table[order])

    def pack(self) -> bytes:
        """Eleven bytes a term: the numbers, then the counts."""
        return self.ids.astype("<u8").tobytes() + self.counts.tobytes()

    @classmethod
    def unpack(cls, data: bytes | memoryview) -> Self:
        size = len(data) // (8 + FIELDS)
        ids = np.frombuffer(data, dtype="<u8", count=size)
        return cls(ids, np.frombuffer(data, dtype=np.uint8, offset=8 * size).reshape(size, FIELDS))


class ShownTerms:
    """Under which term each token of a need is shown: the longest shared one around it, so that a reader sees words.

    `order` are places in the need's ids, long tokens first, then by letter; what stands at the same place of the other
    lists belongs to it. Single characters that stand in no shared term are shown under "": alone they are no reason a
    reader could weigh.
    """

    def __init__(self, ids: Array, tokens: Mapping[int, str]) -> None:
        written = [tokens[number] for number in ids.tolist()]
        order = sorted(range(len(written)), key=lambda place: (-len(written[place]), written[place]))
        self.order = np.array(order, dtype=np.intp)
        shown_as = [surface(written[place]) for place in order]
        numbers = {term: number for number, term in enumerate(dict.fromkeys(shown_as))}
        self.terms = [*numbers, ""]
        self._term = np.array([numbers[term] for term in shown_as], dtype=np.int64)
        self._is_alone = np.array([len(term) == 1 for term in shown_as], dtype=np.bool_)
        self._is_cut = np.array([written[place].startswith(BIGRAM) for place in order], dtype=np.bool_)
        inside = [[numbers[piece] for piece in _pieces(term) if piece in numbers] for term in shown_as]
        self._spans = np.concatenate([[0], np.cumsum([len(found) for found in inside])]).astype(np.int64)
        self._pieces = np.array([piece for found in inside for piece in found], dtype=np.int64)

    def holders(self, shared: Array) -> tuple[Array, Array]:
        """For each token, in `order`, the place in `terms` of what it is shown under, -2 for what is not `shared` (by
        place in the ids); and which of the terms are words that are shared."""
        shown, words = np.empty(len(self._term), np.int64), np.empty(len(self.terms) - 1, np.bool_)
        inside = self._spans, self._pieces
        kernels.hold(shared[self.order], self._term, self._is_alone, self._is_cut, *inside, shown, words)
        return shown, words

    def sums(self, shown: Array, weights: Array, values: Array) -> dict[str, float]:
        """What each shown term gave to the similarity: weights × values, both by place in the ids."""
        sums, counted = np.empty(len(self.terms)), np.empty(len(self.terms), np.bool_)
        kernels.gather(shown, weights[self.order], values[self.order], sums, counted)
        found = np.flatnonzero(counted)
        return {self.terms[place]: value for place, value in zip(found.tolist(), sums[found].tolist(), strict=True)}


def _pieces(term: str) -> tuple[str, ...]:
    """The pairs and the single characters of a term."""
    return tuple(piece for i in range(len(term)) for piece in (term[i : i + 2], term[i]))

"""Tokens as numbers: what the index is built from. Pure: no Django, no database.

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

from matching.engine.text import BIGRAM

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


def letters_of(fields: Iterable[Mapping[str, int]]) -> dict[int, str]:
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

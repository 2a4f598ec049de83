"""Exact retrieval over term vectors. Pure: no Django, no database.

An `Index` is a large immutable `Segment` (of a snapshot, or built in memory) and beside it a small one of what
changed since. Statistics belong to the snapshot: what is added later is weighed by them, so a pair's score never
depends on when its documents came.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from matching.engine import kernels
from matching.engine.terms import FIELDS, Terms
from matching.engine.vectors import Query, Statistics, mixed, need_vectors, no_ids, shares_of, term_weights
from matching.engine.weights import DEFAULT, Weights

Array = NDArray[Any]

KEY_BYTES = 16  # public codes are shorter; keys of evaluation files are numbered (see `Segment.build`)


@dataclass(frozen=True, slots=True, eq=False)
class Gathered:
    """Documents one after the other: document d has the terms from spans[d] to spans[d + 1] (int64)."""

    spans: Array
    terms: Terms

    @classmethod
    def of(cls, documents: Sequence[Terms]) -> Self:
        spans = np.zeros(len(documents) + 1, np.int64)
        np.cumsum([len(terms.ids) for terms in documents], out=spans[1:])
        if not documents:
            return cls(spans, Terms(no_ids(), np.zeros((0, FIELDS), np.uint8)))
        ids = np.concatenate([terms.ids for terms in documents])
        return cls(spans, Terms(ids, np.concatenate([terms.counts for terms in documents])))

    def __len__(self) -> int:
        return len(self.spans) - 1


@dataclass(frozen=True, slots=True, eq=False)
class Segment:
    """Postings of documents in the order of their keys.

    keys S16[documents] ascending; ids uint64[vocabulary] ascending; offsets int64[vocabulary + 1] into docs int32 and
    mixture float32 (the value of the term in that document). Segments of needs hold lead and content besides.
    """

    keys: Array
    ids: Array
    offsets: Array
    docs: Array
    mixture: Array
    lead: Array | None = None
    content: Array | None = None

    @classmethod
    def build(
        cls,
        documents: Iterable[tuple[str, Terms]],
        statistics: Statistics,
        weights: Weights = DEFAULT,
        *,
        of_needs: bool = False,
    ) -> Self:
        """Weigh and invert documents; the later of two with one key counts."""
        by_key = dict(documents)
        keys = sorted(by_key, key=str.encode)
        gathered = Gathered.of([by_key[key] for key in keys])
        return cls.of_arrays(names_of(keys), gathered, statistics, weights, of_needs=of_needs)

    @classmethod
    def of_arrays(
        cls,
        keys: Array,
        documents: Gathered,
        statistics: Statistics,
        weights: Weights,
        *,
        of_needs: bool = False,
        vocabulary: tuple[Array, Array] | None = None,
    ) -> Self:
        """The same from documents gathered already; `vocabulary` is np.unique of their ids with the inverse."""
        spans, terms = documents.spans, documents.terms
        ids, places = vocabulary or np.unique(terms.ids, return_inverse=True)
        offsets = np.concatenate([[0], np.cumsum(np.bincount(places, minlength=len(ids)))]).astype(np.int64)
        docs, origin = np.empty(len(places), np.int32), np.empty(len(places), np.int64)
        kernels.invert(spans, places, offsets, docs, origin)
        if not of_needs:
            values = np.empty(len(places), np.float32)
            weighed = term_weights(ids, statistics, weights)
            kernels.weigh(
                spans, places, terms.counts, weighed, np.array(shares_of(weights)), weights.saturation, values
            )
            return cls(keys, ids, offsets, docs, values[origin])
        lead, content = need_vectors(spans, terms, statistics, weights)
        return cls(keys, ids, offsets, docs, mixed(lead, content, weights)[origin], lead[origin], content[origin])

    def row_of(self, key: str) -> int | None:
        wanted = np.bytes_(key.encode())
        row = int(np.searchsorted(self.keys, wanted))
        return row if row < len(self.keys) and self.keys[row] == wanted else None

    def spans_of(self, ids: Array) -> tuple[Array, Array]:
        """Where the postings of each id begin and end; empty spans for unknown ids."""
        if not len(self.ids):
            nothing = np.zeros(len(ids), np.int64)
            return nothing, nothing
        places = np.minimum(np.searchsorted(self.ids, ids), len(self.ids) - 1)
        starts = self.offsets[places]
        return starts, np.where(self.ids[places] == ids, self.offsets[places + 1], starts)


def names_of(keys: Sequence[str]) -> Array:
    """Keys as a segment holds them: in the order of their bytes, which is that of `sorted(keys, key=str.encode)`."""
    if any(len(key.encode()) > KEY_BYTES for key in keys):
        raise ValueError(f"a key is longer than {KEY_BYTES} bytes")
    return np.array([key.encode() for key in keys], dtype=f"S{KEY_BYTES}")


def of_outputs(
    keys: Array, outputs: Gathered, needs: Gathered, weights: Weights = DEFAULT, *, version: str
) -> tuple[Segment, Statistics]:
    """The segment of all outputs and the statistics it makes; `needs`: those published, as everybody reads them."""
    ids, places, frequency = np.unique(outputs.terms.ids, return_inverse=True, return_counts=True)
    need_ids, need_frequency = np.unique(needs.terms.ids, return_counts=True)
    statistics = Statistics(
        version,
        len(outputs),
        ids,
        frequency.astype(np.int32),
        len(needs),
        need_ids,
        need_frequency.astype(np.int32),
    )
    return Segment.of_arrays(keys, outputs, statistics, weights, vocabulary=(ids, places)), statistics


@dataclass(frozen=True, slots=True, eq=False)
class Found:
    """What retrieval knows of one document.

    `similarity` is the retrieval score; `lead` and `content` are the need's two similarities. `shared` is, for a query
    that is a need, the output's value at each of the query's ids (0 where it lacks the term); None the other way round.
    """

    key: str
    similarity: float
    lead: float
    content: float
    shared: Array | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Near:
    """What retrieval found, best first: keys, and float32 beside them as in `Found`; `table` [terms, documents] holds
    what `Found.shared` says, for a query that is a need."""

    keys: list[str]
    similarity: Array
    lead: Array
    content: Array
    table: Array | None = None

    @classmethod
    def of(cls, found: Sequence[Found]) -> Self:
        """Of what a need found one by one."""
        numbers = np.array([(one.similarity, one.lead, one.content) for one in found], np.float32).reshape(-1, 3)
        tables = [one.shared for one in found if one.shared is not None]
        table = np.stack(tables, axis=1) if tables else None
        return cls([one.key for one in found], numbers[:, 0], numbers[:, 1], numbers[:, 2], table)

    @classmethod
    def merged(cls, several: Sequence[Self], limit: int) -> Self:
        """The best `limit` of what several segments hold, ties by key."""
        keys = [key for near in several for key in near.keys]
        similarity = np.concatenate([near.similarity for near in several])
        order = sorted(range(len(keys)), key=lambda place: (-similarity[place], keys[place]))[:limit]
        tables = [near.table for near in several if near.table is not None]
        return cls(
            [keys[place] for place in order],
            similarity[order],
            np.concatenate([near.lead for near in several])[order],
            np.concatenate([near.content for near in several])[order],
            np.concatenate(tables, axis=1)[:, order] if tables else None,
        )

    def __len__(self) -> int:
        return len(self.keys)

    def __getitem__(self, place: int) -> Found:
        return Found(
            self.keys[place],
            float(self.similarity[place]),
            float(self.lead[place]),
            float(self.content[place]),
            None if self.table is None else self.table[:, place],
        )

    def __iter__(self) -> Iterator[Found]:
        return (self[place] for place in range(len(self)))


class Index:
    """Documents that can be asked for what is nearest. Not for use by several threads at once."""

    def __init__(
        self, statistics: Statistics, weights: Weights = DEFAULT, *, base: Segment | None = None, of_needs: bool = False
    ) -> None:
        self.statistics = statistics
        self.weights = weights
        self._of_needs = of_needs
        self._base = base if base is not None else Segment.build([], statistics, weights, of_needs=of_needs)
        self._alive = np.ones(len(self._base.keys), np.bool_)
        self._changed: dict[str, Terms] = {}
        self._beside: Segment | None = None
        self._scores = np.zeros(len(self._base.keys), np.float32)

    @classmethod
    def build(
        cls,
        documents: Iterable[tuple[str, Terms]],
        *,
        statistics: Statistics | None = None,
        weights: Weights = DEFAULT,
        of_needs: bool = False,
    ) -> "Index":
        """An index in memory; without `statistics` it is one of outputs and counts its own."""
        by_key = dict(documents)
        if statistics is None:
            keys = sorted(by_key, key=str.encode)
            outputs = Gathered.of([by_key[key] for key in keys])
            base, statistics = of_outputs(names_of(keys), outputs, Gathered.of([]), weights, version="memory")
        else:
            base = Segment.build(by_key.items(), statistics, weights, of_needs=of_needs)
        return cls(statistics, weights, base=base, of_needs=of_needs)

    def __len__(self) -> int:
        return int(self._alive.sum()) + len(self._changed)

    def __contains__(self, key: str) -> bool:
        row = self._base.row_of(key)
        return key in self._changed or (row is not None and bool(self._alive[row]))

    @property
    def base(self) -> Segment:
        return self._base

    @property
    def changes(self) -> int:
        """How many documents came or went since the large segment was made; an edited one did both."""
        return len(self._changed) + int(len(self._alive) - self._alive.sum())

    def upsert(self, key: str, terms: Terms) -> None:
        self.remove(key)
        self._changed[key] = terms

    def remove(self, key: str) -> None:
        row = self._base.row_of(key)
        if row is not None:
            self._alive[row] = False
        if self._changed.pop(key, None) is not None or self._beside is not None:
            self._beside = None

    def best(self, query: Query, limit: int) -> list[tuple[str, float]]:
        """Keys and similarities (above 0) of the `limit` most similar documents, best first, ties by key."""
        found = [
            (key.decode(), float(score))
            for segment, rows, scores, _spans in self._ranked(query, limit)
            for key, score in zip(segment.keys[rows].tolist(), scores.tolist(), strict=True)
        ]
        return found if not self._changed else sorted(found, key=lambda one: (-one[1], one[0]))[:limit]

    def nearest(self, query: Query, limit: int) -> Near:
        """The same documents with what scores are made of."""
        near = [
            self._described(segment, query, rows, scores, spans)
            for segment, rows, scores, spans in self._ranked(query, limit)
        ]
        return near[0] if len(near) == 1 else Near.merged(near, limit)

    def _ranked(self, query: Query, limit: int) -> Iterator[tuple[Segment, Array, Array, tuple[Array, Array]]]:
        """For each segment: its best rows, best first, their scores, and where the query's terms stand in it."""
        yield self._ranked_in(self._base, self._alive, self._scores, query, limit)
        if self._changed:
            if self._beside is None:
                changed = self._changed.items()
                self._beside = Segment.build(changed, self.statistics, self.weights, of_needs=self._of_needs)
            size = len(self._beside.keys)
            yield self._ranked_in(self._beside, np.ones(size, np.bool_), np.zeros(size, np.float32), query, limit)

    @staticmethod
    def _ranked_in(
        segment: Segment, alive: Array, scores: Array, query: Query, limit: int
    ) -> tuple[Segment, Array, Array, tuple[Array, Array]]:
        spans = segment.spans_of(query.ids)
        kernels.accumulate(*spans, segment.docs, segment.mixture, query.mixture, scores)
        rows = kernels.largest(scores, alive, limit)
        return segment, rows, scores[rows], spans

    def _described(
        self, segment: Segment, query: Query, rows: Array, scores: Array, spans: tuple[Array, Array]
    ) -> Near:
        ascending = np.argsort(rows)
        back = np.argsort(ascending)
        if self._of_needs:
            assert segment.lead is not None
            assert segment.content is not None
            lead, content = (
                (query.mixture @ kernels.look_up(*spans, segment.docs, values, rows[ascending]))[back]
                for values in (segment.lead, segment.content)
            )
            table = None
        else:
            assert query.lead is not None
            assert query.content is not None
            table = kernels.look_up(*spans, segment.docs, segment.mixture, rows[ascending])[:, back]
            lead, content = query.lead @ table, query.content @ table
        keys = [key.decode() for key in segment.keys[rows].tolist()]
        return Near(keys, scores, lead, content, table)


def overlap(need: Query, solution: Query) -> Found:
    """The same of one pair that no index was asked for."""
    assert need.lead is not None
    assert need.content is not None
    shared = _values_at(solution, need.ids)
    return Found("", float(need.mixture @ shared), float(need.lead @ shared), float(need.content @ shared), shared)


def _values_at(query: Query, ids: Array) -> Array:
    if not len(query.ids):
        return np.zeros(len(ids), np.float32)
    places = np.minimum(np.searchsorted(query.ids, ids), len(query.ids) - 1)
    return np.where(query.ids[places] == ids, query.mixture[places], np.float32(0))

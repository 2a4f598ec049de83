"""How fast the engine alone is, over synthesised postings, against named baselines in the same run.

The anchor is a compiled flat scan of the postings: for every term of the query, add its weight to every document it
stands in, then keep the best. No exact engine reads less, so a ratio to it says how far an engine is from the memory's
own speed, on whichever machine. The other baselines get the same documents and the same queries.
"""

import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray
from rapidfuzz import fuzz, process
from scipy import sparse

from matching.engine import kernels
from matching.engine.documents import Document, Indicator
from matching.engine.index import Gathered, Index, Segment, of_outputs
from matching.engine.prepared import Prepared
from matching.engine.scoring import rank, retrieve
from matching.engine.terms import Terms
from matching.engine.vectors import Query
from matching.engine.weights import DEFAULT

try:
    import tantivy
    from rank_bm25 import BM25Okapi
except ModuleNotFoundError as missing:
    raise SystemExit(
        f"The package {missing.name} is missing: the bench needs the dependency group lab, which `make setup` installs."
    ) from None

Array = NDArray[Any]

SEED = 20261129
VOCABULARY = 200_000
DOCUMENT_TERMS = 120
QUERY_TERMS = 80
QUERIES = 30
SLOW_QUERIES = 20  # for baselines that take a second each
BEST = 50


@dataclass(frozen=True, slots=True)
class Collection:
    """Documents of about DOCUMENT_TERMS different terms, common terms more often (Zipf), and queries of QUERY_TERMS.

    `rows` are the places of each document's terms in the vocabulary, one after the other; document d has them from
    spans[d] to spans[d + 1].
    """

    spans: Array
    rows: Array
    queries: list[Array]

    @classmethod
    def of(cls, documents: int) -> "Collection":
        dice = np.random.default_rng(SEED)
        # the n-th term is drawn with 1 / (n + 100): a need of 80 terms touches about three postings a document
        shares = 1 / (np.arange(VOCABULARY) + 100.0)
        edges = np.cumsum(shares) / shares.sum()
        spans, parts, total = [0], [], 0
        for start in range(0, documents, 10_000):
            size = min(10_000, documents - start)
            drawn = np.searchsorted(edges, dice.random((size, DOCUMENT_TERMS + 40)))
            drawn.sort(axis=1)
            fresh = np.ones(drawn.shape, dtype=bool)
            fresh[:, 1:] = drawn[:, 1:] != drawn[:, :-1]
            spans += (total + np.cumsum(fresh.sum(axis=1))).tolist()
            total = spans[-1]
            parts.append(drawn[fresh].astype(np.int32))
        queries = [
            np.unique(np.searchsorted(edges, dice.random(QUERY_TERMS + 25)))[:QUERY_TERMS].astype(np.int64)
            for _ in range(QUERIES)
        ]
        return cls(np.array(spans, dtype=np.int64), np.concatenate(parts), queries)

    def __len__(self) -> int:
        return len(self.spans) - 1

    def texts(self) -> Iterator[str]:
        """Each document as words, for engines that want text."""
        for start, end in zip(self.spans[:-1], self.spans[1:], strict=True):
            yield " ".join(f"t{term}" for term in self.rows[start:end])


def index_of(collection: Collection) -> tuple[Index, float]:
    """The engine's index of the collection, and how many seconds it took to build from terms."""
    ids = collection.rows.astype(np.uint64) + 1
    counts = np.zeros((len(ids), 3), np.uint8)
    counts[:, 2] = 1
    keys = np.char.mod("S-%09d", np.arange(len(collection))).astype("S16")
    began = time.perf_counter()
    documents = Gathered(collection.spans, Terms(ids, counts))
    segment, counted = of_outputs(keys, documents, Gathered.of([]), version="bench")
    seconds = time.perf_counter() - began
    return Index(counted, base=segment), seconds


def queries_of(collection: Collection, index: Index) -> list[Query]:
    """As the engine asks them; terms that stand in no document are left out, for everybody."""
    made = []
    for places in collection.queries:
        ids = places.astype(np.uint64) + 1
        starts, ends = index.base.spans_of(ids)
        ids = ids[ends > starts]
        weights = index.statistics.telling(ids)
        weights /= np.linalg.norm(weights)
        made.append(Query(ids, weights, weights, weights))
    return made


# --- the anchor and the baselines ----------------------------------------------------------------------------------


@njit(cache=True)
def flat_scan(segment: Any, terms: Array, weights: Array, scores: Array) -> None:
    """The anchor: nothing but the additions. `segment` is (offsets, docs, values)."""
    offsets, docs, values = segment
    scores[:] = 0
    for t in range(len(terms)):
        weight = weights[t]
        for i in range(offsets[terms[t]], offsets[terms[t] + 1]):
            scores[docs[i]] += weight * values[i]


def anchor(segment: Segment) -> Callable[[Query], Array]:
    """Scan and the best BEST, on the engine's own postings."""
    scores = np.zeros(len(segment.keys), np.float32)
    alive = np.ones(len(segment.keys), np.bool_)

    def ask(query: Query) -> Array:
        terms = np.searchsorted(segment.ids, query.ids)
        flat_scan((segment.offsets, segment.docs, segment.mixture), terms, query.mixture, scores)
        return kernels.largest(scores, alive, BEST)

    return ask


def by_scipy(segment: Segment) -> Callable[[Query], Array]:
    """The same product by scipy: rows of a sparse matrix times a vector, then a partial sort."""
    shape = (len(segment.ids), len(segment.keys))
    matrix = sparse.csr_matrix((segment.mixture, segment.docs, segment.offsets), shape=shape)

    def ask(query: Query) -> Array:
        scores = matrix[np.searchsorted(segment.ids, query.ids)].T @ query.mixture
        return np.argpartition(scores, -BEST)[-BEST:]

    return ask


@contextmanager
def by_tantivy(collection: Collection) -> Iterator[Callable[[Array], Any]]:
    """A search engine in Rust: one segment on disk, BM25, the query's terms joined by OR."""
    builder = tantivy.SchemaBuilder()
    builder.add_text_field("body", tokenizer_name="whitespace", index_option="freq")
    builder.add_unsigned_field("row", stored=True)
    with tempfile.TemporaryDirectory() as folder:
        index = tantivy.Index(builder.build(), path=folder)
        writer = index.writer(heap_size=500_000_000, num_threads=1)
        for row, text in enumerate(collection.texts()):
            writer.add_document(tantivy.Document(body=[text], row=row))
        writer.commit()
        writer.wait_merging_threads()
        index.reload()
        searcher = index.searcher()

        def ask(places: Array) -> Any:
            terms = [(tantivy.Occur.Should, _term(index, place)) for place in places.tolist()]
            return searcher.search(tantivy.Query.boolean_query(terms), BEST, count=False).hits

        yield ask


def _term(index: Any, place: int) -> Any:
    return tantivy.Query.term_query(index.schema, "body", f"t{place}", "freq")


def by_rank_bm25(collection: Collection) -> Callable[[Array], Any]:
    """The textbook in Python: every document is asked for every term."""
    engine = BM25Okapi([text.split() for text in collection.texts()])
    return lambda places: engine.get_scores([f"t{place}" for place in places.tolist()])


def by_rapidfuzz(collection: Collection) -> Callable[[Array], Any]:
    """Likeness of the whole texts, pair by pair."""
    texts = list(collection.texts())

    def ask(places: Array) -> Any:
        question = " ".join(f"t{place}" for place in places.tolist())
        return process.extract(question, texts, scorer=fuzz.token_set_ratio, limit=BEST)

    return ask


# --- measuring -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Row:
    """One way to ask one collection: median ms of a query, and how many times the anchor that is."""

    documents: int
    name: str
    ms: float
    ratio: float


def median_ms(ask: Callable[[Any], Any], questions: Sequence[Any]) -> float:
    ask(questions[0])
    times = []
    for question in questions:
        began = time.perf_counter()
        ask(question)
        times.append(time.perf_counter() - began)
    return statistics.median(times) * 1000


@dataclass(frozen=True, slots=True)
class Size:
    """What is known of one collection's index."""

    documents: int
    build_seconds: float
    bytes_each: float
    postings_touched: int  # by the median query
    scored_ms: float  # one need retrieved, scored with all parts, the best 20 explained


def measure(documents: int, *, say: Callable[[str], None]) -> tuple[Size, list[Row]]:
    """The engine, the anchor and the baselines on one collection."""
    collection = Collection.of(documents)
    index, seconds = index_of(collection)
    segment, questions = index.base, queries_of(collection, index)
    touched = [int(np.subtract(*segment.spans_of(query.ids)[::-1]).sum()) for query in questions]
    arrays = (segment.keys, segment.ids, segment.offsets, segment.docs, segment.mixture)
    size = Size(
        documents,
        seconds,
        sum(array.nbytes for array in arrays) / documents,
        int(statistics.median(touched)),
        measure_scoring(index, questions),
    )
    # Anchor and engine take turns, so that both see the machine in the same mood; the better of two rounds counts.
    scan = anchor(segment)
    ways: dict[str, Callable[[Query], Any]] = {
        "flat scan": scan,
        "engine, the best 50": lambda query: index.best(query, BEST),
        "engine, the best 200 with what scores are made of": lambda query: index.nearest(query, 200),
        "scipy": by_scipy(segment),
    }
    times = {name: min(median_ms(ask, questions) for _round in range(2)) for name, ask in ways.items()}
    for name, ms in times.items():
        say(f"  {documents:>9,} {name}: {ms:.2f} ms")
    assert [key for key, _similarity in index.best(questions[0], BEST)] == [
        key.decode() for key in segment.keys[scan(questions[0])]
    ], "the engine finds what the anchor finds"
    with by_tantivy(collection) as ask:
        times["tantivy"] = median_ms(ask, collection.queries)
        say(f"  {documents:>9,} tantivy: {times['tantivy']:.2f} ms")
    return size, [Row(documents, name, ms, ms / times["flat scan"]) for name, ms in times.items()]


class _AnyDocument(Mapping[str, Prepared]):
    """A document for every key, of a few hundred that are taken in turn: what scoring reads beside the index."""

    def __init__(self) -> None:
        self._documents = [
            Prepared(
                Document(
                    key="",
                    title=f"第{n}种轴承钢连铸偏析控制方法与装置",
                    keywords=(f"方法{n}", "轴承钢", "偏析"),
                    indicators=(Indicator("抗拉强度", "ge", 500 + n, None, "MPa"),),
                    trl=(4, 4 + n % 5),
                    modes=frozenset({"technical_service"}),
                ),
                Gathered.of([]).terms,
            )
            for n in range(300)
        ]

    def __getitem__(self, key: str) -> Prepared:
        return self._documents[int(key[2:]) % len(self._documents)]

    def __contains__(self, key: object) -> bool:
        return True

    def __iter__(self) -> Iterator[str]:
        return iter(())

    def __len__(self) -> int:
        return len(self._documents)


def measure_scoring(index: Index, questions: Sequence[Query]) -> float:
    """Median ms of one need: its 200 candidates retrieved, scored with all parts, the best 20 explained.

    Thresholds are set so low that twenty are always found and explained: a real need has fewer.
    """
    weights = replace(DEFAULT, relevance_share=0.0, fair=1e-4)
    document = Document(
        key="N-1",
        title="风电轴承钢大方坯中心偏析控制",
        keywords=("轴承钢", "大方坯", "偏析"),
        indicators=(Indicator("抗拉强度", "ge", 600, None, "MPa"),),
        trl=(6, 9),
        modes=frozenset({"long_term_service"}),
    )
    documents = _AnyDocument()

    def ask(query: Query) -> None:
        ids = query.ids
        counts = np.ones((len(ids), 3), np.uint8)
        need = Prepared(document, Terms(ids, counts), _tokens={number: f"词{number}" for number in ids.tolist()})
        found = rank(need, retrieve(need, index, weights=weights), documents, index.statistics, 20, weights=weights)
        assert len(found) == 20

    return median_ms(ask, questions)


def compare(index: Index, query: Query) -> dict[str, float]:
    """The flat scan and the engine on one index and one query: postings touched, ms, ratio."""
    scan = anchor(index.base)
    starts, ends = index.base.spans_of(query.ids)
    known = Query(query.ids[ends > starts], query.mixture[ends > starts])
    flat = min(median_ms(scan, [known] * QUERIES) for _round in range(2))
    engine = min(median_ms(lambda asked: index.best(asked, BEST), [query] * QUERIES) for _round in range(2))
    return {
        "terms of the need": float(len(query.ids)),
        "postings touched": float((ends - starts).sum()),
        "flat scan, ms": flat,
        "engine, the best 50, ms": engine,
        "ratio": engine / flat,
    }


def measure_slow(documents: int, *, say: Callable[[str], None]) -> dict[str, float]:
    """Median ms of baselines that take long: asked SLOW_QUERIES times only."""
    collection = Collection.of(documents)
    questions = collection.queries[:SLOW_QUERIES]
    found = {}
    for name, make in {"rank_bm25": by_rank_bm25, "rapidfuzz over all pairs": by_rapidfuzz}.items():
        found[name] = median_ms(make(collection), questions)
        say(f"  {documents:>9,} {name}: {found[name]:,.0f} ms")
    return found

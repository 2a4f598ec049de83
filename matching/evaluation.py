"""How well the engine ranks, measured on a folder of needs, outputs and human judgements. Pure: no database.

Protocol: each need ranks only its own judged outputs; needs with fewer than MIN_JUDGED of them, or with none of grade
RELEVANT or better, are left out. Gain is 2^grade − 1 and ties count against the system. Recall looks into the whole
collection instead. Tokens, index and score are those of a matching run.
"""

import csv
import json
import math
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from matching.documents import Document
from matching.index import Index
from matching.scoring import Prepared, retrieve, score_pair
from matching.text import normalise, words
from matching.weights import DEFAULT, ENGINE_VERSION, Weights

MIN_JUDGED = 10
RELEVANT = 2
MOST_GRADE = 3
RETRIEVED = 200
RESAMPLES = 2000

Figures = NDArray[np.float64]


class BadFolder(ValueError):
    """Something in the folder cannot be used; the message is one line with file and line number."""


@dataclass(frozen=True, slots=True)
class Collection:
    """Needs and outputs by id, in file order, and grades: need id → output id → 0…3."""

    needs: Mapping[str, Document]
    outputs: Mapping[str, Document]
    judgements: Mapping[str, Mapping[str, int]]


@dataclass(frozen=True, slots=True)
class Interval:
    """A mean over needs and its bootstrap 95 % interval."""

    mean: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Row:
    """One ranking: its figures and, for a baseline, what the engine gains over it in nDCG@10 (paired by need)."""

    name: str
    ndcg: Interval
    mrr: Interval
    precision: Interval
    recall: Interval
    gain: Interval | None = None


@dataclass(frozen=True, slots=True)
class Report:
    needs: int
    outputs: int
    pairs: int
    judged_needs: int
    rows: tuple[Row, ...]
    scores: tuple[tuple[str, str, str], ...]  # need id, output id, score of every judged pair, used above or not

    def to_json(self) -> dict[str, Any]:
        figures = {key: value for key, value in asdict(self).items() if key != "scores"}
        return {"engine": ENGINE_VERSION, **figures}

    def to_text(self) -> str:
        lines = [
            f"engine {ENGINE_VERSION}: {self.needs} needs, {self.outputs} outputs, {self.pairs} judged pairs; "
            f"{self.judged_needs} needs count",
            "",
            f"{'':24}{'nDCG@10':22}{'MRR':22}{'P@5':22}{f'recall@{RETRIEVED}':22}engine gains (nDCG@10)",
        ]
        for row in self.rows:
            cells = [_cell(figure) for figure in (row.ndcg, row.mrr, row.precision, row.recall)]
            lines.append(f"{row.name:24}{''.join(f'{cell:22}' for cell in cells)}{_cell(row.gain)}".rstrip())
        lines += ["", "[…] bootstrap 95 % interval over needs; recall: outputs of grade ≥ 2 among all outputs' top 200"]
        return "\n".join(lines)


# --- reading -------------------------------------------------------------------------------------------------


def load_folder(folder: Path) -> Collection:
    """Read needs.jsonl (id, title, content), outputs.jsonl (id, title, abstract?, keywords?) and judgements.csv."""
    missing = [name for name in ("needs.jsonl", "outputs.jsonl", "judgements.csv") if not (folder / name).is_file()]
    if missing:
        raise BadFolder(f"{folder}: missing {', '.join(missing)}")
    needs = _read_documents(folder / "needs.jsonl", body="content")
    outputs = _read_documents(folder / "outputs.jsonl", body="abstract")
    return Collection(needs, outputs, _read_judgements(folder / "judgements.csv", needs, outputs))


def _read_documents(path: Path, *, body: str) -> dict[str, Document]:
    documents: dict[str, Document] = {}
    for number, line in _lines(path):
        try:
            row = json.loads(line)
        except json.JSONDecodeError as error:
            raise BadFolder(f"{path}:{number}: not JSON ({error.msg})") from error
        if not isinstance(row, dict) or not isinstance(row.get("id"), str) or not row["id"]:
            raise BadFolder(f"{path}:{number}: each line is an object with a text id")
        if row["id"] in documents:
            raise BadFolder(f"{path}:{number}: id {row['id']} appears twice")
        title, text, keywords = row.get("title") or "", row.get(body) or "", row.get("keywords") or []
        keywords = [keywords] if isinstance(keywords, str) else keywords
        if not (isinstance(title, str) and isinstance(text, str) and isinstance(keywords, list)):
            raise BadFolder(f"{path}:{number}: title and {body} are texts, keywords a list of texts")
        documents[row["id"]] = Document(key=row["id"], title=title, keywords=tuple(map(str, keywords)), body=text)
    return documents


def _read_judgements(
    path: Path, needs: Mapping[str, Document], outputs: Mapping[str, Document]
) -> dict[str, dict[str, int]]:
    judgements: dict[str, dict[str, int]] = {}
    for number, line in _lines(path):
        fields = next(csv.reader([line]))
        if number == 1 and fields == ["need_id", "output_id", "grade"]:
            continue
        if len(fields) != 3 or fields[2] not in {str(grade) for grade in range(MOST_GRADE + 1)}:
            raise BadFolder(f"{path}:{number}: a line is need_id,output_id,grade with a grade from 0 to {MOST_GRADE}")
        need, output, grade = fields
        if need not in needs:
            raise BadFolder(f"{path}:{number}: need {need} is not in needs.jsonl")
        if output not in outputs:
            raise BadFolder(f"{path}:{number}: output {output} is not in outputs.jsonl")
        judgements.setdefault(need, {})[output] = int(grade)
    return judgements


def _lines(path: Path) -> Iterator[tuple[int, str]]:
    """Lines that are not empty, with their numbers; UTF-8 with or without a byte-order mark."""
    for number, raw in enumerate(path.read_bytes().splitlines(), start=1):
        try:
            line = raw.decode("utf-8-sig" if number == 1 else "utf-8")
        except UnicodeDecodeError as error:
            raise BadFolder(f"{path}:{number}: not UTF-8") from error
        if line.strip():
            yield number, line


# --- measuring -----------------------------------------------------------------------------------------------


def evaluate(
    collection: Collection,
    *,
    weights: Weights = DEFAULT,
    seed: int = 1,
    progress: Callable[[str], None] = lambda _message: None,
) -> Report:
    """Rank with the engine and the baselines; BadFolder when no need has enough judgements to count."""
    counted = {
        need: grades
        for need, grades in collection.judgements.items()
        if len(grades) >= MIN_JUDGED and max(grades.values()) >= RELEVANT
    }
    if not counted:
        raise BadFolder(
            f"nothing to measure: no need has {MIN_JUDGED} judged outputs and one of grade {RELEVANT} or better"
        )
    draws = np.random.default_rng(seed)
    resamples = draws.integers(len(counted), size=(RESAMPLES, len(counted)))

    progress("engine")
    engine = _Engine(collection, weights)
    pair_scores = {
        need: {output: engine.score(need, output) for output in grades}
        for need, grades in collection.judgements.items()
    }
    measured = {"engine": _measure(counted, pair_scores, engine.retrieve)}
    for name, whole in _baselines(collection, list(counted), draws).items():
        progress(name)
        measured[name] = _measure_whole(counted, list(collection.outputs), whole)
    return Report(
        needs=len(collection.needs),
        outputs=len(collection.outputs),
        pairs=sum(map(len, collection.judgements.values())),
        judged_needs=len(counted),
        rows=tuple(_row(name, figures, measured["engine"], resamples) for name, figures in measured.items()),
        scores=tuple(
            (need, output, f"{score:.2f}") for need, outputs in pair_scores.items() for output, score in outputs.items()
        ),
    )


class _Engine:
    """What a matching run does, for documents that come from files."""

    def __init__(self, collection: Collection, weights: Weights) -> None:
        self._weights = weights
        self._needs = {need: Prepared.of(collection.needs[need]) for need in collection.judgements}
        self._outputs = {key: Prepared.of(document) for key, document in collection.outputs.items()}
        self._index = Index.build(((key, prepared.terms) for key, prepared in self._outputs.items()), weights=weights)

    def score(self, need: str, output: str) -> float:
        return float(score_pair(self._needs[need], self._outputs[output], self._index.statistics, self._weights).score)

    def retrieve(self, need: str) -> set[str]:
        return {found.key for found in retrieve(self._needs[need], self._index, RETRIEVED)}


def _measure(
    counted: Mapping[str, Mapping[str, int]],
    scores: Mapping[str, Mapping[str, float]],
    retrieve: Callable[[str], set[str]],
) -> Figures:
    """One row a need: nDCG@10, reciprocal rank, precision at 5, recall."""
    rows = []
    for need, grades in counted.items():
        order = sorted(grades, key=lambda output: (-scores[need][output], grades[output]))  # ties against the system
        ranked = [grades[output] for output in order]
        relevant = {output for output, grade in grades.items() if grade >= RELEVANT}
        found = len(relevant & retrieve(need)) / len(relevant)
        rows.append((ndcg(ranked), reciprocal_rank(ranked), precision(ranked), found))
    return np.array(rows)


def _measure_whole(
    counted: Mapping[str, Mapping[str, int]], outputs: Sequence[str], whole: Callable[[str], Figures]
) -> Figures:
    """Figures of a baseline that scores every output at once."""
    place = {output: i for i, output in enumerate(outputs)}
    scores, tops = {}, {}
    for need, grades in counted.items():
        all_scores = whole(need)
        scores[need] = {output: float(all_scores[place[output]]) for output in grades}
        best = np.argsort(-all_scores, kind="stable")[:RETRIEVED]
        tops[need] = {outputs[i] for i in best if all_scores[i] > 0}
    return _measure(counted, scores, tops.__getitem__)


def ndcg(ranked: Sequence[int], depth: int = 10) -> float:
    """Discounted gain of the first `depth` grades over the best possible; gain 2^grade − 1."""
    ideal = _gain(sorted(ranked, reverse=True)[:depth])
    return _gain(ranked[:depth]) / ideal if ideal else 0.0


def _gain(ranked: Sequence[int]) -> float:
    return sum((2**grade - 1) / math.log2(place + 2) for place, grade in enumerate(ranked))


def reciprocal_rank(ranked: Sequence[int]) -> float:
    return next((1 / place for place, grade in enumerate(ranked, start=1) if grade >= RELEVANT), 0.0)


def precision(ranked: Sequence[int], depth: int = 5) -> float:
    return sum(grade >= RELEVANT for grade in ranked[:depth]) / depth


def _row(name: str, figures: Figures, engine: Figures, resamples: NDArray[np.int64]) -> Row:
    ndcg_, mrr, precision_, recall = (_interval(column, resamples) for column in figures.T)
    gain = None if name == "engine" else _interval(engine[:, 0] - figures[:, 0], resamples)
    return Row(name, ndcg_, mrr, precision_, recall, gain)


def _interval(values: Figures, resamples: NDArray[np.int64]) -> Interval:
    means = values[resamples].mean(axis=1)
    low, high = np.percentile(means, [2.5, 97.5])
    return Interval(*(round(float(figure), 4) for figure in (values.mean(), low, high)))


def _cell(figure: Interval | None) -> str:
    return "" if figure is None else f"{figure.mean:.3f} [{figure.low:.3f}, {figure.high:.3f}]"


# --- baselines -----------------------------------------------------------------------------------------------


def _baselines(
    collection: Collection, needs: Sequence[str], draws: np.random.Generator
) -> dict[str, Callable[[str], Figures]]:
    """Name → a function that scores all outputs for a need: the plain methods an engine must beat."""
    need_words = _Bags([list(words(_text_of(collection.needs[need]))) for need in needs])
    output_words = _Bags([list(words(_text_of(output))) for output in collection.outputs.values()])
    need_grams = _Bags([_grams(_text_of(collection.needs[need])) for need in needs])
    output_grams = _Bags([_grams(_text_of(output)) for output in collection.outputs.values()])
    place = {need: i for i, need in enumerate(needs)}
    return {
        "random": lambda _need: draws.random(len(collection.outputs)),
        "keyword overlap": lambda need: output_words.overlap(need_words.bags[place[need]]),
        "BM25 of words": lambda need: output_words.bm25(need_words.bags[place[need]]),
        "character 1-3-grams": lambda need: output_grams.tfidf(need_grams.bags[place[need]]),
    }


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

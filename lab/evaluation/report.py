"""All figures of one collection, in order, as text and as JSON."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from lab.evaluation import place_for_another_field
from lab.evaluation.ablation import Ablation, ablate
from lab.evaluation.baselines import Ranking, baselines
from lab.evaluation.ceiling import Ceiling, ceiling
from lab.evaluation.collection import Collection
from lab.evaluation.diagnosis import Diagnosis, diagnose
from lab.evaluation.engine import (
    Texts,
    as_in_a_run,
    recall,
    top,
)
from lab.evaluation.figures import (
    Figures,
    Interval,
    interval,
    precision,
    reciprocal_rank,
)
from lab.evaluation.learned import Learned, learn
from lab.evaluation.pairs import Pairs
from lab.evaluation.reliability import Reliability, reliability
from matching.engine.scoring import RETRIEVE
from matching.engine.weights import DEFAULT, ENGINE_VERSION, Weights


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
    counted_needs: int
    rows: tuple[Row, ...]
    best_simple: str
    ablation: Ablation
    worst: Diagnosis
    ceiling: Ceiling
    reliability: Reliability
    crossing: place_for_another_field.Cost
    learned: Learned | None
    note: str
    scores: tuple[tuple[str, str, str], ...]  # need id, output id, score of every judged pair, counted or not

    def to_json(self) -> dict[str, Any]:
        figures = {key: value for key, value in asdict(self).items() if key != "scores"}
        return {"engine": ENGINE_VERSION, **figures}

    def to_text(self) -> str:
        lines = [
            *([self.note, ""] if self.note else []),
            f"engine {ENGINE_VERSION}: {self.needs} needs, {self.outputs} outputs, {self.pairs} judged pairs of "
            f"{self.judged_needs} needs; {self.counted_needs} needs count",
            "",
            f"{'':24}{'nDCG@10':22}{'MRR':22}{'P@5':22}{f'recall@{RETRIEVE}':22}engine gains (nDCG@10)",
        ]
        for row in self.rows:
            figures = "".join(f"{figure!s:22}" for figure in (row.ndcg, row.mrr, row.precision, row.recall))
            best = "  ← best simple" if row.name == self.best_simple else ""
            lines.append(f"{row.name:24}{figures}{row.gain.signed + best if row.gain else ''}".rstrip())
        lines.append(
            "[…] bootstrap 95 % interval over needs; recall: related judged outputs among all outputs' top 200"
        )
        sections: list[tuple[str, Sequence[str]]] = [("The engine without each of its parts", self.ablation.lines())]
        if self.learned:
            sections.append(("Weights learnt from other needs (nested cross-validation)", self.learned.lines()))
        sections += [
            ("How well people agree with people", self.ceiling.lines()),
            ("Does the probability hold?", self.reliability.lines()),
            ("The place kept for another field", place_for_another_field.report(self.crossing).splitlines()),
            (f"The {len(self.worst.worst)} needs ranked worst", self.worst.lines()),
        ]
        for title, section in sections:
            lines += ["", f"— {title} —", *section]
        return "\n".join(lines)


def evaluate(
    collection: Collection,
    *,
    weights: Weights = DEFAULT,
    learning: bool = False,
    progress: Callable[[str], None] = lambda _step: None,
) -> Report:
    """Everything there is to measure; BadFolder when no need has enough judgements to count."""
    counted = collection.counted()
    progress("reading texts")
    texts = Texts(collection)
    pairs = texts.pairs
    progress("engine")
    scores, found = as_in_a_run(texts, weights)
    engine = pairs.measured(scores)
    rows, simple = _baselines(collection, pairs, engine, progress)
    best = max(simple, key=lambda name: float(simple[name].mean()))
    ablation, similarities = ablate(texts, weights, progress)
    learned = None
    if learning:
        learned = learn(texts, similarities, weights, shipped=engine, simple=(best, simple[best]), progress=progress)
    progress("agreement, calibration, worst needs")
    return Report(
        needs=len(collection.needs),
        outputs=len(collection.outputs),
        pairs=len(pairs),
        judged_needs=len(pairs.needs),
        counted_needs=len(counted),
        rows=(_row("engine", pairs, scores, found, engine=engine), *rows),
        best_simple=best,
        ablation=ablation,
        worst=diagnose(texts, scores, weights),
        ceiling=ceiling(texts, scores),
        reliability=reliability(pairs, scores, weights),
        crossing=place_for_another_field.cost(texts, collection, weights),
        learned=learned,
        note=collection.note,
        scores=tuple(_scores(collection, scores)),
    )


def _baselines(
    collection: Collection, pairs: Pairs, engine: Figures, progress: Callable[[str], None]
) -> tuple[list[Row], dict[str, Figures]]:
    """A row for each plain method, and its nDCG@10 of each counted need."""
    rows, simple = [], {}
    for name, make in baselines(collection, pairs.needs, np.random.default_rng(1)).items():
        progress(name)
        scores, found = _whole(pairs, make())
        rows.append(_row(name, pairs, scores, found, engine=engine))
        simple[name] = pairs.measured(scores)
    return rows, simple


def _scores(collection: Collection, scores: Figures) -> Iterator[tuple[str, str, str]]:
    judged = ((need, output) for need, grades in collection.judgements.items() for output in grades)
    for (need, output), score in zip(judged, scores, strict=True):
        yield need, output, f"{score:.2f}"


def _whole(pairs: Pairs, ranking: Ranking) -> tuple[Figures, list[Figures]]:
    """Scores of the judged pairs and the retrieved rows by what scores every output at once."""
    scores, found = np.zeros(len(pairs)), []
    for number, need in enumerate(pairs.needs):
        whole = ranking(need)
        own = pairs.of_need(number)
        scores[own] = whole[pairs.outputs[own]]
        found.append(top(whole))
    return scores, found


def _row(name: str, pairs: Pairs, scores: Figures, found: list[Figures], *, engine: Figures) -> Row:
    ndcg = pairs.measured(scores)
    return Row(
        name,
        interval(ndcg),
        interval(pairs.measured(scores, reciprocal_rank)),
        interval(pairs.measured(scores, precision)),
        interval(recall(pairs, found)),
        None if name == "engine" else interval(engine - ndcg),
    )

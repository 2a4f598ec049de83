"""The needs ranked worst, each with computed reasons why. A reason is a measurement on the need's judged pairs."""

from collections import Counter
from dataclasses import dataclass

import numpy as np

from lab.evaluation.collection import RELEVANT
from lab.evaluation.engine import Texts
from lab.evaluation.figures import DEPTH, Figures
from matching.engine.terms import CHARACTER, Terms, kinds_of
from matching.engine.vectors import Query, Statistics, query_of_need
from matching.engine.weights import Weights

WORST = 20
RARE = 0.01  # of the outputs: a term in fewer of them tells something
FEW = 2

REASONS = {
    "few_relevant": f"at most {FEW} of the judged outputs are related, so one place decides",
    "empty_titles": "half or more of the related outputs have no text left",
    "nothing_shared": "half or more of the related outputs share no term at all with the need",
    "only_characters": "half or more of the related outputs share single characters at most",
    "no_rare_term": f"no related output shares a word or bigram that stands in under {RARE:.0%} of the outputs",
    "outranked_by_same_term": "most of the unrelated first ten hold the need's most telling shared term",
    "weak_ones_first": "more than half of the first ten are weakly related: near the subject, not what is asked for",
    "weak_ones_say_more": "the related outputs score no better than the weakly related ones, by their medians",
    "best_not_first": "none of the outputs graded best is among the first ten",
    "twins_contradict": "outputs of one title are judged both related and not related",
    "unexplained": "none of these",
}


@dataclass(frozen=True, slots=True)
class Worst:
    need: str
    title: str
    ndcg: float
    judged: int
    relevant: int
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Diagnosis:
    worst: tuple[Worst, ...]
    among_worst: dict[str, int]
    among_all: dict[str, int]
    needs: int

    def lines(self) -> list[str]:
        rows = [
            f"{row.ndcg:6.3f}  {row.need}  {row.title[:40]}  ({row.judged} judged, {row.relevant} related): "
            + ", ".join(row.reasons)
            for row in self.worst
        ]
        counts = [
            f"{reason:24}{self.among_worst.get(reason, 0):4} of {len(self.worst)}"
            f"{self.among_all.get(reason, 0):6} of {self.needs}   {meaning}"
            for reason, meaning in REASONS.items()
        ]
        return [*rows, "", "how often each reason holds, among these and among all needs that count:", *counts]


def diagnose(texts: Texts, scores: Figures, weights: Weights) -> Diagnosis:
    _segment, statistics = texts.segment(weights)
    pairs = texts.pairs
    ndcg = pairs.measured(scores)
    found = [
        Worst(
            need=pairs.needs[number],
            title=texts.needs[number].document.title,
            ndcg=round(float(figure), 4),
            judged=len(pairs.grades[pairs.of_need(number)]),
            relevant=int((pairs.grades[pairs.of_need(number)] >= RELEVANT).sum()),
            reasons=reasons(texts, number, scores, statistics, weights),
        )
        for number, figure in zip(pairs.counted, ndcg, strict=True)
    ]
    worst = sorted((row for row in found if row.ndcg < 1), key=lambda row: row.ndcg)[:WORST]
    return Diagnosis(
        tuple(worst),
        dict(Counter(reason for row in worst for reason in row.reasons)),
        dict(Counter(reason for row in found for reason in row.reasons)),
        len(found),
    )


def reasons(texts: Texts, number: int, scores: Figures, statistics: Statistics, weights: Weights) -> tuple[str, ...]:
    """The codes of REASONS that hold for one need."""
    pairs = texts.pairs
    own = pairs.of_need(number)
    grades, rows = pairs.grades[own], pairs.outputs[own]
    need = texts.needs[number].terms
    shared = [_shared(need, texts.outputs[row].terms) for row in rows]
    related = [shared[place] for place in np.flatnonzero(grades >= RELEVANT)]
    empty = [len(texts.outputs[row].terms.ids) == 0 for row in rows[grades >= RELEVANT]]
    readable = [bool((kinds_of(ids) != CHARACTER).any()) for ids in related]
    half = len(related) / 2
    first = grades[np.lexsort((grades, -scores[own]))[:DEPTH]]
    weak = scores[own][grades == RELEVANT - 1]
    nothing = sum(not len(ids) for ids in related) - sum(empty)
    held = {
        "few_relevant": len(related) <= FEW,
        "empty_titles": sum(empty) >= half,
        "nothing_shared": nothing >= half,
        "only_characters": len(readable) - sum(readable) - nothing - sum(empty) >= half,
        "no_rare_term": not any(len(_rare(ids, statistics)) for ids in related),
        "outranked_by_same_term": _outranked(query_of_need(need, statistics, weights), shared, grades, scores[own]),
        "weak_ones_first": (first == RELEVANT - 1).sum() * 2 > len(first),
        "weak_ones_say_more": len(weak) > 0 and np.median(scores[own][grades >= RELEVANT]) <= np.median(weak),
        "best_not_first": first.max() < grades.max(),
        "twins_contradict": _contradicting(texts, rows, grades),
    }
    return tuple(reason for reason, holds in held.items() if holds) or ("unexplained",)


def _shared(need: Terms, output: Terms) -> Figures:
    return np.intersect1d(need.ids, output.ids, assume_unique=True)


def _rare(ids: Figures, statistics: Statistics) -> Figures:
    ids = ids[kinds_of(ids) != CHARACTER]
    if not len(ids):
        return ids
    frequency = statistics.frequency[np.searchsorted(statistics.ids, ids)]
    return np.asarray(ids[frequency < RARE * statistics.documents])


def _outranked(need: Query, shared: list[Figures], grades: Figures, scores: Figures) -> bool:
    """Whether most of the unrelated among the first ten hold that term of the need which tells most of all shared."""
    known = np.unique(np.concatenate(shared))
    known = known[kinds_of(known) != CHARACTER]
    if not len(known):
        return False
    telling = known[np.argmax(need.mixture[np.searchsorted(need.ids, known)])]
    first = np.lexsort((grades, -scores))[:DEPTH]
    wrong = [place for place in first if grades[place] < RELEVANT]
    return sum(bool(np.isin(telling, shared[place])) for place in wrong) * 2 > len(wrong)


def _contradicting(texts: Texts, rows: Figures, grades: Figures) -> bool:
    seen: dict[str, set[bool]] = {}
    for row, grade in zip(rows, grades, strict=True):
        title = texts.outputs[row].names().title.strip()
        if title:
            seen.setdefault(title, set()).add(bool(grade >= RELEVANT))
    return any(len(found) > 1 for found in seen.values())

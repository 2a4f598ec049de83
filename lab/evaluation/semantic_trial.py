"""An experiment that did not pay: a semantic part trained on the platform's own catalogue. Not part of the engine.

Titles and abstracts of the same outputs are free supervision: the directions in which the two vary together (a singular
value decomposition of titlesᵀ · abstracts) put a need's title and content and an output's title into one small space,
where texts that share no term can be near. `evaluate_matching --catalogue FILE` prints what that would gain.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from scipy import sparse

from lab.evaluation.engine import Texts, recall, top
from lab.evaluation.figures import (
    Figures,
    Interval,
    Resampling,
    folds_of,
)
from matching.engine.documents import Document, tokens_of
from matching.engine.terms import CHARACTER, Terms, kinds_of

SIZE = 200
TURNS = 2
NOTHING = 1e-9  # of the strongest: a direction this weak is rounding
LEAST = 5  # outputs of the catalogue a term must stand in
MOST_TERMS = 60_000
POINTS = (0.0, 2.5, 5.0, 10.0, 20.0)
FOLDS = 10
TITLE, BODY = 0, 2


@dataclass(frozen=True, slots=True)
class Trial:
    texts: int
    terms: int
    alone_ndcg: float
    alone_recall: float
    rows: tuple[tuple[float, float, Interval], ...]  # points, nDCG@10, gain over the engine without it
    chosen: Interval  # the gain where the points for each need are those that were best on the other needs

    def lines(self) -> list[str]:
        verdict = (
            "it pays" if self.chosen.low > 0 else "no gain that can be told from chance: it is not part of the engine"
        )
        return [
            f"trained on {self.texts} texts with title and abstract, {self.terms} terms, {SIZE} dimensions",
            f"{'alone':36}{self.alone_ndcg:9.3f}   recall@200 {self.alone_recall:.3f}",
            *(
                f"{f'engine with a semantic part, {points:g} points':36}{ndcg:9.3f}   {gain.signed}"
                for points, ndcg, gain in self.rows
            ),
            f"with the points that were best on other needs ({FOLDS} folds): {self.chosen.signed}: {verdict}",
        ]


def try_semantics(
    texts: Texts,
    catalogue: Sequence[Document],
    scores: Figures,
    resampling: Resampling,
    progress: Callable[[str], None],
) -> Trial:
    """`scores` are the engine's, of all judged pairs."""
    progress("tokenising the catalogue")
    terms = [tokens_of(document).terms() for document in catalogue if document.title and document.body]
    ids, frequency = np.unique(np.concatenate([one.ids for one in terms]), return_counts=True)
    kept = (frequency >= LEAST) & (kinds_of(ids) != CHARACTER)
    common = np.sort(np.flatnonzero(kept)[np.argsort(-frequency[kept], kind="stable")[:MOST_TERMS]])
    ids, frequency = ids[common], frequency[common]
    telling = np.log1p((len(terms) + 0.5) / (frequency + 0.5))
    progress(f"finding {SIZE} dimensions of {len(ids)} terms")
    titles, bodies = (_matrix(terms, field, ids, telling) for field in (TITLE, BODY))
    of_titles, of_bodies = _directions(titles, bodies)

    pairs = texts.pairs
    needs = [need.terms for need in texts.needs]
    outputs = _unit(_matrix([output.terms for output in texts.outputs], TITLE, ids, telling) @ of_titles)
    asked = _unit(_matrix(needs, TITLE, ids, telling) @ of_titles)
    asked = asked + _unit(_matrix(needs, BODY, ids, telling) @ of_bodies)
    nearness = np.asarray(_unit(asked) @ outputs.T)
    given = np.maximum(nearness[pairs.need, pairs.outputs], 0.0)
    gains = {points: pairs.measured(scores + points * given) - pairs.measured(scores) for points in POINTS}
    folds = folds_of([pairs.titles[number] for number in pairs.counted], FOLDS, seed=1)
    chosen = np.zeros(len(folds))
    for fold in range(FOLDS):
        best = max(POINTS, key=lambda points: float(gains[points][folds != fold].sum()))
        chosen[folds == fold] = gains[best][folds == fold]
    before = float(pairs.measured(scores).mean())
    return Trial(
        texts=len(terms),
        terms=len(ids),
        alone_ndcg=round(float(pairs.measured(given).mean()), 4),
        alone_recall=round(float(recall(pairs, [top(row) for row in nearness]).mean()), 4),
        rows=tuple(
            (points, round(before + float(gain.mean()), 4), resampling.interval(gain))
            for points, gain in gains.items()
            if points
        ),
        chosen=resampling.interval(chosen),
    )


def _matrix(documents: Sequence[Terms], field: int, ids: Figures, telling: Figures) -> sparse.csr_matrix:
    """Documents × terms: damped counts of one field × how much a term tells, rows of length one."""
    rows, columns, values = [], [], []
    for row, terms in enumerate(documents):
        counts = terms.counts[:, field]
        places = np.minimum(np.searchsorted(ids, terms.ids), max(len(ids) - 1, 0))
        there = (ids[places] == terms.ids) & (counts > 0)
        value = (1 + np.log(counts[there])) * telling[places[there]]
        rows.append(np.full(len(value), row))
        columns.append(places[there])
        values.append(value / max(float(np.sqrt(value @ value)), 1e-12))
    entries = (np.concatenate(values), (np.concatenate(rows), np.concatenate(columns)))
    return sparse.csr_matrix(entries, shape=(len(documents), len(ids)))


def _directions(titles: sparse.csr_matrix, bodies: sparse.csr_matrix) -> tuple[Figures, Figures]:
    """Terms × SIZE for titles and for abstracts: the directions in which they vary together, strongest first.

    A randomised singular value decomposition: a block of vectors is sent back and forth until it lies along them.
    Every direction counts the same, which ranks better than counting it by its strength.
    """
    size = min(SIZE, titles.shape[1])
    block = np.random.default_rng(1).normal(size=(titles.shape[1], size + 10))
    for _turn in range(TURNS):
        block = np.linalg.qr(titles.T @ (bodies @ block))[0]
        block = np.linalg.qr(bodies.T @ (titles @ block))[0]
    left, strength, right = np.linalg.svd(titles.T @ (bodies @ block), full_matrices=False)
    size = min(size, int((strength > NOTHING * strength[0]).sum()))
    return left[:, :size], (block @ right.T)[:, :size]


def _unit(rows: Figures) -> Figures:
    return np.asarray(rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-12))

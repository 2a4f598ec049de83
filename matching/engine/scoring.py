"""What a need–solution pair scores and why: parts, each with points and one sentence, that add up to the score.

Pure: the same functions serve a Celery run, the evaluation command and a notebook. Sentences are Chinese msgids with
named parameters, translated by the page. The parts themselves are in matching/engine/parts/wording.py and
matching/engine/parts/conditions.py.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from heapq import heappush, heappushpop
from typing import Any, Literal, Self

import numpy as np

from matching.engine.calibration import least_score
from matching.engine.documents import Document, tokens_of
from matching.engine.index import (
    Found,
    Index,
    Near,
    Query,
    Statistics,
    overlap,
    query_of_need,
    query_of_solution,
)
from matching.engine.indicators import Correspondence, correspond
from matching.engine.parts import conditions
from matching.engine.parts.base import ZERO, Part, Sentence
from matching.engine.parts.wording import (
    Letters,
    Names,
    fuzzy_finding,
    likenesses,
    names_of,
    text_findings,
)
from matching.engine.terms import Terms, letters_of
from matching.engine.weights import (
    DEFAULT,
    ENGINE_VERSION,
    TEXT_PARTS,
    Weights,
)

Grade = Literal["high", "good", "fair", "none"]

RETRIEVE = 200
"""How many candidates of the index are looked at closely."""

_ROUNDING = 0.2
"""More than the sum of a pair's parts, each rounded to cents, can be away from the same in floating point."""


@dataclass(frozen=True, slots=True)
class Scored:
    score: Decimal
    grade: Grade
    parts: tuple[Part, ...]
    fits: tuple[Sentence, ...]
    misses: tuple[Sentence, ...]
    unknowns: tuple[Sentence, ...]

    def to_json(self) -> dict[str, Any]:
        """Everything a page shows; Decimals as strings with two places."""
        return {
            "engine": ENGINE_VERSION,
            "score": str(self.score),
            "grade": self.grade,
            "parts": [part.to_json() for part in self.parts],
            "fits": [sentence.to_json() for sentence in self.fits],
            "misses": [sentence.to_json() for sentence in self.misses],
            "unknowns": [sentence.to_json() for sentence in self.unknowns],
        }


@dataclass(slots=True)
class Prepared:
    """A document ready for scoring: its terms, and on demand what is derived from it, each made once.

    Queries are remembered for the statistics and weights they were last asked with. `document` may lack its body where
    only `terms` are read of it (outputs).
    """

    document: Document
    terms: Terms
    fingerprint: str = ""  # of the stored row it comes from
    _tokens: dict[int, str] | None = field(default=None, repr=False, compare=False)
    _letters: Letters | None = field(default=None, repr=False, compare=False)
    _names: Names | None = field(default=None, repr=False, compare=False)
    _query: Query | None = field(default=None, repr=False, compare=False)
    _asked_with: tuple[Statistics, Weights] | None = field(default=None, repr=False, compare=False)

    @classmethod
    def of(cls, document: Document) -> Self:
        tokens = tokens_of(document)
        return cls(document, tokens.terms(), _tokens=letters_of(tokens.fields()))

    def as_need(self, statistics: Statistics, weights: Weights = DEFAULT) -> Query:
        return self._as(query_of_need, statistics, weights)

    def as_solution(self, statistics: Statistics, weights: Weights = DEFAULT) -> Query:
        return self._as(query_of_solution, statistics, weights)

    def _as(self, make: Any, statistics: Statistics, weights: Weights) -> Query:
        if self._query is None or self._asked_with != (statistics, weights):
            self._query = make(self.terms, statistics, weights)
            self._asked_with = statistics, weights
        return self._query

    def letters(self) -> Letters:
        """The tokens behind the ids of a need."""
        if self._letters is None:
            tokens = letters_of(tokens_of(self.document).fields()) if self._tokens is None else self._tokens
            self._letters = Letters(self.terms.ids, tokens)
        return self._letters

    def names(self) -> Names:
        if self._names is None:
            self._names = names_of(self.document)
        return self._names


def retrieve(need: Prepared, index: Index, limit: int = RETRIEVE, *, weights: Weights = DEFAULT) -> Near:
    """The solutions whose text is nearest to the need's, with what `rank` scores from."""
    return index.nearest(need.as_need(index.statistics, weights), limit)


def rank(
    need: Prepared,
    near: Near,
    solutions: Mapping[str, Prepared],
    statistics: Statistics,
    limit: int,
    *,
    weights: Weights = DEFAULT,
) -> list[tuple[str, Scored]]:
    """The best `limit` of the retrieved that are a match at all (never graded "none"), best first, ties by key.

    `near` is what `retrieve` gave; keys missing from `solutions` are skipped: the caller decides which take part.
    """
    known = [place for place, key in enumerate(near.keys) if key in solutions]
    names = [solutions[near.keys[place]].names() for place in known]
    relevance = _relevance(need, near.lead[known], near.content[known], names, weights)
    most_of_conditions = conditions.most_points(need.document, weights)
    # Texts and names are cheap to score, all at once; conditions only where they can still bring a pair into the list,
    # and a pair is explained only once it is in it.
    fair = least_score("fair", weights)
    rows: list[_Row] = []
    heads: list[float] = []  # a heap of the best scores so far
    for place in np.argsort(-relevance, kind="stable"):
        key, text = near.keys[known[place]], float(relevance[place])
        if text + _ROUNDING < weights.relevance_floor:
            break
        if len(heads) == limit and text + most_of_conditions + _ROUNDING < heads[0]:
            break
        solution = solutions[key].document
        answers = correspond(need.document.indicators, solution.indicators)
        score = text + conditions.points(answers, need.document, solution, weights)
        if score + _ROUNDING >= fair:
            rows.append((score, known[place], answers))
            (heappush if len(heads) < limit else heappushpop)(heads, score)
    matches = []
    query = need.as_need(statistics, weights)
    least = heads[0] - 2 * _ROUNDING if heads else 0.0
    for score, place, answers in rows:
        if score < least:
            continue
        key = near.keys[place]
        scored = _scored(need, solutions[key], query, near[place], answers=answers, weights=weights)
        if scored.grade != "none":
            matches.append((key, scored))
    return sorted(matches, key=lambda match: (-match[1].score, match[0]))[:limit]


def score_pair(need: Prepared, solution: Prepared, statistics: Statistics, weights: Weights = DEFAULT) -> Scored:
    """Score one pair. `statistics` are always those of the solutions, from whichever side the pair was found."""
    query = need.as_need(statistics, weights)
    found = overlap(query, solution.as_solution(statistics, weights))
    answers = correspond(need.document.indicators, solution.document.indicators)
    return _scored(need, solution, query, found, answers=answers, weights=weights)


def might_match(need: Prepared, found: Found, solution: Prepared, weights: Weights = DEFAULT) -> bool:
    """Whether the texts of a pair allow a match: a cheap question before `score_pair`."""
    lead, content = np.array([found.lead]), np.array([found.content])
    [text] = _relevance(need, lead, content, [solution.names()], weights)
    return bool(text + _ROUNDING >= weights.relevance_floor)


def _relevance(need: Prepared, lead: Any, content: Any, names: Sequence[Names], weights: Weights) -> Any:
    """The points of all TEXT_PARTS for each pair, float64[pairs]; exact up to the rounding of each part to cents."""
    return (
        weights.title_points * lead / (lead + weights.half_similarity)
        + weights.content_points * content / (content + weights.half_similarity)
        + weights.fuzzy_points * likenesses(need.names(), names)
    )


_Row = tuple[float, int, list[Correspondence]]  # score, place among the retrieved, how indicators are answered


def _scored(
    need: Prepared, solution: Prepared, query: Query, found: Found, *, answers: list[Correspondence], weights: Weights
) -> Scored:
    findings = (
        *text_findings(query, found, need.letters(), weights),
        fuzzy_finding(need.names(), solution.names(), weights),
        conditions.indicators(answers, weights),
        conditions.maturity(need.document, solution.document, weights),
        conditions.cooperation(need.document, solution.document, weights),
        conditions.budget(need.document, solution.document, weights),
        conditions.region(need.document, solution.document, weights),
    )
    parts = tuple(finding.part for finding in findings)
    score = sum((part.points for part in parts), ZERO)
    return Scored(
        score=score,
        grade=grade_of(
            score=score,
            relevance=sum((part.points for part in parts if part.name in TEXT_PARTS), ZERO),
            musts=[row.verdict for row in answers if row.need.must],
            levels_short=conditions.levels_short(need.document, solution.document),
            weights=weights,
        ),
        parts=parts,
        fits=tuple(sentence for finding in findings for sentence in finding.fits),
        misses=tuple(sentence for finding in findings for sentence in finding.misses),
        unknowns=tuple(sentence for finding in findings for sentence in finding.unknowns),
    )


def grade_of(
    *, score: Decimal, relevance: Decimal, musts: Sequence[str], levels_short: int, weights: Weights = DEFAULT
) -> Grade:
    """By the probability the score stands for, then held down: mostly missed musts are fair at most; high needs a
    must-indicator shown to be met, none missed, and a maturity less than three levels short. Words alone never make a
    high grade: of real pairs scored so by their titles alone, people found three in ten related (docs/evaluation.md).

    `relevance` is the share of the text parts in the score, `musts` the verdicts of the must-indicators,
    `levels_short` how far the maturity is below the least wanted.
    """
    if relevance < weights.relevance_floor or score < least_score("fair", weights):
        return "none"
    missed = musts.count("unmet")
    if score < least_score("good", weights) or missed * 2 > len(musts):
        return "fair"
    if score < least_score("high", weights) or missed or "met" not in musts or levels_short >= 3:
        return "good"
    return "high"

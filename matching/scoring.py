"""What a need–solution pair scores and why: parts, each with points and one sentence, that add up to the score.

Pure: the same functions serve a Celery run, the evaluation command and a notebook. Sentences are Chinese msgids with
named parameters, translated by the page.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from decimal import Decimal
from math import floor
from typing import Any, Literal, Self

from rapidfuzz import fuzz

from matching.documents import Document, Tokens, tokens_of
from matching.index import Index, Statistics, vector_of
from matching.text import BIGRAM, normalise, surface
from matching.text import gettext_noop as _
from matching.weights import DEFAULT, ENGINE_VERSION, Weights

Grade = Literal["high", "good", "fair", "none"]
CENT = Decimal("0.01")
_SHOWN_TERMS = 30


@dataclass(frozen=True, slots=True)
class Sentence:
    """A Chinese msgid and the values for its %(name)s places."""

    msgid: str
    params: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Part:
    """One reason for the score. Details are JSON-ready rows; their shape depends on the part's name."""

    name: str
    points: Decimal
    sentence: Sentence
    details: Sequence[Mapping[str, Any]] = ()


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
            "parts": [
                {
                    "name": part.name,
                    "points": str(part.points),
                    "sentence": asdict(part.sentence),
                    "details": list(part.details),
                }
                for part in self.parts
            ],
            "fits": [asdict(sentence) for sentence in self.fits],
            "misses": [asdict(sentence) for sentence in self.misses],
            "unknowns": [asdict(sentence) for sentence in self.unknowns],
        }


@dataclass(slots=True)
class Prepared:
    """A document with its tokens; remembers its vector for the statistics it was last asked about."""

    document: Document
    tokens: Tokens
    _vector: dict[str, float] = field(default_factory=dict, repr=False, compare=False)
    _statistics: Statistics | None = field(default=None, repr=False, compare=False)

    @classmethod
    def of(cls, document: Document) -> Self:
        return cls(document, tokens_of(document))

    def vector(self, statistics: Statistics, weights: Weights) -> dict[str, float]:
        if self._statistics is not statistics:
            self._vector = vector_of(self.tokens, statistics, weights)
            self._statistics = statistics
        return self._vector


def rank(
    need: Prepared,
    index: Index,
    solutions: Mapping[str, Prepared],
    limit: int,
    *,
    retrieve: int = 200,
    weights: Weights = DEFAULT,
) -> list[tuple[str, Scored]]:
    """The best `limit` solutions for a need that are a match at all (never grade "none"), best first, ties by key.

    Retrieved keys missing from `solutions` are skipped: the caller decides which solutions may take part.
    """
    scored = [
        (key, score_pair(need, solutions[key], index.statistics, weights))
        for key, _similarity in index.nearest(need.vector(index.statistics, weights), retrieve)
        if key in solutions
    ]
    matches = [(key, result) for key, result in scored if result.grade != "none"]
    return sorted(matches, key=lambda match: (-match[1].score, match[0]))[:limit]


def score_pair(need: Prepared, solution: Prepared, statistics: Statistics, weights: Weights = DEFAULT) -> Scored:
    """Score one pair. `statistics` are always those of the solutions, from whichever side the pair was found."""
    parts = (
        _text_part(need.vector(statistics, weights), solution.vector(statistics, weights), weights),
        _fuzzy_part(need.document, solution.document, weights),
    )
    score = sum((part.points for part in parts), Decimal(0))
    return Scored(score, _grade(score, weights), parts, (), (), ())


def _grade(score: Decimal, weights: Weights) -> Grade:
    if score >= weights.high:
        return "high"
    if score >= weights.good:
        return "good"
    return "fair" if score >= weights.fair else "none"


def _text_part(need: Mapping[str, float], solution: Mapping[str, float], weights: Weights) -> Part:
    """The square root lifts the usual small cosines into a readable range; terms share the points by what they gave."""
    given = {term: value * solution[term] for term, value in need.items() if term in solution}
    similarity = sum(given.values())
    points = _cents(weights.text_points * similarity**0.5)
    terms = _by_surface(given)
    shares = split_points(points, list(terms.values()))
    rows = sorted(zip(terms, shares, strict=True), key=lambda row: (-row[1], row[0]))
    details = [{"term": term, "points": str(share)} for term, share in rows]
    sentence = Sentence(_("共有 %(count)s 个技术词语相同或相近"), {"count": len(terms)})
    return Part("text", points, sentence, details)


def _by_surface(given: Mapping[str, float]) -> dict[str, float]:
    """Credit a shared bigram to the longest shared word that holds it, so that a reader sees words."""
    terms = {term: value for term, value in given.items() if not term.startswith(BIGRAM)}
    longest_first = sorted(terms, key=lambda term: (-len(term), term))
    for token, value in given.items():
        if token.startswith(BIGRAM):
            pair = surface(token)
            holder = next((word for word in longest_first if pair in word), pair)
            terms[holder] = terms.get(holder, 0.0) + value
    return terms


def _fuzzy_part(need: Document, solution: Document, weights: Weights) -> Part:
    ratio = fuzz.partial_ratio(normalise(need.title), normalise(solution.title)) / 100
    points = _cents(weights.fuzzy_points * max(0.0, ratio - 0.5) * 2)
    return Part("fuzzy", points, Sentence(_("标题相似度 %(percent)s%%"), {"percent": round(ratio * 100)}))


def split_points(points: Decimal, shares: Sequence[float]) -> list[Decimal]:
    """Split points in proportion to shares, in cents that add up exactly (largest remainder)."""
    total = sum(shares)
    if not total:
        return [Decimal("0.00")] * len(shares)
    exact = [float(points / CENT) * share / total for share in shares]
    cents = [floor(value) for value in exact]
    left = int(points / CENT) - sum(cents)
    for place in sorted(range(len(exact)), key=lambda i: cents[i] - exact[i])[:left]:
        cents[place] += 1
    return [CENT * cent for cent in cents]


def _cents(value: float) -> Decimal:
    return Decimal(value).quantize(CENT)


def total_points(parts: Iterable[Part]) -> Decimal:
    return sum((part.points for part in parts), Decimal("0.00"))

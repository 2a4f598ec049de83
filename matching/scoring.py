"""What a need–solution pair scores and why: parts, each with points and one sentence, that add up to the score.

Pure: the same functions serve a Celery run, the evaluation command and a notebook. Sentences are Chinese msgids with
named parameters, translated by the page.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from decimal import Decimal
from math import floor
from typing import Any, Literal, Self

from rapidfuzz import fuzz

from matching.documents import Document, Indicator, Tokens, tokens_of
from matching.index import Index, Statistics, vector_of
from matching.indicators import Correspondence, Verdict, correspond
from matching.text import BIGRAM, normalise, surface
from matching.text import gettext_noop as _
from matching.weights import DEFAULT, ENGINE_VERSION, Weights

Grade = Literal["high", "good", "fair", "none"]
PartName = Literal["text", "fuzzy", "indicators", "maturity", "cooperation", "budget", "region"]

RETRIEVE = 200
"""How many candidates of the index are looked at closely."""

_ROUNDING = 0.02
"""The index counts in single precision: how far a score can be from what the index says."""

_CENT = Decimal("0.01")
_ZERO = Decimal("0.00")
_MODEL = re.compile(r"(?=[a-z0-9.-]*\d)(?=[a-z0-9.-]*[a-z])[a-z0-9]+(?:[-.][a-z0-9]+)*")
_SIMILAR_PHRASE = 0.6  # below this two keywords merely share a character or two

COMPATIBLE_MODES: Mapping[str, frozenset[str]] = {
    "lecture": frozenset({"technical_consulting", "technical_service"}),
    "training": frozenset({"technical_consulting", "technical_service"}),
    "diagnosis": frozenset({"technical_consulting", "technical_service"}),
    "transfer": frozenset({"ownership_transfer"}),
    "licence": frozenset({"exclusive_licence", "sole_licence", "ordinary_licence"}),
    "equity": frozenset({"equity"}),
    "joint_development": frozenset({"joint_development"}),
    "commissioned_development": frozenset({"joint_development", "technical_service"}),
    "joint_entity": frozenset({"equity", "joint_development"}),
    "long_term_service": frozenset({"technical_service", "technical_consulting"}),
}
"""Cooperation mode of a need → transfer modes of an output that can serve it."""


@dataclass(frozen=True, slots=True)
class Sentence:
    """A Chinese msgid and the values for its %(name)s places; not public when it tells a private indicator."""

    msgid: str
    params: Mapping[str, Any] = field(default_factory=dict)
    public: bool = True


@dataclass(frozen=True, slots=True)
class Part:
    """One reason for the score. Details are JSON-ready rows; their shape depends on the part's name."""

    name: PartName
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
    """A document with its tokens; remembers its vector for the statistics it was last asked about, and its names."""

    document: Document
    tokens: Tokens
    _names: tuple[str, list[str]] | None = field(default=None, repr=False, compare=False)
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

    def names(self) -> tuple[str, list[str]]:
        """The title, and the keywords with the model numbers of the title: normalised, each once."""
        if self._names is None:
            title = normalise(self.document.title)
            phrases = [*map(normalise, self.document.keywords), *_MODEL.findall(title)]
            self._names = title, list(dict.fromkeys(filter(None, phrases)))
        return self._names


def retrieve(need: Prepared, index: Index, *, weights: Weights = DEFAULT) -> list[tuple[str, float]]:
    """The `RETRIEVE` solutions whose text is nearest to the need's, with the similarity `rank` scores from."""
    return index.nearest(need.vector(index.statistics, weights), RETRIEVE)


def rank(
    need: Prepared,
    near: Iterable[tuple[str, float]],
    solutions: Mapping[str, Prepared],
    statistics: Statistics,
    limit: int,
    *,
    weights: Weights = DEFAULT,
) -> list[tuple[str, Scored]]:
    """The best `limit` of the retrieved that are a match at all (never graded "none"), best first, ties by key.

    `near` is what `retrieve` gave; keys missing from `solutions` are skipped: the caller decides which take part.
    """
    promising = []
    for key, similarity in near:
        text = _text_points(similarity, weights)
        if key not in solutions or text + weights.fuzzy_points < weights.relevance_floor:
            continue
        solution = solutions[key]
        relevance = text + float(_fuzzy(need, solution, weights).part.points) + _ROUNDING
        if relevance >= weights.relevance_floor:
            _rows, findings = _structured(need.document, solution.document, weights)
            score = relevance + float(sum(finding.part.points for finding in findings))
            if score >= weights.fair:
                promising.append((score, key))
    # The index knows the points of the text, so terms are explained only for pairs that can reach the list.
    matches: list[tuple[str, Scored]] = []
    for most, key in sorted(promising, reverse=True):
        if len(matches) == limit and most < matches[-1][1].score:
            break
        scored = score_pair(need, solutions[key], statistics, weights)
        if scored.grade != "none":
            matches.append((key, scored))
            matches = sorted(matches, key=lambda match: (-match[1].score, match[0]))[:limit]
    return matches


def _text_points(similarity: float, weights: Weights) -> float:
    """Similarities of real matches are small and close together; this spreads them and never passes the top."""
    return weights.text_points * similarity / (similarity + weights.half_similarity)


def score_pair(need: Prepared, solution: Prepared, statistics: Statistics, weights: Weights = DEFAULT) -> Scored:
    """Score one pair. `statistics` are always those of the solutions, from whichever side the pair was found."""
    text = _text(need.vector(statistics, weights), solution.vector(statistics, weights), weights)
    rows, structured = _structured(need.document, solution.document, weights)
    findings = (text, _fuzzy(need, solution, weights), *structured)
    parts = tuple(finding.part for finding in findings)
    return Scored(
        score=sum((part.points for part in parts), _ZERO),
        grade=_grade(parts, rows, need.document, solution.document, weights),
        parts=parts,
        fits=tuple(sentence for finding in findings for sentence in finding.fits),
        misses=tuple(sentence for finding in findings for sentence in finding.misses),
        unknowns=tuple(sentence for finding in findings for sentence in finding.unknowns),
    )


def _structured(
    need: Document, solution: Document, weights: Weights
) -> tuple[list[Correspondence], tuple["_Finding", ...]]:
    """The indicator rows the grade looks at, and the parts that do not come from text."""
    rows = correspond(need.indicators, solution.indicators)
    return rows, (
        _indicators(rows, weights),
        _maturity(need, solution, weights),
        _cooperation(need, solution, weights),
        _budget(need, solution, weights),
        _region(need, solution, weights),
    )


# --- grade ---------------------------------------------------------------------------------------------------


def _grade(
    parts: Sequence[Part],
    rows: Sequence[Correspondence],
    need: Document,
    solution: Document,
    weights: Weights,
) -> Grade:
    return grade_of(
        score=sum((part.points for part in parts), _ZERO),
        relevance=sum((part.points for part in parts if part.name in ("text", "fuzzy")), _ZERO),
        musts=[row.verdict for row in rows if row.need.must],
        levels_short=_levels_short(need, solution),
        weights=weights,
    )


def grade_of(
    *, score: Decimal, relevance: Decimal, musts: Sequence[str], levels_short: int, weights: Weights = DEFAULT
) -> Grade:
    """By score, then held down: mostly missed musts are fair at most; high needs a must-indicator shown to be met,
    none missed, and a maturity less than three levels short. Words alone never make a high grade: of real pairs
    graded so by their titles alone, people found four in ten related (docs/evaluation.md).

    `relevance` is the share of text and fuzzy in the score, `musts` the verdicts of the must-indicators,
    `levels_short` how far the maturity is below the least wanted.
    """
    if relevance < weights.relevance_floor or score < weights.fair:
        return "none"
    missed = musts.count("unmet")
    if score < weights.good or missed * 2 > len(musts):
        return "fair"
    if score < weights.high or missed or "met" not in musts or levels_short >= 3:
        return "good"
    return "high"


# --- parts ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Finding:
    """A part and what it says clearly fits, clearly does not, or is not known."""

    part: Part
    fits: tuple[Sentence, ...] = ()
    misses: tuple[Sentence, ...] = ()
    unknowns: tuple[Sentence, ...] = ()


def _fit(name: PartName, points: float, sentence: Sentence) -> _Finding:
    return _Finding(Part(name, _cents(points), sentence), fits=(sentence,))


def _miss(name: PartName, points: float, sentence: Sentence) -> _Finding:
    return _Finding(Part(name, _cents(-points), sentence), misses=(sentence,))


def _unknown(name: PartName, sentence: Sentence) -> _Finding:
    return _Finding(Part(name, _ZERO, sentence), unknowns=(sentence,))


def _not_asked(name: PartName, sentence: Sentence) -> _Finding:
    return _Finding(Part(name, _ZERO, sentence))


def _text(need: Mapping[str, float], solution: Mapping[str, float], weights: Weights) -> _Finding:
    """Shared terms divide the points of the text by what each gave to the similarity."""
    given = {term: value * solution[term] for term, value in need.items() if term in solution}
    points = _cents(_text_points(sum(given.values()), weights))
    terms = _by_word(given)
    shares = split_points(points, list(terms.values()))
    rows = sorted(zip(terms, shares, strict=True), key=lambda row: (-row[1], row[0]))
    words = {token for token in given if not token.startswith(BIGRAM)}
    details = tuple({"term": term, "points": str(share), "whole": term in words} for term, share in rows)
    named = names(details)
    if not named:
        return _Finding(Part("text", points, Sentence(_("两份文本没有共同的词语")), details))
    params = {"count": len(named), "terms": "、".join(named[:5])}
    sentence = Sentence(_("共有 %(count)s 个词语，主要是：%(terms)s"), params)
    return _Finding(Part("text", points, sentence, details), fits=(sentence,))


def names(details: Sequence[Mapping[str, Any]]) -> list[str]:
    """The shared words of the text's details, heaviest first.

    Pieces cut across words (属化) count like the others, but are named only where the texts share no whole word.
    """
    readable = [row for row in details if len(row["term"]) > 1]
    whole = [row["term"] for row in readable if row["whole"]]
    return whole or [row["term"] for row in readable]


def _by_word(given: Mapping[str, float]) -> dict[str, float]:
    """Credit shared bigrams and characters to the longest shared term around them, so that a reader sees words.

    What is left of single characters is summed under "": alone they are no reason a reader could weigh.
    """
    terms: dict[str, float] = {}
    holder: dict[str, str] = {}
    for token, value in sorted(given.items(), key=lambda item: (-len(item[0]), item[0])):
        term = surface(token)
        if len(term) == 1:
            term = holder.get(term, "")
        elif token.startswith(BIGRAM):
            term = holder.get(term, term)
        terms[term] = terms.get(term, 0.0) + value
        for i in range(len(term)):
            holder.setdefault(term[i : i + 2], term)
            holder.setdefault(term[i], term)
    return terms


def _fuzzy(need: Prepared, solution: Prepared, weights: Weights) -> _Finding:
    """Titles, and keywords with model numbers, compared letter by letter: forgives typos and variant spellings."""
    (title, phrases), (other_title, other_phrases) = need.names(), solution.names()
    likeness = fuzz.ratio(title, other_title) / 100
    params = {"percent": round(likeness * 100)}
    if not phrases or not other_phrases:
        points = _cents(weights.fuzzy_points * likeness)
        return _Finding(Part("fuzzy", points, Sentence(_("标题相似度 %(percent)s%%"), params)))
    alike = _similar_phrases(phrases, other_phrases)
    points = _cents(weights.fuzzy_points * (likeness + sum(ratio for *_pair, ratio in alike) / len(phrases)) / 2)
    sentence = Sentence(
        _("标题相似度 %(percent)s%%，%(count)s 个关键词或型号相同或相近"), {**params, "count": len(alike)}
    )
    details = tuple({"need": mine, "solution": theirs, "percent": round(ratio * 100)} for mine, theirs, ratio in alike)
    return _Finding(Part("fuzzy", points, sentence, details))


def _similar_phrases(phrases: Sequence[str], others: Sequence[str]) -> list[tuple[str, str, float]]:
    """Each phrase with the most similar one of the other side and how similar they are, where that means anything."""
    best = [(phrase, *max((fuzz.ratio(phrase, other) / 100, other) for other in others)) for phrase in phrases]
    return [(phrase, other, ratio) for phrase, ratio, other in best if ratio >= _SIMILAR_PHRASE]


def _indicators(rows: Sequence[Correspondence], weights: Weights) -> _Finding:
    """A must weighs twice a wish; met adds its share of the points, unmet costs it, unknown does neither."""
    if not rows:
        return _not_asked("indicators", Sentence(_("需求没有列出指标")))
    shares = split_points(_cents(weights.indicator_points), [2.0 if row.need.must else 1.0 for row in rows])
    sign: dict[Verdict, int] = {"met": 1, "unmet": -1, "unknown": 0}
    points = [share * sign[row.verdict] for share, row in zip(shares, rows, strict=True)]
    verdicts = [row.verdict for row in rows]
    sentence = Sentence(
        _("指标满足 %(met)s 项，不满足 %(unmet)s 项，未知 %(unknown)s 项"),
        {verdict: verdicts.count(verdict) for verdict in sign},
    )
    details = tuple(_indicator_row(row, share) for row, share in zip(rows, points, strict=True))
    return _Finding(
        Part("indicators", sum(points, _ZERO), sentence, details),
        fits=tuple(_indicator_sentence(row) for row in rows if row.verdict == "met"),
        misses=tuple(_indicator_sentence(row) for row in rows if row.verdict == "unmet"),
        unknowns=tuple(_indicator_sentence(row) for row in rows if row.verdict == "unknown"),
    )


def _indicator_row(row: Correspondence, points: Decimal) -> Mapping[str, Any]:
    """Both rows as written, and what the solution's value is in the need's unit."""
    return {
        "need": _as_written(row.need),
        "solution": row.solution and _as_written(row.solution),
        "value": row.value,
        "value_max": row.value_max,
        "verdict": row.verdict,
        "points": str(points),
    }


def _as_written(indicator: Indicator) -> dict[str, Any]:
    """dataclasses.asdict copies deeply and is ten times slower; these are plain values."""
    return {name: getattr(indicator, name) for name in Indicator.__slots__}


def _indicator_sentence(row: Correspondence) -> Sentence:
    wanted = quantity(row.need)
    params = {"name": row.need.name, "wanted": wanted}
    if row.solution is None:
        return Sentence(_("指标“%(name)s”要求 %(wanted)s，成果未给出"), params, row.need.public)
    params["offered"] = quantity(row.solution)
    messages = {
        "met": _("指标“%(name)s”要求 %(wanted)s，成果为 %(offered)s，满足"),
        "unmet": _("指标“%(name)s”要求 %(wanted)s，成果为 %(offered)s，不满足"),
        "unknown": _("指标“%(name)s”要求 %(wanted)s，成果为 %(offered)s，无法判断"),
    }
    return Sentence(messages[row.verdict], params, row.need.public)


def quantity(row: Indicator) -> str:
    """An indicator's value as people write it: "≥ 600 MPa", "10–20 μm", never "1.2e+06"."""
    if row.comparison == "range":
        value = f"{_plain(row.value)}–{_plain(row.value_max)}"
    else:
        value = f"{ {'ge': '≥', 'le': '≤', 'eq': '='}[row.comparison] } {_plain(row.value)}"
    return f"{value} {row.unit}".strip()


def _plain(value: float | None) -> str:
    return f"{Decimal(repr(value)):f}".removesuffix(".0")


def _levels_short(need: Document, solution: Document) -> int:
    """How many maturity levels the solution is below the least the need wants; 0 when either is unknown."""
    if need.trl is None or solution.trl is None:
        return 0
    return max(0, need.trl[0] - solution.trl[1])


def _maturity(need: Document, solution: Document, weights: Weights) -> _Finding:
    if need.trl is None:
        return _not_asked("maturity", Sentence(_("需求不限成熟度")))
    wanted = {"wanted": need.trl[0]}
    if solution.trl is None:
        return _unknown("maturity", Sentence(_("要求成熟度不低于 %(wanted)s 级，成果未给出"), wanted))
    params = {**wanted, "offered": solution.trl[1]}
    short = _levels_short(need, solution)
    if not short:
        sentence = Sentence(_("成熟度 %(offered)s 级，达到要求的 %(wanted)s 级"), params)
        return _fit("maturity", weights.maturity_points, sentence)
    sentence = Sentence(_("成熟度 %(offered)s 级，低于要求的 %(wanted)s 级"), params)
    return _miss("maturity", weights.maturity_points * min(1.0, short / 3), sentence)


def _cooperation(need: Document, solution: Document, weights: Weights) -> _Finding:
    if not need.modes:
        return _not_asked("cooperation", Sentence(_("需求不限合作方式")))
    if not solution.modes:
        return _unknown("cooperation", Sentence(_("成果未给出转化方式")))
    if any(COMPATIBLE_MODES[mode] & solution.modes for mode in need.modes):
        return _fit("cooperation", weights.cooperation_points, Sentence(_("合作方式与转化方式相容")))
    return _miss("cooperation", weights.cooperation_points, Sentence(_("合作方式与转化方式不相容")))


def _budget(need: Document, solution: Document, weights: Weights) -> _Finding:
    """A price up to half above the most the enterprise would pay costs half: it is where people negotiate."""
    _least, most = need.budget
    price = solution.budget[0]
    if most is None:
        return _not_asked("budget", Sentence(_("需求预算面议")))
    if price is None:
        return _unknown("budget", Sentence(_("成果价格面议")))
    params = {"price": f"{price:g}", "most": f"{most:g}"}
    if price <= most:
        sentence = Sentence(_("价格 %(price)s 万元，在预算 %(most)s 万元以内"), params)
        return _fit("budget", weights.budget_points, sentence)
    sentence = Sentence(_("价格 %(price)s 万元，超过预算 %(most)s 万元"), params)
    return _miss("budget", weights.budget_points * (0.5 if price <= 1.5 * most else 1.0), sentence)


def _region(need: Document, solution: Document, weights: Weights) -> _Finding:
    """A policy preference the need switches on; distance never costs points."""
    if not need.prefers_local:
        return _not_asked("region", Sentence(_("未启用本地优先")))
    if not need.region or not solution.region:
        return _unknown("region", Sentence(_("地区未知，无法计算本地优先")))
    if need.region[:4] == solution.region[:4]:
        return _fit("region", weights.region_points, Sentence(_("本地优先：同一城市")))
    if need.region[:2] == solution.region[:2]:
        return _fit("region", weights.region_points / 2, Sentence(_("本地优先：同一省份")))
    return _not_asked("region", Sentence(_("本地优先：不在同一省份")))


# --- points --------------------------------------------------------------------------------------------------


def split_points(points: Decimal, shares: Sequence[float]) -> list[Decimal]:
    """Split points in proportion to shares, in cents that add up exactly (largest remainder, first come first)."""
    total = sum(shares)
    if not total:
        return [_ZERO] * len(shares)
    whole = int(points / _CENT)
    exact = [whole * share / total for share in shares]
    cents = [floor(value) for value in exact]
    by_remainder = sorted(range(len(exact)), key=lambda place: cents[place] - exact[place])
    for place in by_remainder[: whole - sum(cents)]:
        cents[place] += 1
    return [_CENT * cent for cent in cents]


def _cents(value: float) -> Decimal:
    return Decimal(value).quantize(_CENT)

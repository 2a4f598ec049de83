"""The parts of a score that come from text: what a need is called, what it says, and spelling. Pure.

A similarity s earns s / (s + half) of a part's points: similarities of real matches are small and close together, and a
part never passes its top. The explanation says of each shared word what the score would lose without it, by the same
formula; because of the curve these losses do not add up to the part, so a last row holds what the words give together.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rapidfuzz import fuzz, process

from matching.engine import kernels
from matching.engine.documents import Document
from matching.engine.index import Found, Query
from matching.engine.parts.base import (
    Finding,
    Sentence,
    cents,
    part,
    written,
)
from matching.engine.text import (
    BIGRAM,
    MODEL,
    normalise,
    surface,
)
from matching.engine.text import gettext_noop as _
from matching.engine.weights import Weights

TERMS_KEPT = 10
"""Words with a row of their own in the explanation of a part."""

_SIMILAR_PHRASE = 0.6  # below this two keywords merely share a character or two


def text_value(similarity: float, weights: Weights) -> float:
    """From 0 to 1, see above; similarities are not negative."""
    return similarity / (similarity + weights.half_similarity)


class Letters:
    """The tokens behind a need's ids, in the order in which they are credited: long ones first, then by letter.

    `order` are places in the need's ids; what stands at the same place of the other lists belongs to it. A token is
    shown under the longest shared term around it, so that a reader sees words. Single characters that stand in none are
    shown under "": alone they are no reason a reader could weigh.
    """

    def __init__(self, ids: NDArray[np.uint64], tokens: Mapping[int, str]) -> None:
        written = [tokens[number] for number in ids.tolist()]
        order = sorted(range(len(written)), key=lambda place: (-len(written[place]), written[place]))
        self.order = np.array(order, dtype=np.intp)
        shown_as = [surface(written[place]) for place in order]
        numbers = {term: number for number, term in enumerate(dict.fromkeys(shown_as))}
        self.terms = [*numbers, ""]
        self._term = np.array([numbers[term] for term in shown_as], dtype=np.int64)
        self._is_alone = np.array([len(term) == 1 for term in shown_as], dtype=np.bool_)
        self._is_cut = np.array([written[place].startswith(BIGRAM) for place in order], dtype=np.bool_)
        inside = [[numbers[piece] for piece in _pieces(term) if piece in numbers] for term in shown_as]
        self._spans = np.concatenate([[0], np.cumsum([len(found) for found in inside])]).astype(np.int64)
        self._pieces = np.array([piece for found in inside for piece in found], dtype=np.int64)

    def holders(self, shared: NDArray[np.bool_]) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
        """For each token, in `order`, the place in `terms` of what it is shown under, -2 for what is not `shared` (by
        place in the ids); and which of the terms are words that are shared."""
        shown, words = np.empty(len(self._term), np.int64), np.empty(len(self.terms) - 1, np.bool_)
        inside = self._spans, self._pieces
        kernels.hold(shared[self.order], self._term, self._is_alone, self._is_cut, *inside, shown, words)
        return shown, words

    def sums(
        self, shown: NDArray[np.int64], weights: NDArray[np.float32], values: NDArray[np.float32]
    ) -> dict[str, float]:
        """What each shown term gave to the similarity: weights × values, both by place in the ids."""
        sums, counted = np.empty(len(self.terms)), np.empty(len(self.terms), np.bool_)
        kernels.gather(shown, weights[self.order], values[self.order], sums, counted)
        found = np.flatnonzero(counted)
        return {self.terms[place]: value for place, value in zip(found.tolist(), sums[found].tolist(), strict=True)}


def _pieces(term: str) -> tuple[str, ...]:
    """The pairs and the single characters of a term."""
    return tuple(piece for i in range(len(term)) for piece in (term[i : i + 2], term[i]))


_MESSAGES = {
    "title": (_("名称里共有 %(count)s 个词语，主要是：%(terms)s"), _("名称里没有共同的词语")),
    "content": (_("正文里共有 %(count)s 个词语，主要是：%(terms)s"), _("正文里没有共同的词语")),
}


def text_findings(need: Query, found: Found, letters: Letters, weights: Weights) -> tuple[Finding, Finding]:
    """The parts "title" and "content" of one pair."""
    assert need.lead is not None
    assert need.content is not None
    assert found.shared is not None
    shown, is_word = letters.holders(found.shared > 0)
    words = {letters.terms[place] for place in np.flatnonzero(is_word).tolist()}
    lead, content = (letters.sums(shown, weights_, found.shared) for weights_ in (need.lead, need.content))
    return (
        _finding("title", found.lead, lead, words, most=weights.title_points, weights=weights),
        _finding("content", found.content, content, words, most=weights.content_points, weights=weights),
    )


def _finding(
    name: str, similarity: float, sums: Mapping[str, float], words: set[str], *, most: float, weights: Weights
) -> Finding:
    messages = _MESSAGES[name]
    value = text_value(similarity, weights)
    rows, named, count = _losses(similarity, sums, words, most=most, weights=weights)
    if not named:
        return Finding(part(name, value, most, Sentence(messages[1]), rows))
    sentence = Sentence(messages[0], {"count": count, "terms": "、".join(named[:5])})
    return Finding(part(name, value, most, sentence, rows), fits=(sentence,))


def _losses(
    similarity: float,
    sums: Mapping[str, float],
    words: set[str],
    *,
    most: float,
    weights: Weights,
) -> tuple[list[dict[str, Any]], list[str], int]:
    """A row for each of the heaviest terms with what the part would lose without it, and one row for what is left.

    With the terms to name, heaviest first, and how many of their kind the texts share. Pieces cut across words (属化)
    count like the others, but are named only where the texts share no whole word.
    """
    readable = sorted((term for term in sums if len(term) > 1), key=lambda term: (-sums[term], term))
    whole = [term for term in readable if term in words]
    kept = [*whole, *(term for term in readable if term not in words)][:TERMS_KEPT]
    value = text_value(similarity, weights)
    rows: list[dict[str, Any]] = []
    rest = cents(value * most)
    for term in sorted(kept, key=lambda term: (-sums[term], term)):
        loss = cents((value - text_value(max(similarity - sums[term], 0.0), weights)) * most)
        rest -= loss
        rows.append({"term": term, "points": written(loss)})
    others = len(sums) - len(kept)
    if rest or others:
        rows.append({"term": "", "points": written(rest), "others": others})
    return rows, whole or readable, len(whole or readable)


# --- spelling ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Names:
    """The title, and the keywords with the model numbers of the title: normalised, each once."""

    title: str
    phrases: tuple[str, ...]


def names_of(document: Document) -> Names:
    title = normalise(document.title)
    phrases = [*map(normalise, document.keywords), *MODEL.findall(title)]
    return Names(title, tuple(dict.fromkeys(filter(None, phrases))))


def likenesses(need: Names, others: Sequence[Names]) -> NDArray[np.float64]:
    """How alike the names of a need and of each other document are, from 0 to 1, letter by letter.

    The ratio of the titles (rapidfuzz's normalised indel similarity); where both sides have phrases, its mean with the
    share of the need's phrases that have a similar one on the other side. Forgives typos and variant spellings.
    """
    if not others:
        return np.zeros(0)
    titles = (
        process.cdist([need.title], [other.title for other in others], scorer=fuzz.ratio, dtype=np.float64)[0] / 100
    )
    counts = np.array([len(other.phrases) for other in others])
    if not need.phrases or not counts.any():
        return np.asarray(titles)
    theirs = [phrase for other in others for phrase in other.phrases]
    ratios = process.cdist(need.phrases, theirs, scorer=fuzz.ratio, dtype=np.float64) / 100
    having = np.flatnonzero(counts)
    firsts = np.concatenate([[0], np.cumsum(counts[having])[:-1]])
    best = np.maximum.reduceat(ratios, firsts, axis=1)
    similar = np.where(best >= _SIMILAR_PHRASE, best, 0.0).sum(axis=0) / len(need.phrases)
    titles[having] = (titles[having] + similar) / 2
    return np.asarray(titles)


def fuzzy_finding(need: Names, other: Names, weights: Weights) -> Finding:
    """The part "fuzzy" of one pair, with the phrases that are the same or nearly so."""
    titles = fuzz.ratio(need.title, other.title)
    params: dict[str, Any] = {"percent": round(titles)}
    if not need.phrases or not other.phrases:
        sentence = Sentence(_("标题相似度 %(percent)s%%"), params)
        return Finding(part("fuzzy", titles / 100, weights.fuzzy_points, sentence))
    alike = list(_similar_phrases(need.phrases, other.phrases))
    value = (titles / 100 + sum(ratio for _mine, _theirs, ratio in alike) / len(need.phrases)) / 2
    sentence = Sentence(
        _("标题相似度 %(percent)s%%，%(count)s 个关键词或型号相同或相近"), {**params, "count": len(alike)}
    )
    details = [{"need": mine, "solution": theirs, "percent": round(ratio * 100)} for mine, theirs, ratio in alike]
    return Finding(part("fuzzy", value, weights.fuzzy_points, sentence, details))


def _similar_phrases(phrases: Sequence[str], others: Sequence[str]) -> Iterable[tuple[str, str, float]]:
    """Each phrase with the most similar one of the other side and how similar they are, where that means anything."""
    for phrase in phrases:
        ratio, other = max((fuzz.ratio(phrase, other) / 100, other) for other in others)
        if ratio >= _SIMILAR_PHRASE:
            yield phrase, other, ratio

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

from matching.documents import Document
from matching.index import Found, Query
from matching.parts import Finding, Sentence, cents, decimal, part
from matching.text import BIGRAM, MODEL, normalise, surface
from matching.text import gettext_noop as _
from matching.weights import Weights

TERMS_KEPT = 12
"""Words with a row of their own in the explanation of a part."""

_SIMILAR_PHRASE = 0.6  # below this two keywords merely share a character or two


def text_value(similarity: float, weights: Weights) -> float:
    """From 0 to 1, see above; similarities are not negative."""
    return similarity / (similarity + weights.half_similarity)


def text_findings(need: Query, found: Found, letters: Mapping[int, str], weights: Weights) -> tuple[Finding, Finding]:
    """The parts "title" and "content" of one pair. `letters` are the tokens behind the need's ids."""
    assert need.lead is not None
    assert need.content is not None
    assert found.shared is not None
    places = np.flatnonzero(found.shared)
    tokens = [letters[number] for number in need.ids[places].tolist()]
    holders = _holders(tokens)
    shared = found.shared[places]
    lead, content = need.lead[places] * shared, need.content[places] * shared
    words = {token for token in tokens if not token.startswith(BIGRAM)}
    messages = {
        "title": (_("名称里共有 %(count)s 个词语，主要是：%(terms)s"), _("名称里没有共同的词语")),
        "content": (_("正文里共有 %(count)s 个词语，主要是：%(terms)s"), _("正文里没有共同的词语")),
    }

    def finding(name: str, similarity: float, given: NDArray[np.float32], most: float) -> Finding:
        sums: dict[str, float] = {}
        for holder, share in zip(holders, given.tolist(), strict=True):
            if share:
                sums[holder] = sums.get(holder, 0.0) + share
        rows, count = _losses(similarity, sums, words, most=most, weights=weights)
        value = text_value(similarity, weights)
        named = names(rows)
        if not named:
            return Finding(part(name, value, most, Sentence(messages[name][1]), rows))
        sentence = Sentence(messages[name][0], {"count": count, "terms": "、".join(named[:5])})
        return Finding(part(name, value, most, sentence, rows), fits=(sentence,))

    return (
        finding("title", found.lead, lead, weights.title_points),
        finding("content", found.content, content, weights.content_points),
    )


def _losses(
    similarity: float,
    sums: Mapping[str, float],
    words: set[str],
    *,
    most: float,
    weights: Weights,
) -> tuple[list[dict[str, Any]], int]:
    """A row for each of the heaviest terms with what the part would lose without it, and one row for what is left.

    With how many words the texts share in all.
    """
    value = text_value(similarity, weights)
    readable = sorted((term for term in sums if len(term) > 1), key=lambda term: (-sums[term], term))
    whole = [term for term in readable if term in words]
    kept = [*whole, *(term for term in readable if term not in words)][:TERMS_KEPT]
    rows = []
    rest = cents(value * most)
    for term in sorted(kept, key=lambda term: (-sums[term], term)):
        without = text_value(max(similarity - sums[term], 0.0), weights)
        loss = cents((value - without) * most)
        rest -= loss
        rows.append({"term": term, "points": str(decimal(loss)), "whole": term in words})
    others = len(sums) - len(kept)
    if rest or others:
        rows.append({"term": "", "points": str(decimal(rest)), "whole": False, "others": others})
    return rows, len(whole or readable)


def names(rows: Sequence[Mapping[str, Any]]) -> list[str]:
    """The shared words of a text part's details, heaviest first.

    Pieces cut across words (属化) count like the others, but are named only where the texts share no whole word.
    """
    readable = [row for row in rows if len(row["term"]) > 1]
    whole = [row["term"] for row in readable if row["whole"]]
    return whole or [row["term"] for row in readable]


def _holders(tokens: Sequence[str]) -> list[str]:
    """For each shared token the term it is shown under: the longest shared term around it, so that a reader sees words.

    Single characters that stand in none are shown under "": alone they are no reason a reader could weigh.
    """
    holder: dict[str, str] = {}
    shown = [""] * len(tokens)
    for place in sorted(range(len(tokens)), key=lambda place: (-len(tokens[place]), tokens[place])):
        token = tokens[place]
        term = surface(token)
        if len(term) == 1:
            term = holder.get(term, "")
        elif token.startswith(BIGRAM):
            term = holder.get(term, term)
        shown[place] = term
        for i in range(len(term)):
            holder.setdefault(term[i : i + 2], term)
            holder.setdefault(term[i], term)
    return shown


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
    value = float(likenesses(need, [other])[0])
    params: dict[str, Any] = {"percent": round(fuzz.ratio(need.title, other.title))}
    if not need.phrases or not other.phrases:
        sentence = Sentence(_("标题相似度 %(percent)s%%"), params)
        return Finding(part("fuzzy", value, weights.fuzzy_points, sentence))
    alike = list(_similar_phrases(need.phrases, other.phrases))
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

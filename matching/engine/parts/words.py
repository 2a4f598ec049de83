"""What the parts "title" and "content" have in common: a similarity of texts, explained by the words they share. Pure.

A similarity s earns s / (s + half) of a part's points: similarities of real matches are small and close together, and a
part never passes its top. The explanation says of each shared word what the score would lose without it, by the same
formula; because of the curve these losses do not add up to the part, so a last row holds what the words give together.
"""

from collections.abc import Mapping
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from matching.engine.parts.base import Finding, Pair, Sentence, cents, written
from matching.engine.weights import Weights

TERMS_KEPT = 10
"""Words with a row of their own in the explanation of a part."""

Similarity = TypeVar("Similarity", float, NDArray[np.float64])


def value_of(similarity: Similarity, weights: Weights) -> Similarity:
    """From 0 to 1, see above; similarities are not negative."""
    return similarity / (similarity + weights.half_similarity)


def explain(pair: Pair, value: float, *, part: str, similarity: float, vector: NDArray[np.float32] | None) -> Finding:
    """`vector` is the need's, of which `similarity` is one with the output's."""
    assert vector is not None
    shown, words = pair.shown
    sums = pair.need.shown_terms().sums(shown, vector, pair.shared)
    most = pair.weights.points[part]
    rows, named = _losses(similarity, value, sums, words, most=most, weights=pair.weights)
    if not named:
        return Finding(Sentence(part, "none"), rows)
    sentence = Sentence(part, "words", {"count": len(named), "terms": "、".join(named[:5])})
    return Finding(sentence, rows, fits=(sentence,))


def _losses(
    similarity: float,
    value: float,
    sums: Mapping[str, float],
    words: set[str],
    *,
    most: float,
    weights: Weights,
) -> tuple[list[dict[str, Any]], list[str]]:
    """A row for each of the heaviest terms with what the part would lose without it, and one row for what is left.

    With the terms to name, heaviest first. Pieces cut across words (属化) count like the others, but are named only
    where the texts share no whole word.
    """
    readable = sorted((term for term in sums if len(term) > 1), key=lambda term: (-sums[term], term))
    whole = [term for term in readable if term in words]
    kept = [*whole, *(term for term in readable if term not in words)][:TERMS_KEPT]
    rows: list[dict[str, Any]] = []
    rest = cents(value * most)
    for term in sorted(kept, key=lambda term: (-sums[term], term)):
        loss = cents((value - value_of(max(similarity - sums[term], 0.0), weights)) * most)
        rest -= loss
        rows.append({"term": term, "points": written(loss)})
    others = len(sums) - len(kept)
    if rest or others:
        rows.append({"term": "", "points": written(rest), "others": others})
    return rows, whole or readable

"""The part "fuzzy": how alike titles, keywords and model numbers are written, letter by letter. Pure."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from rapidfuzz import fuzz, process

from matching.engine.parts.base import Finding, Pair, Pairs, Part, Sentence, Values
from matching.engine.text import gettext_noop as _

_SIMILAR_PHRASE = 0.6  # below this two keywords merely share a character or two


def values(pairs: Pairs) -> Values:
    """The ratio of the titles (rapidfuzz's normalised indel similarity); where both sides have phrases, its mean with
    the share of the need's phrases that have a similar one on the other side. Forgives typos and variant spellings.
    """
    if not pairs.solutions:
        return np.zeros(0)
    need, others = pairs.need.names(), [solution.names() for solution in pairs.solutions]
    [titles] = _ratios([need.title], [other.title for other in others])
    counts = np.array([len(other.phrases) for other in others])
    if not need.phrases or not counts.any():
        return titles
    ratios = _ratios(need.phrases, [phrase for other in others for phrase in other.phrases])
    having = counts > 0
    best = np.maximum.reduceat(ratios, (counts.cumsum() - counts)[having], axis=1)
    similar = sum(best * (best >= _SIMILAR_PHRASE)) / len(need.phrases)  # row by row: the same sum however many pairs
    titles[having] = (titles[having] + similar) / 2
    return titles


def _ratios(mine: Sequence[str], theirs: Sequence[str]) -> Any:
    """How alike each two texts are, from 0 to 1, float64[mine, theirs]."""
    return process.cdist(mine, theirs, scorer=fuzz.ratio, dtype=np.float64) / 100


def explain(pair: Pair, value: float) -> Finding:
    """With the phrases that are the same or nearly so."""
    need, other = pair.need.names(), pair.solution.names()
    percent = round(fuzz.ratio(need.title, other.title))
    if not need.phrases or not other.phrases:
        return Finding(Sentence("fuzzy", "title", {"percent": percent}))
    alike = []
    for phrase, ratios in zip(need.phrases, _ratios(need.phrases, other.phrases).tolist(), strict=True):
        ratio, similar = max(zip(ratios, other.phrases, strict=True))
        if ratio >= _SIMILAR_PHRASE:
            alike.append({"need": phrase, "solution": similar, "percent": round(ratio * 100)})
    return Finding(Sentence("fuzzy", "phrases", {"percent": percent, "count": len(alike)}), alike)


PART = Part(
    name="fuzzy",
    label=_("名称与关键词的写法"),
    about=_("名称、关键词和型号逐字比较，容许错别字和不同写法。"),
    brief=_("名称、关键词和型号逐字比较，容许错别字和不同写法。"),
    texts={
        "title": _("标题相似度 %(percent)s%%"),
        "phrases": _("标题相似度 %(percent)s%%，%(count)s 个关键词或型号相同或相近"),
    },
    values=values,
    explain=explain,
    is_text=True,
    details="phrases",
)

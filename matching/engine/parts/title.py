"""The part "title": the words in what a need is called (title and keywords) that an output has as well. Pure."""

from matching.engine.parts import words
from matching.engine.parts.base import Finding, Pair, Pairs, Part, Values
from matching.engine.text import gettext_noop as _


def values(pairs: Pairs) -> Values:
    return words.value_of(pairs.lead, pairs.weights)


def explain(pair: Pair, value: float) -> Finding:
    return words.explain(pair, value, part="title", similarity=pair.lead, vector=pair.query.lead)


PART = Part(
    name="title",
    label=_("名称与关键词的词语"),
    about=_("需求的名称和关键词与成果共有的词语。越少见的词分量越重；每项需求都说的词（如“研发”“产业化”）分量轻。"),
    brief=_("需求的名称、关键词与成果共有的词，越少见越有分量。"),
    texts={
        "words": _("名称里共有 %(count)s 个词语，主要是：%(terms)s"),
        "none": _("名称里没有共同的词语"),
    },
    values=values,
    explain=explain,
    is_text=True,
    details="terms",
)

"""The part "content": the words in what a need says that an output has as well. Pure."""

from matching.engine.parts import words
from matching.engine.parts.base import Finding, Pair, Pairs, Part, Values
from matching.engine.text import gettext_noop as _


def values(pairs: Pairs) -> Values:
    return words.value_of(pairs.content, pairs.weights)


def explain(pair: Pair, value: float) -> Finding:
    return words.explain(pair, value, part="content", similarity=pair.content, vector=pair.query.content)


PART = Part(
    name="content",
    label=_("正文的词语"),
    about=_("需求的正文与成果共有的词语，算法相同；同一个词反复出现不会反复加分。"),
    brief=_("背景、难点与成果简介共有的词，越少见越有分量。"),
    texts={
        "words": _("正文里共有 %(count)s 个词语，主要是：%(terms)s"),
        "none": _("正文里没有共同的词语"),
    },
    values=values,
    explain=explain,
    is_text=True,
    details="terms",
)

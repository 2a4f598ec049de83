"""What a poser can do when nothing fits, worked out from the need itself. Advice, never a fallback."""

from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext as _

from needs.models import Need

ENOUGH_CHARACTERS = 150  # of background and difficulty together
ENOUGH_KEYWORDS = 3


@dataclass(frozen=True, slots=True)
class Advice:
    """One thing that is missing, and the field of the need form where it goes."""

    text: str
    url: str


def advice_for(need: Need) -> list[Advice]:
    """What is missing, most telling first; empty when the need says all that matching reads."""
    return [Advice(text, f"{reverse('needs:edit', args=[need.code])}#id_{field}") for text, field in _missing(need)]


def _missing(need: Need) -> list[tuple[str, str]]:
    missing = []
    length = len("".join((need.background + need.difficulty).split()))
    if length < ENOUGH_CHARACTERS:
        text = _("背景与难点合计 %(length)s 字，写到 %(enough)s 字以上更容易找到对应的技术")
        missing.append((text % {"length": length, "enough": ENOUGH_CHARACTERS}, "background"))
    if not need.difficulty:
        missing.append((_("还没有写“主要技术难点”：卡在哪里，比要什么产品更重要"), "difficulty"))
    if len(need.keywords) < ENOUGH_KEYWORDS:
        text = _("关键词有 %(number)s 个，建议写 %(enough)s 个以上：材料、工艺、部件、型号，以及同义的叫法")
        missing.append((text % {"number": len(need.keywords), "enough": ENOUGH_KEYWORDS}, "keywords"))
    if not need.technical_field:
        missing.append((_("还没有写“技术领域”"), "technical_field"))
    if not need.indicators.exists():
        missing.append((_("还没有指标：写明数值和单位，系统才能逐项比较"), "background"))
    return missing

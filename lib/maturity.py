"""Maturity as people say it, and the technology readiness levels (1–9) it stands for (DOMAIN.md §3)."""

import re
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from lib import cleaning as validators

Levels = tuple[int, int]


class Maturity(models.TextChoices):
    RESEARCH = "research", _("正在研发")
    SAMPLE = "sample", _("已有样品")
    SMALL_SCALE = "small_scale", _("通过小试")
    PILOT = "pilot", _("通过中试")
    MASS_PRODUCTION = "mass_production", _("可以量产")


LEVELS: dict[str, Levels] = {
    Maturity.RESEARCH: (1, 3),
    Maturity.SAMPLE: (4, 5),
    Maturity.SMALL_SCALE: (5, 6),
    Maturity.PILOT: (7, 7),
    Maturity.MASS_PRODUCTION: (8, 9),
}

# What a form offers besides the words.
EXACT = "exact"
NOT_APPLICABLE = "not_applicable"
FORM_CHOICES = [
    (Maturity.RESEARCH, _("正在研发（TRL 1–3）：原理、实验室验证阶段")),
    (Maturity.SAMPLE, _("已有样品（TRL 4–5）：样品或样机在实验室可用")),
    (Maturity.SMALL_SCALE, _("通过小试（TRL 5–6）：小批量试验达到指标")),
    (Maturity.PILOT, _("通过中试（TRL 7）：在真实工况下验证")),
    (Maturity.MASS_PRODUCTION, _("可以量产（TRL 8–9）：已定型或已批量应用")),
    (EXACT, _("直接填写 TRL 等级")),
    (NOT_APPLICABLE, _("不适用（工艺类）")),
]
_NOT_APPLICABLE_WORDS = {NOT_APPLICABLE, "不适用", "不适用(工艺类)", "无", "none", "n/a"}
_LEVELS = re.compile(r"(?:trl)?\s*([1-9])(?:\s*(?:级|[-~–—至到、])+\s*(?:trl)?\s*([1-9]))?\s*级?")


def choice_to_levels(raw: Any) -> Levels | str | None:
    """The form's choice as levels; None for not applicable, `EXACT` when the levels are given beside it."""
    chosen = validators.choice(raw, options=FORM_CHOICES, required=True)
    return EXACT if chosen == EXACT else LEVELS.get(chosen)


def form_choice(levels: Levels | None) -> str:
    """The form's choice that stands for `levels` (None: not applicable)."""
    if levels is None:
        return NOT_APPLICABLE
    return next((stage for stage, range_ in LEVELS.items() if range_ == levels), EXACT)


def stage_label(low: int | None, high: int | None) -> str:
    """The words for a range of levels, or nothing when the range is not one of the usual stages."""
    stage = next((stage for stage, range_ in LEVELS.items() if range_ == (low, high)), None)
    return str(Maturity(stage).label) if stage else ""


def clean_levels(raw: Any) -> Levels | None:
    """`通过中试`, `pilot`, `TRL 6`, `6-7` or `不适用` as levels; None when empty or not applicable."""
    written = validators.half_width(validators.line(raw, limit=60)).casefold()
    if not written or written in _NOT_APPLICABLE_WORDS:
        return None
    for stage in Maturity:
        if written in {stage.value, str(stage.label).casefold()}:
            return LEVELS[stage]
    if match := _LEVELS.fullmatch(written):
        low, high = int(match[1]), int(match[2] or match[1])
        if low <= high:
            return low, high
    raise ValidationError(
        _("看不懂成熟度“%(value)s”，请写“通过中试”这样的说法或 TRL 1–9。"), params={"value": written[:30]}
    )

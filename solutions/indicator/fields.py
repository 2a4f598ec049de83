"""The cleaners of an indicator row, shared by needs and outputs. No database."""

import re
import unicodedata
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from lib.cleaning import Cleaner, as_text, choice, clean_fields, flag, half_width, line, number, strip_controls
from solutions.indicator.models import Comparison, Necessity

MOST_INDICATORS = 30


_COMPARISON_WORDS = {
    **dict.fromkeys(["≥", ">=", "＞", ">", "不低于", "不小于", "不少于", "大于等于", "大于", "高于"], "ge"),
    **dict.fromkeys(["≤", "<=", "＜", "<", "不高于", "不大于", "不超过", "小于等于", "小于", "低于"], "le"),
    **dict.fromkeys(["=", "等于", "为"], "eq"),
    **dict.fromkeys(["区间", "范围", "~", "-", "–"], "range"),
}  # fmt: skip


_SQUARED_UNITS = re.compile(r"[㎠㎡㎢㎝㎥㎤㎣㎟㎦]")


def comparison(raw: Any) -> str:
    """≥ ≤ = 区间, or how people write them; ≥ when nothing was said."""
    written = half_width(line(raw, limit=20))
    return choice(_COMPARISON_WORDS.get(written, written), options=Comparison.choices, default=Comparison.AT_LEAST)


def unit(raw: Any) -> str:
    """A unit in half-width signs: ＭＰａ → MPa, ㎡ → m², while ℃ and ² keep their form."""
    squared = _SQUARED_UNITS.sub(_square, half_width(strip_controls(as_text(raw))))
    return line(squared, limit=20)


def _square(match: re.Match[str]) -> str:
    return unicodedata.normalize("NFKC", match[0]).translate(str.maketrans("23", "²³"))


def _value(raw: Any, *, required: bool = False) -> Decimal | None:
    return number(raw, places=6, digits=20, required=required)


# What needs and outputs say alike; who may read a row is said by each in its own way.
INDICATOR_VALUES: dict[str, Cleaner] = {
    "name": lambda raw: line(raw, limit=60, required=True),
    "comparison": comparison,
    "value": lambda raw: _value(raw, required=True),
    "value_max": _value,
    "unit": unit,
    "condition": lambda raw: line(raw, limit=120),
    "necessity": lambda raw: choice(raw, options=Necessity.choices, default=Necessity.MUST),
}


# A row of an output.
INDICATOR: dict[str, Cleaner] = {**INDICATOR_VALUES, "is_public": lambda raw: flag(raw, default=True)}


def clean_indicator(raw: Mapping[str, Any], cleaners: Mapping[str, Cleaner] = INDICATOR) -> dict[str, Any]:
    """One row of an indicator table as model values; `ValidationError` by field (`name`, `value`, …) otherwise.

    `cleaners` are INDICATOR_VALUES with what the row's owner adds.
    """
    values = clean_fields(raw, cleaners)
    is_range = values["comparison"] == Comparison.RANGE
    if is_range and values["value_max"] is None:
        raise ValidationError({"value_max": _("区间需要填写上限。")})
    if is_range and values["value_max"] < values["value"]:
        raise ValidationError({"value_max": _("上限不能小于下限。")})
    if not is_range and values["value_max"] is not None:
        raise ValidationError({"value_max": _("只有选“区间”时才填上限。")})
    return values


def is_blank_indicator(raw: Mapping[str, Any]) -> bool:
    """Nothing was written in the row: it does not count."""
    written = ("name", "value", "value_max", "unit", "condition")
    return not any(strip_controls(as_text(raw.get(field))) for field in written)

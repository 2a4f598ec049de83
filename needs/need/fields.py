"""What a need's fields may hold: one table of cleaners for the form, the API and imports. No database."""

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from lib import cleaning as clean
from lib.cleaning import Cleaner
from lib.contact_data import clean_phone
from lib.maturity import clean_levels
from needs.models import RESTRICTABLE, CooperationMode, Level, Need, NeedType
from solutions.indicator import fields as indicator_fields


def _lowest_level(raw: Any) -> int | None:
    """`6`, `TRL 6` or `通过中试`: the least that is wanted."""
    levels = clean_levels(raw)
    return levels[0] if levels else None


def _budget(raw: Any) -> Decimal | None:
    return clean.number(raw, places=2, digits=12, low=0)


def restrictable_label(name: str) -> str:
    """A name of RESTRICTABLE in words."""
    labels = {field.name: field.verbose_name for field in Need._meta.fields}
    return str(_("预算") if name == "budget" else labels[name])


def _levels(raw: Any) -> dict[str, str]:
    """Name of RESTRICTABLE → level, without what is public; from a mapping or `背景与现状：核验机构可见；预算：nda`."""
    written = raw if isinstance(raw, Mapping) else _phrases(raw)
    names = {wanted: name for name in RESTRICTABLE for wanted in (name, restrictable_label(name))}
    if unknown := [str(word)[:30] for word in written if word not in names]:
        raise ValidationError(_("没有“%(value)s”这一项可以设置公开范围。"), params={"value": unknown[0]})
    levels = {
        names[word]: clean.choice(level, options=Level.choices, default=Level.PUBLIC) for word, level in written.items()
    }
    return {name: levels[name] for name in RESTRICTABLE if levels.get(name, Level.PUBLIC) != Level.PUBLIC}


def _phrases(raw: Any) -> dict[str, str]:
    parts = [
        re.split(r"[:：=]", part, maxsplit=1) for part in re.split(r"[;；\n]", clean.text(raw, limit=1000)) if part
    ]
    if any(len(part) < 2 for part in parts):
        raise ValidationError(_("公开范围请写成“预算：签署保密协议后可见；背景与现状：核验机构可见”。"))
    return {name.strip(): level.strip() for name, level in parts}


NEED: dict[str, Cleaner] = {
    "title": lambda raw: clean.line(raw, limit=120, required=True),
    "need_type": lambda raw: clean.choice(raw, options=NeedType.choices),
    "industry": clean.industry,
    "technical_field": lambda raw: clean.line(raw, limit=60),
    "keywords": lambda raw: clean.words(raw, most=20, limit=40),
    "background": lambda raw: clean.text(raw, limit=20_000),
    "difficulty": lambda raw: clean.text(raw, limit=20_000),
    "tried": lambda raw: clean.text(raw, limit=5000),
    "benchmark": lambda raw: clean.text(raw, limit=2000),
    "trl_min": _lowest_level,
    "budget_min": _budget,
    "budget_max": _budget,
    "months": lambda raw: clean.whole(raw, low=1, high=120),
    "valid_until": clean.day,
    "cooperation_modes": lambda raw: clean.choices(raw, options=CooperationMode.choices),
    "region_code": clean.region,
    "prefers_local": clean.flag,
    "wants_crossing": lambda raw: clean.flag(raw, default=True),
    "disclosure": _levels,
    "usual_search_days": lambda raw: clean.whole(raw, low=1, high=3650),
    "contact_name": lambda raw: clean.line(raw, limit=40),
    "contact_phone": lambda raw: clean_phone(clean.line(raw, limit=60)),
}
# A row of a need's indicator table.
NEED_INDICATOR: dict[str, Cleaner] = {
    **indicator_fields.INDICATOR_VALUES,
    "level": lambda raw: clean.choice(raw, options=Level.choices, default=Level.PUBLIC),
}
# Without these nothing is submitted in the form; imports may lack the type, which their source seldom says.
ASKED_FOR_AT_SUBMISSION = ("need_type", "background")


def clean_need(raw: Mapping[str, Any], *, partial: bool = False) -> dict[str, Any]:
    """Clean values of a need; `ValidationError` by field. `partial` takes only the fields that `raw` holds."""
    values = clean.clean_fields(raw, NEED, partial=partial)
    check_budget(values)
    return values


def clean_need_indicator(raw: Mapping[str, Any]) -> dict[str, Any]:
    """One row as model values; `ValidationError` by field.

    Programs and files from before there were levels say `is_public: false`: that is `named`, who saw it then sees it
    now.
    """
    if not raw.get("level") and not clean.flag(raw.get("is_public"), default=True):
        raw = {**raw, "level": Level.NAMED}
    return indicator_fields.clean_indicator(raw, NEED_INDICATOR)


def check_budget(values: Mapping[str, Any]) -> None:
    low, high = values.get("budget_min"), values.get("budget_max")
    if low is not None and high is not None and high < low:
        raise ValidationError({"budget_max": _("预算上限不能小于下限。")})

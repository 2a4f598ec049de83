"""Indicators written in one cell of a file: `抗拉强度≥980MPa；延伸率≥12%（室温）`."""

import json
import re
from collections.abc import Callable, Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from lib import cleaning as validators
from solutions.indicator import fields as indicator_fields

_NUMBER = r"[-+−]?\d[\d,，]*(?:[.．]\d+)?(?:\s*[×xX*]\s*10(?:\^[-+]?\d+|[⁻⁺⁰¹²³⁴⁵⁶⁷⁸⁹]+)|[eE][-+]?\d+)?"


_SIGN = (
    "≥|>=|≤|<=|＞|>|＜|<|不低于|不小于|不少于|大于等于|不高于|不大于|不超过|小于等于"
    "|大于|高于|小于|低于|＝|=|等于|为|：|:"
)


_VALUE = (
    rf"\s*(?P<value>{_NUMBER})\s*(?:(?P<between>~|～|至|到|–|—|-|±)\s*(?P<second>{_NUMBER})\s*)?"
    r"(?P<unit>[^\s（(]*(?:(?<=[/·*])\([^)]*\))?)\s*(?:[（(](?P<condition>.+)[）)])?"
)


_WITH_SIGN = re.compile(rf"(?P<name>.+?)\s*(?P<sign>{_SIGN}){_VALUE}", re.DOTALL)


_WITHOUT_SIGN = re.compile(rf"(?P<name>.*?[^\s\d.．])(?P<sign>){_VALUE}", re.DOTALL)


def parse_indicators(
    raw: Any, clean: Callable[[Mapping[str, Any]], dict[str, Any]] = indicator_fields.clean_indicator
) -> list[dict[str, Any]]:
    """Clean indicator rows from a list, from JSON, or from `抗拉强度≥980MPa；延伸率≥12%（室温）`.

    Raises `ValidationError` with a sentence for each part that is no indicator.
    """
    parts = _indicator_parts(raw)
    if len(parts) > indicator_fields.MOST_INDICATORS:
        raise ValidationError(_("指标最多 %(num)d 行。") % {"num": indicator_fields.MOST_INDICATORS})
    rows, problems = [], []
    for number, part in enumerate(parts, start=1):
        try:
            rows.append(clean(part if isinstance(part, Mapping) else _parse_phrase(part)))
        except ValidationError as error:
            sentences = "".join(error.messages)
            problems.append(_("第 %(number)s 条指标：%(reason)s") % {"number": number, "reason": sentences})
    if problems:
        raise ValidationError(problems)
    return rows


def _indicator_parts(raw: Any) -> list[Any]:
    if isinstance(raw, list):
        return raw
    written = validators.strip_controls("" if raw is None else str(raw))
    if written.startswith("["):
        try:
            return list(json.loads(written))
        except (ValueError, RecursionError) as problem:
            raise ValidationError(_("指标列不是有效的 JSON。")) from problem
    return [part for part in (part.strip() for part in re.split(r"[；;\n]", written)) if part]


def _parse_phrase(phrase: Any) -> dict[str, Any]:
    written = validators.text(phrase, limit=1000).rstrip("。")
    match = _WITH_SIGN.fullmatch(written) or _WITHOUT_SIGN.fullmatch(written)
    if match is None:
        raise ValidationError(_("看不懂“%(text)s”，请写成“名称≥数值单位（条件）”。") % {"text": written[:40]})
    row = {
        "name": match["name"],
        "comparison": "=" if match["sign"] in "：:" else match["sign"],
        "value": match["value"],
        "unit": match["unit"],
        "condition": match["condition"],
    }
    if match["second"]:
        row |= _ends(match)
    return row


def _ends(match: re.Match[str]) -> dict[str, Any]:
    """Both ends of `0.5~0.8` or `10±0.1`."""
    low, high = (validators.number(match[part], places=6, digits=20) for part in ("value", "second"))
    if low is not None and high is not None and match["between"] == "±":
        low, high = low - high, low + high
    return {"comparison": "range", "value": low, "value_max": high}

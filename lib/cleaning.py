"""Turning what people type, paste or import into clean values. Shared by forms, imports and the API; no database.

A cleaner takes one raw value (text of a form or a CSV cell; text, number, list or None of JSON) and returns a clean
one, or raises `ValidationError` with a sentence for the person. `clean_fields` runs a table of them and collects the
sentences by field.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

from lib import industries, regions

Cleaner = Callable[[Any], Any]


# --- text ----------------------------------------------------------------------------------------------------------

# Direction overrides can make a text read otherwise than it is; byte order marks and zero-width spaces split words.
_INVISIBLE = dict.fromkeys([0x200B, 0x2060, 0xFEFF, *range(0x202A, 0x202F), *range(0x2066, 0x206A)])


# Half-width forms of the full-width block, and the ideographic space.
_FULL_WIDTH = {**{code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}, 0x3000: 0x20}


_SEPARATORS = re.compile(r"[，、；,;\n]+")


def strip_controls(raw: str) -> str:
    """Line ends as \\n; without NUL, control characters, half surrogates and invisible direction marks."""
    text = raw.replace("\r\n", "\n").replace("\r", "\n").translate(_INVISIBLE)
    return "".join(c for c in text if c in "\n\t" or unicodedata.category(c) not in {"Cc", "Cs"}).strip()


def half_width(raw: str) -> str:
    """Full-width letters, digits and signs as plain ones; everything else stays (℃ ² μ keep their form)."""
    return raw.translate(_FULL_WIDTH)


def one_line(raw: str) -> str:
    """Line breaks and runs of blanks become one blank."""
    return " ".join(strip_controls(raw).split())


def text(raw: Any, *, limit: int, required: bool = False) -> str:
    """Running text with its line breaks, at most `limit` characters."""
    value = strip_controls(as_text(raw))
    if required and not value:
        raise ValidationError(_("请填写此项。"), code="required")
    if len(value) > limit:
        raise ValidationError(
            _("最多 %(limit)s 个字，现在有 %(count)s 个字。"),
            code="too_long",
            params={"limit": limit, "count": len(value)},
        )
    return value


def line(raw: Any, *, limit: int, required: bool = False) -> str:
    """One line of at most `limit` characters."""
    return text(one_line(as_text(raw)), limit=limit, required=required)


def words(raw: Any, *, most: int, limit: int) -> list[str]:
    """Short words from a list, or from a text with ， 、 ； , ; or line breaks between them; in order, each once."""
    parts = raw if isinstance(raw, list | tuple) else _SEPARATORS.split(strip_controls(as_text(raw)))
    return _several((half_width(as_text(part)) for part in parts), most=most, limit=limit)


def paragraphs(raw: Any, *, most: int, limit: int) -> list[str]:
    """Sentences from a list, or from a text with one a line: commas do not part them."""
    parts = raw if isinstance(raw, list | tuple) else strip_controls(as_text(raw)).split("\n")
    return _several((as_text(part) for part in parts), most=most, limit=limit)


def _several(parts: Iterable[str], *, most: int, limit: int) -> list[str]:
    found: dict[str, str] = {}
    for part in parts:
        value = one_line(part)
        if len(value) > limit:
            raise ValidationError(
                _("“%(start)s…”太长：每项最多 %(limit)s 个字。"),
                code="too_long",
                params={"start": value[:12], "limit": limit},
            )
        if value:
            found.setdefault(value.casefold(), value)
    if len(found) > most:
        raise ValidationError(
            _("最多 %(most)s 项，现在有 %(count)s 项。"),
            code="too_many",
            params={"most": most, "count": len(found)},
        )
    return list(found.values())


def as_text(raw: Any) -> str:
    """What was sent as one text; a list has one part a line. Nested values are refused."""
    if raw is None:
        return ""
    if isinstance(raw, list | tuple):
        if any(isinstance(part, list | tuple) for part in raw):
            raise ValidationError(_("值的类型不对，请参看接口说明。"), code="invalid")
        return "\n".join(as_text(part) for part in raw)
    if isinstance(raw, Mapping):
        raise ValidationError(_("值的类型不对，请参看接口说明。"), code="invalid")
    return str(raw)


# --- numbers and dates ---------------------------------------------------------------------------------------------
_POWER_OF_TEN = re.compile(r"[×xX*·]10(?:\^([-+]?\d{1,2})|([⁻⁺]?[⁰¹²³⁴⁵⁶⁷⁸⁹]{1,2}))")


_SUPERSCRIPTS = str.maketrans("⁻⁺⁰¹²³⁴⁵⁶⁷⁸⁹", "-+0123456789")


_NUMBER = re.compile(r"[-+]?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d*)?(?:[eE][-+]?\d{1,2})?|[-+]?\.\d+")


_MINUS = str.maketrans(dict.fromkeys("−–—﹣", "-"))


def number(
    raw: Any,
    *,
    places: int,
    digits: int,
    low: int | None = None,
    high: int | None = None,
    required: bool = False,
) -> Decimal | None:
    """A decimal with at most `digits` digits, `places` of them after the point; None when empty.

    Understands full-width digits, thousands separators, `1e5` and `1.2×10⁵`.
    """
    written = re.sub(r"\s+", "", half_width(strip_controls(as_text(raw)))).translate(_MINUS)
    if not written:
        if required:
            raise ValidationError(_("请填写数字。"), code="required")
        return None
    value = _decimal(_POWER_OF_TEN.sub(_exponent, written))
    if value is None:
        raise ValidationError(_("请只填数字，例如 980 或 0.5；单位另填。"), code="invalid")
    if value and value.adjusted() >= digits - places:
        raise ValidationError(_("数字太大，请换用更大的单位。"), code="too_large")
    if value != round(value, places):
        raise ValidationError(_("最多 %(places)s 位小数。"), code="too_precise", params={"places": places})
    if (low is not None and value < low) or (high is not None and value > high):
        raise _out_of_bounds(low, high)
    return value


def whole(raw: Any, *, low: int, high: int, required: bool = False) -> int | None:
    """A whole number from `low` to `high`; None when empty."""
    value = number(raw, places=0, digits=10, low=low, high=high, required=required)
    return None if value is None else int(value)


def _out_of_bounds(low: int | None, high: int | None) -> ValidationError:
    if high is None:
        return ValidationError(_("不能小于 %(low)s。"), code="out_of_bounds", params={"low": low})
    return ValidationError(
        _("请填 %(low)s 到 %(high)s 之间的数。"), code="out_of_bounds", params={"low": low, "high": high}
    )


def _exponent(match: re.Match[str]) -> str:
    return "e" + (match[1] or match[2].translate(_SUPERSCRIPTS))


def _decimal(written: str) -> Decimal | None:
    if not _NUMBER.fullmatch(written):
        return None
    try:
        return Decimal(written.replace(",", ""))
    except InvalidOperation:
        return None


def day(raw: Any, *, required: bool = False) -> date | None:
    """A date as 2026-12-31, 2026/12/31, 2026.12.31 or 2026年12月31日; None when empty."""
    if isinstance(raw, date):
        return raw
    written = half_width(strip_controls(as_text(raw)))
    if not written:
        if required:
            raise ValidationError(_("请填写日期。"), code="required")
        return None
    match = re.fullmatch(r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?", written)
    try:
        return date(*(int(part) for part in match.groups())) if match else date.fromisoformat(written)
    except ValueError as problem:
        raise ValidationError(_("请按 2026-12-31 的样子填写日期。"), code="invalid") from problem


# --- choices -------------------------------------------------------------------------------------------------------
_YES = {"1", "true", "yes", "y", "on", "是", "公开", "√"}


_NO = {"", "0", "false", "no", "n", "off", "否", "不公开", "非公开", "不", "×"}


def choice(raw: Any, *, options: Iterable[tuple[str, Any]], required: bool = False, default: str = "") -> str:
    """One of `options` (value, label), named by its value or its label."""
    written = line(raw, limit=200)
    if not written:
        if required:
            raise ValidationError(_("请选择一项。"), code="required")
        return default
    return _pick(written, options)


def choices(raw: Any, *, options: Iterable[tuple[str, Any]]) -> list[str]:
    """Several of `options`, from a list or a text like `独占许可、合作开发`; in the order of `options`."""
    options = list(options)
    picked = {_pick(written, options) for written in words(raw, most=50, limit=200)}
    return [value for value, _label in options if value in picked]


def _pick(written: str, options: Iterable[tuple[str, Any]]) -> str:
    wanted = half_width(written).casefold()
    for value, label in options:
        if wanted in {value.casefold(), half_width(str(label)).casefold()}:
            return value
    raise ValidationError(_("没有“%(value)s”这个选项。"), code="invalid_choice", params={"value": written[:30]})


def flag(raw: Any, *, default: bool = False) -> bool:
    """Yes or no, also as 是/否 and 公开/不公开; `default` when nothing was said (None)."""
    if raw is None:
        return default
    written = half_width(as_text(raw)).strip().casefold()
    if written in _YES:
        return True
    if written in _NO:
        return False
    raise ValidationError(_("请填“是”或“否”。"), code="invalid")


def region(raw: Any, *, required: bool = False) -> str:
    """A region in force by its code of GB/T 2260 (six digits) or its Chinese name (杭州市, 浙江省杭州市)."""
    written = half_width(line(raw, limit=200))
    if not written:
        if required:
            raise ValidationError(_("请选择地区。"), code="required")
        return ""
    code = written if regions.is_in_force(written) else _region_of_name(written)
    if code is None:
        raise ValidationError(_("没有“%(value)s”这个地区。"), code="invalid", params={"value": written[:30]})
    return code


@lru_cache(maxsize=1024)
def _region_of_name(name: str) -> str | None:
    """The code of a whole name, or of its last part when only one region is called so."""
    found = [code for code, part in regions.table().names.items() if name.endswith(part)]
    with override("zh-hans"):
        whole_names = [code for code in found if regions.region_name(code) == name]
    last_parts = [code for code in found if regions.table().names[code] == name]
    return next((codes[0] for codes in (whole_names, last_parts) if len(codes) == 1), None)


def industry(raw: Any, *, required: bool = False) -> str:
    """A division of GB/T 4754 by its code (C34) or its Chinese name."""
    written = half_width(line(raw, limit=200))
    if not written:
        if required:
            raise ValidationError(_("请选择行业。"), code="required")
        return ""
    for code, name, _english in industries.TABLE:
        if len(code) == len("C34") and written.upper() in {code, half_width(name)}:
            return code
    raise ValidationError(_("没有“%(value)s”这个行业大类。"), code="invalid", params={"value": written[:30]})


def industry_list(raw: Any, *, most: int) -> list[str]:
    """Several divisions. Names hold 、 themselves, so in a text they are parted by ；or given by code."""
    if isinstance(raw, list | tuple):
        parts = raw
    else:
        written = strip_controls(as_text(raw))
        parts = re.split(r"[；;\n]" if re.search(r"[；;\n]", written) else r"[，、,\s]+(?=[A-Za-z]\d)", written)
    codes = dict.fromkeys(industry(part) for part in parts if as_text(part).strip())
    if len(codes) > most:
        raise ValidationError(
            _("最多 %(most)s 项，现在有 %(count)s 项。"),
            code="too_many",
            params={"most": most, "count": len(codes)},
        )
    return list(codes)


# --- tables of cleaners --------------------------------------------------------------------------------------------
def clean_fields(raw: Mapping[str, Any], cleaners: Mapping[str, Cleaner], *, partial: bool = False) -> dict[str, Any]:
    """Run every cleaner on its field; `ValidationError` with all sentences by field when any complains.

    `partial`: only fields that `raw` holds are cleaned and returned (a PATCH, a file with few columns).
    """
    values: dict[str, Any] = {}
    errors: dict[str, ValidationError] = {}
    for field, clean in cleaners.items():
        if partial and field not in raw:
            continue
        try:
            values[field] = clean(raw.get(field))
        except ValidationError as error:
            errors[field] = error
    if errors:
        raise ValidationError(errors)
    return values

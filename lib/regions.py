"""Regions of GB/T 2260: six digits, two each for province, city and county. Read once, no database.

The rows come from python-stdnum (`cn/loc.dat`), where half of the table is abolished: a name may carry the
years it was in force (`[1983-2021]下城区`), one code may have had several names, and some rows only stand for a
group (`市辖区`). Only names in force are offered; codes once in force are still recognised inside old
credit codes. Where that table errs, `CORRECTIONS` says so row by row.
"""

import re
from dataclasses import dataclass
from functools import cache

from django.utils.translation import get_language
from stdnum import numdb

from lib.region_names import ENGLISH

# What python-stdnum 2.2 has wrong: None takes a row out, a name puts it in.
CORRECTIONS: dict[str, str | None] = {
    "232761": "加格达奇区",  # four districts in the other script
    "232762": "松岭区",
    "232763": "新林区",
    "232764": "呼中区",
    "330113": "临平区",  # split from Yuhang in 2021
    "330114": "钱塘区",  # Jianggan and Xiaoshan, 2021
    "422900": None,  # Shennongjia is 429021; these two are former codes without a year
    "422921": None,
    "429001": None,  # Suizhou is 421300 since 2000
}
# Rows that stand for a group: districts of a city, its counties, counties directly under a province.
PLACEHOLDERS = frozenset({"市辖区", "县", "省直辖县级行政单位", "自治区直辖县级行政单位"})
YEARS_AND_NAME = re.compile(r"(?:\[(?P<since>\d{4})?-(?P<until>\d{4})?\])?(?P<name>.+)")


@dataclass(frozen=True, slots=True)
class Table:
    """`names`: code → name, in force. `prefixes`: first four digits of every code ever in force."""

    names: dict[str, str]
    prefixes: frozenset[str]


@cache
def table() -> Table:
    names: dict[str, str] = {}
    prefixes: set[str] = set()
    for _length, province, _high, _properties, children in numdb.get("cn/loc").prefixes:
        for _l, rest, _h, properties, _c in children:
            prefixes.add(province + rest[:2])
            name = _name_in_force(properties["county"])
            if name and name not in PLACEHOLDERS:
                names[province + rest] = name
    for code, correction in CORRECTIONS.items():
        if correction is None:
            names.pop(code, None)
        else:
            names[code] = correction
    return Table(dict(sorted(names.items())), frozenset(prefixes))


def _name_in_force(names: str) -> str | None:
    """`[-2009]襄樊市,[2010-]襄阳市` → `襄阳市`; None when every name has an end."""
    for part in names.split(","):
        match = YEARS_AND_NAME.fullmatch(part)
        if match and not match["until"]:
            return match["name"]
    return None


def is_in_force(code: str) -> bool:
    return code in table().names


def was_ever_used(code: str) -> bool:
    """Whether the province and city digits of `code` are or were assigned; county digits are not asked.

    Credit codes keep the region of their first registration, and development zones use county digits that
    GB/T 2260 does not list. `100000` is the national register.
    """
    return code == "100000" or code[:4] in table().prefixes


def province_of(code: str) -> str:
    """`330106` → `330000`."""
    return f"{code[:2]}0000"


def city_of(code: str) -> str:
    """`330106` → `330100`; a code above or beside the cities (`330000`, `429004`, `310115`) is its own."""
    city = f"{code[:4]}00"
    return city if is_in_force(city) else code


def region_name(code: str) -> str:
    """The whole name in the active language, widest part first in Chinese (浙江省杭州市西湖区), last in English.

    Counties of ordinary cities have no English name here and keep the Chinese one. Unknown codes are shown as
    they are, so that nothing disappears.
    """
    steps = [step for step in dict.fromkeys((province_of(code), city_of(code), code)) if is_in_force(step)]
    if not steps:
        return code
    if not _in_english():
        return "".join(table().names[step] for step in steps)
    return ", ".join(_english(step) for step in reversed(steps))


def region_choices() -> list[tuple[str, list[tuple[str, str]]]]:
    """For a form: provinces in the active language, each with itself and its cities.

    Where a province has no cities (the four municipalities, counties directly under a province) its districts
    and counties stand in their place.
    """
    return _choices(_in_english())


def province_choices() -> list[tuple[str, str]]:
    return [(options[0][0], group) for group, options in region_choices()]


@cache
def _choices(english: bool) -> list[tuple[str, list[tuple[str, str]]]]:
    groups: dict[str, list[tuple[str, str]]] = {}
    for code, chinese in table().names.items():
        name = _english(code) if english else chinese
        if code == province_of(code):
            groups[code] = [(code, name)]
        elif city_of(code) == code:
            groups[province_of(code)].append((code, name))
    return [(options[0][1], options) for options in groups.values()]


def _english(code: str) -> str:
    key = code
    while key.endswith("00"):
        key = key[:-2]
    return ENGLISH.get(key, table().names[code])


def _in_english() -> bool:
    return (get_language() or "").startswith("en")

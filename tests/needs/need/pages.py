"""What the tests of pages share: a form as a browser sends it, and what a page says."""

from typing import Any

INDICATOR = {
    "name": "抗拉强度",
    "comparison": "ge",
    "value": "980",
    "value_max": "",
    "unit": "MPa",
    "condition": "室温",
    "necessity": "must",
    "level": "public",
}


def form_data(*rows: dict[str, str], initial: int = 0, **fields: Any) -> dict[str, Any]:
    """A filled need form; `rows` change or complete INDICATOR, a field given as None is left out."""
    data: dict[str, Any] = {
        "title": "风电主轴轴承钢接触疲劳寿命提升",
        "need_type": "key_technology",
        "industry": "C34",
        "keywords": "轴承钢、夹杂物",
        "background": "现用轴承钢夹杂物偏多，主轴轴承在台架试验中过早剥落。",
        "region_code": "310115",
        "wants_crossing": "on",
        "intent": "save",
        "indicators-TOTAL_FORMS": str(len(rows)),
        "indicators-INITIAL_FORMS": str(initial),
        **fields,
    }
    for number, row in enumerate(rows):
        for name, value in {**INDICATOR, **row}.items():
            data[f"indicators-{number}-{name}"] = value
    return {name: value for name, value in data.items() if value is not None}


def text(response: Any) -> str:
    return response.content.decode()

"""Bodies as a program sends them."""

from typing import Any

INDICATOR = {"name": "抗拉强度", "comparison": "ge", "value": "980", "unit": "MPa", "necessity": "must"}


def need_body(**changes: Any) -> dict[str, Any]:
    return {
        "title": "风电主轴轴承钢接触疲劳寿命提升",
        "need_type": "key_technology",
        "industry": "C34",
        "keywords": ["轴承钢", "夹杂物"],
        "background": "现用轴承钢夹杂物偏多，主轴轴承在台架试验中过早剥落。",
        "region_code": "310115",
        "budget_max": "120.5",
        "contact_name": "示例联系人",
        "contact_phone": "0571-88001234",
        "indicators": [INDICATOR],
        **changes,
    }


def output_body(**changes: Any) -> dict[str, Any]:
    return {
        "title": "高温轴承钢洁净冶炼与碳化物细化技术",
        "summary": "通过真空脱气与电渣重熔联合控制夹杂物，并以循环球化退火细化碳化物。",
        "industries": ["C31"],
        "keywords": ["轴承钢"],
        "innovations": ["真空脱气与电渣重熔联合"],
        "trl_min": 5,
        "trl_max": 7,
        "transfer_modes": ["ordinary_licence"],
        "price": "88",
        "indicators": [INDICATOR],
        **changes,
    }


def fields_of(response: Any) -> dict[str, Any]:
    """The fields an error complains of."""
    return response.json()["error"]["fields"]


def error_of(response: Any) -> str:
    """The code of an error, whose shape is checked on the way."""
    error = response.json()["error"]
    assert error.keys() == {"code", "message", "fields"}
    assert isinstance(error["message"], str)
    assert error["message"]
    return error["code"]

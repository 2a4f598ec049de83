"""What a browser sends when somebody fills in the form of an output."""

from collections.abc import Callable
from typing import Any

import pytest

Row = dict[str, Any]


@pytest.fixture
def form_data() -> Callable[..., dict[str, Any]]:
    """`form_data(title=…, rows=[{"name": …}])`: a complete form, with anything changed or added."""

    def build(*, rows: list[Row] | None = None, **changes: Any) -> dict[str, Any]:
        rows = rows if rows is not None else []
        data: dict[str, Any] = {
            "title": "高温轴承钢洁净冶炼技术",
            "summary": "通过真空脱气与电渣重熔联合控制夹杂物。",
            "innovations": "",
            "technical_field": "金属材料",
            "keywords": "轴承钢、夹杂物",
            "industries": ["C31", "", ""],
            "maturity": "pilot",
            "trl_min": "",
            "trl_max": "",
            "maturity_assessed_by": "self",
            "rights_status": "granted",
            "rights_note": "",
            "transfer_modes": ["ordinary_licence"],
            "price": "",
            "completed_by": "示例滨海理工大学",
            "completed_people": "",
            "awards": "",
            "region_code": "310104",
            "submission_key": "",
            "indicators-TOTAL_FORMS": str(len(rows)),
            "indicators-INITIAL_FORMS": "0",
        }
        for number, row in enumerate(rows):
            for name, value in {"comparison": "ge", "is_public": "on", **row}.items():
                data[f"indicators-{number}-{name}"] = value
        return data | changes

    return build

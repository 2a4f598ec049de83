"""What an output and a profile consist of: the cleaner of every field, and where each value is kept.

The one description of the content behind the forms, the API and the imports; the domain writes what comes out here.
"""

from collections.abc import Mapping
from functools import partial
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from lib import cleaning as validators
from lib import maturity
from lib.cleaning import Cleaner
from solutions.models import MaturityAssessor, RightsStatus, TransferMode
from solutions.solution.fields import COMMON

NEGOTIABLE = {"面议", "议价", "价格面议", "negotiable"}


def price(raw: Any) -> Any:
    """Price in 万元; None when negotiable. The unit may be written behind the number."""
    written = validators.half_width(validators.line(raw, limit=60)).removesuffix("元").removesuffix("万").strip()
    if written in NEGOTIABLE:
        return None
    return validators.number(written, places=2, digits=12, low=0)


OUTPUT: dict[str, Cleaner] = {
    **COMMON,
    "innovations": partial(validators.paragraphs, most=3, limit=300),
    "trl_min": partial(validators.whole, low=1, high=9),
    "trl_max": partial(validators.whole, low=1, high=9),
    "maturity_assessed_by": partial(validators.choice, options=MaturityAssessor.choices, default=MaturityAssessor.SELF),
    "rights_status": partial(validators.choice, options=RightsStatus.choices, default=RightsStatus.NONE),
    "rights_note": partial(validators.line, limit=300),
    "transfer_modes": partial(validators.choices, options=TransferMode.choices),
    "price": price,
    "completed_by": partial(validators.line, limit=300),
    "completed_people": partial(validators.line, limit=300),
    "awards": partial(validators.line, limit=300),
    "broker_delegated": validators.flag,
}


def clean_output(raw: Mapping[str, Any], *, partly: bool = False) -> dict[str, Any]:
    """Values of an output for the domain; `ValidationError` by field otherwise.

    `maturity` (通过中试, 6-7, 不适用) may stand for `trl_min` and `trl_max`. `partly`: only the fields `raw` holds.
    """
    raw = dict(raw)
    if "maturity" in raw:
        try:
            levels = maturity.clean_levels(raw.pop("maturity"))
        except ValidationError as error:
            raise ValidationError({"maturity": error}) from error
        raw["trl_min"], raw["trl_max"] = levels or (None, None)
    values = validators.clean_fields(raw, OUTPUT, partial=partly)
    if "trl_min" in values or "trl_max" in values:
        values["trl_min"], values["trl_max"] = clean_range(values.get("trl_min"), values.get("trl_max"))
    return values


def clean_range(low: int | None, high: int | None) -> tuple[int | None, int | None]:
    """Two levels in order; one alone stands for both."""
    low, high = (low if low is not None else high), (high if high is not None else low)
    if low is not None and high is not None and low > high:
        raise ValidationError({"trl_max": _("上限不能小于下限。")})
    return low, high

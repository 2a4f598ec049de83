"""What an output and a profile consist of: the cleaner of every field, and where each value is kept.

The one description of the content behind the forms, the API and the imports; the domain writes what comes out here.
"""

from collections.abc import Mapping
from functools import partial
from typing import Any

from lib import cleaning as validators
from lib.cleaning import Cleaner
from solutions.solution.fields import COMMON

PROFILE: dict[str, Cleaner] = {
    **COMMON,
    "disciplines": partial(validators.words, most=20, limit=60),
    "laboratories": partial(validators.text, limit=4000),
    "service_modes": partial(validators.text, limit=2000),
    "contact_office": partial(validators.line, limit=120),
}


def clean_profile(raw: Mapping[str, Any], *, partly: bool = False) -> dict[str, Any]:
    """Values of an institution's profile for the domain; `ValidationError` by field otherwise."""
    return validators.clean_fields(raw, PROFILE, partial=partly)

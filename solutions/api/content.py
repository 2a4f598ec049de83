"""Content as it was sent → clean values for the domain, by the functions the forms call."""

from collections.abc import Callable, Mapping
from typing import Any

from django.core.exceptions import ValidationError as CleaningError
from django.utils.translation import gettext as _
from rest_framework.exceptions import ValidationError

from accounts.api.inputs import by_field, read_object
from solutions.api.serializers import IndicatorSerializer
from solutions.validators import MOST_INDICATORS, clean_indicator

Values = dict[str, Any]


def clean_content(
    sent: Mapping[str, Any],
    clean: Callable[[Mapping[str, Any]], Values],
    *,
    current: Mapping[str, Any] | None = None,
) -> tuple[Values, list[Values] | None]:
    """Values and indicator rows (None when none were sent); every complaint at once, by field.

    With `current`, the content as it stands, only what differs from it comes back: what was sent is judged together
    with the rest, so that half of a range cannot contradict the other half.
    """
    current = current or {}
    sent = dict(sent)
    errors: dict[str, Any] = {}
    rows = None
    if "indicators" in sent:
        try:
            rows = clean_indicators(sent.pop("indicators"))
        except ValidationError as error:
            errors["indicators"] = error.detail
    try:
        values = clean({**current, **sent})
    except CleaningError as error:
        errors |= by_field(error)
    if errors:
        raise ValidationError(errors)
    return {name: value for name, value in values.items() if name not in current or value != current[name]}, rows


def clean_indicators(sent: list[Any]) -> list[Values]:
    """The rows in order. ValidationError holds one entry per row, empty where the row is fine."""
    if len(sent) > MOST_INDICATORS:
        raise ValidationError([_("指标最多 %(num)d 行。") % {"num": MOST_INDICATORS}])
    rows, errors = [], []
    for raw in sent:
        try:
            rows.append(clean_indicator(read_object(raw, IndicatorSerializer)))
            errors.append({})
        except CleaningError as error:
            errors.append(by_field(error))
        except ValidationError as error:
            errors.append(error.detail if isinstance(error.detail, dict) else {"": error.detail})
    if any(errors):
        raise ValidationError(errors)
    return rows

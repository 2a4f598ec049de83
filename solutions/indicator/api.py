"""Indicator rows as the API shows and takes them, and content with such rows: as it was sent → clean values.

The input shapes only describe; what a value may be is said by the cleaners the forms use.
"""

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError as CleaningError
from django.utils.translation import gettext as _
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.serializers import Serializer

from accounts.api.inputs import by_field, read_object
from lib.numbers import plain
from solutions.indicator.fields import INDICATOR, MOST_INDICATORS, clean_indicator
from solutions.models import SolutionIndicator

Values = dict[str, Any]


class PlainDecimalField(serializers.DecimalField):
    """A decimal as people write it: 980 instead of 980.000000, still as a string."""

    def to_representation(self, value: Decimal) -> str:
        return plain(value)


class IndicatorSerializer(serializers.ModelSerializer):
    """A row of an indicator table of an output; needs have their own way to say who may read it."""

    value = PlainDecimalField(max_digits=20, decimal_places=6)
    value_max = PlainDecimalField(
        max_digits=20, decimal_places=6, required=False, allow_null=True, help_text="Only for `range`."
    )

    class Meta:
        model = SolutionIndicator
        fields = list(INDICATOR)


def clean_content(
    sent: Mapping[str, Any],
    clean: Callable[[Mapping[str, Any]], Values],
    *,
    clean_row: Callable[[Mapping[str, Any]], Values] = clean_indicator,
    row_shape: type[Serializer[Any]] = IndicatorSerializer,
) -> tuple[Values, list[Values] | None]:
    """Values and indicator rows (None when none were sent); every complaint at once, by field."""
    sent = dict(sent)
    errors: dict[str, Any] = {}
    rows = None
    if "indicators" in sent:
        try:
            rows = clean_indicators(sent.pop("indicators"), clean_row, row_shape)
        except ValidationError as error:
            errors["indicators"] = error.detail
    try:
        values = clean(sent)
    except CleaningError as error:
        errors |= by_field(error)
    if errors:
        raise ValidationError(errors)
    return values, rows


def with_other_end(sent: Values, row: Any, ends: tuple[str, str]) -> Values:
    """`sent`, and when it holds one end of a range the end that stands on `row`: they are judged together."""
    if not sent.keys() & set(ends):
        return sent
    return {**{name: getattr(row, name) for name in ends}, **sent}


def clean_indicators(
    sent: list[Any], clean_row: Callable[[Mapping[str, Any]], Values], row_shape: type[Serializer[Any]]
) -> list[Values]:
    """The rows in order. ValidationError holds one entry per row, empty where the row is fine."""
    if len(sent) > MOST_INDICATORS:
        raise ValidationError([_("指标最多 %(num)d 行。") % {"num": MOST_INDICATORS}])
    rows: list[Values] = []
    errors: list[dict[str, Any]] = []
    for raw in sent:
        try:
            rows.append(clean_row(read_object(raw, row_shape)))
            errors.append({})
        except CleaningError as error:
            errors.append(by_field(error))
        except ValidationError as error:
            errors.append(error.detail if isinstance(error.detail, dict) else {"": error.detail})
    if any(errors):
        raise ValidationError(errors)
    return rows

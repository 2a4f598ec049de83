"""Outputs, institution profiles and indicator rows as the API shows and takes them.

The input shapes only describe; what a value may be is said by `solutions.content` and `solutions.validators`.
"""

from decimal import Decimal

from rest_framework import serializers

from lib.numbers import plain
from solutions.indicator.fields import INDICATOR
from solutions.models import SolutionIndicator


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

"""Amounts are kept in 万元; who reads English reads full amounts."""

from decimal import Decimal

import pytest
from django.template.loader import render_to_string
from django.utils import translation

WAN = {"amount": Decimal("50.00"), "amount_max": Decimal("120.50")}


@pytest.mark.parametrize(
    ("language", "amounts", "words"),
    [
        ("zh-hans", WAN, "50–120.5 万元"),
        ("en", WAN, "CNY 500,000–1,205,000"),
        ("zh-hans", {"amount": None, "amount_max": Decimal(1200)}, "不超过 1200 万元"),
        ("en", {"amount": Decimal("0.01"), "amount_max": None}, "CNY 100"),
        ("en", {"amount": None, "amount_max": None}, "Negotiable"),
    ],
)
def test_an_amount_is_written_in_the_unit_of_the_language(language: str, amounts: dict, words: str) -> None:
    with translation.override(language):
        assert f">{words}<" in render_to_string("_components/money.html", amounts)

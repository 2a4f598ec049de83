"""Amounts are kept in 万元 and written in the unit of the reader's language."""

from decimal import Decimal

from django.utils.translation import get_language

YUAN_PER_WAN = 10_000


def amount_said(amount: Decimal | str) -> str:
    """The number in front of the unit: 50.5 万元 in Chinese, CNY 505,000 elsewhere. At most two decimals."""
    number = Decimal(amount)
    if (get_language() or "").startswith("zh"):
        return _plain(f"{number:.2f}")
    return _plain(f"{number * YUAN_PER_WAN:,.2f}")


def _plain(digits: str) -> str:
    return digits.rstrip("0").removesuffix(".")

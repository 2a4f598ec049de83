"""Numbers as people write and read them."""


def plain(value: object) -> str:
    """A decimal without trailing zeros or exponent: 980.000000 → 980."""
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text

"""The texts of both sides with what they share marked, and indicators as people write them."""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from functools import partial
from typing import Any

from django.utils.translation import gettext as _

from lib.fields import Field, Table, ValueOf, fields_read_as, read_as, text_fields
from lib.numbers import plain
from matching.engine.text import mark
from matching.explanation.values import MarkedText
from needs.disclosure.queries import DisclosedNeed
from needs.need.fields import NEED
from solutions.indicator.models import Comparison
from solutions.kinds import kind_of
from solutions.models import Solution


def need_texts(need: DisclosedNeed, terms: Iterable[str]) -> tuple[MarkedText, ...]:
    """What the engine reads of a need, the shared terms marked; what was tried is shown and does not count."""
    texts = _marked(_texts(NEED, partial(getattr, need)), list(terms))
    if unscored := "\n".join(filter(None, read_as(NEED, "excluded", partial(getattr, need)))):
        texts.append(MarkedText(_("已尝试过的方案（不参与评分）"), [(unscored, False)]))
    return tuple(texts)


def hideable_in_texts() -> list[str]:
    """Names of what `need_texts` shows and its writer may keep back, for the log of who read what."""
    fields = [*text_fields(NEED), *fields_read_as(NEED, "excluded")]
    return [field.hides_as for field in fields if field.hides_as]


def solution_texts(solution: Solution, terms: Iterable[str]) -> tuple[MarkedText, ...]:
    kind = kind_of(solution)
    return tuple(_marked(_texts(kind.fields, kind.value_of(solution)), list(terms)))


def _texts(table: Table, value_of: ValueOf) -> list[tuple[str, str]]:
    return [(str(field.label), _as_text(value_of(field.name), field)) for field in text_fields(table)]


def _as_text(value: Any, field: Field) -> str:
    if isinstance(value, list):
        return ("、" if field.reads == "keywords" else "\n").join(value)
    return str(value)


def _marked(texts: Iterable[tuple[str, str]], terms: list[str]) -> list[MarkedText]:
    return [MarkedText(label, mark(text, terms)) for label, text in texts if text]


def as_written(row: Mapping[str, Any]) -> str:
    """As its author wrote it: `≥ 980 MPa`, `0.5 – 0.8 mm`."""
    value_max = None if row["value_max"] is None else _exact(row["value_max"])
    return _written(row["comparison"], _exact(row["value"]), value_max, row["unit"])


def converted(row: Mapping[str, Any], solution: Mapping[str, Any]) -> str:
    """The output's value in the need's unit; empty when it is written in that unit already."""
    if row["value"] is None or solution["unit"].strip() == row["need"]["unit"].strip():
        return ""
    value_max = None if row["value_max"] is None else _rounded(row["value_max"])
    return _written(solution["comparison"], _rounded(row["value"]), value_max, row["need"]["unit"])


def _written(comparison: str, value: str, value_max: str | None, unit: str) -> str:
    text = f"{value} – {value_max}" if value_max else f"{Comparison(comparison).label} {value}"
    return f"{text} {unit}".strip()


def _exact(value: float) -> str:
    return plain(Decimal(repr(value)))


def _rounded(value: float) -> str:
    """Six digits: a conversion is no more exact than what was measured."""
    return plain(Decimal(f"{value:.6g}"))

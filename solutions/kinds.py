"""The kinds of entries there are. A new kind is a room `solutions/<code>/` with a `kind.py`, and a line here."""

from solutions.institution.kind import INSTITUTION
from solutions.output.kind import OUTPUT
from solutions.solution.kind import Kind
from solutions.solution.models import Solution

KINDS: tuple[Kind, ...] = (OUTPUT, INSTITUTION)


def kind_of(solution: Solution) -> Kind:
    return kind_named(solution.kind)


def kind_named(code: str) -> Kind:
    """The kind with this code; KeyError when there is none."""
    return {kind.code: kind for kind in KINDS}[code]


def matched() -> list[str]:
    """Codes of the kinds the engine compares with needs."""
    return [kind.code for kind in KINDS if kind.is_matched]


def relations() -> list[str]:
    """The details of every kind, for `select_related`."""
    return [kind.relation for kind in KINDS]

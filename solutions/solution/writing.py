"""Writing the content of an entry: the row, the details of its kind, its indicators. No permission, no state."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from solutions.indicator.fields import INDICATOR
from solutions.kinds import kind_of
from solutions.models import Solution, SolutionIndicator, new_solution_code
from solutions.solution.kind import Kind

Indicators = Sequence[Mapping[str, Any]]


def write_new(
    *, kind: Kind, values: Mapping[str, Any], indicators: Indicators, at: datetime, **fields: Any
) -> Solution:
    """Create an entry; `fields` are those of the row that are not content (organisation, created_by, source, …).

    With a `submission_key` that this person used before, the entry made then is returned unchanged.
    """
    common, detail = _split(kind, values)
    row = {
        "kind": kind.code,
        "one_per_organisation": kind.one_per_organisation,
        "code": _unused_code(),
        "created_at": at,
        "changed_at": at,
        **common,
        **fields,
    }
    if row.get("submission_key"):
        key = {name: row.pop(name) for name in ("created_by", "submission_key")}
        solution, is_new = Solution.objects.get_or_create(**key, defaults=row)
        if not is_new:
            return solution
    else:
        solution = Solution.objects.create(**row)
    kind.detail._default_manager.create(solution=solution, **detail)
    _write_indicators(solution, indicators)
    return solution


def write_changes(
    solution: Solution, *, values: Mapping[str, Any], indicators: Indicators | None, at: datetime
) -> bool:
    """Write what differs and return whether anything did. `indicators` None leaves the rows alone."""
    kind = kind_of(solution)
    common, detail = _split(kind, values)
    has_changed = _write_fields(getattr(solution, kind.relation), detail)
    if indicators is not None and _rows(indicators) != _rows(solution.indicators.values()):
        solution.indicators.all().delete()
        _write_indicators(solution, indicators)
        has_changed = True
    if _differing(solution, common) or has_changed:
        _write_fields(solution, {**common, "changed_at": at})
        return True
    return False


def _unused_code() -> str:
    """A public code nobody has: among 30,000 entries two random ones meet more often than not."""
    while Solution.objects.filter(code=(code := new_solution_code())).exists():
        pass
    return code


def _split(kind: Kind, values: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Values of the common row, values of the details."""
    own = set(kind.detail_fields)
    return (
        {name: value for name, value in values.items() if name not in own},
        {name: value for name, value in values.items() if name in own},
    )


def _differing(row: Any, values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if getattr(row, name) != value}


def _write_fields(row: Any, values: Mapping[str, Any]) -> bool:
    changes = _differing(row, values)
    for name, value in changes.items():
        setattr(row, name, value)
    if changes:
        row.save(update_fields=list(changes))
    return bool(changes)


def _rows(indicators: Any) -> list[tuple[Any, ...]]:
    return [tuple(row[field] for field in INDICATOR) for row in indicators]


def _write_indicators(solution: Solution, indicators: Indicators) -> None:
    SolutionIndicator.objects.bulk_create(
        SolutionIndicator(solution=solution, position=position, **row) for position, row in enumerate(indicators)
    )

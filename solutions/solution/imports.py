"""Importing entries of one kind from a file: what happens to one row. The columns are the fields of the kind."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.audit import note
from accounts.models import Organisation, User
from accounts.permissions import check_operator
from lib.batch import Batch
from lib.fields import columns
from lib.import_rows import (
    Columns,
    Conflict,
    Outcome,
    Summary,
    import_rows,
)
from solutions.indicator.phrases import parse_indicators
from solutions.models import Solution
from solutions.signals import solutions_changed
from solutions.solution.actions import publish_imported
from solutions.solution.kind import Kind
from solutions.solution.workflow import SolutionState
from solutions.solution.writing import write_changes, write_new

# Not handed in: an import may go over its own rows.
OWN_STATES = frozenset({SolutionState.DRAFT, SolutionState.RETURNED})


@dataclass(slots=True)
class ImportResult:
    """The report of the rows and, when publishing was asked for, what came of that."""

    summary: Summary
    publication: Batch[Solution] | None


@transaction.atomic
def import_solutions(
    *,
    kind: Kind,
    path: Path,
    source: str,
    organisation: Organisation,
    at: datetime,
    update: bool = False,
    publish_by: User | None = None,
    progress: Callable[[int], None] = lambda _rows: None,
) -> ImportResult:
    """Write each row as a draft of `organisation`; the same file again changes nothing.

    What the owner submitted, published or edited since is a conflict unless `update`. `publish_by` is an operator who
    vouches for the source: drafts of this file are published at once. Raises `Unreadable`, `Denied`.
    """
    if publish_by is not None:
        check_operator(publish_by)
    rows = _Rows(kind=kind, source=source, organisation=organisation, at=at, update=update, by=publish_by)
    summary = import_rows(path, columns=columns_of(kind), save=rows.save, progress=progress)
    if rows.changed_in_public:
        solutions_changed.send(sender=Solution, solutions=rows.changed_in_public, by=publish_by, at=at)
    if publish_by is None:
        return ImportResult(summary, None)
    return ImportResult(summary, publish_imported(solutions=rows.drafts, by=publish_by, at=at))


def columns_of(kind: Kind) -> Columns:
    """Column → other names it may have in a file."""
    return {
        "id": ("编号", "成果编号", "external_id"),
        **columns(kind.fields),
        "indicators": ("技术指标", "指标"),
    }


@dataclass(slots=True)
class _Rows:
    """Saves rows of one import and remembers what has to follow."""

    kind: Kind
    source: str
    organisation: Organisation
    at: datetime
    update: bool
    by: User | None
    drafts: list[Solution] = field(default_factory=list)
    changed_in_public: list[Solution] = field(default_factory=list)

    def save(self, external_id: str, raw: dict[str, Any]) -> Outcome:
        """Create, update or leave the entry of one row. Runs in a savepoint: whatever it raises undoes the row."""
        known = self._known(external_id)
        indicators = _clean_indicators(raw)
        values = self.kind.clean(raw, partly=known is not None)
        if known is None:
            self.drafts.append(self._create(external_id, values, indicators))
            return Outcome.CREATED
        if known.organisation_id != self.organisation.pk:
            raise Conflict(_("该编号已属于%(name)s。") % {"name": known.organisation.name})
        return self._change(known, values, indicators)

    def _known(self, external_id: str) -> Solution | None:
        return (
            Solution.objects.of_kind(self.kind.code)
            .select_for_update(of=("self",))
            .select_related("organisation", self.kind.relation)
            .filter(source=self.source, external_id=external_id)
            .first()
        )

    def _create(self, external_id: str, values: dict[str, Any], indicators: list[Any] | None) -> Solution:
        solution = write_new(
            kind=self.kind,
            values=values,
            indicators=indicators or [],
            at=self.at,
            organisation=self.organisation,
            created_by=self.by,
            source=self.source,
            external_id=external_id,
            imported_at=self.at,
        )
        note(solution, "import", by=self.by, at=self.at)
        return solution

    def _change(self, known: Solution, values: dict[str, Any], indicators: list[Any] | None) -> Outcome:
        is_as_imported = known.state in OWN_STATES and known.changed_at <= (known.imported_at or known.changed_at)
        if not write_changes(known, values=values, indicators=indicators, at=self.at):
            if known.state == SolutionState.DRAFT:
                self.drafts.append(known)
            return Outcome.UNCHANGED
        if not is_as_imported and not self.update:
            raise Conflict(_("平台上的内容已提交、发布或由机构修改过，未覆盖；确要覆盖请加 --update。"))
        known.imported_at = self.at
        known.save(update_fields=["imported_at"])
        note(known, "import", by=self.by, at=self.at)
        if known.state in OWN_STATES:
            self.drafts.append(known)
        elif known.is_published:
            self.changed_in_public.append(known)
        return Outcome.UPDATED


def _clean_indicators(raw: dict[str, Any]) -> list[dict[str, Any]] | None:
    """Rows of the `indicators` column; None when the file has none, so that an update leaves them alone."""
    if "indicators" not in raw:
        return None
    try:
        return parse_indicators(raw["indicators"])
    except ValidationError as error:
        raise ValidationError({"indicators": error}) from error

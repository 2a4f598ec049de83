"""Importing research outputs from a file: which columns there are, and what happens to one row."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.audit import record
from accounts.models import Organisation, User
from accounts.permissions import check_operator
from lib.batch import Batch
from lib.import_rows import (
    Columns,
    Conflict,
    Outcome,
    Summary,
    import_rows,
)
from solutions.indicator.phrases import parse_indicators
from solutions.models import Solution, SolutionKind
from solutions.output.fields import clean_output
from solutions.signals import solutions_changed
from solutions.solution.actions import publish_imported
from solutions.solution.workflow import SolutionState
from solutions.solution.writing import write_changes, write_new

COLUMNS: Columns = {
    "id": ("编号", "成果编号", "external_id"),
    "title": ("名称", "成果名称", "标题", "题名"),
    "summary": ("简介", "成果简介", "摘要", "abstract"),
    "technical_field": ("技术领域", "领域"),
    "industries": ("应用行业", "行业", "industry"),
    "keywords": ("关键词",),
    "region_code": ("所在地区", "地区", "地区代码", "region"),
    "innovations": ("创新点",),
    "maturity": ("成熟度", "TRL"),
    "trl_min": ("成熟度下限",),
    "trl_max": ("成熟度上限",),
    "maturity_assessed_by": ("成熟度评价方式",),
    "rights_status": ("知识产权状态", "知识产权", "ip_status"),
    "rights_note": ("知识产权说明",),
    "transfer_modes": ("转化方式",),
    "price": ("价格",),
    "completed_by": ("完成单位",),
    "completed_people": ("完成人",),
    "awards": ("获奖情况", "获奖"),
    "broker_delegated": ("委托技术经理人",),
    "indicators": ("技术指标", "指标"),
}
# Not handed in: an import may go over its own rows.
OWN_STATES = frozenset({SolutionState.DRAFT, SolutionState.RETURNED})


@dataclass(slots=True)
class ImportResult:
    """The report of the rows and, when publishing was asked for, what came of that."""

    summary: Summary
    publication: Batch[Solution] | None


@transaction.atomic
def import_outputs(
    *,
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
    rows = _Rows(source=source, organisation=organisation, at=at, update=update, by=publish_by)
    summary = import_rows(path, columns=COLUMNS, save=rows.save, progress=progress)
    if rows.changed_in_public:
        solutions_changed.send(sender=Solution, solutions=rows.changed_in_public, by=publish_by, at=at)
    if publish_by is None:
        return ImportResult(summary, None)
    return ImportResult(summary, publish_imported(solutions=rows.drafts, by=publish_by, at=at))


@dataclass(slots=True)
class _Rows:
    """Saves rows of one import and remembers what has to follow."""

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
        values = clean_output(raw, partly=known is not None)
        if known is None:
            self.drafts.append(self._create(external_id, values, indicators))
            return Outcome.CREATED
        if known.organisation_id != self.organisation.pk:
            raise Conflict(_("该编号已属于%(name)s。") % {"name": known.organisation.name})
        return self._change(known, values, indicators)

    def _known(self, external_id: str) -> Solution | None:
        return (
            Solution.objects.outputs()
            .select_for_update(of=("self",))
            .select_related("organisation", "output")
            .filter(source=self.source, external_id=external_id)
            .first()
        )

    def _create(self, external_id: str, values: dict[str, Any], indicators: list[Any] | None) -> Solution:
        solution = write_new(
            kind=SolutionKind.OUTPUT,
            values=values,
            indicators=indicators or [],
            at=self.at,
            organisation=self.organisation,
            created_by=self.by,
            source=self.source,
            external_id=external_id,
            imported_at=self.at,
        )
        self._record(solution)
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
        self._record(known)
        if known.state in OWN_STATES:
            self.drafts.append(known)
        elif known.is_published:
            self.changed_in_public.append(known)
        return Outcome.UPDATED

    def _record(self, solution: Solution) -> None:
        record(
            action="solution.import",
            code=solution.code,
            label=solution.title,
            by=self.by,
            at=self.at,
            to_state=solution.state,
        )


def _clean_indicators(raw: dict[str, Any]) -> list[dict[str, Any]] | None:
    """Rows of the `indicators` column; None when the file has none, so that an update leaves them alone."""
    if "indicators" not in raw:
        return None
    try:
        return parse_indicators(raw["indicators"])
    except ValidationError as error:
        raise ValidationError({"indicators": error}) from error

"""Importing technical needs from a file: which columns there are, and what happens to one row."""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from accounts import audit
from accounts.models import Organisation
from accounts.permissions import Denied
from lib.fields import columns
from lib.import_rows import (
    Columns,
    Conflict,
    Outcome,
    Summary,
    import_rows,
)
from needs.models import Need
from needs.need.actions import check_editable
from needs.need.fields import NEED, clean_need, clean_need_indicator
from needs.need.workflow import MATCHED, NeedState
from needs.need.writing import write_content, write_indicators
from needs.signals import needs_changed
from solutions.indicator.phrases import parse_indicators

# Not handed in: an import may go over its own rows.
OWN_STATES = frozenset({NeedState.DRAFT, NeedState.RETURNED})


def import_columns() -> Columns:
    """The columns a file may have → their other names."""
    return {"id": ("编号", "需求编号", "external_id"), **columns(NEED), "indicators": ("技术指标", "指标")}


@transaction.atomic
def import_needs(
    *,
    path: Path,
    source: str,
    organisation: Organisation,
    at: datetime,
    update: bool = False,
    progress: Callable[[int], None] = lambda _rows: None,
) -> Summary:
    """Write each row as a draft of `organisation`; the same file again changes nothing.

    What the owner submitted, published or edited since is a conflict unless `update`. Nothing is submitted: the owner
    declares. Raises `Unreadable`, `Denied`.
    """
    if not organisation.is_demand_side:
        raise Denied(_("该机构的类型不能发布技术需求；企业、服务商和个人可以。"))
    # All that the file may name, in the order in which everybody takes needs: rows come in any order, and whoever holds
    # several needs meanwhile (a rematch that tells of them) would wait for us while we wait for it.
    known = Need.objects.filter(source=source).select_for_update(no_key=True).order_by("pk").values_list("pk")
    deque(known.iterator(chunk_size=10_000), maxlen=0)
    rows = _Rows(source=source, organisation=organisation, at=at, update=update)
    summary = import_rows(path, columns=import_columns(), save=rows.save, progress=progress)
    if rows.changed_while_matched:
        needs_changed.send(sender=Need, needs=rows.changed_while_matched, by=None, at=at)
    return summary


@dataclass(slots=True)
class _Rows:
    """Saves rows of one import and remembers what matching has to hear of."""

    source: str
    organisation: Organisation
    at: datetime
    update: bool
    changed_while_matched: list[Need] = field(default_factory=list)

    def save(self, external_id: str, raw: dict[str, Any]) -> Outcome:
        """Create, update or leave the need of one row. Runs in a savepoint: whatever it raises undoes the row."""
        known = self._known(external_id)
        indicators = _clean_indicators(raw)
        content = {name: value for name, value in raw.items() if name != "indicators"}
        values = clean_need(content, partly=known is not None)
        if known is None:
            self._create(external_id, values, indicators or [])
            return Outcome.CREATED
        if known.organisation_id != self.organisation.pk:
            raise Conflict(_("该编号已属于%(name)s。") % {"name": known.organisation.name})
        return self._change(known, values, indicators)

    def _known(self, external_id: str) -> Need | None:
        return (
            Need.objects.select_for_update(of=("self",), no_key=True)
            .select_related("organisation")
            .filter(source=self.source, external_id=external_id)
            .first()
        )

    def _create(self, external_id: str, values: dict[str, Any], indicators: list[dict[str, Any]]) -> None:
        need = Need.objects.create(
            organisation=self.organisation,
            source=self.source,
            external_id=external_id,
            imported_at=self.at,
            created_at=self.at,
            changed_at=self.at,
            **values,
        )
        write_indicators(need, indicators)
        audit.note(need, "import", by=None, at=self.at)

    def _change(self, known: Need, values: dict[str, Any], indicators: list[dict[str, Any]] | None) -> Outcome:
        is_as_imported = known.state in OWN_STATES and known.changed_at <= (known.imported_at or known.changed_at)
        changed = write_content(need=known, values=values, indicators=indicators, at=self.at)
        if not changed:
            return Outcome.UNCHANGED
        check_editable(known)
        if not is_as_imported and not self.update:
            raise Conflict(_("平台上的内容已提交、发布或由机构修改过，未覆盖；确要覆盖请加 --update。"))
        known.imported_at = self.at
        known.save(update_fields=["imported_at"])
        audit.note(known, "change", by=None, at=self.at, reason=" ".join(changed))
        if known.state in MATCHED:
            self.changed_while_matched.append(known)
        return Outcome.UPDATED


def _clean_indicators(raw: dict[str, Any]) -> list[dict[str, Any]] | None:
    """Rows of the `indicators` column; None when the file has none, so that an update leaves them alone."""
    if "indicators" not in raw:
        return None
    try:
        return parse_indicators(raw["indicators"], clean_need_indicator)
    except ValidationError as error:
        raise ValidationError({"indicators": error}) from error

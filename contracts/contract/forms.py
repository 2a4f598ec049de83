"""The form of a contract with its milestones, the funding decision, and tables of rows for other rooms."""

from collections.abc import Iterable
from typing import Any, cast

from django import forms
from django.utils.translation import gettext_lazy as _

from contracts.contract.fields import CLAUSES, CONTRACT, FUNDING, MILESTONE, MOST_MILESTONES
from contracts.models import Clause, Contract, Milestone
from lib.fields import ContentForm, form_fields
from lib.numbers import plain


class ContractForm(ContentForm):
    """A draft may lack nearly everything; what is missing is listed where it is confirmed."""

    table = CONTRACT

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields.update(form_fields(CLAUSES.values()))

    @property
    def clause_fields(self) -> list[forms.BoundField]:
        return [self[name] for name in CLAUSES]

    @property
    def content(self) -> dict[str, Any]:
        """Clean values of the contract itself."""
        answers = {clause.value: self.cleaned_data[f"clause_{clause.value}"] for clause in Clause}
        return {**super().content, "clauses": {name: text for name, text in answers.items() if text}}


class RowForm(ContentForm):
    """One row of a table. A row in which nothing is written, or that was removed, has no `row`."""

    row: dict[str, Any] | None = None

    def full_clean(self) -> None:
        """A row that does not count has no errors either."""
        super().full_clean()
        if not self.is_bound:
            return
        raw = {name: self.data.get(self.add_prefix(name)) for name in self.table}
        if self.data.get(self.add_prefix("DELETE")) or self.is_blank(raw):
            self.errors.clear()
        elif not self.errors:
            self.row = {name: self.cleaned_data[name] for name in self.fields if name != "DELETE"}

    def is_blank(self, raw: dict[str, Any]) -> bool:
        return not any(str(value or "").strip() for value in raw.values())


class BaseRowFormSet(forms.BaseFormSet):
    default_error_messages = {
        **forms.BaseFormSet.default_error_messages,
        "missing_management_form": _("表格不完整，请刷新页面后再提交。"),
        "too_many_forms": _("最多 %(num)d 行。"),
    }

    @property
    def rows(self) -> list[dict[str, Any]]:
        """Clean values of the rows that count, in the order of the page; ask after `is_valid()`."""
        return [form.row for form in self.forms if form.row is not None]


class MilestoneForm(RowForm):
    table = MILESTONE


MilestoneFormSet = cast(
    "type[BaseRowFormSet]",
    forms.formset_factory(
        MilestoneForm,
        formset=BaseRowFormSet,
        extra=2,
        can_delete=True,
        max_num=MOST_MILESTONES,
        validate_max=True,
        absolute_max=MOST_MILESTONES * 3,
    ),
)


class FundingForm(ContentForm):
    table = FUNDING


def initial_of(contract: Contract) -> dict[str, Any]:
    """A saved contract as initial values of `ContractForm`."""
    values = {name: getattr(contract, name) for name in CONTRACT if name != "clauses"}
    return {**values, **{f"clause_{name}": text for name, text in contract.clauses.items()}}


def milestone_initial(milestones: Iterable[Milestone]) -> list[dict[str, Any]]:
    """Saved rows as initial values of the formset."""
    return [
        {
            "title": row.title,
            "due_on": row.due_on,
            "payment": None if row.payment is None else plain(row.payment),
            "deliverable": row.deliverable,
        }
        for row in milestones
    ]

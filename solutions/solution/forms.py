"""The form of an entry, what lists can be narrowed by, and the reason of a return."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, ClassVar

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from lib import cleaning
from lib.fields import ContentForm, area, missing
from lib.form_fields import CleanedField
from solutions.models import Solution
from solutions.solution.fields import SUBMIT

ANY = ("", _("全部"))
Choices = Callable[[], Sequence[Any]] | Sequence[Any]


def select(label: Any, choices: Choices) -> forms.ChoiceField:
    """A filter: one of `choices`, or any."""
    return forms.ChoiceField(
        label=label, required=False, choices=lambda: [ANY, *(choices() if callable(choices) else choices)]
    )


class Filter(forms.Form):
    """Filters of a list; an unknown value narrows nothing and is named at its field."""

    # Filter → the condition for its value.
    lookups: ClassVar[Mapping[str, Callable[[Any], dict[str, Any]]]] = {
        "industry": lambda code: {"industries__contains": [code]},
        "region": lambda code: {"region_code__startswith": code[:2]},
        "organisation": lambda organisation: {"organisation": organisation},
    }

    def narrow(self, rows: QuerySet[Solution]) -> QuerySet[Solution]:
        """Apply what was chosen; filters that did not clean are left out."""
        self.is_valid()
        chosen = {name: value for name, value in self.cleaned_data.items() if value}
        for name, value in chosen.items():
            rows = rows.filter(**self.lookups[name](value))
        return rows

    @property
    def is_active(self) -> bool:
        return any(self.data.get(name) for name in self.fields)


class ReturnForm(forms.Form):
    """Why an entry goes back to its owner."""

    use_required_attribute = False

    reason = CleanedField(
        partial(cleaning.text, limit=1000, required=True),
        label=_("退回原因"),
        required=True,
        widget=area(4),
        help_text=_("对方会看到这段话。写明缺什么、怎样改。"),
    )


class SolutionForm(ContentForm):
    """An entry of some kind, whose form names its table."""

    def require_for_submission(self) -> None:
        """Handing in asks for what a draft may leave open."""
        for field in missing(self.table, self.cleaned_data.get, SUBMIT):
            if field.name not in self.errors:
                label = self.fields[field.name].label
                self.add_error(field.name, _("提交审核前请填写%(field)s；也可以先保存草稿。") % {"field": label})

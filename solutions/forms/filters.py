"""What lists can be narrowed by, and the reason of a return."""

from collections.abc import Callable
from functools import partial
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from accounts import industries, regions
from accounts.models import Organisation
from solutions import maturity, validators
from solutions.forms.fields import CleanedField
from solutions.models import Solution
from solutions.models.solution import RightsStatus, TransferMode

ANY = ("", _("全部"))


def _or_any(choices: Callable[[], list[Any]] | list[Any]) -> Callable[[], list[Any]]:
    return lambda: [ANY, *(choices() if callable(choices) else choices)]


def _select(label: Any, choices: Callable[[], list[Any]] | list[Any]) -> forms.ChoiceField:
    return forms.ChoiceField(label=label, required=False, choices=_or_any(choices))


class Filter(forms.Form):
    """Filters of a list; an unknown value narrows nothing and is named at its field."""

    def narrow(self, rows: QuerySet[Solution]) -> QuerySet[Solution]:
        """Apply what was chosen; filters that did not clean are left out."""
        self.is_valid()
        chosen = {name: value for name, value in self.cleaned_data.items() if value}
        for name, value in chosen.items():
            rows = rows.filter(**_LOOKUPS[name](value))
        return rows

    @property
    def is_active(self) -> bool:
        return any(self.data.get(name) for name in self.fields)


class CatalogueFilter(Filter):
    """The public list of outputs."""

    industry = _select(_("应用行业"), industries.industry_choices)
    maturity = _select(_("成熟度"), maturity.Maturity.choices)
    transfer_mode = _select(_("转化方式"), TransferMode.choices)
    rights_status = _select(_("知识产权"), RightsStatus.choices)
    region = _select(_("所在地区"), regions.province_choices)
    organisation = forms.ModelChoiceField(
        Organisation.objects.none(), to_field_name="code", label=_("机构"), required=False, empty_label=ANY[1]
    )

    def __init__(self, *args: Any, organisations: QuerySet[Organisation], **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["organisation"].queryset = organisations


class InstitutionFilter(Filter):
    """The public list of institutions."""

    region = _select(_("所在地区"), regions.province_choices)
    industry = _select(_("服务行业"), industries.industry_choices)


def _overlaps(stage: str) -> dict[str, Any]:
    low, high = maturity.LEVELS[stage]
    return {"output__trl_min__lte": high, "output__trl_max__gte": low}


_LOOKUPS: dict[str, Callable[[Any], dict[str, Any]]] = {
    "industry": lambda code: {"industries__contains": [code]},
    "maturity": _overlaps,
    "transfer_mode": lambda mode: {"output__transfer_modes__contains": [mode]},
    "rights_status": lambda status: {"output__rights_status": status},
    "region": lambda code: {"region_code__startswith": code[:2]},
    "organisation": lambda organisation: {"organisation": organisation},
}


class ReturnForm(forms.Form):
    """Why an entry goes back to its owner."""

    use_required_attribute = False

    reason = CleanedField(
        partial(validators.text, limit=1000, required=True),
        label=_("退回原因"),
        required=True,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("对方会看到这段话。写明缺什么、怎样改。"),
    )

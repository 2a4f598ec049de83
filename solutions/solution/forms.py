"""What lists can be narrowed by, and the reason of a return."""

from collections.abc import Callable
from functools import partial
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from accounts.models import Organisation
from lib import cleaning as validators
from lib import industries, maturity, regions
from lib.cleaning import Cleaner
from lib.form_fields import (
    CleanedChoiceField,
    CleanedField,
    CleanedMultipleChoiceField,
    SeveralSelects,
    WordsField,
)
from solutions.models import RightsStatus, Solution, TransferMode
from solutions.output.fields import OUTPUT

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


def region_options() -> list[Any]:
    return [("", _("请选择")), *regions.region_choices()]


def _line(cleaner: Cleaner, **options: Any) -> CleanedField:
    return CleanedField(cleaner, widget=forms.TextInput(), **options)


def _area(rows: int) -> forms.Textarea:
    return forms.Textarea(attrs={"rows": rows})


class Section:
    """A group of the form's fields under one heading; `lead` says what it is for."""

    def __init__(self, form: forms.Form, title: Any, lead: Any, names: tuple[str, ...]) -> None:
        self.title, self.lead = title, lead
        self.fields = [form[name] for name in names]


class SolutionForm(forms.Form):
    """What outputs and profiles share: the words under which they are found."""

    use_required_attribute = False
    sections_of: tuple[tuple[Any, Any, tuple[str, ...]], ...] = ()

    technical_field = _line(
        OUTPUT["technical_field"], label=_("技术领域"), help_text=_("如：金属材料、机器视觉、生物医药")
    )
    keywords = WordsField(
        OUTPUT["keywords"],
        label=_("关键词"),
        widget=forms.TextInput(),
        help_text=_("3–8 个为宜，用顿号或逗号隔开。写企业会用的说法，也写材料、设备、方法的名称。"),
    )
    industries = CleanedMultipleChoiceField(
        OUTPUT["industries"],
        label=_("应用行业"),
        choices=lambda: [("", _("请选择")), *industries.industry_choices()],
        widget=SeveralSelects(),
        help_text=_("成果可以用在哪些行业（国民经济行业大类），最多 8 个。"),
    )
    region_code = CleanedChoiceField(OUTPUT["region_code"], label=_("所在地区"), choices=region_options)

    def sections(self) -> list[Section]:
        return [Section(self, *section) for section in self.sections_of]

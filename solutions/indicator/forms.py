"""The indicator rows of needs and outputs."""

from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from typing import Any, cast

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from lib.numbers import plain
from solutions.indicator import fields as validators
from solutions.indicator.models import Comparison, Indicator, Necessity


def _text_field(label: Any, **attrs: Any) -> forms.Field:
    """A field that hands on what was typed: `clean_indicator` judges the row as a whole."""
    return forms.Field(label=label, required=False, widget=forms.TextInput(attrs=attrs))


class IndicatorForm(forms.Form):
    """One row. A row in which nothing is written, or that was removed, has no `row`.

    A subclass says who may read the row, by a field and by `clean_row`, and may drop fields.
    """

    use_required_attribute = False
    clean_row: Callable[[Mapping[str, Any]], dict[str, Any]]
    row: dict[str, Any] | None = None  # clean values

    name = _text_field(_("指标名称"))
    comparison = forms.ChoiceField(
        label=_("比较"), required=False, choices=Comparison.choices, initial=Comparison.AT_LEAST
    )
    value = _text_field(_("数值"), inputmode="decimal")
    value_max = _text_field(_("上限"), inputmode="decimal")
    unit = _text_field(_("单位"))
    condition = _text_field(_("测试条件"))
    necessity = forms.ChoiceField(
        label=_("必达/期望"), required=False, choices=Necessity.choices, initial=Necessity.MUST
    )

    def clean(self) -> dict[str, Any]:
        raw = self.cleaned_data
        if raw.get("DELETE") or validators.is_blank_indicator(raw):
            return raw
        try:
            self.row = self.clean_row(raw)
        except ValidationError as error:
            self.add_error(None, error)
        return raw


class BaseIndicatorFormSet(forms.BaseFormSet):
    """The rows of one indicator table, in the order of the page."""

    default_error_messages = {
        **forms.BaseFormSet.default_error_messages,
        "missing_management_form": _("指标表不完整，请刷新页面后再提交。"),
        "too_many_forms": _("指标最多 %(num)d 行。"),
    }

    def clean(self) -> None:
        if len(self.rows) > validators.MOST_INDICATORS:
            raise ValidationError(
                self.default_error_messages["too_many_forms"] % {"num": self.max_num}, code="too_many_forms"
            )

    @property
    def rows(self) -> list[dict[str, Any]]:
        """Clean values of the rows that count; ask after `is_valid()`."""
        return [form.row for form in self.forms if form.row is not None]


def indicator_formset(form: type[IndicatorForm], *, extra: int = 2) -> type[BaseIndicatorFormSet]:
    """The formset class over `form`; the `extra` empty rows are for readers without JavaScript."""
    formset = forms.formset_factory(
        form,
        formset=BaseIndicatorFormSet,
        extra=extra,
        can_delete=True,
        max_num=validators.MOST_INDICATORS,
        absolute_max=validators.MOST_INDICATORS * 3,
    )
    return cast("type[BaseIndicatorFormSet]", formset)


def indicator_initial(indicators: Iterable[Indicator], fields: Iterable[str]) -> list[dict[str, Any]]:
    """Saved rows as initial values of the formset, which asks for `fields`."""
    names = list(fields)
    return [{name: _shown(getattr(row, name)) for name in names} for row in indicators]


def _shown(value: Any) -> Any:
    return plain(value) if isinstance(value, Decimal) else value

"""Form fields whose whole cleaning is one function, as in lib.cleaning; and what Django's own fields say when empty."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from lib.cleaning import Cleaner
from lib.numbers import plain


class CleanedField(forms.Field):
    """One text. `required` only marks the field for the reader: the cleaner decides.

    It sets no maxlength attribute: a browser would cut a long paste silently, the cleaner says what is too long.
    """

    def __init__(self, cleaner: Cleaner, **options: Any) -> None:
        self.cleaner = cleaner
        super().__init__(**{"required": False, **options})

    def clean(self, value: Any) -> Any:
        return self.cleaner(value)

    def prepare_value(self, value: Any) -> Any:
        return plain(value) if isinstance(value, Decimal) else value


class WordsField(CleanedField):
    """A list shown as words with 、 between them."""

    def prepare_value(self, value: Any) -> Any:
        return "、".join(value) if isinstance(value, list) else value


class ParagraphsField(CleanedField):
    """A list shown one a line."""

    widget = forms.Textarea

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(value) if isinstance(value, list) else value


class FlagField(CleanedField):
    """One box to tick."""

    widget = forms.CheckboxInput


class CleanedChoiceField(forms.ChoiceField):
    """A select or radio buttons."""

    def __init__(self, cleaner: Cleaner, **options: Any) -> None:
        self.cleaner = cleaner
        super().__init__(**{"required": False, **options})

    def clean(self, value: Any) -> Any:
        return self.cleaner(value)


class CleanedMultipleChoiceField(CleanedChoiceField):
    """Boxes to tick, or a select of several."""

    widget = forms.CheckboxSelectMultiple


class SeveralSelects(forms.Select):
    """A few selects of one name, for some of very many options; one is always left empty to add another."""

    use_fieldset = True
    least = 3

    def value_from_datadict(self, data: Any, files: Any, name: str) -> Any:
        return data.getlist(name) if hasattr(data, "getlist") else data.get(name)

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        chosen = [str(part) for part in value or [] if part]
        boxes = [*chosen, *[""] * max(1, self.least - len(chosen))]
        first_id = (attrs or {}).pop("id", f"id_{name}")
        return format_html(
            '<div class="sh-several" id="{}">{}</div>',
            first_id,
            format_html_join(
                "",
                "{}",
                (
                    (self._one(name, box, {**(attrs or {}), "id": f"{first_id}_{number}"}, number, renderer),)
                    for number, box in enumerate(boxes, start=1)
                ),
            ),
        )

    def _one(self, name: str, value: str, attrs: dict[str, Any], number: int, renderer: Any) -> SafeString:
        label = _("第 %(number)s 个") % {"number": number}
        return forms.Select({**attrs, "aria-label": label}, choices=self.choices).render(name, value, renderer=renderer)

    def id_for_label(self, id_: str, index: str | None = None) -> str:
        return ""


class SubmissionKeyField(forms.UUIDField):
    """The one-time key of a create form: a second POST of the same form finds what the first one made."""

    widget = forms.HiddenInput

    def __init__(self) -> None:
        super().__init__(required=False, error_messages={"invalid": _("页面已过期，请刷新后再提交。")})


def offer(form: forms.BaseForm, name: str, choices: Iterable[Any]) -> None:
    """Choices that are only known when the form is made."""
    field = form.fields[name]
    assert isinstance(field, forms.ChoiceField)
    field.choices = choices


def offer_rows(form: forms.BaseForm, name: str, rows: QuerySet[Any]) -> None:
    """The same for a choice among rows of the database."""
    field = form.fields[name]
    assert isinstance(field, forms.ModelChoiceField)
    field.queryset = rows


class Worded(forms.BaseForm):
    """What is missing or too long is said as on every other page; Django's words are for programmers."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            if field.error_messages["required"] == forms.Field.default_error_messages["required"]:
                choice = isinstance(field, forms.ChoiceField)
                field.error_messages["required"] = _("请选择一项。") if choice else _("请填写此项。")
            field.error_messages["max_length"] = _("最多 %(limit_value)s 个字，现在有 %(show_value)s 个字。")

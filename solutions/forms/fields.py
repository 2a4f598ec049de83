"""Form fields whose whole cleaning is one function of `solutions.validators`."""

from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from solutions.models.indicator import plain
from solutions.validators import Cleaner


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


class SubmissionKeyField(forms.UUIDField):
    """The one-time key of a create form: a second POST of the same form finds what the first one made."""

    widget = forms.HiddenInput

    def __init__(self) -> None:
        super().__init__(required=False, error_messages={"invalid": _("页面已过期，请刷新后再提交。")})

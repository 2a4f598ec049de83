"""Forms of figures before and after, ratings and success cases."""

from typing import Any, cast

from django import forms
from django.utils.translation import gettext_lazy as _

from contracts.contract.forms import BaseRowFormSet, RowForm
from contracts.outcome.fields import CASE, FIGURE, MOST_FIGURES, RATING
from lib.fields import ContentForm
from needs.files.actions import Unacceptable, check_content, clean_name


class FigureForm(RowForm):
    table = FIGURE

    evidence = forms.FileField(
        label=_("证明材料"), error_messages={"required": _("请选择证明材料。"), "empty": _("文件是空的。")}
    )

    def is_blank(self, raw: dict[str, Any]) -> bool:
        return super().is_blank(raw) and self.add_prefix("evidence") not in self.files

    def clean_evidence(self) -> Any:
        upload = self.cleaned_data["evidence"]
        try:
            check_content(upload, clean_name(upload.name))
        except Unacceptable as error:
            raise forms.ValidationError(str(error)) from error
        return upload


FigureFormSet = cast(
    "type[BaseRowFormSet]",
    forms.formset_factory(
        FigureForm,
        formset=BaseRowFormSet,
        extra=3,
        can_delete=True,
        max_num=MOST_FIGURES,
        validate_max=True,
        absolute_max=MOST_FIGURES * 3,
    ),
)


class RatingForm(ContentForm):
    table = RATING


class CaseForm(ContentForm):
    table = CASE

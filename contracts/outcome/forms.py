"""The final verdict, figures before and after, ratings, success cases."""

from typing import Any, cast

from django import forms
from django.utils.translation import gettext_lazy as _

from contracts.contract.forms import BaseRowFormSet, RowForm
from contracts.models import Remark
from contracts.outcome import fields as validators
from lib import cleaning as clean
from lib.form_fields import CleanedField, CleanedMultipleChoiceField
from needs.files.actions import Unacceptable, check_content, clean_name


class AcceptForm(forms.Form):
    use_required_attribute = False

    note = CleanedField(
        lambda raw: clean.text(raw, limit=5000, required=True),
        label=_("验收意见"),
        help_text=_("按约定的验收标准逐项说明结论，会写入验收证书。例如：三批样件寿命均超过 2000 小时，达到约定。"),
        widget=forms.Textarea(attrs={"rows": 8}),
        required=True,
    )


class FigureForm(RowForm):
    cleaners = validators.FIGURE

    name = CleanedField(validators.FIGURE["name"], label=_("指标"))
    before = CleanedField(
        validators.FIGURE["before"], label=_("实施前"), widget=forms.TextInput(attrs={"inputmode": "decimal"})
    )
    after = CleanedField(
        validators.FIGURE["after"], label=_("实施后"), widget=forms.TextInput(attrs={"inputmode": "decimal"})
    )
    unit = CleanedField(validators.FIGURE["unit"], label=_("单位"))
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
        max_num=validators.MOST_FIGURES,
        validate_max=True,
        absolute_max=validators.MOST_FIGURES * 3,
    ),
)


STARS = [
    (5, _("5 · 非常满意")),
    (4, _("4 · 满意")),
    (3, _("3 · 一般")),
    (2, _("2 · 不满意")),
    (1, _("1 · 非常不满意")),
]


class RatingForm(forms.Form):
    use_required_attribute = False

    stars = forms.TypedChoiceField(
        label=_("总体评价"),
        choices=STARS,
        coerce=int,
        widget=forms.RadioSelect,
        error_messages={"required": _("请选择总体评价。"), "invalid_choice": _("请选择总体评价。")},
    )
    remarks = CleanedMultipleChoiceField(
        validators.RATING["remarks"],
        label=_("评价要点"),
        choices=Remark.choices,
        widget=forms.CheckboxSelectMultiple,
    )
    comment = CleanedField(
        validators.RATING["comment"],
        label=_("评价"),
        help_text=_("对方提交评价之前看不到您的评价；提交之后不能修改。"),
        widget=forms.Textarea(attrs={"rows": 4}),
    )


class CaseForm(forms.Form):
    use_required_attribute = False

    title = CleanedField(
        validators.CASE["title"],
        label=_("标题"),
        help_text=_("例如：轴承钢寿命翻倍，年减少停机三十天。"),
        required=True,
    )
    text = CleanedField(
        validators.CASE["text"],
        label=_("正文"),
        help_text=_(
            "任何人都能看到：遇到什么问题、怎样解决、带来什么变化。不要写保密内容；双方机构名称与成效数据会一并公开。"
        ),
        widget=forms.Textarea(attrs={"rows": 14}),
        required=True,
    )

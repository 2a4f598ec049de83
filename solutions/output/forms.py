"""The form of a research output, in the order in which a professor would tell it, and of an institution's profile."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from lib import maturity
from lib.form_fields import (
    CleanedChoiceField,
    CleanedField,
    CleanedMultipleChoiceField,
    ParagraphsField,
    SubmissionKeyField,
)
from solutions.indicator.fields import clean_indicator
from solutions.indicator.forms import IndicatorForm
from solutions.models import MaturityAssessor, RightsStatus, Solution, TransferMode
from solutions.output.fields import OUTPUT, clean_range
from solutions.solution.forms import SolutionForm, _area, _line

LEVEL_CHOICES = [("", "—"), *((str(level), f"TRL {level}") for level in range(1, 10))]


class OutputForm(SolutionForm):
    """A research output. `values` after `is_valid()` is what the domain takes."""

    sections_of = (
        (
            _("这是什么成果"),
            _("让企业的技术负责人在一分钟内看懂：解决什么问题，凭什么比现有办法好。"),
            ("title", "summary", "innovations", "technical_field", "keywords", "industries"),
        ),
        (
            _("做到什么程度"),
            _("如实选择即可：企业按成熟度安排投入，早期成果同样有人找。"),
            ("maturity", "trl_min", "trl_max", "maturity_assessed_by"),
        ),
        (
            _("知识产权与转化"),
            _("说明权利在谁手里、愿意怎样合作。"),
            ("rights_status", "rights_note", "transfer_modes", "price"),
        ),
        (
            _("谁做的"),
            _("完成人按署名顺序填写。"),
            ("completed_by", "completed_people", "awards", "region_code", "broker_delegated"),
        ),
    )

    title = _line(
        OUTPUT["title"],
        label=_("成果名称"),
        required=True,
        help_text=_("对象＋方法＋效果，如“高温轴承钢洁净冶炼与碳化物细化技术”。最多 120 字。"),
    )
    summary = CleanedField(
        OUTPUT["summary"],
        label=_("成果简介"),
        widget=_area(8),
        help_text=_("针对什么问题、怎么做的、达到什么效果、在哪里用过。提交审核前必须填写；只写可以公开的内容。"),
    )
    innovations = ParagraphsField(
        OUTPUT["innovations"],
        label=_("创新点"),
        widget=_area(3),
        help_text=_("每行一条，最多 3 条。"),
    )
    maturity = CleanedChoiceField(
        maturity.choice_to_levels,
        label=_("成熟度"),
        choices=maturity.FORM_CHOICES,
        widget=forms.RadioSelect,
        required=True,
    )
    trl_min = CleanedChoiceField(OUTPUT["trl_min"], label=_("TRL 从"), choices=LEVEL_CHOICES)
    trl_max = CleanedChoiceField(
        OUTPUT["trl_max"],
        label=_("TRL 到"),
        choices=LEVEL_CHOICES,
        help_text=_("只在选“直接填写 TRL 等级”时使用。"),
    )
    maturity_assessed_by = CleanedChoiceField(
        OUTPUT["maturity_assessed_by"],
        label=_("谁评价的"),
        choices=MaturityAssessor.choices,
        widget=forms.RadioSelect,
        initial=MaturityAssessor.SELF,
    )
    rights_status = CleanedChoiceField(
        OUTPUT["rights_status"],
        label=_("知识产权状态"),
        choices=RightsStatus.choices,
        initial=RightsStatus.NONE,
    )
    rights_note = _line(
        OUTPUT["rights_note"],
        label=_("知识产权说明"),
        help_text=_("类型、编号、日期，如“发明专利，ZL…，2024-05 授权”。"),
    )
    transfer_modes = CleanedMultipleChoiceField(
        OUTPUT["transfer_modes"],
        label=_("愿意的转化方式"),
        choices=TransferMode.choices,
        help_text=_("可以多选；选得越实，匹配越准。"),
    )
    price = CleanedField(
        OUTPUT["price"],
        label=_("价格（万元）"),
        widget=forms.TextInput(attrs={"inputmode": "decimal"}),
        help_text=_("留空表示面议。"),
    )
    completed_by = _line(OUTPUT["completed_by"], label=_("完成单位"))
    completed_people = _line(OUTPUT["completed_people"], label=_("完成人"), help_text=_("按署名顺序，用顿号隔开。"))
    awards = _line(OUTPUT["awards"], label=_("获奖情况"))
    broker_delegated = forms.BooleanField(
        required=False,
        label=_("委托技术经理人跟进"),
        help_text=_("由平台或本单位的技术经理人先与企业沟通，您只在需要时参加。"),
    )
    submission_key = SubmissionKeyField()

    def clean(self) -> dict[str, Any]:
        values = super().clean() or self.cleaned_data
        if "maturity" not in values:
            return values
        levels = values.pop("maturity")
        if levels == maturity.EXACT:
            self._take_exact_levels(values)
        else:
            values["trl_min"], values["trl_max"] = levels or (None, None)
        return values

    def _take_exact_levels(self, values: dict[str, Any]) -> None:
        try:
            values["trl_min"], values["trl_max"] = clean_range(values.get("trl_min"), values.get("trl_max"))
        except ValidationError as error:
            self.add_error(None, error)
            return
        if values["trl_min"] is None and not self.errors:
            self.add_error("trl_min", _("请选择 TRL 等级。"))

    def require_summary(self) -> None:
        """Handing in asks for what a draft may leave open."""
        if not self.cleaned_data.get("summary") and "summary" not in self.errors:
            self.add_error("summary", _("提交审核前请填写成果简介；也可以先保存草稿。"))

    @property
    def values(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in OUTPUT}


class OutputIndicatorForm(IndicatorForm):
    """An output states what was reached; whether that is a must is the need's to say."""

    clean_row = staticmethod(clean_indicator)

    necessity = None  # type: ignore[assignment]  # how Django drops a field of the parent form
    is_public = forms.BooleanField(label=_("公开"), required=False, initial=True)


def output_initial(solution: Solution) -> dict[str, Any]:
    """A saved output as the form's initial values."""
    details = solution.output
    values = {name: getattr(details if hasattr(details, name) else solution, name) for name in OUTPUT}
    levels = None if details.trl_min is None or details.trl_max is None else (details.trl_min, details.trl_max)
    return {**values, "maturity": maturity.form_choice(levels)}

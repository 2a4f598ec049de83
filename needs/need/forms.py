"""What a need's writer fills in, what narrows a list, what reviewers answer. Cleaning is `needs.need.fields`."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from accounts.models import Organisation, User
from lib.form_fields import (
    CleanedChoiceField,
    CleanedField,
    CleanedMultipleChoiceField,
    SubmissionKeyField,
    WordsField,
    offer,
    offer_rows,
)
from lib.industries import industry_choices
from lib.regions import province_choices, region_choices
from needs.models import RESTRICTABLE, CloseReason, CooperationMode, Level, Need, NeedType, maturity_words
from needs.need import fields as validators
from solutions.indicator.forms import IndicatorForm, indicator_formset

SUBMIT = "submit"  # the button that hands the need in; any other saves it


def _readiness_choices() -> list[tuple[str, Any]]:
    return [("", _("不限")), *((str(level), f"TRL {level} · {maturity_words(level)}") for level in range(1, 10))]


def _industries() -> list[Any]:
    return [("", _("请选择")), *industry_choices()]


def _regions() -> list[Any]:
    return [("", _("不限")), *region_choices()]


def _line(name: str, label: Any, help_text: Any = "", **options: Any) -> CleanedField:
    return CleanedField(validators.NEED[name], label=label, help_text=help_text, **options)


def _area(name: str, label: Any, help_text: Any, *, rows: int, **options: Any) -> CleanedField:
    return _line(name, label, help_text, widget=forms.Textarea(attrs={"rows": rows}), **options)


def _number(name: str, label: Any, help_text: Any = "", *, inputmode: str = "decimal") -> CleanedField:
    return _line(name, label, help_text, widget=forms.TextInput(attrs={"inputmode": inputmode}))


class NeedForm(forms.Form):
    """A need as its engineer writes it. `hand_in` asks for what a submission needs; a draft only wants a title."""

    use_required_attribute = False

    submission_key = SubmissionKeyField()

    title = _line(
        "title",
        _("需求名称"),
        _("一句话说清“对象＋要解决的问题”，例如：风电主轴轴承钢接触疲劳寿命提升。"),
        required=True,
    )
    need_type = CleanedChoiceField(
        validators.NEED["need_type"], label=_("需求类型"), choices=[("", _("请选择")), *NeedType.choices], required=True
    )
    industry = CleanedChoiceField(validators.NEED["industry"], label=_("所属行业"), choices=_industries)
    technical_field = _line("technical_field", _("技术领域"), _("例如：金属材料、热处理、机器视觉。"))
    keywords = WordsField(
        validators.NEED["keywords"],
        label=_("关键词"),
        help_text=_("材料、工艺、部件或型号，用顿号隔开，例如：轴承钢、夹杂物、GCr15。"),
    )

    background = _area(
        "background",
        _("背景与现状"),
        _("用在哪里、现在做到什么程度、损失多大。例如：现用轴承钢台架试验 800 小时即剥落，返修一次停机十四天。"),
        rows=6,
        required=True,
    )
    difficulty = _area(
        "difficulty",
        _("主要技术难点"),
        _("您判断卡在哪里，例如：氧含量与大颗粒夹杂物难以同时控制。写得越具体，匹配越准。"),
        rows=5,
    )
    tried = _area(
        "tried",
        _("已尝试过的方案（不需要什么）"),
        _("试过而行不通的路线、不接受的做法，免得收到重复建议。例如：已试过进口钢材替代，成本高出两倍，不再考虑。"),
        rows=4,
    )
    benchmark = _area("benchmark", _("对标水平"), _("想达到谁的水平，例如：某进口同规格产品，寿命 20 年。"), rows=3)

    trl_min = CleanedChoiceField(
        validators.NEED["trl_min"],
        label=_("期望成熟度"),
        choices=_readiness_choices,
        help_text=_("最低可以接受到哪一步；只想买来就用，选 TRL 8。"),
    )
    months = _number("months", _("期望完成时间（月）"), _("例如：12"), inputmode="numeric")
    budget_min = _number("budget_min", _("预算下限（万元）"), _("例如：50"))
    budget_max = _number("budget_max", _("预算上限（万元）"), _("例如：120；两项都不填即为面议。"))
    valid_until = _line(
        "valid_until",
        _("有效期至"),
        _("过了这一天，需求自动关闭；不填则长期有效。"),
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
    )
    region_code = CleanedChoiceField(
        validators.NEED["region_code"], label=_("所在地区"), choices=_regions, help_text=_("项目落地的地方。")
    )
    cooperation_modes = CleanedMultipleChoiceField(
        validators.NEED["cooperation_modes"],
        label=_("可接受的合作方式"),
        choices=CooperationMode.choices,
        help_text=_("可多选；不选表示都可以谈。"),
    )
    prefers_local = forms.BooleanField(
        label=_("同等条件下优先本地"),
        required=False,
        help_text=_("作为单独一项计入匹配得分并显示出来，可随时关闭。"),
    )
    wants_crossing = forms.BooleanField(
        label=_("为跨领域成果保留一个位置"),
        required=False,
        initial=True,
        help_text=_("候选满 20 项时，最后一项留给功能相符、领域不同的成果并注明；不加分，不影响前 10 项，可随时关闭。"),
    )

    usual_search_days = _number(
        "usual_search_days",
        _("以往寻找同类技术用时（天）"),
        _("从开始找到签约大约多久，例如：180。只有本机构和运营人员看得到，用来比较这一次快了多少。"),
        inputmode="numeric",
    )
    contact_name = _line("contact_name", _("联系人"))
    contact_phone = _line(
        "contact_phone",
        _("联系电话"),
        _("页面上只显示首尾几位，例如 138****5678；双方确认对接之后才提供给对方。"),
        widget=forms.TextInput(attrs={"inputmode": "tel"}),
    )

    declared = forms.BooleanField(
        label=_("我确认：以上内容不涉及国家秘密，不含依法不得公开的信息，并已获本单位同意提交。"), required=False
    )

    def __init__(self, *args: Any, hand_in: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.hand_in = hand_in
        for name in RESTRICTABLE:
            self.fields[f"level_{name}"] = forms.ChoiceField(
                label=_("公开范围"),
                widget=forms.Select(
                    attrs={"aria-label": _("“%(field)s”的公开范围") % {"field": validators.restrictable_label(name)}}
                ),
                choices=Level.choices,
                initial=Level.PUBLIC,
                required=False,
            )

    def clean(self) -> dict[str, Any]:
        values = self.cleaned_data
        chosen = {name: values.get(f"level_{name}") for name in RESTRICTABLE}
        values["disclosure"] = validators.NEED["disclosure"](chosen)
        try:
            validators.check_budget(values)
        except ValidationError as error:
            self.add_error(None, error)
        if self.hand_in:
            self._check_submission(values)
        return values

    def _check_submission(self, values: dict[str, Any]) -> None:
        for name in validators.ASKED_FOR_AT_SUBMISSION:
            if name in values and not values[name]:
                self.add_error(name, _("提交前请填写此项；暂时不填可以先保存草稿。"))
        if not values["declared"]:
            self.add_error(
                "declared",
                _("未作此项确认不能提交。内容如涉及国家秘密，请勿在本平台填写或保存，请通过本单位的保密渠道办理。"),
            )

    @property
    def content(self) -> dict[str, Any]:
        """Clean values of the need itself."""
        return {name: self.cleaned_data[name] for name in validators.NEED}


class NeedIndicatorForm(IndicatorForm):
    clean_row = staticmethod(validators.clean_need_indicator)

    level = forms.ChoiceField(label=_("公开范围"), required=False, choices=Level.choices, initial=Level.PUBLIC)


NeedIndicatorFormSet = indicator_formset(NeedIndicatorForm)


# Upper and lower ends in 万元 of the choices in the list.
BUDGETS = {
    "0-20": (_("20 万元以下"), None, 20),
    "20-50": (_("20–50 万元"), 20, 50),
    "50-100": (_("50–100 万元"), 50, 100),
    "100-500": (_("100–500 万元"), 100, 500),
    "500-": (_("500 万元以上"), 500, None),
    "open": (_("面议"), None, None),
}


class NeedFilterForm(forms.Form):
    """Narrows the public list. A value nobody offers is ignored: old links keep working."""

    industry = forms.ChoiceField(label=_("行业"), required=False)
    need_type = forms.ChoiceField(label=_("需求类型"), required=False, choices=[("", _("全部")), *NeedType.choices])
    region = forms.ChoiceField(label=_("地区"), required=False)
    budget = forms.ChoiceField(
        label=_("预算"), required=False, choices=[("", _("全部")), *((key, row[0]) for key, row in BUDGETS.items())]
    )
    organisation = forms.ModelChoiceField(
        Organisation.objects.none(), to_field_name="code", label=_("提出方"), required=False, empty_label=_("全部")
    )

    def __init__(self, *args: Any, organisations: QuerySet[Organisation], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer_rows(self, "organisation", organisations)
        offer(self, "industry", [("", _("全部")), *_industries_with_sections()])
        offer(self, "region", [("", _("全部")), *province_choices()])

    @property
    def chosen(self) -> dict[str, Any]:
        """The filters that are set."""
        self.is_valid()
        return {name: value for name, value in self.cleaned_data.items() if value}

    def narrow(self, needs: QuerySet[Need]) -> QuerySet[Need]:
        chosen = self.chosen
        if industry := chosen.get("industry"):
            needs = needs.filter(industry__startswith=industry)
        if need_type := chosen.get("need_type"):
            needs = needs.filter(need_type=need_type)
        if region := chosen.get("region"):
            needs = needs.filter(region_code__startswith=region[:2])
        if budget := chosen.get("budget"):
            needs = needs.filter(_within(budget))
        if organisation := chosen.get("organisation"):
            needs = needs.filter(organisation=organisation)
        return needs


def _industries_with_sections() -> list[Any]:
    """Divisions under their section, which may be chosen as a whole: `C` stands for C13 to C43."""
    groups = []
    for section, divisions in industry_choices():
        letter = section[:1]
        groups.append((section, [(letter, _("%(section)s（全部）") % {"section": section}), *divisions]))
    return groups


def _within(budget: str) -> Q:
    """Needs whose budget overlaps the range; an end that is not given is open.

    A budget that is not public is found by no range, whoever asks: finding it would tell it.
    """
    is_public = ~Q(disclosure__has_key="budget")
    if budget == "open":
        return Q(budget_min=None, budget_max=None) & is_public
    _label, low, high = BUDGETS[budget]
    within = (Q(budget_min__isnull=False) | Q(budget_max__isnull=False)) & is_public
    if low is not None:
        within &= Q(budget_max__gte=low) | Q(budget_max=None)
    if high is not None:
        within &= Q(budget_min__lt=high) | Q(budget_min=None)
    return within


class CloseForm(forms.Form):
    reason = forms.ChoiceField(
        label=_("关闭原因"),
        choices=[(value, label) for value, label in CloseReason.choices if value != CloseReason.EXPIRED],
        error_messages={"required": _("请选择关闭原因。"), "invalid_choice": _("请选择关闭原因。")},
    )


class AssignForm(forms.Form):
    caretaker = forms.ModelChoiceField(
        label=_("服务专员"),
        queryset=User.objects.none(),
        error_messages={
            "required": _("请选择服务专员。"),
            "invalid_choice": _("服务专员须是平台运营人员或技术经理人。"),
        },
    )

    def __init__(self, *args: Any, people: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer_rows(self, "caretaker", people)


def initial_of(need: Need) -> dict[str, Any]:
    """A saved need as initial values of `NeedForm`."""
    levels = {f"level_{name}": need.level_of(name) for name in RESTRICTABLE}
    return {**{name: getattr(need, name) for name in validators.NEED}, **levels}

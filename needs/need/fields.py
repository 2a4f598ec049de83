"""The content of a need: one table for its form, the API, imports, disclosure and what the engine reads."""

import re
from collections.abc import Mapping
from decimal import Decimal
from functools import partial
from typing import Any

from django.core.exceptions import ValidationError
from django.forms import DateInput, TextInput
from django.utils.translation import gettext_lazy as _

from lib import cleaning, fields
from lib.cleaning import Cleaner
from lib.contact_data import clean_phone
from lib.fields import Field, Input, Section, area, hidden_together, table
from lib.form_fields import CleanedChoiceField, CleanedMultipleChoiceField, FlagField, WordsField
from lib.industries import industry_choices
from lib.maturity import clean_levels
from lib.regions import region_choices
from needs.models import CooperationMode, Level, NeedType, maturity_words
from solutions.indicator import fields as indicator_fields

# Steps that ask for a field. Imports may lack the type, which their source seldom says: only the form insists on it.
SUBMIT = "submit"
SUBMIT_FORM = "submit the form"


def _lowest_level(raw: Any) -> int | None:
    """`6`, `TRL 6` or `通过中试`: the least that is wanted."""
    levels = clean_levels(raw)
    return levels[0] if levels else None


def _levels(raw: Any) -> dict[str, str]:
    """What may be hidden → level, without what is public; from a mapping or `背景与现状：核验机构可见；预算：nda`."""
    written = raw if isinstance(raw, Mapping) else _phrases(raw)
    hideable = hidden_together(NEED)
    names = {wanted: name for name in hideable for wanted in (name, hidden_label(name))}
    if unknown := [str(word)[:30] for word in written if word not in names]:
        raise ValidationError(_("没有“%(value)s”这一项可以设置公开范围。"), params={"value": unknown[0]})
    levels = {
        names[word]: cleaning.choice(level, options=Level.choices, default=Level.PUBLIC)
        for word, level in written.items()
    }
    return {name: levels[name] for name in hideable if levels.get(name, Level.PUBLIC) != Level.PUBLIC}


def _phrases(raw: Any) -> dict[str, str]:
    parts = [
        re.split(r"[:：=]", part, maxsplit=1) for part in re.split(r"[;；\n]", cleaning.text(raw, limit=1000)) if part
    ]
    if any(len(part) < 2 for part in parts):
        raise ValidationError(_("公开范围请写成“预算：签署保密协议后可见；背景与现状：核验机构可见”。"))
    return {name.strip(): level.strip() for name, level in parts}


def _phone(raw: Any) -> Any:
    return clean_phone(cleaning.line(raw, limit=60))


def _readiness_choices() -> list[tuple[str, Any]]:
    return [("", _("不限")), *((str(level), f"TRL {level} · {maturity_words(level)}") for level in range(1, 10))]


def _industries() -> list[Any]:
    return [("", _("请选择")), *industry_choices()]


def _regions() -> list[Any]:
    return [("", _("不限")), *region_choices()]


def _typed(mode: str) -> TextInput:
    """A line for which a telephone shows the keyboard `mode`."""
    return TextInput(attrs={"inputmode": mode})


_budget = partial(cleaning.number, places=2, digits=12, low=0)

PROBLEM = Section(_("一、要解决什么"), "")
SITUATION = Section(_("二、现状与难点"), "")
TERMS = Section(_("四、期望与条件"), "")
CONTACT = Section(_("五、联系人"), "")

# Title, type, industry, region and dates cannot be hidden: lists and filters are made of them.
NEED = table(
    Field(
        "title",
        _("名称"),
        partial(cleaning.line, limit=120, required=True),
        headings=("名称", "需求名称", "标题"),
        reads="title",
        input=Input(
            PROBLEM,
            label=_("需求名称"),
            help=_("一句话说清“对象＋要解决的问题”，例如：风电主轴轴承钢接触疲劳寿命提升。"),
            required=True,
        ),
    ),
    Field(
        "need_type",
        _("需求类型"),
        partial(cleaning.choice, options=NeedType.choices),
        headings=("需求类型", "类型"),
        needed_for=frozenset({SUBMIT_FORM}),
        input=Input(
            PROBLEM,
            form_field=CleanedChoiceField,
            choices=[("", _("请选择")), *NeedType.choices],
            required=True,
        ),
    ),
    Field(
        "industry",
        _("所属行业"),
        cleaning.industry,
        headings=("所属行业", "行业"),
        reads="industries",
        input=Input(PROBLEM, form_field=CleanedChoiceField, choices=_industries),
    ),
    Field(
        "technical_field",
        _("技术领域"),
        partial(cleaning.line, limit=60),
        headings=("技术领域", "领域"),
        reads="body",
        hides_as="technical_field",
        input=Input(PROBLEM, help=_("例如：金属材料、热处理、机器视觉。")),
    ),
    Field(
        "keywords",
        _("关键词"),
        partial(cleaning.words, most=20, limit=40),
        headings=("关键词",),
        reads="keywords",
        hides_as="keywords",
        input=Input(
            PROBLEM,
            form_field=WordsField,
            help=_("材料、工艺、部件或型号，用顿号隔开，例如：轴承钢、夹杂物、GCr15。"),
        ),
    ),
    Field(
        "background",
        _("背景与现状"),
        partial(cleaning.text, limit=20_000),
        headings=("背景与现状", "背景", "需求内容", "需求描述", "content"),
        reads="body",
        hides_as="background",
        needed_for=frozenset({SUBMIT, SUBMIT_FORM}),
        input=Input(
            SITUATION,
            widget=area(6),
            help=_(
                "用在哪里、现在做到什么程度、损失多大。例如：现用轴承钢台架试验 800 小时即剥落，返修一次停机十四天。"
            ),
            required=True,
        ),
    ),
    Field(
        "difficulty",
        _("主要技术难点"),
        partial(cleaning.text, limit=20_000),
        headings=("主要技术难点", "技术难点", "难点"),
        reads="body",
        hides_as="difficulty",
        input=Input(
            SITUATION,
            widget=area(5),
            help=_("您判断卡在哪里，例如：氧含量与大颗粒夹杂物难以同时控制。写得越具体，匹配越准。"),
        ),
    ),
    Field(
        "tried",
        _("已尝试过的方案（不需要什么）"),
        partial(cleaning.text, limit=5000),
        headings=("已尝试过的方案", "不需要什么"),
        reads="excluded",
        hides_as="tried",
        input=Input(
            SITUATION,
            widget=area(4),
            help=_(
                "试过而行不通的路线、不接受的做法，免得收到重复建议。例如：已试过进口钢材替代，成本高出两倍，不再考虑。"
            ),
        ),
    ),
    Field(
        "benchmark",
        _("对标水平"),
        partial(cleaning.text, limit=2000),
        headings=("对标水平",),
        reads="body",
        hides_as="benchmark",
        input=Input(SITUATION, widget=area(3), help=_("想达到谁的水平，例如：某进口同规格产品，寿命 20 年。")),
    ),
    Field(
        "trl_min",
        _("期望成熟度（TRL）"),
        _lowest_level,
        headings=("期望成熟度", "成熟度", "TRL"),
        reads="trl",
        hides_as="trl_min",
        input=Input(
            TERMS,
            label=_("期望成熟度"),
            form_field=CleanedChoiceField,
            choices=_readiness_choices,
            help=_("最低可以接受到哪一步；只想买来就用，选 TRL 8。"),
        ),
    ),
    Field(
        "months",
        _("期望完成时间（月）"),
        partial(cleaning.whole, low=1, high=120),
        headings=("期望完成时间", "期限"),
        hides_as="months",
        input=Input(TERMS, widget=_typed("numeric"), help=_("例如：12")),
    ),
    Field(
        "budget_min",
        _("预算下限（万元）"),
        _budget,
        headings=("预算下限",),
        reads="budget",
        hides_as="budget",
        input=Input(TERMS, widget=_typed("decimal"), help=_("例如：50")),
    ),
    Field(
        "budget_max",
        _("预算上限（万元）"),
        _budget,
        headings=("预算上限", "预算", "榜额", "budget"),
        reads="budget",
        hides_as="budget",
        input=Input(TERMS, widget=_typed("decimal"), help=_("例如：120；两项都不填即为面议。")),
    ),
    Field(
        "region_code",
        _("所在地区"),
        cleaning.region,
        headings=("所在地区", "地区", "地区代码", "region"),
        input=Input(TERMS, form_field=CleanedChoiceField, choices=_regions, help=_("项目落地的地方。")),
    ),
    Field(
        "valid_until",
        _("有效期至"),
        cleaning.day,
        headings=("有效期至", "有效期"),
        input=Input(
            TERMS,
            widget=DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
            help=_("过了这一天，需求自动关闭；不填则长期有效。"),
        ),
    ),
    Field(
        "cooperation_modes",
        _("合作方式"),
        partial(cleaning.choices, options=CooperationMode.choices),
        headings=("合作方式",),
        reads="modes",
        hides_as="cooperation_modes",
        input=Input(
            TERMS,
            label=_("可接受的合作方式"),
            form_field=CleanedMultipleChoiceField,
            choices=CooperationMode.choices,
            help=_("可多选；不选表示都可以谈。"),
        ),
    ),
    Field(
        "prefers_local",
        _("同等条件下优先本地"),
        cleaning.flag,
        headings=("同等条件下优先本地", "优先本地"),
        input=Input(TERMS, form_field=FlagField, help=_("作为单独一项计入匹配得分并显示出来，可随时关闭。")),
    ),
    Field(
        "wants_crossing",
        _("为跨领域成果保留一个位置"),
        partial(cleaning.flag, default=True),
        headings=("为跨领域成果保留一个位置", "跨领域"),
        input=Input(
            TERMS,
            form_field=FlagField,
            initial=True,
            help=_("候选满 20 项时，最后一项留给功能相符、领域不同的成果并注明；不加分，不影响前 10 项，可随时关闭。"),
        ),
    ),
    Field("disclosure", _("公开范围"), _levels, headings=("公开范围",)),  # the form asks beside each field
    Field(
        "usual_search_days",
        _("以往寻找同类技术用时（天）"),
        partial(cleaning.whole, low=1, high=3650),
        headings=("以往寻找同类技术用时",),
        input=Input(
            TERMS,
            widget=_typed("numeric"),
            help=_("从开始找到签约大约多久，例如：180。只有本机构和运营人员看得到，用来比较这一次快了多少。"),
        ),
    ),
    Field("contact_name", _("联系人"), partial(cleaning.line, limit=40), headings=("联系人",), input=Input(CONTACT)),
    Field(
        "contact_phone",
        _("联系电话"),
        _phone,
        headings=("联系电话", "电话"),
        input=Input(
            CONTACT,
            widget=_typed("tel"),
            help=_("页面上只显示首尾几位，例如 138****5678；双方确认对接之后才提供给对方。"),
        ),
    ),
)
# For the people of a need only, at every level of disclosure.
INSIDERS_ONLY = frozenset({"usual_search_days", "contact_name", "contact_phone"})
# A row of a need's indicator table.
NEED_INDICATOR: dict[str, Cleaner] = {
    **indicator_fields.INDICATOR_VALUES,
    "level": partial(cleaning.choice, options=Level.choices, default=Level.PUBLIC),
}
# Parts of the engine's document that people read beside a match and that never move a score.
UNSCORED = frozenset({"excluded"})


def hideable() -> list[str]:
    """What a writer may keep from some readers, in the order of the form; `budget` stands for both its ends."""
    return list(hidden_together(NEED))


def hidden_label(name: str) -> str:
    """A name of `hideable` in words."""
    return str(_("预算") if name == "budget" else hidden_together(NEED)[name][0].label)


def scored_and_hideable() -> frozenset[str]:
    """Of `hideable`, what can move a score. What was tried is read by people only."""
    return frozenset(field.hides_as for field in NEED.values() if field.reads and field.reads not in UNSCORED) - {""}


def clean_need(raw: Mapping[str, Any], *, partly: bool = False) -> dict[str, Any]:
    """Clean values of a need; `ValidationError` by field. `partly`: only the fields that `raw` holds."""
    values = fields.clean(NEED, raw, partly=partly)
    check_budget(values)
    return values


def clean_need_indicator(raw: Mapping[str, Any]) -> dict[str, Any]:
    """One row as model values; `ValidationError` by field.

    Programs and files from before there were levels say `is_public: false`: that is `named`, who saw it then sees it
    now.
    """
    if not raw.get("level") and not cleaning.flag(raw.get("is_public"), default=True):
        raw = {**raw, "level": Level.NAMED}
    return indicator_fields.clean_indicator(raw, NEED_INDICATOR)


def check_budget(values: Mapping[str, Any]) -> None:
    """`ValidationError` when the upper end (万元) is below the lower one."""
    low: Decimal | None = values.get("budget_min")
    high: Decimal | None = values.get("budget_max")
    if low is not None and high is not None and high < low:
        raise ValidationError({"budget_max": _("预算上限不能小于下限。")})

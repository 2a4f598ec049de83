"""The content of a research output: one table for its form, the API, imports and what the engine reads."""

from collections.abc import Mapping
from functools import partial
from typing import Any

from django.core.exceptions import ValidationError
from django.forms import RadioSelect, TextInput
from django.utils.translation import gettext_lazy as _

from lib import cleaning, fields, maturity
from lib.fields import Field, Input, Section, area, table
from lib.form_fields import CleanedChoiceField, CleanedMultipleChoiceField, FlagField, ParagraphsField
from solutions.models import MaturityAssessor, RightsStatus, TransferMode
from solutions.solution import fields as common

NEGOTIABLE = {"面议", "议价", "价格面议", "negotiable"}
LEVEL_CHOICES = [("", "—"), *((str(level), f"TRL {level}") for level in range(1, 10))]


def price(raw: Any) -> Any:
    """Price in 万元; None when negotiable. The unit may be written behind the number."""
    written = cleaning.half_width(cleaning.line(raw, limit=60)).removesuffix("元").removesuffix("万").strip()
    if written in NEGOTIABLE:
        return None
    return cleaning.number(written, places=2, digits=12, low=0)


_level = partial(cleaning.whole, low=1, high=9)
_short = partial(cleaning.line, limit=300)

WHAT = Section(
    _("这是什么成果"),
    _("让企业的技术负责人在一分钟内看懂：解决什么问题，凭什么比现有办法好。"),
)
HOW_FAR = Section(
    _("做到什么程度"),
    _("如实选择即可：企业按成熟度安排投入，早期成果同样有人找。"),
)
RIGHTS = Section(_("知识产权与转化"), _("说明权利在谁手里、愿意怎样合作。"))
WHO = Section(_("谁做的"), _("完成人按署名顺序填写。"))

OUTPUT = table(
    common.title(
        WHAT,
        label=_("成果名称"),
        help=_("对象＋方法＋效果，如“高温轴承钢洁净冶炼与碳化物细化技术”。最多 120 字。"),
    ),
    common.summary(
        WHAT,
        label=_("成果简介"),
        help=_("针对什么问题、怎么做的、达到什么效果、在哪里用过。提交审核前必须填写；只写可以公开的内容。"),
    ),
    Field(
        "innovations",
        _("创新点"),
        partial(cleaning.paragraphs, most=3, limit=300),
        headings=("创新点",),
        reads="body",
        input=Input(WHAT, form_field=ParagraphsField, widget=area(3), help=_("每行一条，最多 3 条。")),
    ),
    common.technical_field(WHAT),
    common.keywords(WHAT),
    common.industry_list(WHAT),
    Field(
        "maturity",
        _("成熟度"),
        maturity.clean_levels,
        is_kept=False,  # it stands for both levels
        headings=("成熟度", "TRL"),
        input=Input(
            HOW_FAR,
            form_field=CleanedChoiceField,
            choices=maturity.FORM_CHOICES,
            widget=RadioSelect,
            required=True,
            clean=maturity.choice_to_levels,
        ),
    ),
    Field(
        "trl_min",
        _("成熟度下限"),
        _level,
        headings=("成熟度下限",),
        reads="trl",
        input=Input(HOW_FAR, label=_("TRL 从"), form_field=CleanedChoiceField, choices=LEVEL_CHOICES),
    ),
    Field(
        "trl_max",
        _("成熟度上限"),
        _level,
        headings=("成熟度上限",),
        reads="trl",
        input=Input(
            HOW_FAR,
            label=_("TRL 到"),
            form_field=CleanedChoiceField,
            choices=LEVEL_CHOICES,
            help=_("只在选“直接填写 TRL 等级”时使用。"),
        ),
    ),
    Field(
        "maturity_assessed_by",
        _("成熟度评价方式"),
        partial(cleaning.choice, options=MaturityAssessor.choices, default=MaturityAssessor.SELF),
        headings=("成熟度评价方式",),
        input=Input(
            HOW_FAR,
            label=_("谁评价的"),
            form_field=CleanedChoiceField,
            choices=MaturityAssessor.choices,
            widget=RadioSelect,
            initial=MaturityAssessor.SELF,
        ),
    ),
    Field(
        "rights_status",
        _("知识产权状态"),
        partial(cleaning.choice, options=RightsStatus.choices, default=RightsStatus.NONE),
        headings=("知识产权状态", "知识产权", "ip_status"),
        input=Input(RIGHTS, form_field=CleanedChoiceField, choices=RightsStatus.choices, initial=RightsStatus.NONE),
    ),
    Field(
        "rights_note",
        _("知识产权说明"),
        _short,
        headings=("知识产权说明",),
        input=Input(RIGHTS, help=_("类型、编号、日期，如“发明专利，ZL…，2024-05 授权”。")),
    ),
    Field(
        "transfer_modes",
        _("转化方式"),
        partial(cleaning.choices, options=TransferMode.choices),
        headings=("转化方式",),
        reads="modes",
        input=Input(
            RIGHTS,
            label=_("愿意的转化方式"),
            form_field=CleanedMultipleChoiceField,
            choices=TransferMode.choices,
            help=_("可以多选；选得越实，匹配越准。"),
        ),
    ),
    Field(
        "price",
        _("价格（万元）"),
        price,
        headings=("价格",),
        reads="budget",
        input=Input(RIGHTS, widget=TextInput(attrs={"inputmode": "decimal"}), help=_("留空表示面议。")),
    ),
    Field("completed_by", _("完成单位"), _short, headings=("完成单位",), input=Input(WHO)),
    Field(
        "completed_people",
        _("完成人"),
        _short,
        headings=("完成人",),
        input=Input(WHO, help=_("按署名顺序，用顿号隔开。")),
    ),
    Field("awards", _("获奖情况"), _short, headings=("获奖情况", "获奖"), input=Input(WHO)),
    common.region(WHO),
    Field(
        "broker_delegated",
        _("委托技术经理人"),
        cleaning.flag,
        headings=("委托技术经理人",),
        input=Input(
            WHO,
            label=_("委托技术经理人跟进"),
            form_field=FlagField,
            help=_("由平台或本单位的技术经理人先与企业沟通，您只在需要时参加。"),
        ),
    ),
)


def clean_output(raw: Mapping[str, Any], *, partly: bool = False) -> dict[str, Any]:
    """Values of an output for the action; `ValidationError` by field otherwise.

    `maturity` (通过中试, 6-7, 不适用) may stand for `trl_min` and `trl_max`. `partly`: only the fields `raw` holds.
    """
    values = fields.clean(OUTPUT, raw, partly=partly)
    if "maturity" in values:
        values["trl_min"], values["trl_max"] = values.pop("maturity") or (None, None)
    if "trl_min" in values or "trl_max" in values:
        values["trl_min"], values["trl_max"] = clean_range(values.get("trl_min"), values.get("trl_max"))
    return values


def clean_range(low: int | None, high: int | None) -> tuple[int | None, int | None]:
    """Two levels in order; one alone stands for both."""
    low, high = (low if low is not None else high), (high if high is not None else low)
    if low is not None and high is not None and low > high:
        raise ValidationError({"trl_max": _("上限不能小于下限。")})
    return low, high

"""The content of a bid: one table for the forms, the API and the checks; and what it must hold to be handed in."""

from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from typing import Any

from django.core.exceptions import ValidationError
from django.forms import TextInput
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from lib import cleaning
from lib.fields import Field, Input, area, missing, table
from lib.form_fields import CleanedChoiceField, FlagField, WordsField
from needs.models import NeedIndicator
from solutions.indicator.models import Necessity

MOST_STEPS = 20  # rows of the plan

MEETS = [
    ("yes", gettext_lazy("能达到")),
    ("partly", gettext_lazy("部分达到")),
    ("no", gettext_lazy("不能达到")),
]


_whole = partial(cleaning.whole, low=1, high=120)
NUMBER = TextInput(attrs={"inputmode": "numeric"})
BOTH, BID_ONLY = frozenset({"bid", "claim"}), frozenset({"bid"})  # needed to hand in which of the two

# Fields of a bid that hold one value; indicator answers, plan and outputs are rows.
BID = table(
    Field(
        "approach",
        gettext_lazy("技术路线与实施方案"),
        partial(cleaning.text, limit=20_000),
        needed_for=BOTH,
        input=Input(
            widget=area(10),
            required=True,
            help=gettext_lazy(
                "怎么做、依据是什么、哪里有风险。例如：以真空脱气控制氧含量，已有两炉小试数据，放大风险在连铸段。"
            ),
        ),
    ),
    Field(
        "months",
        gettext_lazy("完成周期（月）"),
        _whole,
        needed_for=BOTH,
        input=Input(widget=NUMBER, required=True, help=gettext_lazy("从签约算起，例如：12")),
    ),
    Field(
        "price",
        gettext_lazy("报价（万元）"),
        partial(cleaning.number, places=2, digits=12, low=0),
        needed_for=BOTH,
        input=Input(
            widget=TextInput(attrs={"inputmode": "decimal"}), required=True, help=gettext_lazy("例如：80 或 80.5")
        ),
    ),
    Field(
        "unaffiliated",
        gettext_lazy("本单位声明：与需求方无隶属、控股或其他关联关系，所填内容属实。"),
        cleaning.flag,
        needed_for=BOTH,
        input=Input(form_field=FlagField),
    ),
    Field(
        "team",
        gettext_lazy("团队与条件"),
        partial(cleaning.text, limit=5000),
        needed_for=BID_ONLY,
        input=Input(widget=area(5), required=True, help=gettext_lazy("谁来做，有什么设备、产线、资质和同类业绩。")),
    ),
    Field(
        "experts",
        gettext_lazy("参与专家"),
        partial(cleaning.words, most=20, limit=40),
        input=Input(form_field=WordsField, help=gettext_lazy("姓名用顿号隔开；没有可不填。")),
    ),
    Field(
        "ip_proposal",
        gettext_lazy("知识产权归属与分享建议"),
        partial(cleaning.text, limit=3000),
        needed_for=BID_ONLY,
        input=Input(
            widget=area(4), required=True, help=gettext_lazy("新产生的专利和技术秘密归谁、怎么用、收益怎么分。")
        ),
    ),
)
# A claim is short: who is first is asked what a contract needs, no more.
CLAIM = {name: field for name, field in BID.items() if "claim" in field.needed_for}
# One row: what is answered to one indicator of the need.
ANSWER = table(
    Field(
        "meets",
        gettext_lazy("能否达到"),
        partial(cleaning.choice, options=MEETS),
        input=Input(form_field=CleanedChoiceField, choices=[("", gettext_lazy("请选择")), *MEETS]),
    ),
    Field("value", gettext_lazy("承诺值"), partial(cleaning.line, limit=120), input=Input()),
    Field("how", gettext_lazy("怎样达到、以什么证明"), partial(cleaning.text, limit=2000), input=Input(widget=area(2))),
)
# One row of the plan; months count from signing.
STEP = table(
    Field("title", gettext_lazy("里程碑"), partial(cleaning.line, limit=120), input=Input()),
    Field("month", gettext_lazy("第几个月完成"), _whole, input=Input(widget=NUMBER)),
    Field("deliverable", gettext_lazy("交付物"), partial(cleaning.text, limit=1000), input=Input()),
)
ROWS = ("indicator_answers", "plan")  # what else a version says; outputs and files have tables of their own


def is_blank_step(step: Mapping[str, Any]) -> bool:
    return not any(str(step.get(name) or "").strip() for name in STEP)


def check_complete(content: Mapping[str, Any], *, indicators: Iterable[NeedIndicator], is_claim: bool) -> None:
    """Raise what keeps `content` from being handed in, by field.

    Keys are fields of the content; `indicator_answers.PK` and `plan.N` (from 0) name one row.
    """
    needed = missing(BID, content.__getitem__, "claim" if is_claim else "bid")
    errors = {field.name: _("提交前请填写此项。") for field in needed}
    if not content["unaffiliated"]:
        errors["unaffiliated"] = _("未声明与需求方无隶属或关联关系，不能提交。")
    errors |= _answer_errors(content["indicator_answers"], indicators, is_claim=is_claim)
    if not is_claim and not content["plan"]:
        errors["plan"] = _("请至少填写一个里程碑。")
    errors |= _plan_errors(content["plan"], content["months"])
    if errors:
        raise ValidationError(errors)


def _answer_errors(
    answers: Sequence[Mapping[str, Any]], indicators: Iterable[NeedIndicator], *, is_claim: bool
) -> dict[str, str]:
    given = {answer["indicator"]: answer for answer in answers}
    errors = {}
    for indicator in indicators:
        answer = given.get(indicator.pk, {})
        meets = answer.get("meets")
        key = f"indicator_answers.{indicator.pk}"
        if not meets:
            errors[key] = _("请说明能否达到这项指标。")
        elif is_claim and meets != "yes" and indicator.necessity == Necessity.MUST:
            errors[key] = _("必达指标须全部达到才能抢单。")
        elif not is_claim and meets in {"yes", "partly"} and not answer["how"]:
            errors[key] = _("请说明怎样达到、以什么证明。")
    return errors


def _plan_errors(plan: Sequence[Mapping[str, Any]], months: int | None) -> dict[str, str]:
    errors = {}
    for number, step in enumerate(plan):
        if not step["title"] or step["month"] is None:
            errors[f"plan.{number}"] = _("请填写里程碑名称和完成月份。")
        elif months is not None and step["month"] > months:
            errors[f"plan.{number}"] = _("完成月份不能晚于完成周期（%(months)s 个月）。") % {"months": months}
    return errors

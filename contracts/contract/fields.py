"""What both sides write into a contract: tables for its form, the API and the cleaning. No database.

Milestones stand here because they belong to the text that is confirmed.
"""

from collections.abc import Mapping
from decimal import Decimal
from functools import partial
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from rest_framework import serializers

from contracts.models import (
    Clause,
    ContractKind,
    FundingOrder,
    PaymentMode,
    RightsOwner,
)
from lib import cleaning, fields
from lib.fields import Field, Input, area, table
from lib.form_fields import CleanedChoiceField

MOST_MILESTONES = 30
UNCHOSEN = ("", gettext_lazy("请选择"))

# One example for each clause: it shows how to write, it does not suggest what to agree on.
EXAMPLES = {
    Clause.NAME: gettext_lazy("例如：风电主轴轴承钢接触疲劳寿命提升技术开发。"),
    Clause.CONTENT: gettext_lazy(
        "例如：开发高纯净度轴承钢的冶炼与热处理工艺，接触疲劳寿命达到 2000 小时以上，交付工艺文件和样件。"
    ),
    Clause.PERFORMANCE: gettext_lazy(
        "例如：在乙方实验室完成小试，在甲方现场完成中试，按里程碑分三个阶段进行，每月书面通报进度。"
    ),
    Clause.SECRECY: gettext_lazy("例如：双方对相互提供的技术资料保密，保密期为合同终止后三年，法律另有规定的除外。"),
    Clause.RESULTS: gettext_lazy("例如：专利申请权归双方共有；甲方可自行实施，许可第三方实施的收益双方各半。"),
    Clause.ACCEPTANCE: gettext_lazy(
        "例如：以第三方检测机构按约定标准出具的报告为准，甲方收到交付物后十五日内书面验收。"
    ),
    Clause.DEFINITIONS: gettext_lazy("例如：“样件”指按图纸加工并完成热处理的整套轴承；没有需要解释的术语时写“无”。"),
}


def decimal_input() -> forms.TextInput:
    return forms.TextInput(attrs={"inputmode": "decimal"})


def date_input() -> forms.DateInput:
    return forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})


def money(raw: Any, *, required: bool = False) -> Decimal | None:
    """万元, not negative."""
    return cleaning.number(raw, places=2, digits=12, low=0, required=required)


def _percent(raw: Any) -> Decimal | None:
    value = cleaning.number(raw, places=2, digits=5, low=0, high=100)
    if value == 0:
        raise ValidationError(_("提成比例须大于零；不提成请留空。"), code="out_of_bounds")
    return value


def clauses(raw: Any) -> dict[str, str]:
    """Clause → what was agreed, without the unanswered ones; an unknown clause is an error."""
    if not isinstance(raw, Mapping):
        raise ValidationError(_("条款应为一个对象：条款名 → 内容。"), code="invalid")
    if unknown := set(raw) - set(Clause.values):
        raise ValidationError(_("没有这个条款：%(names)s。"), params={"names": _("、").join(sorted(map(str, unknown)))})
    answers = {clause.value: _clause_text(raw.get(clause.value)) for clause in Clause}
    return {name: text for name, text in answers.items() if text}


_clause_text = partial(cleaning.text, limit=5000)


def _one_of(choices: Any, **options: Any) -> Input:
    return Input(form_field=CleanedChoiceField, choices=[UNCHOSEN, *choices], **options)


CONTRACT = table(
    Field(
        "title",
        gettext_lazy("合同名称"),
        partial(cleaning.line, limit=120, required=True),
        input=Input(required=True),
    ),
    Field(
        "kind",
        gettext_lazy("合同类型"),
        partial(cleaning.choice, options=ContractKind.choices),
        input=_one_of(ContractKind.choices, help=gettext_lazy("民法典第八百四十三条的五类；技术开发分委托与合作。")),
    ),
    Field("starts_on", gettext_lazy("开始日期"), cleaning.day, input=Input(widget=date_input())),
    Field("ends_on", gettext_lazy("结束日期"), cleaning.day, input=Input(widget=date_input())),
    Field("clauses", gettext_lazy("合同条款"), clauses),  # the form asks for each by itself: CLAUSES
    Field(
        "payment_mode",
        gettext_lazy("支付方式"),
        partial(cleaning.choice, options=PaymentMode.choices),
        input=_one_of(
            PaymentMode.choices,
            help=gettext_lazy("民法典第八百四十六条：一次总算，或者提成支付；提成支付可以附加预付入门费。"),
        ),
    ),
    Field(
        "amount",
        gettext_lazy("合同金额（万元）"),
        money,
        input=Input(widget=decimal_input(), help=gettext_lazy("一次总算的合同必填，例如：80")),
    ),
    Field(
        "entry_fee",
        gettext_lazy("入门费（万元）"),
        money,
        input=Input(widget=decimal_input(), help=gettext_lazy("附加预付入门费时填写。")),
    ),
    Field(
        "royalty_percent",
        gettext_lazy("提成比例（%）"),
        _percent,
        input=Input(widget=decimal_input(), help=gettext_lazy("提成支付时填写，例如：3")),
    ),
    Field(
        "royalty_base",
        gettext_lazy("提成基数"),
        partial(cleaning.line, limit=200),
        input=Input(help=gettext_lazy("例如：使用该技术产品的新增销售额。")),
    ),
    Field(
        "funding_order",
        gettext_lazy("财政资助与签约次序"),
        partial(cleaning.choice, options=FundingOrder.choices, default=FundingOrder.NONE),
        input=Input(
            form_field=CleanedChoiceField,
            choices=FundingOrder.choices,
            help=gettext_lazy("各地规定不同。选“先资助立项，后签约”时，登记立项之后才能确认合同。"),
        ),
    ),
    Field(
        "rights_owner",
        gettext_lazy("知识产权归属"),
        partial(cleaning.choice, options=RightsOwner.choices),
        input=_one_of(RightsOwner.choices),
    ),
    Field(
        "rights_sharing",
        gettext_lazy("收益分享约定"),
        partial(cleaning.text, limit=3000),
        input=Input(widget=area(3), help=gettext_lazy("例如：许可第三方实施的收益，双方各得一半。")),
    ),
)

# The inputs of `clauses`, by the name they have in the form.
CLAUSES = table(
    *(
        Field(f"clause_{clause.value}", clause.label, _clause_text, input=Input(widget=area(3), help=EXAMPLES[clause]))
        for clause in Clause
    )
)

MILESTONE = table(
    Field("title", gettext_lazy("里程碑"), partial(cleaning.line, limit=120, required=True), input=Input()),
    Field("due_on", gettext_lazy("到期日"), partial(cleaning.day, required=True), input=Input(widget=date_input())),
    Field("payment", gettext_lazy("应付款（万元）"), money, input=Input(widget=decimal_input())),
    Field(
        "deliverable",
        gettext_lazy("交付物与验收要求"),
        partial(cleaning.text, limit=3000),
        input=Input(widget=area(2)),
    ),
)

FUNDING = table(
    Field(
        "amount",
        gettext_lazy("财政资助（万元）"),
        partial(money, required=True),
        input=Input(widget=decimal_input(), required=True),
        api=(serializers.DecimalField, {"max_digits": 12, "decimal_places": 2, "help_text": "万元."}),
    ),
    Field(
        "decided_on",
        gettext_lazy("资助立项日期"),
        partial(cleaning.day, required=True),
        input=Input(widget=date_input(), required=True),
        api=(serializers.DateField, {}),
    ),
    Field(
        "reference",
        gettext_lazy("资助立项文号"),
        partial(cleaning.line, limit=120, required=True),
        input=Input(required=True),
        api=(serializers.CharField, {"max_length": 120}),
    ),
)


def clean_contract(raw: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of CONTRACT that `raw` holds, clean; ValidationError by field."""
    return fields.clean(CONTRACT, raw, partly=True)

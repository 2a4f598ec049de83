"""What both sides tell of an outcome: tables of a figure, a rating and a success case. No database."""

from functools import partial
from typing import Any

from django.core.exceptions import ValidationError
from django.forms import CheckboxSelectMultiple, RadioSelect
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from contracts.contract.fields import decimal_input
from contracts.models import Remark
from lib import cleaning
from lib.fields import Field, Input, area, table
from lib.form_fields import CleanedChoiceField, CleanedMultipleChoiceField

MOST_FIGURES = 20

STARS = [
    (5, _("5 · 非常满意")),
    (4, _("4 · 满意")),
    (3, _("3 · 一般")),
    (2, _("2 · 不满意")),
    (1, _("1 · 非常不满意")),
]

_number = partial(cleaning.number, places=6, digits=20, required=True)


def _stars(raw: Any) -> Any:
    """One of STARS; whatever else was sent counts as not chosen."""
    try:
        return cleaning.whole(raw, low=1, high=5, required=True)
    except ValidationError as error:
        raise ValidationError(_("请选择总体评价。"), code="required") from error


FIGURE = table(
    Field("name", _("指标"), partial(cleaning.line, limit=60, required=True), input=Input()),
    Field("before", _("实施前"), _number, input=Input(widget=decimal_input())),
    Field("after", _("实施后"), _number, input=Input(widget=decimal_input())),
    Field(
        "unit",
        _("单位"),
        partial(cleaning.line, limit=20, required=True),
        input=Input(),
        api=(serializers.CharField, {"max_length": 20}),
    ),
)

RATING = table(
    Field(
        "stars",
        _("总体评价"),
        _stars,
        input=Input(form_field=CleanedChoiceField, choices=STARS, widget=RadioSelect, required=True),
        api=(serializers.IntegerField, {"min_value": 1, "max_value": 5}),
    ),
    Field(
        "remarks",
        _("评价要点"),
        partial(cleaning.choices, options=Remark.choices),
        input=Input(form_field=CleanedMultipleChoiceField, choices=Remark.choices, widget=CheckboxSelectMultiple),
    ),
    Field(
        "comment",
        _("评价"),
        partial(cleaning.text, limit=2000),
        input=Input(widget=area(4), help=_("对方提交评价之前看不到您的评价；提交之后不能修改。")),
    ),
)

CASE = table(
    Field(
        "title",
        _("标题"),
        partial(cleaning.line, limit=120, required=True),
        input=Input(required=True, help=_("例如：轴承钢寿命翻倍，年减少停机三十天。")),
    ),
    Field(
        "text",
        _("正文"),
        partial(cleaning.text, limit=10_000, required=True),
        input=Input(
            widget=area(14),
            required=True,
            help=_(
                "任何人都能看到：遇到什么问题、怎样解决、带来什么变化。不要写保密内容；双方机构名称与成效数据会一并公开。"
            ),
        ),
    ),
)

"""The content fields that every kind of entry has. Each kind's room puts its own table together (lib.fields)."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from lib import cleaning, industries, regions
from lib.fields import Field, Input, Section, area
from lib.form_fields import CleanedChoiceField, CleanedMultipleChoiceField, SeveralSelects, WordsField

if TYPE_CHECKING:
    from lib.fields import Words

SUBMIT = "submit"  # the step for which a draft must be complete


def title(section: Section, *, label: Words, help: Words) -> Field:
    return Field(
        "title",
        _("名称"),
        partial(cleaning.line, limit=120, required=True),
        headings=("名称", "成果名称", "标题", "题名"),
        reads="title",
        needed_for=frozenset({SUBMIT}),
        input=Input(section, label=label, help=help, required=True),
    )


def summary(section: Section, *, label: Words, help: Words = "") -> Field:
    """A draft may wait for its summary."""
    return Field(
        "summary",
        _("简介"),
        partial(cleaning.text, limit=20_000),
        headings=("简介", "成果简介", "摘要", "abstract"),
        reads="body",
        needed_for=frozenset({SUBMIT}),
        input=Input(section, label=label, help=help, widget=area(8)),
    )


def technical_field(section: Section) -> Field:
    return Field(
        "technical_field",
        _("技术领域"),
        partial(cleaning.line, limit=60),
        headings=("技术领域", "领域"),
        reads="body",
        input=Input(section, help=_("如：金属材料、机器视觉、生物医药")),
    )


def keywords(section: Section) -> Field:
    return Field(
        "keywords",
        _("关键词"),
        partial(cleaning.words, most=20, limit=100),
        headings=("关键词",),
        reads="keywords",
        input=Input(
            section,
            form_field=WordsField,
            help=_("3–8 个为宜，用顿号或逗号隔开。写企业会用的说法，也写材料、设备、方法的名称。"),
        ),
    )


def industry_list(section: Section) -> Field:
    return Field(
        "industries",
        _("应用行业"),
        partial(cleaning.industry_list, most=8),
        headings=("应用行业", "行业", "industry"),
        reads="industries",
        input=Input(
            section,
            form_field=CleanedMultipleChoiceField,
            choices=lambda: [("", _("请选择")), *industries.industry_choices()],
            widget=SeveralSelects(),
            help=_("成果可以用在哪些行业（国民经济行业大类），最多 8 个。"),
        ),
    )


def region(section: Section) -> Field:
    return Field(
        "region_code",
        _("所在地区"),
        cleaning.region,
        headings=("所在地区", "地区", "地区代码", "region"),
        reads="region",
        input=Input(
            section, form_field=CleanedChoiceField, choices=lambda: [("", _("请选择")), *regions.region_choices()]
        ),
    )

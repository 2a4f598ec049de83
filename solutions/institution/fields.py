"""The content of an institution's profile: one table for its form and the API."""

from functools import partial

from django.utils.translation import gettext_lazy as _

from lib import cleaning
from lib.fields import Field, Input, Section, area, table
from lib.form_fields import WordsField
from solutions.solution import fields as common

INTRODUCTION = Section(_("机构介绍"), _("企业第一次认识您的机构时看到的内容。"))
OFFER = Section(_("能提供什么"), _("平台、设备和服务写得具体，企业才知道找您做什么。"))
CONTACT = Section(_("怎样对接"), _("公开的是部门，不是个人电话。"))

PROFILE = table(
    common.title(
        INTRODUCTION,
        label=_("画像标题"),
        help=_("如“某某大学：高端装备与新材料”。最多 120 字。"),
    ),
    common.summary(INTRODUCTION, label=_("机构简介")),
    Field(
        "disciplines",
        _("优势学科"),
        partial(cleaning.words, most=20, limit=60),
        input=Input(INTRODUCTION, form_field=WordsField, help=_("用顿号或逗号隔开，最多 20 个。")),
    ),
    common.technical_field(INTRODUCTION),
    common.keywords(INTRODUCTION),
    common.industry_list(INTRODUCTION),
    Field(
        "laboratories",
        _("平台与实验室"),
        partial(cleaning.text, limit=4000),
        input=Input(OFFER, widget=area(5), help=_("每行一个：名称、主要设备、开放方式。")),
    ),
    Field("service_modes", _("可提供的服务"), partial(cleaning.text, limit=2000), input=Input(OFFER, widget=area(4))),
    Field(
        "contact_office",
        _("对接部门"),
        partial(cleaning.line, limit=120),
        input=Input(CONTACT, help=_("如“科研院成果转化办公室”。")),
    ),
    common.region(CONTACT),
)

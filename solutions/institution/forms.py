"""What lists can be narrowed by, and the reason of a return."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from lib import industries, regions
from lib.form_fields import (
    CleanedField,
    WordsField,
)
from solutions.institution.fields import PROFILE
from solutions.models import Solution
from solutions.solution.forms import Filter, SolutionForm, _area, _line, _select


class InstitutionFilter(Filter):
    """The public list of institutions."""

    region = _select(_("所在地区"), regions.province_choices)
    industry = _select(_("服务行业"), industries.industry_choices)


class ProfileForm(SolutionForm):
    """An institution presents itself."""

    sections_of = (
        (
            _("机构介绍"),
            _("企业第一次认识您的机构时看到的内容。"),
            ("title", "summary", "disciplines", "technical_field", "keywords", "industries"),
        ),
        (
            _("能提供什么"),
            _("平台、设备和服务写得具体，企业才知道找您做什么。"),
            ("laboratories", "service_modes"),
        ),
        (_("怎样对接"), _("公开的是部门，不是个人电话。"), ("contact_office", "region_code")),
    )

    title = _line(
        PROFILE["title"],
        label=_("画像标题"),
        required=True,
        help_text=_("如“某某大学：高端装备与新材料”。最多 120 字。"),
    )
    summary = CleanedField(PROFILE["summary"], label=_("机构简介"), widget=_area(8))
    disciplines = WordsField(
        PROFILE["disciplines"],
        label=_("优势学科"),
        widget=forms.TextInput(),
        help_text=_("用顿号或逗号隔开，最多 20 个。"),
    )
    laboratories = CleanedField(
        PROFILE["laboratories"],
        label=_("平台与实验室"),
        widget=_area(5),
        help_text=_("每行一个：名称、主要设备、开放方式。"),
    )
    service_modes = CleanedField(PROFILE["service_modes"], label=_("可提供的服务"), widget=_area(4))
    contact_office = _line(PROFILE["contact_office"], label=_("对接部门"), help_text=_("如“科研院成果转化办公室”。"))

    def require_summary(self) -> None:
        if not self.cleaned_data.get("summary") and "summary" not in self.errors:
            self.add_error("summary", _("提交审核前请填写机构简介；也可以先保存草稿。"))

    @property
    def values(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in PROFILE}


def profile_initial(solution: Solution) -> dict[str, Any]:
    """A saved profile as the form's initial values."""
    details = solution.institution
    return {name: getattr(details if hasattr(details, name) else solution, name) for name in PROFILE}

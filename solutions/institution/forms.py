"""The form of an institution's profile, and the filters of their list."""

from django.utils.translation import gettext_lazy as _

from lib import industries, regions
from solutions.institution.fields import PROFILE
from solutions.solution.forms import Filter, SolutionForm, select


class InstitutionFilter(Filter):
    """The public list of institutions."""

    region = select(_("所在地区"), regions.province_choices)
    industry = select(_("服务行业"), industries.industry_choices)


class ProfileForm(SolutionForm):
    """An institution presents itself."""

    table = PROFILE

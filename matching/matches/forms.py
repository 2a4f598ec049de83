"""What narrows the lists of matching. A value nobody offers is ignored: old links keep working."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from lib.form_fields import offer
from lib.industries import industry_choices
from matching.models import Grade
from matching.search.forms import Filters


class ReviewFilters(Filters):
    industry = forms.ChoiceField(label=_("行业"), required=False)
    grade = forms.ChoiceField(label=_("匹配程度"), required=False, choices=[("", _("全部")), *Grade.choices])
    queue = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self, "industry", [("", _("全部")), *industry_choices()])

"""What narrows the lists of matching. A value nobody offers is ignored: old links keep working."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from lib.form_fields import offer
from lib.industries import industry_choices
from lib.regions import province_choices

LONGEST_QUERY = 200  # as in the search field of the header; matching.search.words reads the first 100


class Filters(forms.Form):
    """GET parameters of a list; `chosen` are those that are set and valid."""

    @property
    def chosen(self) -> dict[str, str]:
        self.is_valid()
        return {name: value for name, value in self.cleaned_data.items() if value}


class SearchForm(Filters):
    q = forms.CharField(
        label=_("检索词"),
        required=False,
        max_length=LONGEST_QUERY,
        error_messages={"max_length": _("最多 %(limit_value)s 个字，现在有 %(show_value)s 个字。")},
        widget=forms.TextInput(attrs={"type": "search", "autocomplete": "off"}),
    )
    industry = forms.ChoiceField(label=_("行业"), required=False)
    region = forms.ChoiceField(label=_("地区"), required=False)
    side = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self, "industry", [("", _("全部")), *industry_choices()])
        offer(self, "region", [("", _("全部")), *province_choices()])

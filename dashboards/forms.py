"""What narrows the figures of a dashboard. A value nobody offers is ignored: old links keep working."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import Organisation
from care.time_to_match.figures import (
    SEARCH_ENDS,
    UNSTATED,
    Event,
    Outcome,
)
from lib.form_fields import offer, offer_rows
from lib.industries import NAMES, industry_choices, industry_name
from lib.regions import region_choices
from needs.models import Need


class TimeToMatchFilters(forms.Form):
    """`chosen` are the values that are set and valid; `as_operator` adds the choice of an organisation."""

    event = forms.ChoiceField(label=_("到达"), required=False, choices=Event.choices)
    industry = forms.ChoiceField(label=_("行业"), required=False)
    region = forms.ChoiceField(label=_("地区"), required=False)
    organisation = forms.ModelChoiceField(
        label=_("需求方"),
        required=False,
        queryset=Organisation.objects.none(),
        to_field_name="code",
        empty_label=_("全部"),
    )
    outcome = forms.ChoiceField(required=False, choices=Outcome.choices, widget=forms.HiddenInput)

    def __init__(self, *args: Any, as_operator: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self, "industry", [("", _("全部")), *_sections_and_divisions(), (UNSTATED, _("未填写"))])
        offer(self, "region", [("", _("全部")), *region_choices(), (UNSTATED, _("未填写"))])
        if as_operator:
            posers = Need.objects.filter(submitted_at__isnull=False).values("organisation")
            offer_rows(self, "organisation", Organisation.objects.filter(pk__in=posers).order_by("name", "pk"))
        else:
            del self.fields["organisation"]

    @property
    def chosen(self) -> dict[str, Any]:
        self.is_valid()
        return {name: value for name, value in self.cleaned_data.items() if value}

    @property
    def event_chosen(self) -> Event:
        return Event(self.chosen.get("event", SEARCH_ENDS))

    @property
    def narrow(self) -> dict[str, Any]:
        """For care.time_to_match.figures.narrowed."""
        return {name: value for name, value in self.chosen.items() if name in ("industry", "region", "organisation")}


def _sections_and_divisions() -> list[tuple[str, list[tuple[str, str]]]]:
    """Sections, each offered itself before its divisions."""
    sections = [code for code in NAMES if len(code) == 1]
    return [
        (group, [(code, f"{code} {industry_name(code)}"), *divisions])
        for code, (group, divisions) in zip(sections, industry_choices(), strict=True)
    ]

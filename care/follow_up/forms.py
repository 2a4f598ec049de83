"""Forms of follow-ups and complaints."""

from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from lib.form_fields import offer_rows


def _day(label: Any, *, required: bool, help_text: Any = "") -> forms.DateField:
    widget = forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
    return forms.DateField(label=label, required=required, help_text=help_text, widget=widget)


def _words(label: Any, *, most: int, required: bool = True, help_text: Any = "") -> forms.CharField:
    return forms.CharField(
        label=label,
        required=required,
        max_length=most,
        help_text=help_text,
        widget=forms.Textarea(attrs={"rows": 5}),
        error_messages={
            "required": _("这一项必填。"),
            "max_length": _("最多 %(limit_value)s 个字，现在有 %(show_value)s 个字。"),
        },
    )


def _not_past(day: Any) -> Any:
    if day is not None and day < timezone.localdate():
        raise forms.ValidationError(_("计划日期不能早于今天。"))
    return day


class FollowUpForm(forms.Form):
    due_on = _day(_("计划日期"), required=True)
    topic = forms.CharField(label=_("跟进事项"), required=False, max_length=200)

    def clean_due_on(self) -> Any:
        return _not_past(self.cleaned_data["due_on"])


class FollowUpDoneForm(forms.Form):
    result = _words(_("跟进结果"), most=3000, help_text=_("与谁联系、进展如何、还缺什么。"))
    next_due_on = _day(_("下次跟进日期"), required=False, help_text=_("不再需要跟进就留空。"))
    next_topic = forms.CharField(label=_("下次跟进事项"), required=False, max_length=200)

    def clean_next_due_on(self) -> Any:
        return _not_past(self.cleaned_data["next_due_on"])


class OwnerForm(forms.Form):
    owner = forms.ModelChoiceField(label=_("交给"), queryset=User.objects.none(), empty_label=None)

    def __init__(self, *args: Any, people: list[User], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        pks = [person.pk for person in people]
        offer_rows(self, "owner", User.objects.filter(pk__in=pks).order_by("name", "pk"))

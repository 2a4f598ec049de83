"""Signing an agreement, ending it, naming an organisation."""

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from accounts.models import Organisation


class SignForm(forms.Form):
    """What was read is what is signed: the checksum goes with it."""

    use_required_attribute = False

    text_hash = forms.CharField(widget=forms.HiddenInput, max_length=64)
    authorised = forms.BooleanField(
        label=_("我已阅读全文，并有权代表本机构签署。"),
        error_messages={"required": _("请先确认您有权代表本机构签署。")},
    )


class RevokeForm(forms.Form):
    reason = forms.CharField(
        label=_("解除原因"),
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": _("请写明解除原因。")},
    )


class NameForm(forms.Form):
    """An organisation by its code or its exact name."""

    use_required_attribute = False

    organisation = forms.CharField(
        label=_("机构编号或名称"),
        max_length=120,
        help_text=_("例如 O-7K2MPQ4R，或机构全称。"),
        error_messages={"required": _("请填写机构编号或名称。")},
    )

    def __init__(self, *args: Any, organisations: QuerySet[Organisation], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.organisations = organisations

    def clean_organisation(self) -> Organisation:
        written = self.cleaned_data["organisation"].strip()
        found = self.organisations.filter(code=written.upper()).first()
        if found is not None:
            return found
        named = list(self.organisations.filter(name=written)[:2])
        if len(named) != 1:
            raise forms.ValidationError(
                _("有多个机构叫这个名称，请填写机构编号。") if named else _("没有找到这个机构，请核对编号或全称。")
            )
        return named[0]

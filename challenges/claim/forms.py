"""Refusing a claim. What a claimant fills in is a part of the bid's form: `challenges.bid.forms`."""

from django import forms
from django.utils.translation import gettext_lazy as _

from challenges.claim.actions import REFUSALS


class RefuseClaimForm(forms.Form):
    """Why the poser does not take a claim it was offered."""

    reason = forms.ChoiceField(
        label=_("原因"),
        choices=[
            ("", _("请选择")),
            *((reason.value, reason.label) for reason in REFUSALS),
        ],
        error_messages={"required": _("请选择原因。"), "invalid_choice": _("请选择原因。")},
    )
    answer = forms.CharField(
        label=_("给抢单单位的说明"),
        max_length=3000,
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"required": _("请写明理由，对方会看到。")},
    )

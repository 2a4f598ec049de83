"""Forms of members: whom to invite, with which role."""

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import Role
from lib import contact_data as validators
from lib.form_fields import Worded


class InviteForm(Worded, forms.Form):
    email = forms.EmailField(label=_("邮箱"), max_length=254)
    role = forms.ChoiceField(label=_("角色"), choices=Role, initial=Role.MEMBER)

    def clean_email(self) -> str:
        return validators.clean_email(self.cleaned_data["email"])


class RoleForm(forms.Form):
    role = forms.ChoiceField(label=_("角色"), choices=Role)

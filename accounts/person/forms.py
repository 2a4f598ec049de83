"""Forms of one's own account: login, registration, profile, password."""

from typing import Any

from django import forms
from django.conf import settings
from django.contrib.auth.forms import AuthenticationForm, PasswordChangeForm
from django.contrib.auth.password_validation import password_validators_help_text_html, validate_password
from django.core.exceptions import ValidationError
from django.utils.functional import lazy
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from lib import contact_data as validators
from lib.cleaning import one_line
from lib.form_fields import Worded

PASSWORD_LENGTH = 128


password_rules = lazy(password_validators_help_text_html, str)


def password_field(label: Any, *, autocomplete: str, help_text: Any = "") -> forms.CharField:
    return forms.CharField(
        label=label,
        strip=False,
        max_length=PASSWORD_LENGTH,
        help_text=help_text,
        widget=forms.PasswordInput(attrs={"autocomplete": autocomplete}),
    )


class LoginForm(Worded, AuthenticationForm):
    username = forms.EmailField(
        label=_("邮箱"),
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "username", "autofocus": True}),
    )
    password = password_field(_("密码"), autocomplete="current-password")
    error_messages = {
        "invalid_login": _("邮箱或密码不对。密码区分大小写。"),
        "inactive": _("该账户已停用。"),
    }


class RegisterForm(Worded, forms.Form):
    name = forms.CharField(
        label=_("姓名"), max_length=60, widget=forms.TextInput(attrs={"autocomplete": "name", "autofocus": True})
    )
    email = forms.EmailField(
        label=_("邮箱"),
        max_length=254,
        help_text=_("用于登录，不对外公开。"),
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )
    password = password_field(_("密码"), autocomplete="new-password", help_text=password_rules())

    def clean_name(self) -> str:
        return one_line(self.cleaned_data["name"])

    def clean_email(self) -> str:
        return validators.clean_email(self.cleaned_data["email"])

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if "password" in data:
            person = User(name=data.get("name", ""), email=data.get("email", ""))
            try:
                validate_password(data["password"], person)
            except ValidationError as error:
                self.add_error("password", error)
        return data


class ProfileForm(Worded, forms.ModelForm):
    language = forms.ChoiceField(label=_("界面语言"), choices=settings.LANGUAGES)

    class Meta:
        model = User
        fields = ("name", "language", "wants_recommendations")
        help_texts = {
            "wants_recommendations": _("关闭后，不再根据您机构的需求和成果向您主动推荐；检索、浏览和已有匹配不受影响。")
        }

    def clean_name(self) -> str:
        return one_line(self.cleaned_data["name"])


class ChangePasswordForm(Worded, PasswordChangeForm):
    old_password = password_field(_("当前密码"), autocomplete="current-password")
    new_password1 = password_field(_("新密码"), autocomplete="new-password", help_text=password_rules())
    new_password2 = password_field(_("再输一次新密码"), autocomplete="new-password")

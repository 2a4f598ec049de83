"""Forms of an evaluation: whom to ask to review, and the award."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from challenges.answer.forms import answer_field
from challenges.challenge.forms import text_field
from lib.form_fields import offer


class ReviewerForm(forms.Form):
    """Whom to ask, by the address they log in with."""

    use_required_attribute = False

    email = forms.EmailField(
        label=_("评审人的登录邮箱"),
        error_messages={"required": _("请填写邮箱。"), "invalid": _("请填写完整的邮箱地址。")},
    )

    def clean_email(self) -> str:
        email: str = self.cleaned_data["email"]
        self.person = User.objects.filter(email__iexact=email, is_active=True).first()
        if self.person is None:
            raise ValidationError(_("没有以这个邮箱登录的用户，请先请对方注册。"))
        return email


class AwardForm(forms.Form):
    """`options`: label of a bid and the words beside it, in the order of the ranking."""

    use_required_attribute = False

    bid = forms.TypedChoiceField(
        label=_("中榜方案"),
        coerce=int,
        widget=forms.RadioSelect,
        error_messages={"required": _("请选择中榜方案。"), "invalid_choice": _("请选择中榜方案。")},
    )
    reason = text_field(
        _("定榜说明"),
        _("选择的不是排名第一的方案时必须说明理由；说明会留存在榜单上。"),
        limit=2000,
        required=False,
    )
    answer = answer_field(label=_("给中榜单位的答复"), help_text=_("至少 10 个字，中榜单位会看到这段话。"))

    def __init__(self, *args: Any, options: list[tuple[int, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self, "bid", options)

"""Forms of an objection and of its decision."""

from django import forms
from django.utils.translation import gettext_lazy as _

from challenges.challenge.forms import text_field


class ObjectionForm(forms.Form):
    use_required_attribute = False

    text = text_field(
        _("异议内容"), _("写明对哪一条有异议、依据是什么。平台运营人员处理，需求方看不到是哪家提出的。"), limit=3000
    )


class DecisionForm(forms.Form):
    """An operator's answer to an objection."""

    use_required_attribute = False

    upheld = forms.TypedChoiceField(
        label=_("处理结果"),
        choices=[("yes", _("异议成立")), ("no", _("异议不成立"))],
        coerce=lambda value: value == "yes",
        widget=forms.RadioSelect,
        error_messages={"required": _("请选择处理结果。"), "invalid_choice": _("请选择处理结果。")},
    )
    answer = text_field(_("答复"), _("提出异议的单位会收到这段话。"), limit=3000)

"""Forms of follow-ups and complaints."""

from django import forms
from django.utils.translation import gettext_lazy as _

from care.follow_up.forms import _words


class ComplaintForm(forms.Form):
    text = _words(
        _("投诉内容"), most=5000, help_text=_("写清经过、时间和您的诉求；对方与运营人员都会看到。不要填写涉密内容。")
    )


class EntryForm(forms.Form):
    text = _words(_("说明"), most=5000, help_text=_("双方与运营人员都会看到。"))


class OutcomeForm(forms.Form):
    outcome = _words(_("处理结果"), most=5000)

"""Forms of an answer, an appeal and its decision."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from challenges.answer.actions import REASONS
from challenges.challenge.forms import text_field
from challenges.evaluation.actions import SHORTEST_ANSWER
from challenges.models import BidReason
from lib import cleaning as validators
from lib.form_fields import CleanedField, offer

UPHOLD, REOPEN, DISMISS = "uphold", "reopen", "dismiss"


def answer_field(**kwargs: Any) -> CleanedField:
    def clean(raw: Any) -> str:
        text: str = validators.text(raw, limit=3000, required=True)
        if len(text) < SHORTEST_ANSWER:
            raise ValidationError(_("请至少写 %(number)s 个字。"), params={"number": SHORTEST_ANSWER})
        return text

    return CleanedField(clean, required=True, widget=forms.Textarea(attrs={"rows": 5}), **kwargs)


class AnswerForm(forms.Form):
    """Why a bid was not taken. While bids are evaluated there is one reason only."""

    use_required_attribute = False

    reason = forms.ChoiceField(
        label=_("未中榜原因"),
        error_messages={"required": _("请选择原因。"), "invalid_choice": _("请选择原因。")},
    )
    answer = answer_field(
        label=_("答复"), help_text=_("写给这家单位：方案的优点，没有选择它的具体原因，今后可以怎样改进。")
    )

    def __init__(self, *args: Any, only_eligibility: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [row for row in REASONS if not only_eligibility or row[0] == BidReason.NOT_ELIGIBLE]
        offer(self, "reason", choices if only_eligibility else [("", _("请选择")), *choices])


class AppealForm(forms.Form):
    use_required_attribute = False

    text = text_field(_("申诉理由"), _("针对答复中的哪一点，有什么依据。每个方案只能申诉一次。"), limit=3000, rows=8)


class AppealDecisionForm(forms.Form):
    """`can_reopen`: the award itself may still be taken back."""

    use_required_attribute = False

    verdict = forms.ChoiceField(
        label=_("处理结果"),
        widget=forms.RadioSelect,
        error_messages={"required": _("请选择处理结果。"), "invalid_choice": _("请选择处理结果。")},
    )
    answer = answer_field(label=_("答复"), help_text=_("申诉单位和需求方都会看到这段话。"))

    def __init__(self, *args: Any, can_reopen: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [(DISMISS, _("不成立，维持原答复")), (UPHOLD, _("成立，由需求方重新答复这个方案"))]
        if can_reopen:
            choices.append((REOPEN, _("成立并影响定榜结果：撤回定榜，重新评定")))
        offer(self, "verdict", choices)

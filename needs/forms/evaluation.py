"""Forms of an evaluation: a reviewer asked, a scorecard, the award, an answer, an appeal and its decision."""

from collections.abc import Iterable
from decimal import Decimal
from functools import partial
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from accounts.models import Organisation, User
from needs.domain.answers_to_bids import REASONS
from needs.domain.award import SHORTEST_ANSWER
from needs.models import BidReason, Criterion, Scorecard
from solutions import validators
from solutions.forms.fields import CleanedField

UPHOLD, REOPEN, DISMISS = "uphold", "reopen", "dismiss"


def _text_field(limit: int, *, rows: int = 4, required: bool = True, **kwargs: Any) -> CleanedField:
    return CleanedField(
        partial(validators.text, limit=limit, required=required),
        required=required,
        widget=forms.Textarea(attrs={"rows": rows}),
        **kwargs,
    )


def _answer_field(**kwargs: Any) -> CleanedField:
    def clean(raw: Any) -> str:
        text: str = validators.text(raw, limit=3000, required=True)
        if len(text) < SHORTEST_ANSWER:
            raise ValidationError(_("请至少写 %(number)s 个字。"), params={"number": SHORTEST_ANSWER})
        return text

    return CleanedField(clean, required=True, widget=forms.Textarea(attrs={"rows": 5}), **kwargs)


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


class ScorecardForm(forms.Form):
    """Points of every criterion and words. Saving takes what is there; what submitting asks is the domain's."""

    use_required_attribute = False

    comment = _text_field(
        3000, rows=6, required=False, label=_("评语"), help_text=_("优点、不足与依据。揭榜单位收到的答复以此为参考。")
    )

    def __init__(self, *args: Any, criteria: Iterable[Criterion], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.criteria = list(criteria)
        for criterion in self.criteria:
            self.fields[self.name_of(criterion)] = CleanedField(
                _points,
                label=_("%(name)s（权重 %(weight)s%%）") % {"name": criterion.name, "weight": criterion.weight},
                required=False,
                help_text=criterion.description,
                widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off", "maxlength": 5}),
            )

    @staticmethod
    def name_of(criterion: Criterion) -> str:
        return f"points-{criterion.position}"

    @property
    def score_fields(self) -> list[Any]:
        return [self[self.name_of(criterion)] for criterion in self.criteria]

    @property
    def points(self) -> dict[int, Decimal]:
        """What is filled in and readable."""
        values = {criterion.pk: self.cleaned_data.get(self.name_of(criterion)) for criterion in self.criteria}
        return {pk: value for pk, value in values.items() if value is not None}


def scores_of(card: Scorecard | None, criteria: Iterable[Criterion]) -> dict[str, Any]:
    """A saved card as initial values of `ScorecardForm`."""
    if card is None:
        return {}
    points = {score.criterion_id: score.points.normalize() for score in card.scores.all()}
    scores = {ScorecardForm.name_of(row): f"{points[row.pk]:f}" for row in criteria if row.pk in points}
    return {"comment": card.comment, **scores}


class AwardForm(forms.Form):
    """`options`: label of a bid and the words beside it, in the order of the ranking."""

    use_required_attribute = False

    bid = forms.TypedChoiceField(
        label=_("中榜方案"),
        coerce=int,
        widget=forms.RadioSelect,
        error_messages={"required": _("请选择中榜方案。"), "invalid_choice": _("请选择中榜方案。")},
    )
    reason = _text_field(
        2000,
        required=False,
        label=_("定榜说明"),
        help_text=_("选择的不是排名第一的方案时必须说明理由；说明会留存在榜单上。"),
    )
    answer = _answer_field(label=_("给中榜单位的答复"), help_text=_("至少 10 个字，中榜单位会看到这段话。"))

    def __init__(self, *args: Any, options: list[tuple[int, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["bid"].choices = options


class AnswerForm(forms.Form):
    """Why a bid was not taken. While bids are evaluated there is one reason only."""

    use_required_attribute = False

    reason = forms.ChoiceField(
        label=_("未中榜原因"),
        error_messages={"required": _("请选择原因。"), "invalid_choice": _("请选择原因。")},
    )
    answer = _answer_field(
        label=_("答复"), help_text=_("写给这家单位：方案的优点，没有选择它的具体原因，今后可以怎样改进。")
    )

    def __init__(self, *args: Any, only_eligibility: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [row for row in REASONS if not only_eligibility or row[0] == BidReason.NOT_ELIGIBLE]
        self.fields["reason"].choices = choices if only_eligibility else [("", _("请选择")), *choices]


class AppealForm(forms.Form):
    use_required_attribute = False

    text = _text_field(
        3000, rows=8, label=_("申诉理由"), help_text=_("针对答复中的哪一点，有什么依据。每个方案只能申诉一次。")
    )


class AppealDecisionForm(forms.Form):
    """`can_reopen`: the award itself may still be taken back."""

    use_required_attribute = False

    verdict = forms.ChoiceField(
        label=_("处理结果"),
        widget=forms.RadioSelect,
        error_messages={"required": _("请选择处理结果。"), "invalid_choice": _("请选择处理结果。")},
    )
    answer = _answer_field(label=_("答复"), help_text=_("申诉单位和需求方都会看到这段话。"))

    def __init__(self, *args: Any, can_reopen: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [(DISMISS, _("不成立，维持原答复")), (UPHOLD, _("成立，由需求方重新答复这个方案"))]
        if can_reopen:
            choices.append((REOPEN, _("成立并影响定榜结果：撤回定榜，重新评定")))
        self.fields["verdict"].choices = choices


class AvoidanceForm(forms.Form):
    """An organisation by its code or its whole name; no suggestions: the list of organisations is public elsewhere."""

    use_required_attribute = False

    organisation = forms.CharField(
        label=_("机构名称或编号"), max_length=120, error_messages={"required": _("请填写机构名称或编号。")}
    )
    reason = forms.CharField(label=_("原因（选填）"), max_length=200, required=False)

    def clean_organisation(self) -> Organisation:
        given = self.cleaned_data["organisation"].strip()
        verified = Organisation.objects.verified()
        found = verified.filter(code=given).first() or verified.filter(name=given).first()
        if found is None:
            raise ValidationError(_("没有这个已核验的机构，请填写机构全称或机构编号。"))
        return found


def _points(raw: Any) -> Decimal | None:
    value = validators.number(raw, places=1, digits=4, low=0, high=100)
    if value is not None and value * 2 % 1:
        raise ValidationError(_("以 0.5 分为单位。"))
    return value

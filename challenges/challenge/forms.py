"""What the writer of a challenge fills in, what narrows the list, and the small forms of its steps."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import partial
from typing import Any, cast

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from challenges.challenge import fields as validators
from challenges.challenge.workflow import ChallengeMode
from challenges.models import BlindField, Challenge, ChallengeQuerySet
from lib.cleaning import text
from lib.form_fields import CleanedChoiceField, CleanedField, CleanedMultipleChoiceField

SUBMIT = "submit"  # the button that hands the challenge in; any other saves it


LOCAL = "%Y-%m-%dT%H:%M"  # what <input type="datetime-local"> reads and sends, in Asia/Shanghai


DEADLINE_HOUR = 17


USUAL_DAYS = 30


class MomentField(CleanedField):
    """A date with a time of day, shown and read in Asia/Shanghai."""

    def __init__(self, **options: Any) -> None:
        widget = forms.TextInput(attrs={"type": "datetime-local"})
        super().__init__(validators.moment, widget=widget, **options)

    def prepare_value(self, value: Any) -> Any:
        return timezone.localtime(value).strftime(LOCAL) if isinstance(value, datetime) else value


def _line(name: str, label: Any, help_text: Any = "", **options: Any) -> CleanedField:
    return CleanedField(validators.CHALLENGE[name], label=label, help_text=help_text, **options)


def _number(name: str, label: Any, help_text: Any = "", *, inputmode: str = "numeric") -> CleanedField:
    return _line(name, label, help_text, widget=forms.TextInput(attrs={"inputmode": inputmode}))


class ChallengeForm(forms.Form):
    """The rules of one round. `hand_in` asks for what a submission needs."""

    use_required_attribute = False

    mode = CleanedChoiceField(
        validators.CHALLENGE["mode"],
        label=_("方式"),
        choices=[
            (ChallengeMode.OPEN_CHALLENGE, _("揭榜：各家在截止前密封提交方案，截止后统一开启、评审，选出一家")),
            (ChallengeMode.FIRST_CLAIM, _("抢单：第一个符合条件的单位抢得，适合指标明确、有成熟技术的小项目")),
        ],
        widget=forms.RadioSelect,
    )
    prize = _number(
        "prize", _("榜额（万元）"), _("愿意为解决这个问题付多少，例如：120。不填则显示面议。"), inputmode="decimal"
    )
    rules = _line(
        "rules",
        _("揭榜规则"),
        _("方案要写什么、怎样算合格。例如：逐项回应技术指标，附小试或中试数据；中榜后三十天内签约，分三期付款。"),
        widget=forms.Textarea(attrs={"rows": 6}),
        required=True,
    )
    eligibility = _line(
        "eligibility",
        _("申报条件"),
        _("例如：具有独立法人资格；近三年做过同类材料的项目。条件不宜只符合一家。"),
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    eligible_kinds = CleanedMultipleChoiceField(
        validators.CHALLENGE["eligible_kinds"],
        label=_("可揭榜的机构类型"),
        choices=validators.ELIGIBLE_KINDS,
        help_text=_("不选表示都可以。"),
    )
    requires_nda = forms.BooleanField(
        label=_("须先签署保密协议才能揭榜或抢单"),
        required=False,
        help_text=_("需求中有不公开的内容时建议勾选。"),
    )
    notice_days = _number(
        "notice_days", _("发榜公示期（天）"), _("公示期内可以提异议，期满无异议才开始。填 0 则发榜即开始。")
    )
    closes_at = MomentField(
        label=_("截止时间"),
        help_text=_("北京时间。这一刻起不再接收；公示期满后至少留出三天（抢单一天）。"),
        required=True,
    )
    min_bids = _number("min_bids", _("最少有效揭榜数"), _("截止时少于这个数即流标，方案不开启。例如：3"))
    answer_days = _number("answer_days", _("答复期限（截止后天数）"), _("在此期限内逐一答复每家单位，写明原因。"))
    result_notice_days = _number(
        "result_notice_days", _("结果公示期（天）"), _("定榜后公开中榜单位几天，无异议再起草合同；0 为不公示。")
    )
    refusal_days = _number("refusal_days", _("抢单确认期（天）"), _("抢得之后，您可以在几天内说明理由不予确认。"))
    shown_to_reviewers = CleanedMultipleChoiceField(
        validators.CHALLENGE["shown_to_reviewers"],
        label=_("评审人可以看到"),
        choices=BlindField.choices,
        help_text=_("默认全部隐去，只按方案本身打分；需要时逐项放开。"),
    )

    def __init__(self, *args: Any, hand_in: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.hand_in = hand_in

    def clean(self) -> dict[str, Any]:
        values = self.cleaned_data
        if self.hand_in:
            for name in ("rules", "closes_at"):
                if name in values and not values[name]:
                    self.add_error(name, _("提交前请填写此项；暂时不填可以先保存草稿。"))
        return values

    @property
    def content(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in validators.CHALLENGE}


class CriterionForm(forms.Form):
    """One row. A row in which nothing is written, or that was removed, has no `row`."""

    use_required_attribute = False
    row: dict[str, Any] | None = None  # clean values

    name = forms.Field(label=_("评分项"), required=False, widget=forms.TextInput())
    description = forms.Field(label=_("评分说明"), required=False, widget=forms.TextInput())
    weight = forms.Field(
        label=_("权重（%）"),
        required=False,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "data-weight": ""}),
    )

    def clean(self) -> dict[str, Any]:
        raw = self.cleaned_data
        if raw.get("DELETE") or validators.is_blank_criterion(raw):
            return raw
        try:
            self.row = validators.clean_criterion(raw)
        except ValidationError as error:
            self.add_error(None, error)
        return raw


class BaseCriterionFormSet(forms.BaseFormSet):
    """The criteria in the order of the page; `whole=True` asks that the weights add up to 100."""

    default_error_messages = {
        **forms.BaseFormSet.default_error_messages,
        "missing_management_form": _("评分表不完整，请刷新页面后再提交。"),
        "too_many_forms": _("评分项最多 %(num)d 行。"),
    }

    def __init__(self, *args: Any, whole: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.whole = whole

    def clean(self) -> None:
        validators.check_criteria(self.rows)
        total = sum(row["weight"] for row in self.rows)
        if self.whole and not any(self.errors) and total != 100:
            raise ValidationError(_("权重合计须为 100%%，现在是 %(total)s%%。"), params={"total": total})

    @property
    def rows(self) -> list[dict[str, Any]]:
        """Clean values of the rows that count; ask after `is_valid()`."""
        return [form.row for form in self.forms if form.row is not None]


CriterionFormSet = cast(
    "type[BaseCriterionFormSet]",
    forms.formset_factory(
        CriterionForm,
        formset=BaseCriterionFormSet,
        extra=1,
        can_delete=True,
        max_num=validators.MOST_CRITERIA,
        absolute_max=validators.MOST_CRITERIA * 3,
    ),
)


# What a new challenge begins with: the criteria most places use; every row may be changed or removed.
USUAL_CRITERIA: tuple[Mapping[str, Any], ...] = (
    {"name": _("技术先进性与指标满足程度"), "description": _("路线依据是否充分，指标能否达到"), "weight": 40},
    {"name": _("实施方案与进度"), "description": _("步骤、里程碑与风险应对是否可行"), "weight": 30},
    {"name": _("团队与条件"), "description": _("同类经验、中试与检测条件"), "weight": 20},
    {"name": _("报价合理性"), "description": "", "weight": 10},
)


def first_values(*, mode: str, at: datetime) -> dict[str, Any]:
    """Sensible values of a new challenge: a month to bid, until five in the afternoon."""
    closes = timezone.localtime(at) + timedelta(days=USUAL_DAYS)
    return {
        "mode": mode if mode in ChallengeMode.values else ChallengeMode.OPEN_CHALLENGE,
        "closes_at": closes.replace(hour=DEADLINE_HOUR, minute=0, second=0, microsecond=0),
        "notice_days": 0,
        "min_bids": 1,
        "answer_days": 30,
        "result_notice_days": 0,
        "refusal_days": 5,
    }


def challenge_initial(challenge: Challenge) -> dict[str, Any]:
    """A saved challenge as initial values of `ChallengeForm`."""
    return {name: getattr(challenge, name) for name in validators.CHALLENGE}


class ChallengeFilterForm(forms.Form):
    """Narrows the list. A value nobody offers is ignored: old links keep working."""

    mode = forms.ChoiceField(label=_("方式"), required=False, choices=[("", _("全部")), *ChallengeMode.choices])
    tab = forms.CharField(required=False, widget=forms.HiddenInput)

    @property
    def chosen_mode(self) -> str:
        self.is_valid()
        return str(self.cleaned_data.get("mode", ""))

    def narrow(self, challenges: ChallengeQuerySet) -> ChallengeQuerySet:
        return challenges.filter(mode=self.chosen_mode) if self.chosen_mode else challenges


def _reason(label: Any, help_text: Any, *, limit: int = 1000) -> CleanedField:
    return CleanedField(
        partial(text, limit=limit, required=True),
        label=label,
        required=True,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=help_text,
    )


class CancelForm(forms.Form):
    use_required_attribute = False

    reason = _reason(_("终止原因"), _("会公开显示，并告知每家已揭榜的单位。"))


class ExtendForm(forms.Form):
    use_required_attribute = False

    closes_at = MomentField(label=_("新的截止时间"), required=True, help_text=_("北京时间，要晚于原来的截止时间。"))
    reason = _reason(_("延期原因"), _("会告知每家正在准备或已揭榜的单位。"))

    def clean_closes_at(self) -> datetime:
        closes_at: datetime | None = self.cleaned_data["closes_at"]
        if closes_at is None:
            raise ValidationError(_("请填写日期和时间。"))
        return closes_at

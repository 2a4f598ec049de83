"""What the writer of a challenge fills in, what narrows the list, and the small forms of its steps."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import partial
from typing import Any, cast

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from challenges.challenge.fields import (
    CHALLENGE,
    CRITERION,
    MOST_CRITERIA,
    MomentField,
    check_criteria,
    is_blank_criterion,
    moment,
)
from challenges.challenge.workflow import ChallengeMode
from challenges.models import Challenge, ChallengeQuerySet
from lib.cleaning import text
from lib.fields import ContentForm, area, clean, form_fields, missing
from lib.form_fields import CleanedField

SUBMIT = "submit"  # the button that hands the challenge in; any other saves it
DEADLINE_HOUR = 17
USUAL_DAYS = 30


class ChallengeForm(ContentForm):
    """The rules of one round. `hand_in` asks for what a submission needs."""

    table = CHALLENGE

    def __init__(self, *args: Any, hand_in: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.hand_in = hand_in

    def clean(self) -> dict[str, Any]:
        values = self.cleaned_data
        if self.hand_in:
            for field in missing(CHALLENGE, values.get, "submit"):
                if field.name in values:  # else it has an error of its own
                    self.add_error(field.name, _("提交前请填写此项；暂时不填可以先保存草稿。"))
        return values


class CriterionForm(forms.Form):
    """One row. A row in which nothing is written, or that was removed, has no `row`.

    So its fields are cleaned together: a blank row is no error.
    """

    use_required_attribute = False
    row: dict[str, Any] | None = None  # clean values

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, field in form_fields(CRITERION.values()).items():
            self.fields[name] = forms.Field(label=field.label, required=False, widget=field.widget)

    def clean(self) -> dict[str, Any]:
        raw = self.cleaned_data
        if raw.get("DELETE") or is_blank_criterion(raw):
            return raw
        try:
            self.row = clean(CRITERION, raw)
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
        check_criteria(self.rows)
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
        max_num=MOST_CRITERIA,
        absolute_max=MOST_CRITERIA * 3,
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
    return {name: getattr(challenge, name) for name in CHALLENGE}


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


def text_field(label: Any, help_text: Any = "", *, limit: int, rows: int = 4, required: bool = True) -> CleanedField:
    """A longer text of at most `limit` characters."""
    return CleanedField(
        partial(text, limit=limit, required=required),
        label=label,
        required=required,
        widget=area(rows),
        help_text=help_text,
    )


class CancelForm(forms.Form):
    use_required_attribute = False

    reason = text_field(_("终止原因"), _("会公开显示，并告知每家已揭榜的单位。"), limit=1000)


class ExtendForm(forms.Form):
    use_required_attribute = False

    closes_at = MomentField(
        moment, label=_("新的截止时间"), required=True, help_text=_("北京时间，要晚于原来的截止时间。")
    )
    reason = text_field(_("延期原因"), _("会告知每家正在准备或已揭榜的单位。"), limit=1000)

    def clean_closes_at(self) -> datetime:
        closes_at: datetime | None = self.cleaned_data["closes_at"]
        if closes_at is None:
            raise ValidationError(_("请填写日期和时间。"))
        return closes_at

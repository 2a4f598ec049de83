"""The content of a challenge and of its criteria: one table for the form, the API and the checks. No database."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Any

from django.core.exceptions import ValidationError
from django.forms import RadioSelect, TextInput
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext_lazy as _

from accounts.models import SUPPLY_SIDE, OrganisationKind
from challenges.challenge.workflow import ChallengeMode
from challenges.models import BlindField
from lib import cleaning
from lib.cleaning import Cleaner
from lib.fields import Field, Input, area, table
from lib.form_fields import CleanedChoiceField, CleanedField, CleanedMultipleChoiceField, FlagField

MOST_CRITERIA = 12
ELIGIBLE_KINDS = [(kind.value, kind.label) for kind in OrganisationKind if kind in SUPPLY_SIDE]
LOCAL = "%Y-%m-%dT%H:%M"  # what <input type="datetime-local"> reads and sends, in Asia/Shanghai
NUMBER = TextInput(attrs={"inputmode": "numeric"})


def moment(raw: Any) -> datetime | None:
    """`2026-12-31 17:00` or `2026-12-31T17:00` in Asia/Shanghai, or ISO 8601 with its own offset; None when empty."""
    written = cleaning.half_width(cleaning.line(raw.isoformat() if isinstance(raw, datetime) else raw, limit=40))
    if not written:
        return None
    try:
        found = parse_datetime(written.replace("/", "-"))
    except ValueError:
        found = None
    if found is None:
        raise ValidationError(_("请按 2026-12-31 17:00 的样子填写日期和时间。"), code="invalid")
    return found if found.tzinfo is not None else timezone.make_aware(found)


class MomentField(CleanedField):
    """A date with a time of day, shown and read in Asia/Shanghai."""

    widget = TextInput(attrs={"type": "datetime-local"})

    def prepare_value(self, value: Any) -> Any:
        return timezone.localtime(value).strftime(LOCAL) if isinstance(value, datetime) else value


def _whole(*, default: int, low: int, high: int) -> Cleaner:
    def cleaned(raw: Any) -> int:
        value = cleaning.whole(raw, low=low, high=high)
        return default if value is None else value

    return cleaned


CHALLENGE = table(
    Field(
        "mode",
        _("方式"),
        partial(cleaning.choice, options=ChallengeMode.choices, default=ChallengeMode.OPEN_CHALLENGE),
        input=Input(
            form_field=CleanedChoiceField,
            widget=RadioSelect,
            choices=[
                (ChallengeMode.OPEN_CHALLENGE, _("揭榜：各家在截止前密封提交方案，截止后统一开启、评审，选出一家")),
                (ChallengeMode.FIRST_CLAIM, _("抢单：第一个符合条件的单位抢得，适合指标明确、有成熟技术的小项目")),
            ],
        ),
    ),
    Field(
        "prize",
        _("榜额（万元）"),
        partial(cleaning.number, places=2, digits=12, low=0),
        input=Input(
            widget=TextInput(attrs={"inputmode": "decimal"}),
            help=_("愿意为解决这个问题付多少，例如：120。不填则显示面议。"),
        ),
    ),
    Field(
        "rules",
        _("揭榜规则"),
        partial(cleaning.text, limit=10_000),
        needed_for=frozenset({"submit"}),
        input=Input(
            widget=area(6),
            required=True,
            help=_(
                "方案要写什么、怎样算合格。例如：逐项回应技术指标，附小试或中试数据；中榜后三十天内签约，分三期付款。"
            ),
        ),
    ),
    Field(
        "eligibility",
        _("申报条件"),
        partial(cleaning.text, limit=5000),
        input=Input(widget=area(4), help=_("例如：具有独立法人资格；近三年做过同类材料的项目。条件不宜只符合一家。")),
    ),
    Field(
        "eligible_kinds",
        _("可揭榜的机构类型"),
        partial(cleaning.choices, options=ELIGIBLE_KINDS),
        input=Input(form_field=CleanedMultipleChoiceField, choices=ELIGIBLE_KINDS, help=_("不选表示都可以。")),
    ),
    Field(
        "requires_nda",
        _("须先签署保密协议才能揭榜或抢单"),
        cleaning.flag,
        input=Input(form_field=FlagField, help=_("需求中有不公开的内容时建议勾选。")),
    ),
    Field(
        "notice_days",
        _("发榜公示期（天）"),
        _whole(default=0, low=0, high=60),
        input=Input(widget=NUMBER, help=_("公示期内可以提异议，期满无异议才开始。填 0 则发榜即开始。")),
    ),
    Field(
        "closes_at",
        _("截止时间"),
        moment,
        needed_for=frozenset({"submit"}),
        input=Input(
            form_field=MomentField,
            required=True,
            help=_("北京时间。这一刻起不再接收；公示期满后至少留出三天（抢单一天）。"),
        ),
    ),
    Field(
        "min_bids",
        _("最少有效揭榜数"),
        _whole(default=1, low=1, high=50),
        input=Input(widget=NUMBER, help=_("截止时少于这个数即流标，方案不开启。例如：3")),
    ),
    Field(
        "answer_days",
        _("答复期限（截止后天数）"),
        _whole(default=30, low=1, high=180),
        input=Input(widget=NUMBER, help=_("在此期限内逐一答复每家单位，写明原因。")),
    ),
    Field(
        "result_notice_days",
        _("结果公示期（天）"),
        _whole(default=0, low=0, high=60),
        input=Input(widget=NUMBER, help=_("定榜后公开中榜单位几天，无异议再起草合同；0 为不公示。")),
    ),
    Field(
        "refusal_days",
        _("抢单确认期（天）"),
        _whole(default=5, low=1, high=60),
        input=Input(widget=NUMBER, help=_("抢得之后，您可以在几天内说明理由不予确认。")),
    ),
    Field(
        "shown_to_reviewers",
        _("评审人可以看到"),
        partial(cleaning.choices, options=BlindField.choices),
        input=Input(
            form_field=CleanedMultipleChoiceField,
            choices=BlindField.choices,
            help=_("默认全部隐去，只按方案本身打分；需要时逐项放开。"),
        ),
    ),
)
CRITERION = table(
    Field("name", _("评分项"), partial(cleaning.line, limit=60, required=True), input=Input(widget=TextInput)),
    Field("description", _("评分说明"), partial(cleaning.line, limit=500), input=Input(widget=TextInput)),
    Field(
        "weight",
        _("权重（%）"),
        partial(cleaning.whole, low=1, high=100, required=True),
        input=Input(widget=TextInput(attrs={"inputmode": "numeric", "data-weight": ""})),
    ),
)


def is_blank_criterion(raw: Mapping[str, Any]) -> bool:
    return not any(str(raw.get(name) or "").strip() for name in CRITERION)


def check_criteria(rows: Sequence[Mapping[str, Any]]) -> None:
    """What no single row can tell: how many there are, and that each name stands once."""
    if len(rows) > MOST_CRITERIA:
        raise ValidationError(_("评分项最多 %(number)s 行。"), params={"number": MOST_CRITERIA})
    names = [row["name"] for row in rows]
    if twice := next((name for name in names if names.count(name) > 1), None):
        raise ValidationError(_("评分项“%(name)s”写了两次。"), params={"name": twice})

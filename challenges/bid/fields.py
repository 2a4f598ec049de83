"""What a bid may hold, and what it must hold to be handed in. For the form and the API alike; no database."""

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from lib import cleaning as clean
from lib.cleaning import Cleaner
from needs.models import NeedIndicator
from solutions.indicator.models import Necessity

MOST_STEPS = 20  # rows of the plan

MEETS = [
    ("yes", gettext_lazy("能达到")),
    ("partly", gettext_lazy("部分达到")),
    ("no", gettext_lazy("不能达到")),
]


def _price(raw: Any) -> Decimal | None:
    return clean.number(raw, places=2, digits=12, low=0)


# Fields of a bid that hold one value; indicator answers, plan and outputs are rows.
BID: dict[str, Cleaner] = {
    "approach": lambda raw: clean.text(raw, limit=20_000),
    "team": lambda raw: clean.text(raw, limit=5000),
    "experts": lambda raw: clean.words(raw, most=20, limit=40),
    "months": lambda raw: clean.whole(raw, low=1, high=120),
    "price": _price,
    "ip_proposal": lambda raw: clean.text(raw, limit=3000),
    "unaffiliated": clean.flag,
}
# One row: what is answered to one indicator of the need.
ANSWER: dict[str, Cleaner] = {
    "meets": lambda raw: clean.choice(raw, options=MEETS),
    "value": lambda raw: clean.line(raw, limit=120),
    "how": lambda raw: clean.text(raw, limit=2000),
}
# One row of the plan; months count from signing.
STEP: dict[str, Cleaner] = {
    "title": lambda raw: clean.line(raw, limit=120),
    "month": lambda raw: clean.whole(raw, low=1, high=120),
    "deliverable": lambda raw: clean.text(raw, limit=1000),
}
# A claim is short: who is first is asked what a contract needs, no more.
ASKED_OF_A_CLAIM = ("approach", "months", "price")
ASKED_OF_A_BID = ("approach", "team", "months", "price", "ip_proposal")


def clean_bid(raw: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of BID that `raw` holds, clean; ValidationError by field."""
    return clean.clean_fields(raw, BID, partial=True)


def clean_answer(raw: Mapping[str, Any]) -> dict[str, Any]:
    return clean.clean_fields(raw, ANSWER)


def clean_step(raw: Mapping[str, Any]) -> dict[str, Any]:
    return clean.clean_fields(raw, STEP)


def is_blank_step(step: Mapping[str, Any]) -> bool:
    return not any(str(step.get(name) or "").strip() for name in STEP)


def check_complete(content: Mapping[str, Any], *, indicators: Iterable[NeedIndicator], is_claim: bool) -> None:
    """Raise what keeps `content` from being handed in, by field.

    Keys are fields of the content; `indicator_answers.PK` and `plan.N` (from 0) name one row.
    """
    errors: dict[str, str] = {}
    for name in ASKED_OF_A_CLAIM if is_claim else ASKED_OF_A_BID:
        if content[name] in (None, ""):
            errors[name] = _("提交前请填写此项。")
    if not content["unaffiliated"]:
        errors["unaffiliated"] = _("未声明与需求方无隶属或关联关系，不能提交。")
    errors |= _answer_errors(content["indicator_answers"], indicators, is_claim=is_claim)
    if not is_claim and not content["plan"]:
        errors["plan"] = _("请至少填写一个里程碑。")
    errors |= _plan_errors(content["plan"], content["months"])
    if errors:
        raise ValidationError(errors)


def _answer_errors(
    answers: Sequence[Mapping[str, Any]], indicators: Iterable[NeedIndicator], *, is_claim: bool
) -> dict[str, str]:
    given = {answer["indicator"]: answer for answer in answers}
    errors = {}
    for indicator in indicators:
        answer = given.get(indicator.pk, {})
        meets = answer.get("meets")
        key = f"indicator_answers.{indicator.pk}"
        if not meets:
            errors[key] = _("请说明能否达到这项指标。")
        elif is_claim and meets != "yes" and indicator.necessity == Necessity.MUST:
            errors[key] = _("必达指标须全部达到才能抢单。")
        elif not is_claim and meets in {"yes", "partly"} and not answer["how"]:
            errors[key] = _("请说明怎样达到、以什么证明。")
    return errors


def _plan_errors(plan: Sequence[Mapping[str, Any]], months: int | None) -> dict[str, str]:
    errors = {}
    for number, step in enumerate(plan):
        if not step["title"] or step["month"] is None:
            errors[f"plan.{number}"] = _("请填写里程碑名称和完成月份。")
        elif months is not None and step["month"] > months:
            errors[f"plan.{number}"] = _("完成月份不能晚于完成周期（%(months)s 个月）。") % {"months": months}
    return errors

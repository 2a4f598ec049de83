"""What a contract, its milestones, payments and figures may hold. For the forms and the API alike; no database."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from contracts.models import (
    Clause,
    ContractKind,
    FundingOrder,
    PaymentMode,
    RightsOwner,
)
from lib import cleaning as clean
from lib.cleaning import Cleaner

MOST_MILESTONES = 30


def money(raw: Any, *, required: bool = False) -> Decimal | None:
    """万元, not negative."""
    return clean.number(raw, places=2, digits=12, low=0, required=required)


def _percent(raw: Any) -> Decimal | None:
    value = clean.number(raw, places=2, digits=5, low=0, high=100)
    if value == 0:
        raise ValidationError(_("提成比例须大于零；不提成请留空。"), code="out_of_bounds")
    return value


def clauses(raw: Any) -> dict[str, str]:
    """Clause → what was agreed, without the unanswered ones; an unknown clause is an error."""
    if not isinstance(raw, Mapping):
        raise ValidationError(_("条款应为一个对象：条款名 → 内容。"), code="invalid")
    if unknown := set(raw) - set(Clause.values):
        raise ValidationError(_("没有这个条款：%(names)s。"), params={"names": _("、").join(sorted(map(str, unknown)))})
    answers = {clause.value: clause_text(raw.get(clause.value)) for clause in Clause}
    return {name: text for name, text in answers.items() if text}


def clause_text(raw: Any) -> str:
    return clean.text(raw, limit=5000)


CONTRACT: dict[str, Cleaner] = {
    "title": lambda raw: clean.line(raw, limit=120, required=True),
    "kind": lambda raw: clean.choice(raw, options=ContractKind.choices),
    "amount": money,
    "payment_mode": lambda raw: clean.choice(raw, options=PaymentMode.choices),
    "entry_fee": money,
    "royalty_percent": _percent,
    "royalty_base": lambda raw: clean.line(raw, limit=200),
    "rights_owner": lambda raw: clean.choice(raw, options=RightsOwner.choices),
    "rights_sharing": lambda raw: clean.text(raw, limit=3000),
    "clauses": clauses,
    "funding_order": lambda raw: clean.choice(raw, options=FundingOrder.choices, default=FundingOrder.NONE),
    "starts_on": clean.day,
    "ends_on": clean.day,
}


MILESTONE: dict[str, Cleaner] = {
    "title": lambda raw: clean.line(raw, limit=120, required=True),
    "deliverable": lambda raw: clean.text(raw, limit=3000),
    "due_on": lambda raw: clean.day(raw, required=True),
    "payment": money,
}


FUNDING: dict[str, Cleaner] = {
    "amount": lambda raw: money(raw, required=True),
    "decided_on": lambda raw: clean.day(raw, required=True),
    "reference": lambda raw: clean.line(raw, limit=120, required=True),
}


def clean_contract(raw: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of CONTRACT that `raw` holds, clean; ValidationError by field."""
    return clean.clean_fields(raw, CONTRACT, partial=True)


def is_blank(raw: Mapping[str, Any], names: Mapping[str, Cleaner]) -> bool:
    """Whether nothing is written in a row."""
    return not any(str(raw.get(name) or "").strip() for name in names)

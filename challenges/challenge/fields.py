"""What a challenge's fields may hold: one table of cleaners for the form and the API. No database."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext_lazy as _

from accounts.models import SUPPLY_SIDE, OrganisationKind
from challenges.challenge.workflow import ChallengeMode
from challenges.models import BlindField
from lib import cleaning as clean
from lib.cleaning import Cleaner

MOST_CRITERIA = 12
ELIGIBLE_KINDS = [(kind.value, kind.label) for kind in OrganisationKind if kind in SUPPLY_SIDE]


def moment(raw: Any) -> datetime | None:
    """`2026-12-31 17:00` or `2026-12-31T17:00` in Asia/Shanghai, or ISO 8601 with its own offset; None when empty."""
    written = clean.half_width(clean.line(raw.isoformat() if isinstance(raw, datetime) else raw, limit=40))
    if not written:
        return None
    try:
        found = parse_datetime(written.replace("/", "-"))
    except ValueError:
        found = None
    if found is None:
        raise ValidationError(_("请按 2026-12-31 17:00 的样子填写日期和时间。"), code="invalid")
    return found if found.tzinfo is not None else timezone.make_aware(found)


def _days(*, default: int, low: int, high: int) -> Cleaner:
    def cleaned(raw: Any) -> int:
        value = clean.whole(raw, low=low, high=high)
        return default if value is None else value

    return cleaned


CHALLENGE: dict[str, Cleaner] = {
    "mode": lambda raw: clean.choice(raw, options=ChallengeMode.choices, default=ChallengeMode.OPEN_CHALLENGE),
    "rules": lambda raw: clean.text(raw, limit=10_000),
    "eligibility": lambda raw: clean.text(raw, limit=5000),
    "eligible_kinds": lambda raw: clean.choices(raw, options=ELIGIBLE_KINDS),
    "prize": lambda raw: clean.number(raw, places=2, digits=12, low=0),
    "requires_nda": clean.flag,
    "shown_to_reviewers": lambda raw: clean.choices(raw, options=BlindField.choices),
    "notice_days": _days(default=0, low=0, high=60),
    "closes_at": moment,
    "min_bids": _days(default=1, low=1, high=50),
    "answer_days": _days(default=30, low=1, high=180),
    "result_notice_days": _days(default=0, low=0, high=60),
    "refusal_days": _days(default=5, low=1, high=60),
}
CRITERION: dict[str, Cleaner] = {
    "name": lambda raw: clean.line(raw, limit=60, required=True),
    "description": lambda raw: clean.line(raw, limit=500),
    "weight": lambda raw: clean.whole(raw, low=1, high=100, required=True),
}


def clean_challenge(raw: Mapping[str, Any], *, partial: bool = False) -> dict[str, Any]:
    """Clean values of a challenge; `ValidationError` by field. `partial` takes only the fields that `raw` holds."""
    return clean.clean_fields(raw, CHALLENGE, partial=partial)


def clean_criterion(raw: Mapping[str, Any]) -> dict[str, Any]:
    return clean.clean_fields(raw, CRITERION)


def is_blank_criterion(raw: Mapping[str, Any]) -> bool:
    return not any(str(raw.get(name) or "").strip() for name in CRITERION)


def check_criteria(rows: Sequence[Mapping[str, Any]]) -> None:
    """What no single row can tell: how many there are, and that each name stands once."""
    if len(rows) > MOST_CRITERIA:
        raise ValidationError(_("评分项最多 %(number)s 行。"), params={"number": MOST_CRITERIA})
    names = [row["name"] for row in rows]
    if twice := next((name for name in names if names.count(name) > 1), None):
        raise ValidationError(_("评分项“%(name)s”写了两次。"), params={"name": twice})

"""What owners and operators are told of entries."""

from collections.abc import Iterable
from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.notice.actions import notify, operators, writers_of
from accounts.notice.texts import register
from solutions.kinds import kind_of
from solutions.models import Solution

register(
    "solution",
    {
        "submitted": _("%(organisation)s提交了《%(title)s》，等待审核"),
        "several_submitted": _("%(organisation)s提交了《%(title)s》等 %(count)s 项成果，等待审核"),
        "published": _("《%(title)s》已通过审核并发布"),
        "several_published": _("《%(title)s》等 %(count)s 项成果已通过审核并发布"),
        "returned": _("《%(title)s》被退回修改：%(reason)s"),
    },
)


def tell_operators_of_submission(submitted: list[Solution], *, at: datetime) -> None:
    """Operators hear of it once, however many entries were handed in together."""
    first = submitted[0]
    one = len(submitted) == 1
    notify(
        recipients=operators(),
        event=_event(first, "submit", at),
        key="solution.submitted" if one else "solution.several_submitted",
        params={"organisation": first.organisation.name, "title": first.title, "count": len(submitted)},
        url=first.get_absolute_url() if one else reverse("solutions:review-queue"),
        at=at,
    )


def tell_owners_of_publication(published: Iterable[Solution], *, at: datetime) -> None:
    """Each owner hears of it once, however many of its entries were published together."""
    by_organisation: dict[int, list[Solution]] = {}
    for solution in published:
        by_organisation.setdefault(solution.organisation_id, []).append(solution)
    for group in by_organisation.values():
        first = group[0]
        one = len(group) == 1
        notify(
            recipients=writers_of(first.organisation),
            event=_event(first, "publish", at),
            key="solution.published" if one else "solution.several_published",
            params={"title": first.title, "count": len(group)},
            url=first.get_absolute_url() if one else reverse(kind_of(first).own_url),
            at=at,
        )


def tell_owner_of_return(solution: Solution, *, reason: str, at: datetime) -> None:
    notify(
        recipients=writers_of(solution.organisation),
        event=_event(solution, "return", at),
        key="solution.returned",
        params={"title": solution.title, "reason": _shortened(reason)},
        url=solution.get_absolute_url(),
        at=at,
    )


def _event(solution: Solution, action: str, at: datetime) -> str:
    return f"solution:{solution.code}:{action}:{at.isoformat()}"


def _shortened(text: str) -> str:
    return text if len(text) <= 80 else f"{text[:79]}…"

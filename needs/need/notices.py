"""Who hears of what happened to a need, in which words. Written in the caller's transaction, once per event."""

from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext_noop

from accounts.models import Organisation
from accounts.notice.actions import notify, operators, writers_of
from needs.models import Need


def _event(need: Need, what: str, at: datetime) -> str:
    """Names one happening: a need returned twice is two events, a task run twice is one."""
    return f"need:{need.pk}:{what}:{at:%Y%m%d%H%M%S%f}"


def tell_owners(need: Need, what: str, message: str, at: datetime) -> None:
    notify(
        recipients=writers_of(need.organisation),
        event=_event(need, what, at),
        message=message,
        params={"title": need.title},
        url=need.get_absolute_url(),
        at=at,
    )


def tell_caretaker(need: Need, what: str, message: str, at: datetime) -> None:
    assert need.caretaker is not None, "the database holds: what was submitted has a caretaker"
    notify(
        recipients=[need.caretaker],
        event=_event(need, what, at),
        message=message,
        params={"title": need.title},
        url=need.get_absolute_url(),
        at=at,
    )


def tell_operators(submitted: list[Need], at: datetime) -> None:
    """One notice for one submission, be it of one need or of three hundred."""
    first, number = submitted[0], len(submitted)
    if number == 1:
        message = gettext_noop("%(organisation)s提交了需求《%(title)s》，等待审核。")
    else:
        message = gettext_noop("%(organisation)s提交了%(number)s项需求，等待审核。")
    notify(
        recipients=operators(),
        event=_event(first, "submitted", at),
        message=message,
        params={"organisation": first.organisation.name, "title": first.title, "number": number},
        url=first.get_absolute_url() if number == 1 else reverse("needs:review-queue"),
        at=at,
    )


def tell_owners_published(published: list[Need], at: datetime) -> None:
    """One notice per organisation, however many of its needs were published together."""
    by_organisation: dict[Organisation, list[Need]] = {}
    for need in published:
        by_organisation.setdefault(need.organisation, []).append(need)
    for organisation, its_needs in by_organisation.items():
        first = its_needs[0]
        if len(its_needs) == 1:
            tell_owners(first, "published", gettext_noop("需求《%(title)s》已通过审核并发布。"), at)
            continue
        notify(
            recipients=writers_of(organisation),
            event=_event(first, "published", at),
            message=gettext_noop("%(number)s项需求已通过审核并发布。"),
            params={"number": len(its_needs)},
            url=reverse("needs:mine"),
            at=at,
        )

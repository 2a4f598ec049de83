"""Who hears of what happens to a need. Written in the caller's transaction, once per event."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.models import Organisation, User
from accounts.notice.actions import notify, operators, writers_of
from accounts.notice.texts import register
from needs.models import Need

register(
    "need",
    {
        "submitted": _("%(organisation)s提交了需求《%(title)s》，等待审核。"),
        "several_submitted": _("%(organisation)s提交了%(number)s项需求，等待审核。"),
        "published": _("需求《%(title)s》已通过审核并发布。"),
        "several_published": _("%(number)s项需求已通过审核并发布。"),
        "returned": _("需求《%(title)s》被退回，请按审核意见修改后再提交。"),
        "withdrawn": _("需求《%(title)s》已由提出方撤回。"),
        "closed": _("需求《%(title)s》已由提出方关闭。"),
        "solved": _("需求《%(title)s》已解决并由需求方确认。"),
        "expired": _("需求《%(title)s》已超过有效期，系统已将其关闭。"),
        "assigned": _("您被指派为需求《%(title)s》的服务专员。"),
    },
)


def tell_owners(need: Need, name: str, at: datetime) -> None:
    """Send the text "need.`name`" to the writers of the need's organisation."""
    _tell(writers_of(need.organisation), need, name, at)


def tell_caretaker(need: Need, name: str, at: datetime) -> None:
    assert need.caretaker is not None, "the database holds: what was submitted has a caretaker"
    _tell([need.caretaker], need, name, at)


def tell_operators(submitted: list[Need], at: datetime) -> None:
    """One notice for one submission, be it of one need or of three hundred."""
    first, number = submitted[0], len(submitted)
    if number == 1:
        _tell(operators(), first, "submitted", at, organisation=first.organisation.name)
    else:
        url = reverse("needs:review-queue")
        params = {"organisation": first.organisation.name, "number": number}
        _tell(operators(), first, "several_submitted", at, url=url, **params)


def tell_owners_published(published: list[Need], at: datetime) -> None:
    """One notice per organisation, however many of its needs were published together."""
    by_organisation: dict[Organisation, list[Need]] = {}
    for need in published:
        by_organisation.setdefault(need.organisation, []).append(need)
    for organisation, its_needs in by_organisation.items():
        if len(its_needs) == 1:
            tell_owners(its_needs[0], "published", at)
        else:
            url, writers = reverse("needs:mine"), writers_of(organisation)
            _tell(writers, its_needs[0], "several_published", at, url=url, number=len(its_needs))


def _tell(recipients: Iterable[User], need: Need, name: str, at: datetime, *, url: str = "", **params: Any) -> None:
    """A need returned twice is two events, a task run twice is one."""
    notify(
        recipients=recipients,
        event=f"need:{need.pk}:{name}:{at:%Y%m%d%H%M%S%f}",
        key=f"need.{name}",
        params={"title": need.title, **params},
        url=url or need.get_absolute_url(),
        at=at,
    )

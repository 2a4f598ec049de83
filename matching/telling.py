"""Who is told about candidates, and that nobody is told twice.

A match remembers the highest grade each side was told of. Telling happens in the transaction that finishes a run:
one notice per person and run, whether the run was about one need or about an import of thousands.
"""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime

from django.urls import reverse

from accounts.domain.notifications import notify, writers_of
from accounts.models import Organisation, User
from matching.models import GRADE_ORDER, Match, MatchRun
from matching.text import gettext_noop as _
from needs.workflow import NeedState


def tell_candidates(*, run: MatchRun, at: datetime) -> int:
    """Tell posers, and suppliers of published needs, what this run found that is new or graded higher than told.

    Must run inside the transaction that finishes the run. Returns how many matches were news for their poser.
    """
    matches = list(
        Match.objects.open()
        .not_rejected()
        .filter(run=run)
        .select_for_update(of=("self",))
        .select_related("need__organisation", "need__caretaker", "solution__organisation")
        .order_by("pk")
    )
    for_buyers = [match for match in matches if match.is_current and _is_news(match.grade, match.told_buyer)]
    # A notice must not tell what the page keeps: suppliers hear of what the public text finds (docs/adr/0004).
    for_suppliers = [
        match
        for match in sorted(matches, key=lambda match: match.code)
        if match.need.state == NeedState.PUBLISHED and _is_news(match.public_grade, match.told_supplier)
    ]
    _tell_buyers(for_buyers, run=run, at=at)
    _tell_suppliers(for_suppliers, run=run, at=at)
    for match in for_buyers:
        match.told_buyer = match.grade
    for match in for_suppliers:
        match.told_supplier = match.public_grade
    Match.objects.bulk_update(matches, ["told_buyer", "told_supplier"], batch_size=500)
    return len(for_buyers)


def _is_news(grade: str, told: str) -> bool:
    return GRADE_ORDER[grade] > GRADE_ORDER[told]


def _tell_buyers(matches: Iterable[Match], *, run: MatchRun, at: datetime) -> None:
    writers = _Writers()
    by_person: defaultdict[User, list[Match]] = defaultdict(list)
    for match in matches:
        people = set(writers.of(match.need.organisation))
        if match.need.caretaker is not None:
            people.add(match.need.caretaker)
        for person in people:
            by_person[person].append(match)
    for person, theirs in by_person.items():
        needs = {match.need for match in theirs}
        if len(needs) == 1:
            need = needs.pop()
            message = _("需求《%(need)s》有 %(count)s 个新的或匹配程度提高的候选成果")
            params = {"need": need.title, "count": len(theirs)}
            url = need.get_absolute_url()
        else:
            message = _("您的 %(needs)s 项需求共有 %(count)s 个新的或匹配程度提高的候选成果")
            params = {"needs": len(needs), "count": len(theirs)}
            url = reverse("dashboards:desk")
        notify(recipients=[person], event=f"run:{run.code}:buyer", message=message, params=params, url=url, at=at)


def _tell_suppliers(matches: Iterable[Match], *, run: MatchRun, at: datetime) -> None:
    writers = _Writers()
    by_person: defaultdict[User, list[Match]] = defaultdict(list)
    for match in matches:
        for person in writers.of(match.solution.organisation):
            # A recommendation, not something asked for: it can be switched off (DOMAIN.md §6).
            if person.wants_recommendations:
                by_person[person].append(match)
    for person, theirs in by_person.items():
        needs = {match.need for match in theirs}
        if len(needs) == 1:
            message = _("需求《%(need)s》可能适合您的 %(count)s 项成果")
            params = {"need": needs.pop().title, "count": len(theirs)}
            url = theirs[0].get_absolute_url()
        else:
            message = _("有 %(needs)s 项企业需求可能适合您的成果")
            params = {"needs": len(needs)}
            url = reverse("dashboards:desk")
        notify(
            recipients=[person],
            event=f"run:{run.code}:supplier",
            message=message,
            params=params,
            url=url,
            at=at,
        )


def tell_invitation(*, match: Match, at: datetime) -> None:
    """An operator confirmed a match: both sides are invited to answer."""
    notify(
        recipients=writers_of(match.need.organisation),
        event=f"match:{match.code}:confirmed:buyer",
        message=_("需求《%(need)s》的候选《%(solution)s》已通过审核，请确认是否感兴趣"),
        params={"need": match.need.title, "solution": match.solution.title},
        url=match.get_absolute_url(),
        at=at,
    )
    notify(
        recipients=writers_of(match.solution.organisation),
        event=f"match:{match.code}:confirmed:supplier",
        message=_("邀请对接：需求《%(need)s》与您的成果《%(solution)s》匹配，请答复"),
        params={"need": match.need.title, "solution": match.solution.title},
        url=match.get_absolute_url(),
        at=at,
    )


def tell_contact(*, match: Match, at: datetime) -> None:
    """Both sides said yes: each learns how to reach the other; the caretaker learns that it began."""
    people = [*writers_of(match.need.organisation), *writers_of(match.solution.organisation)]
    if match.need.caretaker is not None:
        people.append(match.need.caretaker)
    notify(
        recipients=people,
        event=f"match:{match.code}:contact",
        message=_("双方均有意向：需求《%(need)s》与成果《%(solution)s》可以开始对接，联系方式已互相开放"),
        params={"need": match.need.title, "solution": match.solution.title},
        url=match.get_absolute_url(),
        at=at,
    )


class _Writers:
    """Asks once per organisation who answers for it."""

    def __init__(self) -> None:
        self._known: dict[Organisation, list[User]] = {}

    def of(self, organisation: Organisation) -> list[User]:
        if organisation not in self._known:
            self._known[organisation] = writers_of(organisation)
        return self._known[organisation]

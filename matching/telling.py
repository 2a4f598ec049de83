"""Who is told about candidates, and that nobody is told twice.

A match remembers the highest grade each side was told of. Telling happens in the transaction that finishes a run:
one notice per person and run, whether the run was about one need or about an import of thousands.
"""

from collections import defaultdict, deque
from datetime import datetime
from functools import reduce
from operator import or_

from django.db.models import Count, F, Min, Q, QuerySet
from django.urls import reverse

from accounts.domain.notifications import notify, writers_of
from accounts.models import Organisation, User
from matching.models import GRADE_ORDER, Grade, Match, MatchRun
from matching.text import gettext_noop as _
from needs.models import Need
from needs.workflow import NeedState


def tell_candidates(*, run: MatchRun, at: datetime) -> int:
    """Tell posers, and suppliers of published needs, what this run found that is new or graded higher than told.

    A rematch tells what its shares found. Must run inside the transaction that finishes the run. Returns how many
    matches were news for their poser.
    """
    found = Match.objects.open().not_rejected().filter(Q(run=run) | Q(run__parent=run))
    # Locked in the order of keys: a decision about one of them waits until it is told. What is locked stays what it is,
    # and a run that ends finds nothing more, so the same filter means the same rows from here on.
    locking = found.select_for_update(of=("self",)).order_by("pk").values_list("pk", flat=True)
    deque(locking.iterator(chunk_size=10_000), maxlen=0)
    for_buyers = found.filter(_is_news("grade", "told_buyer"), is_current=True)
    # A notice must not tell what the page keeps: suppliers hear of what the public text finds (docs/adr/0004).
    for_suppliers = found.filter(_is_news("public_grade", "told_supplier"), need__state=NeedState.PUBLISHED)
    _tell_buyers(for_buyers, run=run, at=at)
    _tell_suppliers(for_suppliers, run=run, at=at)
    for_suppliers.update(told_supplier=F("public_grade"))
    return for_buyers.update(told_buyer=F("grade"))


def _is_news(grade: str, told: str) -> Q:
    """Whether the column `grade` is above what the column `told` says."""
    higher = {
        below: [value for value in Grade.values if GRADE_ORDER[value] > GRADE_ORDER[below]]
        for below in ("", *Grade.values)
    }
    return reduce(or_, (Q(**{told: below, f"{grade}__in": above}) for below, above in higher.items() if above))


def _tell_buyers(matches: QuerySet[Match], *, run: MatchRun, at: datetime) -> None:
    counts = dict(matches.order_by().values_list("need").annotate(Count("pk")))
    writers = _Writers()
    by_person: defaultdict[User, list[Need]] = defaultdict(list)
    for need in Need.objects.filter(pk__in=counts).select_related("organisation", "caretaker").order_by("pk"):
        people = set(writers.of(need.organisation))
        if need.caretaker is not None:
            people.add(need.caretaker)
        for person in people:
            by_person[person].append(need)
    for person, needs in by_person.items():
        count = sum(counts[need.pk] for need in needs)
        if len(needs) == 1:
            message = _("需求《%(need)s》有 %(count)s 个新的或匹配程度提高的候选成果")
            params = {"need": needs[0].title, "count": count}
            url = needs[0].get_absolute_url()
        else:
            message = _("您的 %(needs)s 项需求共有 %(count)s 个新的或匹配程度提高的候选成果")
            params = {"needs": len(needs), "count": count}
            url = reverse("dashboards:desk")
        notify(recipients=[person], event=f"run:{run.code}:buyer", message=message, params=params, url=url, at=at)


def _tell_suppliers(matches: QuerySet[Match], *, run: MatchRun, at: datetime) -> None:
    """One notice for each person, whose address is the match that comes first by code when all are of one need."""
    by_organisation: defaultdict[int, dict[int, tuple[str, int]]] = defaultdict(dict)
    rows = matches.order_by().values_list("solution__organisation", "need").annotate(Min("code"), Count("pk"))
    for organisation, need, code, count in rows:
        by_organisation[organisation][need] = (code, count)
    by_person: defaultdict[User, dict[int, tuple[str, int]]] = defaultdict(dict)
    for organisation in Organisation.objects.filter(pk__in=by_organisation).order_by("pk"):
        for person in writers_of(organisation):
            # A recommendation, not something asked for: it can be switched off (DOMAIN.md §6).
            if person.wants_recommendations:
                for need, (code, count) in by_organisation[organisation.pk].items():
                    known, counted = by_person[person].get(need, (code, 0))
                    by_person[person][need] = min(code, known), counted + count
    for person, theirs in by_person.items():
        if len(theirs) == 1:
            [(need, (code, count))] = theirs.items()
            message = _("需求《%(need)s》可能适合您的 %(count)s 项成果")
            params = {"need": Need.objects.get(pk=need).title, "count": count}
            url = reverse("matching:match-detail", args=[code])
        else:
            message = _("有 %(needs)s 项企业需求可能适合您的成果")
            params = {"needs": len(theirs)}
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

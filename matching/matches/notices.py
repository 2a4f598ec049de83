"""Who is told about candidates, and that nobody is told twice.

A match remembers the highest grade each side was told of. Telling happens in the transaction that finishes a run:
one notice per person and run, whether the run was about one need or about an import of thousands.
"""

from collections import Counter, defaultdict, deque
from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from django.db.models import F
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.models import Organisation, User
from accounts.notice.actions import notify, writers_of
from accounts.notice.texts import register
from matching.models import GRADE_ORDER, Match, MatchRun
from needs.models import Need
from needs.need.workflow import NeedState

MARKED_AT_ONCE = 10_000  # rows of one statement

register(
    "match",
    {
        "candidates": _("需求《%(need)s》有 %(count)s 个新的或匹配程度提高的候选成果"),
        "candidates_of_several": _("您的 %(needs)s 项需求共有 %(count)s 个新的或匹配程度提高的候选成果"),
        "need_found": _("需求《%(need)s》可能适合您的 %(count)s 项成果"),
        "several_needs_found": _("有 %(needs)s 项企业需求可能适合您的成果"),
        "candidate_confirmed": _("需求《%(need)s》的候选《%(solution)s》已通过审核，请确认是否感兴趣"),
        "invited": _("邀请对接：需求《%(need)s》与您的成果《%(solution)s》匹配，请答复"),
        "contact": _("双方均有意向：需求《%(need)s》与成果《%(solution)s》可以开始对接，联系方式已互相开放"),
    },
)


class _Found(NamedTuple):
    """A candidate that a run found, as it stood when it was read."""

    match_id: int
    code: str
    need_id: int
    need_state: str
    organisation_id: int  # of the output
    grade: str
    told_buyer: str
    public_grade: str
    told_supplier: str
    is_current: bool


def tell_candidates(*, run: MatchRun, at: datetime) -> int:
    """Tell posers, and suppliers of published needs, what this run found that is new or graded higher than told.

    A rematch tells what its shares found. Must run inside the transaction that finishes the run. Returns how many
    matches were news for their poser.
    """
    matches = Match.objects.filter(run__in=[run.pk, *run.shares.values_list("pk", flat=True)])
    # Who writes or decides a match holds its need first, and takes needs in the order of keys: so do we, and what is
    # read here is what gets told. Read once: a need that is published meanwhile has a run of its own, which would find
    # nothing to tell if its matches were marked here without a word.
    locking = Need.objects.filter(pk__in=matches.values("need")).select_for_update(of=("self",), no_key=True)
    deque(locking.order_by("pk").values_list("pk", flat=True).iterator(chunk_size=10_000), maxlen=0)
    columns = (
        *("pk", "code", "need_id", "need__state", "solution__organisation_id"),
        *("grade", "told_buyer", "public_grade", "told_supplier", "is_current"),
    )
    rows = matches.open().not_rejected().order_by("pk").values_list(*columns)
    for_buyers, for_suppliers = [], []
    for row in map(_Found._make, rows.iterator(chunk_size=10_000)):
        if row.is_current and _is_news(row.grade, told=row.told_buyer):
            for_buyers.append(row)
        # A notice must not tell what the page keeps: suppliers hear of what the public text finds (docs/adr/0004).
        if row.need_state == NeedState.PUBLISHED and _is_news(row.public_grade, told=row.told_supplier):
            for_suppliers.append(row)
    _tell_buyers(for_buyers, run=run, at=at)
    _tell_suppliers(for_suppliers, run=run, at=at)
    _mark(for_buyers, for_suppliers)
    return len(for_buyers)


def _is_news(grade: str, *, told: str) -> bool:
    return GRADE_ORDER[grade] > GRADE_ORDER[told]


def _mark(for_buyers: Sequence[_Found], for_suppliers: Sequence[_Found]) -> None:
    """Each row is written once: most are news for both."""
    told_buyers, told_suppliers = ({row.match_id for row in rows} for rows in (for_buyers, for_suppliers))
    buyer, supplier = {"told_buyer": F("grade")}, {"told_supplier": F("public_grade")}
    for keys, told in (
        (told_buyers & told_suppliers, buyer | supplier),
        (told_buyers - told_suppliers, buyer),
        (told_suppliers - told_buyers, supplier),
    ):
        ordered = sorted(keys)
        for start in range(0, len(ordered), MARKED_AT_ONCE):
            Match.objects.filter(pk__in=ordered[start : start + MARKED_AT_ONCE]).update(**told)


def _tell_buyers(rows: Sequence[_Found], *, run: MatchRun, at: datetime) -> None:
    counts = Counter(row.need_id for row in rows)
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
            key = "match.candidates"
            params = {"need": needs[0].title, "count": count}
            url = needs[0].get_absolute_url()
        else:
            key = "match.candidates_of_several"
            params = {"needs": len(needs), "count": count}
            url = reverse("dashboards:desk")
        notify(recipients=[person], event=f"run:{run.code}:buyer", key=key, params=params, url=url, at=at)


def _tell_suppliers(rows: Sequence[_Found], *, run: MatchRun, at: datetime) -> None:
    """One notice for each person, whose address is the match that comes first by code when all are of one need."""
    by_organisation: defaultdict[int, dict[int, tuple[str, int]]] = defaultdict(dict)
    for row in rows:
        theirs = by_organisation[row.organisation_id]
        code, count = theirs.get(row.need_id, (row.code, 0))
        theirs[row.need_id] = (min(code, row.code), count + 1)
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
            key = "match.need_found"
            params = {"need": Need.objects.get(pk=need).title, "count": count}
            url = reverse("matching:match-detail", args=[code])
        else:
            key = "match.several_needs_found"
            params = {"needs": len(theirs)}
            url = reverse("dashboards:desk")
        notify(
            recipients=[person],
            event=f"run:{run.code}:supplier",
            key=key,
            params=params,
            url=url,
            at=at,
        )


def tell_invitation(*, match: Match, at: datetime) -> None:
    """An operator confirmed a match: both sides are invited to answer."""
    notify(
        recipients=writers_of(match.need.organisation),
        event=f"match:{match.code}:confirmed:buyer",
        key="match.candidate_confirmed",
        params={"need": match.need.title, "solution": match.solution.title},
        url=match.get_absolute_url(),
        at=at,
    )
    notify(
        recipients=writers_of(match.solution.organisation),
        event=f"match:{match.code}:confirmed:supplier",
        key="match.invited",
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
        key="match.contact",
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

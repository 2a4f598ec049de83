"""Complaints over a match in contact or a contract, and their mediation by operators.

The table is COMPLAINT_ACTIONS in matching.workflow. A party raises, both parties and operators write into the record,
an operator takes up, settles or dismisses; the complainant may withdraw. An operator who belongs to a party does not
mediate, nor does one who may not read the contract. Notices and audit rows name the need, never what was said.
"""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from accounts import audit
from accounts.models import Membership, Organisation, User, is_operator
from accounts.notice.actions import notify, operators, writers_of
from accounts.permissions import Denied, check_operator, check_writes_for
from care.complaint.workflow import COMPLAINT_ACTIONS, ComplaintState
from care.models import Complaint, ComplaintEntry
from care.subjects import (
    Subject,
    about,
    locked,
    parties_of,
    subject_of,
)
from contracts.contract.queries import operators_who_read
from lib.refusals import WrongState
from lib.transitions import next_state
from matching.models import Match

UNFINISHED = frozenset({ComplaintState.OPEN, ComplaintState.MEDIATING})


class WordsMissing(Exception):
    """A complaint, an entry and an outcome need words; the message may be shown."""


# --- who -----------------------------------------------------------------------------------------------------------


def with_names(complaints: QuerySet[Complaint]) -> QuerySet[Complaint]:
    """With what a row or page shows, in one query."""
    return complaints.select_related(
        "complainant",
        "respondent",
        "raised_by",
        "ended_by",
        "match__need__organisation",
        "match__solution__organisation",
        "contract__need__organisation",
        "contract__supplier",
    )


def complaints_of(subject: Subject, user: User) -> list[Complaint]:
    """Those `user` may see, the latest first. A caretaker who is no operator sees none."""
    return list(Complaint.objects.visible_to(user).filter(**about(subject)).order_by("-raised_at", "-pk"))


@dataclass(frozen=True, slots=True)
class RecordLine:
    """A line of the mediation record with where its author stands."""

    text: str
    at: datetime
    by: str
    side: str


def record_of(complaint: Complaint) -> list[RecordLine]:
    """The record, oldest first; two queries. Who belonged to a party spoke for it, everybody else for the platform."""
    entries = list(complaint.entries.select_related("by").order_by("at", "pk"))
    people = Membership.objects.filter(user__in={entry.by_id for entry in entries})
    belongs = set(people.values_list("user", "organisation"))

    def side_of(person: int) -> str:
        if (person, complaint.complainant_id) in belongs:
            return complaint.complainant.name
        if (person, complaint.respondent_id) in belongs:
            return complaint.respondent.name
        return _("运营方")

    return [RecordLine(entry.text, entry.at, entry.by.name, side_of(entry.by_id)) for entry in entries]


def complaining_parties(user: User, subject: Subject) -> list[Organisation]:
    """The parties `user` may complain for: usually one or none; none where both sides are one organisation."""
    parties = parties_of(subject)
    if parties[0] == parties[1]:
        return []
    writes = set(
        Membership.objects.writing().filter(user=user, organisation__in=parties).values_list("organisation", flat=True)
    )
    return [party for party in parties if party.pk in writes]


def allowed_complaint_actions(*, user: User, complaint: Complaint) -> frozenset[str]:
    """What `user` may do now: names of COMPLAINT_ACTIONS, and add_entry."""
    member_of, writes_for = _standing(user, complaint)
    actors = set()
    if is_operator(user) and not member_of and _reads(user, complaint):
        actors.add("operator")
    if complaint.complainant_id in writes_for:
        actors.add("complainant")
    actions = {
        name
        for name, transition in COMPLAINT_ACTIONS.items()
        if transition.actors & actors and complaint.state in transition.sources
    }
    if complaint.state in UNFINISHED and (actors or writes_for):
        actions.add("add_entry")
    return frozenset(actions)


def _standing(user: User, complaint: Complaint) -> tuple[frozenset[int], frozenset[int]]:
    """Primary keys of the parties `user` belongs to, and of those they write for."""
    parties = [complaint.complainant_id, complaint.respondent_id]
    memberships = list(Membership.objects.active().filter(user=user, organisation__in=parties))
    return (
        frozenset(membership.organisation_id for membership in memberships),
        frozenset(membership.organisation_id for membership in memberships if membership.can_write),
    )


def _check_mediates(user: User, complaint: Complaint) -> None:
    check_operator(user)
    member_of, _writes_for = _standing(user, complaint)
    if member_of:
        raise Denied(_("您属于争议一方，请由其他运营人员处理。"))
    _check_reads(user, complaint)


def _check_reads(user: User, complaint: Complaint) -> None:
    if not _reads(user, complaint):
        raise Denied(_("您所在的机构是这份榜单的一方，请由其他运营人员处理。"))


def _reads(user: User, complaint: Complaint) -> bool:
    """Whether an operator may read it: not in a dispute of whom an organisation of their own bid against."""
    return Complaint.objects.visible_to(user).filter(pk=complaint.pk).exists()


def _mediators(complaint: Complaint) -> list[User]:
    """The operators who may read it; what `Complaint.objects.visible_to` says, for all of them at once."""
    if complaint.contract is None:
        return operators()
    return operators_who_read(complaint.contract)


# --- verbs ---------------------------------------------------------------------------------------------------------


@transaction.atomic
def raise_complaint(*, subject: Subject, complainant: Organisation, text: str, by: User, at: datetime) -> Complaint:
    """A party complains of the other; `by` writes for `complainant`. One unfinished complaint per party and subject."""
    subject = locked(subject)
    parties = parties_of(subject)
    if complainant not in parties or parties[0] == parties[1]:
        raise Denied(_("只有对接或合同的一方可以投诉另一方。"))
    check_writes_for(by, complainant)
    if isinstance(subject, Match) and subject.contacted_at is None:
        raise WrongState(_("双方开始对接之后才能投诉。"))
    if subject.complaints.filter(complainant=complainant, state__in=UNFINISHED).exists():
        raise WrongState(_("您已有一件未办结的投诉，请在其中补充说明。"))
    complaint = Complaint.objects.create(
        **about(subject),
        complainant=complainant,
        respondent=parties[1] if complainant == parties[0] else parties[0],
        text=_said(text),
        raised_at=at,
        raised_by=by,
    )
    _audit(complaint, "raise", by=by, at=at, from_state="")
    _tell(
        complaint,
        [*writers_of(complaint.respondent), *_mediators(complaint)],
        gettext_noop("%(complainant)s就《%(need)s》提出了投诉，请查看"),
        event="raised",
        by=by,
        at=at,
    )
    return complaint


@transaction.atomic
def take_up(*, complaint: Complaint, by: User, at: datetime) -> Complaint:
    """An operator begins to mediate."""
    complaint = _locked(complaint)
    _check_mediates(by, complaint)
    _move(complaint, "take_up", by=by, at=at)
    message = gettext_noop("关于《%(need)s》的投诉已受理，开始调解")
    _tell(complaint, _parties(complaint), message, event="taken-up", by=by, at=at)
    return complaint


@transaction.atomic
def add_entry(*, complaint: Complaint, text: str, by: User, at: datetime) -> ComplaintEntry:
    """A party or an operator adds to the record, as long as the complaint is not ended."""
    complaint = _locked(complaint)
    member_of, writes_for = _standing(by, complaint)
    if not writes_for:
        if member_of or not is_operator(by):
            raise Denied(_("只有争议双方有权操作的成员和运营人员可以补充说明。"))
        _check_reads(by, complaint)
    if complaint.state not in UNFINISHED:
        raise WrongState(_("投诉已经办结，不能再补充。"))
    entry = ComplaintEntry.objects.create(complaint=complaint, text=_said(text), at=at, by=by)
    _audit(complaint, "add_entry", by=by, at=at, from_state=complaint.state)
    message = gettext_noop("关于《%(need)s》的投诉有新的说明")
    _tell(complaint, [*_parties(complaint), *_mediators(complaint)], message, event=f"entry:{entry.pk}", by=by, at=at)
    return entry


@transaction.atomic
def settle(*, complaint: Complaint, outcome: str, by: User, at: datetime) -> Complaint:
    """The parties agreed; the operator writes down on what."""
    complaint = _locked(complaint)
    _check_mediates(by, complaint)
    _move(complaint, "settle", outcome=outcome, by=by, at=at)
    message = gettext_noop("关于《%(need)s》的投诉已和解")
    _tell(complaint, _parties(complaint), message, event="settled", by=by, at=at)
    return complaint


@transaction.atomic
def dismiss(*, complaint: Complaint, outcome: str, by: User, at: datetime) -> Complaint:
    """The operator does not support it and says why."""
    complaint = _locked(complaint)
    _check_mediates(by, complaint)
    _move(complaint, "dismiss", outcome=outcome, by=by, at=at)
    message = gettext_noop("关于《%(need)s》的投诉已办结：不予支持")
    _tell(complaint, _parties(complaint), message, event="dismissed", by=by, at=at)
    return complaint


@transaction.atomic
def withdraw(*, complaint: Complaint, outcome: str, by: User, at: datetime) -> Complaint:
    """The complainant takes it back and says why."""
    complaint = _locked(complaint)
    check_writes_for(by, complaint.complainant)
    _move(complaint, "withdraw", outcome=outcome, by=by, at=at)
    message = gettext_noop("%(complainant)s撤回了关于《%(need)s》的投诉")
    _tell(complaint, [*_parties(complaint), *_mediators(complaint)], message, event="withdrawn", by=by, at=at)
    return complaint


# --- shared --------------------------------------------------------------------------------------------------------


def _locked(complaint: Complaint) -> Complaint:
    rows = Complaint.objects.select_for_update(of=("self",))
    return with_names(rows).get(pk=complaint.pk)


def _said(words: str) -> str:
    if not words.strip():
        raise WordsMissing(_("请写明内容。"))
    return words.strip()


def _move(complaint: Complaint, action: str, *, outcome: str | None = None, by: User, at: datetime) -> None:
    """To the state the table says; with an outcome the complaint has ended."""
    before = complaint.state
    complaint.state = next_state(table=COMPLAINT_ACTIONS, action=action, state=before)
    if outcome is not None:
        complaint.outcome, complaint.ended_at, complaint.ended_by = _said(outcome), at, by
    complaint.save()
    _audit(complaint, action, by=by, at=at, from_state=before)


def _parties(complaint: Complaint) -> list[User]:
    return [*writers_of(complaint.complainant), *writers_of(complaint.respondent)]


def _tell(complaint: Complaint, recipients: list[User], message: str, *, event: str, by: User, at: datetime) -> None:
    """Everybody but who did it, once."""
    notify(
        recipients={person for person in recipients if person != by},
        event=f"complaint:{complaint.code}:{event}",
        message=message,
        params={"need": subject_of(complaint).need.title, "complainant": complaint.complainant.name},
        url=complaint.get_absolute_url(),
        at=at,
    )


def _audit(complaint: Complaint, action: str, *, by: User, at: datetime, from_state: str) -> None:
    audit.record(
        action=f"complaint.{action}",
        code=complaint.code,
        label=subject_of(complaint).need.title,
        by=by,
        at=at,
        from_state=from_state,
        to_state=complaint.state,
    )

"""Complaints over a match in contact or a contract, and their mediation by operators.

The table is COMPLAINT_ACTIONS in care/complaint/workflow.py. A party raises, both parties and operators write into the
record, an operator takes up, settles or dismisses; the complainant may withdraw. An operator who belongs to a party
does not mediate, nor does one who may not read the contract. Audit rows name the need, never what was said.
"""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from accounts import audit
from accounts.models import Organisation, User, is_operator
from accounts.notice.actions import writers_of
from accounts.permissions import Denied, check_writes_for
from care.complaint.notices import people_of, tell
from care.complaint.permissions import check_mediates, check_reads, mediators, standing
from care.complaint.queries import with_names
from care.complaint.workflow import UNFINISHED
from care.models import Complaint, ComplaintEntry
from care.subjects import Subject, about, locked, parties_of
from lib.refusals import WrongState
from matching.models import Match


class WordsMissing(Exception):
    """A complaint, an entry and an outcome need words; the message may be shown."""


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
        text=_written(text),
        raised_at=at,
        raised_by=by,
    )
    audit.note(complaint, "raise", by=by, at=at)
    tell(complaint, [*writers_of(complaint.respondent), *mediators(complaint)], "raised", by=by, at=at)
    return complaint


@transaction.atomic
def take_up(*, complaint: Complaint, by: User, at: datetime) -> Complaint:
    """An operator begins to mediate."""
    complaint = _locked(complaint)
    check_mediates(by, complaint)
    audit.step(complaint, "take_up", by=by, at=at)
    tell(complaint, people_of(complaint), "taken_up", by=by, at=at)
    return complaint


@transaction.atomic
def add_entry(*, complaint: Complaint, text: str, by: User, at: datetime) -> ComplaintEntry:
    """A party or an operator adds to the record, as long as the complaint is not ended."""
    complaint = _locked(complaint)
    member_of, writes_for = standing(by, complaint)
    if not writes_for:
        if member_of or not is_operator(by):
            raise Denied(_("只有争议双方有权操作的成员和运营人员可以补充说明。"))
        check_reads(by, complaint)
    if complaint.state not in UNFINISHED:
        raise WrongState(_("投诉已经办结，不能再补充。"))
    entry = ComplaintEntry.objects.create(complaint=complaint, text=_written(text), at=at, by=by)
    audit.note(complaint, "add_entry", by=by, at=at, from_state=complaint.state)
    recipients = [*people_of(complaint), *mediators(complaint)]
    tell(complaint, recipients, "entry", number=entry.pk, by=by, at=at)
    return entry


@transaction.atomic
def settle(*, complaint: Complaint, outcome: str, by: User, at: datetime) -> Complaint:
    """The parties agreed; the operator writes down on what."""
    complaint = _locked(complaint)
    check_mediates(by, complaint)
    _end(complaint, "settle", outcome=outcome, by=by, at=at)
    tell(complaint, people_of(complaint), "settled", by=by, at=at)
    return complaint


@transaction.atomic
def dismiss(*, complaint: Complaint, outcome: str, by: User, at: datetime) -> Complaint:
    """The operator does not support it and says why."""
    complaint = _locked(complaint)
    check_mediates(by, complaint)
    _end(complaint, "dismiss", outcome=outcome, by=by, at=at)
    tell(complaint, people_of(complaint), "dismissed", by=by, at=at)
    return complaint


@transaction.atomic
def withdraw(*, complaint: Complaint, outcome: str, by: User, at: datetime) -> Complaint:
    """The complainant takes it back and says why."""
    complaint = _locked(complaint)
    check_writes_for(by, complaint.complainant)
    _end(complaint, "withdraw", outcome=outcome, by=by, at=at)
    tell(complaint, [*people_of(complaint), *mediators(complaint)], "withdrawn", by=by, at=at)
    return complaint


def _locked(complaint: Complaint) -> Complaint:
    rows = Complaint.objects.select_for_update(of=("self",))
    return with_names(rows).get(pk=complaint.pk)


def _written(words: str) -> str:
    if not words.strip():
        raise WordsMissing(_("请写明内容。"))
    return words.strip()


def _end(complaint: Complaint, action: str, *, outcome: str, by: User, at: datetime) -> None:
    audit.check_step(complaint, action)
    complaint.outcome, complaint.ended_at, complaint.ended_by = _written(outcome), at, by
    audit.step(complaint, action, by=by, at=at, changed=["outcome", "ended_at", "ended_by"])

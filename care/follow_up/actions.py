"""The chain of follow-ups on a match or a contract: opened, finished with a result, handed on, told when late.

Whoever takes care of the need answers for it: its caretaker, or any operator. A follow-up is finished by a person with
words, never by the system: when a contract is terminated or a need closed, what is open stays open and the page says
that it can be brought to its end. Service is no mere task (DOMAIN.md §1).
"""

from datetime import date, datetime, timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import audit
from accounts.models import User
from accounts.notice.actions import operators
from accounts.permissions import Denied, check_operator
from care.follow_up import notices
from care.follow_up.permissions import check_cares, may_care, owner_for, owners_for
from care.models import FollowUp, FollowUpKind
from care.subjects import Subject, about, locked, subject_of
from contracts.contract.actions import months_after
from contracts.models import Contract
from lib.refusals import WrongState

AFTER_CONTACT = timedelta(days=7)
AFTER_SIGNING = timedelta(days=30)
REVISIT_AFTER_MONTHS = 12


class ResultMissing(Exception):
    """A follow-up is finished with words; the message may be shown."""


class DateInPast(Exception):
    """A follow-up is planned for today or later; the message may be shown."""


@transaction.atomic
def open_follow_up(
    *,
    subject: Subject,
    due_on: date,
    topic: str = "",
    kind: str = FollowUpKind.ROUTINE,
    owner: User | None = None,
    by: User | None,
    at: datetime,
) -> FollowUp:
    """Plan the next link of the chain; `by` None is the platform. At most one routine one is open per subject.

    Raises WrongState when one is open already, DateInPast for a day that is over.
    """
    subject = locked(subject)
    if by is not None:
        check_cares(by, subject.need)
    if due_on < timezone.localdate(at):
        raise DateInPast(_("计划日期不能早于今天。"))
    if _is_open(subject, kind):
        raise WrongState(_("已有一项未完成的跟进，请先写明它的结果。"))
    follow_up = FollowUp.objects.create(
        **about(subject),
        kind=kind,
        owner=owner or owner_for(subject.need),
        due_on=due_on,
        topic=topic,
        created_at=at,
    )
    _note("open", subject, by=by, at=at)
    if follow_up.owner != by:
        notices.tell_opened(follow_up, at=at)
    return follow_up


@transaction.atomic
def finish_follow_up(
    *,
    follow_up: FollowUp,
    result: str,
    next_due_on: date | None = None,
    next_topic: str = "",
    by: User,
    at: datetime,
) -> FollowUp:
    """Write what came of it; with `next_due_on` the chain goes on with the same person."""
    follow_up = _locked(follow_up)
    subject = subject_of(follow_up)
    check_cares(by, subject.need)
    if follow_up.done_at is not None:
        raise WrongState(_("这项跟进已经完成。"))
    if not result.strip():
        raise ResultMissing(_("请写明跟进结果。"))
    follow_up.result, follow_up.done_at, follow_up.done_by = result.strip(), at, by
    follow_up.save()
    _note("finish", subject, by=by, at=at)
    if next_due_on is not None:
        open_follow_up(
            subject=subject, due_on=next_due_on, topic=next_topic, owner=_next_owner(follow_up), by=by, at=at
        )
    return follow_up


@transaction.atomic
def reassign_follow_up(*, follow_up: FollowUp, owner: User, by: User, at: datetime) -> FollowUp:
    """An operator hands an open follow-up to somebody who may see what it is about; a late one is told anew."""
    follow_up = _locked(follow_up)
    check_operator(by)
    subject = subject_of(follow_up)
    if follow_up.done_at is not None:
        raise WrongState(_("这项跟进已经完成。"))
    if owner not in owners_for(subject.need):
        raise Denied(_("跟进只能交给运营人员或该需求的服务专员。"))
    if owner == follow_up.owner:
        return follow_up
    follow_up.owner = owner
    follow_up.save()
    _note("reassign", subject, by=by, at=at, reason=owner.name)
    if owner != by:
        notices.tell_new_owner(follow_up, at=at)
    return follow_up


def tell_overdue(*, at: datetime) -> list[FollowUp]:
    """Tell whoever answers for a late follow-up, once each; operators where its owner may no longer care for it."""
    today = timezone.localdate(at)
    told = []
    with transaction.atomic():
        late = (
            FollowUp.objects.overdue(today=today)
            .filter(overdue_told_at=None)
            .select_for_update(of=("self",), skip_locked=True)
            .select_related("owner", "match__need__caretaker", "contract__need__caretaker")
            .order_by("due_on", "pk")
        )
        for follow_up in late:
            need = subject_of(follow_up).need
            cares = follow_up.owner.is_active and may_care(follow_up.owner, need)
            notices.tell_late(follow_up, [follow_up.owner] if cares else operators(), at=at)
            follow_up.overdue_told_at = at
            follow_up.save(update_fields=["overdue_told_at"])
            told.append(follow_up)
    return told


# --- what happens elsewhere ----------------------------------------------------------------------------------------


def after_contact(subject: Subject, *, at: datetime) -> None:
    """Both sides of a match said yes: somebody asks in a week how it goes."""
    if not subject.follow_ups.exists():
        open_follow_up(subject=subject, due_on=timezone.localdate(at) + AFTER_CONTACT, by=None, at=at)


def after_signing(contract: Contract, *, at: datetime) -> None:
    if not _is_open(contract, FollowUpKind.ROUTINE):
        open_follow_up(subject=contract, due_on=timezone.localdate(at) + AFTER_SIGNING, by=None, at=at)


def after_solving(contract: Contract, *, at: datetime) -> None:
    """Twelve calendar months later somebody asks whether the problem stayed solved."""
    if not contract.follow_ups.filter(kind=FollowUpKind.REVISIT).exists():
        due_on = months_after(timezone.localdate(at), REVISIT_AFTER_MONTHS)
        open_follow_up(subject=contract, due_on=due_on, kind=FollowUpKind.REVISIT, by=None, at=at)


def _is_open(subject: Subject, kind: str) -> bool:
    return subject.follow_ups.filter(done_at=None, kind=kind).exists()


def _next_owner(follow_up: FollowUp) -> User | None:
    """The same person, as long as they may care."""
    need = subject_of(follow_up).need
    return follow_up.owner if follow_up.owner.is_active and may_care(follow_up.owner, need) else None


def _locked(follow_up: FollowUp) -> FollowUp:
    """The subject first, then the follow-up: in the order in which one is opened."""
    subject = locked(subject_of(follow_up))
    row = FollowUp.objects.select_for_update(of=("self",)).select_related("owner").get(pk=follow_up.pk)
    row.match, row.contract = about(subject)["match"], about(subject)["contract"]
    return row


def _note(verb: str, subject: Subject, *, by: User | None, at: datetime, reason: str = "") -> None:
    """Under the code of what is looked after: a follow-up has no code and no states of its own."""
    label = subject.need.title
    audit.record(action=f"follow_up.{verb}", code=subject.code, label=label, by=by, at=at, reason=reason)

"""What happens to a technical need, from its first draft to its closing.

Every action locks its rows, checks permission and state, writes, and leaves an audit row, notices and at most one
signal. Actions that take several needs skip the ones they cannot handle and return a `Batch` that says why.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import partial
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import audit
from accounts.models import Organisation, User
from accounts.notice.actions import operators
from accounts.permissions import Denied, check_operator, check_verified, check_writes_for
from lib.batch import Batch
from lib.fields import missing
from lib.refusals import NotReady, WrongState
from lib.transitions import check_still_as_read
from needs import signals
from needs.models import CloseReason, Need
from needs.need import notices
from needs.need.fields import NEED, SUBMIT
from needs.need.permissions import check_not_held, check_poses_needs, holds_on
from needs.need.queries import caretaker_candidates, caretaker_loads
from needs.need.workflow import EDITABLE, MATCHED
from needs.need.writing import Values, check_content, write_content, write_indicators


class NotDeclared(NotReady):
    """Nothing is submitted without the declaration that it is not secret."""


class NotACaretaker(Exception):
    """Only operators and brokers take care of needs; the message may be shown."""


# Errors that leave one need out of a batch and let the others through.
REFUSALS = (Denied, WrongState, NotReady)


def create_need(
    *,
    organisation: Organisation,
    values: Values,
    indicators: Sequence[Values],
    by: User,
    at: datetime,
    submission_key: UUID | None = None,
) -> Need:
    """Write a draft.

    A form sent twice carries the same `submission_key` and gets the same need, with the content sent last: who goes
    back in the browser, corrects a line and sends it again loses nothing.
    """
    check_poses_needs(by, organisation)
    check_content(values)
    if submission_key and (sent_before := _sent_before(by, submission_key)):
        return change_need(need=sent_before, values=values, indicators=indicators, by=by, at=at)
    try:
        with transaction.atomic():
            need = Need.objects.create(
                organisation=organisation,
                created_by=by,
                created_at=at,
                changed_at=at,
                submission_key=submission_key,
                **values,
            )
            write_indicators(need, indicators)
            audit.note(need, "create", by=by, at=at)
    except IntegrityError:
        # Both clicks of a double click arrived at once: the other one won.
        if submission_key and (sent_before := _sent_before(by, submission_key)):
            return sent_before
        raise
    return need


@transaction.atomic
def change_need(*, need: Need, values: Values, indicators: Sequence[Values] | None, by: User, at: datetime) -> Need:
    """Change the content; `indicators=None` leaves the rows alone. Saving the same again is no change.

    A published need stays published, shows up in the operators' queue and is scored again.
    """
    need = _lock(need)
    check_writes_for(by, need.organisation)
    check_editable(need)
    changed = write_content(need=need, values=values, indicators=indicators, at=at)
    if not changed:
        return need
    audit.note(need, "change", by=by, at=at, from_state=need.state, reason=" ".join(changed))
    if need.state in MATCHED:
        signals.needs_changed.send(sender=Need, needs=[need], by=by, at=at)
    return need


@transaction.atomic
def submit_needs(*, needs: Iterable[Need], declared: bool, by: User, at: datetime) -> Batch[Need]:
    """Hand needs over for review; matching starts now. NotDeclared when the declaration is missing."""
    if not declared:
        raise NotDeclared(_("请先确认所提交的内容不涉及国家秘密；涉密需求请勿在本平台发布。"))
    batch: Batch[Need] = Batch(done=[], refused=[])
    staff = _Staff()
    for need in _lock_all(needs):
        try:
            check_writes_for(by, need.organisation)
            audit.check_step(need, "submit")
            check_verified(need.organisation)
            _check_ready(need, at)
            caretaker = staff.caretaker_of(need)
        except REFUSALS as error:
            batch.refused.append((need, error))
            continue
        need.declared_at, need.declared_by = at, by
        need.submitted_at = need.submitted_at or at
        need.withdrawn_at = None
        need.caretaker = caretaker
        changed = ["declared_at", "declared_by", "submitted_at", "withdrawn_at", "caretaker"]
        audit.step(need, "submit", by=by, at=at, changed=changed)
        batch.done.append(need)
    if batch.done:
        notices.tell_operators(batch.done, at)
        signals.needs_submitted.send(sender=Need, needs=batch.done, by=by, at=at)
    return batch


@transaction.atomic
def publish_needs(*, needs: Iterable[Need], by: User, at: datetime, read_at: datetime | None = None) -> Batch[Need]:
    """Make reviewed needs public: from now on suppliers see them. What changed after `read_at` is refused."""
    check_operator(by)
    batch: Batch[Need] = Batch(done=[], refused=[])
    for need in _lock_all(needs):
        try:
            audit.check_step(need, "publish")
            check_still_as_read(changed_at=need.changed_at, read_at=read_at)
            check_verified(need.organisation)  # it may have been refused since, or changed its name
            _check_ready(need, at)
        except REFUSALS as error:
            batch.refused.append((need, error))
            continue
        need.published_at = need.published_at or at
        need.reviewed_at, need.reviewed_by, need.return_reason = at, by, ""
        audit.step(
            need, "publish", by=by, at=at, changed=["published_at", "reviewed_at", "reviewed_by", "return_reason"]
        )
        batch.done.append(need)
    if batch.done:
        notices.tell_owners_published(batch.done, at)
        signals.needs_published.send(sender=Need, needs=batch.done, by=by, at=at)
    return batch


@transaction.atomic
def return_need(*, need: Need, reason: str, by: User, at: datetime) -> Need:
    """Return a need to its owner with what has to be changed; it is no longer matched."""
    check_operator(by)
    need = _lock(need)
    check_not_held(need, "change")
    need.return_reason = _required(reason)
    need.reviewed_at, need.reviewed_by = at, by
    audit.step(need, "return", by=by, at=at, reason=reason, changed=["return_reason", "reviewed_at", "reviewed_by"])
    notices.tell_owners(need, "returned", at)
    _unlist([need], by, at)
    return need


@transaction.atomic
def withdraw_need(*, need: Need, by: User, at: datetime) -> Need:
    """The owner takes a need back; it can be changed and submitted again."""
    need = _lock(need)
    check_writes_for(by, need.organisation)
    check_not_held(need, "change")
    need.withdrawn_at = at
    audit.step(need, "withdraw", by=by, at=at, changed=["withdrawn_at"])
    notices.tell_caretaker(need, "withdrawn", at)
    _unlist([need], by, at)
    return need


@transaction.atomic
def close_need(*, need: Need, reason: str, by: User, at: datetime) -> Need:
    """The owner ends a published need and says why (a CloseReason; EXPIRED is set by `expire_needs` only)."""
    need = _lock(need)
    check_writes_for(by, need.organisation)
    if CloseReason(reason) == CloseReason.EXPIRED:
        raise ValueError("Only expire_needs closes a need as expired.")
    check_not_held(need, "change")
    check_not_held(need, "close")
    _close(need, "close", reason, by=by, at=at)
    notices.tell_caretaker(need, "closed", at)
    _unlist([need], by, at)
    return need


@transaction.atomic
def close_solved_need(*, need: Need, by: User, at: datetime) -> Need:
    """A contract on this platform solved the need: it is closed as SOLVED_HERE, whatever challenge led there.

    The caller has checked that `by` may, and that no other challenge runs. A need that is not published any more stays
    as it is.
    """
    need = _lock(need)
    if not need.is_published:
        return need
    _close(need, "close", CloseReason.SOLVED_HERE, by=by, at=at)
    notices.tell_caretaker(need, "solved", at)
    _unlist([need], by, at)
    return need


@transaction.atomic
def expire_needs(*, at: datetime) -> list[Need]:
    """Close the published needs whose last valid day is over, and tell their owners.

    A need that is being bid on, contracted or delivered stays open until that has ended.
    """
    due = Need.objects.published().filter(valid_until__lt=timezone.localdate(at))
    for hold in holds_on("change") + holds_on("expire"):
        due = due.exclude(pk__in=hold.needs)
    expired = list(
        due.select_related("organisation").select_for_update(of=("self",), skip_locked=True, no_key=True).order_by("pk")
    )
    for need in expired:
        _close(need, "expire", CloseReason.EXPIRED, by=None, at=at)
        notices.tell_owners(need, "expired", at)
    if expired:
        _unlist(expired, None, at)
    return expired


@transaction.atomic
def acknowledge_change(*, need: Need, by: User, at: datetime, read_at: datetime | None = None) -> Need:
    """An operator has read what the owner changed after publication; the need stays as it is."""
    check_operator(by)
    need = _lock(need)
    if not need.is_published:
        raise WrongState(_("只有已发布的需求才需要确认修改。"))
    check_still_as_read(changed_at=need.changed_at, read_at=read_at)
    if need.has_unreviewed_change:
        need.reviewed_at, need.reviewed_by = at, by
        need.save(update_fields=["reviewed_at", "reviewed_by"])
        audit.note(need, "acknowledge", by=by, at=at, from_state=need.state)
    return need


@transaction.atomic
def assign_caretaker(*, need: Need, caretaker: User, by: User, at: datetime) -> Need:
    """Say who accompanies a need. NotACaretaker unless the person is an operator or a broker."""
    check_operator(by)
    need = _lock(need)
    if need.state not in MATCHED:
        raise WrongState(_("只有待审核或已发布的需求可以指派服务专员。"))
    if caretaker not in caretaker_candidates():
        raise NotACaretaker(_("服务专员须是平台运营人员或技术经理人。"))
    if need.caretaker_id == caretaker.pk:
        return need
    need.caretaker = caretaker
    need.save(update_fields=["caretaker"])
    audit.note(need, "assign", by=by, at=at, from_state=need.state, reason=caretaker.name)
    notices.tell_caretaker(need, "assigned", at)
    return need


@transaction.atomic
def hand_over_needs(*, caretaker: User, at: datetime) -> list[Need]:
    """Give the open needs of a person who may not care for them any more to operators; nothing when still eligible.

    Without any operator they stay where they are: a submitted need always has a caretaker.
    """
    staff = _Staff()
    if caretaker.pk in staff.eligible or not staff.people:
        return []
    needs = _lock_all(Need.objects.matched().filter(caretaker=caretaker))
    for need in needs:
        need.caretaker = staff.caretaker_of(need)
        need.save(update_fields=["caretaker"])
        audit.note(need, "assign", by=None, at=at, from_state=need.state, reason=need.caretaker.name)
        notices.tell_caretaker(need, "assigned", at)
    return needs


# --- Shared by several actions ------------------------------------------------------------------------------


class _Staff:
    """Hands out caretakers: the operator with the fewest open needs, those handed out just now included."""

    def __init__(self) -> None:
        self.people = {person.pk: person for person in operators()}
        self.loads = caretaker_loads(self.people.values())
        self.eligible = {person.pk for person in caretaker_candidates()}

    def caretaker_of(self, need: Need) -> User:
        """The caretaker a need already has, when still eligible; else the least loaded operator."""
        if need.caretaker is not None and need.caretaker_id in self.eligible:
            return need.caretaker
        if not self.people:
            raise NotReady(_("平台暂时没有可受理需求的运营人员，请稍后再提交；草稿已保留。"))
        pk = min(self.loads, key=lambda person: (self.loads[person], person))
        self.loads[pk] += 1
        return self.people[pk]


def _lock_all(needs: Iterable[Need]) -> list[Need]:
    """The rows, locked in one order everywhere so that two bulk actions cannot wait for each other."""
    return list(
        Need.objects.filter(pk__in=[need.pk for need in needs])
        .select_related("organisation", "caretaker")
        .select_for_update(of=("self",), no_key=True)
        .order_by("pk")
    )


def _lock(need: Need) -> Need:
    return _lock_all([need])[0]


def _close(need: Need, action: str, reason: str, *, by: User | None, at: datetime) -> None:
    need.closed_at, need.close_reason = at, reason
    audit.step(need, action, by=by, at=at, reason=reason, changed=["closed_at", "close_reason"])


def _unlist(needs: list[Need], by: User | None, at: datetime) -> None:
    signals.needs_unlisted.send(sender=Need, needs=needs, by=by, at=at)


def check_editable(need: Need) -> None:
    if need.state not in EDITABLE:
        raise WrongState(_("需求已关闭，不能再修改。"))
    check_not_held(need, "change")


def _check_ready(need: Need, at: datetime) -> None:
    if empty := missing(NEED, partial(getattr, need), SUBMIT):
        raise NotReady(_("请先填写“%(field)s”。") % {"field": empty[0].label})
    if need.valid_until is not None and need.valid_until < timezone.localdate(at):
        raise NotReady(_("有效期已过，请先修改“有效期至”。"))


def _required(reason: str) -> str:
    if not reason.strip():
        raise ValueError("A need is returned with a reason.")
    return reason.strip()


def _sent_before(by: User, submission_key: UUID) -> Need | None:
    return Need.objects.filter(created_by=by, submission_key=submission_key).first()

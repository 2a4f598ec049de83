"""What people do with entries: write, submit, publish, return, withdraw, acknowledge a change.

`values` and `indicators` come clean from the kind's `clean` and `solutions.indicator.fields.clean_indicator`. Actions
on many entries return a `Batch`: one that cannot be done is refused with its reason and stops no other.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.dispatch import Signal
from django.utils.translation import gettext as _

from accounts.audit import note, step
from accounts.models import Organisation, User
from accounts.permissions import Denied, check_operator, check_verified
from lib.batch import Batch
from lib.fields import missing
from lib.refusals import NotReady, WrongState
from lib.transitions import check_still_as_read
from solutions.kinds import kind_of
from solutions.models import Solution
from solutions.signals import solutions_changed, solutions_published, solutions_unlisted
from solutions.solution import notices, permissions
from solutions.solution.fields import SUBMIT
from solutions.solution.kind import Kind
from solutions.solution.queries import only_entry, with_details
from solutions.solution.writing import Indicators, write_changes, write_new


@transaction.atomic
def create_solution(
    *,
    kind: Kind,
    organisation: Organisation,
    values: Mapping[str, Any],
    indicators: Indicators,
    by: User,
    at: datetime,
    submission_key: UUID | None = None,
) -> Solution:
    """Write a draft of `organisation`. The same `submission_key` again returns the first draft."""
    permissions.check_offers(by, organisation, kind)
    solution = write_new(
        kind=kind,
        values=values,
        indicators=indicators,
        at=at,
        organisation=organisation,
        created_by=by,
        submission_key=submission_key,
    )
    if solution.created_at == at:
        note(solution, "create", by=by, at=at)
    return solution


@transaction.atomic
def change_solution(
    *,
    solution: Solution,
    values: Mapping[str, Any],
    indicators: Indicators | None,
    by: User,
    at: datetime,
) -> Solution:
    """Change the content; nothing happens when it is the same. A published entry stays public and is scored again.

    `values` may hold some fields only; `indicators` None leaves the rows alone.
    """
    solution = _locked([solution])[0]
    permissions.check_edits(by, solution)
    if write_changes(solution, values=values, indicators=indicators, at=at):
        note(solution, "change", by=by, at=at, from_state=solution.state)
        if solution.is_published:
            _send(solutions_changed, [solution], by=by, at=at)
    return solution


@transaction.atomic
def save_only_entry(
    *, kind: Kind, organisation: Organisation, values: Mapping[str, Any], by: User, at: datetime
) -> Solution:
    """Create or change the one entry that `organisation` has of this kind."""
    permissions.check_offers(by, organisation, kind)
    # Two first saves at once: the organisation's row lets one go first.
    Organisation.objects.select_for_update(of=("self",)).get(pk=organisation.pk)
    if entry := only_entry(kind, organisation):
        return change_solution(solution=entry, values=values, indicators=None, by=by, at=at)
    return create_solution(kind=kind, organisation=organisation, values=values, indicators=[], by=by, at=at)


@transaction.atomic
def submit_solutions(*, solutions: Iterable[Solution], by: User, at: datetime) -> Batch[Solution]:
    """Hand drafts in for review. Operators hear of it once per call."""
    batch: Batch[Solution] = Batch([], [])
    refusals: dict[tuple[int, str], Denied | None] = {}
    for solution in _locked(solutions):
        key = (solution.organisation_id, solution.kind)
        if key not in refusals:
            refusals[key] = _refusal_to_submit(solution, by)
        try:
            if refusal := refusals[key]:
                raise refusal
            _submit(solution, by=by, at=at)
        except (Denied, WrongState, NotReady) as reason:
            batch.refused.append((solution, reason))
        else:
            batch.done.append(solution)
    if batch.done:
        notices.tell_operators_of_submission(batch.done, at=at)
    return batch


@transaction.atomic
def publish_solutions(
    *, solutions: Iterable[Solution], by: User, at: datetime, read_at: datetime | None = None
) -> Batch[Solution]:
    """Make submitted entries public; what changed after `read_at` is refused. Owners hear of it once per call."""
    check_operator(by)
    batch: Batch[Solution] = Batch([], [])
    for solution in _locked(solutions):
        try:
            check_still_as_read(changed_at=solution.changed_at, read_at=read_at)
            check_verified(solution.organisation)  # it may have been refused since, or changed its name
            _publish(solution, by=by, at=at)
        except (Denied, WrongState) as reason:
            batch.refused.append((solution, reason))
        else:
            batch.done.append(solution)
    notices.tell_owners_of_publication(batch.done, at=at)
    if batch.done:
        _send(solutions_published, batch.done, by=by, at=at)
    return batch


@transaction.atomic
def publish_imported(*, solutions: Iterable[Solution], by: User, at: datetime) -> Batch[Solution]:
    """Submit and publish in one step what an operator vouches for: drafts from a source that was checked before."""
    check_operator(by)
    batch: Batch[Solution] = Batch([], [])
    for solution in _locked(solutions):
        try:
            _submit(solution, by=by, at=at)
            _publish(solution, by=by, at=at)
        except (WrongState, NotReady) as reason:
            batch.refused.append((solution, reason))
        else:
            batch.done.append(solution)
    notices.tell_owners_of_publication(batch.done, at=at)
    if batch.done:
        _send(solutions_published, batch.done, by=by, at=at)
    return batch


@transaction.atomic
def return_solution(*, solution: Solution, reason: str, by: User, at: datetime) -> Solution:
    """Give a submitted or published entry back to its owner with a reason; it is no longer public."""
    check_operator(by)
    if not reason:
        raise NotReady(_("请写明退回原因，让对方知道怎样修改。"))
    solution = _locked([solution])[0]
    was_public = solution.is_published
    solution.return_reason, solution.reviewed_at, solution.reviewed_by = reason, at, by
    step(
        solution,
        "return",
        by=by,
        at=at,
        reason=reason,
        changed=["return_reason", "reviewed_at", "reviewed_by"],
    )
    notices.tell_owner_of_return(solution, reason=reason, at=at)
    if was_public:
        _send(solutions_unlisted, [solution], by=by, at=at)
    return solution


@transaction.atomic
def withdraw_solution(*, solution: Solution, by: User, at: datetime) -> Solution:
    """Take an own entry back from review or from the public."""
    solution = _locked([solution])[0]
    permissions.check_edits(by, solution)
    was_public = solution.is_published
    step(solution, "withdraw", by=by, at=at)
    if was_public:
        _send(solutions_unlisted, [solution], by=by, at=at)
    return solution


@transaction.atomic
def acknowledge_change(*, solution: Solution, by: User, at: datetime, read_at: datetime | None = None) -> Solution:
    """An operator has looked at what changed since publication; the entry stays public."""
    check_operator(by)
    solution = _locked([solution])[0]
    if not solution.is_changed_since_review:
        raise WrongState(_("没有需要确认的改动。"))
    check_still_as_read(changed_at=solution.changed_at, read_at=read_at)
    solution.reviewed_at, solution.reviewed_by = at, by
    solution.save(update_fields=["reviewed_at", "reviewed_by"])
    note(solution, "acknowledge", by=by, at=at, from_state=solution.state)
    return solution


# --- parts ---------------------------------------------------------------------------------------------------------


def _locked(solutions: Iterable[Solution]) -> list[Solution]:
    """The rows as they are now, locked until the transaction ends, in one order for everybody."""
    return list(
        with_details(Solution.objects.select_for_update(of=("self",)))
        .filter(pk__in=[solution.pk for solution in solutions])
        .order_by("pk")
    )


def _refusal_to_submit(solution: Solution, by: User) -> Denied | None:
    try:
        permissions.check_edits(by, solution)
        check_verified(solution.organisation)
    except Denied as reason:
        return reason
    return None


def _check_complete(solution: Solution) -> None:
    kind = kind_of(solution)
    if lacking := missing(kind.fields, kind.value_of(solution), SUBMIT):
        raise NotReady([_("还没有填写%(field)s，补充后才能提交。") % {"field": field.label} for field in lacking])


def _submit(solution: Solution, *, by: User, at: datetime) -> None:
    _check_complete(solution)
    solution.submitted_at = at
    step(solution, "submit", by=by, at=at, changed=["submitted_at"])


def _publish(solution: Solution, *, by: User, at: datetime) -> None:
    solution.published_at = solution.published_at or at
    solution.reviewed_at, solution.reviewed_by = at, by
    solution.return_reason = ""
    step(
        solution,
        "publish",
        by=by,
        at=at,
        changed=["published_at", "reviewed_at", "reviewed_by", "return_reason"],
    )


def _send(signal: Signal, solutions: list[Solution], *, by: User, at: datetime) -> None:
    signal.send(sender=Solution, solutions=solutions, by=by, at=at)

"""What people do with outputs and profiles: write, submit, publish, return, withdraw, acknowledge a change.

`values` and `indicators` come clean from `solutions.content` and `solutions.validators.clean_indicator`. Verbs over
many entries return a `Batch`: one that cannot be done is refused with its reason and stops no other.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.dispatch import Signal
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from accounts.audit import record
from accounts.models import Organisation, User
from accounts.notice.actions import notify, operators, writers_of
from accounts.permissions import Denied, check_operator, check_verified
from lib.batch import Batch
from lib.refusals import WrongState
from lib.transitions import check_still_as_read, next_state
from solutions.institution import permissions as institution_permissions
from solutions.models import Solution, SolutionKind
from solutions.signals import solutions_changed, solutions_published, solutions_unlisted
from solutions.solution import permissions
from solutions.solution.workflow import SOLUTION_ACTIONS
from solutions.solution.writing import Indicators, write_changes, write_new


class Incomplete(Exception):
    """Something that readers need is missing; the message says what."""


class NoReason(Exception):
    """Returning an entry needs a reason the owner can act on."""


@transaction.atomic
def create_output(
    *,
    organisation: Organisation,
    values: Mapping[str, Any],
    indicators: Indicators,
    by: User,
    at: datetime,
    submission_key: UUID | None = None,
) -> Solution:
    """Write a draft of `organisation`. The same `submission_key` again returns the first draft."""
    permissions.check_offers(by, organisation)
    solution = write_new(
        kind=SolutionKind.OUTPUT,
        values=values,
        indicators=indicators,
        at=at,
        organisation=organisation,
        created_by=by,
        submission_key=submission_key,
    )
    if solution.created_at == at:
        _record(solution, "create", by=by, at=at, to_state=solution.state)
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
        _record(solution, "change", by=by, at=at, from_state=solution.state, to_state=solution.state)
        if solution.is_published:
            _send(solutions_changed, [solution], by=by, at=at)
    return solution


@transaction.atomic
def save_profile(*, organisation: Organisation, values: Mapping[str, Any], by: User, at: datetime) -> Solution:
    """Create or change the one profile of `organisation`; it goes the same way as an output from there."""
    institution_permissions.check_profiles(by, organisation)
    # Two first saves at once: the organisation's row lets one go first.
    Organisation.objects.select_for_update(of=("self",)).get(pk=organisation.pk)
    profile = Solution.objects.institutions().for_organisation(organisation).first()
    if profile:
        return change_solution(solution=profile, values=values, indicators=None, by=by, at=at)
    profile = write_new(
        kind=SolutionKind.INSTITUTION,
        values=values,
        indicators=[],
        at=at,
        organisation=organisation,
        created_by=by,
    )
    _record(profile, "create", by=by, at=at, to_state=profile.state)
    return profile


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
            _check_complete(solution)
            _move(solution, "submit", by=by, at=at, submitted_at=at)
        except (Denied, WrongState, Incomplete) as reason:
            batch.refused.append((solution, reason))
        else:
            batch.done.append(solution)
    if batch.done:
        _tell_operators(batch.done, at=at)
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
    _tell_owners_of_publication(batch.done, at=at)
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
            _check_complete(solution)
            _move(solution, "submit", by=by, at=at, submitted_at=at)
            _publish(solution, by=by, at=at)
        except (WrongState, Incomplete) as reason:
            batch.refused.append((solution, reason))
        else:
            batch.done.append(solution)
    _tell_owners_of_publication(batch.done, at=at)
    if batch.done:
        _send(solutions_published, batch.done, by=by, at=at)
    return batch


@transaction.atomic
def return_solution(*, solution: Solution, reason: str, by: User, at: datetime) -> Solution:
    """Give a submitted or published entry back to its owner with a reason; it is no longer public."""
    check_operator(by)
    if not reason:
        raise NoReason(_("请写明退回原因，让对方知道怎样修改。"))
    solution = _locked([solution])[0]
    was_public = solution.is_published
    _move(
        solution,
        "return",
        by=by,
        at=at,
        reason=reason,
        return_reason=reason,
        reviewed_at=at,
        reviewed_by=by,
    )
    notify(
        recipients=writers_of(solution.organisation),
        event=_event(solution, "return", at),
        message=gettext_noop("《%(title)s》被退回修改：%(reason)s"),
        params={"title": solution.title, "reason": _shortened(reason)},
        url=solution.get_absolute_url(),
        at=at,
    )
    if was_public:
        _send(solutions_unlisted, [solution], by=by, at=at)
    return solution


@transaction.atomic
def withdraw_solution(*, solution: Solution, by: User, at: datetime) -> Solution:
    """Take an own entry back from review or from the public."""
    solution = _locked([solution])[0]
    permissions.check_edits(by, solution)
    was_public = solution.is_published
    _move(solution, "withdraw", by=by, at=at)
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
    _record(solution, "acknowledge", by=by, at=at, from_state=solution.state, to_state=solution.state)
    return solution


# --- parts ---------------------------------------------------------------------------------------------------------


def _locked(solutions: Iterable[Solution]) -> list[Solution]:
    """The rows as they are now, locked until the transaction ends, in one order for everybody."""
    return list(
        Solution.objects.select_for_update(of=("self",))
        .select_related("organisation", "output", "institution")
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
    if not solution.title or not solution.summary:
        raise Incomplete(_("还没有填写简介，补充后才能提交。"))


def _publish(solution: Solution, *, by: User, at: datetime) -> None:
    _move(
        solution,
        "publish",
        by=by,
        at=at,
        published_at=solution.published_at or at,
        reviewed_at=at,
        reviewed_by=by,
        return_reason="",
    )


def _move(solution: Solution, action: str, *, by: User, at: datetime, reason: str = "", **fields: Any) -> None:
    """The one place where a state changes: by the table, with an audit row."""
    before = solution.state
    solution.state = next_state(table=SOLUTION_ACTIONS, action=action, state=before)
    for name, value in fields.items():
        setattr(solution, name, value)
    solution.save(update_fields=["state", *fields])
    _record(solution, action, by=by, at=at, from_state=before, to_state=solution.state, reason=reason)


def _record(solution: Solution, action: str, *, by: User, at: datetime, **states: str) -> None:
    record(action=f"solution.{action}", code=solution.code, label=solution.title, by=by, at=at, **states)


def _send(signal: Signal, solutions: list[Solution], *, by: User, at: datetime) -> None:
    signal.send(sender=Solution, solutions=solutions, by=by, at=at)


# --- telling -------------------------------------------------------------------------------------------------------


def _tell_operators(submitted: list[Solution], *, at: datetime) -> None:
    first = submitted[0]
    one = len(submitted) == 1
    notify(
        recipients=operators(),
        event=_event(first, "submit", at),
        message=gettext_noop("%(organisation)s提交了《%(title)s》，等待审核")
        if one
        else gettext_noop("%(organisation)s提交了《%(title)s》等 %(count)s 项成果，等待审核"),
        params={"organisation": first.organisation.name, "title": first.title, "count": len(submitted)},
        url=first.get_absolute_url() if one else reverse("solutions:review-queue"),
        at=at,
    )


def _tell_owners_of_publication(published: list[Solution], *, at: datetime) -> None:
    by_organisation: dict[int, list[Solution]] = {}
    for solution in published:
        by_organisation.setdefault(solution.organisation_id, []).append(solution)
    for group in by_organisation.values():
        first = group[0]
        one = len(group) == 1
        notify(
            recipients=writers_of(first.organisation),
            event=_event(first, "publish", at),
            message=gettext_noop("《%(title)s》已通过审核并发布")
            if one
            else gettext_noop("《%(title)s》等 %(count)s 项成果已通过审核并发布"),
            params={"title": first.title, "count": len(group)},
            url=first.get_absolute_url() if one else reverse("solutions:mine"),
            at=at,
        )


def _event(solution: Solution, action: str, at: datetime) -> str:
    return f"solution:{solution.code}:{action}:{at.isoformat()}"


def _shortened(text: str) -> str:
    return text if len(text) <= 80 else f"{text[:79]}…"

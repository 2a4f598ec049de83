"""Reviewers of a challenge: assigned, declaring, recusing themselves, removed; and what people declare to avoid.

Their scorecards are in `challenges.review.scorecards`, the minutes in `challenges.evaluation.minutes`.
Reviewers are assigned after the bids were opened: before, a refusal would say who bids.
"""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from accounts import audit
from accounts.models import Organisation, User
from accounts.permissions import Denied
from challenges.challenge.steps import lock_challenge
from challenges.challenge.workflow import ChallengeState
from challenges.evaluation.permissions import check_is, check_runs_evaluation
from challenges.models import (
    Avoidance,
    Challenge,
    Minutes,
    Reviewer,
)
from challenges.review import notices as telling
from challenges.review.conflicts import NOT_OF_ONES_OWN_MAKING, ConflictRule, conflicts_of
from challenges.review.workflow import REVIEWER_ACTIONS
from lib.refusals import WrongState
from lib.transitions import next_state


class ConflictOfInterest(Exception):
    """A person may not be asked to review; the message names the rules and is for who runs the evaluation."""


class NotReady(Exception):
    """A step of the evaluation lacks something; the message says what and may be shown."""


@transaction.atomic
def assign_reviewer(*, challenge: Challenge, user: User, by: User, at: datetime) -> Reviewer:
    """Ask `user` to review. ConflictOfInterest names the rule; NotReady when the person cannot be asked (again)."""
    challenge = lock_challenge(challenge)
    check_runs_evaluation(by, challenge)
    check_evaluating(challenge)
    if not user.is_active:
        raise NotReady(_("这位用户已停用，不能担任评审人。"))
    if challenge.reviewers.filter(user=user).exists():
        raise NotReady(_("这位用户已经是（或曾经是）这份榜单的评审人。"))
    if rules := conflicts_of(challenge=challenge, users=[user], at=at).get(user.pk):
        raise ConflictOfInterest(refusal(user, rules))
    reviewer = Reviewer.objects.create(challenge=challenge, user=user, assigned_at=at, assigned_by=by)
    record("assign", reviewer, by=by, at=at, to_state=reviewer.state)
    telling.tell_reviewer(reviewer, "assigned", gettext_noop("您受邀评审榜单《%(title)s》，请先声明有无利益冲突。"), at)
    return reviewer


@transaction.atomic
def declare_no_conflict(*, reviewer: Reviewer, by: User, at: datetime) -> Reviewer:
    """From now on the reviewer reads the bids, blind."""
    reviewer = lock_reviewer(reviewer)
    check_is(by, reviewer)
    check_evaluating(reviewer.challenge)
    check_still_impartial(reviewer, at)
    reviewer.declared_at = at
    _move(reviewer, "declare", ["declared_at"], by=by, at=at)
    return reviewer


@transaction.atomic
def recuse(*, reviewer: Reviewer, reason: str, by: User, at: datetime) -> Reviewer:
    """The reviewer steps back; what was scored no longer counts."""
    reviewer = lock_reviewer(reviewer)
    check_is(by, reviewer)
    check_evaluating(reviewer.challenge)
    _end(reviewer, "recuse", reason, by=by, at=at)
    message = gettext_noop("榜单《%(title)s》的一位评审人已回避，请另行指派。")
    telling.tell_poser(reviewer.challenge, f"recused:{reviewer.pk}", message, at)
    return reviewer


@transaction.atomic
def remove_reviewer(*, reviewer: Reviewer, reason: str, by: User, at: datetime) -> Reviewer:
    """Who runs the evaluation takes a reviewer off; what was scored no longer counts."""
    reviewer = lock_reviewer(reviewer)
    check_runs_evaluation(by, reviewer.challenge)
    check_evaluating(reviewer.challenge)
    _end(reviewer, "remove", reason, by=by, at=at)
    telling.tell_reviewer(reviewer, "removed", gettext_noop("您不再担任榜单《%(title)s》的评审人。"), at)
    return reviewer


@transaction.atomic
def declare_avoidance(*, user: User, organisation: Organisation, reason: str, at: datetime) -> Avoidance:
    """`user` never reviews `organisation`; declaring it again changes nothing."""
    avoidance, is_new = Avoidance.objects.get_or_create(
        user=user, organisation=organisation, defaults={"reason": reason.strip(), "declared_at": at}
    )
    if is_new:
        _record_avoidance("declare", organisation, by=user, at=at)
    return avoidance


@transaction.atomic
def withdraw_avoidance(*, avoidance: Avoidance, by: User, at: datetime) -> None:
    if avoidance.user_id != by.pk:
        raise Denied(_("只能撤销自己的回避声明。"))
    organisation = avoidance.organisation
    avoidance.delete()
    _record_avoidance("withdraw", organisation, by=by, at=at)


# --- What the verbs of an evaluation share ---------------------------------------------------------------------


def lock_reviewer(reviewer: Reviewer) -> Reviewer:
    """The reviewer as it stands now, the challenge locked first."""
    challenge = lock_challenge(reviewer.challenge)
    reviewer = Reviewer.objects.select_related("user").select_for_update(of=("self",)).get(pk=reviewer.pk)
    reviewer.challenge = challenge
    return reviewer


def check_evaluating(challenge: Challenge) -> None:
    if challenge.state != ChallengeState.EVALUATING or challenge.is_first_claim:
        raise WrongState(_("榜单不在评榜阶段，不能进行评审操作。"))


def check_still_impartial(reviewer: Reviewer, at: datetime) -> None:
    """What a reviewer is told when a conflict arose meanwhile: that, never which."""
    rules = conflicts_of(challenge=reviewer.challenge, users=[reviewer.user], at=at).get(reviewer.user_id, [])
    if NOT_OF_ONES_OWN_MAKING.intersection(rules):
        raise Denied(_("按照回避规则，您不能评审这份榜单；请选择回避，或与需求方联系。"))


def refusal(user: User, rules: list[ConflictRule]) -> str:
    named = _("；").join(str(rule.label) for rule in rules)
    return _("%(name)s不能评审这份榜单：%(rules)s。") % {"name": user.name, "rules": named}


def required(reason: str) -> str:
    if not reason.strip():
        raise ValueError("This step is taken with a reason.")
    return reason.strip()


def record(verb: str, reviewer: Reviewer, *, by: User, at: datetime, from_state: str = "", to_state: str = "") -> None:
    """Without the reason a reviewer gives: it may say with whom there is a conflict, that is who bids."""
    audit.record(
        action=f"review.{verb}",
        code=reviewer.challenge.code,
        label=reviewer.challenge.need.title,
        by=by,
        at=at,
        from_state=from_state,
        to_state=to_state,
    )


def _record_avoidance(verb: str, organisation: Organisation, *, by: User, at: datetime) -> None:
    """Without the organisation's code: its own record is read by its members, whom this does not concern."""
    audit.record(action=f"avoidance.{verb}", code="", label=organisation.name, by=by, at=at)


def _move(reviewer: Reviewer, action: str, fields: list[str], *, by: User, at: datetime) -> None:
    before = reviewer.state
    reviewer.state = next_state(table=REVIEWER_ACTIONS, action=action, state=before)
    reviewer.save(update_fields=["state", *fields])
    record(action, reviewer, by=by, at=at, from_state=before, to_state=reviewer.state)


def _end(reviewer: Reviewer, action: str, reason: str, *, by: User, at: datetime) -> None:
    reviewer.ended_at, reviewer.end_reason = at, required(reason)
    _move(reviewer, action, ["ended_at", "end_reason"], by=by, at=at)
    # Whose scores count no longer signs no longer either.
    if minutes := Minutes.objects.filter(challenge=reviewer.challenge).first():
        minutes.signatures.filter(reviewer=reviewer).delete()

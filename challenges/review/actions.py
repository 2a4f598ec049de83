"""Reviewers of a challenge: assigned, declaring, recusing themselves, removed; and what people declare to avoid.

Their scorecards are in `challenges.review.scorecards`, the minutes in `challenges.evaluation.minutes`.
Reviewers are assigned after the bids were opened: before, a refusal would say who bids.
"""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from accounts import audit
from accounts.audit import check_step, note, step
from accounts.models import Organisation, User
from accounts.permissions import Denied
from challenges.challenge.steps import lock_challenge
from challenges.challenge.workflow import ChallengeState
from challenges.evaluation.notices import tell_poser
from challenges.evaluation.permissions import check_is, check_runs_evaluation
from challenges.models import (
    Avoidance,
    Challenge,
    Minutes,
    Reviewer,
)
from challenges.review.conflicts import NOT_OF_ONES_OWN_MAKING, ConflictRule, conflicts_of
from challenges.review.notices import tell_reviewer
from lib.refusals import NotReady, WrongState


class ConflictOfInterest(NotReady):
    """A person may not be asked to review; the message names the rules and is for who runs the evaluation."""


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
    note(reviewer, "assign", by=by, at=at)
    tell_reviewer(reviewer, "review.assigned", at)
    return reviewer


@transaction.atomic
def declare_no_conflict(*, reviewer: Reviewer, by: User, at: datetime) -> Reviewer:
    """From now on the reviewer reads the bids, blind."""
    reviewer = lock_reviewer(reviewer)
    check_is(by, reviewer)
    check_evaluating(reviewer.challenge)
    check_still_impartial(reviewer, at)
    reviewer.declared_at = at
    step(reviewer, "declare", by=by, at=at, changed=["declared_at"])
    return reviewer


@transaction.atomic
def recuse(*, reviewer: Reviewer, reason: str, by: User, at: datetime) -> Reviewer:
    """The reviewer steps back; what was scored no longer counts."""
    reviewer = lock_reviewer(reviewer)
    check_is(by, reviewer)
    check_evaluating(reviewer.challenge)
    _end(reviewer, "recuse", reason, by=by, at=at)
    tell_poser(reviewer.challenge, "review.recused", at, about=str(reviewer.pk))
    return reviewer


@transaction.atomic
def remove_reviewer(*, reviewer: Reviewer, reason: str, by: User, at: datetime) -> Reviewer:
    """Who runs the evaluation takes a reviewer off; what was scored no longer counts."""
    reviewer = lock_reviewer(reviewer)
    check_runs_evaluation(by, reviewer.challenge)
    check_evaluating(reviewer.challenge)
    _end(reviewer, "remove", reason, by=by, at=at)
    tell_reviewer(reviewer, "review.removed", at)
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


# --- What the actions of an evaluation share ---------------------------------------------------------------------


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


def _record_avoidance(verb: str, organisation: Organisation, *, by: User, at: datetime) -> None:
    """Without the organisation's code: its own record is read by its members, whom this does not concern."""
    audit.record(action=f"avoidance.{verb}", code="", label=organisation.name, by=by, at=at)


def _end(reviewer: Reviewer, action: str, reason: str, *, by: User, at: datetime) -> None:
    check_step(reviewer, action)
    reviewer.ended_at, reviewer.end_reason = at, required(reason)
    step(reviewer, action, by=by, at=at, changed=["ended_at", "end_reason"])
    # Whose scores count no longer signs no longer either.
    if minutes := Minutes.objects.filter(challenge=reviewer.challenge).first():
        minutes.signatures.filter(reviewer=reviewer).delete()

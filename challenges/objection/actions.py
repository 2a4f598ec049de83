"""Objections in the public notice of a challenge and of its result, and their decision by an operator."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.audit import check_step, note, step
from accounts.models import Organisation, User
from challenges.challenge.permissions import check_decides, check_objects, objection_stage
from challenges.challenge.steps import lock_challenge, lock_need_of
from challenges.evaluation.actions import check_can_reopen, take_back_award
from challenges.models import Challenge, Objection, ObjectionStage
from challenges.objection.notices import tell_decided, tell_raised
from challenges.objection.workflow import DecisionState
from lib.refusals import WrongState


@transaction.atomic
def raise_objection(
    *, challenge: Challenge, organisation: Organisation, text: str, by: User, at: datetime
) -> Objection:
    """Object within a notice period: before it is decided the challenge does not open, nor its result stand."""
    challenge = lock_challenge(challenge)
    check_objects(by, organisation, challenge)
    stage = objection_stage(challenge, at)
    if stage is None:
        raise WrongState(_("现在不在公示期内，不能提出异议。"))
    if not text.strip():
        raise ValueError("An objection says what it is about.")
    if challenge.objections.filter(stage=stage, organisation=organisation, state=DecisionState.OPEN).exists():
        raise WrongState(_("贵单位已有一条异议在处理，请等待答复。"))
    objection = Objection.objects.create(
        challenge=challenge, stage=stage, organisation=organisation, text=text.strip(), raised_at=at, raised_by=by
    )
    note(objection, "raise", by=by, at=at)
    tell_raised(objection, at)
    return objection


@transaction.atomic
def decide_objection(*, objection: Objection, upheld: bool, answer: str, by: User, at: datetime) -> Objection:
    """An operator answers an objection.

    Upheld in the notice of the challenge: it never opens and is to be cancelled. Upheld in the notice of the result:
    the award is taken back, the evaluation goes on and has its days for answers anew.
    """
    check_decides(by, objection.challenge)
    lock_need_of(objection.challenge)  # an award taken back touches the contract as well
    challenge = lock_challenge(objection.challenge)
    objection = Objection.objects.select_for_update(of=("self",)).select_related("organisation").get(pk=objection.pk)
    objection.challenge = challenge
    action = "uphold" if upheld else "dismiss"
    falls = upheld and objection.stage == ObjectionStage.RESULT
    check_step(objection, action)
    if falls:
        check_can_reopen(challenge)
    if not answer.strip():
        raise ValueError("An objection is decided with an answer.")
    objection.answer, objection.decided_at, objection.decided_by = answer.strip(), at, by
    step(objection, action, by=by, at=at, changed=["answer", "decided_at", "decided_by"])
    if falls:
        take_back_award(challenge=challenge, by=by, at=at)
    tell_decided(objection, at)
    return objection

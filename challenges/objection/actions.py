"""Objections in the public notice of a challenge and of its result, and their decision by an operator."""

from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from accounts import audit
from accounts.models import Organisation, User
from challenges.challenge import notices as telling
from challenges.challenge.permissions import check_decides, check_objects, objection_stage
from challenges.challenge.steps import lock_challenge, lock_need_of
from challenges.evaluation.actions import take_back_award
from challenges.models import Challenge, Objection, ObjectionStage
from challenges.objection.workflow import DECISION_ACTIONS
from lib.refusals import WrongState
from lib.transitions import next_state


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
    try:
        with transaction.atomic():
            objection = Objection.objects.create(
                challenge=challenge,
                stage=stage,
                organisation=organisation,
                text=text.strip(),
                raised_at=at,
                raised_by=by,
            )
    except IntegrityError as error:
        raise WrongState(_("贵单位已有一条异议在处理，请等待答复。")) from error
    _record("raise", objection, by=by, at=at)
    told = f"objected:{objection.pk}"
    telling.tell_operators(challenge, told, gettext_noop("《%(title)s》的榜单在公示期收到异议，等待处理。"), at)
    telling.tell_owner(challenge, told, gettext_noop("《%(title)s》的榜单在公示期收到异议，平台正在处理。"), at)
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
    before, action = objection.state, "uphold" if upheld else "dismiss"
    objection.state = next_state(table=DECISION_ACTIONS, action=action, state=before)
    if not answer.strip():
        raise ValueError("An objection is decided with an answer.")
    objection.answer, objection.decided_at, objection.decided_by = answer.strip(), at, by
    objection.save(update_fields=["state", "answer", "decided_at", "decided_by"])
    objection.challenge = challenge
    _record(action, objection, by=by, at=at, from_state=before)
    if upheld and objection.stage == ObjectionStage.RESULT:
        take_back_award(challenge=challenge, by=by, at=at)
    if upheld:
        words = gettext_noop("您对《%(title)s》榜单的异议成立，请查看答复。")
    else:
        words = gettext_noop("您对《%(title)s》榜单的异议不成立，请查看答复。")
    telling.tell_objector(objection, words, at)
    message = gettext_noop("《%(title)s》榜单的异议已处理，请查看结果。")
    telling.tell_owner(challenge, f"objection-decided:{objection.pk}", message, at)
    return objection


def _record(verb: str, objection: Objection, *, by: User, at: datetime, from_state: str = "") -> None:
    """Under the code of the challenge; without the text and without who objects."""
    audit.record(
        action=f"objection.{verb}",
        code=objection.challenge.code,
        label=objection.challenge.need.title,
        by=by,
        at=at,
        from_state=from_state,
        to_state=objection.state,
    )

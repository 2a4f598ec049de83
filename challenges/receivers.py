"""Answers what is asked below while a challenge runs: a need stays as it is, and counts as solved by no other way."""

from typing import Any

from django.dispatch import receiver
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from challenges.challenge.queries import running_beside, running_on
from challenges.challenge.workflow import UNDER_WAY, ChallengeState
from challenges.models import Challenge
from contracts.models import Contract
from contracts.signals import contract_solving
from needs.models import Need
from needs.signals import Hold, Note, need_noted, needs_held


@receiver(needs_held)
def hold_needs_under_way(*, step: str, **_kwargs: Any) -> Hold | None:
    """What bidders answer stays as it is."""
    if step != "change":
        return None
    return Hold(
        Challenge.objects.filter(state__in=UNDER_WAY).values("need"),
        _("这项需求正在揭榜或抢单，内容与状态不能更改；确需更改，请先终止榜单。"),
    )


@receiver(need_noted)
def note_challenge(*, need: Need, user: User, **_kwargs: Any) -> Note | None:
    challenge = running_on(user, need)
    if challenge is None:
        return None
    if challenge.state == ChallengeState.EVALUATING and challenge.answer_by:
        day = timezone.localdate(challenge.answer_by)
        text = _("揭榜已截止，正在评榜，须在 %(day)s 前逐一答复揭榜单位。") % {"day": day}
    else:
        text = _("这项需求有一份榜单：%(state)s。") % {"state": challenge.state_label}
    return Note(text, challenge.get_absolute_url(), _("看榜单"))


@receiver(contract_solving)
def object_to_solving(*, contract: Contract, **_kwargs: Any) -> str | None:
    """What is called for on a solved need is ended first, by its poser and with a reason: bidders are told."""
    if running_beside(contract) is None:
        return None
    return _("这项需求另有榜单正在进行；请先终止或结束榜单，再确认问题解决。")

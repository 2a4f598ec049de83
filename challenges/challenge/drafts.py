"""Writing a challenge: a draft, its changes, and the draft of a further round.

Rules and criteria are fixed when it is handed in; an attempt to change them later is refused and leaves an audit row.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.audit import note
from accounts.models import User
from accounts.permissions import check_writes_for
from challenges.challenge.fields import CHALLENGE, CRITERION
from challenges.challenge.permissions import EDITABLE, ENDED, REPEATABLE, check_owns
from challenges.challenge.steps import lock_challenge, lock_need_of
from challenges.challenge.workflow import ChallengeMode
from challenges.models import Challenge, Criterion
from lib.refusals import NotReady, WrongState
from needs.models import Need

Values = Mapping[str, Any]


class RulesAreFixed(WrongState):
    """Rules, criteria and weights do not change after they were handed in; the message may be shown."""


def create_challenge(
    *, need: Need, mode: str, values: Values, criteria: Sequence[Values], by: User, at: datetime
) -> Challenge:
    """Write a draft on a published need: the first round, or one more after a round that has ended.

    `criteria`: name, description, weight each, in order. WrongState while another challenge on the need is not over.
    """
    _check_fields(values)
    _check_names(criteria)
    with transaction.atomic():
        need = Need.objects.select_related("organisation").select_for_update(of=("self",), no_key=True).get(pk=need.pk)
        check_writes_for(by, need.organisation)
        last = last_round(need)
        challenge = Challenge.objects.create(
            need=need,
            round=last.round + 1 if last else 1,
            previous=last,
            created_by=by,
            created_at=at,
            changed_at=at,
            **{**values, "mode": ChallengeMode(mode)},
        )
        _write_criteria(challenge, criteria)
        note(challenge, "create", by=by, at=at)
    return challenge


def last_round(need: Need) -> Challenge | None:
    """The challenge a new one would follow; WrongState when none may be begun on `need` now."""
    if not need.is_published:
        raise WrongState(_("只有已发布的需求才能发起揭榜或抢单。"))
    last = need.challenges.order_by("-round").first()
    if last is not None and last.state not in ENDED:
        raise WrongState(_("这项需求已有一个榜单在进行，结束之后才能另发。"))
    return last


def change_challenge(
    *, challenge: Challenge, values: Values, criteria: Sequence[Values] | None, by: User, at: datetime
) -> Challenge:
    """Change a draft or a returned challenge; `criteria=None` leaves the rows alone.

    RulesAreFixed later, with an audit row that stays although nothing else is written.
    """
    _check_fields(values)
    try:
        return _change(challenge, values, criteria, by, at)
    except RulesAreFixed:
        _log_refusal(challenge, by, at)
        raise


def check_changeable(*, challenge: Challenge, by: User, at: datetime) -> None:
    """For a form that was sent but not read yet: the same refusal with the same audit row as `change_challenge`."""
    check_owns(by, challenge)
    if challenge.state not in EDITABLE:
        _log_refusal(challenge, by, at)
        raise RulesAreFixed(_fixed())


@transaction.atomic
def _change(
    challenge: Challenge, values: Values, criteria: Sequence[Values] | None, by: User, at: datetime
) -> Challenge:
    challenge = lock_challenge(challenge)
    check_owns(by, challenge)
    if challenge.state not in EDITABLE:
        raise RulesAreFixed(_fixed())
    _check_names(criteria or [])
    changed = sorted(name for name, value in values.items() if getattr(challenge, name) != value)
    for name in changed:
        setattr(challenge, name, values[name])
    if criteria is not None and criteria_of(challenge) != [_row(row) for row in criteria]:
        challenge.criteria.all().delete()
        _write_criteria(challenge, criteria)
        changed.append("criteria")
    if changed:
        challenge.changed_at = at
        challenge.save(update_fields=[*(name for name in changed if name != "criteria"), "changed_at"])
        note(challenge, "change", by=by, at=at, from_state=challenge.state, reason=" ".join(changed))
    return challenge


def _log_refusal(challenge: Challenge, by: User, at: datetime) -> None:
    """In a transaction of its own: the refused one was rolled back."""
    with transaction.atomic():
        current = Challenge.objects.select_related("need").get(pk=challenge.pk)
        note(current, "change_refused", by=by, at=at, from_state=current.state)


def _fixed() -> str:
    return _("榜单提交之后，规则、评分项和权重不能再改；本次修改没有保存，已记录在案。")


@transaction.atomic
def start_second_round(*, challenge: Challenge, by: User, at: datetime) -> Challenge:
    """A draft of the next round with the same rules and criteria; the deadline is asked for anew."""
    lock_need_of(challenge)
    challenge = lock_challenge(challenge)
    check_owns(by, challenge)
    if challenge.state not in REPEATABLE or challenge.bids.standing_awards().exists():
        raise WrongState(_("只有流标、终止、未定榜而结束，或中榜后未能签约的榜单可以开展下一轮。"))
    if Challenge.objects.filter(previous=challenge).exists():
        raise WrongState(_("下一轮已经建立。"))
    values = {name: getattr(challenge, name) for name in CHALLENGE.keys() - {"closes_at", "mode"}}
    return create_challenge(
        need=challenge.need, mode=challenge.mode, values=values, criteria=criteria_of(challenge), by=by, at=at
    )


def criteria_of(challenge: Challenge) -> list[dict[str, Any]]:
    """The criteria as plain dicts, in order."""
    return list(challenge.criteria.order_by("position", "pk").values(*CRITERION))


def _write_criteria(challenge: Challenge, criteria: Sequence[Values]) -> None:
    Criterion.objects.bulk_create(
        Criterion(challenge=challenge, position=position, **row) for position, row in enumerate(criteria)
    )


def _row(values: Values) -> dict[str, Any]:
    row = Criterion(**values)
    return {name: getattr(row, name) for name in CRITERION}


def _check_fields(values: Values) -> None:
    if unknown := values.keys() - CHALLENGE.keys():
        raise TypeError(f"Not content of a challenge: {', '.join(sorted(unknown))}")


def _check_names(criteria: Sequence[Values]) -> None:
    names = [row["name"] for row in criteria]
    if len(set(names)) < len(names):
        raise NotReady(_("评分项名称不能重复。"))

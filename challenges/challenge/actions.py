"""What can happen to a challenge, from its draft to its end: writing, review, notice, opening, deadline, cancellation.

The rules and criteria are written here and fixed at submission; an attempt to change them later is refused and leaves
an audit row. Deadlines are judged by the `at` the caller took from the database's clock: `at < closes_at` is in time.
Bids are `bids` and `claims`, the award is `award`, objections `objections`.
"""

import random
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, ngettext

from accounts.models import User
from accounts.permissions import check_operator, check_verified, check_writes_for
from challenges import signals
from challenges.answer.automatic import dismiss_bids
from challenges.bid.workflow import BidState
from challenges.challenge import notices as telling
from challenges.challenge.permissions import (
    EDITABLE,
    ENDED,
    REPEATABLE,
    check_owns,
    check_owns_or_operates,
)
from challenges.challenge.queries import missing_for_close
from challenges.challenge.steps import (
    lock_challenge,
    lock_need_of,
    move_challenge,
    one_of_many,
    record,
)
from challenges.challenge.workflow import ChallengeMode, ChallengeState
from challenges.models import (
    Bid,
    BidReason,
    Challenge,
    Criterion,
    Objection,
    ObjectionStage,
)
from challenges.objection.workflow import DecisionState
from lib.refusals import WrongState
from lib.transitions import check_still_as_read
from needs.models import Need

Values = Mapping[str, Any]

# What an owner writes; everything else on a challenge is the platform's.
CONTENT_FIELDS = frozenset(
    {
        "mode",
        "rules",
        "eligibility",
        "eligible_kinds",
        "prize",
        "requires_nda",
        "shown_to_reviewers",
        "notice_days",
        "closes_at",
        "min_bids",
        "answer_days",
        "result_notice_days",
        "refusal_days",
    }
)
CRITERION_FIELDS = ("name", "description", "weight")
# A bid takes time to write: so long at least is left between the end of the notice period and the deadline.
LEAST_BIDDING = {ChallengeMode.OPEN_CHALLENGE: timedelta(days=3), ChallengeMode.FIRST_CLAIM: timedelta(days=1)}
WHOLE = 100  # what the weights add up to


class NotReady(Exception):
    """A challenge lacks what this step asks for; the message says what and may be shown."""


class RulesAreFixed(WrongState):
    """Rules, criteria and weights do not change after they were handed in; the message may be shown."""


# --- Writing ------------------------------------------------------------------------------------------------------


def create_challenge(
    *, need: Need, mode: str, values: Values, criteria: Sequence[Values], by: User, at: datetime
) -> Challenge:
    """Write a draft on a published need: the first round, or one more after a round that has ended.

    `criteria`: name, description, weight each, in order. WrongState while another challenge on the need is not over.
    """
    _check_fields(values)
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
        record("create", challenge, by=by, at=at)
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
        record("change", challenge, by=by, at=at, from_state=challenge.state, reason=" ".join(changed))
    return challenge


def _log_refusal(challenge: Challenge, by: User, at: datetime) -> None:
    """In a transaction of its own: the refused one was rolled back."""
    with transaction.atomic():
        current = Challenge.objects.select_related("need").get(pk=challenge.pk)
        record("change_refused", current, by=by, at=at, from_state=current.state)


def _fixed() -> str:
    return _("榜单提交之后，规则、评分项和权重不能再改；本次修改没有保存，已记录在案。")


# --- Review -------------------------------------------------------------------------------------------------------


@transaction.atomic
def submit_challenge(*, challenge: Challenge, by: User, at: datetime) -> Challenge:
    """Hand a complete challenge in for review: from now on rules and criteria are fixed. NotReady says what lacks."""
    need = lock_need_of(challenge)
    challenge = lock_challenge(challenge)
    check_owns(by, challenge)
    challenge.submitted_at, challenge.return_reason = at, ""
    move_challenge(challenge, "submit", ["submitted_at", "return_reason"], by=by, at=at)
    check_verified(need.organisation)
    _check_ready(challenge, at)
    telling.tell_operators(challenge, "submitted", gettext_noop("《%(title)s》提交了榜单，等待论证。"), at)
    return challenge


@transaction.atomic
def return_challenge(*, challenge: Challenge, reason: str, by: User, at: datetime) -> Challenge:
    """论证退回: give a challenge back to its poser with what should be mended."""
    check_operator(by)
    challenge = lock_challenge(challenge)
    challenge.return_reason = _required(reason)
    move_challenge(challenge, "return", ["return_reason"], by=by, at=at, reason=challenge.return_reason)
    telling.tell_owner(challenge, "returned", gettext_noop("《%(title)s》的榜单被退回，请按论证意见修改后再提交。"), at)
    return challenge


@transaction.atomic
def announce_challenge(*, challenge: Challenge, by: User, at: datetime, read_at: datetime | None = None) -> Challenge:
    """发榜: make a challenge public. It opens when its notice period is over; at once where there is none."""
    check_operator(by)
    need = lock_need_of(challenge)
    challenge = lock_challenge(challenge)
    check_still_as_read(changed_at=challenge.changed_at, read_at=read_at)
    challenge.announced_at, challenge.announced_by = at, by
    challenge.notice_until = at + timedelta(days=challenge.notice_days)
    move_challenge(challenge, "announce", ["announced_at", "announced_by", "notice_until"], by=by, at=at)
    check_verified(need.organisation)
    _check_ready(challenge, at)
    if challenge.notice_days:
        telling.tell_owner(
            challenge,
            "announced",
            gettext_noop("《%(title)s》已发榜，公示至 %(until)s，期满无异议即开始揭榜。"),
            at,
            until=telling.shown(challenge.notice_until),
        )
    else:
        _open(challenge, at)
    return challenge


def _check_ready(challenge: Challenge, at: datetime) -> None:
    """Everything that lacks in one sentence, so that it is mended in one go."""
    lacking = []
    if not challenge.need.is_published:
        lacking.append(_("需求须处于已发布状态"))
    if not challenge.rules:
        lacking.append(_("请填写揭榜规则"))
    if challenge.closes_at is None:
        lacking.append(_("请填写截止时间"))
    else:
        least = LEAST_BIDDING[ChallengeMode(challenge.mode)]
        if challenge.closes_at < at + timedelta(days=challenge.notice_days) + least:
            too_early = ngettext(
                "截止时间太早：公示期满之后至少要留出 %(days)s 天揭榜",
                "截止时间太早：公示期满之后至少要留出 %(days)s 天揭榜",
                least.days,
            )
            lacking.append(too_early % {"days": least.days})
    if challenge.mode == ChallengeMode.OPEN_CHALLENGE:
        total = sum(challenge.criteria.values_list("weight", flat=True))
        if total != WHOLE:
            lacking.append(_("评分项权重合计须为 100%%，现在是 %(total)s%%") % {"total": total})
    if lacking:
        raise NotReady(_("；").join(lacking) + _("。"))


# --- The clock ----------------------------------------------------------------------------------------------------


def open_due(*, at: datetime) -> list[Challenge]:
    """Open challenges whose notice period is over, unless an objection is undecided or was upheld.

    One whose deadline passed meanwhile does not open any more: it is cancelled and begun again by a further round.
    """
    blocked = Objection.objects.filter(stage=ObjectionStage.NOTICE).exclude(state=DecisionState.DISMISSED)
    due = Challenge.objects.filter(state=ChallengeState.NOTICE, notice_until__lte=at, closes_at__gt=at)
    opened = []
    for pk in (
        due.exclude(pk__in=blocked.values("challenge")).order_by("notice_until", "pk").values_list("pk", flat=True)
    ):
        with one_of_many(pk):
            challenge = _lock_due(pk, ChallengeState.NOTICE)
            # asked again under the lock: an objection may have come between
            if challenge is None or blocked.filter(challenge=challenge).exists():
                continue
            _open(challenge, at)
            opened.append(challenge)
    return opened


def close_due(*, at: datetime) -> list[Challenge]:
    """At the deadline: too few bids, or no claim that won, is 流标; else bids are opened and the evaluation begins."""
    closed = []
    due = Challenge.objects.filter(state=ChallengeState.OPEN, closes_at__lte=at)
    for pk in due.order_by("closes_at", "pk").values_list("pk", flat=True):
        with one_of_many(pk):
            challenge = _lock_due(pk, ChallengeState.OPEN)
            if challenge is None or challenge.closes_at is None or challenge.closes_at > at:  # extended meanwhile
                continue
            bids = list(challenge.bids.filter(state=BidState.SUBMITTED).select_for_update().order_by("pk"))
            if challenge.is_first_claim or len(bids) < challenge.min_bids:
                _fail(challenge, at)
            else:
                _unseal(challenge, bids, at)
            closed.append(challenge)
    return closed


def _lock_due(pk: int, state: str) -> Challenge | None:
    """The row, unless another process has it in hand or has moved it on."""
    return (
        Challenge.objects.filter(pk=pk, state=state)
        .select_related("need__organisation", "need__caretaker")
        .select_for_update(of=("self",), skip_locked=True)
        .first()
    )


def _open(challenge: Challenge, at: datetime) -> None:
    challenge.opened_at = at
    move_challenge(challenge, "open", ["opened_at"], by=None, at=at)
    assert challenge.closes_at is not None, "the database holds: what was announced has a deadline"
    telling.tell_owner(
        challenge,
        "opened",
        gettext_noop("《%(title)s》已开始揭榜，截止时间 %(until)s。"),
        at,
        until=telling.shown(challenge.closes_at),
    )


def _fail(challenge: Challenge, at: datetime) -> None:
    """流标. What was handed in is answered and stays sealed for good."""
    if challenge.is_first_claim:
        challenge.end_reason = _("截止时没有单位抢单成功。")
    else:
        challenge.end_reason = _("截止时有效揭榜数不足 %(least)s 个。") % {"least": challenge.min_bids}
    challenge.ended_at = at
    move_challenge(challenge, "fail", ["end_reason", "ended_at"], by=None, at=at)
    answer = _("榜单截止时有效揭榜数不足，已流标；您的方案没有开启，除本单位外任何人都看不到。")
    if challenge.is_first_claim:
        answer = _("抢单截止，没有单位抢单成功，榜单已流标。")
    dismiss_bids(challenge=challenge, reason=BidReason.TOO_FEW_BIDS, answer=answer, at=at)
    telling.tell_owner(challenge, "failed", gettext_noop("《%(title)s》流标。可以修改条件后开展下一轮。"), at)


def _unseal(challenge: Challenge, bids: list[Bid], at: datetime) -> None:
    """开标: bids get their labels in random order, and from now on the poser and operators may read them."""
    assert challenge.closes_at is not None, "the database holds: what was announced has a deadline"
    labels = list(range(1, len(bids) + 1))
    random.SystemRandom().shuffle(labels)
    for bid, label in zip(bids, labels, strict=True):
        bid.label = label
    Bid.objects.bulk_update(bids, ["label"])
    challenge.bidding_closed_at = at
    challenge.answer_by = challenge.closes_at + timedelta(days=challenge.answer_days)
    move_challenge(challenge, "close_bidding", ["bidding_closed_at", "answer_by"], by=None, at=at)
    until = telling.shown(challenge.answer_by)
    telling.tell_owner(
        challenge,
        "unsealed",
        gettext_noop("《%(title)s》已截止并开标，请组织评审，并在 %(until)s 前答复。"),
        at,
        until=until,
    )
    telling.tell_operators(challenge, "unsealed-operators", gettext_noop("《%(title)s》已截止并开标，等待评榜。"), at)
    telling.tell_bidders(
        challenge,
        _bidders(bids),
        "unsealed-bidder",
        gettext_noop("《%(title)s》已截止，进入评榜；最迟 %(until)s 答复您。"),
        at,
        until=until,
    )
    signals.bids_unsealed.send(sender=Challenge, challenge=challenge, by=None, at=at)


# --- While it runs ------------------------------------------------------------------------------------------------


@transaction.atomic
def extend_challenge(*, challenge: Challenge, closes_at: datetime, reason: str, by: User, at: datetime) -> Challenge:
    """Set a later deadline, before the old one is over, and tell everybody concerned. NotReady when it is not later."""
    challenge = lock_challenge(challenge)
    check_owns(by, challenge)
    old = challenge.closes_at
    challenge.closes_at = closes_at
    move_challenge(challenge, "extend", ["closes_at"], by=by, at=at, reason=_required(reason))
    assert old is not None, "the database holds: what was announced has a deadline"
    if at >= old:
        raise WrongState(_("截止时间已过，不能再延期。"))
    if closes_at <= old:
        raise NotReady(_("新的截止时间要晚于原来的 %(old)s。") % {"old": telling.shown(old)})
    message = gettext_noop("《%(title)s》的截止时间延至 %(until)s：%(reason)s")
    params = {"until": telling.shown(closes_at), "reason": reason.strip()}
    telling.tell_owner(challenge, "extended", message, at, **params)
    telling.tell_bidders(challenge, _bidders(challenge.bids.all()), "extended", message, at, **params)
    return challenge


@transaction.atomic
def cancel_challenge(*, challenge: Challenge, reason: str, by: User, at: datetime) -> Challenge:
    """终止: the poser or an operator ends it and says why. Bids not yet opened stay sealed for good."""
    challenge = lock_challenge(challenge)
    check_owns_or_operates(by, challenge)
    challenge.end_reason, challenge.ended_at = _required(reason), at
    move_challenge(challenge, "cancel", ["end_reason", "ended_at"], by=by, at=at, reason=challenge.end_reason)
    answered = dismiss_bids(challenge=challenge, reason=BidReason.CANCELLED, answer=challenge.end_reason, at=at)
    others = _bidders(challenge.bids.filter(state__in=[BidState.DRAFT, BidState.WITHDRAWN]))
    message = gettext_noop("《%(title)s》的榜单已终止：%(reason)s")
    telling.tell_bidders(
        challenge, [bid for bid in others if bid not in answered], "cancelled", message, at, reason=challenge.end_reason
    )
    telling.tell_owner(challenge, "cancelled", message, at, reason=challenge.end_reason)
    return challenge


@transaction.atomic
def close_challenge(*, challenge: Challenge, by: User, at: datetime) -> Challenge:
    """The poser closes the file. NotReady with everything that is still open: no bid stays without an answer."""
    challenge = lock_challenge(challenge)
    check_owns(by, challenge)
    challenge.ended_at = challenge.ended_at or at
    move_challenge(challenge, "close", ["ended_at"], by=by, at=at)
    if missing := missing_for_close(challenge, at):
        raise NotReady(_("还不能结束：%(missing)s。") % {"missing": _("；").join(missing)})
    return challenge


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
    values = {name: getattr(challenge, name) for name in CONTENT_FIELDS - {"closes_at", "mode"}}
    return create_challenge(
        need=challenge.need, mode=challenge.mode, values=values, criteria=criteria_of(challenge), by=by, at=at
    )


# --- What several verbs share -------------------------------------------------------------------------------------


def criteria_of(challenge: Challenge) -> list[dict[str, Any]]:
    """The criteria as plain dicts, in order."""
    return list(challenge.criteria.order_by("position", "pk").values(*CRITERION_FIELDS))


def _bidders(bids: Iterable[Bid]) -> list[Bid]:
    """The same bids with their organisations, in one order."""
    return list(Bid.objects.filter(pk__in=[bid.pk for bid in bids]).select_related("organisation").order_by("pk"))


def _write_criteria(challenge: Challenge, criteria: Sequence[Values]) -> None:
    try:
        with transaction.atomic():
            Criterion.objects.bulk_create(
                Criterion(challenge=challenge, position=position, **row) for position, row in enumerate(criteria)
            )
    except IntegrityError as error:
        raise NotReady(_("评分项名称不能重复。")) from error


def _row(values: Values) -> dict[str, Any]:
    row = Criterion(**values)
    return {name: getattr(row, name) for name in CRITERION_FIELDS}


def _check_fields(values: Values) -> None:
    if unknown := values.keys() - CONTENT_FIELDS:
        raise TypeError(f"Not content of a challenge: {', '.join(sorted(unknown))}")


def _required(reason: str) -> str:
    if not reason.strip():
        raise ValueError("This step asks for a reason.")
    return reason.strip()

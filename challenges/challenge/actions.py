"""What the poser and operators do with a challenge once it is written: review, deadline, cancellation, end.

Writing it is in challenges/challenge/drafts.py, what the clock does in challenges/challenge/automatic.py. Deadlines are
judged by the `at` the caller took from the database's clock: `at < closes_at` is in time.
"""

from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.audit import check_step, step
from accounts.models import User
from accounts.permissions import check_operator, check_verified
from challenges.answer.automatic import dismiss_bids
from challenges.bid.notices import tell_bidders
from challenges.bid.workflow import BidState
from challenges.challenge.automatic import bids_to_tell, open_challenge
from challenges.challenge.notices import local, tell_operators, tell_owner
from challenges.challenge.permissions import check_owns, check_owns_or_operates
from challenges.challenge.queries import missing_for_close
from challenges.challenge.steps import lock_challenge, lock_need_of
from challenges.challenge.workflow import ChallengeMode
from challenges.models import BidReason, Challenge
from lib.refusals import NotReady, WrongState
from lib.transitions import check_still_as_read

# A bid takes time to write: so long at least is left between the end of the notice period and the deadline.
LEAST_BIDDING = {ChallengeMode.OPEN_CHALLENGE: timedelta(days=3), ChallengeMode.FIRST_CLAIM: timedelta(days=1)}
WHOLE = 100  # what the weights add up to


@transaction.atomic
def submit_challenge(*, challenge: Challenge, by: User, at: datetime) -> Challenge:
    """Hand a complete challenge in for review: from now on rules and criteria are fixed. NotReady says what lacks."""
    need = lock_need_of(challenge)
    challenge = lock_challenge(challenge)
    check_owns(by, challenge)
    check_step(challenge, "submit")
    check_verified(need.organisation)
    _check_ready(challenge, at)
    challenge.submitted_at, challenge.return_reason = at, ""
    step(challenge, "submit", by=by, at=at, changed=["submitted_at", "return_reason"])
    tell_operators(challenge, "challenge.submitted", at)
    return challenge


@transaction.atomic
def return_challenge(*, challenge: Challenge, reason: str, by: User, at: datetime) -> Challenge:
    """论证退回: give a challenge back to its poser with what should be mended."""
    check_operator(by)
    challenge = lock_challenge(challenge)
    challenge.return_reason = _required(reason)
    step(challenge, "return", by=by, at=at, reason=challenge.return_reason, changed=["return_reason"])
    tell_owner(challenge, "challenge.returned", at)
    return challenge


@transaction.atomic
def announce_challenge(*, challenge: Challenge, by: User, at: datetime, read_at: datetime | None = None) -> Challenge:
    """发榜: make a challenge public. It opens when its notice period is over; at once where there is none."""
    check_operator(by)
    need = lock_need_of(challenge)
    challenge = lock_challenge(challenge)
    check_still_as_read(changed_at=challenge.changed_at, read_at=read_at)
    check_step(challenge, "announce")
    check_verified(need.organisation)
    _check_ready(challenge, at)
    challenge.announced_at, challenge.announced_by = at, by
    challenge.notice_until = at + timedelta(days=challenge.notice_days)
    step(challenge, "announce", by=by, at=at, changed=["announced_at", "announced_by", "notice_until"])
    if challenge.notice_days:
        tell_owner(challenge, "challenge.announced", at, until=local(challenge.notice_until))
    else:
        open_challenge(challenge, at=at)
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


@transaction.atomic
def extend_challenge(*, challenge: Challenge, closes_at: datetime, reason: str, by: User, at: datetime) -> Challenge:
    """Set a later deadline, before the old one is over, and tell everybody concerned. NotReady when it is not later."""
    challenge = lock_challenge(challenge)
    check_owns(by, challenge)
    check_step(challenge, "extend")
    reason = _required(reason)
    assert challenge.closes_at is not None, "the database holds: what was announced has a deadline"
    if at >= challenge.closes_at:
        raise WrongState(_("截止时间已过，不能再延期。"))
    if closes_at <= challenge.closes_at:
        raise NotReady(_("新的截止时间要晚于原来的 %(old)s。") % {"old": local(challenge.closes_at)})
    challenge.closes_at = closes_at
    step(challenge, "extend", by=by, at=at, reason=reason, changed=["closes_at"])
    told = {"until": local(closes_at), "reason": reason}
    tell_owner(challenge, "challenge.extended", at, **told)
    tell_bidders(bids_to_tell(challenge), "challenge.extended", at, **told)
    return challenge


@transaction.atomic
def cancel_challenge(*, challenge: Challenge, reason: str, by: User, at: datetime) -> Challenge:
    """终止: the poser or an operator ends it and says why. Bids not yet opened stay sealed for good."""
    challenge = lock_challenge(challenge)
    check_owns_or_operates(by, challenge)
    challenge.end_reason, challenge.ended_at = _required(reason), at
    step(challenge, "cancel", by=by, at=at, reason=challenge.end_reason, changed=["end_reason", "ended_at"])
    dismiss_bids(challenge=challenge, reason=BidReason.CANCELLED, answer=challenge.end_reason, at=at)
    others = bids_to_tell(challenge).filter(state__in=[BidState.DRAFT, BidState.WITHDRAWN])
    tell_bidders(others, "challenge.cancelled", at, reason=challenge.end_reason)
    tell_owner(challenge, "challenge.cancelled", at, reason=challenge.end_reason)
    return challenge


@transaction.atomic
def close_challenge(*, challenge: Challenge, by: User, at: datetime) -> Challenge:
    """The poser closes the file. NotReady with everything that is still open: no bid stays without an answer."""
    challenge = lock_challenge(challenge)
    check_owns(by, challenge)
    check_step(challenge, "close")
    if missing := missing_for_close(challenge, at):
        raise NotReady(_("还不能结束：%(missing)s。") % {"missing": _("；").join(missing)})
    challenge.ended_at = challenge.ended_at or at
    step(challenge, "close", by=by, at=at, changed=["ended_at"])
    return challenge


def _required(reason: str) -> str:
    if not reason.strip():
        raise ValueError("This step asks for a reason.")
    return reason.strip()

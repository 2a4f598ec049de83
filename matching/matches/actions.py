"""What people decide about a match: the operator's review and the answers of both sides."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from accounts import audit
from accounts.models import User
from accounts.permissions import check_operator, check_verified, check_writes_for
from lib.refusals import WrongState
from matching.matches import notices
from matching.matches.workflow import (
    BuyerAnswer,
    ReasonCode,
    ReviewState,
    SupplierAnswer,
)
from matching.models import Match
from matching.signals import match_answered, match_reviewed
from needs.models import Need
from needs.need.workflow import NeedState
from solutions.models import Solution
from solutions.solution.workflow import SolutionState


class ReasonMissing(Exception):
    """A refusal needs one of the reason codes; the message may be shown."""


@transaction.atomic
def confirm_match(*, match: Match, by: User, at: datetime) -> Match:
    """The operator finds the match good: both sides are invited. Needs a published need: suppliers must see it."""
    match = _locked(match)
    check_operator(by)
    if match.need.state != NeedState.PUBLISHED:
        raise WrongState(_("需求尚未发布，请先完成需求审核，再确认匹配。"))
    if match.solution.state != SolutionState.PUBLISHED:
        raise WrongState(_("该成果已不再公开，不能邀请对接。"))
    check_verified(match.need.organisation)
    check_verified(match.solution.organisation)
    match.reviewed_at, match.reviewed_by, match.reject_reason, match.confirmed_at = at, by, "", at
    changed = ["reviewed_at", "reviewed_by", "reject_reason", "confirmed_at"]
    audit.step(match, "confirm", by=by, at=at, changed=changed, signal=match_reviewed, match=match)
    notices.tell_invitation(match=match, at=at)
    return match


@transaction.atomic
def reject_match(*, match: Match, reason: str, by: User, at: datetime) -> Match:
    """The operator turns the match down with a reason code; neither side sees it any more."""
    match = _locked(match)
    check_operator(by)
    _check_reason(reason)
    match.reviewed_at, match.reviewed_by, match.reject_reason = at, by, reason
    changed = ["reviewed_at", "reviewed_by", "reject_reason"]
    audit.step(match, "reject", by=by, at=at, reason=reason, changed=changed, signal=match_reviewed, match=match)
    return match


@transaction.atomic
def answer_as_buyer(*, match: Match, answer: str, reason: str = "", by: User, at: datetime) -> Match:
    """The poser marks a candidate interesting or not suitable (with a reason code); it may change its mind."""
    match = _locked(match)
    check_writes_for(by, match.need.organisation)
    if answer and (match.buyer_answer, match.buyer_reason) == (answer, reason):
        return match  # sent twice
    _check_open(match)
    if answer not in (BuyerAnswer.INTERESTED, BuyerAnswer.NOT_SUITABLE):
        raise WrongState(_("请选择“感兴趣”或“不合适”。"))
    if answer == BuyerAnswer.NOT_SUITABLE:
        _check_reason(reason)
    before = match.buyer_answer
    match.buyer_answer = answer
    match.buyer_reason = reason if answer == BuyerAnswer.NOT_SUITABLE else ""
    match.buyer_answered_at, match.buyer_answered_by = at, by
    _note_contact(match, at=at)
    match.save()
    audit.note(match, "buyer_answer", by=by, at=at, from_state=before, to_state=answer, reason=reason)
    match_answered.send(sender=Match, match=match, side="buyer", by=by, at=at)
    return match


@transaction.atomic
def answer_as_supplier(*, match: Match, answer: str, by: User, at: datetime) -> Match:
    """The supplier answers an invitation: interested or not now; it may change its mind until contact began."""
    match = _locked(match)
    check_writes_for(by, match.solution.organisation)
    if answer and match.supplier_answer == answer:
        return match  # sent twice
    _check_open(match)
    if match.review != ReviewState.CONFIRMED:
        raise WrongState(_("该匹配尚未经运营方确认，收到邀请后再答复。"))
    if answer not in (SupplierAnswer.INTERESTED, SupplierAnswer.NOT_NOW):
        raise WrongState(_("请选择“愿意对接”或“暂不对接”。"))
    before = match.supplier_answer
    match.supplier_answer = answer
    match.supplier_answered_at, match.supplier_answered_by = at, by
    _note_contact(match, at=at)
    match.save()
    audit.note(match, "supplier_answer", by=by, at=at, from_state=before, to_state=answer)
    match_answered.send(sender=Match, match=match, side="supplier", by=by, at=at)
    return match


def _locked(match: Match) -> Match:
    """The match, with its output and need held as they are: neither is withdrawn while somebody decides.

    Locked in the order everybody locks in: output, need, match.
    """
    Solution.objects.select_for_update(of=("self",), no_key=True).get(pk=match.solution_id)
    Need.objects.select_for_update(of=("self",), no_key=True).get(pk=match.need_id)
    return (
        Match.objects.select_for_update(of=("self",))
        .select_related("need__organisation", "need__caretaker", "solution__organisation")
        .get(pk=match.pk)
    )


def _check_open(match: Match) -> None:
    if match.review == ReviewState.REJECTED:
        raise WrongState(_("该匹配已被排除。"))
    if not match.need.is_matched:
        raise WrongState(_("需求已关闭或撤回，不能再反馈。"))
    if match.contacted_at is not None:
        raise WrongState(_("双方已开始对接，反馈不再更改。"))


def _check_reason(reason: str) -> None:
    if reason not in ReasonCode.values:
        raise ReasonMissing(_("请选择一个原因。"))


def _note_contact(match: Match, *, at: datetime) -> None:
    """Contact begins with the second yes to a confirmed match; the poser may have said so before."""
    if (
        match.contacted_at is None
        and match.review == ReviewState.CONFIRMED
        and match.buyer_answer == BuyerAnswer.INTERESTED
        and match.supplier_answer == SupplierAnswer.INTERESTED
    ):
        match.contacted_at = at
        notices.tell_contact(match=match, at=at)

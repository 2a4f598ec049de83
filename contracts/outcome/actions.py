"""What a contract brought: the enterprise's confirmation with figures, mutual ratings, the public success case."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils.translation import gettext as _

from accounts import audit
from accounts.models import User
from contracts import signals
from contracts.contract.actions import (
    ChangedMeanwhile,
    lock,
)
from contracts.contract.notices import BOTH, other, tell_sides
from contracts.contract.permissions import check_either_side, check_side
from contracts.contract.workflow import ContractState
from contracts.models import (
    Contract,
    ContractAttachment,
    OutcomeFigure,
    Rating,
    Side,
    SuccessCase,
)
from lib.asking import ask
from lib.refusals import NotReady, WrongState
from lib.transitions import check_still_as_read
from needs.files.actions import keep
from needs.models import Need
from needs.need.actions import close_solved_need

Values = Mapping[str, Any]


@transaction.atomic
def confirm_solved(*, contract: Contract, figures: Sequence[Values], by: User, at: datetime) -> Contract:
    """The enterprise says its problem is solved and proves it; the need is closed as solved here.

    `figures`: name, unit, before, after and evidence of each: a file of this contract, or an upload to become one.
    NotReady without one, where one is incomplete, or while a challenge on the need runs; attachments.Unacceptable for
    what a file is.
    """
    Need.objects.select_for_update(of=("self",), no_key=True).get(
        contracts=contract
    )  # a need is locked before its contract
    contract = lock(contract)
    check_side(by, contract, Side.BUYER)
    audit.check_step(contract, "solve")
    if reasons := obstacles_to_solving(contract) or _wrong_with_figures(contract, figures):
        raise NotReady(reasons)
    for position, figure in enumerate(figures):
        evidence = figure["evidence"]
        if isinstance(evidence, UploadedFile):
            evidence = keep(ContractAttachment(contract=contract), upload=evidence, by=by, at=at)
        OutcomeFigure.objects.create(contract=contract, position=position, **{**figure, "evidence": evidence})
    contract.solved_at, contract.solved_by = at, by
    audit.step(contract, "solve", by=by, at=at, changed=["solved_at", "solved_by"])
    close_solved_need(need=contract.need, by=by, at=at)
    tell_sides(contract, BOTH, "solved", at)
    signals.contract_solved.send(sender=Contract, contract=contract, by=by, at=at)
    return contract


def obstacles_to_solving(contract: Contract) -> list[str]:
    """What has to be done before anybody fills in figures, in words.

    A solved need is closed, and nothing opens, is evaluated or awarded on a closed need.
    """
    return ask(signals.contract_solving, sender=Contract, contract=contract)


def _wrong_with_figures(contract: Contract, figures: Sequence[Values]) -> list[str]:
    if not figures:
        return [_("请至少填写一项实施前后的成效数据。")]
    found = []
    for number, figure in enumerate(figures, start=1):
        if not (figure["name"] and figure["unit"]) or figure["before"] is None or figure["after"] is None:
            found.append(_("第 %(number)s 项成效数据不完整：名称、单位、实施前、实施后都要填写。") % {"number": number})
        if not _is_evidence(figure["evidence"], contract):
            found.append(_("第 %(number)s 项成效数据缺少证明材料。") % {"number": number})
    return found


def _is_evidence(evidence: ContractAttachment | UploadedFile | None, contract: Contract) -> bool:
    if isinstance(evidence, ContractAttachment):
        return evidence.contract_id == contract.pk and evidence.removed_at is None
    return evidence is not None


# --- Ratings ---------------------------------------------------------------------------------------------------


@transaction.atomic
def rate(
    *,
    contract: Contract,
    side: Side,
    stars: int,
    remarks: Sequence[str] = (),
    comment: str = "",
    by: User,
    at: datetime,
) -> Rating:
    """One side rates the other, once, 1 to 5; neither reads the other's before it has given its own."""
    contract = lock(contract)
    check_side(by, contract, side)
    if not contract.is_ratable:
        raise WrongState(_("合同完成或终止之后才能互相评价。"))
    if contract.ratings.filter(side=side).exists():
        raise WrongState(_("您方已经评价过，评价不能修改。"))
    rating = Rating.objects.create(
        contract=contract,
        side=side,
        stars=stars,
        remarks=list(remarks),
        comment=comment.strip(),
        rated_at=at,
        rated_by=by,
    )
    audit.note(contract, "rate", by=by, at=at, from_state=contract.state)
    if contract.ratings.count() == len(BOTH):
        tell_sides(contract, BOTH, "rated", at)
    else:
        tell_sides(contract, [other(side)], "rated_first", at)
    return rating


# --- Success case ----------------------------------------------------------------------------------------------


@transaction.atomic
def write_case(
    *, contract: Contract, title: str, text: str, by: User, at: datetime, read_at: datetime | None = None
) -> SuccessCase:
    """Either side writes or changes the text; a change takes back both approvals.

    ChangedMeanwhile where it was written after `read_at`, when the form was made: no words are overwritten unread.
    """
    contract = lock(contract)
    side = check_either_side(by, contract)
    if contract.state != ContractState.SOLVED:
        raise WrongState(_("需求方确认问题解决之后，才能撰写成功案例。"))
    case = SuccessCase.objects.select_for_update().filter(contract=contract).first()
    if case is None:
        case = SuccessCase.objects.create(contract=contract, title=title, text=text, written_at=at, written_by=by)
        case.contract = contract
        audit.note(case, "create", by=by, at=at)
    else:
        case.contract = contract
        audit.check_step(case, "change")
        if (case.title, case.text) == (title, text):
            return case
        if read_at is not None and case.written_at > read_at:
            raise ChangedMeanwhile(
                _("您填写期间，案例已被修改。您填写的内容都还在，请先对照案例页面上的新内容；再次保存会覆盖它。")
            )
        case.title, case.text, case.written_at, case.written_by = title, text, at, by
        case.buyer_approved_at = case.supplier_approved_at = None
        fields = ["title", "text", "written_at", "written_by", "buyer_approved_at", "supplier_approved_at"]
        audit.step(case, "change", by=by, at=at, changed=fields)
    tell_sides(contract, [other(side)], "case_written", at)
    return case


@transaction.atomic
def approve_case(
    *, case: SuccessCase, side: Side, by: User, at: datetime, read_at: datetime | None = None
) -> SuccessCase:
    """One side lets everybody read the text as it stands; the second one publishes it."""
    case = _lock_case(case)
    check_side(by, case.contract, side)
    audit.check_step(case, "approve")
    check_still_as_read(changed_at=case.written_at, read_at=read_at)
    if getattr(case, f"{side}_approved_at") is not None:
        raise WrongState(_("您方已经同意公开，正在等待对方。"))
    setattr(case, f"{side}_approved_at", at)
    audit.step(case, "approve", by=by, at=at, changed=[f"{side}_approved_at"])
    if case.buyer_approved_at is None or case.supplier_approved_at is None:
        tell_sides(case.contract, [other(side)], "case_approved", at)
        return case
    case.published_at = at
    audit.step(case, "publish", by=by, at=at, changed=["published_at"])
    tell_sides(case.contract, BOTH, "case_published", at, url=case.get_absolute_url())
    return case


@transaction.atomic
def withdraw_case(*, case: SuccessCase, by: User, at: datetime) -> SuccessCase:
    """Either side takes the case back from the public at any time; both have to agree anew."""
    case = _lock_case(case)
    side = check_either_side(by, case.contract)
    case.published_at = case.buyer_approved_at = case.supplier_approved_at = None
    audit.step(case, "withdraw", by=by, at=at, changed=["published_at", "buyer_approved_at", "supplier_approved_at"])
    tell_sides(case.contract, [other(side)], "case_withdrawn", at)
    return case


def _lock_case(case: SuccessCase) -> SuccessCase:
    """The case with its contract, both locked, the contract first."""
    contract = lock(Contract(pk=case.contract_id))
    locked = SuccessCase.objects.select_for_update(of=("self",)).get(pk=case.pk)
    locked.contract = contract
    return locked

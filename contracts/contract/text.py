"""What both sides confirm: the text of a contract as plain data, its SHA-256, and what is still missing in it.

Funding is not part of the text: it is decided by others, before or after the signature. No writing here.
"""

import hashlib
import json
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from accounts.models import Organisation
from contracts.models import (
    Clause,
    Contract,
    FundingOrder,
    Milestone,
    PaymentKind,
    PaymentMode,
)


def agreed_text(contract: Contract, milestones: Sequence[Milestone]) -> dict[str, Any]:
    """Everything the two agree on; the parties as they are called and registered now.

    `contract` comes with need.organisation and supplier, `milestones` in their order.
    """
    return {
        "code": contract.code,
        "need": contract.need.code,
        "buyer": _party(contract.need.organisation),
        "supplier": _party(contract.supplier),
        "title": contract.title,
        "kind": contract.kind,
        "amount": _money(contract.amount),
        "payment_mode": contract.payment_mode,
        "entry_fee": _money(contract.entry_fee),
        "royalty_percent": _money(contract.royalty_percent),
        "royalty_base": contract.royalty_base,
        "rights_owner": contract.rights_owner,
        "rights_sharing": contract.rights_sharing,
        "solution": contract.solution.code if contract.solution else None,
        "clauses": {clause.value: contract.clauses.get(clause.value, "") for clause in Clause},
        "funding_order": contract.funding_order,
        "starts_on": contract.starts_on.isoformat() if contract.starts_on else None,
        "ends_on": contract.ends_on.isoformat() if contract.ends_on else None,
        "milestones": [
            {
                "title": row.title,
                "deliverable": row.deliverable,
                "due_on": row.due_on.isoformat(),
                "payment": _money(row.payment),
            }
            for row in milestones
        ],
    }


def canonical(contract: Contract, milestones: Sequence[Milestone]) -> str:
    """The agreed text as JSON in one spelling: the same text gives the same on every machine."""
    return json.dumps(agreed_text(contract, milestones), ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def text_hash(contract: Contract, milestones: Sequence[Milestone]) -> str:
    """SHA-256 of the agreed text, 64 hexadecimal digits."""
    return hashlib.sha256(canonical(contract, milestones).encode()).hexdigest()


def parties(contract: Contract) -> dict[str, dict[str, str | None]]:
    """Buyer and supplier with name and credit code: as they signed, and before that as they are now."""
    signed = json.loads(contract.signed_text) if contract.signed_text else {}
    return {
        "buyer": signed.get("buyer") or _party(contract.need.organisation),
        "supplier": signed.get("supplier") or _party(contract.supplier),
    }


def missing(contract: Contract, milestones: Sequence[Milestone]) -> list[str]:
    """What stands between this draft and a signature, in sentences; empty when it can be confirmed."""
    return [
        *_missing_terms(contract),
        *_missing_clauses(contract),
        *_missing_plan(contract, milestones),
        *_missing_outside(contract),
    ]


def unanswered_clauses(contract: Contract) -> list[Clause]:
    """The clauses of art. 845 without an answer."""
    return [clause for clause in Clause if not str(contract.clauses.get(clause.value, "")).strip()]


def is_fixed_price(contract: Contract) -> bool:
    """一次总算: the amount is known when signing."""
    return contract.payment_mode in {PaymentMode.LUMP_SUM, PaymentMode.INSTALMENTS}


def has_royalty(contract: Contract) -> bool:
    return contract.payment_mode in {PaymentMode.ROYALTY, PaymentMode.ENTRY_FEE_AND_ROYALTY}


def payment_kinds(contract: Contract) -> list[PaymentKind]:
    """What can be paid under this contract; corrections always."""
    kinds = [PaymentKind.INSTALMENT, PaymentKind.CORRECTION]
    if has_royalty(contract):
        kinds.insert(1, PaymentKind.ROYALTY)
    if contract.payment_mode == PaymentMode.ENTRY_FEE_AND_ROYALTY:
        kinds.insert(1, PaymentKind.ENTRY_FEE)
    return kinds


def correctable_kinds(contract: Contract) -> list[PaymentKind]:
    """What a correction may be of."""
    return [kind for kind in payment_kinds(contract) if kind != PaymentKind.CORRECTION]


def _missing_terms(contract: Contract) -> list[str]:
    found = []
    if not contract.kind:
        found.append(_("请选择合同类型（民法典第八百四十三条）。"))
    if not contract.payment_mode:
        found.append(_("请选择支付方式（民法典第八百四十六条）。"))
    if is_fixed_price(contract) and not contract.amount:
        found.append(_("一次总算的合同请填写合同金额。"))
    if has_royalty(contract) and not (contract.royalty_percent and contract.royalty_base):
        found.append(_("提成支付请填写提成比例与提成基数。"))
    if contract.payment_mode == PaymentMode.ENTRY_FEE_AND_ROYALTY and not contract.entry_fee:
        found.append(_("提成支付附加预付入门费，请填写入门费。"))
    found += _superfluous_money(contract)
    if not contract.rights_owner:
        found.append(_("请选择知识产权归属。"))
    return found


def _superfluous_money(contract: Contract) -> list[str]:
    """Money the chosen way to pay does not know. An estimate left in the draft would count as contract value."""
    found = []
    if has_royalty(contract) and contract.amount is not None:
        found.append(_("提成支付没有固定的合同金额，请清空合同金额；预计的收益不是合同金额。"))
    if is_fixed_price(contract) and (contract.royalty_percent is not None or contract.royalty_base):
        found.append(_("一次总算的合同没有提成，请清空提成比例与提成基数。"))
    if contract.payment_mode in {*PaymentMode} - {PaymentMode.ENTRY_FEE_AND_ROYALTY} and contract.entry_fee is not None:
        found.append(_("只有“提成支付附加预付入门费”才有入门费，请清空入门费。"))
    return found


def _missing_clauses(contract: Contract) -> list[str]:
    return [
        _("条款“%(clause)s”尚未填写（民法典第八百四十五条）。") % {"clause": clause.label}
        for clause in unanswered_clauses(contract)
    ]


def _missing_plan(contract: Contract, milestones: Sequence[Milestone]) -> list[str]:
    found = []
    if not milestones:
        found.append(_("请至少写一个里程碑。"))
    if contract.starts_on is None:
        found.append(_("请填写开始日期。"))
    elif contract.ends_on is not None and contract.ends_on < contract.starts_on:
        found.append(_("结束日期早于开始日期。"))
    days = [row.due_on for row in milestones]
    if days != sorted(days):
        found.append(_("里程碑的到期日须按先后排列。"))
    if days and contract.starts_on is not None and min(days) < contract.starts_on:
        found.append(_("里程碑的到期日不能早于开始日期。"))
    if days and contract.ends_on is not None and max(days) > contract.ends_on:
        found.append(_("里程碑的到期日不能晚于结束日期。"))
    payments = [row.payment for row in milestones if row.payment is not None]
    must_add_up = contract.payment_mode == PaymentMode.INSTALMENTS or (is_fixed_price(contract) and payments)
    if must_add_up and contract.amount and sum(payments, Decimal(0)) != contract.amount:
        found.append(
            _("各里程碑应付款合计 %(sum)s 万元，与合同金额 %(amount)s 万元不一致。")
            % {"sum": sum(payments, Decimal(0)), "amount": contract.amount}
        )
    return found


def _missing_outside(contract: Contract) -> list[str]:
    found = []
    if contract.funding_order == FundingOrder.FUNDING_FIRST and contract.funding_decided_on is None:
        found.append(_("约定先资助立项、后签约：请先登记资助立项。"))
    found += [
        _("%(organisation)s尚未通过核验。") % {"organisation": organisation.name}
        for organisation in (contract.need.organisation, contract.supplier)
        if not organisation.is_verified
    ]
    return found


def _party(organisation: Organisation) -> dict[str, str | None]:
    return {"code": organisation.code, "name": organisation.name, "credit_code": organisation.credit_code}


def _money(amount: Decimal | None) -> str | None:
    """Two decimals always: 80 and 80.00 are the same agreement."""
    return None if amount is None else f"{amount:.2f}"

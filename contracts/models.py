"""What was agreed, delivered and proven: the models of every room."""

from contracts.contract.models import (
    Clause,
    Contract,
    ContractAttachment,
    ContractKind,
    ContractQuerySet,
    FundingOrder,
    PaymentMode,
    RightsOwner,
    Side,
)
from contracts.delivery.models import (
    Milestone,
    MilestoneAttachment,
    Payment,
    PaymentKind,
)
from contracts.outcome.models import (
    OutcomeFigure,
    Rating,
    Remark,
    SuccessCase,
)

__all__ = [
    "Clause",
    "Contract",
    "ContractAttachment",
    "ContractKind",
    "ContractQuerySet",
    "FundingOrder",
    "Milestone",
    "MilestoneAttachment",
    "OutcomeFigure",
    "Payment",
    "PaymentKind",
    "PaymentMode",
    "Rating",
    "Remark",
    "RightsOwner",
    "Side",
    "SuccessCase",
]

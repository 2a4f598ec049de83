"""What was agreed, delivered and proven: the models of every room."""

from contracts.contract.models import (
    Clause,
    Contract,
    ContractKind,
    ContractQuerySet,
    FundingOrder,
    PaymentMode,
    RightsOwner,
    Side,
)
from contracts.delivery.models import (
    Milestone,
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
    "ContractKind",
    "ContractQuerySet",
    "FundingOrder",
    "Milestone",
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

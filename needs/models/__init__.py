"""What is wanted, called for, bid, agreed and delivered."""

from needs.models.attachment import Attachment
from needs.models.bid import Appeal, Bid, BidReason, BidVersion
from needs.models.challenge import BlindField, Challenge, Criterion, Objection, ObjectionStage
from needs.models.contract import (
    Clause,
    Contract,
    ContractKind,
    FundingOrder,
    Milestone,
    OutcomeFigure,
    Payment,
    PaymentKind,
    PaymentMode,
    Rating,
    RightsOwner,
    Side,
    SuccessCase,
)
from needs.models.disclosure import (
    LEVEL_ORDER,
    RESTRICTABLE,
    DisclosureChannel,
    DisclosureView,
    Level,
    NamedOrganisation,
    NdaAcceptance,
)
from needs.models.evaluation import Avoidance, Minutes, Reviewer, Score, Scorecard, Signature
from needs.models.need import CooperationMode, Need, NeedIndicator, NeedType

__all__ = [
    "LEVEL_ORDER",
    "RESTRICTABLE",
    "Appeal",
    "Attachment",
    "Avoidance",
    "Bid",
    "BidReason",
    "BidVersion",
    "BlindField",
    "Challenge",
    "Clause",
    "Contract",
    "ContractKind",
    "CooperationMode",
    "Criterion",
    "DisclosureChannel",
    "DisclosureView",
    "FundingOrder",
    "Level",
    "Milestone",
    "Minutes",
    "NamedOrganisation",
    "NdaAcceptance",
    "Need",
    "NeedIndicator",
    "NeedType",
    "Objection",
    "ObjectionStage",
    "OutcomeFigure",
    "Payment",
    "PaymentKind",
    "PaymentMode",
    "Rating",
    "Reviewer",
    "RightsOwner",
    "Score",
    "Scorecard",
    "Side",
    "Signature",
    "SuccessCase",
]

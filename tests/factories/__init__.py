"""Factories with traits and no surprise behaviour: they write rows, send no signal, notify nobody."""

from tests.factories.accounts import MembershipFactory, OrganisationFactory, UserFactory
from tests.factories.bids import BidFactory, BidVersionFactory
from tests.factories.challenges import ChallengeFactory, CriterionFactory, ObjectionFactory
from tests.factories.contracts import ContractFactory, MilestoneFactory, PaymentFactory
from tests.factories.disclosure import NamedOrganisationFactory, NdaAcceptanceFactory, NeedAttachmentFactory
from tests.factories.evaluation import AppealFactory, MinutesFactory, ReviewerFactory, ScorecardFactory
from tests.factories.needs import NeedFactory, NeedIndicatorFactory
from tests.factories.solutions import OutputFactory, ProfileFactory, SolutionIndicatorFactory

__all__ = [
    "AppealFactory",
    "BidFactory",
    "BidVersionFactory",
    "ChallengeFactory",
    "ContractFactory",
    "CriterionFactory",
    "MembershipFactory",
    "MilestoneFactory",
    "MinutesFactory",
    "NamedOrganisationFactory",
    "NdaAcceptanceFactory",
    "NeedAttachmentFactory",
    "NeedFactory",
    "NeedIndicatorFactory",
    "ObjectionFactory",
    "OrganisationFactory",
    "OutputFactory",
    "PaymentFactory",
    "ProfileFactory",
    "ReviewerFactory",
    "ScorecardFactory",
    "SolutionIndicatorFactory",
    "UserFactory",
]

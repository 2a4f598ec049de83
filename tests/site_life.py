"""Challenges, bids, an evaluation and contracts in every state a page exists for; all texts are English words."""

from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.urls import reverse
from django.utils import timezone

from accounts.models import Organisation, User
from care.complaint.actions import raise_complaint
from care.follow_up.actions import open_follow_up
from challenges.models import Bid, Challenge
from contracts.models import (
    Clause,
    Contract,
    OutcomeFigure,
    SuccessCase,
)
from needs.models import Need
from tests.factories.accounts import MembershipFactory, OrganisationFactory
from tests.factories.bids import BidFactory
from tests.factories.challenges import ChallengeFactory, ObjectionFactory
from tests.factories.contracts import ContractFactory, MilestoneFactory, PaymentFactory
from tests.factories.disclosure import ContractAttachmentFactory, NdaAcceptanceFactory, NeedAttachmentFactory
from tests.factories.evaluation import (
    AppealFactory,
    MinutesFactory,
    ReviewerFactory,
    ScorecardFactory,
)
from tests.factories.needs import NeedFactory, NeedIndicatorFactory

BODY = "The furnace lining wears out after four months; we want it to last a year without changing the bricks."
CHALLENGE = {"rules": BODY, "eligibility": BODY, "names": ("Fit", "Plan", "Price")}
VERSION = {
    "version__approach": BODY,
    "version__team": "Twelve people and a pilot line",
    "version__experts": ["Demo Expert"],
    "version__plan": [{"title": "Pilot", "month": 3, "deliverable": "Report"}],
    "version__ip_proposal": BODY,
    "version__indicator_answers": [],
}
ANSWER = {"answer": "The plan takes three months longer than the one awarded."}
CLAUSES = {clause.value: BODY for clause in Clause}


@dataclass
class Life:
    """Addresses by who opens them."""

    public: list[str] = field(default_factory=list)
    buyer: list[str] = field(default_factory=list)
    supplier: list[str] = field(default_factory=list)
    operator: list[str] = field(default_factory=list)
    reviewer: list[str] = field(default_factory=list)
    reviewing: User | None = None


def build_life(
    *, enterprise: Organisation, university: Organisation, buyer: User, supplier: User, operator: User
) -> Life:
    """Expects English names on the two organisations; `buyer` and `supplier` write for them."""
    life = Life()
    made = _Maker(enterprise, university, operator)
    _disclosure(life, made, buyer=buyer, supplier=supplier)
    _calling(life, made)
    _bidding(life, made, supplier=supplier)
    _evaluating(life, made)
    _contracts(life, made, buyer=buyer)
    life.buyer += _addresses("challenges:mine", "contracts:mine")
    life.supplier += _addresses("challenges:bid-mine", "contracts:mine")
    life.operator += [*_addresses("challenges:review-queue", "contracts:mine"), *_care_lists()]
    User.objects.filter(name__startswith="示例").update(name="Demo Person")  # made by the factories on the way
    life.public += [*_addresses("challenges:list", "contracts:case-list"), reverse("challenges:list") + "?tab=ended"]
    return life


@dataclass
class _Maker:
    enterprise: Organisation
    university: Organisation
    operator: User

    def need(self, title: str, **fields: Any) -> Need:
        need: Need = NeedFactory(
            published=True,
            organisation=self.enterprise,
            title=title,
            technical_field="Ceramics",
            keywords=["lining"],
            background=BODY,
            difficulty=BODY,
            caretaker=self.operator,
            declared_by=self.operator,
            **fields,
        )
        NeedIndicatorFactory(need=need, name="Service life", unit="h")
        return need

    def challenge(self, title: str, **fields: Any) -> Challenge:
        challenge: Challenge = ChallengeFactory(need=self.need(title), **{**CHALLENGE, **fields})
        return challenge

    def bid(self, challenge: Challenge, organisation: Organisation | None = None, **fields: Any) -> Bid:
        texts = {**VERSION, **(ANSWER if {"awarded", "declined", "claim"} & fields.keys() else {})}
        bid: Bid = BidFactory(challenge=challenge, organisation=organisation or self.university, **{**texts, **fields})
        return bid

    def rival(self, name: str) -> Organisation:
        rival: Organisation = OrganisationFactory(university=True, name=name)
        return rival

    def contract(self, title: str, **fields: Any) -> Contract:
        texts = {"clauses": CLAUSES} if fields else {}
        contract: Contract = ContractFactory(
            need=self.need(title), supplier=self.university, created_by=self.operator, **{**texts, **fields}
        )
        return contract


def _addresses(*names: str, args: list[Any] | None = None) -> list[str]:
    return [reverse(name, args=args) for name in names]


def _care_lists() -> list[str]:
    return [reverse("care:follow-up-list"), reverse("care:complaint-list"), reverse("dashboards:clock")]


def _disclosure(life: Life, made: _Maker, *, buyer: User, supplier: User) -> None:
    levels = {"difficulty": "verified", "tried": "nda", "benchmark": "named"}
    need = made.need("Lining that lasts", tried=BODY, benchmark=BODY, disclosure=levels, usual_search_days=200)
    NeedAttachmentFactory(need=need, name="drawing.pdf", uploaded_by=buyer)
    acceptance = NdaAcceptanceFactory(need=need, organisation=made.university, accepted_by=supplier, text=BODY)
    unsigned = made.need("Lining nobody knows", tried=BODY, disclosure={"tried": "nda"})
    life.public += [need.get_absolute_url()]
    life.buyer += [*_addresses("needs:disclosure", args=[need.code]), reverse("care:clock-of-need", args=[need.code])]
    life.supplier += [
        *_addresses("needs:nda", args=[unsigned.code]),
        *_addresses("needs:nda-record", args=[acceptance.code]),
    ]


def _calling(life: Life, made: _Maker) -> None:
    draft = made.challenge("Kiln, a draft")
    notice = made.challenge("Kiln, on notice", notice=True)
    objection = ObjectionFactory(challenge=notice, organisation=made.rival("Demo Rival"), text=BODY)
    submitted = made.challenge("Kiln, handed in", submitted=True)
    running = made.challenge("Kiln, open", open_now=True)
    failed = made.challenge("Kiln, failed", failed=True, end_reason="Too few bids")
    cancelled = made.challenge("Kiln, cancelled", cancelled=True, end_reason="Plans changed")
    free = made.need("Kiln without a challenge")
    life.public += [row.get_absolute_url() for row in (notice, running, failed, cancelled)]
    life.buyer += [
        draft.get_absolute_url(),
        *_addresses("challenges:edit", args=[draft.code]),
        *_addresses("challenges:extend", args=[running.code]),
        *_addresses("challenges:create", "challenges:of-need", args=[free.code]),
    ]
    life.supplier += _addresses("challenges:object", args=[notice.code])
    life.operator += [
        submitted.get_absolute_url(),
        reverse("challenges:objection-decide", args=[notice.code, objection.pk]),
    ]


def _bidding(life: Life, made: _Maker, *, supplier: User) -> None:
    fresh = made.challenge("Burner, open", open_now=True)
    running = made.challenge("Burner, being bid on", open_now=True)
    bid = made.bid(running, submitted=True, created_by=supplier)
    claimable = made.challenge("Burner, to be claimed", open_now=True, first_claim=True)
    claimed = made.challenge(
        "Burner, claimed", opened=True, first_claim=True, state="awarded", awarded_at=timezone.now()
    )
    claim = made.bid(claimed, claim=True)
    life.supplier += [
        *_addresses("challenges:bid-create", args=[fresh.code]),
        *_addresses("challenges:bid-detail", "challenges:bid-edit", args=[bid.code]),
        *_addresses("challenges:bid-version", args=[bid.code, 1]),
        *_addresses("challenges:claim", args=[claimable.code]),
        claim.get_absolute_url(),
    ]
    life.buyer += [*_addresses("challenges:claim-list", args=[claimed.code]), claim.get_absolute_url()]


def _evaluating(life: Life, made: _Maker) -> None:
    reviewer = MembershipFactory(
        organisation=OrganisationFactory(name="Demo Reviewers"), user__name="Demo Reviewer Two"
    ).user
    life.reviewing = reviewer
    scoring = made.challenge("Sensor, being scored", evaluating=True)
    first = made.bid(scoring, submitted=True, label=1)
    made.bid(scoring, made.rival("Demo Second Rival"), submitted=True, label=2)
    active = ReviewerFactory(challenge=scoring, user=reviewer, active=True, assigned_by=made.operator)
    ScorecardFactory(reviewer=active, bid=first, submitted=True, comment=BODY)
    asked = made.challenge("Sensor, reviewers asked", evaluating=True)
    ReviewerFactory(challenge=asked, user=reviewer, assigned_by=made.operator)

    signed = made.challenge("Sensor, minutes signed", evaluating=True)
    best = made.bid(signed, submitted=True, label=1)
    judge = ReviewerFactory(challenge=signed, user=reviewer, active=True, assigned_by=made.operator)
    ScorecardFactory(reviewer=judge, bid=best, submitted=True, comment=BODY)
    MinutesFactory(challenge=signed, signed=True, drawn_up_by=made.operator)

    awarded = made.challenge("Sensor, awarded", awarded=True)
    made.bid(awarded, made.rival("Demo Winner"), awarded=True, label=1)
    waiting = made.bid(awarded, made.rival("Demo Waiting"), submitted=True, label=2)
    declined = made.bid(awarded, declined=True, label=3)
    appealed = made.challenge("Sensor, appealed", awarded=True)
    made.bid(appealed, made.rival("Demo Other Winner"), awarded=True, label=1)
    AppealFactory(bid=(complained := made.bid(appealed, declined=True, label=2)), text=BODY)

    life.buyer += [
        *_addresses("challenges:evaluation", args=[scoring.code]),
        *_addresses("challenges:evaluation", "challenges:award", "challenges:minutes-print", args=[signed.code]),
        *_addresses("challenges:bid-answer", args=[waiting.code]),
        *_addresses("challenges:evaluation", args=[awarded.code]),
    ]
    life.supplier += [declined.get_absolute_url(), *_addresses("challenges:bid-appeal", args=[declined.code])]
    life.operator += [
        *_addresses("challenges:evaluation", args=[appealed.code]),
        *_addresses("challenges:appeal-decide", args=[complained.code]),
    ]
    life.reviewer += [
        *_addresses("challenges:review-mine", "challenges:avoidances"),
        *_addresses("challenges:review", args=[scoring.code]),
        *_addresses("challenges:review", args=[asked.code]),
        reverse("challenges:scorecard", args=[scoring.code, 1]),
        reverse("challenges:scorecard", args=[scoring.code, 2]),
    ]


def _contracts(life: Life, made: _Maker, *, buyer: User) -> None:
    draft = made.contract("Coating, to be agreed", ready=True)
    funded = made.contract("Coating, to be funded", ready=True, funding_order="funding_first")
    running = made.contract("Coating, running", signed=True)
    MilestoneFactory(contract=running, position=1, title="Pilot", deliverable=BODY, accepted=True, delivery_note=BODY)
    late = timezone.localdate() - timedelta(days=3)
    MilestoneFactory(contract=running, position=2, title="Plant", deliverable=BODY, due_on=late)
    PaymentFactory(contract=running, amount=Decimal(10), note="First part", recorded_by=buyer)
    accepted = made.contract("Coating, accepted", accepted=True, acceptance_note=BODY)
    solved = made.contract("Coating, solved", solved=True, acceptance_note=BODY)
    evidence = ContractAttachmentFactory(contract=solved, name="report.pdf", uploaded_by=buyer)
    OutcomeFigure.objects.create(
        contract=solved, name="Service life", unit="h", before=400, after=1200, evidence=evidence
    )
    now = timezone.now()
    case = SuccessCase.objects.create(
        contract=solved,
        title="Coating that lasts",
        text=BODY,
        state="published",
        written_by=buyer,
        buyer_approved_at=now,
        supplier_approved_at=now,
        published_at=now,
    )
    telling = made.contract("Coating, to be told", solved=True, acceptance_note=BODY)
    open_follow_up(
        subject=running, due_on=timezone.localdate(), topic="Ask how it goes", owner=made.operator, by=None, at=now
    )
    complaint = raise_complaint(subject=running, complainant=made.enterprise, text=BODY, by=buyer, at=now)
    follow_up = running.follow_ups.get()
    life.public += [case.get_absolute_url()]
    life.buyer += [
        *_addresses("contracts:detail", "contracts:edit", "contracts:confirm", "contracts:print", args=[draft.code]),
        *_addresses("contracts:funding", args=[funded.code]),
        *_addresses("contracts:detail", "contracts:payment-add", "contracts:accept", args=[running.code]),
        *_addresses("contracts:detail", "contracts:solve", args=[accepted.code]),
        *_addresses("contracts:detail", "contracts:rate", "contracts:certificate", args=[solved.code]),
        *_addresses("contracts:case-edit", args=[telling.code]),
        complaint.get_absolute_url(),
        reverse("dashboards:clock"),
    ]
    life.supplier += [
        running.get_absolute_url(),
        *_addresses("contracts:milestone-deliver", args=[running.code, 2]),
        reverse("care:complaint-create-contract", args=[running.code]),
    ]
    life.operator += [
        running.get_absolute_url(),
        reverse("care:follow-ups-of-contract", args=[running.code]),
        reverse("care:follow-up-done", args=[running.code, follow_up.pk]),
        complaint.get_absolute_url(),
    ]

"""The demo data after the match: every state can be looked at, and everybody finds something to do."""

import re
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import models, transaction
from django.db.models.functions import Length
from django.utils import timezone

from accounts.audit import AuditEvent
from accounts.models import Organisation, User
from accounts.viewer import Viewer
from care.complaint.workflow import ComplaintState
from care.models import Complaint, FollowUp, FollowUpKind
from care.time_to_match import figures
from challenges.bid.workflow import BidState
from challenges.challenge.workflow import ChallengeMode, ChallengeState
from challenges.evaluation.actions import award_bid
from challenges.models import (
    Appeal,
    Bid,
    Challenge,
    Objection,
)
from challenges.objection.workflow import DecisionState
from challenges.review.workflow import ReviewerState
from challenges.waiting import waiting_for_operators, waiting_for_organisation, waiting_for_reviewer
from contracts.contract.actions import confirm_contract
from contracts.contract.workflow import ContractState
from contracts.delivery.actions import accept_milestone
from contracts.delivery.workflow import MilestoneState
from contracts.models import (
    Contract,
    Milestone,
    Payment,
    Rating,
    Side,
    SuccessCase,
)
from contracts.outcome.workflow import CaseState
from demo import files as demo_files
from demo.data import Loaded, Row, rows
from needs.disclosure.permissions import clearance
from needs.disclosure.queries import disclosed_to
from needs.files.actions import attach_to_need, open_for
from needs.models import Need, NeedAttachment
from tests.factories.needs import NeedFactory

pytestmark = pytest.mark.slow  # the first test of each process waits for all the data

CHALLENGES, BIDS, CONTRACTS = rows("challenges"), rows("bids"), rows("contracts")
SCORED, BEING_SCORED, CONFIDENTIAL = "call-01-4", "call-03-6", "need-01-2"


def states(model: type[models.Model]) -> Counter[str]:
    return Counter(model._default_manager.values_list("state", flat=True))


def waiting(loaded: Loaded, who: str) -> set[tuple[str, str]]:
    """(what, key of the need) of everything on the desk of a demo person."""
    user = loaded.people[who]
    found = waiting_for_reviewer(user)
    for membership in user.memberships.active():
        found += waiting_for_organisation(membership.organisation, at=timezone.now())
    by_title = {need.title: key for key, need in loaded.needs.items()}
    return {(str(row.what), by_title[row.title]) for row in found}


@contextmanager
def undone() -> Iterator[None]:
    """What happens inside is taken back: the tests after it find the data as it was."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


# --- the texts -----------------------------------------------------------------------------------------------------


def test_experts_and_documents_are_marked_as_examples() -> None:
    experts = [name for bid in BIDS for version in bid["versions"] for name in version["experts"]]
    assert len(experts) > 20
    assert all(name.startswith("示例") for name in experts)
    files = [file for row in [*rows("confidential"), *BIDS] for file in row.get("files", [])]
    assert all("示例" in file["text"] or file["name"].endswith(".png") for file in files)
    assert all("示例" in row["funding"]["reference"] for row in CONTRACTS if "funding" in row)


def test_rules_of_a_confidential_need_tell_nothing_of_what_is_hidden() -> None:
    """The call is public: no number of the hidden texts stands in it."""
    need = next(row for row in rows("needs") if row["key"] == CONFIDENTIAL)
    call = next(row for row in CHALLENGES if row["need"] == CONFIDENTIAL)
    hidden = " ".join(need[field] for field in need["disclosure"] if field != "budget")
    said = call["rules"] + call["eligibility"] + "".join(row["name"] + row["description"] for row in call["criteria"])
    assert set(re.findall(r"\d{2,}", hidden)) & set(re.findall(r"\d{2,}", said)) == set()


def test_reviewers_see_what_they_are_to_score() -> None:
    for row in CHALLENGES:
        said = "".join(criterion["name"] + criterion["description"] for criterion in row.get("criteria", []))
        for word, part in (("报价", "price"), ("团队", "team"), ("知识产权", "ip_proposal")):
            assert word not in said or part in row["shown_to_reviewers"], row["key"]


def test_no_two_bids_share_a_text() -> None:
    texts = Counter(bid["versions"][-1]["approach"] for bid in BIDS)
    assert len(texts) == len(BIDS)


@pytest.mark.django_db
def test_files_written_byte_by_byte_are_taken_as_attachments(buyer: User, enterprise: Organisation) -> None:
    need: Need = NeedFactory.create(organisation=enterprise)
    for name in ("记录.pdf", "断口.png"):
        upload = demo_files.file(name, "示例：第一行\n第二行长一些")
        assert attach_to_need(upload=upload, need=need, by=buyer, at=timezone.now()).name == name


# --- every state ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("model", "values"),
    [
        (Challenge, ChallengeState.values),
        (Bid, BidState.values),
        (Contract, ContractState.values),
        (Milestone, MilestoneState.values),
    ],
    ids=lambda part: getattr(part, "__name__", ""),
)
def test_every_state_occurs(loaded: Loaded, model: type[models.Model], values: list[str]) -> None:
    found = states(model)
    assert {state for state in values if not found[state]} == set()


@pytest.mark.parametrize("row", CHALLENGES, ids=lambda row: row["key"])
def test_a_challenge_ends_where_its_row_says(loaded: Loaded, row: Row) -> None:
    challenge = Challenge.objects.get(need=loaded.needs[row["need"]], round=1)
    assert (challenge.state, challenge.mode) == (row["state"], row["mode"])


@pytest.mark.parametrize("row", BIDS, ids=lambda row: f"{row['challenge']} {row['organisation']}")
def test_a_bid_ends_where_its_row_says(loaded: Loaded, row: Row) -> None:
    bid = loaded.bids[row["challenge"], row["organisation"]]
    bid.refresh_from_db()
    assert bid.state == row["state"]
    assert bid.versions.count() == len(row["versions"])


@pytest.mark.parametrize("row", CONTRACTS, ids=lambda row: row["key"])
def test_a_contract_ends_where_its_row_says(loaded: Loaded, row: Row) -> None:
    contract = loaded.contracts[row["key"]]
    contract.refresh_from_db()
    assert contract.state == row["state"]
    assert Bid.objects.filter(contract=contract).exists() is (row["origin"] != "match")


def test_both_modes_are_open_and_awarded_with_a_second_claim_in_the_queue(loaded: Loaded) -> None:
    for mode in ChallengeMode.values:
        assert Challenge.objects.filter(mode=mode, state=ChallengeState.OPEN).exists()
        assert Challenge.objects.filter(mode=mode, state=ChallengeState.AWARDED).exists()
    claimed = loaded.challenges["call-08-6"]
    offered = claimed.bids.get(state=BidState.AWARDED)
    assert offered.refusable_until is not None
    assert offered.refusable_until > timezone.now()
    assert claimed.bids.get(state=BidState.SUBMITTED).claim_number == 2


def test_a_failed_round_has_a_second_one_in_draft(loaded: Loaded) -> None:
    failed = Challenge.objects.get(state=ChallengeState.FAILED)
    assert failed.next.state == ChallengeState.DRAFT
    assert failed.next.round == 2


# --- somebody finds something to do --------------------------------------------------------------------------------

TO_DO = {
    "enterprise": {
        ("合同草案待补充或确认", "need-01-1"),
        ("评榜：跟进评分、纪要并定榜", "need-01-4"),
        ("里程碑已交付，待验收", "need-01-6"),
    },
    "university": {("里程碑被退回，请整改后再交付", "need-08-1")},
    "institute": {("方案还是草稿，截止前须提交", "need-01-2"), ("里程碑已逾期", "need-08-2")},
    "provider": {("方案还是草稿，截止前须提交", "need-09-3")},
    "broker": {("评榜：还有方案未评分", "need-03-6")},
    "individual": {("评榜：请先声明有无利益冲突", "need-03-6"), ("方案还是草稿，截止前须提交", "need-10-3")},
}


@pytest.mark.parametrize("who", TO_DO)
def test_people_to_log_in_as_find_something_to_do(loaded: Loaded, who: str) -> None:
    assert TO_DO[who] <= waiting(loaded, who)


def test_operators_find_a_challenge_an_objection_an_appeal_and_an_overdue_milestone(loaded: Loaded) -> None:
    found = {str(row.what) for row in waiting_for_operators(loaded.people["operator"], at=timezone.now())}
    assert {"榜单待论证", "异议待处理", "申诉待处理", "里程碑逾期"} <= found
    assert Objection.objects.get().state == Appeal.objects.get().state == DecisionState.OPEN


def test_the_enterprise_can_go_on_where_it_is_waited_for(loaded: Loaded) -> None:
    by, at = loaded.people["enterprise"], timezone.now()
    with undone():
        contract = confirm_contract(contract=loaded.contracts["contract-01-1"], side=Side.BUYER, by=by, at=at)
        assert contract.state == ContractState.SIGNED
    with undone():
        best = award_bid(
            bid=loaded.bids[SCORED, "uni-05"], reason="", answer="综合评分第一，请准备签约。", by=by, at=at
        )
        assert best.state == BidState.AWARDED
    with undone():
        delivered = loaded.contracts["contract-01-6"].milestones.get(state=MilestoneState.DELIVERED)
        assert accept_milestone(milestone=delivered, by=by, at=at).state == MilestoneState.ACCEPTED


@pytest.mark.parametrize("who", ["university", "institute", "provider", "individual"])
def test_a_bidder_has_an_unanswered_bid_and_one_declined_with_words(loaded: Loaded, who: str) -> None:
    mine = Bid.objects.visible_to(loaded.people[who]).filter(organisation__memberships__user=loaded.people[who])
    assert mine.unanswered().exists()
    declined = mine.filter(state=BidState.DECLINED).annotate(words=Length("answer"))
    assert declined.filter(words__gt=20).exclude(reason="").exists()


def test_two_reviewers_one_of_whom_has_scored_two_of_three(loaded: Loaded) -> None:
    reviewers = loaded.challenges[BEING_SCORED].reviewers.order_by("pk")
    found = [(row.user, row.state, row.scorecards.filter(state="submitted").count()) for row in reviewers]
    assert found == [
        (loaded.people["broker"], ReviewerState.ACTIVE, 2),
        (loaded.people["individual"], ReviewerState.ASSIGNED, 0),
    ]


def test_bids_on_an_open_challenge_are_their_authors_alone(loaded: Loaded) -> None:
    for key in ("call-01-2", "call-10-3", "call-09-3"):
        bids = loaded.challenges[key].bids.all()
        assert bids.count() == 2
        poser = loaded.owner_of(loaded.challenges[key].need.organisation)
        for who in (poser, loaded.people["operator"], loaded.people["government"]):
            assert not bids.filter(pk__in=Bid.objects.visible_to(who).values("pk")).exists()
    assert loaded.bids["call-01-2", "uni-01"].versions.handed_in().count() == 2


# --- the confidential need -----------------------------------------------------------------------------------------


def test_one_need_is_seen_by_five_people_in_five_ways(loaded: Loaded) -> None:
    need = Need.objects.get(pk=loaded.needs[CONFIDENTIAL].pk)
    known = [loaded.people[who] for who in ("individual", "university", "institute", "colleague")]
    people: list[User | AnonymousUser] = [AnonymousUser(), *known]
    assert [clearance(Viewer.of(person), need) for person in people] == [0, 1, 2, 3, 4]
    withheld = [len(disclosed_to(Viewer.of(person), need).withheld or ()) for person in people]
    assert withheld == sorted(withheld, reverse=True)
    assert withheld[0] == 5
    assert withheld[-1] == 0
    assert loaded.needs[CONFIDENTIAL].disclosure_views.count() == 7


def test_files_are_what_their_names_say_and_have_levels(loaded: Loaded) -> None:
    files = NeedAttachment.objects.filter(need=loaded.needs[CONFIDENTIAL])
    assert sorted(files.values_list("level", flat=True)) == ["named", "nda"]
    begins = {"application/pdf": b"%PDF-1.4", "image/png": b"\x89PNG\r\n\x1a\n"}
    for file in files:
        with open_for(loaded.people["institute"], file) as content:
            assert content.read(8) == begins[file.content_type]


# --- contracts and after -------------------------------------------------------------------------------------------


def test_a_milestone_is_accepted_and_paid_and_another_waits(loaded: Loaded) -> None:
    paid = Payment.objects.filter(milestone__contract=loaded.contracts["contract-08-1"])
    assert [payment.milestone.state for payment in paid if payment.milestone] == [MilestoneState.ACCEPTED]


def test_a_solved_contract_has_figures_ratings_of_both_and_a_public_case(loaded: Loaded) -> None:
    contract = Contract.objects.get(state=ContractState.SOLVED)
    assert [figure.evidence is not None for figure in contract.figures.all()] == [True] * 3
    assert set(Rating.objects.filter(contract=contract).values_list("side", flat=True)) == set(Side.values)
    assert SuccessCase.objects.get().state == CaseState.PUBLISHED
    assert contract.need.close_reason == "solved_here"


def test_follow_ups_are_open_late_and_done_and_a_complaint_is_mediated(loaded: Loaded) -> None:
    today = timezone.localdate()
    assert FollowUp.objects.open().filter(due_on__gte=today, kind=FollowUpKind.ROUTINE).exists()
    assert 1 <= FollowUp.objects.overdue(today=today).count() <= 3
    assert FollowUp.objects.filter(done_at__isnull=False).count() >= 10
    assert FollowUp.objects.open().filter(owner=loaded.people["broker"]).exists()
    complaint = Complaint.objects.get()
    assert complaint.state == ComplaintState.MEDIATING
    assert complaint.entries.count() == 2


# --- time ----------------------------------------------------------------------------------------------------------


def test_early_events_have_a_median_and_late_ones_are_not_yet_reached(loaded: Loaded) -> None:
    report = figures.report_of(Need.objects.all(), at=timezone.now())
    medians = {measure.event: measure.median for measure in report.measures}
    assert medians[figures.Event.PUBLISHED] is not None
    assert medians[figures.Event.CANDIDATE] is not None
    assert medians[figures.Event.ACCEPTED] is None
    assert all(measure.observed for measure in report.measures)
    assert report.search is not None
    assert report.search.n >= 10


def test_everything_happened_in_the_last_sixty_days_and_nothing_in_the_future(loaded: Loaded) -> None:
    moments = AuditEvent.objects.aggregate(first=models.Min("at"), last=models.Max("at"))
    assert moments["last"] <= timezone.now()
    assert (timezone.now() - moments["first"]).days <= 60
    assert User.objects.count() == len(loaded.people)

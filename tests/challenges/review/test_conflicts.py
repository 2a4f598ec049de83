"""Nobody reviews what they have a part in: each rule by itself, and what the person hears of it."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.permissions import Denied
from challenges.evaluation import minutes
from challenges.models import Avoidance, Reviewer
from challenges.review import actions as verbs
from challenges.review import scorecards
from challenges.review.actions import ConflictOfInterest
from challenges.review.conflicts import (
    COOLING_OFF,
    ConflictRule,
    conflicts_of,
    names_in,
)
from contracts.models import Contract
from lib.refusals import NotReady
from tests.challenges.evaluating import evaluation
from tests.factories.accounts import MembershipFactory, OrganisationFactory, UserFactory
from tests.factories.bids import BidFactory, BidVersionFactory
from tests.factories.needs import NeedFactory
from tests.factories.solutions import OutputFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def made(enterprise):
    return evaluation(enterprise, reviewers=0)


@pytest.fixture
def person(db):
    return UserFactory(name="示例评委")


def rules(made, person):
    return conflicts_of(challenge=made.challenge, users=[person], at=timezone.now()).get(person.pk, [])


def signed_contract(*, buyer, supplier, **fields):
    need = NeedFactory(published=True, organisation=buyer)
    now, by = timezone.now(), UserFactory()
    given = {
        "state": "signed",
        "kind": "service",
        "payment_mode": "lump_sum",
        "rights_owner": "buyer",
        "signed_at": now,
        "buyer_confirmed_at": now,
        "buyer_confirmed_by": by,
        "supplier_confirmed_at": now,
        "supplier_confirmed_by": by,
        **fields,
    }
    return Contract.objects.create(need=need, supplier=supplier, title="示例合同", created_by=by, **given)


def assign(made, person, by):
    return verbs.assign_reviewer(challenge=made.challenge, user=person, by=by, at=timezone.now())


def test_somebody_without_any_tie_is_assigned_and_told(made, person, buyer):
    MembershipFactory(user=person)
    reviewer = assign(made, person, buyer)
    assert (reviewer.state, reviewer.assigned_by) == ("assigned", buyer)
    notice = person.notifications.get()
    assert notice.params == {"title": made.challenge.need.title}
    assert made.challenge.code in notice.url


@pytest.mark.parametrize("side", ["poser", "bidder"])
def test_a_member_of_the_poser_or_of_a_bidder_is_refused(side, made, person, buyer, enterprise):
    MembershipFactory(user=person, organisation=enterprise if side == "poser" else made.bids[1].organisation)
    assert rules(made, person) == [ConflictRule.MEMBER]
    with pytest.raises(ConflictOfInterest, match="示例评委不能评审这份榜单：在需求方或揭榜单位任职"):
        assign(made, person, buyer)
    assert not Reviewer.objects.exists()
    assert not person.notifications.exists()


@pytest.mark.parametrize(
    ("since", "is_refused"),
    [(COOLING_OFF - timedelta(days=1), True), (COOLING_OFF + timedelta(days=1), False)],
    ids=["just under two years", "just over"],
)
def test_who_left_is_partial_for_two_years(since, is_refused, made, person):
    MembershipFactory(user=person, organisation=made.bid.organisation, ended_at=timezone.now() - since)
    assert (rules(made, person) == [ConflictRule.MEMBER]) is is_refused


@pytest.mark.parametrize("reviewer_is", ["supplier", "buyer"])
@pytest.mark.parametrize("party", ["poser", "bidder"])
def test_a_signed_contract_with_a_party_speaks_against_a_reviewer(reviewer_is, party, made, person, enterprise):
    home = MembershipFactory(user=person).organisation
    other = enterprise if party == "poser" else made.bid.organisation
    buyer, supplier = (home, other) if reviewer_is == "buyer" else (other, home)
    signed_contract(buyer=buyer, supplier=supplier)
    assert rules(made, person) == [ConflictRule.CONTRACT]


def test_a_contract_that_was_ended_still_counts_and_a_draft_does_not(made, person, enterprise):
    home = MembershipFactory(user=person).organisation
    contract = signed_contract(buyer=enterprise, supplier=home, state="draft", signed_at=None)
    assert rules(made, person) == []
    now = timezone.now()
    Contract.objects.filter(pk=contract.pk).update(
        state="terminated", signed_at=now, terminated_at=now, terminate_reason="双方协商"
    )
    assert rules(made, person) == [ConflictRule.CONTRACT]


def test_a_contract_between_others_is_no_conflict(made, person, enterprise):
    MembershipFactory(user=person)
    signed_contract(buyer=enterprise, supplier=made.bid.organisation)
    signed_contract(buyer=OrganisationFactory(), supplier=OrganisationFactory(university=True))
    assert rules(made, person) == []


@pytest.mark.parametrize(
    "people", ["示例评委", "示例甲、示例评委", "示例甲，示例评委;示例乙", "示例甲 示例评委", "示例甲；示 例 评 委"]
)
def test_a_co_author_of_a_named_output_is_refused(people, made, person):
    output = OutputFactory(published=True, organisation=made.bid.organisation, completed_people=people)
    made.bid.versions.get().solutions.add(output)
    assert rules(made, person) == [ConflictRule.AUTHOR]


def test_an_expert_of_a_bid_is_refused(made, person):
    made.bid.versions.update(experts=["示例专家甲", "示例评委"])
    assert rules(made, person) == [ConflictRule.AUTHOR]


def test_names_are_compared_whole(made, person):
    made.bid.versions.update(experts=["示例评委会", "示例评"])
    assert rules(made, person) == []
    assert names_in("Li Wei, 张三／ 李 四") >= {"liwei", "李四"}


def test_only_the_version_that_counts_names_experts(made, person):
    bid = made.bid
    bid.versions.update(experts=["示例评委"])
    BidVersionFactory(bid=bid, number=2, experts=["示例专家乙"])
    BidVersionFactory(bid=bid, number=3, experts=["示例评委"], submitted_at=None)
    assert rules(made, person) == []


@pytest.mark.parametrize("party", ["poser", "bidder"])
def test_a_declared_avoidance_is_heeded(party, made, person, enterprise):
    other = enterprise if party == "poser" else made.bid.organisation
    verbs.declare_avoidance(user=person, organisation=other, reason="师生关系", at=timezone.now())
    assert rules(made, person) == [ConflictRule.AVOIDANCE]


def test_operators_see_who_bids_and_so_do_not_review(made, operator, buyer):
    assert rules(made, operator) == [ConflictRule.OPERATOR]
    with pytest.raises(ConflictOfInterest, match="不能盲评"):
        assign(made, operator, operator)


def test_a_reviewer_who_becomes_an_operator_scores_no_more_and_one_who_was_may(made, person, buyer, operator):
    reviewer = assign(made, person, buyer)
    home = operator.memberships.get().organisation
    membership = MembershipFactory(user=person, organisation=home)
    with pytest.raises(Denied, match="按照回避规则"):
        verbs.declare_no_conflict(reviewer=reviewer, by=person, at=timezone.now())
    membership.ended_at = timezone.now()
    membership.save()
    assert rules(made, person) == []


def test_bids_that_were_never_handed_in_tie_nobody(made, person):
    for state in ({}, {"withdrawn": True}):
        MembershipFactory(user=person, organisation=BidFactory(challenge=made.challenge, **state).organisation)
    assert rules(made, person) == []


def test_all_rules_that_hold_are_named_to_the_poser(made, person, buyer, enterprise):
    MembershipFactory(user=person, organisation=made.bid.organisation)
    Avoidance.objects.create(user=person, organisation=enterprise)
    with pytest.raises(ConflictOfInterest, match=r"任职.*；已声明回避"):
        assign(made, person, buyer)


def test_conflicts_of_many_people_cost_as_many_queries_as_of_one(made, django_assert_num_queries):
    people = [MembershipFactory().user for _number in range(3)]
    for crowd in (people[:1], people):
        with django_assert_num_queries(7):
            conflicts_of(challenge=made.challenge, users=crowd, at=timezone.now())


# --- Later on -------------------------------------------------------------------------------------------------


def test_a_tie_that_arises_later_stops_the_declaration_without_saying_which(made, person, buyer):
    reviewer = assign(made, person, buyer)
    MembershipFactory(user=person, organisation=made.bid.organisation)
    with pytest.raises(Denied) as refused:
        verbs.declare_no_conflict(reviewer=reviewer, by=person, at=timezone.now())
    assert "按照回避规则" in str(refused.value)
    assert made.bid.organisation.name not in str(refused.value)
    assert "任职" not in str(refused.value)


def test_a_contract_signed_meanwhile_stops_the_scoring(enterprise):
    made = evaluation(enterprise)
    home = MembershipFactory(user=made.reviewer.user).organisation
    signed_contract(buyer=enterprise, supplier=home)
    with pytest.raises(Denied, match="按照回避规则"):
        scorecards.save_scorecard(
            reviewer=made.reviewer, bid=made.bid, points={}, comment="", by=made.reviewer.user, at=timezone.now()
        )


@pytest.mark.parametrize("trying", ["avoidance", "name"])
def test_a_reviewer_learns_nothing_by_trying_organisations_or_names(trying, enterprise):
    """What a reviewer can bring about alone never refuses the reviewer's own step; the poser is told instead."""
    made = evaluation(enterprise, minutes=True)
    user = made.reviewer.user
    if trying == "avoidance":
        verbs.declare_avoidance(user=user, organisation=made.bid.organisation, reason="", at=timezone.now())
    else:
        user.name = "示例专家甲"
        user.save()
    minutes.sign_minutes(
        reviewer=made.reviewer, text_hash=made.minutes.text_hash, by=user, at=timezone.now()
    )  # is not refused
    with pytest.raises(NotReady, match="请先撤换"):
        minutes.check_stands(challenge=made.challenge, at=timezone.now())


def test_avoidances_are_declared_once_and_taken_back_by_their_author_alone(person, outsider, university):
    now = timezone.now()
    first = verbs.declare_avoidance(user=person, organisation=university, reason="导师", at=now)
    assert verbs.declare_avoidance(user=person, organisation=university, reason="", at=now) == first
    with pytest.raises(Denied):
        verbs.withdraw_avoidance(avoidance=first, by=outsider, at=now)
    verbs.withdraw_avoidance(avoidance=first, by=person, at=now)
    assert not Avoidance.objects.exists()

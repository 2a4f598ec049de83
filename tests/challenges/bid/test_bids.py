"""Beginning a bid, handing it in and taking it back; who may, until when, and who hears of it."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from accounts.audit import AuditEvent
from accounts.models import Notification, Role
from accounts.permissions import Denied
from challenges.bid import actions as verbs
from challenges.models import Bid
from lib.refusals import WrongState
from needs.models import Level, NdaAcceptance
from tests.challenges.bidding import content
from tests.factories.accounts import MembershipFactory, OrganisationFactory
from tests.factories.bids import BidFactory
from tests.factories.challenges import ChallengeFactory
from tests.factories.needs import NeedIndicatorFactory
from tests.factories.solutions import OutputFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def challenge(enterprise):
    found = ChallengeFactory(open_now=True, need__organisation=enterprise)
    NeedIndicatorFactory(need=found.need)
    return found


def start(challenge, organisation, by, at=None):
    return verbs.start_bid(challenge=challenge, organisation=organisation, by=by, at=at or timezone.now())


def filled(challenge, organisation, by, **changed):
    bid = start(challenge, organisation, by)
    verbs.save_bid(bid=bid, values=content(challenge, organisation, **changed), by=by, at=timezone.now())
    return bid


def accept_nda(need, organisation, by):
    return NdaAcceptance.objects.create(
        need=need, organisation=organisation, text_version="1", text="示例", text_hash="0" * 64, accepted_by=by
    )


# --- Beginning -----------------------------------------------------------------------------------------------


def test_a_bid_begins_as_an_empty_draft_nobody_is_told_of(challenge, supplier, university, buyer):
    bid = start(challenge, university, supplier)
    assert (bid.state, bid.organisation, bid.created_by) == ("draft", university, supplier)
    assert bid.versions.get().submitted_at is None
    assert not Notification.objects.exists()


def test_an_organisation_has_one_bid_whoever_of_it_begins(challenge, supplier, university):
    colleague = MembershipFactory(organisation=university).user
    assert start(challenge, university, supplier) == start(challenge, university, colleague)
    assert Bid.objects.count() == 1


def test_a_viewer_and_a_stranger_do_not_bid_for_an_organisation(challenge, university, outsider):
    viewer = MembershipFactory(organisation=university, role=Role.VIEWER).user
    for person in (viewer, outsider):
        with pytest.raises(Denied, match="没有代表该机构"):
            start(challenge, university, person)


@pytest.mark.parametrize(
    ("kind", "words"), [("finance", "类型不能揭榜"), ("government", "类型不能揭榜"), ("operator", "类型不能揭榜")]
)
def test_only_the_supply_side_bids(kind, words, challenge):
    person = MembershipFactory(organisation=OrganisationFactory(kind=kind))
    with pytest.raises(Denied, match=words):
        start(challenge, person.organisation, person.user)


def test_an_organisation_that_is_not_verified_does_not_bid(challenge):
    person = MembershipFactory(organisation=OrganisationFactory(university=True, pending=True))
    with pytest.raises(Denied, match="核验"):
        start(challenge, person.organisation, person.user)


def test_the_kinds_a_challenge_names_are_the_only_ones(enterprise, supplier, university):
    challenge = ChallengeFactory(open_now=True, need__organisation=enterprise, eligible_kinds=["institute"])
    with pytest.raises(Denied, match="科研院所"):
        start(challenge, university, supplier)


def test_the_poser_does_not_bid_on_its_own_challenge(challenge, enterprise, buyer):
    with pytest.raises(Denied, match="同一机构"):
        start(challenge, enterprise, buyer)


def test_an_organisation_that_shares_a_member_with_the_poser_does_not_bid(challenge, enterprise, university, supplier):
    shared = MembershipFactory(user=supplier, organisation=enterprise, role=Role.VIEWER)
    with pytest.raises(Denied, match="共同的成员"):
        start(challenge, university, supplier)
    shared.ended_at = timezone.now()
    shared.save()
    assert start(challenge, university, supplier).state == "draft"


def test_where_an_agreement_is_asked_it_must_be_in_force(enterprise, university, supplier):
    challenge = ChallengeFactory(open_now=True, need__organisation=enterprise, requires_nda=True)
    with pytest.raises(Denied, match="保密协议"):
        start(challenge, university, supplier)
    accepted = accept_nda(challenge.need, university, supplier)
    bid = filled(challenge, university, supplier)
    accepted.revoked_at, accepted.revoked_by = timezone.now(), supplier
    accepted.save()
    with pytest.raises(Denied, match="保密协议"):
        verbs.submit_bid(bid=bid, by=supplier, at=timezone.now())


@pytest.mark.parametrize("trait", ["notice", "evaluating", "failed", "cancelled"])
def test_a_challenge_that_is_not_open_takes_no_bid(trait, supplier, university):
    with pytest.raises(WrongState):
        start(ChallengeFactory(**{trait: True}), university, supplier)


def test_a_first_claim_takes_no_bid(supplier, university):
    with pytest.raises(WrongState, match="抢单"):
        start(ChallengeFactory(open_now=True, first_claim=True), university, supplier)


# --- The deadline ----------------------------------------------------------------------------------------------


def test_the_deadline_is_the_first_moment_that_is_too_late(challenge, supplier, university):
    last, late = challenge.closes_at - timedelta(microseconds=1), challenge.closes_at
    bid = filled(challenge, university, supplier)
    for verb in (verbs.submit_bid, verbs.withdraw_bid):
        assert verb(bid=bid, by=supplier, at=last)
    verbs.submit_bid(bid=bid, by=supplier, at=last)
    with pytest.raises(WrongState, match="截止时间已过"):
        verbs.withdraw_bid(bid=bid, by=supplier, at=late)
    with pytest.raises(WrongState, match="截止时间已过"):
        verbs.save_bid(bid=bid, values={"team": "更多人"}, by=supplier, at=late)
    newcomer = MembershipFactory(organisation=OrganisationFactory(university=True))
    with pytest.raises(WrongState, match="截止时间已过"):
        start(challenge, newcomer.organisation, newcomer.user, at=late)


def test_a_draft_is_not_handed_in_after_the_deadline(challenge, supplier, university):
    bid = filled(challenge, university, supplier)
    with pytest.raises(WrongState, match="截止时间已过"):
        verbs.submit_bid(bid=bid, by=supplier, at=challenge.closes_at)
    bid.refresh_from_db()
    assert bid.state == "draft"


# --- Handing in --------------------------------------------------------------------------------------------------


def test_what_is_handed_in_is_stamped_and_only_its_own_organisation_hears(
    challenge, supplier, university, buyer, operator
):
    bid = filled(challenge, university, supplier)
    at = timezone.now()
    verbs.submit_bid(bid=bid, by=supplier, at=at)
    bid.refresh_from_db()
    assert (bid.state, bid.submitted_at, bid.submitted_by) == ("submitted", at, supplier)
    assert bid.versions.get().submitted_at == at
    assert set(Notification.objects.values_list("recipient", flat=True)) == {supplier.pk}


def test_the_record_names_the_need_and_nothing_of_the_bid(challenge, supplier, university):
    bid = filled(challenge, university, supplier)
    verbs.submit_bid(bid=bid, by=supplier, at=timezone.now())
    verbs.withdraw_bid(bid=bid, by=supplier, at=timezone.now())
    events = AuditEvent.objects.order_by("at", "pk")
    assert [event.action for event in events] == ["bid.create", "bid.submit", "bid.withdraw"]
    assert {(event.object_code, event.object_label, event.reason) for event in events} == {
        (bid.code, challenge.need.title, "")
    }


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"approach": ""}, "approach"),
        ({"team": ""}, "team"),
        ({"months": None}, "months"),
        ({"price": None}, "price"),
        ({"ip_proposal": ""}, "ip_proposal"),
        ({"unaffiliated": False}, "unaffiliated"),
        ({"plan": []}, "plan"),
        ({"plan": [{"title": "", "month": 3, "deliverable": ""}]}, "plan.0"),
        ({"plan": [{"title": "试制", "month": None, "deliverable": ""}]}, "plan.0"),
        ({"plan": [{"title": "试制", "month": 13, "deliverable": ""}]}, "plan.0"),
    ],
)
def test_what_is_missing_is_said_at_its_field_and_nothing_is_handed_in(changed, field, challenge, supplier, university):
    bid = filled(challenge, university, supplier, **changed)
    with pytest.raises(ValidationError) as refused:
        verbs.submit_bid(bid=bid, by=supplier, at=timezone.now())
    assert list(refused.value.message_dict) == [field]
    bid.refresh_from_db()
    assert bid.state == "draft"


def test_every_indicator_the_bidder_sees_is_answered_and_only_those(challenge, supplier, university):
    hidden = NeedIndicatorFactory(need=challenge.need, name="保密指标", level=Level.NDA)
    bid = filled(challenge, university, supplier)
    verbs.submit_bid(bid=bid, by=supplier, at=timezone.now())
    accept_nda(challenge.need, university, supplier)
    verbs.save_bid(bid=bid, values={"team": "更多人"}, by=supplier, at=timezone.now())
    with pytest.raises(ValidationError) as refused:
        verbs.submit_bid(bid=bid, by=supplier, at=timezone.now())
    assert list(refused.value.message_dict) == [f"indicator_answers.{hidden.pk}"]


def test_a_bid_may_honestly_say_that_an_indicator_is_not_met(challenge, supplier, university):
    indicator = challenge.need.indicators.get()
    answers = [{"indicator": indicator.pk, "meets": "no", "value": "", "how": ""}]
    bid = filled(challenge, university, supplier, indicator_answers=answers)
    assert verbs.submit_bid(bid=bid, by=supplier, at=timezone.now()).state == "submitted"
    answers = [{"indicator": indicator.pk, "meets": "partly", "value": "950", "how": ""}]
    verbs.save_bid(bid=bid, values={"indicator_answers": answers}, by=supplier, at=timezone.now())
    with pytest.raises(ValidationError, match="以什么证明"):
        verbs.submit_bid(bid=bid, by=supplier, at=timezone.now())


def test_a_bid_builds_on_outputs_of_its_own(challenge, supplier, university):
    own, foreign = OutputFactory(published=True, organisation=university), OutputFactory(published=True)
    bid = filled(challenge, university, supplier, solutions=[own])
    assert list(bid.versions.get().solutions.all()) == [own]
    with pytest.raises(ValueError, match="own organisation"):
        verbs.save_bid(bid=bid, values={"solutions": [foreign]}, by=supplier, at=timezone.now())


def test_what_the_platform_keeps_is_no_content(challenge, supplier, university):
    bid = start(challenge, university, supplier)
    with pytest.raises(TypeError, match="state"):
        verbs.save_bid(bid=bid, values={"state": "awarded"}, by=supplier, at=timezone.now())


# --- Taking back -------------------------------------------------------------------------------------------------


def test_a_withdrawn_bid_is_handed_in_again_as_it_was(challenge, supplier, university):
    bid = filled(challenge, university, supplier)
    verbs.submit_bid(bid=bid, by=supplier, at=timezone.now())
    verbs.withdraw_bid(bid=bid, by=supplier, at=timezone.now())
    assert not Bid.objects.handed_in().exists()
    again = verbs.submit_bid(bid=bid, by=supplier, at=timezone.now())
    assert (again.state, again.withdrawn_at, again.versions.count()) == ("submitted", None, 1)


def test_the_author_sees_its_bid_and_nobody_else(challenge, supplier, university, buyer, operator, outsider, newcomer):
    bid = BidFactory(submitted=True, challenge=challenge, organisation=university)
    assert list(Bid.objects.visible_to(supplier)) == [bid]
    for person in (buyer, operator, outsider, newcomer, None):
        assert not Bid.objects.visible_to(person).exists()

"""Objections: who may raise one, when, who learns who did, and what follows from the decision."""

from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.audit import AuditEvent
from accounts.models import Notification
from accounts.permissions import Denied
from challenges.challenge import actions as verbs
from challenges.challenge import automatic
from challenges.models import Challenge, Objection
from challenges.objection.actions import decide_objection, raise_objection
from challenges.objection.workflow import DECISION_ACTIONS, DecisionState
from lib.refusals import WrongState
from tests.challenges.challenge_steps import STATES, in_state
from tests.factories.accounts import MembershipFactory, OrganisationFactory
from tests.factories.bids import BidFactory
from tests.factories.challenges import ObjectionFactory
from tests.needs.need.pages import text

pytestmark = pytest.mark.django_db

WORDS = "申报条件中的业绩要求过于具体，排除了多数单位。"
ANSWER = "业绩要求依据行业通行做法，不指向特定单位。"


def object_to(challenge: Challenge, person: Any, organisation: Any, at: Any = None) -> Objection:
    return raise_objection(
        challenge=challenge, organisation=organisation, text=WORDS, by=person, at=at or timezone.now()
    )


def decide(objection: Objection, operator: Any, *, upheld: bool) -> Objection:
    return decide_objection(objection=objection, upheld=upheld, answer=ANSWER, by=operator, at=timezone.now())


def announced_result(enterprise: Any, **fields: Any) -> Challenge:
    """Awarded, its result in public notice for two more days."""
    until = timezone.now() + timedelta(days=2)
    challenge = in_state("awarded", organisation=enterprise, result_notice_days=3, result_notice_until=until, **fields)
    BidFactory(challenge=challenge, awarded=True, label=1)
    return challenge


# --- Raising ---------------------------------------------------------------------------------------


def test_a_verified_organisation_objects_in_the_notice_period(supplier, university, buyer, enterprise, operator):
    challenge = in_state("notice", organisation=enterprise)
    objection = object_to(challenge, supplier, university)
    assert (objection.stage, objection.state, objection.raised_by) == ("notice", "open", supplier)
    for person in (buyer, operator):
        notice = Notification.objects.get(recipient=person)
        assert university.name not in notice.text
    trail = AuditEvent.objects.get()
    assert (trail.action, trail.object_code) == ("objection.raise", challenge.code)
    assert WORDS not in trail.reason


def test_the_result_may_be_objected_to_while_it_is_in_notice(supplier, university, enterprise):
    assert object_to(announced_result(enterprise), supplier, university).stage == "result"


@pytest.mark.parametrize("state", [state for state in STATES if state != "notice"])
def test_out_of_a_notice_period_nobody_objects(state, supplier, university, enterprise):
    with pytest.raises(WrongState, match="公示期"):
        object_to(in_state(state, organisation=enterprise), supplier, university)


@pytest.mark.parametrize("stage", ["notice", "result"])
def test_the_notice_period_ends_to_the_microsecond(stage, supplier, university, enterprise):
    challenge = in_state("notice", organisation=enterprise) if stage == "notice" else announced_result(enterprise)
    end = challenge.notice_until if stage == "notice" else challenge.result_notice_until
    with pytest.raises(WrongState):
        object_to(challenge, supplier, university, at=end)
    assert object_to(challenge, supplier, university, at=end - timedelta(microseconds=1)).stage == stage


def test_one_objection_at_a_time(supplier, university, enterprise):
    challenge = in_state("notice", organisation=enterprise)
    object_to(challenge, supplier, university)
    with pytest.raises(WrongState, match="已有一条"):
        object_to(challenge, supplier, university)
    assert Objection.objects.count() == 1


def test_the_poser_does_not_object(buyer, enterprise):
    with pytest.raises(Denied, match="自己的榜单"):
        object_to(in_state("notice", organisation=enterprise), buyer, enterprise)


@pytest.mark.parametrize("who", ["colleague", "outsider", "buyer"])
def test_only_writers_object_for_an_organisation(who, request, university, enterprise):
    with pytest.raises(Denied):
        object_to(in_state("notice", organisation=enterprise), request.getfixturevalue(who), university)


def test_an_organisation_that_is_not_verified_does_not_object(enterprise):
    member = MembershipFactory(organisation=OrganisationFactory(university=True, pending=True))
    with pytest.raises(Denied, match="核验"):
        object_to(in_state("notice", organisation=enterprise), member.user, member.organisation)


def test_an_organisation_that_decides_does_not_object(operator, enterprise):
    """Everybody who could decide it would belong to the objector."""
    with pytest.raises(Denied, match="负责处理异议"):
        object_to(in_state("notice", organisation=enterprise), operator, operator.memberships.get().organisation)
    assert not Objection.objects.exists()


# --- Deciding --------------------------------------------------------------------------------------


@pytest.mark.parametrize("state", [DecisionState.OPEN, DecisionState.UPHELD])
def test_an_objection_that_is_not_dismissed_keeps_the_challenge_from_opening(state, enterprise, operator):
    challenge = in_state("notice", organisation=enterprise, notice_until=timezone.now())
    objection = ObjectionFactory(challenge=challenge)
    if state == DecisionState.UPHELD:
        decide(objection, operator, upheld=True)
    assert automatic.open_due(at=timezone.now()) == []
    assert verbs.cancel_challenge(challenge=challenge, reason="异议成立", by=operator, at=timezone.now())


def test_a_dismissed_objection_holds_nothing_up(enterprise, operator):
    challenge = in_state("notice", organisation=enterprise, notice_until=timezone.now())
    objection = ObjectionFactory(challenge=challenge)
    objector = MembershipFactory(organisation=objection.organisation).user
    decided = decide(objection, operator, upheld=False)
    assert (decided.state, decided.answer, decided.decided_by) == ("dismissed", ANSWER, operator)
    assert automatic.open_due(at=timezone.now()) == [challenge]
    assert Notification.objects.get(recipient=objector).url == challenge.get_absolute_url()


def test_upheld_against_the_result_the_award_is_taken_back(buyer, enterprise, operator, supplier, university):
    challenge = announced_result(enterprise)
    second = BidFactory(challenge=challenge, declined=True, reason="better_bid", label=2)
    ineligible = BidFactory(challenge=challenge, declined=True, reason="not_eligible", label=3)
    objection = object_to(challenge, supplier, university)
    decide(objection, operator, upheld=True)
    challenge.refresh_from_db()
    assert (challenge.state, challenge.awarded_at, challenge.result_notice_until) == ("evaluating", None, None)
    assert challenge.answer_by >= timezone.now() + timedelta(days=29)
    states = dict(challenge.bids.values_list("label", "state"))
    assert states == {1: "submitted", second.label: "submitted", ineligible.label: "declined"}
    assert AuditEvent.objects.filter(action="challenge.reopen", object_code=challenge.code).exists()


def test_dismissed_against_the_result_the_award_stands(enterprise, operator, supplier, university):
    challenge = announced_result(enterprise)
    decide(object_to(challenge, supplier, university), operator, upheld=False)
    challenge.refresh_from_db()
    assert (challenge.state, challenge.bids.get().state) == ("awarded", "awarded")


@pytest.mark.parametrize("who", ["buyer", "colleague", "supplier", "outsider"])
def test_only_operators_decide(who, request, enterprise):
    objection = ObjectionFactory(challenge=in_state("notice", organisation=enterprise))
    with pytest.raises(Denied):
        decide(objection, request.getfixturevalue(who), upheld=True)


@pytest.mark.parametrize("action", DECISION_ACTIONS)
@pytest.mark.parametrize("before", [True, False])
def test_a_decision_is_final(action, before, enterprise, operator):
    objection = ObjectionFactory(challenge=in_state("notice", organisation=enterprise))
    decide(objection, operator, upheld=before)
    with pytest.raises(WrongState):
        decide(objection, operator, upheld=action == "uphold")


@pytest.mark.parametrize("side", ["the poser", "who objects"])
def test_an_operator_does_not_decide_in_a_cause_of_its_own(side, supplier, university, enterprise, operator):
    objection = object_to(in_state("notice", organisation=enterprise), supplier, university)
    MembershipFactory(user=operator, organisation=enterprise if side == "the poser" else university)
    with pytest.raises(Denied, match="请由其他运营人员处理"):
        decide(objection, operator, upheld=False)


def test_a_decision_and_an_objection_say_something(enterprise, operator, supplier, university):
    challenge = in_state("notice", organisation=enterprise)
    with pytest.raises(ValueError, match="answer"):
        decide_objection(
            objection=ObjectionFactory(challenge=challenge), upheld=True, answer=" ", by=operator, at=timezone.now()
        )
    with pytest.raises(ValueError, match="about"):
        raise_objection(challenge=challenge, organisation=university, text=" ", by=supplier, at=timezone.now())


# --- Pages -----------------------------------------------------------------------------------------


def test_an_objection_is_raised_on_its_page(client_of, supplier, enterprise):
    challenge = in_state("notice", organisation=enterprise)
    client = client_of(supplier)
    assert "提出异议" in text(client.get(challenge.get_absolute_url()))
    url = reverse("challenges:object", args=[challenge.code])
    assert client.get(url).status_code == 200
    assert client.post(url, {"text": " "}).status_code == 422
    page = text(client.post(url, {"text": WORDS}, follow=True))
    assert WORDS in page
    assert "异议已提交" in page


def test_operators_are_offered_no_objection(client_of, operator, enterprise):
    challenge = in_state("notice", organisation=enterprise)
    client = client_of(operator)
    assert "提出异议" not in text(client.get(challenge.get_absolute_url()))
    url = reverse("challenges:object", args=[challenge.code])
    assert client.get(url).status_code == 403
    assert client.post(url, {"text": WORDS}).status_code == 403


def test_who_objects_is_told_to_operators_alone(client_of, supplier, university, buyer, outsider, operator, enterprise):
    challenge = in_state("notice", organisation=enterprise)
    object_to(challenge, supplier, university)
    pages = {who: text(client_of(who).get(challenge.get_absolute_url())) for who in (buyer, outsider, operator)}
    assert WORDS in pages[buyer]
    assert university.name not in pages[buyer]
    assert WORDS not in pages[outsider]
    assert university.name in pages[operator]


@pytest.fixture
def contested(enterprise, operator) -> Objection:
    """An objection to the result of a challenge on which an organisation of the operator's bid in vain."""
    challenge = announced_result(enterprise)
    loser = BidFactory(challenge=challenge, declined=True, label=2).organisation
    MembershipFactory(organisation=loser, user=operator)
    return ObjectionFactory(challenge=challenge, stage="result", text=WORDS)


def test_who_objects_is_not_told_to_an_operator_of_a_bidder(contested, client_of, operator):
    """There it is a bidder like any other: page, queue and desk say no more than to the others."""
    client, challenge, name = client_of(operator), contested.challenge, contested.organisation.name
    queue = reverse("challenges:review-queue") + "?tab=objections"
    pages = [text(client.get(url)) for url in (challenge.get_absolute_url(), queue, reverse("dashboards:desk"))]
    assert not [page for page in pages if name in page or WORDS in page]
    assert "异议待处理" not in pages[-1]
    assert client.get(reverse("challenges:objection-decide", args=[challenge.code, contested.pk])).status_code == 403


def test_who_objects_is_told_to_other_operators(contested, client_of):
    other = MembershipFactory(organisation=OrganisationFactory(kind="operator")).user
    client, challenge, name = client_of(other), contested.challenge, contested.organisation.name
    queue = reverse("challenges:review-queue") + "?tab=objections"
    decide_page = reverse("challenges:objection-decide", args=[challenge.code, contested.pk])
    for url in (challenge.get_absolute_url(), queue, decide_page):
        assert name in text(client.get(url))
    assert "异议待处理" in text(client.get(reverse("dashboards:desk")))


def test_the_queue_lists_no_late_answers_to_an_operator_that_waits_for_one(client_of, operator, enterprise):
    late = in_state("evaluating", organisation=enterprise, answer_by=timezone.now() - timedelta(days=1))
    own = BidFactory(challenge=late, submitted=True, label=1)
    url = reverse("challenges:review-queue") + "?tab=overdue"
    assert late.code in text(client_of(operator).get(url))
    MembershipFactory(organisation=own.organisation, user=operator)
    assert late.code not in text(client_of(operator).get(url))


def test_an_operator_decides_on_its_page(client_of, operator, enterprise, buyer):
    objection = ObjectionFactory(challenge=in_state("notice", organisation=enterprise))
    url = reverse("challenges:objection-decide", args=[objection.challenge.code, objection.pk])
    assert client_of(buyer).get(url).status_code == 403
    client = client_of(operator)
    assert objection.text in text(client.get(url))
    assert client.post(url, {"upheld": "", "answer": ANSWER}).status_code == 422
    client.post(url, {"upheld": "no", "answer": ANSWER})
    objection.refresh_from_db()
    assert (objection.state, objection.answer) == ("dismissed", ANSWER)
    elsewhere = reverse("challenges:objection-decide", args=[in_state("notice").code, objection.pk])
    assert client.get(elsewhere).status_code == 404


def test_nobody_objects_without_an_organisation(client_of, newcomer, enterprise):
    challenge = in_state("notice", organisation=enterprise)
    assert client_of(newcomer).get(reverse("challenges:object", args=[challenge.code])).status_code == 403

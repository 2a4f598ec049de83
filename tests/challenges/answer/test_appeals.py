"""A declined bidder appeals once and in time; an operator decides, and an upheld appeal is answered anew."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.audit import AuditEvent
from accounts.models import Notification
from accounts.permissions import Denied
from challenges.answer import actions as verbs
from challenges.answer.permissions import APPEAL_TIME, may_appeal
from challenges.challenge import actions as challenges
from challenges.models import Appeal, Bid, Challenge
from challenges.waiting import waiting_for_operators
from lib.refusals import NotReady, WrongState
from tests.challenges.evaluating import DECLINED, awarded
from tests.factories.accounts import MembershipFactory
from tests.factories.bids import BidFactory
from tests.factories.challenges import ChallengeFactory
from tests.factories.evaluation import AppealFactory
from tests.factories.needs import NeedFactory
from tests.needs.need.pages import text

pytestmark = pytest.mark.django_db

DECISION = "复核了评分与原始记录，答复所称周期与方案不符。"


@pytest.fixture
def lost(enterprise, buyer):
    """An awarded challenge whose second bid was declined by the poser."""
    made = awarded(enterprise)
    verbs.answer_bid(bid=made.bids[1], reason="plan", answer=DECLINED, by=buyer, at=timezone.now())
    made.bids[1].refresh_from_db()
    return made


@pytest.fixture
def bidder(lost):
    return MembershipFactory(organisation=lost.bids[1].organisation).user


def appeal(bid, by, at=None, words="周期与中榜方案相同。"):
    return verbs.appeal_bid(bid=bid, text=words, by=by, at=at or timezone.now())


def decide(given, by, *, upheld=True, reopen=False, words=DECISION):
    return verbs.decide_appeal(appeal=given, upheld=upheld, answer=words, by=by, at=timezone.now(), reopen=reopen)


def test_an_appeal_goes_to_the_operators_and_the_poser_knows(lost, bidder, buyer, operator):
    raised = appeal(lost.bids[1], bidder)
    assert (raised.state, raised.raised_by) == ("open", bidder)
    told = set(Notification.objects.filter(key="answer.appealed").values_list("recipient", flat=True))
    assert told == {buyer.pk, operator.pk}
    assert AuditEvent.objects.filter(action="bid.appeal", object_code=lost.bids[1].code).exists()


def test_one_appeals_in_time_and_once(lost, bidder):
    bid = lost.bids[1]
    until = bid.answered_at + APPEAL_TIME
    assert may_appeal(user=bidder, bid=bid, at=until - timedelta(microseconds=1))
    assert not may_appeal(user=bidder, bid=bid, at=until)
    with pytest.raises(WrongState, match="申诉期限已过"):
        appeal(bid, bidder, at=until)
    with pytest.raises(NotReady):
        appeal(bid, bidder, words="  ")
    appeal(bid, bidder, at=until - timedelta(microseconds=1))
    assert not may_appeal(user=bidder, bid=bid, at=timezone.now())
    with pytest.raises(WrongState, match="只能申诉一次"):
        appeal(bid, bidder)


@pytest.mark.parametrize("who", ["buyer", "operator", "outsider", "supplier"])
def test_only_the_bidders_writers_appeal(who, lost, request):
    with pytest.raises(Denied):
        appeal(lost.bids[1], request.getfixturevalue(who))


@pytest.mark.parametrize("state", ["submitted", "awarded"])
def test_there_is_nothing_to_appeal_against_before_an_answer(state, enterprise):
    bid = BidFactory(challenge=ChallengeFactory(awarded=True), label=1, **{state: True})
    with pytest.raises(WrongState, match="不能申诉"):
        appeal(bid, MembershipFactory(organisation=bid.organisation).user)


def test_what_the_platform_dismissed_is_nobodys_judgement(enterprise):
    bid = BidFactory(challenge=ChallengeFactory(failed=True), declined=True, reason="too_few_bids", answered_by=None)
    with pytest.raises(WrongState, match="不能申诉"):
        appeal(bid, MembershipFactory(organisation=bid.organisation).user)


def test_a_dismissed_appeal_leaves_the_answer(lost, bidder, operator):
    decided = decide(appeal(lost.bids[1], bidder), operator, upheld=False)
    assert (decided.state, decided.answer, decided.decided_by) == ("dismissed", DECISION, operator)
    assert Bid.objects.get(pk=lost.bids[1].pk).state == "declined"
    assert Notification.objects.filter(recipient=bidder, key="answer.appeal_dismissed").exists()


def test_an_upheld_appeal_is_answered_anew_within_the_days_agreed(lost, bidder, operator, buyer):
    Challenge.objects.update(answer_by=timezone.now() - timedelta(days=1), answers_overdue_told_at=timezone.now())
    decide(appeal(lost.bids[1], bidder), operator)
    bid, challenge = Bid.objects.get(pk=lost.bids[1].pk), Challenge.objects.get()
    assert (bid.state, bid.reason, bid.answer, bid.answered_at) == ("submitted", "", "", None)
    assert challenge.state == "awarded"
    assert challenge.answer_by > timezone.now() + timedelta(days=29)
    assert challenge.answers_overdue_told_at is None
    assert Notification.objects.filter(recipient=buyer, key="answer.appeal_upheld_poser").exists()
    verbs.answer_bid(bid=bid, reason="team", answer=DECLINED, by=buyer, at=timezone.now())
    bid.refresh_from_db()
    with pytest.raises(WrongState, match="只能申诉一次"):
        appeal(bid, bidder)


def test_an_appeal_that_touches_the_award_reopens_the_evaluation(lost, bidder, operator):
    decide(appeal(lost.bids[1], bidder), operator, reopen=True)
    assert Challenge.objects.get().state == "evaluating"
    assert set(Bid.objects.values_list("state", flat=True)) == {"submitted"}


@pytest.mark.parametrize(("reopen", "state"), [(False, "awarded"), (True, "evaluating")])
def test_closing_does_not_take_its_effect_from_an_appeal(reopen, state, lost, bidder, operator, buyer):
    with pytest.raises(NotReady, match="可以申诉至"):
        challenges.close_challenge(challenge=lost.challenge, by=buyer, at=timezone.now())
    decide(appeal(lost.bids[1], bidder), operator, reopen=reopen)
    assert Challenge.objects.get().state == state
    assert Bid.objects.get(pk=lost.bids[1].pk).state == "submitted"


@pytest.mark.parametrize("end", ["nobody appeals", "the appeal is dismissed"])
def test_when_no_appeal_can_come_any_more_it_closes_for_good(end, lost, bidder, operator, buyer):
    at = lost.bids[1].answered_at + APPEAL_TIME
    if end == "the appeal is dismissed":
        decide(appeal(lost.bids[1], bidder), operator, upheld=False)
        at = timezone.now()
    assert challenges.close_challenge(challenge=lost.challenge, by=buyer, at=at).state == "closed"
    with pytest.raises(WrongState):
        appeal(lost.bids[1], bidder)  # sent in time, and read after the closing
    assert not may_appeal(user=bidder, bid=Bid.objects.get(pk=lost.bids[1].pk), at=timezone.now())


def test_what_nobody_can_appeal_against_keeps_nothing_open(enterprise, buyer):
    challenge = ChallengeFactory(failed=True, need__organisation=enterprise)
    BidFactory(challenge=challenge, declined=True, reason="too_few_bids", answered_by=None)
    assert challenges.close_challenge(challenge=challenge, by=buyer, at=timezone.now()).state == "closed"


@pytest.mark.parametrize("side", ["the poser", "who appeals", "another bidder"])
def test_an_operator_does_not_decide_in_a_cause_of_its_own(side, lost, bidder, operator, enterprise):
    raised = appeal(lost.bids[1], bidder)
    homes = {"the poser": enterprise, "who appeals": lost.bids[1].organisation, "another bidder": lost.bid.organisation}
    MembershipFactory(user=operator, organisation=homes[side])
    with pytest.raises(Denied, match="请由其他运营人员处理"):
        decide(raised, operator)
    assert Appeal.objects.get().state == "open"


def test_an_appeal_is_decided_once_and_in_words(lost, bidder, operator):
    raised = appeal(lost.bids[1], bidder)
    with pytest.raises(NotReady):
        decide(raised, operator, words="驳回")
    decide(raised, operator, upheld=False)
    for upheld in (True, False):
        with pytest.raises(WrongState):
            decide(raised, operator, upheld=upheld)


@pytest.mark.parametrize("who", ["buyer", "colleague", "supplier", "outsider"])
def test_only_operators_decide(who, lost, bidder, request):
    with pytest.raises(Denied):
        decide(appeal(lost.bids[1], bidder), request.getfixturevalue(who))


# --- Claims -----------------------------------------------------------------------------------------------------


@pytest.fixture
def refused(enterprise, buyer):
    """A claim the poser refused; nobody else has claimed."""
    need = NeedFactory(published=True, organisation=enterprise)
    challenge = ChallengeFactory(need=need, open_now=True, first_claim=True)
    return BidFactory(challenge=challenge, declined=True, reason="plan", claim_number=1, answered_by=buyer)


def test_a_refused_claim_whose_appeal_is_upheld_is_offered_again(refused, operator):
    member = MembershipFactory(organisation=refused.organisation).user
    decide(appeal(refused, member), operator)
    refused.refresh_from_db()
    assert refused.state == "awarded"
    assert refused.refusable_until is not None
    assert Challenge.objects.get().state == "awarded"


def test_a_claim_that_comes_back_when_another_is_confirmed_is_answered_anew(refused, operator, buyer):
    challenge = refused.challenge
    BidFactory(challenge=challenge, awarded=True, claim_number=2)
    challenge.state, challenge.awarded_at = "awarded", timezone.now()
    challenge.save()
    decide(appeal(refused, MembershipFactory(organisation=refused.organisation).user), operator)
    bid = Bid.objects.get(pk=refused.pk)
    assert bid.state == "submitted"
    assert verbs.answer_bid(bid=bid, reason="plan", answer=DECLINED, by=buyer, at=timezone.now()).state == "declined"


# --- Pages ------------------------------------------------------------------------------------------------------


def url(bid, name="bid-appeal"):
    return reverse(f"challenges:{name}", args=[bid.code])


def test_the_bidder_appeals_on_a_page_and_reads_the_outcome_there(lost, bidder, operator, client_of):
    client, bid = client_of(bidder), lost.bids[1]
    assert DECLINED in text(client.get(url(bid)))
    assert client.post(url(bid), {"text": " "}).status_code == 422
    page = text(client.post(url(bid), {"text": "周期与中榜方案相同。"}, follow=True))
    assert "平台运营人员正在处理" in page
    staff = client_of(operator)
    page = text(staff.get(url(bid, "appeal-decide")))
    assert "周期与中榜方案相同。" in page
    assert DECLINED in page
    assert staff.post(url(bid, "appeal-decide"), {"verdict": "dismiss", "answer": "短"}).status_code == 422
    staff.post(url(bid, "appeal-decide"), {"verdict": "dismiss", "answer": DECISION})
    assert DECISION in text(client.get(url(bid)))
    assert DECISION in text(staff.get(url(bid, "appeal-decide")))


@pytest.mark.parametrize(("verdict", "state"), [("uphold", "awarded"), ("reopen", "evaluating")])
def test_the_operators_verdict_does_what_it_says(verdict, state, lost, bidder, operator, client_of):
    appeal(lost.bids[1], bidder)
    client_of(operator).post(url(lost.bids[1], "appeal-decide"), {"verdict": verdict, "answer": DECISION})
    assert Challenge.objects.get().state == state
    assert Appeal.objects.get().state == "upheld"


def test_without_anything_to_appeal_against_the_page_says_so(enterprise, client_of):
    bid = BidFactory(challenge=ChallengeFactory(evaluating=True), submitted=True, label=1)
    member = MembershipFactory(organisation=bid.organisation).user
    assert "现在不能申诉" in text(client_of(member).get(url(bid)))


@pytest.mark.parametrize(("who", "status"), [("buyer", 403), ("operator", 403), ("outsider", 404)])
def test_others_do_not_appeal(who, status, lost, client_of, request):
    client = client_of(request.getfixturevalue(who))
    assert client.post(url(lost.bids[1]), {"text": "理由"}).status_code == status
    assert not Appeal.objects.exists()


@pytest.mark.parametrize(("who", "status"), [("buyer", 403), ("bidder", 403), ("outsider", 404)])
def test_others_do_not_decide(who, status, lost, bidder, client_of, request):
    AppealFactory(bid=lost.bids[1])
    client = client_of(request.getfixturevalue(who))
    data = {"verdict": "uphold", "answer": DECISION}
    assert client.post(url(lost.bids[1], "appeal-decide"), data).status_code == status
    assert Appeal.objects.get().state == "open"


def test_an_open_appeal_stands_on_the_evaluation_page(lost, buyer, operator, client_of):
    AppealFactory(bid=lost.bids[1])
    address = reverse("challenges:evaluation", args=[lost.challenge.code])
    assert "由平台运营人员处理" in text(client_of(buyer).get(address))
    assert "处理申诉" in text(client_of(operator).get(address))


def test_an_appeal_waits_on_the_desk_of_operators_who_may_decide_it(lost, bidder, operator):
    appeal(lost.bids[1], bidder)
    where = reverse("challenges:evaluation", args=[lost.challenge.code])
    assert where in {row.url for row in waiting_for_operators(operator, at=timezone.now())}
    Challenge.objects.update(answer_by=timezone.now() - timedelta(days=1))
    BidFactory(challenge=lost.challenge, submitted=True, label=3)
    MembershipFactory(user=operator, organisation=lost.bid.organisation)
    assert where not in {row.url for row in waiting_for_operators(operator, at=timezone.now())}


def test_an_appeal_about_a_claim_is_decided_where_the_claim_is(operator, client_of):
    claims = ChallengeFactory(first_claim=True, open_now=True)
    AppealFactory(bid=BidFactory(challenge=claims, declined=True, claim_number=1))
    (row,) = (row for row in waiting_for_operators(operator, at=timezone.now()) if "申诉" in str(row.what))
    assert client_of(operator).get(row.url).status_code == 200

"""Every bidder gets a reasoned answer, by the poser, in words of its own."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.audit import AuditEvent
from accounts.models import Notification
from accounts.permissions import Denied
from challenges import signals
from challenges.answer import actions as verbs
from challenges.answer.actions import NOT_A_PERSONS, REASONS
from challenges.answer.permissions import APPEAL_TIME
from challenges.challenge.queries import missing_for_close
from challenges.evaluation.queries import scored_bids
from challenges.models import Bid
from lib.refusals import NotReady, WrongState
from tests.challenges.evaluating import DECLINED, awarded, evaluation
from tests.factories.accounts import MembershipFactory
from tests.factories.bids import BidFactory
from tests.needs.need.pages import text

pytestmark = pytest.mark.django_db

OTHERS = [("colleague", 403), ("operator", 403), ("outsider", 404), ("supplier", 404)]


def answer(bid, by, *, reason="better_bid", words=DECLINED):
    return verbs.answer_bid(bid=bid, reason=reason, answer=words, by=by, at=timezone.now())


def test_a_bid_is_declined_with_a_reason_and_words_and_its_bidder_told(enterprise, buyer):
    made = awarded(enterprise)
    bid = made.bids[1]
    bidder = MembershipFactory(organisation=bid.organisation).user
    heard = []
    signals.bid_declined.connect(lambda **kwargs: heard.append(kwargs["bid"]), weak=False, dispatch_uid="test")
    answer(bid, buyer)
    signals.bid_declined.disconnect(dispatch_uid="test")
    bid.refresh_from_db()
    assert (bid.state, bid.reason, bid.answer, bid.answered_by) == ("declined", "better_bid", DECLINED, buyer)
    assert heard == [bid]
    notice = Notification.objects.get(recipient=bidder)
    assert notice.url == bid.get_absolute_url()
    assert DECLINED not in str(notice.params)
    trail = AuditEvent.objects.get(object_code=bid.code)
    assert (trail.action, trail.object_label) == ("bid.decline", made.challenge.need.title)


def test_a_challenge_waits_for_its_last_answer_and_for_the_appeal_against_it(enterprise, buyer):
    made = awarded(enterprise)
    (words,) = missing_for_close(made.challenge, timezone.now())
    assert "没有答复" in words
    until = answer(made.bids[1], buyer).answered_at + APPEAL_TIME
    (words,) = missing_for_close(made.challenge, until - timedelta(microseconds=1))
    assert f"可以申诉至 {timezone.localtime(until):%Y-%m-%d %H:%M}" in words
    assert missing_for_close(made.challenge, until) == []


@pytest.mark.parametrize("words", ["", "不合适", " 九个字符的答复啊。 "])
def test_an_answer_has_words(words, enterprise, buyer):
    with pytest.raises(NotReady):
        answer(awarded(enterprise).bids[1], buyer, words=words)


@pytest.mark.parametrize("reason", sorted(NOT_A_PERSONS))
def test_the_platforms_own_reasons_are_not_for_people(reason, enterprise, buyer):
    assert reason not in dict(REASONS)
    with pytest.raises(ValueError, match="platform"):
        answer(awarded(enterprise).bids[1], buyer, reason=reason)


def test_while_bids_are_evaluated_only_want_of_eligibility_is_answered(enterprise, buyer):
    made = evaluation(enterprise, scored=True)
    for reason in sorted({key for key, _label in REASONS} - {"not_eligible"}):
        with pytest.raises(WrongState, match="评榜期间"):
            answer(made.bid, buyer, reason=reason)
    answer(made.bid, buyer, reason="not_eligible")
    assert list(scored_bids(made.challenge)) == [made.bids[1]]


@pytest.mark.parametrize("who", ["colleague", "operator", "outsider", "supplier"])
def test_only_the_posers_writers_answer(who, enterprise, request):
    with pytest.raises(Denied):
        answer(awarded(enterprise).bids[1], request.getfixturevalue(who))


def test_bids_of_a_failed_challenge_are_answered_one_by_one(enterprise, buyer):
    made = evaluation(enterprise)
    challenge = made.challenge
    challenge.state, challenge.ended_at, challenge.end_reason = "failed", timezone.now(), "都不达标"
    challenge.save()
    for bid in made.bids:
        assert answer(bid, buyer, reason="indicators_not_met").state == "declined"


def test_claims_in_the_queue_are_not_answered_by_hand(buyer, enterprise):
    first = BidFactory(claim=True)
    first.challenge.need.organisation = enterprise
    first.challenge.need.save()
    waiting = BidFactory(challenge=first.challenge, submitted=True, claim_number=2)
    with pytest.raises(WrongState):
        answer(waiting, buyer)


# --- Pages ------------------------------------------------------------------------------------------------------


def url(bid):
    return reverse("challenges:bid-answer", args=[bid.code])


def test_the_poser_answers_on_a_page_beside_what_the_reviewers_wrote(enterprise, buyer, client_of):
    made = awarded(enterprise)
    client, bid = client_of(buyer), made.bids[1]
    assert "路线可行，指标依据充分，计划略紧。" in text(client.get(url(bid)))
    response = client.post(url(bid), {"reason": "", "answer": "短"})
    assert response.status_code == 422
    assert "请选择原因" in text(response)
    assert "请至少写 10 个字" in text(response)
    page = text(client.post(url(bid), {"reason": "plan", "answer": DECLINED}, follow=True))
    assert "全部方案都已答复" in page
    assert Bid.objects.get(pk=bid.pk).reason == "plan"


def test_while_evaluating_the_form_offers_one_reason(enterprise, buyer, client_of):
    made = evaluation(enterprise, scored=True)
    page = text(client_of(buyer).get(url(made.bid)))
    assert page.count("<option") == 1
    assert "路线可行" not in page  # what reviewers wrote is shown when there are minutes


@pytest.mark.parametrize(("who", "status"), OTHERS)
def test_others_do_not_answer(who, status, enterprise, client_of, request):
    made = awarded(enterprise)
    data = {"reason": "plan", "answer": DECLINED}
    assert client_of(request.getfixturevalue(who)).post(url(made.bids[1]), data).status_code == status
    assert Bid.objects.get(pk=made.bids[1].pk).state == "submitted"


def test_the_evaluation_page_lists_who_waits_and_until_when(enterprise, buyer, client_of):
    made = awarded(enterprise)
    evaluation_url = reverse("challenges:evaluation", args=[made.challenge.code])
    page = text(client_of(buyer).get(evaluation_url))
    assert "还有 1 个方案没有答复" in page
    assert "答复期限：" in page
    made.challenge.answer_by = timezone.now()
    made.challenge.save()
    assert "请尽快答复" in text(client_of(buyer).get(evaluation_url))

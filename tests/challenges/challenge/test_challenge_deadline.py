"""The deadline: to the microsecond, by the database's clock, in Asia/Shanghai, safe to run twice."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone

from accounts.audit import AuditEvent
from accounts.models import Notification
from challenges import signals
from challenges.answer.tasks import tell_overdue
from challenges.challenge import actions as verbs
from challenges.challenge import automatic
from challenges.challenge.fields import moment
from challenges.challenge.tasks import advance_challenges
from challenges.models import Bid, Challenge
from lib import clock
from tests.challenges.challenge_steps import in_state
from tests.challenges.evaluating import awarded, evaluation
from tests.factories.accounts import MembershipFactory, OrganisationFactory
from tests.factories.bids import BidFactory
from tests.factories.challenges import ChallengeFactory
from tests.factories.evaluation import AppealFactory
from tests.needs.need.pages import text

pytestmark = pytest.mark.django_db

TICK = timedelta(microseconds=1)
DEADLINE = datetime(2031, 3, 1, 9, 0, tzinfo=UTC)  # five in the afternoon in Shanghai


def open_until(deadline: datetime, *, bids: int = 1, **fields: Any) -> Challenge:
    challenge = ChallengeFactory(open_now=True, closes_at=deadline, **fields)
    for _number in range(bids):
        BidFactory(challenge=challenge, submitted=True)
    return challenge


def test_one_microsecond_before_the_deadline_nothing_closes():
    challenge = open_until(DEADLINE)
    assert automatic.close_due(at=DEADLINE - TICK) == []
    challenge.refresh_from_db()
    assert (challenge.state, challenge.bidding_closed_at) == ("open", None)


def test_at_the_deadline_bids_are_opened_once_with_labels_in_no_order_of_theirs():
    heard: list[Any] = []

    def receive(**kwargs: Any) -> None:
        heard.append(kwargs["challenge"])

    signals.bids_unsealed.connect(receive)
    try:
        challenge = open_until(DEADLINE, bids=4, answer_days=20)
        assert automatic.close_due(at=DEADLINE) == [challenge]
        assert automatic.close_due(at=DEADLINE + TICK) == []
    finally:
        signals.bids_unsealed.disconnect(receive)
    challenge.refresh_from_db()
    assert (challenge.state, challenge.bidding_closed_at) == ("evaluating", DEADLINE)
    assert challenge.answer_by == DEADLINE + timedelta(days=20)
    assert sorted(challenge.bids.values_list("label", flat=True)) == [1, 2, 3, 4]
    assert heard == [challenge]
    assert AuditEvent.objects.filter(action="challenge.close_bidding").count() == 1


def test_labels_do_not_follow_the_order_of_bids():
    orders = set()
    for _number in range(12):
        challenge = open_until(DEADLINE, bids=3)
        automatic.close_due(at=DEADLINE)
        orders.add(tuple(challenge.bids.order_by("pk").values_list("label", flat=True)))
    assert len(orders) > 1


def test_the_days_to_answer_count_from_the_deadline_however_late_the_sweep_comes():
    challenge = open_until(DEADLINE)
    automatic.close_due(at=DEADLINE + timedelta(hours=5))
    challenge.refresh_from_db()
    assert challenge.answer_by == DEADLINE + timedelta(days=30)


@pytest.mark.parametrize(("bids", "least", "state"), [(0, 1, "failed"), (2, 3, "failed"), (3, 3, "evaluating")])
def test_fewer_bids_than_agreed_is_a_failed_challenge(bids, least, state):
    challenge = open_until(DEADLINE, bids=bids, min_bids=least)
    BidFactory(challenge=challenge)  # a draft does not count
    BidFactory(challenge=challenge, withdrawn=True)  # nor what was withdrawn
    automatic.close_due(at=DEADLINE)
    challenge.refresh_from_db()
    assert challenge.state == state


def test_bidders_of_a_failed_challenge_are_answered_by_the_platform_and_stay_sealed(buyer, enterprise, operator):
    challenge = in_state("open", organisation=enterprise, closes_at=DEADLINE, min_bids=2)
    member = MembershipFactory(organisation=OrganisationFactory(university=True))
    bid = BidFactory(challenge=challenge, submitted=True, organisation=member.organisation)
    automatic.close_due(at=DEADLINE)
    bid.refresh_from_db()
    assert (bid.state, bid.reason, bid.answered_by, bid.label) == ("declined", "too_few_bids", None, None)
    assert "流标" in bid.answer
    assert Notification.objects.get(recipient=member.user).url == bid.get_absolute_url()
    for person in (buyer, operator):
        assert not Bid.objects.visible_to(person).exists()
    assert list(Bid.objects.visible_to(member.user)) == [bid]


def test_nobody_but_the_bidder_hears_of_a_bid_on_a_failed_challenge(buyer, enterprise, operator):
    challenge = in_state("open", organisation=enterprise, closes_at=DEADLINE, min_bids=2)
    bid = BidFactory(challenge=challenge, submitted=True)
    automatic.close_due(at=DEADLINE)
    for notice in Notification.objects.filter(recipient__in=[buyer, operator]):
        assert bid.code not in notice.text + notice.url
        assert bid.organisation.name not in notice.text
    assert bid.organisation.name not in "".join(AuditEvent.objects.values_list("object_label", flat=True))


def test_a_first_claim_nobody_won_fails_at_its_deadline():
    challenge = open_until(DEADLINE, mode="first_claim", weights=())
    automatic.close_due(at=DEADLINE)
    challenge.refresh_from_db()
    assert (challenge.state, challenge.end_reason) == ("failed", "截止时没有单位抢单成功。")
    assert challenge.bids.get().state == "declined"


def test_an_extension_is_possible_until_the_deadline_and_not_at_it(buyer, enterprise):
    challenge = in_state("open", organisation=enterprise, closes_at=DEADLINE)
    later = DEADLINE + timedelta(days=3)

    def extend(at: datetime) -> Challenge:
        return verbs.extend_challenge(challenge=challenge, closes_at=later, reason="延期", by=buyer, at=at)

    with pytest.raises(verbs.WrongState, match="截止时间已过"):
        extend(DEADLINE)
    assert extend(DEADLINE - TICK).closes_at == later
    assert automatic.close_due(at=DEADLINE) == []


def test_every_challenge_is_swept_by_itself():
    challenges = [open_until(DEADLINE + timedelta(minutes=number)) for number in range(3)]
    assert automatic.close_due(at=DEADLINE + timedelta(minutes=1)) == challenges[:2]


def test_a_challenge_whose_deadline_passed_in_its_notice_period_does_not_open():
    ChallengeFactory(notice=True, notice_until=DEADLINE - timedelta(days=1), closes_at=DEADLINE)
    assert automatic.open_due(at=DEADLINE) == []
    assert len(automatic.open_due(at=DEADLINE - TICK)) == 1


def test_the_tasks_go_by_the_databases_clock_and_may_run_twice(monkeypatch):
    challenge = open_until(DEADLINE)
    notice = ChallengeFactory(notice=True, notice_until=DEADLINE, closes_at=DEADLINE + timedelta(days=9))
    with time_machine.travel(DEADLINE + timedelta(days=1)):  # the web server's clock is wrong
        advance_challenges()
    challenge.refresh_from_db()
    assert challenge.state == "open"
    monkeypatch.setattr(clock, "now", lambda: DEADLINE)
    for _time in range(2):
        advance_challenges()
        tell_overdue()
    challenge.refresh_from_db()
    notice.refresh_from_db()
    assert (challenge.state, notice.state) == ("evaluating", "open")
    assert AuditEvent.objects.count() == 2


def test_pages_judge_by_the_databases_clock(client_of, supplier, enterprise):
    challenge = in_state("open", organisation=enterprise, closes_at=timezone.now() + timedelta(hours=2))
    client = client_of(supplier)
    with time_machine.travel(timezone.now() + timedelta(hours=5), tick=True):
        page = text(client.get(challenge.get_absolute_url()))
    assert "我要揭榜" in page


def test_answers_and_what_follows_them_are_dated_by_the_databases_clock(client_of, buyer, operator, enterprise):
    """From these moments the days for an appeal and for a new answer are counted."""
    none_won, one_won = evaluation(enterprise), awarded(enterprise)
    answered, lost = one_won.bids[1], BidFactory(challenge=one_won.challenge, declined=True, label=3)
    appeal = AppealFactory(bid=lost)
    poser, staff, words = client_of(buyer), client_of(operator), "复核了评分与原始记录，答复与方案不符。"
    with time_machine.travel(timezone.now() + timedelta(hours=5), tick=True):  # the web server's clock is wrong
        poser.post(reverse("challenges:declare-failed", args=[none_won.challenge.code]), {"reason": words})
        poser.post(reverse("challenges:bid-answer", args=[answered.code]), {"reason": "plan", "answer": words})
        staff.post(reverse("challenges:appeal-decide", args=[lost.code]), {"verdict": "uphold", "answer": words})
    for row in (none_won.challenge, answered, appeal):
        row.refresh_from_db()
    moments = [none_won.challenge.ended_at, answered.answered_at, appeal.decided_at]
    assert all(moment is not None and moment < timezone.now() for moment in moments)


def test_after_the_deadline_and_before_the_sweep_nobody_is_asked_to_bid(client_of, supplier, enterprise):
    challenge = in_state("open", organisation=enterprise, closes_at=timezone.now() - timedelta(seconds=1))
    page = text(client_of(supplier).get(challenge.get_absolute_url()))
    assert "正在开标" in page
    assert "我要揭榜" not in page


def test_a_deadline_is_shown_and_read_in_shanghai(client_of, buyer, enterprise):
    challenge = in_state("draft", organisation=enterprise, closes_at=DEADLINE)
    client = client_of(buyer)
    assert "2031-03-01 17:00" in text(client.get(challenge.get_absolute_url()))
    form = text(client.get(reverse("challenges:edit", args=[challenge.code])))
    assert 'value="2031-03-01T17:00"' in form


@pytest.mark.parametrize(
    "written",
    ["2031-03-01T17:00", "2031-03-01 17:00", "2031/03/01 17:00:00", "2031-03-01T09:00Z", "2031-03-01T17:00+08:00"],
)
def test_a_moment_without_an_offset_is_in_shanghai(written):
    assert moment(written) == DEADLINE

"""Writing a challenge and its course: what is asked for, what is fixed, who hears of it, further rounds."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone
from psycopg2.errors import CheckViolation

from accounts.audit import AuditEvent
from accounts.models import Notification
from accounts.permissions import Denied
from challenges.answer.automatic import dismiss_bids, tell_overdue_answers
from challenges.challenge import actions as verbs
from challenges.challenge import automatic, drafts
from challenges.claim.actions import accept_claim
from challenges.models import (
    Appeal,
    Bid,
    Challenge,
    Criterion,
)
from lib.refusals import NotReady, WrongState
from tests.challenges.challenge_steps import CRITERIA, VALUES, in_state
from tests.factories.accounts import MembershipFactory, OrganisationFactory
from tests.factories.bids import BidFactory
from tests.factories.challenges import ChallengeFactory, CriterionFactory, ObjectionFactory
from tests.factories.contracts import ContractFactory
from tests.factories.needs import NeedFactory

pytestmark = pytest.mark.django_db


def create(need: Any, by: Any, **changes: Any) -> Challenge:
    now = timezone.now()
    mode, criteria = changes.pop("mode", "open_challenge"), changes.pop("criteria", CRITERIA)
    values = {**VALUES, "closes_at": now + timedelta(days=30), **changes}
    return drafts.create_challenge(need=need, mode=mode, values=values, criteria=criteria, by=by, at=now)


def told(person: Any) -> list[str]:
    return [notice.text for notice in Notification.objects.filter(recipient=person).order_by("pk")]


# --- Writing ---------------------------------------------------------------------------------------


def test_a_draft_keeps_its_criteria_in_order(buyer, enterprise):
    challenge = create(NeedFactory(published=True, organisation=enterprise), buyer)
    assert (challenge.state, challenge.round, challenge.created_by) == ("draft", 1, buyer)
    assert drafts.criteria_of(challenge) == CRITERIA
    assert AuditEvent.objects.get().action == "challenge.create"


@pytest.mark.parametrize("who", ["colleague", "outsider", "supplier", "operator"])
def test_only_writers_of_the_poser_begin_a_challenge(who, request, enterprise):
    need = NeedFactory(published=True, organisation=enterprise)
    with pytest.raises(Denied):
        create(need, request.getfixturevalue(who))
    assert not Challenge.objects.exists()


@pytest.mark.parametrize("trait", ["submitted", "closed", None])
def test_only_a_published_need_gets_a_challenge(trait, buyer, enterprise):
    need = NeedFactory(organisation=enterprise, **({trait: True} if trait else {}))
    with pytest.raises(WrongState, match="已发布"):
        create(need, buyer)


@pytest.mark.parametrize("state", ["draft", "submitted", "returned", "notice", "open", "evaluating", "awarded"])
def test_one_challenge_at_a_time(state, buyer, enterprise):
    running = in_state(state, organisation=enterprise)
    with pytest.raises(WrongState, match="已有一个榜单"):
        create(running.need, buyer)


@pytest.mark.parametrize("state", ["closed", "failed", "cancelled"])
def test_after_the_end_of_one_the_next_is_a_further_round(state, buyer, enterprise):
    over = in_state(state, organisation=enterprise)
    challenge = create(over.need, buyer, mode="first_claim", criteria=[])
    assert (challenge.round, challenge.previous, challenge.mode) == (2, over, "first_claim")


def test_what_the_platform_keeps_cannot_be_written_as_content(buyer, enterprise):
    with pytest.raises(TypeError, match="state"):
        create(NeedFactory(published=True, organisation=enterprise), buyer, state="open")


def test_two_criteria_of_one_name_are_refused_with_words(buyer, enterprise):
    with pytest.raises(NotReady, match="重复"):
        create(NeedFactory(published=True, organisation=enterprise), buyer, criteria=[CRITERIA[0], CRITERIA[0]])
    assert not Challenge.objects.exists()


@pytest.mark.parametrize("state", ["draft", "returned"])
def test_before_it_is_handed_in_everything_may_change(state, buyer, enterprise):
    challenge = in_state(state, organisation=enterprise)
    values = {"prize": 200, "mode": "open_challenge"}
    changed = drafts.change_challenge(
        challenge=challenge, values=values, criteria=CRITERIA, by=buyer, at=timezone.now()
    )
    assert (changed.prize, drafts.criteria_of(changed)) == (200, CRITERIA)
    assert AuditEvent.objects.get().reason == "prize criteria"


def test_saving_the_same_again_is_no_change(buyer, enterprise):
    challenge = in_state("draft", organisation=enterprise)
    same = drafts.criteria_of(challenge)
    drafts.change_challenge(challenge=challenge, values={"prize": 120}, criteria=same, by=buyer, at=timezone.now())
    assert not AuditEvent.objects.exists()


# --- What is fixed ---------------------------------------------------------------------------------


FIXED = ["submitted", "notice", "open", "evaluating", "awarded", "closed", "failed", "cancelled"]


@pytest.mark.parametrize("state", FIXED)
def test_a_change_of_weights_is_refused_and_stays_written_in_the_record(state, buyer, enterprise):
    challenge = in_state(state, organisation=enterprise)
    with pytest.raises(drafts.RulesAreFixed, match="记录在案"):
        drafts.change_challenge(challenge=challenge, values={}, criteria=CRITERIA, by=buyer, at=timezone.now())
    assert [row.weight for row in challenge.criteria.all()] == [50, 30, 20]
    trail = AuditEvent.objects.get()
    assert (trail.action, trail.by, trail.object_code) == ("challenge.change_refused", buyer, challenge.code)


@pytest.mark.django_db(transaction=True)
def test_the_record_of_a_refused_change_is_there_for_others_too(buyer, enterprise):
    challenge = in_state("open", organisation=enterprise)
    with pytest.raises(drafts.RulesAreFixed):
        drafts.change_challenge(challenge=challenge, values={"prize": 1}, criteria=None, by=buyer, at=timezone.now())
    assert AuditEvent.objects.filter(action="challenge.change_refused").count() == 1
    challenge.refresh_from_db()
    assert challenge.prize == 120


@pytest.mark.parametrize("state", FIXED)
def test_the_database_itself_refuses_other_weights(state):
    challenge = in_state(state)
    criterion = challenge.criteria.all()[0]
    for attempt in (
        lambda: Criterion.objects.filter(pk=criterion.pk).update(weight=99),
        lambda: Criterion.objects.filter(pk=criterion.pk).delete(),
        lambda: CriterionFactory(challenge=challenge, weight=5),
    ):
        with pytest.raises(IntegrityError, match="fixed once it is handed in") as refused, transaction.atomic():
            attempt()
        assert refused.value.__cause__.diag.constraint_name == "criterion_fixed_once_handed_in"
        assert isinstance(refused.value.__cause__, CheckViolation)
    assert [row.weight for row in challenge.criteria.all()] == [50, 30, 20]


# --- Handing in and announcing ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("lacking", "words"),
    [
        ({"rules": ""}, "揭榜规则"),
        ({"closes_at": None}, "截止时间"),
        ({"closes_at": timezone.now() + timedelta(days=5), "notice_days": 3}, "至少要留出 3 天"),
        ({"weights": (50, 30)}, "现在是 80%"),
        ({"weights": ()}, "现在是 0%"),
    ],
)
def test_what_lacks_is_said_and_nothing_is_handed_in(lacking, words, buyer, enterprise):
    challenge = in_state("draft", organisation=enterprise, **lacking)
    with pytest.raises(NotReady, match=words):
        verbs.submit_challenge(challenge=challenge, by=buyer, at=timezone.now())
    challenge.refresh_from_db()
    assert (challenge.state, challenge.submitted_at) == ("draft", None)
    assert not AuditEvent.objects.exists()


def test_a_first_claim_asks_for_no_criteria_and_one_day_is_enough(buyer, enterprise, operator):
    tomorrow = timezone.now() + timedelta(days=1, minutes=1)
    challenge = in_state("draft", organisation=enterprise, mode="first_claim", weights=(), closes_at=tomorrow)
    assert verbs.submit_challenge(challenge=challenge, by=buyer, at=timezone.now()).state == "submitted"
    assert any(challenge.need.title in text for text in told(operator))


def test_an_organisation_that_is_not_verified_hands_nothing_in(buyer, enterprise):
    challenge = in_state("draft", organisation=enterprise)
    enterprise.state, enterprise.decided_at = "pending", None
    enterprise.save()
    with pytest.raises(Denied, match="核验"):
        verbs.submit_challenge(challenge=challenge, by=buyer, at=timezone.now())


def test_a_need_withdrawn_meanwhile_is_not_bid_on(buyer, enterprise):
    challenge = in_state("draft", organisation=enterprise)
    challenge.need.state, challenge.need.withdrawn_at = "withdrawn", timezone.now()
    challenge.need.save()
    with pytest.raises(NotReady, match="已发布"):
        verbs.submit_challenge(challenge=challenge, by=buyer, at=timezone.now())


def test_returning_says_why_and_tells_the_poser(buyer, enterprise, operator):
    challenge = in_state("submitted", organisation=enterprise)
    verbs.return_challenge(challenge=challenge, reason=" 请写明验收方法 ", by=operator, at=timezone.now())
    challenge.refresh_from_db()
    assert challenge.return_reason == "请写明验收方法"
    assert len(told(buyer)) == 1


def test_with_a_notice_period_it_opens_later(buyer, enterprise, operator):
    now = timezone.now()
    challenge = in_state("submitted", organisation=enterprise, notice_days=3)
    announced = verbs.announce_challenge(challenge=challenge, by=operator, at=now)
    assert (announced.state, announced.notice_until) == ("notice", now + timedelta(days=3))
    assert automatic.open_due(at=now + timedelta(days=3) - timedelta(microseconds=1)) == []
    assert automatic.open_due(at=now + timedelta(days=3)) == [announced]
    assert len(told(buyer)) == 2


def test_without_a_notice_period_it_opens_at_once(enterprise, operator):
    now = timezone.now()
    challenge = in_state("submitted", organisation=enterprise)
    opened = verbs.announce_challenge(challenge=challenge, by=operator, at=now)
    assert (opened.state, opened.opened_at, opened.announced_by) == ("open", now, operator)
    actions = AuditEvent.objects.order_by("pk").values_list("action", flat=True)
    assert list(actions) == ["challenge.announce", "challenge.open"]


def test_a_challenge_that_waited_too_long_is_not_announced(enterprise, operator):
    challenge = in_state("submitted", organisation=enterprise, closes_at=timezone.now() + timedelta(days=2))
    with pytest.raises(NotReady, match="太早"):
        verbs.announce_challenge(challenge=challenge, by=operator, at=timezone.now())
    challenge.refresh_from_db()
    assert (challenge.state, challenge.announced_at) == ("submitted", None)


# --- Extension and cancellation --------------------------------------------------------------------


def bidder() -> Any:
    return MembershipFactory(organisation=OrganisationFactory(university=True))


def test_an_extension_tells_every_bidder_for_itself_without_a_word_of_the_others(buyer, enterprise):
    challenge = in_state("open", organisation=enterprise)
    members = [bidder() for _number in range(3)]
    for member, trait in zip(members, ({}, {"submitted": True}, {"withdrawn": True}), strict=True):
        BidFactory(challenge=challenge, organisation=member.organisation, **trait)
    later = challenge.closes_at + timedelta(days=7)
    verbs.extend_challenge(challenge=challenge, closes_at=later, reason="应多家单位要求", by=buyer, at=timezone.now())
    challenge.refresh_from_db()
    assert challenge.closes_at == later
    for member in members:
        notice = Notification.objects.get(recipient=member.user)
        assert notice.url == Bid.objects.get(organisation=member.organisation).get_absolute_url()
        assert not any(other.organisation.name in notice.text for other in members)
    assert len(told(buyer)) == 1
    assert AuditEvent.objects.get().reason == "应多家单位要求"


@pytest.mark.parametrize("days", [0, -1])
def test_an_extension_is_later_than_what_stands(days, buyer, enterprise):
    challenge = in_state("open", organisation=enterprise)
    closes_at = challenge.closes_at + timedelta(days=days)
    with pytest.raises(NotReady, match="晚于"):
        verbs.extend_challenge(challenge=challenge, closes_at=closes_at, reason="原因", by=buyer, at=timezone.now())


def test_steps_that_ask_for_a_reason_get_one(buyer, enterprise, operator):
    with pytest.raises(ValueError, match="reason"):
        verbs.cancel_challenge(
            challenge=in_state("open", organisation=enterprise), reason=" ", by=buyer, at=timezone.now()
        )
    with pytest.raises(ValueError, match="reason"):
        verbs.return_challenge(challenge=in_state("submitted"), reason="", by=operator, at=timezone.now())


def test_cancelling_answers_every_bid_and_leaves_it_sealed(buyer, enterprise, operator):
    challenge = in_state("open", organisation=enterprise)
    handed_in = BidFactory(challenge=challenge, submitted=True, organisation=bidder().organisation)
    draft = BidFactory(challenge=challenge, organisation=bidder().organisation)
    now = timezone.now()
    verbs.cancel_challenge(challenge=challenge, reason="技术路线调整", by=buyer, at=now)
    handed_in.refresh_from_db()
    draft.refresh_from_db()
    assert (handed_in.state, handed_in.reason, handed_in.answer) == ("declined", "cancelled", "技术路线调整")
    assert (handed_in.answered_at, handed_in.answered_by) == (now, None)
    assert draft.state == "draft"
    for bid in (handed_in, draft):
        assert len(told(bid.organisation.memberships.get().user)) == 1
    assert not Bid.objects.visible_to(buyer).exists()
    assert not Bid.objects.visible_to(operator).exists()


def test_bids_that_were_opened_stay_readable_when_it_is_cancelled(buyer, enterprise):
    challenge = in_state("evaluating", organisation=enterprise)
    bid = BidFactory(challenge=challenge, submitted=True, label=1)
    verbs.cancel_challenge(challenge=challenge, reason="技术路线调整", by=buyer, at=timezone.now())
    assert list(Bid.objects.visible_to(buyer)) == [bid]


def test_one_person_who_writes_for_two_bidders_hears_twice(buyer, enterprise):
    challenge = in_state("open", organisation=enterprise)
    first = bidder()
    second = MembershipFactory(user=first.user, organisation=OrganisationFactory(university=True))
    for member in (first, second):
        BidFactory(challenge=challenge, submitted=True, organisation=member.organisation)
    dismiss_bids(challenge=challenge, reason="cancelled", answer="榜单终止。", at=timezone.now())
    assert len(told(first.user)) == 2


# --- Closing and further rounds --------------------------------------------------------------------


def test_it_closes_when_nothing_is_open(buyer, enterprise):
    challenge = in_state("awarded", organisation=enterprise)
    BidFactory(challenge=challenge, awarded=True, label=1)
    now = timezone.now()
    closed = verbs.close_challenge(challenge=challenge, by=buyer, at=now)
    assert (closed.state, closed.ended_at) == ("closed", now)


def test_what_keeps_it_from_closing_is_listed(buyer, enterprise):
    until = timezone.now() + timedelta(days=1)
    challenge = in_state("awarded", organisation=enterprise, result_notice_until=until)
    BidFactory(challenge=challenge, submitted=True, label=1)
    declined = BidFactory(challenge=challenge, declined=True, label=2)
    Appeal.objects.create(bid=declined, text="评分有误", raised_by=declined.created_by)
    ObjectionFactory(challenge=challenge, stage="result")
    with pytest.raises(NotReady) as refused:
        verbs.close_challenge(challenge=challenge, by=buyer, at=timezone.now())
    for words in ("还有 1 个揭榜方案没有答复", "申诉", "异议", "公示期未满"):
        assert words in str(refused.value)
    challenge.refresh_from_db()
    assert challenge.state == "awarded"


def test_it_does_not_close_on_a_claim_that_waits_to_be_confirmed(buyer, enterprise):
    bid = BidFactory(claim=True, challenge__need__organisation=enterprise)
    with pytest.raises(NotReady, match="请先确认或拒绝"):
        verbs.close_challenge(challenge=bid.challenge, by=buyer, at=timezone.now())
    assert Challenge.objects.get().state == "awarded"
    accept_claim(bid=bid, by=buyer, at=timezone.now())
    assert verbs.close_challenge(challenge=bid.challenge, by=buyer, at=timezone.now()).state == "closed"


def test_a_failed_challenge_keeps_its_bids_sealed_when_it_is_closed(buyer, enterprise, operator):
    challenge = in_state("open", organisation=enterprise, min_bids=2, closes_at=timezone.now())
    bid = BidFactory(challenge=challenge, submitted=True)
    automatic.close_due(at=timezone.now())
    verbs.close_challenge(challenge=challenge, by=buyer, at=timezone.now())
    assert Challenge.objects.get().state == "closed"
    assert not Bid.objects.visible_to(buyer).exists()
    assert not Bid.objects.visible_to(operator).exists()
    assert not Bid.objects.unsealed().filter(pk=bid.pk).exists()


@pytest.mark.parametrize("state", ["failed", "cancelled", "closed"])
def test_a_second_round_is_a_draft_with_the_same_rules_and_a_deadline_to_fill_in(state, buyer, enterprise):
    over = in_state(state, organisation=enterprise, min_bids=3)
    draft = drafts.start_second_round(challenge=over, by=buyer, at=timezone.now())
    assert (draft.state, draft.round, draft.previous) == ("draft", 2, over)
    assert (draft.rules, draft.min_bids, draft.closes_at) == (over.rules, 3, None)
    assert drafts.criteria_of(draft) == drafts.criteria_of(over)
    assert not draft.bids.exists()


@pytest.mark.parametrize("state", ["draft", "submitted", "returned", "notice", "open", "evaluating", "awarded"])
def test_what_is_not_over_has_no_second_round(state, buyer, enterprise):
    with pytest.raises(WrongState):
        drafts.start_second_round(challenge=in_state(state, organisation=enterprise), by=buyer, at=timezone.now())


def test_after_an_award_there_is_no_second_round(buyer, enterprise):
    challenge = in_state("closed", organisation=enterprise)
    BidFactory(challenge=challenge, awarded=True, label=1)
    with pytest.raises(WrongState, match="未定榜"):
        drafts.start_second_round(challenge=challenge, by=buyer, at=timezone.now())


@pytest.mark.parametrize(
    ("contract", "repeatable"),
    [
        ({"terminated": True}, True),
        ({"terminated": True, "agreed": True}, False),  # ended after it was signed: there was an award
        ({"ready": True}, False),
        ({"signed": True}, False),
    ],
    ids=["given up before signing", "ended after signing", "draft", "signed"],
)
def test_an_award_that_came_to_no_contract_is_none(contract, repeatable, buyer, enterprise, client_of):
    challenge = in_state("closed", organisation=enterprise)
    bid = BidFactory(challenge=challenge, awarded=True, label=1)
    ContractFactory(need=challenge.need, supplier=bid.organisation, bid=bid, **contract)
    page = client_of(buyer).get(challenge.get_absolute_url())
    assert page.context["can_repeat"] == repeatable
    if repeatable:
        draft = drafts.start_second_round(challenge=challenge, by=buyer, at=timezone.now())
        assert (draft.state, draft.round) == ("draft", 2)
    else:
        with pytest.raises(WrongState, match="未能签约"):
            drafts.start_second_round(challenge=challenge, by=buyer, at=timezone.now())


def test_a_round_is_followed_by_one(buyer, enterprise):
    over = in_state("failed", organisation=enterprise)
    drafts.start_second_round(challenge=over, by=buyer, at=timezone.now())
    with pytest.raises(WrongState, match="已经建立"):
        drafts.start_second_round(challenge=over, by=buyer, at=timezone.now())


# --- Late answers ----------------------------------------------------------------------------------


def test_late_answers_are_told_once(buyer, enterprise, operator):
    need = NeedFactory(published=True, organisation=enterprise, caretaker=operator)
    late = ChallengeFactory(evaluating=True, need=need, answer_by=timezone.now() - timedelta(minutes=1))
    BidFactory(challenge=late, submitted=True, label=1)
    answered = ChallengeFactory(awarded=True, answer_by=timezone.now() - timedelta(minutes=1))
    BidFactory(challenge=answered, declined=True, label=1)
    assert tell_overdue_answers(at=timezone.now()) == [late]
    assert tell_overdue_answers(at=timezone.now()) == []
    assert (len(told(buyer)), len(told(operator))) == (1, 1)

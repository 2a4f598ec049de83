"""The award rests on signed minutes; the contract follows at once or when nobody objected; and it can be taken back."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.audit import AuditEvent
from accounts.models import Notification
from accounts.permissions import Denied
from challenges import signals
from challenges.answer.actions import answer_bid
from challenges.challenge.actions import close_challenge
from challenges.evaluation import actions as verbs
from challenges.evaluation import minutes
from challenges.models import (
    Appeal,
    Bid,
    Challenge,
    Minutes,
    Score,
)
from contracts.models import Contract
from lib.refusals import NotReady, WrongState
from tests.challenges.evaluating import ANSWER, evaluation
from tests.factories.accounts import MembershipFactory
from tests.factories.bids import BidFactory
from tests.factories.challenges import ObjectionFactory
from tests.factories.contracts import in_state
from tests.needs.need.pages import text

pytestmark = pytest.mark.django_db

OTHERS = [("colleague", 403), ("operator", 403), ("outsider", 404), ("supplier", 404)]


def award(made, by, *, place=0, reason="", answer=ANSWER, at=None):
    return verbs.award_bid(bid=made.bids[place], reason=reason, answer=answer, by=by, at=at or timezone.now())


def test_the_first_of_the_ranking_is_awarded_and_a_contract_drafted(enterprise, buyer):
    made = evaluation(enterprise, signed=True)
    winner = MembershipFactory(organisation=made.bid.organisation).user
    heard = []
    signals.bid_awarded.connect(lambda **kwargs: heard.append(kwargs["bid"]), weak=False, dispatch_uid="test")
    bid = award(made, buyer)
    signals.bid_awarded.disconnect(dispatch_uid="test")
    challenge = Challenge.objects.get()
    assert (bid.state, bid.answer, bid.answered_by) == ("awarded", ANSWER, buyer)
    assert (challenge.state, challenge.award_reason, challenge.result_notice_until) == ("awarded", "", None)
    contract = Contract.objects.get()
    assert (contract.bid, contract.supplier, contract.amount) == (bid, bid.organisation, 80)
    assert heard == [bid]
    assert {"challenge.award", "bid.award"} <= set(AuditEvent.objects.values_list("action", flat=True))
    assert Notification.objects.filter(recipient=winner, url=bid.get_absolute_url()).exists()
    assert Bid.objects.get(pk=made.bids[1].pk).state == "submitted"  # is answered by itself


def test_another_than_the_first_needs_a_reason_and_keeps_it(enterprise, buyer):
    made = evaluation(enterprise, signed=True)
    with pytest.raises(verbs.ReasonNeeded):
        award(made, buyer, place=1, reason="  ")
    award(made, buyer, place=1, reason="第一名的报价超出预算一倍。")
    assert Challenge.objects.get().award_reason == "第一名的报价超出预算一倍。"


def test_bids_that_share_the_first_rank_need_no_reason(enterprise, buyer):
    made = evaluation(enterprise, scored=True)
    Score.objects.update(points=70)
    draw_up_and_sign(made, buyer)
    assert award(made, buyer, place=1).state == "awarded"


def draw_up_and_sign(made, by):
    drawn_up = minutes.draw_up_minutes(challenge=made.challenge, remarks="", by=by, at=timezone.now())
    for reviewer in made.reviewers:
        minutes.sign_minutes(reviewer=reviewer, text_hash=drawn_up.text_hash, by=reviewer.user, at=timezone.now())


@pytest.mark.parametrize("missing", ["minutes", "signature", "agreement"])
def test_without_minutes_that_stand_nothing_is_awarded(missing, enterprise, buyer):
    made = evaluation(enterprise, scored=True, minutes=missing != "minutes", signed=missing == "agreement")
    if missing == "agreement":
        Score.objects.filter(scorecard__bid=made.bids[1]).update(points=100)
    with pytest.raises(NotReady):
        award(made, buyer)
    assert Bid.objects.get(pk=made.bid.pk).state == "submitted"
    assert Challenge.objects.get().state == "evaluating"


@pytest.mark.parametrize("answer", ["", "  很好  ", "九个字符的答复啊。"])
def test_the_winner_is_answered_in_words_too(answer, enterprise, buyer):
    with pytest.raises(NotReady, match="至少写 10 个字"):
        award(evaluation(enterprise, signed=True), buyer, answer=answer)


@pytest.mark.parametrize("who", ["colleague", "operator", "outsider", "supplier"])
def test_only_the_posers_writers_award_or_declare_failed(who, enterprise, request):
    made = evaluation(enterprise, signed=True)
    person = request.getfixturevalue(who)
    with pytest.raises(Denied):
        award(made, person)
    with pytest.raises(Denied):
        verbs.declare_failed(challenge=made.challenge, reason="不合格", by=person, at=timezone.now())


@pytest.mark.parametrize("state", [{}, {"withdrawn": True}, {"declined": True}], ids=["draft", "withdrawn", "declined"])
def test_a_bid_that_does_not_wait_is_not_awarded(state, enterprise, buyer):
    made = evaluation(enterprise, signed=True)
    made.bids.append(BidFactory(challenge=made.challenge, label=3, **state))
    with pytest.raises(WrongState):
        award(made, buyer, place=2, reason="特别合适的一家。")


# --- The notice period of the result ---------------------------------------------------------------------------


@pytest.mark.parametrize("change", ["no longer verified", "a member in common"])
def test_who_may_not_bid_any_more_is_not_awarded_and_the_poser_reads_why(change, enterprise, buyer):
    made = evaluation(enterprise, signed=True)
    bidder = made.bid.organisation
    if change == "no longer verified":
        bidder.state, bidder.refusal_reason = "refused", "登记信息已注销"
        bidder.save()
    else:
        MembershipFactory(organisation=bidder, user=buyer)
    with pytest.raises(NotReady, match="请以“不符合申报条件”答复"):
        award(made, buyer)
    assert Challenge.objects.get().state == "evaluating"
    answer_bid(bid=made.bid, reason="not_eligible", answer="已不符合揭榜条件，不能定榜。", by=buyer, at=timezone.now())


def test_with_a_notice_period_the_contract_waits_for_its_end(enterprise, buyer):
    made = evaluation(enterprise, signed=True, result_notice_days=5)
    now = timezone.now()
    award(made, buyer, at=now)
    until = Challenge.objects.get().result_notice_until
    assert until == now + timedelta(days=5)
    assert verbs.finish_result_notice(at=until - timedelta(microseconds=1)) == []
    assert not Contract.objects.exists()
    (contract,) = verbs.finish_result_notice(at=until)
    assert (contract.bid.pk, contract.created_by) == (made.bid.pk, buyer)
    assert verbs.finish_result_notice(at=until) == []
    assert Contract.objects.count() == 1


def test_an_open_objection_holds_the_contract_up_and_a_dismissed_one_does_not(enterprise, buyer):
    made = evaluation(enterprise, signed=True, result_notice_days=5)
    award(made, buyer)
    later = timezone.now() + timedelta(days=6)
    objection = ObjectionFactory(challenge=made.challenge, stage="result")
    assert verbs.finish_result_notice(at=later) == []
    objection.state, objection.answer, objection.decided_at = "dismissed", "程序合规。", later
    objection.decided_by = buyer
    objection.save()
    assert len(verbs.finish_result_notice(at=later)) == 1


def notices_of_the_end(person):
    """The poser's notices that the period is over, whatever they say of the contract."""
    return Notification.objects.filter(recipient=person, key__startswith="evaluation.notice_over")


@pytest.mark.parametrize("state", ["draft", "signed", "rejected", "accepted", "solved"])
def test_a_contract_the_two_had_before_becomes_the_awards_and_the_poser_hears_of_it_once(state, enterprise, buyer):
    made = evaluation(enterprise, signed=True, result_notice_days=5)
    before = in_state(state, need=made.challenge.need, supplier=made.bid.organisation)
    award(made, buyer)
    later = timezone.now() + timedelta(days=6)
    assert verbs.finish_result_notice(at=later) == [before]
    assert verbs.finish_result_notice(at=later + timedelta(seconds=30)) == []
    assert Contract.objects.get().bid == made.bid
    notice = notices_of_the_end(buyer).get()
    assert ("此前签订的技术合同" in notice.text) == (state != "draft")


def test_without_a_notice_period_a_contract_signed_before_becomes_the_awards_at_once(enterprise, buyer):
    made = evaluation(enterprise, signed=True)
    before = in_state("signed", need=made.challenge.need, supplier=made.bid.organisation)
    award(made, buyer)
    assert Contract.objects.get() == before
    assert Contract.objects.get().bid == made.bid
    assert verbs.finish_result_notice(at=timezone.now()) == []


def test_a_contract_of_an_earlier_award_leaves_the_sweep_nothing_to_do_nor_to_tell(enterprise, buyer):
    made = evaluation(enterprise, signed=True, result_notice_days=5)
    award(made, buyer)
    earlier = BidFactory(awarded=True, organisation=made.bid.organisation)
    in_state("signed", need=made.challenge.need, supplier=made.bid.organisation, bid=earlier)
    later = timezone.now() + timedelta(days=6)
    for seconds in (0, 30):
        assert verbs.finish_result_notice(at=later + timedelta(seconds=seconds)) == []
    assert not notices_of_the_end(buyer).exists()


@pytest.mark.parametrize("objected", [False, True], ids=["nobody objected", "an objection was dismissed late"])
def test_a_challenge_closes_only_when_its_award_has_its_contract(objected, enterprise, buyer):
    made = evaluation(enterprise, bids=1, signed=True, result_notice_days=5)
    award(made, buyer)
    later = timezone.now() + timedelta(days=6)  # and the sweep has not been here yet
    if objected:
        decided = {"state": "dismissed", "answer": "程序合规。", "decided_at": later, "decided_by": buyer}
        ObjectionFactory(challenge=made.challenge, stage="result", **decided)
    with pytest.raises(NotReady, match="技术合同草案尚未生成"):
        close_challenge(challenge=made.challenge, by=buyer, at=later)
    (contract,) = verbs.finish_result_notice(at=later)
    assert close_challenge(challenge=made.challenge, by=buyer, at=later).state == "closed"
    assert contract.bid == made.bid


def test_an_award_to_whom_an_earlier_award_gave_the_contract_keeps_nothing_open(enterprise, buyer):
    made = evaluation(enterprise, bids=1, signed=True, result_notice_days=5)
    award(made, buyer)
    earlier = BidFactory(awarded=True, organisation=made.bid.organisation)
    in_state("signed", need=made.challenge.need, supplier=made.bid.organisation, bid=earlier)
    later = timezone.now() + timedelta(days=6)
    assert close_challenge(challenge=made.challenge, by=buyer, at=later).state == "closed"


# --- None is good enough ----------------------------------------------------------------------------------------


def test_a_challenge_fails_with_a_reason_and_its_bids_still_wait_for_answers(enterprise, buyer):
    made = evaluation(enterprise)
    bidder = MembershipFactory(organisation=made.bid.organisation).user
    with pytest.raises(ValueError, match="reason"):
        verbs.declare_failed(challenge=made.challenge, reason=" ", by=buyer, at=timezone.now())
    verbs.declare_failed(challenge=made.challenge, reason="各方案都达不到必达指标。", by=buyer, at=timezone.now())
    challenge = Challenge.objects.get()
    assert (challenge.state, challenge.end_reason) == ("failed", "各方案都达不到必达指标。")
    assert challenge.bids.unanswered().count() == 2
    assert Notification.objects.filter(recipient=bidder).count() == 1


# --- Taken back -------------------------------------------------------------------------------------------------


def test_an_award_is_taken_back_with_its_contract_draft_and_made_anew(enterprise, buyer, operator):
    made = evaluation(enterprise, signed=True)
    award(made, buyer)
    verbs.take_back_award(challenge=made.challenge, by=operator, at=timezone.now())
    challenge, bid = Challenge.objects.get(), Bid.objects.get(pk=made.bid.pk)
    assert (challenge.state, challenge.awarded_at, challenge.award_reason) == ("evaluating", None, "")
    assert (bid.state, bid.answer, bid.answered_at) == ("submitted", "", None)
    assert Contract.objects.get().state == "terminated"
    assert Minutes.objects.exists()
    award(made, buyer)
    assert Contract.objects.filter(state="draft", bid=bid).count() == 1


@pytest.mark.parametrize("reason", ["better_bid", "price", "other"])
def test_bids_that_lost_to_the_award_are_open_again_and_their_appeals_settled(reason, enterprise, buyer, operator):
    made = evaluation(enterprise, signed=True)
    award(made, buyer)
    second = made.bids[1]
    answer_bid(bid=second, reason=reason, answer="综合评分低于中榜方案，报价偏高。", by=buyer, at=timezone.now())
    appeal = Appeal.objects.create(bid=second, text="评分有误。", raised_by=second.created_by)
    verbs.take_back_award(challenge=made.challenge, by=operator, at=timezone.now())
    second.refresh_from_db()
    appeal.refresh_from_db()
    assert (second.state, appeal.state) == ("submitted", "upheld")
    assert AuditEvent.objects.get(object_code=second.code, action="bid.appeal_uphold").by == operator


def test_a_bid_that_was_not_eligible_stays_out_when_the_award_falls(enterprise, buyer, operator):
    made = evaluation(enterprise, signed=True)
    award(made, buyer)
    second = made.bids[1]
    answer_bid(bid=second, reason="not_eligible", answer="不具有规则要求的中试业绩。", by=buyer, at=timezone.now())
    verbs.take_back_award(challenge=made.challenge, by=operator, at=timezone.now())
    second.refresh_from_db()
    assert second.state == "declined"


def test_a_signed_contract_stands(enterprise, buyer, operator):
    made = evaluation(enterprise, signed=True)
    award(made, buyer)
    now = timezone.now()
    Contract.objects.update(
        state="signed",
        kind="service",
        payment_mode="lump_sum",
        rights_owner="buyer",
        signed_at=now,
        buyer_confirmed_at=now,
        buyer_confirmed_by=buyer,
        supplier_confirmed_at=now,
        supplier_confirmed_by=buyer,
    )
    with pytest.raises(WrongState, match="已经签署"):
        verbs.take_back_award(challenge=made.challenge, by=operator, at=now)
    assert Challenge.objects.get().state == "awarded"


def test_a_contract_signed_before_the_award_outlives_it_without_the_bid(enterprise, buyer, operator):
    made = evaluation(enterprise, signed=True)
    in_state("signed", need=made.challenge.need, supplier=made.bid.organisation)
    award(made, buyer)
    verbs.take_back_award(challenge=made.challenge, by=operator, at=timezone.now())
    contract = Contract.objects.get()
    assert (contract.state, Bid.objects.filter(contract=contract).exists()) == ("signed", False)
    assert Challenge.objects.get().state == "evaluating"


@pytest.mark.parametrize("who", ["buyer", "colleague", "supplier"])
def test_only_operators_take_an_award_back(who, enterprise, buyer, request):
    made = evaluation(enterprise, signed=True)
    award(made, buyer)
    with pytest.raises(Denied):
        verbs.take_back_award(challenge=made.challenge, by=request.getfixturevalue(who), at=timezone.now())


# --- Pages ------------------------------------------------------------------------------------------------------


def page_url(made, name="award"):
    return reverse(f"challenges:{name}", args=[made.challenge.code])


def test_the_award_is_chosen_on_a_page_in_the_order_of_the_ranking(enterprise, buyer, client_of):
    made = evaluation(enterprise, signed=True)
    client = client_of(buyer)
    page = text(client.get(page_url(made)))
    assert page.index(made.bids[0].organisation.name) < page.index(made.bids[1].organisation.name)
    response = client.post(page_url(made), {"bid": "2", "answer": ANSWER})
    assert response.status_code == 422
    assert "请写明选择它的理由" in text(response)
    assert client.post(page_url(made), {"bid": "7", "answer": "短"}).status_code == 422
    page = text(client.post(page_url(made), {"bid": "2", "answer": ANSWER, "reason": "报价合理。"}, follow=True))
    assert "还有 1 个方案没有答复" in page
    assert "报价合理。" in page


def test_the_award_page_opens_only_when_the_minutes_stand(enterprise, buyer, client_of):
    made = evaluation(enterprise, minutes=True)
    page = text(client_of(buyer).get(page_url(made), follow=True))
    assert "评审纪要还没有由全体评审人签署" in page


@pytest.mark.parametrize(("who", "status"), OTHERS)
@pytest.mark.parametrize("name", ["award", "declare-failed"])
def test_others_do_not_award(name, who, status, enterprise, client_of, request):
    made = evaluation(enterprise, signed=True)
    data = {"bid": "1", "answer": ANSWER, "reason": "不合格"}
    assert client_of(request.getfixturevalue(who)).post(page_url(made, name), data).status_code == status
    assert Challenge.objects.get().state == "evaluating"


@pytest.mark.parametrize("name", ["reviewer-recuse", "reviewer-remove", "minutes-draw-up", "declare-failed"])
def test_a_character_no_database_keeps_is_left_out_of_what_is_said(name, enterprise, buyer, client_of):
    made = evaluation(enterprise, scored=name == "minutes-draw-up")
    person = made.reviewer.user if name == "reviewer-recuse" else buyer
    args = [made.challenge.code, *([made.reviewer.pk] if name == "reviewer-remove" else [])]
    said = {"reason": "另有\x00安排", "remarks": "另有\x00安排"}
    assert client_of(person).post(reverse(f"challenges:{name}", args=args), said).status_code == 302
    reviewer, challenge = made.reviewer, made.challenge
    reviewer.refresh_from_db()
    challenge.refresh_from_db()
    kept = "".join([reviewer.end_reason, challenge.end_reason, *(row.text for row in Minutes.objects.all())])
    assert "另有安排" in kept


def test_failing_asks_for_a_reason(enterprise, buyer, client_of):
    made = evaluation(enterprise)
    client = client_of(buyer)
    url = page_url(made, "declare-failed")
    assert "请写明没有方案中榜的原因" in text(client.post(url, {"reason": ""}, follow=True))
    assert "请逐一答复各揭榜单位" in text(client.post(url, {"reason": "都不达标。"}, follow=True))


# --- The evaluation page ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("who", "status"), [("buyer", 200), ("colleague", 200), ("operator", 200), ("outsider", 404), ("supplier", 404)]
)
def test_the_evaluation_is_seen_by_the_poser_and_operators(who, status, enterprise, client_of, request):
    made = evaluation(enterprise)
    response = client_of(request.getfixturevalue(who)).get(page_url(made, "evaluation"))
    assert response.status_code == status


@pytest.mark.parametrize("traits", [{"open_now": True}, {"failed": True}, {"cancelled": True}])
def test_there_is_no_evaluation_of_sealed_bids(traits, enterprise, client_of, buyer, operator):
    made = evaluation(enterprise, bids=0, reviewers=0, evaluating=False, **traits)
    for person in (buyer, operator):
        assert client_of(person).get(page_url(made, "evaluation")).status_code == 404


def test_nobody_peeks_at_half_done_scores(enterprise, client_of, buyer, operator):
    made = evaluation(enterprise, scored=True)
    made.reviewer.scorecards.filter(bid=made.bid).update(state="draft", submitted_at=None)
    Score.objects.update(points="61.5")
    for person in (buyer, operator):
        page = text(client_of(person).get(page_url(made, "evaluation")))
        assert "已提交 3 / 4 份评分表" in page
        assert "已评 1 / 2" in page
        assert "61.5" not in page
        assert "路线可行，指标依据充分" not in page


def test_when_all_is_scored_the_page_shows_ranking_matrix_and_alarms(enterprise, client_of, buyer):
    made = evaluation(enterprise, scored=True)
    Score.objects.filter(scorecard__reviewer=made.reviewer, scorecard__bid=made.bid).update(points=40)
    page = text(client_of(buyer).get(page_url(made, "evaluation")))
    assert "65.00" in page  # (40 + 90) / 2
    assert "分差大" in page
    assert 'data-chart="funnel"' in page
    assert made.reviewers[1].user.name in page


def test_reviewers_are_assigned_and_removed_on_the_page(enterprise, client_of, buyer, newcomer, supplier):
    made = evaluation(enterprise, reviewers=0)
    client = client_of(buyer)
    assign = page_url(made, "reviewer-assign")
    for email, said in (
        ("nobody@example.com", "没有以这个邮箱登录的用户"),
        (buyer.email, "在需求方或揭榜单位任职"),
        ("x", "请填写完整的邮箱地址"),
    ):
        response = client.post(assign, {"email": email})
        assert response.status_code == 422
        assert said in text(response)
    assert newcomer.name in text(client.post(assign, {"email": newcomer.email.upper()}, follow=True))
    assert "已经是（或曾经是）" in text(client.post(assign, {"email": newcomer.email}))
    reviewer = made.challenge.reviewers.get()
    remove = reverse("challenges:reviewer-remove", args=[made.challenge.code, reviewer.pk])
    assert "请写明撤换原因" in text(client.post(remove, follow=True))
    assert "评审人已撤换" in text(client.post(remove, {"reason": "长期出差"}, follow=True))


def test_a_conflict_that_arose_later_stands_on_the_posers_page(enterprise, client_of, buyer):
    made = evaluation(enterprise)
    MembershipFactory(user=made.reviewer.user, organisation=made.bid.organisation)
    page = text(client_of(buyer).get(page_url(made, "evaluation")))
    assert "出现利益冲突，请撤换" in page


def test_the_evaluation_costs_the_same_with_one_and_three_of_everything(
    enterprise, client_of, buyer, django_assert_max_num_queries
):
    counts = []
    for number in (1, 3):
        made = evaluation(enterprise, bids=number, reviewers=number, signed=True)
        client = client_of(buyer)
        with django_assert_max_num_queries(60) as queries:
            client.get(page_url(made, "evaluation"))
        counts.append(len(queries))
    assert counts[0] == counts[1]

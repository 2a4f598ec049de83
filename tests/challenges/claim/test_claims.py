"""抢单: who qualifies, who is first, what the poser may do with it, and that everybody is answered."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils import timezone

from accounts.audit import AuditEvent
from accounts.models import Notification
from accounts.permissions import Denied
from challenges.claim import actions as verbs
from challenges.claim.tasks import confirm_due_claims
from challenges.models import Bid
from contracts.models import Contract
from lib.refusals import WrongState
from needs.models import Level, NamedOrganisation, NdaAcceptance
from tests.challenges.bidding import content, sheet
from tests.factories.accounts import MembershipFactory, OrganisationFactory
from tests.factories.challenges import ChallengeFactory
from tests.factories.needs import NeedIndicatorFactory
from tests.needs.need.pages import text

pytestmark = pytest.mark.django_db


@pytest.fixture
def challenge(enterprise):
    found = ChallengeFactory(open_now=True, first_claim=True, need__organisation=enterprise, refusal_days=5)
    NeedIndicatorFactory(need=found.need)
    return found


@pytest.fixture
def rival():
    """Somebody of another university."""
    return MembershipFactory(organisation=OrganisationFactory(university=True, name="示例内陆大学"))


def claim(challenge, organisation, by, at=None, **changed):
    values = content(challenge, organisation, **changed)
    values = {name: values[name] for name in ("approach", "months", "price", "unaffiliated", "indicator_answers")}
    return verbs.claim(challenge=challenge, organisation=organisation, values=values, by=by, at=at or timezone.now())


def refuse(bid, by, at=None):
    return verbs.refuse_claim(bid=bid, reason="team", answer="没有同类产线的业绩。", by=by, at=at or timezone.now())


def state_of(row):
    row.refresh_from_db()
    return row.state


def told(person):
    return [notice.text for notice in Notification.objects.filter(recipient=person).order_by("created_at", "pk")]


# --- Who is first ------------------------------------------------------------------------------------------------


def test_the_first_qualified_claim_wins_and_both_sides_hear(challenge, university, supplier, buyer):
    at = timezone.now()
    bid = claim(challenge, university, supplier, at=at)
    assert (bid.state, bid.claim_number, bid.offered_at) == ("awarded", 1, at)
    assert bid.refusable_until == at + timedelta(days=5)
    assert state_of(challenge) == "awarded"
    assert challenge.awarded_at == at
    assert "抢到了" in told(supplier)[0]
    assert "有单位抢单成功" in told(buyer)[0]


def test_later_claims_queue_up_and_are_told_their_number(challenge, university, supplier, rival):
    claim(challenge, university, supplier)
    second = claim(challenge, rival.organisation, rival.user)
    assert (second.state, second.claim_number, second.offered_at) == ("submitted", 2, None)
    notice = Notification.objects.get(recipient=rival.user)
    assert "已有单位先抢到" in notice.text
    assert notice.params["number"] == 2
    assert university.name not in str(notice.params)


def test_a_claim_sent_twice_is_one(challenge, university, supplier):
    assert claim(challenge, university, supplier) == claim(challenge, university, supplier)
    assert Bid.objects.count() == 1


def test_the_deadline_is_the_first_moment_that_is_too_late(challenge, university, supplier, rival):
    with pytest.raises(WrongState, match="截止时间已过"):
        claim(challenge, university, supplier, at=challenge.closes_at)
    claim(challenge, university, supplier, at=challenge.closes_at - timedelta(microseconds=1))
    with pytest.raises(WrongState, match="截止时间已过"):
        claim(challenge, rival.organisation, rival.user, at=challenge.closes_at)


@pytest.mark.parametrize("trait", ["notice", "failed", "cancelled", "submitted"])
def test_a_challenge_that_is_not_open_takes_no_claim(trait, university, supplier):
    challenge = ChallengeFactory(first_claim=True, **{trait: True})
    with pytest.raises(WrongState):
        claim(challenge, university, supplier)


def test_an_open_challenge_takes_no_claim(university, supplier):
    with pytest.raises(WrongState, match="揭榜方案"):
        claim(ChallengeFactory(open_now=True), university, supplier)


# --- Who qualifies -----------------------------------------------------------------------------------------------


def test_an_organisation_that_is_not_verified_does_not_qualify(challenge):
    person = MembershipFactory(organisation=OrganisationFactory(university=True, pending=True))
    with pytest.raises(Denied, match="核验"):
        claim(challenge, person.organisation, person.user)


def test_who_shares_a_member_with_the_poser_does_not_qualify(challenge, enterprise, university, supplier):
    MembershipFactory(user=supplier, organisation=enterprise)
    with pytest.raises(Denied, match="共同的成员"):
        claim(challenge, university, supplier)


def test_without_the_agreement_that_is_asked_nobody_qualifies(enterprise, university, supplier):
    challenge = ChallengeFactory(open_now=True, first_claim=True, need__organisation=enterprise, requires_nda=True)
    with pytest.raises(Denied, match="保密协议"):
        claim(challenge, university, supplier)


@pytest.mark.parametrize(("level", "words"), [(Level.NDA, "签署保密协议"), (Level.NAMED, "指定")])
def test_a_must_indicator_one_cannot_see_cannot_be_promised(level, words, challenge, university, supplier):
    NeedIndicatorFactory(need=challenge.need, name="保密指标", level=level)
    with pytest.raises(Denied, match=words) as refused:
        claim(challenge, university, supplier)
    assert "保密指标" not in str(refused.value)
    NdaAcceptance.objects.create(
        need=challenge.need,
        organisation=university,
        text_version="1",
        text="示例",
        text_hash="0" * 64,
        accepted_by=supplier,
    )
    NamedOrganisation.objects.create(need=challenge.need, organisation=university, named_by=supplier)
    assert claim(challenge, university, supplier).state == "awarded"


def test_a_wish_one_cannot_see_hinders_nobody(challenge, university, supplier):
    NeedIndicatorFactory(need=challenge.need, level=Level.NAMED, necessity="wish")
    assert claim(challenge, university, supplier).state == "awarded"


@pytest.mark.parametrize("meets", ["partly", "no", ""])
def test_a_must_indicator_that_is_not_met_disqualifies(meets, challenge, university, supplier):
    row = challenge.need.indicators.get()
    answers = [{"indicator": row.pk, "meets": meets, "value": "", "how": ""}]
    with pytest.raises(ValidationError) as refused:
        claim(challenge, university, supplier, indicator_answers=answers)
    assert list(refused.value.message_dict) == [f"indicator_answers.{row.pk}"]
    assert not Bid.objects.exists()
    assert state_of(challenge) == "open"


def test_a_wish_need_not_be_met(challenge, university, supplier):
    wish = NeedIndicatorFactory(need=challenge.need, necessity="wish")
    answers = [
        {"indicator": row.pk, "meets": "no" if row == wish else "yes", "value": "", "how": ""}
        for row in challenge.need.indicators.all()
    ]
    assert claim(challenge, university, supplier, indicator_answers=answers).state == "awarded"


@pytest.mark.parametrize("changed", [{"unaffiliated": False}, {"price": None}, {"months": None}, {"approach": ""}])
def test_a_claim_that_lacks_something_is_none(changed, challenge, university, supplier):
    with pytest.raises(ValidationError) as refused:
        claim(challenge, university, supplier, **changed)
    assert list(refused.value.message_dict) == list(changed)
    assert not Bid.objects.exists()


# --- The poser decides ---------------------------------------------------------------------------------------------


def test_a_refused_claim_makes_room_for_the_next_in_order(challenge, university, supplier, rival, buyer):
    first = claim(challenge, university, supplier)
    second = claim(challenge, rival.organisation, rival.user)
    at = timezone.now()
    refuse(first, buyer, at=at)
    assert state_of(first) == "declined"
    assert (first.reason, first.answer, first.answered_by) == ("team", "没有同类产线的业绩。", buyer)
    assert (state_of(second), second.offered_at) == ("awarded", at)
    assert state_of(challenge) == "awarded"
    assert "抢到了" in told(rival.user)[-1]
    assert "未确认您" in told(supplier)[-1]


def test_with_nobody_in_the_queue_the_challenge_is_open_again(challenge, university, supplier, rival, buyer):
    refuse(claim(challenge, university, supplier), buyer)
    assert (state_of(challenge), challenge.awarded_at) == ("open", None)
    assert claim(challenge, rival.organisation, rival.user).state == "awarded"
    with pytest.raises(WrongState, match="不能再次抢单"):
        claim(challenge, university, supplier)


def test_who_is_not_qualified_any_more_is_passed_over_and_answered(challenge, university, supplier, rival, buyer):
    first = claim(challenge, university, supplier)
    second = claim(challenge, rival.organisation, rival.user)
    rival.organisation.state, rival.organisation.refusal_reason = "refused", "资料不符"
    rival.organisation.save()
    third_person = MembershipFactory(organisation=OrganisationFactory(university=True))
    third = claim(challenge, third_person.organisation, third_person.user)
    refuse(first, buyer)
    assert (state_of(second), second.reason) == ("declined", "not_eligible")
    assert state_of(third) == "awarded"


@pytest.mark.parametrize("reason", ["better_bid", "claimed_before", "too_few_bids", "cancelled"])
def test_what_the_platform_alone_finds_is_no_reason_to_refuse(reason, challenge, university, supplier, buyer):
    bid = claim(challenge, university, supplier)
    with pytest.raises(ValueError, match="not one to refuse"):
        verbs.refuse_claim(bid=bid, reason=reason, answer="没有同类产线的业绩。", by=buyer, at=timezone.now())
    assert state_of(bid) == "awarded"


def test_the_poser_refuses_within_the_days_agreed_only(challenge, university, supplier, buyer):
    bid = claim(challenge, university, supplier)
    with pytest.raises(WrongState, match="确认期已过"):
        refuse(bid, buyer, at=bid.refusable_until)
    assert refuse(bid, buyer, at=bid.refusable_until - timedelta(microseconds=1)).state == "declined"


def test_an_accepted_claim_has_a_contract_and_the_others_an_answer(challenge, university, supplier, rival, buyer):
    first = claim(challenge, university, supplier)
    second = claim(challenge, rival.organisation, rival.user)
    contract = verbs.accept_claim(bid=first, by=buyer, at=timezone.now())
    assert (contract.bid, contract.supplier, contract.amount) == (first, university, 80)
    assert (state_of(first), first.refusable_until) == ("awarded", None)
    assert (state_of(second), second.reason) == ("declined", "claimed_before")
    assert not challenge.bids.unanswered().exists()
    for person in (supplier, rival.user):
        assert len(told(person)) > 1


def test_a_confirmed_claim_is_neither_refused_nor_accepted_again_and_nobody_claims_behind_it(
    challenge, university, supplier, rival, buyer
):
    bid = claim(challenge, university, supplier)
    verbs.accept_claim(bid=bid, by=buyer, at=timezone.now())
    for again in (lambda: refuse(bid, buyer), lambda: verbs.accept_claim(bid=bid, by=buyer, at=timezone.now())):
        with pytest.raises(WrongState):
            again()
    with pytest.raises(WrongState, match="不再接受抢单"):
        claim(challenge, rival.organisation, rival.user)
    assert Contract.objects.count() == 1


@pytest.mark.parametrize("who", ["supplier", "operator", "outsider", "colleague"])
def test_only_the_poser_decides(who, request, challenge, university, supplier, buyer):
    bid = claim(challenge, university, supplier)
    person = request.getfixturevalue(who)
    with pytest.raises(Denied):
        refuse(bid, person)
    with pytest.raises(Denied):
        verbs.accept_claim(bid=bid, by=person, at=timezone.now())
    assert state_of(bid) == "awarded"


def test_days_that_pass_without_refusal_accept(challenge, university, supplier, rival):
    bid = claim(challenge, university, supplier)
    waiting = claim(challenge, rival.organisation, rival.user)
    assert verbs.confirm_due_claims(at=bid.refusable_until - timedelta(microseconds=1)) == []
    assert verbs.confirm_due_claims(at=bid.refusable_until) == [bid]
    assert verbs.confirm_due_claims(at=bid.refusable_until) == []
    assert Contract.objects.get().bid == bid
    assert state_of(waiting) == "declined"


@pytest.mark.parametrize("change", ["no longer verified", "a member in common"])
def test_who_does_not_qualify_any_more_is_not_confirmed(
    change, challenge, enterprise, university, supplier, rival, buyer
):
    first = claim(challenge, university, supplier)
    second = claim(challenge, rival.organisation, rival.user)
    if change == "no longer verified":
        university.state, university.refusal_reason = "refused", "登记信息已注销"
        university.save()
    else:
        MembershipFactory(organisation=enterprise, user=supplier)
    with pytest.raises(WrongState, match="请以“不符合申报条件”拒绝"):
        verbs.accept_claim(bid=first, by=buyer, at=timezone.now())
    assert verbs.confirm_due_claims(at=first.refusable_until) == []
    assert not Contract.objects.exists()
    assert (state_of(first), first.reason, first.answered_by) == ("declined", "not_eligible", None)
    assert (state_of(second), state_of(challenge)) == ("awarded", "awarded")
    assert second.refusable_until == first.refusable_until + timedelta(days=5)
    assert any("抢单失效" in message for message in told(buyer))
    assert any("已得到答复" in message for message in told(supplier))
    steps = [("bid.lapse", "awarded", "declined"), ("challenge.lapse_claim", "awarded", "open")]
    trail = AuditEvent.objects.filter(action__contains="lapse").order_by("action")
    assert list(trail.values_list("action", "from_state", "to_state")) == steps


def test_a_claim_that_lapsed_with_nobody_behind_it_leaves_the_challenge_open(challenge, university, supplier, buyer):
    bid = claim(challenge, university, supplier)
    university.state, university.refusal_reason = "refused", "登记信息已注销"
    university.save()
    verbs.confirm_due_claims(at=bid.refusable_until)
    assert (state_of(challenge), challenge.awarded_at) == ("open", None)
    assert verbs.confirm_due_claims(at=bid.refusable_until) == []


def test_who_does_not_qualify_any_more_is_refused_by_the_poser(challenge, university, supplier, buyer):
    bid = claim(challenge, university, supplier)
    university.state, university.refusal_reason = "refused", "登记信息已注销"
    university.save()
    assert verbs.refuse_claim(bid=bid, reason="not_eligible", answer="核验未通过。", by=buyer, at=timezone.now())


def test_the_task_confirms_what_is_due_and_may_run_twice(challenge, university, supplier):
    bid = claim(challenge, university, supplier)
    confirm_due_claims()
    assert not Contract.objects.exists()
    Bid.objects.update(refusable_until=timezone.now() - timedelta(minutes=1))
    confirm_due_claims()
    confirm_due_claims()
    assert Contract.objects.get().bid == bid


# --- Leaving the queue -----------------------------------------------------------------------------------------------


def test_who_leaves_the_queue_comes_back_at_its_end(challenge, university, supplier, rival, buyer):
    first = claim(challenge, university, supplier)
    second = claim(challenge, rival.organisation, rival.user)
    verbs.withdraw_claim(bid=second, by=rival.user, at=timezone.now())
    third_person = MembershipFactory(organisation=OrganisationFactory(university=True))
    claim(challenge, third_person.organisation, third_person.user)
    back = claim(challenge, rival.organisation, rival.user, approach="新的做法")
    assert (back.pk, back.state, back.claim_number) == (second.pk, "submitted", 4)
    assert back.versions.count() == 2
    refuse(first, buyer)
    assert Bid.objects.get(state="awarded").organisation == third_person.organisation


def test_a_claim_that_was_offered_is_not_withdrawn(challenge, university, supplier):
    with pytest.raises(WrongState):
        verbs.withdraw_claim(bid=claim(challenge, university, supplier), by=supplier, at=timezone.now())


# --- Pages -------------------------------------------------------------------------------------------------------


def url(challenge):
    return reverse("challenges:claim", args=[challenge.code])


def test_the_form_claims_and_shows_the_claim(challenge, university, supplier, client_of):
    page = text(client_of(supplier).post(url(challenge), sheet(challenge, university), follow=True))
    assert "您抢到了" in page
    assert "等待需求方确认" in page
    assert Bid.objects.get().versions.get().months == 12


def test_an_unmet_must_is_said_at_its_row_and_the_rest_is_kept(challenge, university, supplier, client_of):
    row = challenge.need.indicators.get()
    data = sheet(challenge, university, **{f"answer-{row.pk}-meets": "partly"})
    page = text(client_of(supplier).post(url(challenge), data))
    assert "必达指标须全部达到才能抢单" in page
    assert "真空脱气与电渣重熔联合控制夹杂物" in page
    assert not Bid.objects.exists()


def test_what_cannot_be_read_in_the_form_is_said_and_kept(challenge, university, supplier, client_of):
    page = text(client_of(supplier).post(url(challenge), sheet(challenge, university, price="很便宜")))
    assert "请只填数字" in page
    assert "很便宜" in page


def test_who_may_not_claim_reads_why(challenge, client_of, buyer, newcomer, colleague):
    assert "同一机构" in text(client_of(buyer).get(url(challenge)))
    assert "没有代表该机构" in text(client_of(colleague).get(url(challenge)))
    assert "先登记或加入" in text(client_of(newcomer).get(url(challenge)))
    assert client_of(buyer).post(url(challenge), {}).status_code in {200, 403}
    assert not Bid.objects.exists()


def test_a_hidden_must_is_explained_before_anything_is_typed(challenge, supplier, client_of):
    NeedIndicatorFactory(need=challenge.need, name="保密指标", level=Level.NDA)
    page = text(client_of(supplier).get(url(challenge)))
    assert "须签署保密协议后才能看到" in page
    assert "保密指标" not in page


def test_the_poser_reads_the_claim_and_accepts_it(challenge, university, supplier, buyer, client_of):
    bid = claim(challenge, university, supplier)
    page = text(client_of(buyer).get(bid.get_absolute_url()))
    assert university.name in page
    assert "真空脱气" in page
    response = client_of(buyer).post(reverse("challenges:claim-accept", args=[bid.code]))
    assert response["Location"] == Contract.objects.get().get_absolute_url()


def test_the_poser_refuses_on_the_page_with_a_reason(challenge, university, supplier, buyer, client_of):
    bid = claim(challenge, university, supplier)
    refusal = reverse("challenges:claim-refuse", args=[bid.code])
    response = client_of(buyer).post(refusal, {"reason": "", "answer": ""})
    assert response.status_code == 422
    assert "请选择原因" in text(response)
    client_of(buyer).post(refusal, {"reason": "price", "answer": "超出预算一倍。"})
    assert state_of(bid) == "declined"
    assert "超出预算一倍" in text(client_of(supplier).get(bid.get_absolute_url()))


def test_the_queue_shows_to_its_poser_and_operators_alone(
    challenge, university, supplier, rival, buyer, operator, outsider, client_of
):
    claim(challenge, university, supplier)
    claim(challenge, rival.organisation, rival.user)
    queue = reverse("challenges:claim-list", args=[challenge.code])
    for person in (buyer, operator):
        page = text(client_of(person).get(queue))
        assert university.name in page
        assert rival.organisation.name in page
    for person in (supplier, outsider):
        assert client_of(person).get(queue).status_code == 404


def test_another_claimant_reads_nothing_of_the_first(challenge, university, supplier, rival, client_of):
    bid = claim(challenge, university, supplier)
    waiting = claim(challenge, rival.organisation, rival.user)
    client = client_of(rival.user)
    assert client.get(bid.get_absolute_url()).status_code == 404
    page = text(client.get(waiting.get_absolute_url()))
    assert "排在第 2 位" in page
    assert university.name not in page

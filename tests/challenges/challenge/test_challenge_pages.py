"""The pages of challenges: who sees what, every button, the form with its criteria, the lists."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.audit import AuditEvent
from challenges.challenge.workflow import CHALLENGE_ACTIONS
from challenges.models import Challenge
from tests.challenges.challenge_steps import STATES, in_state
from tests.factories.bids import BidFactory
from tests.factories.challenges import ChallengeFactory, ObjectionFactory
from tests.factories.needs import NeedFactory
from tests.needs.need.pages import text

pytestmark = pytest.mark.django_db

LIST, MINE, QUEUE = (reverse(f"challenges:{name}") for name in ("list", "mine", "review-queue"))
CREATE = "create"


def url(action: str, thing: Any) -> str:
    return reverse(f"challenges:{action}", args=[thing.code])


def form_data(*weights: int, initial: int = 0, **fields: Any) -> dict[str, Any]:
    """A filled form of a challenge with one criterion per weight; a field given as None is left out."""
    data: dict[str, Any] = {
        "mode": "open_challenge",
        "prize": "120",
        "rules": "逐项回应指标，附中试数据。",
        "eligibility": "具有独立法人资格。",
        "closes_at": f"{timezone.localtime() + timedelta(days=30):%Y-%m-%dT%H:%M}",
        "notice_days": "3",
        "min_bids": "2",
        "answer_days": "20",
        "result_notice_days": "0",
        "refusal_days": "5",
        "intent": "save",
        "criteria-TOTAL_FORMS": str(len(weights)),
        "criteria-INITIAL_FORMS": str(initial),
        **fields,
    }
    for number, weight in enumerate(weights):
        data |= {f"criteria-{number}-name": f"评分项{number}", f"criteria-{number}-weight": str(weight)}
    return {name: value for name, value in data.items() if value is not None}


# --- The form --------------------------------------------------------------------------------------


@pytest.fixture
def need(enterprise: Any) -> Any:
    return NeedFactory(published=True, organisation=enterprise)


@pytest.mark.parametrize("mode", ["open_challenge", "first_claim"])
def test_the_form_opens_in_the_mode_that_was_chosen_with_sensible_values(mode, client_of, buyer, need):
    page = text(client_of(buyer).get(url(CREATE, need), {"mode": mode}))
    assert re.search(rf'name="mode" value="{mode}"[^>]*checked', page)
    assert "T17:00" in page
    assert "技术先进性与指标满足程度" in page


def test_a_draft_is_saved_with_its_criteria(client_of, buyer, need):
    response = client_of(buyer).post(url(CREATE, need), form_data(60, 40))
    challenge = Challenge.objects.get()
    assert response["Location"] == challenge.get_absolute_url()
    assert (challenge.state, challenge.min_bids, challenge.notice_days) == ("draft", 2, 3)
    assert [row.weight for row in challenge.criteria.all()] == [60, 40]


def test_a_challenge_is_handed_in_from_its_form(client_of, buyer, need, operator):
    client_of(buyer).post(url(CREATE, need), form_data(60, 40, intent="submit"))
    assert Challenge.objects.get().state == "submitted"


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"rules": ""}, "提交前请填写此项"),
        ({"closes_at": ""}, "提交前请填写此项"),
        ({"closes_at": "下周五"}, "请按 2026-12-31 17:00 的样子"),
        ({"min_bids": "0"}, "请填 1 到 50 之间的数"),
        ({"prize": "很多"}, "请只填数字"),
    ],
)
def test_what_is_wrong_is_said_and_what_was_typed_stays(wrong, words, client_of, buyer, need):
    page = text(client_of(buyer).post(url(CREATE, need), form_data(60, 40, intent="submit", **wrong)))
    assert words in page
    assert "评分项0" in page
    assert not Challenge.objects.exists()


def test_weights_that_do_not_add_up_are_not_handed_in(client_of, buyer, need):
    client = client_of(buyer)
    page = text(client.post(url(CREATE, need), form_data(60, 30, intent="submit")))
    assert "现在是 90%" in page
    assert not Challenge.objects.exists()
    client.post(url(CREATE, need), form_data(60, 30))  # as a draft it may wait
    assert Challenge.objects.get().state == "draft"


def test_one_name_twice_and_a_weight_that_is_none_are_said(client_of, buyer, need):
    client = client_of(buyer)
    page = text(client.post(url(CREATE, need), {**form_data(60, 40), "criteria-1-name": "评分项0"}))
    assert "评分项“评分项0”写了两次" in page
    assert "请填 1 到 100 之间的数" in text(client.post(url(CREATE, need), form_data(600)))


def test_a_row_that_was_removed_or_left_empty_is_no_criterion(client_of, buyer, need):
    rows = {"criteria-1-DELETE": "on", "criteria-2-name": "", "criteria-2-weight": ""}
    client_of(buyer).post(url(CREATE, need), {**form_data(100, 50, 0), **rows})
    assert [row.weight for row in Challenge.objects.get().criteria.all()] == [100]


def test_a_first_claim_has_no_criteria(client_of, buyer, need):
    client_of(buyer).post(url(CREATE, need), form_data(60, 30, mode="first_claim", intent="submit"))
    challenge = Challenge.objects.get()
    assert (challenge.state, challenge.criteria.count()) == ("submitted", 0)


def test_a_form_sent_twice_makes_one_challenge(client_of, buyer, need):
    client = client_of(buyer)
    client.post(url(CREATE, need), form_data(60, 40))
    again = client.post(url(CREATE, need), form_data(60, 40))
    assert again["Location"] == Challenge.objects.get().get_absolute_url()


def test_the_form_does_not_open_beside_a_challenge_that_runs(client_of, buyer, enterprise):
    running = in_state("open", organisation=enterprise)
    page = client_of(buyer).get(
        url(CREATE, running.need),
        HTTP_REFERER=f"http://testserver{running.get_absolute_url()}",
        follow=True,
    )
    assert "已有一个榜单在进行" in text(page)


def test_a_draft_is_changed_on_its_form(client_of, buyer, enterprise):
    challenge = in_state("returned", organisation=enterprise)
    client = client_of(buyer)
    page = text(client.get(url("edit", challenge)))
    assert challenge.return_reason in page
    assert challenge.criteria.all()[0].name in page
    client.post(url("edit", challenge), form_data(100, initial=1, prize="88"))
    challenge.refresh_from_db()
    assert (challenge.prize, challenge.criteria.count()) == (88, 1)


@pytest.mark.parametrize("state", ["submitted", "open", "evaluating", "cancelled"])
def test_the_form_of_a_fixed_challenge_does_not_open_and_an_attempt_is_logged(state, client_of, buyer, enterprise):
    challenge = in_state(state, organisation=enterprise)
    client = client_of(buyer)
    assert client.get(url("edit", challenge))["Location"] == challenge.get_absolute_url()
    assert not AuditEvent.objects.exists()
    page = text(
        client.post(
            url("edit", challenge),
            form_data(1, closes_at="x"),  # wrong in itself: the attempt is logged all the same
            HTTP_REFERER=f"http://testserver{challenge.get_absolute_url()}",
            follow=True,
        )
    )
    assert "已记录在案" in page
    assert "提交后试图修改规则，已拒绝" in page
    assert AuditEvent.objects.get().action == "challenge.change_refused"


@pytest.mark.parametrize(("who", "status"), [("colleague", 403), ("operator", 403), ("outsider", 404)])
def test_others_do_not_write_a_challenge(who, status, request, client_of, enterprise, need):
    client = client_of(request.getfixturevalue(who))
    draft = in_state("draft", organisation=enterprise)
    assert client.post(url("edit", draft), form_data(100)).status_code == status
    assert client.post(url(CREATE, need), form_data(100)).status_code == 403


# --- Every button ----------------------------------------------------------------------------------


BUTTONS: dict[str, tuple[str, dict[str, str]]] = {
    "submit": ("buyer", {}),
    "return": ("operator", {"reason": "请写明验收方法"}),
    "announce": ("operator", {}),
    "extend": ("buyer", {"closes_at": "2100-01-01T17:00", "reason": "应多家单位要求"}),
    "cancel": ("buyer", {"reason": "技术路线调整"}),
    "close": ("buyer", {}),
}


@pytest.mark.parametrize("action", BUTTONS)
def test_each_button_takes_its_step(action, request, client_of, enterprise, operator):
    who, data = BUTTONS[action]
    challenge = in_state(min(CHALLENGE_ACTIONS[action].sources), organisation=enterprise)
    response = client_of(request.getfixturevalue(who)).post(url(action, challenge), data)
    assert response.status_code == 302
    challenge.refresh_from_db()
    assert challenge.state == ("open" if action == "announce" else CHALLENGE_ACTIONS[action].target)


@pytest.mark.parametrize("action", BUTTONS)
@pytest.mark.parametrize(("who", "status"), [("colleague", 403), ("supplier", 404)])
def test_others_do_not_press_it(action, who, status, request, client_of, enterprise):
    state = min(CHALLENGE_ACTIONS[action].sources)
    challenge = in_state(state, organisation=enterprise)
    was_announced = challenge.announced_at is not None
    client = client_of(request.getfixturevalue(who))
    response = client.post(url(action, challenge), BUTTONS[action][1])
    assert response.status_code == (403 if was_announced else status)
    challenge.refresh_from_db()
    assert challenge.state == state


@pytest.mark.parametrize("action", BUTTONS)
def test_from_the_wrong_state_it_says_so(action, request, client_of, enterprise):
    who, data = BUTTONS[action]
    challenge = in_state("closed", organisation=enterprise)
    client = client_of(request.getfixturevalue(who))
    page = client.post(
        url(action, challenge),
        data,
        HTTP_REFERER=f"http://testserver{challenge.get_absolute_url()}",
        follow=True,
    )
    assert "当前状态不允许此操作" in text(page)


@pytest.mark.parametrize(("action", "who"), [("return", "operator"), ("cancel", "buyer"), ("extend", "buyer")])
def test_a_step_without_its_reason_asks_for_it(action, who, request, client_of, enterprise):
    challenge = in_state(min(CHALLENGE_ACTIONS[action].sources), organisation=enterprise)
    response = client_of(request.getfixturevalue(who)).post(url(action, challenge), {"reason": " "})
    assert response.status_code == 422


@pytest.mark.parametrize("action", [action for action in BUTTONS if action != "extend"])
def test_steps_are_posted(action, client_of, buyer, enterprise):
    challenge = in_state("open", organisation=enterprise)
    assert client_of(buyer).get(url(action, challenge)).status_code == 405


def test_an_earlier_deadline_is_no_extension(client_of, buyer, enterprise):
    challenge = in_state("open", organisation=enterprise)
    data = {"closes_at": "2020-01-01T17:00", "reason": "原因"}
    response = client_of(buyer).post(url("extend", challenge), data)
    assert response.status_code == 422
    assert "要晚于原来的" in text(response)


def test_what_lacks_is_said_beside_the_button(client_of, buyer, operator, enterprise):
    draft = in_state("draft", organisation=enterprise, rules="")
    assert "请填写揭榜规则" in text(client_of(buyer).post(url("submit", draft), follow=True))
    late = in_state("submitted", closes_at=timezone.now())
    assert "还不能发榜" in text(client_of(operator).post(url("announce", late), follow=True))
    awarded = in_state("awarded", organisation=enterprise)
    BidFactory(challenge=awarded, submitted=True, label=1)
    assert "没有答复" in text(client_of(buyer).post(url("close", awarded), follow=True))


def test_nobody_announces_what_changed_after_they_opened_the_page(client_of, operator, enterprise):
    challenge = in_state("submitted", organisation=enterprise)
    before = (challenge.changed_at - timedelta(minutes=1)).isoformat()
    client_of(operator).post(url("announce", challenge), {"read_at": before})
    challenge.refresh_from_db()
    assert challenge.state == "submitted"


def test_a_further_round_opens_its_form(client_of, buyer, enterprise):
    failed = in_state("failed", organisation=enterprise)
    client = client_of(buyer)
    assert "开展下一轮" in text(client.get(failed.get_absolute_url()))
    response = client.post(url("second-round", failed))
    draft = Challenge.objects.get(round=2)
    assert response["Location"] == url("edit", draft)
    assert "看第 2 轮" in text(client.get(failed.get_absolute_url()))
    assert "看上一轮" in text(client.get(draft.get_absolute_url()))


# --- One challenge ---------------------------------------------------------------------------------


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("who", ["buyer", "colleague", "operator", "supplier"])
def test_every_state_has_a_page_for_who_may_see_it(state, who, request, client_of, enterprise):
    challenge = in_state(state, organisation=enterprise)
    response = client_of(request.getfixturevalue(who)).get(challenge.get_absolute_url())
    hidden = who == "supplier" and challenge.announced_at is None
    assert response.status_code == (404 if hidden else 200)
    if not hidden:
        assert "当前进展与下一步" in text(response)


def test_a_first_claim_reads_otherwise(client_of, supplier, enterprise):
    challenge = in_state("open", organisation=enterprise, mode="first_claim", weights=())
    page = text(client_of(supplier).get(challenge.get_absolute_url()))
    assert "我要抢单" in page
    assert "抢单中" in page
    assert "评分标准" not in page


def test_the_poser_and_operators_are_not_asked_to_bid(client_of, buyer, operator, enterprise):
    challenge = in_state("open", organisation=enterprise)
    for person in (buyer, operator):
        assert "我要揭榜" not in text(client_of(person).get(challenge.get_absolute_url()))


def test_a_bidder_finds_its_own_bid_and_nobody_elses(client_of, supplier, university, outsider, enterprise):
    challenge = in_state("open", organisation=enterprise)
    bid = BidFactory(challenge=challenge, organisation=university)
    assert bid.get_absolute_url() in text(client_of(supplier).get(challenge.get_absolute_url()))
    assert bid.get_absolute_url() not in text(client_of(outsider).get(challenge.get_absolute_url()))


@pytest.mark.parametrize("who", ["buyer", "operator", "outsider"])
def test_bids_that_are_sealed_change_nothing_on_any_page(who, request, client_of, enterprise):
    challenge = in_state("open", organisation=enterprise)
    client = client_of(request.getfixturevalue(who))
    addresses = [challenge.get_absolute_url(), LIST, url("of-need", challenge.need)]
    addresses += [MINE] if who == "buyer" else [QUEUE] if who == "operator" else []

    def said() -> list[str]:
        return [_without_times(text(client.get(address))) for address in addresses]

    without = said()
    BidFactory.create_batch(2, challenge=challenge, submitted=True)
    assert said() == without


def _without_times(page: str) -> str:
    """What differs from one request to the next: tokens of forms, the moment it is."""
    kept = (line for line in page.splitlines() if "csrf" not in line.lower() and "read_at" not in line)
    return re.sub(r"还[剩有][^<]*(<strong>[^<]*</strong>)?", "", "\n".join(kept))


@pytest.mark.parametrize(("days", "shown"), [(5, True), (0, False)])
def test_who_won_is_public_where_the_rules_put_it_on_notice(days, shown, client, enterprise):
    challenge = in_state("awarded", organisation=enterprise, result_notice_days=days)
    bid = BidFactory(challenge=challenge, awarded=True, label=1)
    other = BidFactory(challenge=challenge, submitted=True, label=2)
    page = text(client.get(challenge.get_absolute_url()))
    assert (bid.organisation.name in page) is shown
    assert other.organisation.name not in page


def test_the_record_is_for_the_poser_and_operators(client_of, buyer, supplier, operator, enterprise):
    challenge = in_state("submitted", organisation=enterprise)
    client_of(operator).post(url("announce", challenge))
    assert "论证通过并发榜" in text(client_of(buyer).get(challenge.get_absolute_url()))
    assert "操作记录" not in text(client_of(supplier).get(challenge.get_absolute_url()))


# --- Lists -----------------------------------------------------------------------------------------


def test_the_list_has_a_tab_per_stage(client):
    titles = {}
    for tab, state in (("open", "open"), ("notice", "notice"), ("evaluating", "evaluating"), ("ended", "failed")):
        titles[tab] = in_state(state).need.title
    drafted = in_state("submitted").need.title
    for tab, title in titles.items():
        page = text(client.get(LIST, {"tab": tab}))
        assert title in page
        assert not any(other in page for key, other in titles.items() if key != tab)
        assert drafted not in page


def test_the_list_is_narrowed_by_mode_and_keeps_its_tab(client):
    claim = in_state("open", mode="first_claim", weights=()).need.title
    other = in_state("open").need.title
    page = text(client.get(LIST, {"mode": "first_claim"}))
    assert claim in page
    assert other not in page
    assert "?tab=notice&amp;mode=first_claim" in page


def test_lists_are_paged(client_of, buyer, enterprise, client):
    for _number in range(21):
        in_state("open", organisation=enterprise)
    for address, reader in ((LIST, client), (MINE, client_of(buyer))):
        assert "第 1 页，共 2 页" in text(reader.get(address))


@pytest.mark.parametrize("address", [LIST, MINE, QUEUE])
def test_an_empty_list_says_what_to_do(address, request, client_of):
    person = request.getfixturevalue("operator" if address == QUEUE else "buyer")
    assert "sh-empty" in text(client_of(person).get(address))


def test_ones_own_are_those_of_the_organisation(client_of, buyer, enterprise):
    mine, other = in_state("returned", organisation=enterprise), in_state("open")
    page = text(client_of(buyer).get(MINE, {"state": "returned"}))
    assert mine.return_reason in page
    assert other.need.title not in page


def test_the_queue_is_for_operators_with_what_waits_for_them(client_of, operator, buyer, enterprise):
    waiting = in_state("submitted")
    objection = ObjectionFactory()
    late = in_state("evaluating", answer_by=timezone.now() - timedelta(minutes=1))
    BidFactory(challenge=late, submitted=True, label=1)
    client = client_of(operator)
    for tab, words in (
        ("submitted", waiting.need.title),
        ("objections", objection.text),
        ("overdue", late.need.title),
    ):
        assert words in text(client.get(QUEUE, {"tab": tab}))
    assert client_of(buyer).get(QUEUE).status_code == 403


QUERIES = {"list": 4, "mine": 8, "submitted": 11, "objections": 10, "overdue": 10}


@pytest.mark.parametrize("page", QUERIES)
@pytest.mark.parametrize("number", [1, 3])
def test_lists_take_the_same_queries_however_long(
    page, number, client_of, client, buyer, operator, enterprise, django_assert_num_queries
):
    for _number in range(number):
        if page == "objections":
            ObjectionFactory()
        elif page == "overdue":
            late = in_state("evaluating", answer_by=timezone.now() - timedelta(minutes=1))
            BidFactory(challenge=late, submitted=True, label=1)
        else:
            in_state("submitted" if page == "submitted" else "open", organisation=enterprise)
    reader = client if page == "list" else client_of(buyer if page == "mine" else operator)
    address = {"list": LIST, "mine": MINE}.get(page, f"{QUEUE}?tab={page}")
    with django_assert_num_queries(QUERIES[page]):
        reader.get(address)


# --- On the page of a need -------------------------------------------------------------------------


def test_the_poser_begins_one_on_the_page_of_the_need(client_of, buyer, supplier, need):
    page = text(client_of(buyer).get(url("of-need", need)))
    assert f"{url(CREATE, need)}?mode=open_challenge" in page
    assert f"{url(CREATE, need)}?mode=first_claim" in page
    assert "发起" not in text(client_of(supplier).get(url("of-need", need)))


def test_others_find_the_one_that_runs(client_of, supplier, buyer, client, enterprise):
    challenge = in_state("open", organisation=enterprise)
    for reader in (client_of(supplier), client_of(buyer), client):
        page = text(reader.get(url("of-need", challenge.need)))
        assert challenge.get_absolute_url() in page
        assert "发起揭榜" not in page


def test_a_draft_is_not_found_by_others(client, enterprise):
    challenge = in_state("draft", organisation=enterprise)
    assert challenge.code not in text(client.get(url("of-need", challenge.need)))


def test_what_is_announced_is_read_without_an_account(client):
    challenge = ChallengeFactory(open_now=True)
    page = text(client.get(challenge.get_absolute_url()))
    assert challenge.need.title in page
    assert "我要揭榜" in page

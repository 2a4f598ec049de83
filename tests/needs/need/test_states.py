"""The owner's buttons: submit, withdraw, close, and many at once."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from needs.models import Need
from needs.need.tasks import close_expired_needs
from tests.factories.accounts import OrganisationFactory
from tests.factories.needs import NeedFactory
from tests.needs.need.pages import text

pytestmark = pytest.mark.django_db

BULK = reverse("needs:bulk")


def url(action: str, need: Need) -> str:
    return reverse(f"needs:{action}", args=[need.code])


BUTTONS = {
    "submit": ({}, {"declared": "on"}, "submitted"),
    "withdraw": ({"published": True}, {}, "withdrawn"),
    "close": ({"published": True}, {"reason": "solved_elsewhere"}, "closed"),
}
ACTIONS = sorted(BUTTONS)


@pytest.mark.parametrize("action", ACTIONS)
def test_the_owner_takes_the_step_and_sees_the_need(action, client_of, buyer, enterprise, operator):
    trait, data, target = BUTTONS[action]
    need = NeedFactory(organisation=enterprise, **trait)
    response = client_of(buyer).post(url(action, need), data)
    assert response["Location"] == need.get_absolute_url()
    need.refresh_from_db()
    assert need.state == target


@pytest.mark.parametrize("action", ACTIONS)
def test_a_step_from_the_wrong_state_says_so_and_changes_nothing(action, client_of, buyer, enterprise, operator):
    _trait, data, _target = BUTTONS[action]
    need = NeedFactory(organisation=enterprise, closed=True)
    client = client_of(buyer)
    page = client.post(url(action, need), data, HTTP_REFERER=f"http://testserver{need.get_absolute_url()}", follow=True)
    assert "当前状态不允许此操作" in text(page)
    need.refresh_from_db()
    assert need.state == "closed"


@pytest.mark.parametrize("action", ACTIONS)
@pytest.mark.parametrize(("who", "status"), [("colleague", 403), ("operator", 403), ("outsider", 404)])
def test_others_do_not_step_for_the_owner(action, who, status, request, client_of, enterprise):
    _trait, data, _target = BUTTONS[action]
    person = request.getfixturevalue(who)
    need = NeedFactory(organisation=enterprise, submitted=True)
    assert client_of(person).post(url(action, need), data).status_code == status
    need.refresh_from_db()
    assert need.state == "submitted"


@pytest.mark.parametrize("action", ACTIONS)
def test_steps_are_posted(action, client_of, buyer, enterprise):
    assert client_of(buyer).get(url(action, NeedFactory(organisation=enterprise))).status_code == 405


def test_submitting_without_the_declaration_is_refused_with_the_reason(client_of, buyer, enterprise, operator):
    need = NeedFactory(organisation=enterprise)
    page = text(client_of(buyer).post(url("submit", need), follow=True))
    assert "涉密需求请勿在本平台发布" in page
    need.refresh_from_db()
    assert need.state == "draft"


def test_a_need_that_lacks_something_is_not_submitted(client_of, buyer, enterprise, operator):
    need = NeedFactory(organisation=enterprise, background="")
    page = text(client_of(buyer).post(url("submit", need), {"declared": "on"}, follow=True))
    assert "请先填写“背景与现状”" in page


@pytest.mark.parametrize("reason", ["", "expired", "<script>"])
def test_closing_asks_for_a_reason_a_person_may_give(reason, client_of, buyer, enterprise):
    need = NeedFactory(organisation=enterprise, published=True)
    response = client_of(buyer).post(url("close", need), {"reason": reason})
    assert response.status_code == 422
    assert "请选择关闭原因。" in text(response)
    need.refresh_from_db()
    assert need.state == "published"


def test_why_a_need_was_closed_stays_on_its_page(client_of, buyer, enterprise):
    need = NeedFactory(organisation=enterprise, published=True)
    page = text(client_of(buyer).post(url("close", need), {"reason": "solved_here"}, follow=True))
    assert page.count("已通过本平台找到解决方案") == 2  # where it stands, and in the record


# --- Many at once ----------------------------------------------------------------------------------


def test_ticked_drafts_are_submitted_together(client_of, buyer, enterprise, operator):
    ticked = NeedFactory.create_batch(2, organisation=enterprise)
    other = NeedFactory(organisation=enterprise)
    data = {"action": "submit", "declared": "on", "code": [need.code for need in ticked]}
    page = text(client_of(buyer).post(BULK, data, follow=True))
    assert "已提交 2 项需求" in page
    assert set(Need.objects.filter(state="submitted")) == set(ticked)
    other.refresh_from_db()
    assert other.state == "draft"


def test_everything_of_a_tab_is_submitted_over_all_pages(client_of, buyer, enterprise, operator):
    NeedFactory.create_batch(21, organisation=enterprise)
    returned = NeedFactory(organisation=enterprise, declared=True, state="returned", return_reason="补充")
    foreign = NeedFactory()
    data = {"action": "submit", "declared": "on", "everything": "on", "state": "draft"}
    client_of(buyer).post(BULK, data)
    assert Need.objects.filter(state="submitted").count() == 21
    for need in (returned, foreign):
        before = need.state
        need.refresh_from_db()
        assert need.state == before


def test_everything_without_a_tab_takes_all_that_can_be_submitted(client_of, buyer, enterprise, operator):
    NeedFactory(organisation=enterprise)
    NeedFactory(organisation=enterprise, declared=True, state="withdrawn")
    client_of(buyer).post(BULK, {"action": "submit", "declared": "on", "everything": "on", "state": ""})
    assert Need.objects.filter(state="submitted").count() == 2


def test_what_cannot_be_submitted_is_named_and_stops_nothing(client_of, buyer, enterprise, operator):
    good = NeedFactory(organisation=enterprise)
    bad = [NeedFactory(organisation=enterprise, background="") for _number in range(6)]
    data = {"action": "submit", "declared": "on", "code": [need.code for need in (good, *bad)]}
    page = text(client_of(buyer).post(BULK, data, follow=True))
    good.refresh_from_db()
    assert good.state == "submitted"
    assert f"《{bad[0].title}》未处理" in page
    assert "另有 1 项未处理" in page


def test_when_nothing_could_be_submitted_nothing_is_claimed(client_of, buyer, enterprise, operator):
    need = NeedFactory(organisation=enterprise, background="")
    data = {"action": "submit", "declared": "on", "code": need.code}
    assert "已提交" not in text(client_of(buyer).post(BULK, data, follow=True))


def test_many_are_not_submitted_without_the_declaration(client_of, buyer, enterprise, operator):
    need = NeedFactory(organisation=enterprise)
    page = text(client_of(buyer).post(BULK, {"action": "submit", "code": need.code}, follow=True))
    assert "涉密需求请勿在本平台发布" in page
    need.refresh_from_db()
    assert need.state == "draft"


@pytest.mark.parametrize("action", ["submit", "publish"])
def test_nothing_ticked_is_said(action, client_of, operator):
    assert "请先勾选" in text(client_of(operator).post(BULK, {"action": action, "declared": "on"}, follow=True))


def test_somebody_elses_drafts_cannot_be_ticked(client_of, buyer, operator):
    foreign = NeedFactory(organisation=OrganisationFactory())
    client_of(buyer).post(BULK, {"action": "submit", "declared": "on", "code": foreign.code})
    foreign.refresh_from_db()
    assert foreign.state == "draft"


def test_an_unknown_bulk_action_and_a_get_are_refused(client_of, buyer):
    assert client_of(buyer).post(BULK, {"action": "delete"}).status_code == 404
    assert client_of(buyer).get(BULK).status_code == 405


# --- By the clock ----------------------------------------------------------------------------------


def test_the_last_day_is_over_by_the_clock_of_the_database(monkeypatch):
    tomorrow = timezone.now() + timedelta(days=1)
    today = NeedFactory(published=True, valid_until=timezone.localdate())
    close_expired_needs()
    today.refresh_from_db()
    assert today.state == "published"
    monkeypatch.setattr("lib.clock.now", lambda: tomorrow)
    close_expired_needs()
    today.refresh_from_db()
    assert today.state == "closed"


def test_the_task_closes_what_is_over_and_may_run_twice():
    over = NeedFactory(published=True, valid_until=timezone.localdate() - timedelta(days=1))
    close_expired_needs()
    close_expired_needs()
    over.refresh_from_db()
    assert (over.state, over.close_reason) == ("closed", "expired")

"""The operators' queue and what they decide in it."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.audit import AuditEvent
from accounts.models import Notification, Role
from needs.models import Need
from tests.factories.accounts import MembershipFactory
from tests.factories.needs import NeedFactory, NeedIndicatorFactory
from tests.needs.need.pages import text

QUEUE = reverse("needs:review-queue")


def url(action: str, need: Need) -> str:
    return reverse(f"needs:{action}", args=[need.code])


def changed_need(**fields) -> Need:
    need = NeedFactory(published=True, **fields)
    need.changed_at = timezone.now() + timedelta(minutes=1)
    need.save()
    return need


def test_the_longest_waiting_stands_first(client_of, operator):
    now = timezone.now()
    new, old = (NeedFactory(submitted=True, submitted_at=now - timedelta(days=days)) for days in (1, 5))
    NeedFactory(published=True)
    NeedFactory()
    assert [need.code for need, _changes in client_of(operator).get(QUEUE).context["rows"]] == [old.code, new.code]


def test_changes_after_publication_wait_in_a_tab_of_their_own_and_are_named(client_of, operator, buyer):
    need = changed_need()
    AuditEvent.objects.create(
        action="need.change", object_code=need.code, object_label="x", by=buyer, at=need.changed_at, reason="budget_max"
    )
    AuditEvent.objects.create(
        action="need.change",
        object_code=need.code,
        object_label="x",
        by=buyer,
        at=need.reviewed_at - timedelta(days=1),
        reason="background",
    )
    response = client_of(operator).get(QUEUE, {"tab": "changed"})
    assert [(row.code, changes) for row, changes in response.context["rows"]] == [(need.code, ["预算上限（万元）"])]


def test_operators_review_all_indicators(client_of, operator):
    need = NeedFactory(submitted=True)
    NeedIndicatorFactory(need=need, name="未公开的指标名", level="named")
    assert "未公开的指标名" in text(client_of(operator).get(QUEUE))


@pytest.mark.parametrize("tab", ["submitted", "changed"])
def test_an_empty_queue_leads_on(tab, client_of, operator):
    assert 'class="btn btn-primary"' in text(client_of(operator).get(QUEUE, {"tab": tab}))


@pytest.mark.parametrize("who", ["buyer", "supplier", "outsider"])
def test_only_operators_see_the_queue(who, request, client_of):
    assert client_of(request.getfixturevalue(who)).get(QUEUE).status_code == 403


@pytest.mark.parametrize("number", [1, 3])
@pytest.mark.parametrize(("tab", "queries"), [("submitted", 9), ("changed", 10)])
def test_the_queue_costs_the_same_for_one_and_three(
    number, tab, queries, client_of, operator, django_assert_num_queries
):
    for _number in range(number):
        need = NeedFactory(submitted=True) if tab == "submitted" else changed_need()
        NeedIndicatorFactory.create_batch(2, need=need)
    client = client_of(operator)
    with django_assert_num_queries(queries):
        client.get(QUEUE, {"tab": tab})


# --- Decisions -------------------------------------------------------------------------------------


DECISIONS = {
    "publish": ({"submitted": True}, {}, "published"),
    "return": ({"submitted": True}, {"reason": "请补充测试条件"}, "returned"),
    "acknowledge": ({"published": True}, {}, "published"),
}
ACTIONS = sorted(DECISIONS)


@pytest.mark.parametrize("action", ACTIONS)
def test_a_decision_leads_back_to_the_queue(action, client_of, operator):
    trait, data, target = DECISIONS[action]
    need = NeedFactory(**trait)
    assert client_of(operator).post(url(action, need), data)["Location"] == QUEUE
    need.refresh_from_db()
    assert need.state == target


@pytest.mark.parametrize("action", [*ACTIONS, "assign"])
@pytest.mark.parametrize(("who", "status"), [("buyer", 403), ("colleague", 403), ("outsider", 404)])
def test_only_operators_decide(action, who, status, request, client_of, enterprise, operator):
    person = request.getfixturevalue(who)
    need = NeedFactory(organisation=enterprise, submitted=True)
    data = {"reason": "x", "caretaker": operator.pk}
    assert client_of(person).post(url(action, need), data).status_code == status
    need.refresh_from_db()
    assert need.state == "submitted"


@pytest.mark.parametrize("action", [*ACTIONS, "assign"])
def test_decisions_are_posted(action, client_of, operator):
    assert client_of(operator).get(url(action, NeedFactory(submitted=True))).status_code == 405


@pytest.mark.parametrize("action", ACTIONS)
def test_a_decision_in_the_wrong_state_says_so(action, client_of, operator):
    need = NeedFactory()
    _trait, data, _target = DECISIONS[action]
    client = client_of(operator)
    response = client.post(url(action, need), data, HTTP_REFERER=f"http://testserver{QUEUE}", follow=True)
    assert "sh-tone-warning" in text(response)
    need.refresh_from_db()
    assert need.state == "draft"


def test_a_need_whose_validity_ran_out_while_waiting_is_not_published(client_of, operator):
    need = NeedFactory(submitted=True, valid_until=timezone.localdate() - timedelta(days=1))
    page = text(client_of(operator).post(url("publish", need), follow=True))
    assert "有效期已过" in page
    need.refresh_from_db()
    assert need.state == "submitted"


@pytest.mark.parametrize(("reason", "shown"), [("  ", "请填写此项。"), ("太长" * 501, "太长" * 501)])
def test_a_return_wants_a_reason_that_can_be_read(reason, shown, client_of, operator):
    need = NeedFactory(submitted=True)
    response = client_of(operator).post(url("return", need), {"reason": reason})
    assert response.status_code == 422
    assert shown in text(response)
    need.refresh_from_db()
    assert need.state == "submitted"


def test_markup_in_a_reason_is_shown_as_text(client_of, operator, buyer, enterprise):
    need = NeedFactory(submitted=True, organisation=enterprise)
    client_of(operator).post(url("return", need), {"reason": "<script>alert(1)</script>"})
    for page in (need.get_absolute_url(), reverse("needs:mine"), reverse("needs:edit", args=[need.code])):
        assert "<script>alert" not in text(client_of(buyer).get(page))


def test_many_are_published_in_one_go(client_of, operator):
    needs = NeedFactory.create_batch(2, submitted=True)
    draft = NeedFactory()
    data = {"action": "publish", "code": [need.code for need in (*needs, draft)]}
    page = text(client_of(operator).post(reverse("needs:bulk"), data, follow=True))
    assert "已发布 2 项需求" in page
    assert f"《{draft.title}》未处理" in page
    assert set(Need.objects.published()) == set(needs)


def test_an_owner_publishes_nothing_in_bulk(client_of, buyer, enterprise):
    need = NeedFactory(organisation=enterprise, submitted=True)
    response = client_of(buyer).post(reverse("needs:bulk"), {"action": "publish", "code": need.code})
    assert response.status_code == 403


def test_a_caretaker_is_chosen_among_operators_and_brokers(client_of, operator, buyer):
    broker = MembershipFactory(role=Role.BROKER).user
    need = NeedFactory(submitted=True)
    client = client_of(operator)
    choices = client.get(need.get_absolute_url()).context["assign_form"].fields["caretaker"].queryset
    assert set(choices) == {operator, broker, need.caretaker}
    client.post(url("assign", need), {"caretaker": broker.pk})
    need.refresh_from_db()
    assert need.caretaker == broker
    assert Notification.objects.get().recipient == broker


@pytest.mark.parametrize("value", ["", "999999", "abc"])
def test_nobody_is_no_caretaker(value, client_of, operator, buyer):
    need = NeedFactory(submitted=True)
    page = text(client_of(operator).post(url("assign", need), {"caretaker": value}, follow=True))
    assert "服务专员" in page
    need.refresh_from_db()
    assert need.caretaker != operator

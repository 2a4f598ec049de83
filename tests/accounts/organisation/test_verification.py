"""The lifecycle of an organisation: registered, verified or refused, submitted again."""

import pytest
from django.urls import reverse

from accounts.audit import AuditEvent
from accounts.models import Notification, Organisation
from accounts.organisation import actions as organisations
from accounts.organisation.workflow import VERIFICATION, VerificationState
from accounts.permissions import Denied
from lib.refusals import WrongState
from tests.accounts.conftest import credit_code, organisation_values
from tests.factories.accounts import OrganisationFactory

ACTIONS = {
    "verify": lambda organisation, operator, at: organisations.verify_organisation(
        organisation=organisation, by=operator, at=at
    ),
    "refuse": lambda organisation, operator, at: organisations.refuse_organisation(
        organisation=organisation, reason="证照不清", by=operator, at=at
    ),
}
MAKE = {"pending": {"pending": True}, "verified": {}, "refused": {"refused": True}}


def test_every_state_can_be_reached_and_every_action_is_tried():
    assert {row.target for row in VERIFICATION.values()} == set(VerificationState.values) == set(MAKE)
    assert {*ACTIONS, "resubmit"} == set(VERIFICATION)  # who changes an organisation submits it again


@pytest.mark.parametrize("action", ACTIONS)
@pytest.mark.parametrize("state", MAKE)
def test_the_table_decides_which_action_is_allowed_in_which_state(action, state, operator, at):
    organisation = OrganisationFactory(**MAKE[state])

    if state in VERIFICATION[action].sources:
        ACTIONS[action](organisation, operator, at)
        organisation.refresh_from_db()
        assert organisation.state == VERIFICATION[action].target
    else:
        with pytest.raises(WrongState):
            ACTIONS[action](organisation, operator, at)
        organisation.refresh_from_db()
        assert organisation.state == state


def test_verifying_is_recorded_and_told_to_those_who_write(pending, buyer, operator, at):
    organisations.verify_organisation(organisation=pending, by=operator, at=at)

    pending.refresh_from_db()
    assert (pending.state, pending.decided_by, pending.decided_at) == ("verified", operator, at)
    event = AuditEvent.objects.get(action="organisation.verify")
    assert (event.object_code, event.by, event.from_state, event.to_state) == (
        pending.code,
        operator,
        "pending",
        "verified",
    )
    notice = Notification.objects.get(recipient=buyer)
    assert pending.name in notice.text
    assert notice.url == pending.get_absolute_url()


def test_refusing_keeps_the_reason(pending, buyer, operator, at):
    organisations.refuse_organisation(organisation=pending, reason="名称与证照不符", by=operator, at=at)

    pending.refresh_from_db()
    assert (pending.state, pending.refusal_reason) == ("refused", "名称与证照不符")
    assert AuditEvent.objects.get(action="organisation.refuse").reason == "名称与证照不符"
    assert Notification.objects.filter(recipient=buyer).count() == 1


def test_only_operators_decide(pending, buyer, at):
    with pytest.raises(Denied):
        organisations.verify_organisation(organisation=pending, by=buyer, at=at)
    with pytest.raises(Denied):
        organisations.refuse_organisation(organisation=pending, reason="不", by=buyer, at=at)


def test_changing_a_refused_organisation_submits_it_again(refused, buyer, operator, at):
    changed = organisations.change_organisation(
        organisation=refused, values=organisation_values(credit_code=credit_code()), by=buyer, at=at
    )

    assert (changed.state, changed.refusal_reason, changed.decided_at) == ("pending", "", None)
    assert Notification.objects.filter(recipient=operator).count() == 1


def test_a_changed_organisation_that_waits_keeps_its_place(pending, buyer, operator, at):
    values = organisation_values(name="示例改名制造有限公司")

    assert organisations.change_organisation(organisation=pending, values=values, by=buyer, at=at).state == "pending"
    assert [event.action for event in AuditEvent.objects.all()] == ["organisation.change"]
    assert not Notification.objects.exists()


def test_a_new_name_of_a_verified_organisation_is_checked_again(enterprise, buyer, at):
    values = organisation_values(name="示例江畔精密机械有限公司")

    assert organisations.change_organisation(organisation=enterprise, values=values, by=buyer, at=at).state == "pending"


def test_other_changes_keep_it_verified(enterprise, buyer, at):
    values = organisation_values(name=enterprise.name, introduction="新的简介")

    changed = organisations.change_organisation(organisation=enterprise, values=values, by=buyer, at=at)

    assert (changed.state, changed.introduction) == ("verified", "新的简介")
    assert [e.action for e in AuditEvent.objects.all()] == ["organisation.change"]


def test_saving_without_a_change_writes_nothing(enterprise, buyer, at):
    values = {field: getattr(enterprise, field) for field in organisations.FIELDS}

    organisations.change_organisation(organisation=enterprise, values=values, by=buyer, at=at)

    assert not AuditEvent.objects.exists()


def test_an_operator_who_renames_their_own_organisation_keeps_their_rights(operator, at):
    organisation = Organisation.objects.get(kind="operator")
    values = organisation_values(name="示例榫合运营总部")

    changed = organisations.change_organisation(organisation=organisation, values=values, by=operator, at=at)

    assert changed.state == "verified"


class TestQueuePage:
    url = "/organisations/verification/"

    def test_lists_the_waiting_ones_oldest_first(self, client_of, operator, pending, refused):
        later = OrganisationFactory(pending=True)

        response = client_of(operator).get(self.url)

        assert [o.name for o in response.context["page_obj"]] == [pending.name, later.name]

    def test_shows_another_state_when_asked(self, client_of, operator, pending, refused):
        response = client_of(operator).get(self.url, {"state": "refused"})

        assert [o.name for o in response.context["page_obj"]] == [refused.name]

    @pytest.mark.parametrize("state", ["pending", "refused", "unheard-of"])
    def test_says_so_when_it_is_empty(self, client_of, operator, state):
        assert "sh-empty" in client_of(operator).get(self.url, {"state": state}).content.decode()

    def test_is_for_operators_and_says_why(self, client_of, buyer):
        response = client_of(buyer).get(self.url)

        assert response.status_code == 403
        assert "只有平台运营人员" in response.content.decode()

    def test_asks_the_same_number_of_questions_however_long(self, client_of, operator, django_assert_num_queries):
        client = client_of(operator)
        for number in (1, 3):
            while Organisation.objects.filter(state="pending").count() < number:
                OrganisationFactory(pending=True)
            with django_assert_num_queries(6):
                client.get(self.url)

    def test_refuses_other_methods(self, client_of, operator):
        assert client_of(operator).post(self.url).status_code == 405


class TestDecidePage:
    def test_shows_what_there_is_to_check(self, client_of, operator, pending, buyer):
        page = client_of(operator).get(reverse("accounts:verification-decide", args=[pending.code])).content.decode()

        assert pending.name in page
        assert buyer.email in page

    def test_verifies_and_goes_on_to_the_next(self, client_of, operator, pending):
        following = OrganisationFactory(pending=True)

        response = client_of(operator).post(
            reverse("accounts:verification-decide", args=[pending.code]), {"decision": "verify"}
        )

        pending.refresh_from_db()
        assert pending.state == "verified"
        assert response.url == reverse("accounts:verification-decide", args=[following.code])

    def test_returns_to_the_queue_after_the_last(self, client_of, operator, pending):
        response = client_of(operator).post(
            reverse("accounts:verification-decide", args=[pending.code]), {"decision": "refuse", "reason": "证照不清"}
        )

        assert response.url == reverse("accounts:verification-queue")
        pending.refresh_from_db()
        assert pending.refusal_reason == "证照不清"

    @pytest.mark.parametrize(
        ("data", "field"),
        [
            ({}, "decision"),
            ({"decision": "refuse"}, "reason"),
            ({"decision": "refuse", "reason": " \n"}, "reason"),
            ({"decision": "refuse", "reason": "长" * 1_000_000}, "reason"),
        ],
    )
    def test_says_at_the_field_what_is_missing(self, client_of, operator, pending, data, field):
        response = client_of(operator).post(reverse("accounts:verification-decide", args=[pending.code]), data)

        assert response.status_code == 200
        assert list(response.context["form"].errors) == [field]
        pending.refresh_from_db()
        assert pending.state == "pending"

    def test_a_decision_taken_meanwhile_is_a_message_not_a_fault(self, client_of, operator, enterprise):
        client = client_of(operator)
        url = reverse("accounts:verification-decide", args=[enterprise.code])
        queue = f"http://testserver{reverse('accounts:verification-queue')}"

        response = client.post(url, {"decision": "verify"}, headers={"referer": queue}, follow=True)

        assert response.redirect_chain == [(queue, 302)]
        assert "当前状态不允许" in response.content.decode()

    def test_is_for_operators(self, client_of, buyer, pending):
        url = reverse("accounts:verification-decide", args=[pending.code])

        assert client_of(buyer).get(url).status_code == 403
        assert client_of(buyer).post(url, {"decision": "verify"}).status_code == 403

    def test_an_unknown_code_is_not_found(self, client_of, operator):
        assert client_of(operator).get(reverse("accounts:verification-decide", args=["O-NONE22"])).status_code == 404

"""The one way a row changes its state, and the trail it leaves; tried on an organisation's verification."""

import pytest
from django.dispatch import Signal

from accounts.audit import AuditEvent, check_step, note, record, step
from accounts.models import Organisation
from accounts.organisation.workflow import VERIFICATION
from lib.refusals import WrongState
from tests.factories.accounts import OrganisationFactory

CHANGED = ["decided_at", "decided_by", "refusal_reason"]


def refuse(organisation: Organisation, /, *, by, at, **more) -> None:
    organisation.decided_at, organisation.decided_by, organisation.refusal_reason = at, by, "证照不清"
    step(organisation, "refuse", by=by, at=at, reason="证照不清", changed=CHANGED, **more)


def stored(organisation: Organisation) -> Organisation:
    return Organisation.objects.get(pk=organisation.pk)


def test_a_step_writes_state_and_changed_fields_and_one_audit_row(pending, operator, at):
    pending.name = "示例没有说要写的字段"
    refuse(pending, by=operator, at=at)

    row = stored(pending)
    assert (row.state, row.refusal_reason, row.decided_by, row.decided_at) == ("refused", "证照不清", operator, at)
    assert row.name == "示例待核验制造有限公司"
    assert pending.state == "refused"
    event = AuditEvent.objects.get()
    assert (event.action, event.object_code, event.object_label) == ("organisation.refuse", row.code, pending.name)
    assert (event.by, event.at, event.reason) == (operator, at, "证照不清")
    assert (event.from_state, event.to_state) == ("pending", "refused")


def test_the_signal_is_sent_last_with_what_the_caller_tells(pending, operator, at):
    refused, heard = Signal(), []

    def listen(sender, **told):
        told.pop("signal")
        heard.append((sender, told, stored(told["organisation"]).state, AuditEvent.objects.count()))

    refused.connect(listen)
    refuse(pending, by=operator, at=at, signal=refused, organisation=pending)

    assert heard == [(Organisation, {"by": operator, "at": at, "organisation": pending}, "refused", 1)]


def test_a_step_the_table_forbids_is_refused_and_writes_nothing(refused, operator, at):
    with pytest.raises(WrongState):
        check_step(refused, "refuse")
    with pytest.raises(WrongState):
        refuse(refused, by=operator, at=at)

    assert stored(refused).refusal_reason == "资料与登记信息不一致"
    assert refused.state == "refused"
    assert not AuditEvent.objects.exists()


def test_checking_a_step_says_where_it_leads_and_writes_nothing(pending):
    assert check_step(pending, "verify") == "verified"
    assert pending.state == stored(pending).state == "pending"


def test_a_row_that_changed_since_it_was_read_is_refused_and_nothing_is_written(pending, operator, at):
    stale, heard = stored(pending), []
    verified = Signal()
    verified.connect(lambda **told: heard.append(told), weak=False)
    refuse(pending, by=operator, at=at)

    stale.decided_at, stale.decided_by = at, operator
    with pytest.raises(WrongState):
        step(stale, "verify", by=operator, at=at, changed=CHANGED, signal=verified)

    assert (stored(pending).state, stored(pending).refusal_reason) == ("refused", "证照不清")
    assert stale.state == "pending"
    assert [event.action for event in AuditEvent.objects.all()] == ["organisation.refuse"]
    assert heard == []


@pytest.mark.django_db(transaction=True)
def test_a_step_outside_a_transaction_is_a_mistake_of_the_caller(at):
    organisation = OrganisationFactory(pending=True)

    with pytest.raises(RuntimeError, match="transaction"):
        refuse(organisation, by=None, at=at)

    assert stored(organisation).state == "pending"


def test_an_unknown_step_is_a_mistake_of_the_caller(pending, operator, at):
    with pytest.raises(KeyError):
        step(pending, "publish", by=operator, at=at)


def test_a_note_leaves_the_state_and_names_it(pending, at):
    note(pending, "change", by=None, at=at, reason="更正")

    event = AuditEvent.objects.get()
    assert (event.action, event.object_code, event.object_label) == ("organisation.change", pending.code, pending.name)
    assert (event.by, event.from_state, event.to_state, event.reason) == (None, "", "pending", "更正")
    assert stored(pending).state == "pending"


def test_a_long_label_is_cut_to_what_the_trail_holds(operator, at):
    record(action="member.join", code="O-1", label="名" * 300, by=operator, at=at)

    assert AuditEvent.objects.get().object_label == "名" * 200


def test_every_step_of_an_organisation_has_words_in_its_trail():
    from accounts.organisation.queries import ACTIONS

    assert {Organisation.lifecycle.audited_as.format(action) for action in VERIFICATION} <= ACTIONS.keys()

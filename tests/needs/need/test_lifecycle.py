"""Every state is reachable, every action is refused from every other state, and each leaves its traces."""

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection, transaction
from django.utils import timezone

from accounts.audit import AuditEvent
from accounts.models import Notification, Role, User
from accounts.permissions import Denied
from lib.refusals import NotReady, WrongState
from needs import signals
from needs.models import Need
from needs.need import actions as verbs
from needs.need.permissions import allowed_actions
from needs.need.workflow import NEED_ACTIONS, NeedState
from scripts.processes import wait_until
from tests.factories.accounts import MembershipFactory, OrganisationFactory
from tests.factories.needs import NeedFactory, NeedIndicatorFactory
from tests.plugins.servers import HANG_SECONDS, somebody_waits

STATES = [state.value for state in NeedState]


def in_state(state: str, **fields: Any) -> Need:
    """A need in `state`, with what the database asks of it."""
    traits: dict[str, dict[str, Any]] = {
        "draft": {},
        "submitted": {"submitted": True},
        "returned": {"declared": True, "state": "returned", "return_reason": "指标缺少单位"},
        "published": {"published": True},
        "withdrawn": {"declared": True, "state": "withdrawn"},
        "closed": {"closed": True},
    }
    return NeedFactory(**traits[state], **fields)


def act(action: str, need: Need, *, owner: User, operator: User) -> Any:
    """Do `action` as the person whose turn it is; a refusal is raised."""
    now = timezone.now()
    steps: dict[str, Callable[[], Any]] = {
        "submit": lambda: verbs.submit_needs(needs=[need], declared=True, by=owner, at=now).only(),
        "publish": lambda: verbs.publish_needs(needs=[need], by=operator, at=now).only(),
        "return": lambda: verbs.return_need(need=need, reason="请补充指标", by=operator, at=now),
        "withdraw": lambda: verbs.withdraw_need(need=need, by=owner, at=now),
        "close": lambda: verbs.close_need(need=need, reason="cancelled", by=owner, at=now),
        "expire": lambda: verbs.expire_needs(at=now),
    }
    return steps[action]()


def prepared(action: str, state: str, **fields: Any) -> Need:
    overdue = {"valid_until": timezone.localdate() - timedelta(days=1)} if action == "expire" else {}
    return in_state(state, **overdue, **fields)


ALLOWED = [(action, state) for action, step in NEED_ACTIONS.items() for state in sorted(step.sources)]
FORBIDDEN = [(action, state) for action, step in NEED_ACTIONS.items() for state in STATES if state not in step.sources]


@pytest.mark.parametrize(("action", "state"), ALLOWED)
def test_an_action_leads_where_the_table_says(action, state, buyer, enterprise, operator):
    need = prepared(action, state, organisation=enterprise)
    act(action, need, owner=buyer, operator=operator)
    need.refresh_from_db()
    assert need.state == NEED_ACTIONS[action].target
    trail = AuditEvent.objects.get(object_code=need.code)
    assert (trail.action, trail.from_state, trail.to_state) == (f"need.{action}", state, need.state)


@pytest.mark.parametrize(("action", "state"), FORBIDDEN)
def test_an_action_is_refused_from_every_other_state(action, state, buyer, enterprise, operator):
    need = prepared(action, state, organisation=enterprise)
    if action == "expire":
        assert act(action, need, owner=buyer, operator=operator) == []
    else:
        with pytest.raises(WrongState):
            act(action, need, owner=buyer, operator=operator)
    need.refresh_from_db()
    assert need.state == state
    assert not AuditEvent.objects.exists()


def test_every_state_is_reached_by_the_verbs(buyer, enterprise, operator):
    people = {"owner": buyer, "operator": operator}
    seen = set()
    for path in (["submit", "return"], ["submit", "withdraw"], ["submit", "publish", "close"]):
        need = verbs.create_need(
            organisation=enterprise,
            values={"title": "示例", "need_type": "inspection", "background": "背景"},
            indicators=[],
            by=buyer,
            at=timezone.now(),
        )
        seen.add(need.state)
        for action in path:
            act(action, need, **people)
            need.refresh_from_db()
            seen.add(need.state)
    assert seen == set(STATES)


@pytest.mark.parametrize("action", ["submit", "withdraw", "close"])
@pytest.mark.parametrize("who", ["colleague", "outsider", "operator", "supplier"])
def test_only_writing_members_act_for_the_owner(action, who, request, enterprise, operator):
    person = request.getfixturevalue(who)
    need = in_state(min(NEED_ACTIONS[action].sources), organisation=enterprise)
    with pytest.raises(Denied):
        act(action, need, owner=person, operator=operator)


@pytest.mark.parametrize("action", ["publish", "return"])
@pytest.mark.parametrize("who", ["buyer", "colleague", "outsider", "supplier"])
def test_only_operators_review(action, who, request, enterprise, buyer):
    person = request.getfixturevalue(who)
    need = in_state("submitted", organisation=enterprise)
    with pytest.raises(Denied):
        act(action, need, owner=buyer, operator=person)


@pytest.mark.parametrize("state", STATES)
def test_pages_offer_exactly_the_actions_of_the_table(state, buyer, colleague, operator, enterprise):
    need = in_state(state, organisation=enterprise)

    def offered(person: User) -> set[str]:
        return set(allowed_actions(user=person, need=need)) & set(NEED_ACTIONS)

    def of(actor: str) -> set[str]:
        return {name for name, step in NEED_ACTIONS.items() if step.actor == actor and state in step.sources}

    assert offered(buyer) == of("owner")
    assert offered(operator) == of("operator")
    assert offered(colleague) == set()


def test_a_change_nobody_has_reviewed_is_offered_to_operators(operator, buyer, enterprise):
    need = in_state("published", organisation=enterprise)
    assert "acknowledge" not in allowed_actions(user=operator, need=need)
    need.changed_at = timezone.now() + timedelta(minutes=1)
    assert "acknowledge" in allowed_actions(user=operator, need=need)
    assert "acknowledge" not in allowed_actions(user=buyer, need=need)


# --- Creating and changing -------------------------------------------------------------------------


VALUES = {"title": "示例需求", "need_type": "key_component", "background": "现有零件寿命不足。"}
ROW = {"name": "寿命", "comparison": "ge", "value": 1000, "unit": "h"}


def test_a_new_need_is_a_draft_with_its_indicators_in_order(buyer, enterprise):
    now = timezone.now()
    need = verbs.create_need(
        organisation=enterprise, values=VALUES, indicators=[ROW, {**ROW, "name": "噪声"}], by=buyer, at=now
    )
    assert need.state == "draft"
    assert (need.created_by, need.created_at) == (buyer, now)
    assert [row.name for row in need.indicators.order_by("position")] == ["寿命", "噪声"]


@pytest.mark.django_db(transaction=True)
def test_a_form_sent_twice_at_the_same_moment_makes_one_need(buyer, enterprise):
    key, first_is_written = uuid4(), threading.Event()

    def send_first() -> None:
        with transaction.atomic():
            NeedFactory(organisation=enterprise, created_by=buyer, submission_key=key)
            first_is_written.set()
            wait_until(somebody_waits, seconds=HANG_SECONDS)  # the second one, for the unique index
        connection.close()

    first = threading.Thread(target=send_first)
    first.start()
    first_is_written.wait(timeout=HANG_SECONDS)
    need = verbs.create_need(
        organisation=enterprise, values=VALUES, indicators=[], by=buyer, at=timezone.now(), submission_key=key
    )
    first.join()
    assert Need.objects.get() == need


def test_only_the_demand_side_poses_needs(supplier, university):
    with pytest.raises(Denied):
        verbs.create_need(organisation=university, values=VALUES, indicators=[], by=supplier, at=timezone.now())


def test_a_viewer_writes_no_need(colleague, enterprise):
    with pytest.raises(Denied):
        verbs.create_need(organisation=enterprise, values=VALUES, indicators=[], by=colleague, at=timezone.now())


def test_what_the_platform_keeps_cannot_be_written_as_content(buyer, enterprise):
    with pytest.raises(TypeError, match="state"):
        verbs.create_need(
            organisation=enterprise,
            values={**VALUES, "state": "published"},
            indicators=[],
            by=buyer,
            at=timezone.now(),
        )


@pytest.mark.parametrize(("state", "told"), [(state, state in {"submitted", "published"}) for state in STATES])
def test_a_change_is_told_upwards_only_while_the_need_is_matched(state, told, buyer, enterprise, heard):
    need = in_state(state, organisation=enterprise)
    now = timezone.now()
    if state == "closed":
        with pytest.raises(WrongState):
            verbs.change_need(need=need, values={"title": "新"}, indicators=None, by=buyer, at=now)
        return
    verbs.change_need(need=need, values={"title": "新标题"}, indicators=None, by=buyer, at=now)
    need.refresh_from_db()
    assert (need.title, need.changed_at, need.state) == ("新标题", now, state)
    assert [name for name, _ in heard] == (["needs_changed"] if told else [])


def test_saving_the_same_content_again_changes_nothing(buyer, enterprise, heard):
    need = in_state("published", organisation=enterprise)
    NeedIndicatorFactory(need=need, **ROW)
    before = need.changed_at
    verbs.change_need(need=need, values={"title": need.title}, indicators=[dict(ROW)], by=buyer, at=timezone.now())
    need.refresh_from_db()
    assert need.changed_at == before
    assert heard == []
    assert not AuditEvent.objects.exists()


def test_changing_only_a_row_is_a_change(buyer, enterprise, heard):
    need = in_state("published", organisation=enterprise)
    NeedIndicatorFactory(need=need, **ROW)
    verbs.change_need(need=need, values={}, indicators=[{**ROW, "value": 1200}], by=buyer, at=timezone.now())
    assert need.indicators.get().value == 1200
    assert [name for name, _ in heard] == ["needs_changed"]


def test_an_indicator_stays_the_same_row_while_its_name_does(buyer, enterprise):
    rows = [ROW, {**ROW, "name": "噪声"}, {**ROW, "name": "噪声", "condition": "满载"}, {**ROW, "name": "重量"}]
    need = verbs.create_need(organisation=enterprise, values=VALUES, indicators=rows, by=buyer, at=timezone.now())
    life, quiet, loaded, weight = need.indicators.order_by("position").values_list("pk", flat=True)
    rows = [{**ROW, "name": "噪声", "value": 60}, {**ROW, "name": "硬度"}, {**ROW, "name": "噪声"}, {**ROW, "value": 9}]
    verbs.change_need(need=need, values={}, indicators=rows, by=buyer, at=timezone.now())
    found = list(need.indicators.order_by("position").values_list("pk", "name", "value", "condition"))
    assert [row[1:] for row in found] == [("噪声", 60, ""), ("硬度", 1000, ""), ("噪声", 1000, ""), ("寿命", 9, "")]
    assert [found[0][0], found[2][0], found[3][0]] == [quiet, loaded, life]
    assert found[1][0] not in {life, quiet, loaded, weight}


def test_an_outsider_changes_nothing(outsider, enterprise):
    need = in_state("draft", organisation=enterprise)
    with pytest.raises(Denied):
        verbs.change_need(need=need, values={"title": "x"}, indicators=None, by=outsider, at=timezone.now())


# --- Submitting ------------------------------------------------------------------------------------


def test_submitting_declares_stamps_assigns_and_tells(buyer, enterprise, operator, heard):
    need = in_state("draft", organisation=enterprise)
    now = timezone.now()
    submitted = verbs.submit_needs(needs=[need], declared=True, by=buyer, at=now).only()
    assert (submitted.declared_at, submitted.declared_by, submitted.submitted_at) == (now, buyer, now)
    assert submitted.caretaker == operator
    assert heard == [("needs_submitted", [need.pk])]
    notice = Notification.objects.get()
    assert notice.recipient == operator
    assert need.title in notice.text


def test_nothing_is_submitted_without_the_declaration(buyer, enterprise, operator):
    need = in_state("draft", organisation=enterprise)
    with pytest.raises(verbs.NotDeclared):
        verbs.submit_needs(needs=[need], declared=False, by=buyer, at=timezone.now())
    need.refresh_from_db()
    assert need.state == "draft"


def test_an_unverified_organisation_submits_nothing(operator):
    organisation = OrganisationFactory(pending=True)
    owner = MembershipFactory(organisation=organisation).user
    need = in_state("draft", organisation=organisation)
    with pytest.raises(Denied):
        verbs.submit_needs(needs=[need], declared=True, by=owner, at=timezone.now()).only()


def test_a_need_that_is_no_longer_valid_is_not_submitted(buyer, enterprise, operator):
    need = in_state("draft", organisation=enterprise, valid_until=timezone.localdate() - timedelta(days=1))
    with pytest.raises(NotReady):
        verbs.submit_needs(needs=[need], declared=True, by=buyer, at=timezone.now()).only()


def test_without_an_operator_the_draft_stays_and_the_owner_is_told(buyer, enterprise):
    need = in_state("draft", organisation=enterprise)
    with pytest.raises(NotReady):
        verbs.submit_needs(needs=[need], declared=True, by=buyer, at=timezone.now()).only()


def test_resubmitting_keeps_the_first_time_and_the_caretaker(buyer, enterprise, operator):
    need = in_state("returned", organisation=enterprise, caretaker=operator)
    first = need.submitted_at
    MembershipFactory(organisation=operator.memberships.get().organisation)
    submitted = verbs.submit_needs(needs=[need], declared=True, by=buyer, at=timezone.now()).only()
    assert submitted.submitted_at == first
    assert submitted.caretaker == operator


def test_caretakers_get_their_fair_share(buyer, enterprise, operator):
    other = MembershipFactory(organisation=operator.memberships.get().organisation).user
    in_state("published", caretaker=operator)
    drafts = [in_state("draft", organisation=enterprise) for _ in range(3)]
    batch = verbs.submit_needs(needs=drafts, declared=True, by=buyer, at=timezone.now())
    assert [need.caretaker for need in batch.done] == [other, operator, other]


def test_many_are_submitted_in_one_go_and_the_others_are_named(buyer, enterprise, operator, heard):
    good = [in_state("draft", organisation=enterprise) for _ in range(2)]
    foreign, closed = in_state("draft"), in_state("closed", organisation=enterprise)
    batch = verbs.submit_needs(needs=[*good, foreign, closed], declared=True, by=buyer, at=timezone.now())
    assert batch.done == good
    assert [(need, type(error)) for need, error in batch.refused] == [
        (foreign, Denied),
        (closed, WrongState),
    ]
    assert all(str(error) for _need, error in batch.refused)
    assert heard == [("needs_submitted", [need.pk for need in good])]
    assert Notification.objects.count() == 1


# --- Reviewing -------------------------------------------------------------------------------------


def test_publishing_tells_the_owners_writers(buyer, colleague, enterprise, operator, heard):
    need = in_state("submitted", organisation=enterprise)
    now = timezone.now()
    published = verbs.publish_needs(needs=[need], by=operator, at=now).only()
    assert (published.published_at, published.reviewed_at, published.reviewed_by) == (now, now, operator)
    assert [notice.recipient for notice in Notification.objects.all()] == [buyer]
    assert heard == [("needs_published", [need.pk])]


def test_publishing_many_tells_each_organisation_once(buyer, enterprise, operator):
    needs = [in_state("submitted", organisation=enterprise) for _ in range(3)]
    batch = verbs.publish_needs(needs=[*needs, in_state("draft")], by=operator, at=timezone.now())
    assert (len(batch.done), len(batch.refused)) == (3, 1)
    assert "3" in Notification.objects.get(recipient=buyer).text


def test_returning_keeps_the_reason_and_unlists(buyer, enterprise, operator, heard):
    need = in_state("published", organisation=enterprise)
    returned = verbs.return_need(need=need, reason=" 请补充测试条件 ", by=operator, at=timezone.now())
    assert returned.return_reason == "请补充测试条件"
    assert AuditEvent.objects.get().reason.strip() == "请补充测试条件"
    assert Notification.objects.get().recipient == buyer
    assert heard == [("needs_unlisted", [need.pk])]


def test_returning_needs_a_reason(enterprise, operator):
    need = in_state("submitted", organisation=enterprise)
    with pytest.raises(ValueError, match="reason"):
        verbs.return_need(need=need, reason="  ", by=operator, at=timezone.now())


def test_a_change_after_publication_waits_until_an_operator_has_read_it(buyer, enterprise, operator):
    need = in_state("published", organisation=enterprise)
    assert not Need.objects.changed_since_review().exists()
    verbs.change_need(need=need, values={"title": "新标题"}, indicators=None, by=buyer, at=timezone.now())
    need.refresh_from_db()
    assert need.has_unreviewed_change
    assert list(Need.objects.changed_since_review()) == [need]
    read = verbs.acknowledge_change(need=need, by=operator, at=timezone.now())
    assert not read.has_unreviewed_change
    assert not Need.objects.changed_since_review().exists()


def test_acknowledging_twice_is_harmless_and_drafts_have_nothing_to_acknowledge(operator):
    need = in_state("published")
    verbs.acknowledge_change(need=need, by=operator, at=timezone.now())
    assert not AuditEvent.objects.exists()
    with pytest.raises(WrongState):
        verbs.acknowledge_change(need=in_state("draft"), by=operator, at=timezone.now())


def test_an_owner_acknowledges_nothing(buyer, enterprise):
    with pytest.raises(Denied):
        verbs.acknowledge_change(need=in_state("published", organisation=enterprise), by=buyer, at=timezone.now())


# --- Caretakers ------------------------------------------------------------------------------------


def test_a_broker_may_take_care_of_a_need_and_hears_of_it_once(operator, enterprise):
    broker = MembershipFactory(role=Role.BROKER).user
    need = in_state("published", organisation=enterprise)
    for _ in range(2):
        need = verbs.assign_caretaker(need=need, caretaker=broker, by=operator, at=timezone.now())
    assert need.caretaker == broker
    assert Notification.objects.get().recipient == broker


def test_others_take_no_care(operator, buyer, enterprise):
    need = in_state("published", organisation=enterprise)
    with pytest.raises(verbs.NotACaretaker):
        verbs.assign_caretaker(need=need, caretaker=buyer, by=operator, at=timezone.now())


def test_only_operators_assign(buyer, operator, enterprise):
    need = in_state("published", organisation=enterprise)
    with pytest.raises(Denied):
        verbs.assign_caretaker(need=need, caretaker=operator, by=buyer, at=timezone.now())


@pytest.mark.parametrize("state", ["draft", "returned", "withdrawn", "closed"])
def test_a_need_nobody_works_on_gets_no_new_caretaker(state, operator):
    with pytest.raises(WrongState):
        verbs.assign_caretaker(need=in_state(state), caretaker=operator, by=operator, at=timezone.now())


# --- Ending ----------------------------------------------------------------------------------------


def test_closing_says_why_and_tells_the_caretaker(buyer, enterprise, operator, heard):
    need = in_state("published", organisation=enterprise, caretaker=operator)
    now = timezone.now()
    closed = verbs.close_need(need=need, reason="solved_here", by=buyer, at=now)
    assert (closed.closed_at, closed.close_reason) == (now, "solved_here")
    assert Notification.objects.get().recipient == operator
    assert heard == [("needs_unlisted", [need.pk])]


@pytest.mark.parametrize("reason", ["expired", "", "bored"])
def test_only_a_persons_reason_closes(reason, buyer, enterprise):
    need = in_state("published", organisation=enterprise)
    with pytest.raises(ValueError, match=r"expired|not a valid"):
        verbs.close_need(need=need, reason=reason, by=buyer, at=timezone.now())


def test_the_last_valid_day_is_still_valid(buyer, enterprise, heard):
    today = timezone.localdate()
    over = in_state("published", organisation=enterprise, valid_until=today - timedelta(days=1))
    last_day = in_state("published", organisation=enterprise, valid_until=today)
    endless = in_state("published", organisation=enterprise)
    now = timezone.now()
    assert verbs.expire_needs(at=now) == [over]
    over.refresh_from_db()
    assert (over.state, over.close_reason, over.closed_at) == ("closed", "expired", now)
    for need in (last_day, endless):
        need.refresh_from_db()
        assert need.state == "published"
    assert Notification.objects.get().recipient == buyer
    assert heard == [("needs_unlisted", [over.pk])]
    assert verbs.expire_needs(at=timezone.now()) == []


@pytest.fixture
def heard():
    """The signals sent, in order: (name, pks of the needs)."""
    got: list[tuple[str, list[int]]] = []
    receivers = []
    for name in ("needs_submitted", "needs_published", "needs_changed", "needs_unlisted"):

        def receive(name: str = name, **kwargs: Any) -> None:
            got.append((name, [need.pk for need in kwargs["needs"]]))

        getattr(signals, name).connect(receive)
        receivers.append((name, receive))
    yield got
    for name, receive in receivers:
        getattr(signals, name).disconnect(receive)


@pytest.mark.django_db
def test_nothing_of_an_organisation_refused_meanwhile_is_published(operator):
    need = NeedFactory(submitted=True, organisation=OrganisationFactory(refused=True))
    with pytest.raises(Denied, match="核验"):
        verbs.publish_needs(needs=[need], by=operator, at=timezone.now()).only()
    need.refresh_from_db()
    assert need.state == "submitted"

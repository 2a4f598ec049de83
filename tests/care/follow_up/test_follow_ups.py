"""The chain of follow-ups: who opens, finishes and hands them on, what opens them, and that lateness is told once."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from accounts.audit import AuditEvent
from accounts.models import (
    Membership,
    Notification,
    Organisation,
    Role,
    User,
)
from accounts.permissions import Denied
from care.follow_up.actions import (
    DateInPast,
    ResultMissing,
    finish_follow_up,
    open_follow_up,
    reassign_follow_up,
    tell_overdue,
)
from care.follow_up.queries import visible_follow_ups
from care.follow_up.tasks import tell_overdue_follow_ups
from care.models import FollowUp
from contracts.models import Contract
from contracts.signals import contract_signed, contract_solved
from lib.refusals import WrongState
from matching.matches import actions as decisions
from matching.models import Match
from needs.models import Need
from tests.factories.accounts import MembershipFactory
from tests.factories.bids import BidFactory
from tests.factories.contracts import ContractFactory
from tests.factories.matching import MatchFactory
from tests.factories.needs import NeedFactory
from tests.factories.solutions import OutputFactory

pytestmark = pytest.mark.django_db

ClientOf = Callable[[User], Client]
HTMX = {"HX-Request": "true"}
LIST = reverse("care:follow-up-list")


@pytest.fixture
def broker(db: None) -> User:
    return MembershipFactory(role=Role.BROKER, user__name="示例经理人").user


@pytest.fixture
def need(enterprise: Organisation, broker: User) -> Need:
    return NeedFactory(published=True, organisation=enterprise, caretaker=broker)


@pytest.fixture
def match(need: Need, university: Organisation) -> Match:
    return MatchFactory(in_contact=True, need=need, solution=OutputFactory(published=True, organisation=university))


@pytest.fixture
def contract(need: Need, university: Organisation) -> Contract:
    return ContractFactory(signed=True, need=need, supplier=university)


def today(**later: float) -> date:
    return timezone.localdate() + timedelta(**later)


def planned(subject: Match | Contract, *, by: User | None = None, **fields: Any) -> FollowUp:
    at = timezone.now()
    return open_follow_up(subject=subject, by=by, at=at, **{"due_on": today(days=3), **fields})


def late(subject: Match | Contract, *, days: int = 2, **fields: Any) -> FollowUp:
    follow_up = planned(subject, **fields)
    FollowUp.objects.filter(pk=follow_up.pk).update(due_on=today(days=-days))
    follow_up.refresh_from_db()
    return follow_up


def finished(follow_up: FollowUp, by: User, **fields: Any) -> FollowUp:
    values = {"result": "双方约定下周试样。", **fields}
    return finish_follow_up(follow_up=follow_up, by=by, at=timezone.now(), **values)


def act(action: str, follow_up: FollowUp, *, by: User, owner: User | None = None) -> Any:
    subject = follow_up.match or follow_up.contract
    assert subject is not None
    return {
        "open": lambda: open_follow_up(subject=subject, due_on=today(), by=by, at=timezone.now()),
        "finish": lambda: finished(follow_up, by),
        "reassign": lambda: reassign_follow_up(
            follow_up=follow_up, owner=owner or follow_up.owner, by=by, at=timezone.now()
        ),
    }[action]()


# --- opening -------------------------------------------------------------------------------------------------------


def test_the_platform_gives_it_to_the_caretaker_and_tells_them(match: Match, broker: User) -> None:
    follow_up = planned(match)
    assert (follow_up.owner, follow_up.match, follow_up.contract, follow_up.kind) == (broker, match, None, "routine")
    notice = Notification.objects.get()
    assert (notice.recipient, notice.url) == (broker, match.get_absolute_url())
    assert notice.params["need"] == match.need.title
    audit = AuditEvent.objects.get(action="follow_up.open")
    assert (audit.object_code, audit.by) == (match.code, None)


def test_who_plans_it_for_themselves_is_not_told(match: Match, broker: User) -> None:
    assert planned(match, by=broker).owner == broker
    assert not Notification.objects.exists()


def test_an_operator_gets_what_its_caretaker_may_no_longer_care_for(match: Match, broker: User, operator: User) -> None:
    busy = operator
    idle = MembershipFactory(organisation=operator.memberships.get().organisation, user__name="示例闲").user
    planned(ContractFactory(signed=True, need=NeedFactory(published=True, caretaker=busy)))
    Membership.objects.filter(user=broker).update(ended_at=timezone.now())
    assert planned(match).owner == idle


def test_only_one_routine_follow_up_is_open_at_a_time(match: Match, contract: Contract, operator: User) -> None:
    for subject in (match, contract):
        first = planned(subject)
        with pytest.raises(WrongState, match="未完成"):
            planned(subject, by=operator)
        finished(first, operator)
        planned(subject, by=operator)
    planned(contract, kind="revisit")


def test_it_is_planned_for_today_or_later(match: Match, operator: User) -> None:
    with pytest.raises(DateInPast):
        planned(match, by=operator, due_on=today(days=-1))
    assert planned(match, by=operator, due_on=today()).due_on == today()


# --- finishing -----------------------------------------------------------------------------------------------------


def test_finishing_writes_the_result_and_sets_the_next_date(match: Match, broker: User) -> None:
    first = planned(match)
    done = finished(first, broker, next_due_on=today(days=14), next_topic="试样结果")
    assert (done.result, done.done_by) == ("双方约定下周试样。", broker)
    following = match.follow_ups.get(done_at=None)
    assert (following.owner, following.due_on, following.topic) == (broker, today(days=14), "试样结果")


def test_a_chain_may_end(match: Match, broker: User) -> None:
    finished(planned(match), broker)
    assert not match.follow_ups.filter(done_at=None).exists()


@pytest.mark.parametrize("words", ["", "  \n"])
def test_a_result_has_words(match: Match, broker: User, words: str) -> None:
    with pytest.raises(ResultMissing):
        finished(planned(match), broker, result=words)
    assert match.follow_ups.get().done_at is None


def test_what_is_refused_about_the_next_one_finishes_nothing(match: Match, broker: User) -> None:
    follow_up = planned(match)
    with pytest.raises(DateInPast):
        finished(follow_up, broker, next_due_on=today(days=-1))
    assert match.follow_ups.get().done_at is None


@pytest.mark.parametrize("action", ["finish", "reassign"])
def test_what_is_done_stays_done(match: Match, operator: User, action: str) -> None:
    follow_up = finished(planned(match), operator)
    with pytest.raises(WrongState):
        act(action, follow_up, by=operator)


# --- who may -------------------------------------------------------------------------------------------------------

MAY = {
    "open": {"broker", "operator"},
    "finish": {"broker", "operator"},
    "reassign": {"operator"},
}
PEOPLE = ["buyer", "colleague", "supplier", "outsider", "newcomer", "stranger", "broker", "operator"]


@pytest.fixture
def stranger(db: None) -> User:
    """A broker who does not take care of this need."""
    return MembershipFactory(role=Role.BROKER).user


@pytest.mark.parametrize("who", PEOPLE)
@pytest.mark.parametrize("action", MAY)
@pytest.mark.parametrize("of", ["match", "contract"])
def test_who_may_do_what(
    action: str, who: str, of: str, request: pytest.FixtureRequest, match: Match, contract: Contract
) -> None:
    subject = request.getfixturevalue(of)
    person = request.getfixturevalue(who)
    follow_up = planned(subject)
    if action == "open":
        FollowUp.objects.filter(pk=follow_up.pk).delete()
    if who in MAY[action]:
        act(action, follow_up, by=person)
    else:
        with pytest.raises(Denied):
            act(action, follow_up, by=person)


def test_it_is_handed_only_to_who_may_see_what_it_is_about(
    match: Match, broker: User, stranger: User, operator: User
) -> None:
    follow_up = planned(match)
    with pytest.raises(Denied):
        act("reassign", follow_up, by=operator, owner=stranger)
    colleague = MembershipFactory(organisation=operator.memberships.get().organisation).user
    Notification.objects.all().delete()
    assert act("reassign", follow_up, by=operator, owner=colleague).owner == colleague
    assert Notification.objects.get().recipient == colleague
    assert act("reassign", follow_up, by=operator, owner=broker).owner == broker


def test_a_broker_sees_those_of_needs_in_their_care_and_operators_all(
    match: Match, contract: Contract, broker: User, stranger: User, operator: User, buyer: User
) -> None:
    mine = {planned(match), planned(contract)}
    others = planned(ContractFactory(signed=True))
    assert set(visible_follow_ups(broker)) == mine
    assert set(visible_follow_ups(operator)) == {*mine, others}
    assert set(visible_follow_ups(stranger)) == set(visible_follow_ups(buyer)) == set()
    Membership.objects.filter(user=broker).update(ended_at=timezone.now())
    assert set(visible_follow_ups(broker)) == set()


def test_an_operator_of_a_losing_bidder_cares_for_no_contract_of_the_winner(operator: User) -> None:
    bid = BidFactory(awarded=True)
    follow_up = planned(ContractFactory(signed=True, need=bid.challenge.need, supplier=bid.organisation, bid=bid))
    assert set(visible_follow_ups(operator)) == {follow_up}
    MembershipFactory(user=operator, organisation=BidFactory(challenge=bid.challenge, declined=True).organisation)
    assert not visible_follow_ups(operator).exists()


# --- what opens them -----------------------------------------------------------------------------------------------


def test_the_second_yes_opens_a_follow_up_in_a_week(
    need: Need, university: Organisation, buyer: User, supplier: User, broker: User
) -> None:
    output = OutputFactory(published=True, organisation=university)
    match = MatchFactory(confirmed=True, wanted=True, need=need, solution=output)
    at = datetime(2026, 4, 1, 17, tzinfo=UTC)  # the second of April in Shanghai
    decisions.answer_as_supplier(match=match, answer="interested", by=supplier, at=at)
    assert list(match.follow_ups.values_list("owner", "due_on", "kind")) == [(broker.pk, date(2026, 4, 9), "routine")]


def test_one_yes_opens_none(need: Need, university: Organisation, supplier: User) -> None:
    output = OutputFactory(published=True, organisation=university)
    match = MatchFactory(confirmed=True, need=need, solution=output)
    decisions.answer_as_supplier(match=match, answer="interested", by=supplier, at=timezone.now())
    assert not match.follow_ups.exists()


def test_signing_opens_a_follow_up_in_thirty_days_once(contract: Contract, broker: User) -> None:
    at = datetime(2026, 4, 1, 2, tzinfo=UTC)
    for _ in range(2):
        contract_signed.send(sender=Contract, contract=contract, by=None, at=at)
    assert list(contract.follow_ups.values_list("owner", "due_on")) == [(broker.pk, date(2026, 5, 1))]


def test_solving_plans_a_revisit_twelve_months_later_beside_what_is_open(contract: Contract, broker: User) -> None:
    routine = planned(contract)
    at = datetime(2028, 2, 29, 2, tzinfo=UTC)
    for _ in range(2):
        contract_solved.send(sender=Contract, contract=contract, by=broker, at=at)
    revisit = contract.follow_ups.exclude(pk=routine.pk).get()
    assert (revisit.kind, revisit.due_on, revisit.owner) == ("revisit", date(2029, 2, 28), broker)


# --- lateness ------------------------------------------------------------------------------------------------------


def test_lateness_is_told_once_to_its_owner(match: Match, contract: Contract, broker: User) -> None:
    overdue = late(match)
    planned(contract, due_on=today())  # today is not late
    Notification.objects.all().delete()
    for _ in range(2):
        tell_overdue_follow_ups()
    notice = Notification.objects.get()
    assert (notice.recipient, notice.event) == (broker, f"follow-up:{overdue.pk}:overdue")
    overdue.refresh_from_db()
    assert overdue.overdue_told_at is not None


def test_the_day_ends_in_shanghai(match: Match) -> None:
    follow_up = planned(match, due_on=today(days=5))
    last = datetime(follow_up.due_on.year, follow_up.due_on.month, follow_up.due_on.day, 15, 59, 59, tzinfo=UTC)
    assert tell_overdue(at=last) == []
    assert tell_overdue(at=last + timedelta(seconds=1)) == [follow_up]


def test_operators_hear_of_lateness_where_the_owner_may_no_longer_care(
    match: Match, broker: User, operator: User
) -> None:
    late(match)
    Membership.objects.filter(user=broker).update(ended_at=timezone.now())
    Notification.objects.all().delete()
    tell_overdue(at=timezone.now())
    assert Notification.objects.get().recipient == operator


def test_what_is_done_is_never_late(match: Match, broker: User) -> None:
    finished(late(match), broker)
    assert tell_overdue(at=timezone.now()) == []


# --- the list ------------------------------------------------------------------------------------------------------


def page(client: Client, address: str, **params: str) -> str:
    answer = client.get(address, params)
    assert answer.status_code == 200
    return answer.content.decode()


def test_the_list_parts_late_open_and_done(match: Match, contract: Contract, broker: User, client_of: ClientOf) -> None:
    late(match, days=4, topic="试样是否寄出")
    planned(contract, topic="里程碑一进度")
    finished(planned(contract, kind="revisit"), broker, result="运行良好")
    client = client_of(broker)
    overdue = page(client, LIST)
    assert "试样是否寄出" in overdue
    assert "已逾期 4 天" in overdue
    assert "里程碑一进度" not in overdue
    assert "里程碑一进度" in page(client, LIST, tab="open")
    assert "运行良好" in page(client, LIST, tab="done")


def test_operators_choose_between_their_own_and_all(
    match: Match, broker: User, operator: User, client_of: ClientOf
) -> None:
    planned(match, topic="试样是否寄出")
    client = client_of(operator)
    assert "试样是否寄出" in page(client, LIST, tab="open", of="all")
    assert "试样是否寄出" not in page(client, LIST, tab="open", of="mine")
    assert "示例经理人" in page(client, LIST, tab="open", of="all")


@pytest.mark.parametrize("who", ["buyer", "supplier", "outsider", "newcomer"])
def test_others_have_an_empty_list(who: str, request: pytest.FixtureRequest, match: Match, client_of: ClientOf) -> None:
    planned(match, topic="试样是否寄出")
    html = page(client_of(request.getfixturevalue(who)), LIST, tab="open", of="all")
    assert "试样是否寄出" not in html
    assert "没有" in html


@pytest.mark.parametrize("number", [1, 3])
def test_the_list_asks_a_constant_number_of_queries(
    number: int, operator: User, client_of: ClientOf, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for _ in range(number):
        planned(ContractFactory(signed=True))
        planned(MatchFactory(in_contact=True))
    client = client_of(operator)
    with django_assert_num_queries(9):
        client.get(LIST, {"tab": "open", "of": "all"})


# --- pages of one --------------------------------------------------------------------------------------------------


def url_of(name: str, follow_up: FollowUp) -> str:
    subject = follow_up.match or follow_up.contract
    assert subject is not None
    return reverse(f"care:follow-up-{name}", args=[subject.code, follow_up.pk])


def test_a_result_is_written_on_its_page(match: Match, broker: User, client_of: ClientOf) -> None:
    follow_up = planned(match)
    client = client_of(broker)
    assert "跟进结果" in page(client, url_of("done", follow_up))
    answer = client.post(
        url_of("done", follow_up),
        {"result": "已寄出试样", "next_due_on": today(days=9).isoformat(), "next_topic": "试样结果"},
    )
    assert answer.status_code == 302
    follow_up.refresh_from_db()
    assert follow_up.result == "已寄出试样"
    assert match.follow_ups.get(done_at=None).topic == "试样结果"


@pytest.mark.parametrize(
    ("data", "words"),
    [({"result": ""}, "必填"), ({"result": "好", "next_due_on": "2020-01-01"}, "不能早于今天")],
)
def test_what_is_missing_is_said_at_its_field(
    match: Match, broker: User, client_of: ClientOf, data: dict, words: str
) -> None:
    follow_up = planned(match)
    answer = client_of(broker).post(url_of("done", follow_up), data)
    assert answer.status_code == 422
    assert words in answer.content.decode()
    follow_up.refresh_from_db()
    assert follow_up.done_at is None


def test_the_next_one_is_planned_on_its_page(contract: Contract, broker: User, client_of: ClientOf) -> None:
    client, address = client_of(broker), reverse("care:follow-up-add", args=[contract.code])
    assert client.get(address).status_code == 200
    assert client.post(address, {"due_on": today(days=-1).isoformat()}).status_code == 422
    assert client.post(address, {"due_on": today(days=8).isoformat(), "topic": "进度"}).status_code == 302
    assert contract.follow_ups.get().topic == "进度"


def test_an_operator_hands_it_on(match: Match, operator: User, broker: User, client_of: ClientOf) -> None:
    follow_up = planned(match)
    answer = client_of(operator).post(url_of("reassign", follow_up), {"owner": operator.pk})
    assert answer.status_code == 302
    follow_up.refresh_from_db()
    assert follow_up.owner == operator
    assert client_of(broker).post(url_of("reassign", follow_up), {"owner": broker.pk}).status_code == 403


@pytest.mark.parametrize("who", ["buyer", "supplier", "outsider", "newcomer", "stranger"])
def test_the_pages_of_a_follow_up_are_for_who_cares(
    who: str, request: pytest.FixtureRequest, match: Match, client_of: ClientOf
) -> None:
    follow_up = planned(match)
    client = client_of(request.getfixturevalue(who))
    assert client.get(url_of("done", follow_up)).status_code == 404
    assert client.post(url_of("done", follow_up), {"result": "x"}).status_code == 404
    assert client.post(url_of("reassign", follow_up), {"owner": follow_up.owner_id}).status_code == 404


def test_a_follow_up_stands_under_its_own_subject_only(
    match: Match, contract: Contract, broker: User, client_of: ClientOf
) -> None:
    follow_up = planned(match)
    assert client_of(broker).get(reverse("care:follow-up-done", args=[contract.code, follow_up.pk])).status_code == 404


# --- fragments -----------------------------------------------------------------------------------------------------


def fragment(client: Client, of: str, subject: Match | Contract, *, htmx: bool = True) -> Any:
    address = reverse(f"care:follow-ups-of-{of}", args=[subject.code])
    return client.get(address, headers=HTMX if htmx else None)


@pytest.mark.parametrize("of", ["match", "contract"])
@pytest.mark.parametrize(
    ("who", "status"),
    [("buyer", 200), ("colleague", 200), ("supplier", 200), ("broker", 200), ("operator", 200), ("outsider", 404)],
)
def test_both_sides_and_who_cares_see_that_somebody_looks_after_it(
    of: str, who: str, status: int, request: pytest.FixtureRequest, client_of: ClientOf
) -> None:
    subject = request.getfixturevalue(of)
    planned(subject)
    for htmx in (True, False):
        assert fragment(client_of(request.getfixturevalue(who)), of, subject, htmx=htmx).status_code == status


def test_what_was_said_is_read_by_who_cares_only(
    match: Match, broker: User, buyer: User, supplier: User, client_of: ClientOf
) -> None:
    finished(planned(match, topic="企业是否犹豫"), broker, result="企业预算未批")
    for person, sees in ((broker, True), (buyer, False), (supplier, False)):
        html = fragment(client_of(person), "match", match).content.decode()
        assert ("企业预算未批" in html) is sees
        assert ("企业是否犹豫" in html) is sees
        assert "示例经理人" in html


def test_what_is_over_is_said_to_be_ready_for_its_end(contract: Contract, broker: User, client_of: ClientOf) -> None:
    planned(contract)
    words = "可以写明结果后了结"
    assert words not in fragment(client_of(broker), "contract", contract).content.decode()
    Contract.objects.filter(pk=contract.pk).update(
        state="terminated", terminated_at=timezone.now(), terminate_reason="协商终止"
    )
    assert words in fragment(client_of(broker), "contract", contract).content.decode()


def test_before_contact_there_is_no_care(need: Need, buyer: User, client_of: ClientOf) -> None:
    match = MatchFactory(need=need)
    html = fragment(client_of(buyer), "match", match).content.decode()
    assert "开始对接后，平台会安排人跟进" in html
    assert "提出投诉" not in html


# --- on the desks --------------------------------------------------------------------------------------------------


def test_the_desk_shows_what_is_late_and_ones_own_that_is_near(
    match: Match, contract: Contract, broker: User, operator: User, client_of: ClientOf
) -> None:
    overdue = late(match)
    near, far = planned(contract, due_on=today(days=2)), planned(contract, kind="revisit", due_on=today(days=20))
    desk = reverse("dashboards:desk")
    for person, seen in ((broker, {overdue, near}), (operator, {overdue})):
        html = page(client_of(person), desk)
        assert {row for row in (overdue, near, far) if url_of("done", row) in html} == seen


def test_a_desk_shows_no_follow_ups_of_others(match: Match, buyer: User, supplier: User, client_of: ClientOf) -> None:
    follow_up = late(match)
    for person in (buyer, supplier):
        assert url_of("done", follow_up) not in page(client_of(person), reverse("dashboards:desk"))

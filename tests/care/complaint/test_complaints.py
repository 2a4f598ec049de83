"""Complaints: every state and role of the table, who hears of what, and the pages with their record."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries
from rest_framework.test import APIClient

from accounts.audit import AuditEvent
from accounts.models import Notification, Organisation, Role, User
from accounts.permissions import Denied
from care.complaint import actions as verbs
from care.complaint.actions import WordsMissing
from care.complaint.permissions import allowed_complaint_actions
from care.complaint.workflow import COMPLAINT_ACTIONS, ComplaintState
from care.models import Complaint
from contracts.contract.queries import operators_who_read
from contracts.models import Contract
from lib.refusals import WrongState
from matching.models import Match
from tests.factories.accounts import MembershipFactory, OrganisationFactory
from tests.factories.bids import BidFactory
from tests.factories.challenges import ChallengeFactory
from tests.factories.contracts import ContractFactory
from tests.factories.matching import MatchFactory
from tests.factories.needs import NeedFactory
from tests.factories.solutions import OutputFactory

pytestmark = pytest.mark.django_db

ClientOf = Callable[[User], Client]
STATES = [state.value for state in ComplaintState]
UNFINISHED = ["open", "mediating"]
SECRET = "对方迟迟不付试样费用"
LIST = reverse("care:complaint-list")


@pytest.fixture
def match(enterprise: Organisation, university: Organisation) -> Match:
    return MatchFactory(
        in_contact=True,
        need=NeedFactory(published=True, organisation=enterprise),
        solution=OutputFactory(published=True, organisation=university),
    )


@pytest.fixture
def contract(enterprise: Organisation, university: Organisation) -> Contract:
    return ContractFactory(signed=True, need=NeedFactory(published=True, organisation=enterprise), supplier=university)


def in_state(state: str, subject: Match | Contract, complainant: Organisation, by: User) -> Complaint:
    """A complaint of the supplier against the poser, with what the database asks of its state."""
    ended = {"outcome": "示例结果", "ended_at": timezone.now(), "ended_by": by} if state not in UNFINISHED else {}
    about = {"match": subject} if isinstance(subject, Match) else {"contract": subject}
    return Complaint.objects.create(
        **about,
        complainant=complainant,
        respondent=subject.need.organisation,
        text=SECRET,
        state=state,
        raised_by=by,
        **ended,
    )


@pytest.fixture
def complaint_in(contract: Contract, university: Organisation, supplier: User) -> Callable[[str], Complaint]:
    return lambda state: in_state(state, contract, university, supplier)


def raised(subject: Match | Contract, complainant: Organisation, by: User, text: str = SECRET) -> Complaint:
    return verbs.raise_complaint(subject=subject, complainant=complainant, text=text, by=by, at=timezone.now())


def act(action: str, complaint: Complaint, *, by: User, words: str = "双方同意月底前付清") -> Any:
    now = timezone.now()
    steps: dict[str, Callable[[], Any]] = {
        "take_up": lambda: verbs.take_up(complaint=complaint, by=by, at=now),
        "settle": lambda: verbs.settle(complaint=complaint, outcome=words, by=by, at=now),
        "dismiss": lambda: verbs.dismiss(complaint=complaint, outcome=words, by=by, at=now),
        "withdraw": lambda: verbs.withdraw(complaint=complaint, outcome=words, by=by, at=now),
        "add_entry": lambda: verbs.add_entry(complaint=complaint, text=words, by=by, at=now),
    }
    return steps[action]()


# --- the table -----------------------------------------------------------------------------------------------------

ALLOWED = [(action, state) for action, step in COMPLAINT_ACTIONS.items() for state in sorted(step.sources)]
FORBIDDEN = [
    (action, state) for action, step in COMPLAINT_ACTIONS.items() for state in STATES if state not in step.sources
]
# supplier complains here: the complainant of the table
ACTOR = {"operator": "operator", "complainant": "supplier"}
PEOPLE = ["buyer", "supplier", "reader", "colleague", "outsider", "newcomer", "operator", "caretaker"]


@pytest.fixture
def reader(university: Organisation) -> User:
    """Reads for the complainant, may not write."""
    return MembershipFactory(organisation=university, role=Role.VIEWER).user


@pytest.fixture
def caretaker(contract: Contract) -> User:
    person: User | None = contract.need.caretaker
    assert person is not None
    return person


@pytest.mark.parametrize(("action", "state"), ALLOWED)
def test_an_action_leads_where_the_table_says(
    action: str, state: str, complaint_in: Any, request: pytest.FixtureRequest
) -> None:
    complaint = complaint_in(state)
    act(action, complaint, by=request.getfixturevalue(ACTOR[COMPLAINT_ACTIONS[action].actor]))
    complaint.refresh_from_db()
    assert complaint.state == COMPLAINT_ACTIONS[action].target
    trail = AuditEvent.objects.get(object_code=complaint.code)
    assert (trail.action, trail.from_state, trail.to_state) == (f"complaint.{action}", state, complaint.state)


@pytest.mark.parametrize(("action", "state"), FORBIDDEN)
def test_an_action_is_refused_from_every_other_state(
    action: str, state: str, complaint_in: Any, request: pytest.FixtureRequest
) -> None:
    complaint = complaint_in(state)
    with pytest.raises(WrongState):
        act(action, complaint, by=request.getfixturevalue(ACTOR[COMPLAINT_ACTIONS[action].actor]))
    complaint.refresh_from_db()
    assert complaint.state == state
    assert not AuditEvent.objects.exists()


@pytest.mark.parametrize("who", PEOPLE)
@pytest.mark.parametrize("action", COMPLAINT_ACTIONS)
def test_an_action_is_refused_to_every_other_role(
    action: str, who: str, complaint_in: Any, request: pytest.FixtureRequest
) -> None:
    if who == ACTOR[COMPLAINT_ACTIONS[action].actor]:
        return
    complaint = complaint_in(min(COMPLAINT_ACTIONS[action].sources))
    with pytest.raises(Denied):
        act(action, complaint, by=request.getfixturevalue(who))


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("who", PEOPLE)
def test_pages_offer_exactly_what_the_verbs_allow(
    who: str, state: str, complaint_in: Any, request: pytest.FixtureRequest
) -> None:
    complaint, person = complaint_in(state), request.getfixturevalue(who)
    offered = allowed_complaint_actions(user=person, complaint=complaint)
    for action in (*COMPLAINT_ACTIONS, "add_entry"):
        Complaint.objects.filter(pk=complaint.pk).delete()
        fresh = complaint_in(state)
        try:
            act(action, fresh, by=person)
        except (Denied, WrongState):
            assert action not in offered
        else:
            assert action in offered
            fresh.entries.all().delete()
        fresh.delete()


def test_an_operator_who_belongs_to_a_party_does_not_mediate(
    complaint_in: Any, operator: User, enterprise: Organisation
) -> None:
    MembershipFactory(user=operator, organisation=enterprise, role=Role.VIEWER)
    for state, action in (("open", "take_up"), ("mediating", "settle"), ("open", "dismiss"), ("open", "add_entry")):
        complaint = complaint_in(state)
        assert action not in allowed_complaint_actions(user=operator, complaint=complaint)
        with pytest.raises(Denied):
            act(action, complaint, by=operator)


@pytest.fixture
def contested(contract: Contract, university: Organisation, operator: User) -> Contract:
    """The contract of an award for which an organisation of the operator's bid in vain."""
    challenge = ChallengeFactory(need=contract.need, awarded=True)
    BidFactory(challenge=challenge, organisation=university, awarded=True, label=1, contract=contract)
    loser = BidFactory(challenge=challenge, declined=True, label=2).organisation
    MembershipFactory(organisation=loser, user=operator)
    return contract


@pytest.fixture
def mediator() -> User:
    """An operator who bids nowhere."""
    return MembershipFactory(organisation=OrganisationFactory(kind="operator")).user


def test_an_operator_of_a_losing_bidder_neither_reads_nor_mediates_the_winners_complaint(
    contested: Contract, complaint_in: Any, operator: User, mediator: User, client_of: ClientOf
) -> None:
    """It may say the price and the plan the loser was not told."""
    for state, action in (("open", "take_up"), ("mediating", "settle"), ("open", "dismiss"), ("open", "add_entry")):
        complaint = complaint_in(state)
        assert allowed_complaint_actions(user=operator, complaint=complaint) == frozenset()
        assert action in allowed_complaint_actions(user=mediator, complaint=complaint)
        with pytest.raises(Denied):
            act(action, complaint, by=operator)
    client, api = client_of(operator), APIClient()
    api.force_authenticate(operator)
    assert client.get(complaint.get_absolute_url()).status_code == 404
    assert api.get(f"/api/v1/complaints/{complaint.code}/").status_code == 404
    assert api.get("/api/v1/complaints/").json()["results"] == []
    for address in (LIST, contested.get_absolute_url(), reverse("dashboards:desk")):
        assert complaint.code not in client.get(address).content.decode()
    assert complaint.code in client_of(mediator).get(reverse("dashboards:desk")).content.decode()


def test_an_operator_of_a_losing_bidder_hears_nothing_of_the_winners_complaint(
    contested: Contract, university: Organisation, supplier: User, operator: User, mediator: User
) -> None:
    complaint = raised(contested, university, supplier)
    act("add_entry", complaint, by=supplier)
    act("withdraw", complaint, by=supplier)
    assert not Notification.objects.filter(recipient=operator).exists()
    assert Notification.objects.filter(recipient=mediator).count() == 3


@pytest.mark.parametrize("side", ["buyer", "supplier", "loser", "buyer and loser", "winner and loser", "nobody"])
@pytest.mark.parametrize("has_bid", [True, False])
def test_who_is_told_of_a_contract_is_who_may_read_it(
    side: str, has_bid: bool, contested: Contract, mediator: User, operator: User
) -> None:
    loser = contested.bid.challenge.bids.exclude(pk=contested.bid.pk).get().organisation
    of = {"buyer": contested.need.organisation, "winner": contested.supplier, "supplier": contested.supplier}
    for name in side.split(" and "):
        if name != "nobody":
            MembershipFactory(organisation={**of, "loser": loser}[name], user=mediator)
    if not has_bid:
        contested.bid = None
        contested.save()
    readers = {person for person in (mediator, operator) if Contract.objects.visible_to(person).exists()}
    assert set(operators_who_read(contested)) == readers


# --- raising -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("of", ["match", "contract"])
@pytest.mark.parametrize("who", ["buyer", "supplier"])
def test_a_party_complains_of_the_other(of: str, who: str, request: pytest.FixtureRequest, operator: User) -> None:
    subject, person = request.getfixturevalue(of), request.getfixturevalue(who)
    mine = person.memberships.get().organisation
    respondent = request.getfixturevalue("supplier" if who == "buyer" else "buyer")
    complaint = raised(subject, mine, person)
    assert complaint.state == "open"
    assert {complaint.complainant, complaint.respondent} == {mine, respondent.memberships.get().organisation}
    assert complaint.complainant == mine
    told = Notification.objects.filter(event=f"complaint:{complaint.code}:raised")
    assert {notice.recipient for notice in told} == {respondent, operator}


@pytest.mark.parametrize("who", ["colleague", "outsider", "newcomer", "operator", "supplier"])
def test_nobody_else_complains_for_a_party(
    who: str, request: pytest.FixtureRequest, contract: Contract, enterprise: Organisation
) -> None:
    with pytest.raises(Denied):
        raised(contract, enterprise, request.getfixturevalue(who))


def test_a_stranger_complains_of_nothing(contract: Contract, outsider: User) -> None:
    with pytest.raises(Denied):
        raised(contract, outsider.memberships.get().organisation, outsider)


def test_there_is_nothing_to_complain_of_before_contact(enterprise: Organisation, buyer: User) -> None:
    match = MatchFactory(confirmed=True, need=NeedFactory(published=True, organisation=enterprise))
    with pytest.raises(WrongState):
        raised(match, enterprise, buyer)


def test_one_complaint_of_a_party_is_open_at_a_time(
    contract: Contract, enterprise: Organisation, university: Organisation, buyer: User, supplier: User
) -> None:
    first = raised(contract, enterprise, buyer)
    with pytest.raises(WrongState):
        raised(contract, enterprise, buyer)
    raised(contract, university, supplier)
    act("withdraw", first, by=buyer)
    raised(contract, enterprise, buyer)


@pytest.mark.parametrize("action", ["settle", "dismiss", "withdraw", "add_entry"])
def test_nothing_is_said_without_words(action: str, complaint_in: Any, request: pytest.FixtureRequest) -> None:
    complaint = complaint_in("mediating")
    person = "supplier" if action in ("withdraw", "add_entry") else "operator"
    with pytest.raises(WordsMissing):
        act(action, complaint, by=request.getfixturevalue(person), words="  ")
    complaint.refresh_from_db()
    assert complaint.state == "mediating"


def test_a_complaint_has_words(contract: Contract, enterprise: Organisation, buyer: User) -> None:
    with pytest.raises(WordsMissing):
        raised(contract, enterprise, buyer, text=" ")


# --- who hears, and what ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("action", "by", "told"),
    [
        ("take_up", "operator", {"buyer", "supplier"}),
        ("settle", "operator", {"buyer", "supplier"}),
        ("dismiss", "operator", {"buyer", "supplier"}),
        ("withdraw", "supplier", {"buyer", "operator"}),
        ("add_entry", "buyer", {"supplier", "operator"}),
        ("add_entry", "operator", {"buyer", "supplier"}),
    ],
)
def test_everybody_concerned_but_the_doer_hears_and_no_notice_says_what_was_said(
    action: str,
    by: str,
    told: set[str],
    complaint_in: Any,
    request: pytest.FixtureRequest,
    buyer: User,
    supplier: User,
    operator: User,
    outsider: User,
) -> None:
    complaint = complaint_in("open" if action == "take_up" else "mediating")
    act(action, complaint, by=request.getfixturevalue(by), words="双方同意月底前付清")
    notices = list(Notification.objects.all())
    assert {notice.recipient for notice in notices} == {request.getfixturevalue(name) for name in told}
    said = " ".join(f"{notice.text} {notice.params}" for notice in notices)
    said += " ".join(f"{event.object_label} {event.reason}" for event in AuditEvent.objects.all())
    assert SECRET not in said
    assert "月底前付清" not in said


# --- pages ---------------------------------------------------------------------------------------------------------


def url(complaint: Complaint, action: str = "detail") -> str:
    return reverse(f"care:complaint-{action}", args=[complaint.code])


@pytest.mark.parametrize(
    ("who", "status"),
    [
        ("buyer", 200),
        ("colleague", 200),
        ("supplier", 200),
        ("operator", 200),
        ("outsider", 404),
        ("newcomer", 404),
        ("caretaker", 404),
    ],
)
def test_both_parties_and_operators_read_it(
    who: str, status: int, complaint_in: Any, request: pytest.FixtureRequest, client_of: ClientOf
) -> None:
    complaint = complaint_in("open")
    client = client_of(request.getfixturevalue(who))
    assert client.get(url(complaint)).status_code == status
    assert (complaint.code in client.get(LIST).content.decode()) is (status == 200)
    if status == 404:
        for action in ("take-up", "add-entry", "settle", "dismiss", "withdraw"):
            assert client.post(url(complaint, action), {"text": "x", "outcome": "x"}).status_code == 404


def test_a_complaint_is_raised_mediated_and_settled_by_pages(
    contract: Contract, buyer: User, supplier: User, operator: User, client_of: ClientOf
) -> None:
    address = reverse("care:complaint-create-contract", args=[contract.code])
    client = client_of(supplier)
    assert contract.need.organisation.name in client.get(address).content.decode()
    assert client.post(address, {"text": ""}).status_code == 422
    assert client.post(address, {"text": SECRET}).status_code == 302
    complaint = Complaint.objects.get()
    assert client_of(operator).post(url(complaint, "take-up")).status_code == 302
    for person, words in ((buyer, "款项在途"), (operator, "请提供付款凭证")):
        assert client_of(person).post(url(complaint, "add-entry"), {"text": words}).status_code == 302
    assert client_of(operator).post(url(complaint, "settle"), {"outcome": "月底前付清"}).status_code == 302
    html = client_of(buyer).get(url(complaint)).content.decode()
    for words in (SECRET, "款项在途", "请提供付款凭证", "运营方", "月底前付清", "已和解"):
        assert words in html
    assert reverse("care:complaint-add-entry", args=[complaint.code]) not in html


def test_a_complaint_is_raised_on_a_match(match: Match, buyer: User, client_of: ClientOf) -> None:
    address = reverse("care:complaint-create-match", args=[match.code])
    answer = client_of(buyer).post(address, {"text": SECRET})
    complaint = Complaint.objects.get()
    assert answer["Location"] == complaint.get_absolute_url()
    assert (complaint.match, complaint.contract) == (match, None)


@pytest.mark.parametrize(
    ("who", "status"),
    [("colleague", 403), ("operator", 403), ("outsider", 404), ("newcomer", 404)],
)
def test_the_page_to_complain_is_for_writers_of_a_party(
    who: str, status: int, request: pytest.FixtureRequest, match: Match, contract: Contract, client_of: ClientOf
) -> None:
    client = client_of(request.getfixturevalue(who))
    for name, subject in (("match", match), ("contract", contract)):
        address = reverse(f"care:complaint-create-{name}", args=[subject.code])
        assert client.get(address).status_code == status
        assert client.post(address, {"text": SECRET}).status_code == status
    assert not Complaint.objects.exists()


def test_the_address_of_the_other_kind_is_none(
    match: Match, contract: Contract, buyer: User, client_of: ClientOf
) -> None:
    client = client_of(buyer)
    for name, subject in (("contract", match), ("match", contract)):
        address = reverse(f"care:complaint-create-{name}", args=[subject.code])
        assert client.get(address).status_code == 404


@pytest.mark.parametrize("action", ["settle", "dismiss", "withdraw", "add-entry"])
def test_missing_words_are_said_on_the_page(
    action: str, complaint_in: Any, operator: User, supplier: User, client_of: ClientOf
) -> None:
    complaint = complaint_in("mediating")
    answer = client_of(supplier if action == "withdraw" else operator).post(url(complaint, action), {})
    assert answer.status_code == 422
    complaint.refresh_from_db()
    assert complaint.state == "mediating"


@pytest.mark.parametrize("who", ["buyer", "supplier", "operator"])
@pytest.mark.parametrize("state", STATES)
def test_the_page_shows_the_buttons_of_this_reader(
    state: str, who: str, complaint_in: Any, request: pytest.FixtureRequest, client_of: ClientOf
) -> None:
    complaint, person = complaint_in(state), request.getfixturevalue(who)
    html = client_of(person).get(url(complaint)).content.decode()
    allowed = allowed_complaint_actions(user=person, complaint=complaint)
    for action in ("take_up", "settle", "dismiss", "withdraw", "add_entry"):
        assert (url(complaint, action.replace("_", "-")) in html) is (action in allowed)


@pytest.mark.parametrize("action", ["take-up", "add-entry", "settle", "dismiss", "withdraw"])
def test_deeds_are_posted(action: str, complaint_in: Any, operator: User, client_of: ClientOf) -> None:
    assert client_of(operator).get(url(complaint_in("open"), action)).status_code == 405


def test_the_list_is_narrowed_by_state(
    contract: Contract, match: Match, university: Organisation, supplier: User, operator: User, client_of: ClientOf
) -> None:
    waiting = in_state("open", contract, university, supplier)
    ended = in_state("settled", match, university, supplier)
    html = client_of(operator).get(LIST, {"state": "open"}).content.decode()
    assert waiting.code in html
    assert ended.code not in html
    assert "没有这种状态的投诉" in client_of(operator).get(LIST, {"state": "withdrawn"}).content.decode()


@pytest.mark.parametrize("number", [1, 3])
def test_pages_ask_a_constant_number_of_queries(
    number: int, operator: User, client_of: ClientOf, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    client = client_of(operator)
    for _ in range(number):
        contract, match = ContractFactory(signed=True), MatchFactory(in_contact=True)
        writer = MembershipFactory(organisation=contract.supplier).user
        complaint = in_state("mediating", contract, contract.supplier, writer)
        in_state("open", match, match.solution.organisation, writer)
    for _ in range(number):
        act("add_entry", complaint, by=writer)
        act("add_entry", complaint, by=operator)
    with django_assert_num_queries(7):
        client.get(LIST)
    with django_assert_num_queries(9):
        client.get(url(complaint))


def test_a_complaint_waits_on_the_desk_of_the_other_side_and_of_operators_until_taken_up(
    complaint_in: Any, buyer: User, supplier: User, operator: User, client_of: ClientOf
) -> None:
    complaint = complaint_in("open")

    def waits_for(*people: User) -> list[bool]:
        desk = reverse("dashboards:desk")
        return [url(complaint) in client_of(person).get(desk).content.decode() for person in people]

    assert waits_for(buyer, supplier, operator) == [True, False, True]
    act("take_up", complaint, by=operator)
    Notification.objects.all().delete()
    assert waits_for(buyer, supplier, operator) == [True, False, False]
    act("settle", complaint, by=operator)
    assert waits_for(buyer, supplier, operator) == [False, False, False]


def test_who_has_complained_already_is_led_to_the_complaint(
    contract: Contract, buyer: User, supplier: User, enterprise: Organisation, client_of: ClientOf
) -> None:
    fragment = reverse("care:follow-ups-of-contract", args=[contract.code])
    link = reverse("care:complaint-create-contract", args=[contract.code])
    assert link in client_of(buyer).get(fragment).content.decode()
    complaint = raised(contract, enterprise, buyer)
    html = client_of(buyer).get(fragment).content.decode()
    assert link not in html
    assert url(complaint) in html
    assert link in client_of(supplier).get(fragment).content.decode()

"""Follow-ups, complaints and the clock by program: the same people see and do the same as on the pages."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.models import Organisation, Role, User
from care.complaint import actions as verbs
from care.follow_up.actions import open_follow_up
from care.models import Complaint, FollowUp
from contracts.models import Contract
from matching.models import Match
from needs.models import Need
from tests.api.content import error_of, fields_of
from tests.factories.accounts import MembershipFactory
from tests.factories.contracts import ContractFactory
from tests.factories.matching import MatchFactory
from tests.factories.needs import NeedFactory
from tests.factories.solutions import OutputFactory

pytestmark = pytest.mark.django_db

FOLLOW_UPS, COMPLAINTS, CLOCK = "/api/v1/follow-ups/", "/api/v1/complaints/", "/api/v1/clock/"


@pytest.fixture
def api_of(api_of: Callable[[User], APIClient]) -> Callable[[User], APIClient]:
    """The client of a person that sends JSON unless told otherwise."""

    def login(user: User) -> APIClient:
        client = api_of(user)
        client.default_format = "json"
        return client

    return login


@pytest.fixture
def broker(db: None) -> User:
    return MembershipFactory(role=Role.BROKER, user__name="示例经理人").user


@pytest.fixture
def need(enterprise: Organisation, broker: User) -> Need:
    return NeedFactory(
        published=True,
        organisation=enterprise,
        caretaker=broker,
        usual_search_days=40,
        submitted_at=timezone.now() - timedelta(days=30),
    )


@pytest.fixture
def match(need: Need, university: Organisation) -> Match:
    output = OutputFactory(published=True, organisation=university)
    met = need.submitted_at + timedelta(days=10)
    return MatchFactory(in_contact=True, need=need, solution=output, confirmed_at=met, contacted_at=met)


@pytest.fixture
def contract(need: Need, university: Organisation) -> Contract:
    return ContractFactory(signed=True, need=need, supplier=university)


def in_days(days: int) -> str:
    return (timezone.localdate() + timedelta(days=days)).isoformat()


def planned(subject: Match | Contract, **fields: Any) -> FollowUp:
    due_on = timezone.localdate() + timedelta(days=3)
    return open_follow_up(subject=subject, by=None, at=timezone.now(), **{"due_on": due_on, **fields})


@pytest.fixture
def complaint(contract: Contract, enterprise: Organisation, buyer: User) -> Complaint:
    return verbs.raise_complaint(
        subject=contract, complainant=enterprise, text="样件迟交两个月", by=buyer, at=timezone.now()
    )


def results(response: Any) -> list[dict[str, Any]]:
    assert response.status_code == 200
    rows: list[dict[str, Any]] = response.json()["results"]
    return rows


# --- follow-ups ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("who", "sees"), [("broker", True), ("operator", True), ("buyer", False), ("supplier", False), ("outsider", False)]
)
def test_follow_ups_are_seen_by_who_cares(who, sees, request, api_of, match):
    follow_up = planned(match)
    client = api_of(request.getfixturevalue(who))
    assert [row["id"] for row in results(client.get(FOLLOW_UPS))] == ([follow_up.pk] if sees else [])
    assert client.get(f"{FOLLOW_UPS}{follow_up.pk}/").status_code == (200 if sees else 404)
    assert client.post(f"{FOLLOW_UPS}{follow_up.pk}/finish/", {"result": "好"}).status_code == (200 if sees else 404)


def test_a_follow_up_says_what_it_is_about(api_of, broker, match):
    row = results(api_of(broker).get(FOLLOW_UPS + f"?match={planned(match).match.code}"))[0]
    assert (row["match"], row["contract"], row["need"]["code"]) == (match.code, None, match.need.code)
    assert (row["owner"], row["is_overdue"], row["done_by"]) == ("示例经理人", False, None)


def test_follow_ups_are_narrowed(api_of, operator, match, contract):
    late, open_one = planned(match), planned(contract)
    FollowUp.objects.filter(pk=late.pk).update(due_on=timezone.localdate() - timedelta(days=1))
    client = api_of(operator)

    def found(query: str) -> list[int]:
        return [row["id"] for row in results(client.get(f"{FOLLOW_UPS}?{query}"))]

    assert found("state=overdue") == [late.pk]
    assert found("state=open") == [open_one.pk]
    assert found("state=done") == found("mine=true") == []
    assert found(f"contract={contract.code}") == [open_one.pk]
    assert client.get(f"{FOLLOW_UPS}?state=late").status_code == 400


def test_the_chain_goes_on_by_program(api_of, broker, contract):
    client = api_of(broker)
    response = client.post(FOLLOW_UPS, {"contract": contract.code, "due_on": in_days(3), "topic": "进度"})
    assert response.status_code == 201
    address = f"{FOLLOW_UPS}{response.json()['id']}/finish/"
    assert client.post(address, {"result": "如期", "next_due_on": in_days(-1)}).status_code == 400
    response = client.post(address, {"result": "如期", "next_due_on": in_days(30), "next_topic": "再问"})
    assert (response.status_code, response.json()["result"]) == (200, "如期")
    assert contract.follow_ups.get(done_at=None).topic == "再问"
    assert error_of(client.post(address, {"result": "再写"})) == "wrong_state"


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"due_on": "2020-01-01"}, "due_on"),
        ({"due_on": "soon"}, "due_on"),
        ({}, "due_on"),
        ({"match": "M-ABCDEFGHJK", "due_on": "2099-01-01"}, ""),
    ],
)
def test_what_is_wrong_with_a_plan_is_named(api_of, broker, contract, body, field):
    response = api_of(broker).post(FOLLOW_UPS, {"contract": contract.code, **body})
    assert response.status_code == 400
    assert field in fields_of(response)


def test_a_plan_names_something_it_may_see(api_of, broker, buyer):
    body = {"contract": "K-ABCDEFGH", "due_on": in_days(3)}
    assert api_of(broker).post(FOLLOW_UPS, body).status_code == 400
    other = ContractFactory(signed=True)
    assert api_of(broker).post(FOLLOW_UPS, {**body, "contract": other.code}).status_code == 400


def test_a_party_plans_nothing(api_of, buyer, contract):
    response = api_of(buyer).post(FOLLOW_UPS, {"contract": contract.code, "due_on": in_days(3)})
    assert (response.status_code, error_of(response)) == (403, "permission_denied")


def test_operators_hand_a_follow_up_on(api_of, operator, broker, match, outsider):
    address = f"{FOLLOW_UPS}{planned(match).pk}/reassign/"
    assert api_of(operator).post(address, {"owner": outsider.email}).status_code == 400
    assert api_of(operator).post(address, {"owner": operator.email}).json()["owner"] == "示例运营"
    assert api_of(broker).post(address, {"owner": broker.email}).status_code == 403


@pytest.mark.parametrize("number", [1, 3])
def test_follow_ups_ask_a_constant_number_of_queries(number, api_of, operator, django_assert_num_queries):
    for _ in range(number):
        planned(ContractFactory(signed=True))
        planned(MatchFactory(in_contact=True))
    client = api_of(operator)
    with django_assert_num_queries(4):
        client.get(FOLLOW_UPS)


# --- complaints ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("who", "sees"),
    [
        ("buyer", True),
        ("colleague", True),
        ("supplier", True),
        ("operator", True),
        ("broker", False),
        ("outsider", False),
    ],
)
def test_complaints_are_seen_by_both_parties_and_operators(who, sees, request, api_of, complaint):
    client = api_of(request.getfixturevalue(who))
    assert [row["code"] for row in results(client.get(COMPLAINTS))] == ([complaint.code] if sees else [])
    assert client.get(f"{COMPLAINTS}{complaint.code}/").status_code == (200 if sees else 404)


def test_a_complaint_is_mediated_by_program(api_of, supplier, buyer, operator, match, university):
    response = api_of(supplier).post(COMPLAINTS, {"match": match.code, "text": "试样费用未付"})
    assert response.status_code == 201
    address = f"{COMPLAINTS}{response.json()['code']}/"
    assert response.json()["complainant"]["code"] == university.code
    assert error_of(api_of(operator).post(f"{address}settle/", {"outcome": "好"})) == "wrong_state"
    assert api_of(operator).post(f"{address}take-up/").json()["state"] == "mediating"
    assert api_of(buyer).post(f"{address}entries/", {"text": "款项在途"}).status_code == 201
    assert api_of(operator).post(f"{address}settle/", {"outcome": "月底前付清"}).json()["state"] == "settled"
    shown = api_of(buyer).get(address).json()
    assert (shown["outcome"], [line["text"] for line in shown["record"]]) == ("月底前付清", ["款项在途"])


@pytest.mark.parametrize(("action", "who"), [("dismiss", "operator"), ("withdraw", "buyer")])
def test_a_complaint_ends_with_words(action, who, request, api_of, complaint):
    client = api_of(request.getfixturevalue(who))
    address = f"{COMPLAINTS}{complaint.code}/{action}/"
    assert "outcome" in fields_of(client.post(address, {"outcome": " "}))
    assert client.post(address, {"outcome": "已自行解决"}).status_code == 200


@pytest.mark.parametrize("action", ["take-up", "settle", "dismiss", "withdraw"])
def test_the_other_side_ends_nothing(action, api_of, supplier, complaint):
    response = api_of(supplier).post(f"{COMPLAINTS}{complaint.code}/{action}/", {"outcome": "x"})
    assert (response.status_code, error_of(response)) == (403, "permission_denied")


def test_who_writes_for_both_sides_says_for_which(api_of, buyer, contract, university, enterprise):
    MembershipFactory(user=buyer, organisation=university)
    body = {"contract": contract.code, "text": "样件迟交"}
    assert "complainant" in fields_of(api_of(buyer).post(COMPLAINTS, body))
    response = api_of(buyer).post(COMPLAINTS, {**body, "complainant": university.code})
    assert (response.status_code, response.json()["respondent"]["code"]) == (201, enterprise.code)


@pytest.mark.parametrize("who", ["operator", "colleague"])
def test_only_a_party_complains(who, request, api_of, contract):
    client = api_of(request.getfixturevalue(who))
    assert client.post(COMPLAINTS, {"contract": contract.code, "text": "x"}).status_code == 403


def test_complaints_are_narrowed_by_state(api_of, operator, complaint):
    client = api_of(operator)
    assert len(results(client.get(f"{COMPLAINTS}?state=open"))) == 1
    assert results(client.get(f"{COMPLAINTS}?state=settled")) == []


@pytest.mark.parametrize("number", [1, 3])
def test_complaints_ask_a_constant_number_of_queries(number, api_of, operator, django_assert_num_queries):
    for _ in range(number):
        contract = ContractFactory(signed=True)
        writer = MembershipFactory(organisation=contract.supplier).user
        at = timezone.now()
        verbs.raise_complaint(subject=contract, complainant=contract.supplier, text="x", by=writer, at=at)
    client = api_of(operator)
    with django_assert_num_queries(4):
        client.get(COMPLAINTS)


# --- the clock -----------------------------------------------------------------------------------------------------


def test_an_operator_reads_the_clock_of_all_and_a_poser_its_own(api_of, operator, buyer, supplier, match):
    NeedFactory(published=True)
    assert [api_of(person).get(CLOCK).json()["n"] for person in (operator, buyer, supplier)] == [2, 1, 0]


def test_the_report_holds_what_the_page_shows(api_of, buyer, match):
    report = api_of(buyer).get(CLOCK).json()
    measures = {row["event"]: row for row in report["measures"]}
    assert measures["contact"] == {
        "event": "contact",
        "n": 1,
        "observed": 1,
        "censored": 0,
        "median": 10.0,
        "p90": 10.0,
    }
    assert measures["signed"]["median"] is None
    assert report["search"] == {"n": 1, "usual": 40.0, "now": 10.0, "shorter_percent": 75}
    assert [(row["code"], row["name"], row["median"]) for row in report["by_industry"]] == [
        ("C34", "通用设备制造业", 10.0)
    ]
    assert [row["code"] for row in report["by_region"]] == ["310000"]


def test_the_report_is_narrowed(api_of, operator, match, enterprise):
    NeedFactory(published=True, industry="C26", region_code="330106")
    client = api_of(operator)

    def counted(query: str) -> int:
        number: int = client.get(f"{CLOCK}?{query}").json()["n"]
        return number

    assert [counted(query) for query in ("industry=C34", "industry=C", "region=330000")] == [1, 2, 1]
    assert counted(f"organisation={enterprise.code}") == 1
    assert client.get(f"{CLOCK}?organisation=O-NOBODY").status_code == 400
    assert client.get(f"{CLOCK}?event=award").status_code == 400


@pytest.mark.parametrize(
    ("who", "status"), [("buyer", 200), ("broker", 200), ("operator", 200), ("supplier", 404), ("outsider", 404)]
)
def test_the_clock_of_a_need_is_for_insiders(who, status, request, api_of, match):
    response = api_of(request.getfixturevalue(who)).get(f"{CLOCK}{match.need.code}/")
    assert response.status_code == status
    if status == 200:
        days = {row["event"]: row["days"] for row in response.json()["events"]}
        assert (days["contact"], days["accepted"], response.json()["usual_search_days"]) == (10.0, None, 40)


def test_a_draft_has_no_clock(api_of, buyer, enterprise):
    draft = NeedFactory(organisation=enterprise)
    assert api_of(buyer).get(f"{CLOCK}{draft.code}/").status_code == 404


@pytest.mark.parametrize("address", [FOLLOW_UPS, COMPLAINTS, CLOCK])
def test_visitors_are_refused(address, visitor):
    assert visitor.get(address).status_code == 401

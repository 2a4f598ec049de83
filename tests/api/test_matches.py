"""Matches by program: who sees which, how much of the explanation, and the decisions of all three sides."""

from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from contracts.models import Contract
from matching.models import Match
from needs.models import Need
from tests.api.content import error_of, fields_of
from tests.factories.accounts import UserFactory
from tests.factories.matching import MatchFactory
from tests.factories.needs import NeedFactory
from tests.factories.solutions import OutputFactory

LIST = "/api/v1/matches/"


def url(match: Match, action: str = "") -> str:
    return f"{LIST}{match.code}/{action}/" if action else f"{LIST}{match.code}/"


def confirmed(match: Match) -> Match:
    match.review, match.reviewed_at, match.confirmed_at = "confirmed", timezone.now(), timezone.now()
    match.reviewed_by = UserFactory()
    match.save()
    return match


def rejected(match: Match) -> Match:
    match.review, match.reviewed_at, match.reject_reason = "rejected", timezone.now(), "off_topic"
    match.reviewed_by = UserFactory()
    match.save()
    return match


def codes(response: Any) -> list[str]:
    return [row["code"] for row in response.json()["results"]]


# --- Who sees which --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("who", "sees"),
    [("buyer", True), ("colleague", True), ("supplier", True), ("operator", True), ("outsider", False)],
)
def test_a_match_is_seen_by_its_two_sides_and_operators(who, sees, request, api_of, match_of):
    match = match_of()
    client = api_of(request.getfixturevalue(who))
    assert codes(client.get(LIST)) == ([match.code] if sees else [])
    assert client.get(url(match)).status_code == (200 if sees else 404)


def test_visitors_see_no_match(visitor, match_of):
    match = match_of()
    for address in (LIST, url(match)):
        response = visitor.get(address)
        assert (response.status_code, error_of(response)) == (401, "not_authenticated")


def test_a_supplier_sees_a_match_once_the_need_is_published(api_of, supplier, buyer, match_of):
    match = match_of()
    Need.objects.update(state="submitted")
    assert api_of(supplier).get(url(match)).status_code == 404
    assert api_of(buyer).get(url(match)).status_code == 200


def test_a_rejected_match_is_the_operators_alone(api_of, supplier, buyer, operator, match_of):
    match = rejected(match_of())
    assert api_of(buyer).get(url(match)).status_code == 404
    assert api_of(supplier).get(url(match)).status_code == 404
    assert api_of(operator).get(url(match)).json()["reject_reason"] == "off_topic"


def test_the_text_of_an_output_that_was_taken_back_is_its_owners_again(api_of, supplier, buyer, match_of):
    match = match_of()
    match.solution.state = "withdrawn"
    match.solution.save()
    assert api_of(buyer).get(url(match)).status_code == 404
    assert codes(api_of(buyer).get(LIST)) == []
    assert api_of(supplier).get(url(match)).status_code == 200


# --- How much they read ----------------------------------------------------------------------------


@pytest.mark.parametrize("who", ["buyer", "supplier", "operator"])
def test_the_explanation_is_the_calculation(who, request, api_of, match_of):
    match = match_of()
    explanation = api_of(request.getfixturevalue(who)).get(url(match)).json()["explanation"]
    assert explanation["score"] == str(match.score)
    assert sum(Decimal(part["points"]) for part in explanation["parts"]) == match.score
    assert [row["name"] for row in explanation["indicators"]] == ["抗拉强度", "延伸率"]
    assert {row["verdict"] for row in explanation["indicators"]} == {"met"}
    pieces = explanation["need_texts"][0]["pieces"]
    assert "".join(piece["text"] for piece in pieces) == match.need.title
    assert {piece["is_shared"] for piece in pieces} == {True, False}


def test_a_supplier_reads_nothing_a_secret_could_be_guessed_from(api_of, supplier, match_of):
    match = match_of(secret=True)
    response = api_of(supplier).get(url(match))
    body, explanation = response.json(), response.json()["explanation"]
    assert body["some_hidden"] is True
    assert explanation["score"] is None
    assert {part["points"] for part in explanation["parts"]} == {None}
    for text in (response.content.decode(), api_of(supplier).get(LIST).content.decode()):
        assert "延伸率" not in text
        assert str(match.score) not in text


def test_the_posers_side_reads_everything(api_of, buyer, match_of):
    match = match_of(secret=True)
    body = api_of(buyer).get(url(match)).json()
    assert body["explanation"]["score"] == str(match.score)
    assert any("延伸率" in sentence for sentence in body["fits"])
    assert body["some_hidden"] is False


def test_a_reason_is_for_the_side_that_gave_it(api_of, buyer, supplier, match_of):
    match = match_of()
    api_of(buyer).post(url(match, "buyer-answer"), {"answer": "not_suitable", "reason": "price"}, format="json")
    assert api_of(buyer).get(url(match)).json()["buyer_reason"] == "price"
    assert api_of(supplier).get(url(match)).json()["buyer_reason"] == ""


def test_telephone_numbers_are_told_to_nobody(api_of, buyer, supplier, operator, match_of):
    match = match_of(contact_phone="0571-88001234")
    for person in (buyer, supplier, operator):
        assert "88001234" not in api_of(person).get(url(match)).content.decode()


# --- Lists -----------------------------------------------------------------------------------------


def test_lists_can_be_narrowed(api_of, buyer, match_of):
    one, other = match_of(), confirmed(match_of(title="风电主轴轴承钢接触疲劳寿命"))
    Match.objects.exclude(pk__in=[one.pk, other.pk]).delete()
    one.is_current = False
    one.save()
    client = api_of(buyer)
    for query, expected in [
        (f"need={one.need.code}", [one]),
        (f"solution={other.solution.code}", [other]),
        ("review=confirmed", [other]),
        ("current=false", [one]),
        ("current=true", [other]),
        ("need=N-999999", []),
    ]:
        assert codes(client.get(f"{LIST}?{query}")) == [match.code for match in expected], query
    assert {one.code, other.code} == set(codes(client.get(f"{LIST}?grade={one.grade}")))


def test_the_filter_of_grades_tells_a_supplier_nothing_of_secrets(api_of, supplier, buyer, operator, match_of):
    match = match_of(secret=True)
    Match.objects.update(grade="fair")  # as if the secret had lowered it
    match.refresh_from_db()
    assert match.public_grade != match.grade
    shown = api_of(supplier).get(url(match)).json()["grade"]
    for grade in ("high", "good", "fair"):
        assert codes(api_of(supplier).get(f"{LIST}?grade={grade}")) == ([match.code] if grade == shown else [])
    for person in (buyer, operator):
        assert codes(api_of(person).get(f"{LIST}?grade={match.grade}")) == [match.code]


def test_a_secret_that_was_scored_stays_one_after_the_row_is_gone(api_of, supplier, match_of):
    match = match_of(secret=True)
    match.need.indicators.exclude(level="public").delete()
    body = api_of(supplier).get(url(match)).json()
    assert (body["grade"], body["is_outdated"], body["explanation"]["parts"]) == ("none", True, [])


def test_a_supplier_asks_for_current_matches_by_what_the_public_text_finds(api_of, supplier, buyer, match_of):
    match = match_of(secret=True)
    Match.objects.update(is_current=False)  # beyond the best on the full text
    assert codes(api_of(supplier).get(f"{LIST}?current=true")) == [match.code]
    assert codes(api_of(buyer).get(f"{LIST}?current=true")) == []
    body = api_of(supplier).get(url(match)).json()
    assert (body["is_current"], body["created_at"], body["scored_at"]) == (True, None, None)
    assert api_of(buyer).get(url(match)).json()["is_current"] is False


@pytest.mark.parametrize(
    ("query", "field"), [("review=maybe", "review"), ("grade=none", "grade"), ("score=90", "score")]
)
def test_a_filter_that_means_nothing_is_an_error_at_its_name(query, field, api_of, buyer):
    response = api_of(buyer).get(f"{LIST}?{query}")
    assert (response.status_code, *fields_of(response)) == (400, field)


@pytest.mark.parametrize("number", [1, 3])
def test_a_list_asks_a_constant_number_of_queries(number, api_of, buyer, match_of, django_assert_num_queries):
    matches = [match_of(title=f"第{place}种轴承钢的接触疲劳寿命提升") for place in range(number)]
    Match.objects.exclude(pk__in=[match.pk for match in matches]).delete()
    client = api_of(buyer)
    with django_assert_num_queries(7):
        assert len(codes(client.get(LIST))) == number


# --- Decisions -------------------------------------------------------------------------------------

# action → body, who
ACTIONS = {
    "confirm": ({}, "operator"),
    "reject": ({"reason": "off_topic"}, "operator"),
    "buyer-answer": ({"answer": "interested"}, "buyer"),
    "supplier-answer": ({"answer": "not_now"}, "supplier"),
}
ANSWERED = {
    "confirm": ("review", "confirmed"),
    "reject": ("review", "rejected"),
    "buyer-answer": ("buyer_answer", "interested"),
    "supplier-answer": ("supplier_answer", "not_now"),
}


@pytest.mark.parametrize("action", ACTIONS)
def test_a_decision_is_written_and_answered_with_the_match(action, request, api_of, match_of):
    body, who = ACTIONS[action]
    match = confirmed(match_of()) if action == "supplier-answer" else match_of()
    response = api_of(request.getfixturevalue(who)).post(url(match, action), body, format="json")
    name, value = ANSWERED[action]
    assert (response.status_code, response.json()[name]) == (200, value)
    match.refresh_from_db()
    assert getattr(match, name) == value


@pytest.mark.parametrize("action", ACTIONS)
def test_a_decision_is_refused_to_everybody_else(action, request, api_of, visitor, match_of):
    body, who = ACTIONS[action]
    match = match_of()
    for other in {"buyer", "supplier", "operator", "colleague"} - {who}:
        response = api_of(request.getfixturevalue(other)).post(url(match, action), body, format="json")
        assert (response.status_code, error_of(response)) == (403, "permission_denied"), other
    assert api_of(request.getfixturevalue("outsider")).post(url(match, action), body, format="json").status_code == 404
    assert visitor.post(url(match, action), body, format="json").status_code == 401
    assert api_of(request.getfixturevalue(who)).get(url(match, action)).status_code == 405


@pytest.mark.parametrize("action", ACTIONS)
def test_a_decision_comes_too_late(action, request, api_of, match_of):
    body, who = ACTIONS[action]
    match = confirmed(match_of())
    Need.objects.update(state="withdrawn", withdrawn_at=timezone.now())
    if action == "supplier-answer":
        closed = {"closed_at": timezone.now(), "close_reason": "cancelled", "withdrawn_at": None}
        Need.objects.update(state="closed", **closed)
    response = api_of(request.getfixturevalue(who)).post(url(match, action), body, format="json")
    assert (response.status_code, error_of(response)) == (409, "wrong_state")


@pytest.mark.parametrize(
    ("action", "body", "field"),
    [
        ("reject", {}, "reason"),
        ("reject", {"reason": "ugly"}, "reason"),
        ("buyer-answer", {}, "answer"),
        ("buyer-answer", {"answer": ""}, "answer"),
        ("buyer-answer", {"answer": "not_suitable"}, "reason"),
        ("buyer-answer", {"answer": "not_suitable", "reason": "ugly"}, "reason"),
        ("supplier-answer", {"answer": "not_suitable"}, "answer"),
    ],
)
def test_a_decision_asks_for_what_it_needs(action, body, field, request, api_of, match_of):
    match = match_of()
    response = api_of(request.getfixturevalue(ACTIONS[action][1])).post(url(match, action), body, format="json")
    assert (response.status_code, *fields_of(response)) == (400, field)


def test_three_yeses_begin_contact(api_of, buyer, supplier, operator, match_of):
    match = match_of()
    api_of(operator).post(url(match, "confirm"))
    api_of(buyer).post(url(match, "buyer-answer"), {"answer": "interested"}, format="json")
    body = api_of(supplier).post(url(match, "supplier-answer"), {"answer": "interested"}, format="json").json()
    assert body["contacted_at"] is not None


def test_a_need_of_nobody_else_is_not_among_mine(api_of, buyer, match_of):
    NeedFactory(published=True)
    match = match_of()
    assert codes(api_of(buyer).get(LIST)) == [match.code]


# --- Contract --------------------------------------------------------------------------------------


@pytest.fixture
def in_contact(enterprise, university):
    need = NeedFactory(published=True, organisation=enterprise)
    return MatchFactory(in_contact=True, need=need, solution=OutputFactory(published=True, organisation=university))


def test_either_side_of_a_contact_begins_its_one_contract(api_of, buyer, supplier, in_contact):
    for person in (buyer, supplier):
        begun = api_of(person).post(url(in_contact, "contract"), {}, format="json")
        assert (begun.status_code, begun.json()["code"]) == (201, Contract.objects.get().code)
        assert api_of(person).get(f"/api/v1/contracts/{begun.json()['code']}/").json()["code"] == begun.json()["code"]


def test_nobody_else_begins_a_contract(api_of, visitor, colleague, operator, outsider, in_contact):
    for person, status in ((colleague, 403), (operator, 403), (outsider, 404)):
        assert api_of(person).post(url(in_contact, "contract"), {}, format="json").status_code == status
    assert visitor.post(url(in_contact, "contract"), {}, format="json").status_code == 401
    assert not Contract.objects.exists()


def test_there_is_no_contract_before_contact(api_of, buyer, match_of):
    response = api_of(buyer).post(url(confirmed(match_of()), "contract"), {}, format="json")
    assert (response.status_code, error_of(response)) == (409, "wrong_state")

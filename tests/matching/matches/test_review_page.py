"""The operator's review: the list, the decisions in place and without JavaScript. Keys are told in the journeys."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.audit import AuditEvent
from accounts.models import User
from matching.models import Match
from tests.factories.matching import MatchFactory
from tests.factories.needs import NeedFactory, NeedIndicatorFactory
from tests.factories.solutions import OutputFactory

pytestmark = pytest.mark.django_db

HTMX = {"HX-Request": "true"}
Login = Callable[[User], Client]
URL = "/matches/review/"


@pytest.fixture
def client(client_of: Login, operator: User) -> Client:
    return client_of(operator)


def match_of(title: str, **fields: Any) -> Match:
    return MatchFactory(need=NeedFactory(published=True, title=title), **fields)


def page(client: Client, query: str = "") -> str:
    return client.get(f"{URL}{query}").content.decode()


def decide(client: Client, match: Match, verb: str, /, query: str = "", **data: Any) -> Any:
    headers = data.pop("headers", HTMX)
    return client.post(reverse(f"matching:match-{verb}", args=[match.code]) + query, data, headers=headers)


def test_unreviewed_matches_of_published_needs_best_first(client: Client) -> None:
    match_of("甲需求", score=30)
    match_of("乙需求", score=60)
    match_of("丙需求", confirmed=True)
    match_of("丁需求", is_current=False)
    html = page(client)
    assert html.index("乙需求") < html.index("甲需求")
    assert "丙需求" not in html
    assert "丁需求" not in html


def test_needs_in_review_have_a_list_of_their_own(client: Client) -> None:
    match = MatchFactory(need=NeedFactory(submitted=True, title="在审需求"))
    assert "在审需求" not in page(client)
    html = page(client, "?queue=early")
    assert "在审需求" in html
    assert "先审核需求" in html
    assert reverse("matching:match-confirm", args=[match.code]) not in html


def test_filters_narrow_the_list(client: Client) -> None:
    MatchFactory(need=NeedFactory(published=True, title="甲需求", industry="C34"), grade="high")
    MatchFactory(need=NeedFactory(published=True, title="乙需求", industry="C26"), grade="fair")
    by_industry, by_grade = page(client, "?industry=C26"), page(client, "?grade=high")
    assert "乙需求" in by_industry
    assert "甲需求" not in by_industry
    assert "甲需求" in by_grade
    assert "乙需求" not in by_grade
    assert "没有符合条件的匹配" in page(client, "?industry=C26&grade=high")


def test_a_value_nobody_offers_is_ignored(client: Client) -> None:
    match_of("甲需求")
    assert "甲需求" in page(client, "?industry=nonsense&grade=99")


def test_an_empty_list_says_what_comes_next(client: Client) -> None:
    assert "全部审完了" in page(client)
    assert "没有在审需求的匹配" in page(client, "?queue=early")


def test_confirming_takes_the_card_away_and_counts_down(client: Client, operator: User) -> None:
    match, _other = match_of("甲需求"), match_of("乙需求")
    html = decide(client, match, "confirm").content.decode()
    assert "<li" not in html
    assert '<span id="review-left" class="sh-num" hx-swap-oob="true">1</span>' in html
    match.refresh_from_db()
    assert (match.review, match.reviewed_by) == ("confirmed", operator)


def test_the_counter_knows_the_filters_of_the_list(client: Client) -> None:
    match = MatchFactory(need=NeedFactory(published=True, industry="C34"))
    MatchFactory(need=NeedFactory(published=True, industry="C34"))
    MatchFactory(need=NeedFactory(published=True, industry="C26"))
    html = decide(client, match, "confirm", "?industry=C34").content.decode()
    assert 'hx-swap-oob="true">1</span>' in html


def test_rejecting_keeps_the_reason(client: Client) -> None:
    match = match_of("甲需求")
    assert "<li" not in decide(client, match, "reject", reason="too_early").content.decode()
    match.refresh_from_db()
    assert (match.review, match.reject_reason) == ("rejected", "too_early")


def test_rejecting_without_a_reason_is_said_on_the_card(client: Client) -> None:
    match = match_of("甲需求")
    html = decide(client, match, "reject").content.decode()
    assert "请选择一个原因" in html
    assert "data-card" in html
    match.refresh_from_db()
    assert match.review == "unreviewed"


def test_without_javascript_decisions_lead_back_to_the_list(client: Client) -> None:
    match, other = match_of("甲需求"), match_of("乙需求")
    back = {"Referer": f"http://testserver{URL}"}
    for response in (
        decide(client, match, "confirm", headers=back),
        decide(client, other, "reject", reason="price", headers=back),
    ):
        assert response.status_code == 302
        assert response["Location"].endswith(URL)
    assert "已排除。" in page(client)


def test_without_javascript_a_missing_reason_is_said_on_the_page_of_the_match(client: Client) -> None:
    response = decide(client, match_of("甲需求"), "reject", headers={})
    assert response.status_code == 422
    assert "请选择一个原因" in response.content.decode()


def test_a_second_decision_changes_nothing_and_says_so(client: Client) -> None:
    match = match_of("甲需求")
    decide(client, match, "confirm")
    html = decide(client, match, "confirm").content.decode()
    assert "当前状态不允许此操作" in html
    assert "已确认" in html
    assert AuditEvent.objects.count() == 1


def test_a_match_of_a_need_in_review_is_not_confirmed(client: Client) -> None:
    match = MatchFactory(need=NeedFactory(submitted=True))
    assert "请先完成需求审核" in decide(client, match, "confirm").content.decode()
    response = decide(client, match, "confirm", headers={"Referer": f"http://testserver{URL}"})
    assert response.status_code == 302


def test_the_explanation_opens_in_the_list(client: Client) -> None:
    match = match_of("甲需求")
    html = client.get(match.get_absolute_url(), headers=HTMX).content.decode()
    assert "明显相符" in html
    assert "<html" not in html


@pytest.mark.parametrize("person", ["buyer", "supplier", "outsider", "newcomer"])
def test_only_operators_open_the_list(client_of: Login, person: str, request: pytest.FixtureRequest) -> None:
    response = client_of(request.getfixturevalue(person)).get(URL)
    assert response.status_code == 403
    assert "只有平台运营人员" in response.content.decode()
    assert reverse("dashboards:desk") in response.content.decode()


@pytest.mark.parametrize("verb", ["confirm", "reject"])
def test_who_may_not_decide(client_of: Login, buyer: User, enterprise: Any, outsider: User, verb: str) -> None:
    match = MatchFactory(need=NeedFactory(published=True, organisation=enterprise))
    assert decide(client_of(buyer), match, verb, reason="price", headers={}).status_code == 403
    assert decide(client_of(outsider), match, verb, reason="price", headers={}).status_code == 404
    match.refresh_from_db()
    assert match.review == "unreviewed"


@pytest.mark.parametrize("verb", ["confirm", "reject"])
def test_decisions_are_posted(client: Client, verb: str) -> None:
    assert client.get(reverse(f"matching:match-{verb}", args=[match_of("甲需求").code])).status_code == 405
    assert client.post(URL).status_code == 405


@pytest.mark.parametrize("number", [1, 3])
def test_the_list_costs_the_same_queries_for_one_and_three(
    client: Client, number: int, django_assert_num_queries: Callable
) -> None:
    for _match in range(number):
        need = NeedFactory(published=True)
        NeedIndicatorFactory(need=need)
        MatchFactory(need=need, solution=OutputFactory(published=True))
    with django_assert_num_queries(9):
        client.get(URL)

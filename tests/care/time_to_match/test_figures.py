"""The clock of needs: which moments count, what is censored when, and one query for all of it."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from accounts.models import Organisation, User
from care.time_to_match.figures import (
    Event,
    Outcome,
    counted,
    narrowed,
    report_of,
    time_to_match_of,
)
from challenges.models import Bid, Challenge
from contracts.models import Contract
from needs.models import Need
from tests.factories.accounts import OrganisationFactory, UserFactory
from tests.factories.matching import MatchFactory
from tests.factories.needs import NeedFactory
from tests.factories.solutions import OutputFactory

pytestmark = pytest.mark.django_db

START = datetime(2026, 3, 1, 9, tzinfo=UTC)
NOW = START + timedelta(days=100)
HTMX = {"HX-Request": "true"}


def day(number: float) -> datetime:
    return START + timedelta(days=number)


def need_of(**fields: Any) -> Need:
    """Submitted at START, published a day later."""
    dates = {"submitted_at": START, "published_at": day(1)}
    return NeedFactory(**{"published": True, **dates, **fields})


def ended(state: str, at: datetime, reason: str = "") -> dict[str, Any]:
    if state == "withdrawn":
        return {"published": False, "declared": True, "state": "withdrawn", "withdrawn_at": at}
    return {"published": False, "closed": True, "closed_at": at, "close_reason": reason}


def contact(need: Need, at: datetime, *, confirmed_at: datetime | None = None) -> Any:
    return MatchFactory(in_contact=True, need=need, contacted_at=at, confirmed_at=confirmed_at or at)


def award(need: Need, at: datetime, *, state: str = "awarded") -> Bid:
    challenge = Challenge.objects.create(
        need=need, mode="first_claim", created_by=UserFactory(), round=need.challenges.count() + 1
    )
    answered = {"answered_at": at, "answer": "示例答复", "reason": "" if state == "awarded" else "better_bid"}
    return Bid.objects.create(
        challenge=challenge,
        organisation=OrganisationFactory(university=True),
        state=state,
        created_by=UserFactory(),
        submitted_at=at,
        submitted_by=UserFactory(),
        **(answered if state in ("awarded", "declined") else {}),
    )


def contract(need: Need, *, signed_at: datetime | None = None, accepted_at: datetime | None = None) -> Contract:
    person = UserFactory()
    fields: dict[str, Any] = {"state": "draft"}
    if signed_at:
        fields = {
            "state": "signed",
            "signed_at": signed_at,
            "buyer_confirmed_at": signed_at,
            "buyer_confirmed_by": person,
            "supplier_confirmed_at": signed_at,
            "supplier_confirmed_by": person,
            "kind": "service",
            "payment_mode": "lump_sum",
            "rights_owner": "buyer",
        }
    if accepted_at:
        fields |= {"state": "accepted", "accepted_at": accepted_at, "accepted_by": person}
    return Contract.objects.create(
        need=need,
        supplier=OrganisationFactory(university=True),
        title="示例合同",
        created_by=person,
        **fields,
    )


def days(need: Need) -> dict[str, float]:
    """Event → days since 提交, of those that happened."""
    found = time_to_match_of(need, at=NOW)
    assert found is not None
    return {event.value: round(found.times.days(event) or 0.0, 3) for event in found.times.events}


# --- which moments count -------------------------------------------------------------------------------------------


def test_every_moment_is_the_earliest_of_its_kind_and_counts_from_submitting() -> None:
    need = need_of()
    contact(need, day(12), confirmed_at=day(9))
    contact(need, day(8.5), confirmed_at=day(5))
    contract(need, signed_at=day(40), accepted_at=day(90))
    contract(need, signed_at=day(30), accepted_at=day(95))
    assert days(need) == {"published": 1, "candidate": 5, "contact": 8.5, "signed": 30, "accepted": 90}


def test_a_draft_has_no_clock() -> None:
    draft = NeedFactory()
    assert time_to_match_of(draft, at=NOW) is None
    assert report_of(Need.objects.all(), at=NOW).n == 0


def test_a_match_nobody_confirmed_is_no_qualified_candidate() -> None:
    need = need_of()
    MatchFactory(need=need)
    MatchFactory(rejected=True, need=need, solution=OutputFactory(published=True))
    assert days(need) == {"published": 1}


def test_an_award_is_contact_too_and_the_earlier_of_both_counts() -> None:
    awarded_first, met_first = need_of(), need_of()
    award(awarded_first, day(6))
    contact(awarded_first, day(20))
    contact(met_first, day(4))
    award(met_first, day(6))
    assert days(awarded_first)["contact"] == 6
    assert days(met_first)["contact"] == 4


@pytest.mark.parametrize("state", ["submitted", "declined"])
def test_a_bid_that_won_nothing_is_no_contact(state: str) -> None:
    need = need_of()
    award(need, day(6), state=state)
    assert "contact" not in days(need)


def test_a_claim_that_was_offered_is_contact_once_the_poser_has_taken_it() -> None:
    """Refused, it would never have been one: the clock does not run backwards."""
    need = need_of()
    bid = award(need, day(6))
    bid.offered_at, bid.refusable_until = day(6), day(11)
    bid.save()
    assert "contact" not in days(need)
    bid.answered_at, bid.refusable_until = day(8), None
    bid.save()
    assert days(need)["contact"] == 8


def test_a_draft_of_a_contract_signs_nothing() -> None:
    need = need_of()
    contract(need)
    assert "signed" not in days(need)


def test_what_comes_later_than_asked_has_not_happened_yet() -> None:
    need = need_of()
    contact(need, day(8))
    report = report_of(Need.objects.all(), at=day(7))
    measure = report.measure(Event.CONTACT)
    assert (measure.n, measure.observed) == (1, 0)
    assert report.rows[0].watched(Event.CONTACT, at=day(7)) == (7, False)
    assert report_of(Need.objects.all(), at=START - timedelta(days=1)).n == 0


# --- censoring -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fields", "watched"),
    [
        ({}, 100),
        (ended("withdrawn", day(20)), 20),
        (ended("closed", day(30), "solved_elsewhere"), 30),
        (ended("closed", day(30), "expired"), 30),
        (ended("closed", day(30), "cancelled"), 30),
        (ended("closed", day(30), "solved_here"), 30),
    ],
)
def test_a_need_that_did_not_get_so_far_is_censored_and_never_a_success(fields: dict, watched: float) -> None:
    need_of(**fields)
    report = report_of(Need.objects.all(), at=NOW)
    assert report.rows[0].watched(Event.CONTACT, at=NOW) == (watched, False)
    measure = report.measure(Event.CONTACT)
    assert (measure.n, measure.observed, measure.censored, measure.median) == (1, 0, 1, None)


def test_what_happened_before_a_need_ended_counts() -> None:
    need = need_of(**ended("closed", day(30), "expired"))
    contact(need, day(10))
    measure = report_of(Need.objects.all(), at=NOW).measure(Event.CONTACT)
    assert (measure.observed, measure.median) == (1, 10)


def test_the_unfinished_lengthen_the_median_and_a_p90_may_not_be_reached() -> None:
    for number in (10, 20, 30):
        contact(need_of(), day(number))
    for _ in range(2):
        need_of()
    measure = report_of(Need.objects.all(), at=NOW).measure(Event.CONTACT)
    assert (measure.n, measure.observed, measure.censored) == (5, 3, 2)
    assert measure.median == 30  # of those that finished alone it would be 20
    assert measure.p90 is None


def test_the_withdrawn_are_taken_out_when_they_went_not_before() -> None:
    contact(need_of(), day(10))
    contact(need_of(), day(50))
    need_of(**ended("withdrawn", day(20)))
    measure = report_of(Need.objects.all(), at=NOW).measure(Event.CONTACT)
    assert [(step.time, step.at_risk) for step in measure.curve.steps] == [(10, 3), (20, 2), (50, 1)]
    assert measure.median == 50


# --- groups, filters, drill-down -----------------------------------------------------------------------------------


def test_groups_are_by_industry_and_province() -> None:
    for code, region in (("C34", "310115"), ("C34", "330106"), ("C26", "330200"), ("", "")):
        need_of(industry=code, region_code=region)
    report = report_of(Need.objects.all(), at=NOW)

    def sizes(groups: list) -> dict[str, int]:
        return {name: measure.n for name, measure in groups}

    assert sizes(report.by_industry(Event.CONTACT)) == {"C34": 2, "": 1, "C26": 1}
    assert sizes(report.by_region(Event.CONTACT)) == {"330000": 2, "": 1, "310000": 1}


@pytest.mark.parametrize(
    ("narrow", "number"),
    [
        ({"industry": "C34"}, 1),
        ({"industry": "C"}, 2),
        ({"region": "330000"}, 2),
        ({"region": "330100"}, 1),
        ({"region": "330106"}, 1),
        ({"region": "110000"}, 0),
        ({"region": "unstated"}, 1),
        ({"industry": "unstated"}, 1),
        ({"industry": "unstated", "region": "310000"}, 0),
        ({}, 4),
    ],
)
def test_filters_take_a_section_or_division_and_any_step_of_a_region(narrow: dict, number: int) -> None:
    for code, region in (("C34", "310115"), ("C26", "330106"), ("M74", "330200"), ("", "")):
        need_of(industry=code, region_code=region)
    assert report_of(narrowed(Need.objects.all(), **narrow), at=NOW).n == number


def test_filters_take_an_organisation(enterprise: Organisation) -> None:
    mine = need_of(organisation=enterprise)
    need_of()
    assert [row.pk for row in report_of(narrowed(Need.objects.all(), organisation=enterprise), at=NOW).rows] == [
        mine.pk
    ]


def test_every_number_leads_to_the_needs_it_counts_the_longest_wait_first() -> None:
    quick, slow, waiting = need_of(), need_of(), need_of()
    gone = need_of(**ended("withdrawn", day(20)))
    contact(quick, day(3))
    contact(slow, day(60))
    NeedFactory()
    measure = report_of(Need.objects.all(), at=NOW).measure(Event.CONTACT)

    def found(outcome: str) -> list[Need]:
        return list(counted(Need.objects.all(), event=Event.CONTACT, outcome=outcome, at=NOW))

    assert found(Outcome.ALL) == [waiting, slow, gone, quick]
    assert found(Outcome.REACHED) == [slow, quick]
    assert found(Outcome.CENSORED) == [waiting, gone]
    assert [len(found(outcome)) for outcome in Outcome] == [measure.n, measure.observed, measure.censored]
    assert [need.waited.days for need in found(Outcome.ALL)] == [100, 60, 20, 3]


def test_the_chart_rises_as_needs_get_there_and_ends_where_nobody_was_watched_any_longer() -> None:
    contact(need_of(), day(2))
    need_of(**ended("withdrawn", day(4)))
    rows = report_of(Need.objects.all(), at=NOW).chart_rows([Event.CONTACT, Event.PUBLISHED])
    assert rows == [[0, 0, 0], [1, 0, 100], [2, 50, None], [3, 50, None], [4, 50, None]]


def test_a_long_curve_is_thinned() -> None:
    contact(need_of(), day(99))
    need_of(submitted_at=day(-900), published_at=day(-899))
    rows = report_of(Need.objects.all(), at=NOW).chart_rows([Event.CONTACT])
    assert len(rows) <= 122
    assert rows[-1][0] >= 1000
    assert rows[-1][1] == 50


@pytest.mark.parametrize("number", [1, 3])
def test_one_query_for_any_number_of_needs(number: int, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    for _ in range(number):
        contact(need_of(usual_search_days=90), day(5))
    with django_assert_num_queries(1):
        report = report_of(Need.objects.all(), at=NOW)
        assert report.n == number
        assert report.search is not None
        report.by_industry(Event.CONTACT)


# --- against what the enterprise was used to -----------------------------------------------------------------------


def test_the_change_compares_first_contact_with_what_such_a_search_took_before() -> None:
    need = need_of(usual_search_days=40)
    contact(need, day(10))
    found = time_to_match_of(need, at=NOW)
    assert found is not None
    assert found.search is not None
    assert (found.search.usual, found.search.days, found.search.percent) == (40, 10, 75)


def test_nothing_is_claimed_of_a_search_that_goes_on() -> None:
    found = time_to_match_of(need_of(usual_search_days=40), at=day(7))
    assert found is not None
    assert found.search is not None
    assert (found.search.is_over, found.search.days) == (False, 7)


@pytest.mark.parametrize("usual", [None, 0])
def test_without_a_stated_number_there_is_nothing_to_compare(usual: int | None) -> None:
    found = time_to_match_of(need_of(usual_search_days=usual), at=NOW)
    assert found is not None
    assert found.search is None
    assert report_of(Need.objects.all(), at=NOW).search is None


def test_over_many_needs_like_is_compared_with_like() -> None:
    for usual, number in ((60, 30), (80, 20), (100, 10)):
        contact(need_of(usual_search_days=usual), day(number))
    contact(need_of(), day(1))  # says nothing of before: not in the comparison
    search = report_of(Need.objects.all(), at=NOW).search
    assert search is not None
    assert (search.n, search.usual, search.now) == (3, 80, 20)
    assert search.change is not None
    assert search.change.percent == 75


def test_a_median_not_reached_is_no_improvement() -> None:
    need_of(usual_search_days=60)
    search = report_of(Need.objects.all(), at=NOW).search
    assert search is not None
    assert (search.now, search.change) == (None, None)


# --- the fragment of the need's page -------------------------------------------------------------------------------


def page(client: Client, need: Need) -> Any:
    return client.get(reverse("care:clock-of-need", args=[need.code]), headers=HTMX)


@pytest.mark.parametrize(
    ("who", "status"),
    [("buyer", 200), ("colleague", 200), ("operator", 200), ("supplier", 404), ("outsider", 404), ("newcomer", 404)],
)
def test_only_insiders_read_the_clock_of_a_need(
    who: str, status: int, request: pytest.FixtureRequest, enterprise: Organisation, client_of: Callable[[User], Client]
) -> None:
    need = need_of(organisation=enterprise)
    assert page(client_of(request.getfixturevalue(who)), need).status_code == status


def test_the_fragment_names_every_event_with_its_days(
    buyer: User, enterprise: Organisation, client_of: Callable[[User], Client]
) -> None:
    need = need_of(organisation=enterprise, usual_search_days=40)
    contact(need, day(10))
    html = page(client_of(buyer), need).content.decode()
    for words in ("提交", "发布", "首个合格候选", "首次接触", "签约", "验收", "10 天", "以往需 40 天", "缩短 75%"):
        assert words in html


def test_the_fragment_says_how_long_it_has_been_running(
    buyer: User, enterprise: Organisation, client_of: Callable[[User], Client]
) -> None:
    html = page(client_of(buyer), need_of(organisation=enterprise, usual_search_days=4000)).content.decode()
    assert "本次已用" in html
    assert "缩短" not in html


def test_a_search_that_took_longer_is_said_to_have(
    buyer: User, enterprise: Organisation, client_of: Callable[[User], Client]
) -> None:
    need = need_of(organisation=enterprise, usual_search_days=10)
    contact(need, day(15))
    assert "延长 50%" in page(client_of(buyer), need).content.decode()


def test_a_draft_has_no_fragment(buyer: User, enterprise: Organisation, client_of: Callable[[User], Client]) -> None:
    assert page(client_of(buyer), NeedFactory(organisation=enterprise)).status_code == 404

"""The page of the clock: whose needs it counts, that its numbers lead to their needs, and the file."""

import csv
import io
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from accounts.models import Organisation, User
from needs.models import Need
from tests.factories.accounts import MembershipFactory, OrganisationFactory
from tests.factories.matching import MatchFactory
from tests.factories.needs import NeedFactory

pytestmark = pytest.mark.django_db

ClientOf = Callable[[User], Client]
CLOCK, NEEDS, EXPORT = (reverse(f"dashboards:{name}") for name in ("clock", "clock-needs", "clock-export"))


def need_of(*, contact_after: float | None = None, days_ago: float = 50, **fields: Any) -> Need:
    submitted = timezone.now() - timedelta(days=days_ago)
    need = NeedFactory(published=True, submitted_at=submitted, published_at=submitted + timedelta(days=1), **fields)
    if contact_after is not None:
        met = submitted + timedelta(days=contact_after)
        MatchFactory(in_contact=True, need=need, confirmed_at=met, contacted_at=met)
    return need


def text(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return answer.content.decode()


def row(html: str, head: str) -> list[str]:
    """The cells of the first table row with this head, without tags."""
    found = re.search(rf'<th scope="row">{re.escape(head)}</th>(.*?)</tr>', html, re.S)
    assert found, f"no row “{head}”"
    return [re.sub(r"<[^>]*>", "", cell).strip() for cell in re.findall(r"<td.*?</td>", found[1], re.S)]


# --- whose needs ---------------------------------------------------------------------------------------------------


def test_an_operator_counts_every_need(operator: User, client_of: ClientOf) -> None:
    for number in (10, 20, 30):
        need_of(contact_after=number)
    NeedFactory()
    html = text(client_of(operator), CLOCK)
    assert row(html, "首次接触") == ["3", "3", "0", "20", "30"]
    assert row(html, "发布") == ["3", "3", "0", "1", "1"]
    assert row(html, "签约") == ["3", "0", "3", "尚未达到", "尚未达到"]


def test_an_enterprise_counts_its_own_needs_only(buyer: User, enterprise: Organisation, client_of: ClientOf) -> None:
    mine = need_of(contact_after=10, organisation=enterprise)
    others = need_of(contact_after=30)
    client = client_of(buyer)
    assert row(text(client, CLOCK), "首次接触") == ["1", "1", "0", "10", "10"]
    assert row(text(client, f"{CLOCK}?organisation={others.organisation.code}"), "首次接触")[0] == "1"
    for address in (NEEDS, EXPORT):
        page = text(client, f"{address}?organisation={others.organisation.code}")
        assert mine.code in page
        assert others.code not in page


def test_the_organisations_of_others_are_not_offered(
    buyer: User, enterprise: Organisation, client_of: ClientOf
) -> None:
    need_of(organisation=enterprise)
    stranger = need_of(organisation=OrganisationFactory(name="示例别家有限公司"))
    assert stranger.organisation.name not in text(client_of(buyer), CLOCK)


@pytest.mark.parametrize("who", ["supplier", "newcomer", "government"])
def test_who_poses_nothing_has_no_figures(who: str, request: pytest.FixtureRequest, client_of: ClientOf) -> None:
    need = need_of(contact_after=3)
    if who == "government":
        person = MembershipFactory(organisation=OrganisationFactory(kind="government")).user
    else:
        person = request.getfixturevalue(who)
    client = client_of(person)
    assert "还没有提交过需求" in text(client, CLOCK)
    assert need.code not in text(client, NEEDS)
    assert need.code not in text(client, EXPORT)


def test_a_visitor_is_asked_to_log_in(client: Client) -> None:
    assert [client.get(address).status_code for address in (CLOCK, NEEDS, EXPORT)] == [302] * 3


def test_it_is_read_only(operator: User, client_of: ClientOf) -> None:
    client = client_of(operator)
    assert [client.post(address).status_code for address in (CLOCK, NEEDS, EXPORT)] == [405] * 3


# --- figures and what is behind them -------------------------------------------------------------------------------


def test_every_number_leads_to_as_many_needs(operator: User, client_of: ClientOf) -> None:
    need_of(contact_after=10, industry="C34", region_code="310115")
    need_of(industry="C34", region_code="330106")
    need_of(industry="", region_code="")
    client = client_of(operator)
    html = text(client, CLOCK)
    links = re.findall(r'<td class="sh-num-cell"><a href="([^"]+)">(\d+)</a></td>', html)
    assert len(links) >= 3 * (5 + 2 + 3)
    for address, number in links:
        page = text(client, address.replace("&amp;", "&"))
        current = re.search(r'aria-current="page">[^<]*<span[^>]*>(\d+)', page)
        assert current, address
        assert current[1] == number, address


def test_the_filters_narrow_figures_and_file(operator: User, client_of: ClientOf) -> None:
    steel = need_of(contact_after=10, industry="C34", region_code="310115")
    chemistry = need_of(contact_after=30, industry="C26", region_code="330106")
    client = client_of(operator)
    for query in ("industry=C34", "region=310000", f"organisation={steel.organisation.code}"):
        assert row(text(client, f"{CLOCK}?{query}"), "首次接触")[0] == "1"
        file = text(client, f"{EXPORT}?{query}")
        assert steel.code in file
        assert chemistry.code not in file
    assert row(text(client, f"{CLOCK}?industry=C"), "首次接触")[0] == "2"


def test_the_tables_by_industry_and_region_are_of_the_event_chosen(operator: User, client_of: ClientOf) -> None:
    need_of(contact_after=10, industry="C34", region_code="310115")
    client = client_of(operator)
    assert row(text(client, CLOCK), "通用设备制造业")[3] == "10"
    assert row(text(client, f"{CLOCK}?event=published"), "通用设备制造业")[3] == "1"
    assert row(text(client, f"{CLOCK}?event=nonsense"), "上海市")[3] == "10"


def test_the_list_says_how_long_each_waited(operator: User, client_of: ClientOf) -> None:
    need_of(contact_after=10)
    need_of(days_ago=30)
    gone = need_of(days_ago=40)
    Need.objects.filter(pk=gone.pk).update(state="withdrawn", withdrawn_at=gone.submitted_at + timedelta(days=7))
    page = text(client_of(operator), f"{NEEDS}?event=contact")
    for words in ("用 10 天", "已 30 天，尚未到达", "7 天后撤回或关闭，未到达"):
        assert words in page


def test_the_page_compares_with_what_posers_were_used_to(
    buyer: User, enterprise: Organisation, client_of: ClientOf
) -> None:
    need_of(contact_after=10, usual_search_days=40, organisation=enterprise)
    assert "以往需 40 天（中位数），在平台上 10 天，缩短 75%" in text(client_of(buyer), CLOCK)


def test_nothing_found_by_the_filters_is_said(operator: User, client_of: ClientOf) -> None:
    need_of(industry="C34")
    assert "没有符合条件的需求" in text(client_of(operator), f"{CLOCK}?industry=A01")


# --- the file ------------------------------------------------------------------------------------------------------


def test_the_file_has_a_line_per_need_with_its_moments_and_days(operator: User, client_of: ClientOf) -> None:
    met = need_of(contact_after=10, usual_search_days=40)
    waiting = need_of()
    answer = client_of(operator).get(EXPORT)
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    assert answer["Content-Disposition"].startswith('attachment; filename="clock-')
    lines = {line["编号"]: line for line in csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig")))}
    assert set(lines) == {met.code, waiting.code}
    assert (lines[met.code]["首次接触（天）"], lines[met.code]["以往用时（天）"]) == ("10.0", "40")
    assert lines[met.code]["提交"] == f"{timezone.localtime(met.submitted_at):%Y-%m-%d %H:%M}"
    assert (lines[waiting.code]["首次接触"], lines[waiting.code]["首次接触（天）"]) == ("", "")


def test_a_title_is_no_formula_in_a_spreadsheet(operator: User, client_of: ClientOf) -> None:
    need_of(title="=HYPERLINK(1)")
    assert "'=HYPERLINK(1)" in text(client_of(operator), EXPORT)


# --- on the desks --------------------------------------------------------------------------------------------------


def test_the_clock_stands_on_the_desk_of_a_poser_and_of_an_operator(
    buyer: User, operator: User, enterprise: Organisation, client_of: ClientOf
) -> None:
    need_of(contact_after=10, organisation=enterprise)
    need_of(contact_after=20)
    need_of(contact_after=20)
    desk = reverse("dashboards:desk")
    for person, days in ((buyer, "10 天"), (operator, "20 天")):
        page = text(client_of(person), desk)
        assert CLOCK in page
        assert re.search(rf"到首次接触，中位数</dt><dd><a[^>]*>{days}</a>", page)


def test_a_desk_without_submitted_needs_has_no_clock(buyer: User, client_of: ClientOf) -> None:
    assert CLOCK not in text(client_of(buyer), reverse("dashboards:desk"))


@pytest.mark.parametrize(("address", "number_of_queries"), [(CLOCK, 6), (NEEDS, 10), (EXPORT, 4)])
@pytest.mark.parametrize("number", [1, 3])
def test_a_constant_number_of_queries(
    number: int,
    address: str,
    number_of_queries: int,
    operator: User,
    client_of: ClientOf,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    for _ in range(number):
        need_of(contact_after=5)
    client = client_of(operator)
    with django_assert_num_queries(number_of_queries):
        client.get(address)

"""The first page: what is open now, for everybody."""

import re

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from dashboards.views import _by_industry
from tests.factories.needs import NeedFactory
from tests.factories.solutions import OutputFactory

pytestmark = pytest.mark.django_db
HOME = reverse("dashboards:home")


def figures(page: str) -> list[str]:
    return re.findall(r'sh-kpi-value">\s*(\d+)', page)


def test_a_visitor_sees_the_newest_public_needs_and_outputs(client: Client) -> None:
    need, output = NeedFactory(published=True), OutputFactory(published=True)
    page = client.get(HOME).content.decode()
    assert need.title in page
    assert output.title in page


def test_what_is_not_public_is_neither_shown_nor_counted(client: Client) -> None:
    hidden = [NeedFactory(), NeedFactory(submitted=True), OutputFactory(), OutputFactory(submitted=True)]
    page = client.get(HOME).content.decode()
    assert not any(thing.title in page for thing in hidden)
    assert figures(page)[:2] == ["0", "0"]


def test_closed_needs_are_counted_apart_from_open_ones(client: Client) -> None:
    NeedFactory.create_batch(2, published=True)
    NeedFactory(closed=True)
    page = client.get(HOME).content.decode()
    assert figures(page)[0] == "2"
    assert "另有 1 项已关闭" in page


def test_with_nothing_open_it_says_what_to_do_and_draws_no_chart(client: Client) -> None:
    page = client.get(HOME).content.decode()
    assert "还没有公开的需求" in page
    assert "还没有公开的成果" in page
    assert "data-chart" not in page


def test_the_figure_counts_an_output_in_each_of_its_industries() -> None:
    NeedFactory(published=True, industry="C31")
    OutputFactory(published=True, industries=["C31", "C34"])
    OutputFactory(published=True, industries=["C34"])
    OutputFactory(industries=["C34"])
    rows = {name: (needs, outputs) for name, needs, outputs in _by_industry()["rows"]}
    assert list(rows.values()) == [(1, 1), (0, 2)]


def test_titles_are_shown_as_text(client: Client) -> None:
    NeedFactory(published=True, title="<script>alert(1)</script>")
    page = client.get(HOME).content.decode()
    assert "<script>alert(1)" not in page
    assert "&lt;script&gt;alert(1)" in page


@pytest.mark.parametrize("number", [1, 3])
def test_a_constant_number_of_queries(
    number: int, client: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    NeedFactory.create_batch(number, published=True)
    OutputFactory.create_batch(number, published=True)
    with django_assert_num_queries(10):
        client.get(HOME)


def test_it_is_read_only(client: Client) -> None:
    assert client.post(HOME).status_code == 405

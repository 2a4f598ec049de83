"""The public catalogue: what is in it, what narrows it, how many queries it takes."""

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from tests.factories.accounts import OrganisationFactory
from tests.factories.solutions import OutputFactory

pytestmark = pytest.mark.django_db
URL = reverse("solutions:list")
ClientOf = Callable[[User], Client]


def titles(client: Client, **filters: str) -> list[str]:
    return [row["solution"].title for row in client.get(URL, filters).context["rows"]]


def test_visitors_see_what_is_published_and_nothing_else(client: Client) -> None:
    OutputFactory(title="公开的", published=True)
    OutputFactory(title="草稿")
    OutputFactory(title="待审核的", submitted=True)
    assert titles(client) == ["公开的"]


def test_the_newest_publication_comes_first(client: Client) -> None:
    for number in range(3):
        OutputFactory(title=f"第{number}项", published=True)
    assert titles(client) == ["第2项", "第1项", "第0项"]


@pytest.mark.parametrize(
    ("name", "value", "found"),
    [
        ("industry", "C27", "合适的"),
        ("maturity", "mass_production", "合适的"),
        ("transfer_mode", "equity", "合适的"),
        ("rights_status", "granted", "合适的"),
        ("region", "330000", "合适的"),
    ],
)
def test_each_filter_narrows_the_list(client: Client, name: str, value: str, found: str) -> None:
    OutputFactory(
        title="合适的",
        published=True,
        industries=["C27", "C34"],
        trl_min=7,
        trl_max=8,
        transfer_modes=["equity"],
        rights_status="granted",
        region_code="330106",
    )
    OutputFactory(title="别的", published=True, trl_min=1, trl_max=3)
    assert titles(client, **{name: value}) == [found]


def test_the_list_of_one_organisation(client: Client) -> None:
    mine = OrganisationFactory(university=True)
    OutputFactory(title="这家的", organisation=mine, published=True)
    OutputFactory(title="别家的", published=True)
    assert titles(client, organisation=mine.code) == ["这家的"]


def test_an_organisation_without_public_outputs_is_not_offered(client: Client) -> None:
    draft = OutputFactory()
    choices = client.get(URL).context["form"].fields["organisation"].queryset
    assert draft.organisation not in choices


def test_a_filter_nobody_offered_narrows_nothing_and_is_named(client: Client) -> None:
    OutputFactory(published=True)
    page = client.get(URL, {"maturity": "perfect", "organisation": "O-NOBODY", "page": "many"})
    assert len(page.context["rows"]) == 1
    assert set(page.context["form"].errors) == {"maturity", "organisation"}


def test_the_list_comes_in_pages_that_keep_the_filters(client: Client) -> None:
    for _number in range(21):
        OutputFactory(published=True, rights_status="granted")
    page = client.get(URL, {"rights_status": "granted", "page": "2"})
    assert len(page.context["rows"]) == 1
    assert "?rights_status=granted&amp;page=1" in page.content.decode()


def test_searching_is_handed_to_the_search_page_on_the_side_of_outputs(client: Client) -> None:
    text = client.get(URL).content.decode()
    assert f'action="{reverse("matching:search")}"' in text
    assert '<input type="hidden" name="side" value="solution">' in text
    page = client.get(reverse("matching:search"), {"q": "轴承钢", "side": "solution"})
    assert page.context["side"] == "solution"


def test_an_empty_catalogue_says_what_to_do(client: Client) -> None:
    assert "还没有公开的成果" in client.get(URL).content.decode()
    assert "没有符合条件的成果" in client.get(URL, {"region": "330000"}).content.decode()


def test_those_who_may_publish_are_offered_to(client_of: ClientOf, supplier: User, client: Client) -> None:
    OutputFactory(published=True)
    assert reverse("solutions:create") in client_of(supplier).get(URL).content.decode()
    assert reverse("solutions:create") not in client.get(URL).content.decode()


@pytest.mark.parametrize("number", [1, 3])
def test_the_list_takes_the_same_queries_for_one_and_for_three(
    client: Client, django_assert_num_queries: Callable, number: int
) -> None:
    for _index in range(number):
        OutputFactory(published=True)
    with django_assert_num_queries(3):  # count, outputs, organisations of the filter
        client.get(URL)


def test_other_methods_are_refused(client_of: ClientOf, supplier: User) -> None:
    assert client_of(supplier).post(URL).status_code == 405

"""My outputs: by state, with what can be done next."""

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import Organisation, Role, User
from tests.factories.accounts import MembershipFactory
from tests.factories.solutions import OutputFactory

pytestmark = pytest.mark.django_db
URL = reverse("solutions:mine")
ClientOf = Callable[[User], Client]


def test_one_sees_the_own_organisations_outputs_in_every_state(
    client_of: ClientOf, supplier: User, university: Organisation
) -> None:
    OutputFactory(organisation=university, title="草稿")
    OutputFactory(organisation=university, title="公开的", published=True)
    OutputFactory(organisation=university, title="退回的", state="returned", return_reason="请补充试用单位")
    OutputFactory(title="别家的", published=True)
    page = client_of(supplier).get(URL)
    assert {row["solution"].title for row in page.context["rows"]} == {"草稿", "公开的", "退回的"}
    assert "请补充试用单位" in page.content.decode()


def test_tabs_count_and_narrow(client_of: ClientOf, supplier: User, university: Organisation) -> None:
    OutputFactory.create_batch(2, organisation=university)
    OutputFactory(organisation=university, published=True)
    page = client_of(supplier).get(URL, {"state": "draft"})
    assert len(page.context["rows"]) == 2
    assert {tab["state"]: tab["count"] for tab in page.context["tabs"]} == {
        "": 3,
        "draft": 2,
        "submitted": 0,
        "returned": 0,
        "published": 1,
        "withdrawn": 0,
    }
    assert len(client_of(supplier).get(URL, {"state": "lost"}).context["rows"]) == 3


def test_only_what_can_be_handed_in_has_a_box(client_of: ClientOf, supplier: User, university: Organisation) -> None:
    draft = OutputFactory(organisation=university)
    public = OutputFactory(organisation=university, published=True)
    text = client_of(supplier).get(URL).content.decode()
    assert f'value="{draft.code}"' in text
    assert f'value="{public.code}"' not in text


def test_a_reader_gets_no_boxes(client_of: ClientOf, university: Organisation) -> None:
    OutputFactory(organisation=university)
    viewer = MembershipFactory(organisation=university, role=Role.VIEWER).user
    assert 'type="checkbox"' not in client_of(viewer).get(URL).content.decode()


def test_an_empty_desk_says_what_to_do(client_of: ClientOf, supplier: User, university: Organisation) -> None:
    assert reverse("solutions:create") in client_of(supplier).get(URL).content.decode()
    viewer = MembershipFactory(organisation=university, role=Role.VIEWER).user
    assert "浏览公开的成果" in client_of(viewer).get(URL).content.decode()


def test_without_an_organisation_one_learns_what_is_missing(client_of: ClientOf, newcomer: User) -> None:
    assert client_of(newcomer).get(URL).status_code == 403


@pytest.mark.parametrize("number", [1, 3])
def test_the_list_takes_the_same_queries_for_one_and_for_three(
    client_of: ClientOf,
    supplier: User,
    university: Organisation,
    django_assert_num_queries: Callable,
    number: int,
) -> None:
    OutputFactory.create_batch(number, organisation=university)
    browser = client_of(supplier)
    # session, person, memberships, states, count, outputs, unread notices
    with django_assert_num_queries(7):
        browser.get(URL)


def test_other_methods_are_refused(client_of: ClientOf, supplier: User) -> None:
    assert client_of(supplier).post(URL).status_code == 405

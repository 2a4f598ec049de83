"""The operators' queue: what was handed in, and what changed since it was looked at."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from tests.factories.solutions import OutputFactory, ProfileFactory

pytestmark = pytest.mark.django_db
URL = reverse("solutions:review-queue")
ClientOf = Callable[[User], Client]


def test_the_longest_waiting_comes_first_and_profiles_are_among_them(client_of: ClientOf, operator: User) -> None:
    now = timezone.now()
    OutputFactory(title="刚提交的", submitted=True)
    OutputFactory(title="早提交的", state="submitted", submitted_at=now - timedelta(days=2))
    ProfileFactory(title="画像", state="submitted", submitted_at=now - timedelta(days=1))
    OutputFactory(title="草稿")
    page = client_of(operator).get(URL)
    assert [solution.title for solution in page.context["page"]] == ["早提交的", "画像", "刚提交的"]


def test_changed_entries_are_a_list_of_their_own(client_of: ClientOf, operator: User) -> None:
    now = timezone.now()
    OutputFactory(title="改过的", published=True, changed_at=now + timedelta(hours=1))
    OutputFactory(title="没改的", published=True, changed_at=now - timedelta(hours=1))
    page = client_of(operator).get(URL, {"tab": "changed"})
    assert [solution.title for solution in page.context["page"]] == ["改过的"]
    assert page.context["counts"] == {"submitted": 0, "changed": 1}


def test_an_empty_queue_says_so(client_of: ClientOf, operator: User) -> None:
    assert "没有等待审核的成果" in client_of(operator).get(URL).content.decode()
    assert "没有待复核的修改" in client_of(operator).get(URL, {"tab": "changed"}).content.decode()


def test_others_are_refused(client_of: ClientOf, supplier: User) -> None:
    assert client_of(supplier).get(URL).status_code == 403


@pytest.mark.parametrize("number", [1, 3])
def test_the_queue_takes_the_same_queries_for_one_and_for_three(
    client_of: ClientOf, operator: User, django_assert_num_queries: Callable, number: int
) -> None:
    OutputFactory.create_batch(number, submitted=True)
    browser = client_of(operator)
    # session, person, memberships, two figures, count, entries, unread notices
    with django_assert_num_queries(8):
        browser.get(URL)


def test_other_methods_are_refused(client_of: ClientOf, operator: User) -> None:
    assert client_of(operator).post(URL).status_code == 405

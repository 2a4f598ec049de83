"""An operator decides ten matches by keys alone, without leaving the page."""

from collections.abc import Callable

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Page, expect

from accounts.models import User
from matching.documents.maintenance import reconcile
from matching.models import Match
from matching.runs.actions import rematch_everything
from matching.runs.execution import work_off
from tests.factories.needs import NeedFactory
from tests.factories.solutions import OutputFactory

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def ten_matches(operator: User) -> None:
    """Two needs × five outputs, all alike enough to match."""
    for _ in range(2):
        NeedFactory(published=True)
    for _ in range(5):
        OutputFactory(published=True)
    reconcile(at=timezone.now())
    rematch_everything(by=operator, at=timezone.now())
    work_off()
    assert Match.objects.unreviewed().count() == 10


def test_ten_matches_are_decided_by_keys_alone(
    ten_matches: None, operator: User, new_page: Callable[..., Page], assert_accessible: Callable[[Page], None]
) -> None:
    page = new_page(operator)
    page.goto(reverse("matching:review"))
    expect(page.locator("[data-card]")).to_have_count(10)
    assert_accessible(page)
    address = page.url
    left = 10
    for decision in range(10):
        if decision % 2:
            page.keyboard.press("x")
            page.keyboard.press("2")  # the second reason: indicators not met
        else:
            page.keyboard.press("c")
        left -= 1
        expect(page.locator("[data-review-list] > [data-card]:not([data-decided])")).to_have_count(left)
    expect(page.locator("[data-review-list] > [data-card]")).to_have_count(0)
    assert page.url == address
    assert Match.objects.filter(review="confirmed").count() == 5
    assert set(Match.objects.filter(review="rejected").values_list("reject_reason", flat=True)) == {
        "indicators_not_met"
    }

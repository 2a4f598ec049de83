"""A visitor logs in; also the shortest proof that browser, pages, styles and scripts work together."""

from collections.abc import Callable

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from accounts.models import User
from tests.journeys.steps import assert_fits_a_phone

pytestmark = pytest.mark.slow


@pytest.fixture
def anna(buyer: User) -> User:
    buyer.set_password("示例-correct-horse")
    buyer.save()
    return buyer


def test_a_visitor_logs_in(page: Page, anna: User, assert_accessible: Callable[[Page], None]) -> None:
    page.goto(reverse("accounts:login"))
    assert_accessible(page)
    page.locator("[name=username]").fill(anna.email)
    page.locator("[name=password]").fill("示例-correct-horse")
    page.locator("main form [type=submit]").click()
    expect(page.get_by_role("heading", name="我的需求")).to_be_visible()


def test_the_desk_fits_a_phone(new_page: Callable[..., Page], buyer: User) -> None:
    phone = new_page(buyer, phone=True)
    phone.goto(reverse("dashboards:desk"))
    expect(phone.get_by_role("heading", name="我的需求")).to_be_visible()
    assert_fits_a_phone(phone)

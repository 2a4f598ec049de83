"""Every page at desktop and phone width: axe finds nothing, nothing scrolls sideways, no script fails."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page

from accounts.models import Organisation, User
from tests.site import build_site, people

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]


@pytest.mark.parametrize("phone", [False, True], ids=["desktop", "phone"])
@pytest.mark.parametrize("role", ["visitor", "buyer", "supplier", "operator", "reviewer"])
def test_every_page_is_accessible_and_fits(
    role: str,
    phone: bool,
    enterprise: Organisation,
    university: Organisation,
    buyer: User,
    supplier: User,
    operator: User,
    new_page: Callable[..., Page],
    assert_accessible: Callable[[Page], None],
) -> None:
    site = build_site(enterprise=enterprise, university=university, buyer=buyer, supplier=supplier, operator=operator)
    page = new_page(dict(people(site, buyer, supplier, operator))[role], phone=phone)
    too_wide = []
    # Public pages once as a visitor and once as somebody logged in: more eyes see the same.
    for address in site.pages_of(role, with_public=role == "buyer"):
        page.goto(address)
        assert_accessible(page)
        if page.evaluate("document.documentElement.scrollWidth > window.innerWidth"):
            too_wide.append(address)
    assert too_wide == []

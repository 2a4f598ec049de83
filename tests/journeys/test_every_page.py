"""Every page at desktop and phone width: axe finds nothing, nothing scrolls sideways, no script fails."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page

from accounts.models import Organisation, User
from tests.plugins.browser import DESKTOP, PHONE
from tests.site import build_site, people

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]

# Notes whether a script asks how wide the window is. If none does while the page loads, a window that is made narrower
# shows what a narrow one would have shown from the start: the stylesheets see to it.
NOTICE_WIDTH = """
  window.widthWasAsked = false;
  const matchMedia = window.matchMedia.bind(window);
  window.matchMedia = (query) => {
    window.widthWasAsked ||= query.includes("width");
    return matchMedia(query);
  };
  const innerWidth = Object.getOwnPropertyDescriptor(window, "innerWidth").get;
  Object.defineProperty(window, "innerWidth", {
    get() {
      window.widthWasAsked = true;
      return innerWidth.call(window);
    },
  });
"""
NOTHING_ON_ITS_WAY = "!document.querySelector('.htmx-request, .htmx-swapping, .htmx-settling')"
TOO_WIDE = "document.documentElement.scrollWidth > document.documentElement.clientWidth"


@pytest.mark.parametrize("role", ["visitor", "buyer", "supplier", "operator", "reviewer"])
def test_every_page_is_accessible_and_fits(
    role: str,
    enterprise: Organisation,
    university: Organisation,
    buyer: User,
    supplier: User,
    operator: User,
    new_page: Callable[..., Page],
    assert_accessible: Callable[[Page], None],
) -> None:
    site = build_site(enterprise=enterprise, university=university, buyer=buyer, supplier=supplier, operator=operator)
    page = new_page(dict(people(site, buyer, supplier, operator))[role])
    page.add_init_script(NOTICE_WIDTH)
    too_wide = []

    def check(address: str, width: str) -> None:
        page.wait_for_function(NOTHING_ON_ITS_WAY)
        assert_accessible(page)
        if page.evaluate(TOO_WIDE):
            too_wide.append((address, width))

    # Public pages once as a visitor and once as somebody logged in: more eyes see the same.
    for address in site.pages_of(role, with_public=role == "buyer"):
        page.set_viewport_size(DESKTOP)
        page.goto(address)
        must_reload = page.evaluate("window.widthWasAsked")
        check(address, "desktop")
        page.set_viewport_size(PHONE)
        if must_reload:
            page.reload()
        check(address, "phone")
    assert too_wide == []

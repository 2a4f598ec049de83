"""What the journeys of issue 3 share: buttons that ask first, notices, files to send."""

from typing import Any

from django.urls import reverse
from playwright.sync_api import Locator, Page, expect

# What reaches beyond the screen, if the page as a whole does.
TOO_WIDE = """() => document.documentElement.scrollWidth <= window.innerWidth ? [] : [
  document.documentElement.scrollWidth,
  ...[...document.querySelectorAll("body *")]
    .filter((element) => element.getBoundingClientRect().right > window.innerWidth)
    .map((element) => element.outerHTML.slice(0, 200)),
]"""


def confirm(page: Page, name: str, *, reason: str = "", within: Locator | None = None) -> None:
    """Press the button `name`, which asks first; write the reason where one is asked for; press it in the dialog."""
    (within or page).get_by_role("button", name=name, exact=True).click()
    dialog = page.get_by_role("dialog")
    if reason:
        dialog.get_by_role("textbox").fill(reason)
    dialog.get_by_role("button", name=name, exact=True).click()


def told(page: Page, words: str) -> None:
    """Wait for what the page says after an action, and until it stands; only then may a test go elsewhere."""
    expect(page.locator(".sh-messages")).to_contain_text(words)
    page.wait_for_load_state()


def open_notice(page: Page, words: str) -> None:
    """Follow the latest notice that says `words`, as its reader does."""
    page.goto(reverse("accounts:notices"))
    page.locator("main").get_by_role("link", name=words).first.click()


def pdf_file(name: str) -> Any:
    """A file as `set_input_files` takes it."""
    return {"name": name, "mimeType": "application/pdf", "buffer": b"%PDF-1.7\n"}


def assert_fits_a_phone(page: Page) -> None:
    """Nothing makes the page wider than a telephone's screen."""
    page.wait_for_load_state()  # without its styles every page is wide
    assert page.evaluate(TOO_WIDE) == []

"""Fixtures for journeys: a real Chromium on the live server, a page per person, and an accessibility check.

A page that raises a JavaScript error, gets a 5xx answer or asks for anything outside the live server fails
its test. When a journey fails, pictures of its pages are in var/test/N/screenshots.
"""

import functools
import os
import re
from collections.abc import Callable, Generator, Iterator
from typing import Any

import pytest
from django.contrib.auth.models import AbstractBaseUser
from django.test import Client
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Locator,
    Page,
    Request,
    Response,
    expect,
    sync_playwright,
)

from scripts import browser as chromium
from scripts.servers import ROOT
from tests.environment import FOLDER
from tests.plugins.servers import HANG_SECONDS

# Nothing of Chromium's own may look for the network, and for a page there is only the machine itself.
ARGUMENTS = [
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
DESKTOP = {"width": 1280, "height": 800}
PHONE = {"width": 390, "height": 844}
TIMEOUT_MS = HANG_SECONDS * 1000
SCREENSHOTS = FOLDER / "screenshots"
AXE_RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]
# Only what is wrong, in words: axe would also describe every element that passed.
VIOLATIONS = """async (rules) => {
  const result = await axe.run({ runOnly: rules, resultTypes: ["violations"] });
  return result.violations.flatMap(({ id, help, nodes }) => nodes.map(({ html }) => `${id}: ${help}: ${html}`));
}"""
# What a person does only when the page stands: before that, no script of ours listens.
ACTS = ["check", "click", "fill", "press", "select_option", "set_input_files", "uncheck"]
_failed = pytest.StashKey[bool]()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Remember on the test that it failed, so that its pages are photographed before they close."""
    report = yield
    if report.when == "call":
        item.stash[_failed] = report.failed
    return report


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One Chromium for all journeys of this test process."""
    path = chromium.find()
    if path is None:
        pytest.fail(f"no Chromium on this machine: `make browser` gets one. {chromium.ADVICE}")
    # Playwright keeps an event loop in this thread, and Django would refuse to touch the database in it.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    expect.set_options(timeout=TIMEOUT_MS)
    arguments = ARGUMENTS + (["--no-sandbox"] if os.geteuid() == 0 else [])
    with sync_playwright() as playwright, pytest.MonkeyPatch.context() as patch:
        for act in ACTS:
            patch.setattr(Locator, act, _when_loaded(getattr(Locator, act)))
        launched = playwright.chromium.launch(executable_path=path, args=arguments)
        yield launched
        launched.close()


@pytest.fixture
def new_page(request: pytest.FixtureRequest, browser: Browser, live_server) -> Iterator[Callable[..., Page]]:
    """`new_page(user=None, phone=False)`: a page in a browser of its own, with this person logged in."""
    contexts: list[BrowserContext] = []
    problems: list[str] = []

    def open_page(user: AbstractBaseUser | None = None, *, phone: bool = False, language: str = "zh-CN") -> Page:
        context = browser.new_context(
            base_url=live_server.url,
            locale=language,
            timezone_id="Asia/Shanghai",
            viewport=PHONE if phone else DESKTOP,
            has_touch=phone,
            bypass_csp=True,  # lets axe in
        )
        contexts.append(context)
        context.set_default_timeout(TIMEOUT_MS)
        _watch(context, live_server.url, problems)
        if user is not None:
            _log_in(context, user, live_server.url)
        return context.new_page()

    yield open_page
    if request.node.stash.get(_failed, False):
        _photograph(request.node.name, contexts)
    for context in contexts:
        context.close()
    assert problems == []


@pytest.fixture
def page(new_page: Callable[..., Page]) -> Page:
    """A visitor's page: nobody is logged in."""
    return new_page()


@pytest.fixture
def assert_accessible() -> Callable[[Page], None]:
    """`assert_accessible(page)`: axe finds nothing against WCAG 2.1 A and AA on the page as it is now."""
    axe = (ROOT / "node_modules" / "axe-core" / "axe.min.js").read_text(encoding="utf-8")

    def check(page: Page) -> None:
        page.wait_for_load_state()
        if not page.evaluate("'axe' in window"):
            page.evaluate(axe)
        assert page.evaluate(VIOLATIONS, AXE_RULES) == [], page.url

    return check


def _when_loaded(act: Callable[..., Any]) -> Callable[..., Any]:
    """The same act, after the page it is done on has loaded: Playwright itself waits only for the element."""

    @functools.wraps(act)
    def wait_and_act(locator: Locator, *arguments: Any, **options: Any) -> Any:
        locator.page.wait_for_load_state()
        return act(locator, *arguments, **options)

    return wait_and_act


def _watch(context: BrowserContext, address: str, problems: list[str]) -> None:
    """Note in `problems` what no page of ours may do."""

    # Looked at, not intercepted: to intercept would switch the browser's cache off.
    def on_request(request: Request) -> None:
        if not request.url.startswith((address, "data:", "blob:")):
            problems.append(f"asks for {request.url}, outside this server")

    def on_response(response: Response) -> None:
        if response.status >= 500:
            problems.append(f"{response.request.method} {response.url} answered {response.status}")

    def on_console(message: ConsoleMessage) -> None:
        # The browser's own line for a 4xx answer is no error of a script.
        if message.type == "error" and not message.text.startswith("Failed to load resource"):
            problems.append(f"console: {message.text}")

    context.on("request", on_request)
    context.on("response", on_response)
    context.on("console", on_console)
    context.on("weberror", lambda error: problems.append(f"JavaScript: {error.error}"))


def _log_in(context: BrowserContext, user: AbstractBaseUser, address: str) -> None:
    """Give the browser a session of `user`, without the login page."""
    client = Client()
    client.force_login(user)
    context.add_cookies([{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": address}])


def _photograph(name: str, contexts: list[BrowserContext]) -> None:
    SCREENSHOTS.mkdir(exist_ok=True)
    pages = [page for context in contexts for page in context.pages]
    file = re.sub(r"[^\w-]+", "_", name)
    for number, page in enumerate(pages, start=1):
        page.screenshot(path=SCREENSHOTS / f"{file}-{number}.png", full_page=True)

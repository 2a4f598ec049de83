"""Walks every page as every person: it opens, it is in the reader's language, and it links to nothing dead."""

import re
from html.parser import HTMLParser

import pytest
from django.http import FileResponse
from django.test import Client

from accounts.models import Organisation, User
from tests.site import Site, build_site, people

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

HAN = re.compile(r"[\u3400-\u9fff]+")
# The wordmark, and the name of the other language in the switch.
VOID = {"br", "hr", "img", "input", "link", "meta", "wbr"}
STAYS_CHINESE = {"榫合", "中文", "简体中文"}


class Reader(HTMLParser):
    """Collects what a person reads and where the links lead; passages marked as Chinese may be Chinese."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.words: list[str] = []
        self.links: set[str] = set()
        self._skipping = 0
        self._chinese: list[str] = []  # open elements inside a passage marked as Chinese, itself included
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._skipping += tag in ("script", "style")
        values = dict(attrs)
        if self._chinese or (tag != "html" and (values.get("lang") or "").startswith("zh")):
            if tag not in VOID:
                self._chinese.append(tag)
            return
        self.words += [values[name] or "" for name in ("title", "alt", "placeholder", "aria-label") if name in values]
        if tag == "a" and (values.get("href") or "").startswith("/"):
            self.links.add((values["href"] or "").split("#")[0])

    def handle_endtag(self, tag: str) -> None:
        self._skipping -= tag in ("script", "style")
        if tag in self._chinese:
            while self._chinese.pop() != tag:
                pass

    def handle_data(self, data: str) -> None:
        if not self._skipping and not self._chinese:
            self.words.append(data)


@pytest.fixture
def site(enterprise: Organisation, university: Organisation, buyer: User, supplier: User, operator: User) -> Site:
    return build_site(enterprise=enterprise, university=university, buyer=buyer, supplier=supplier, operator=operator)


def status(client: Client, link: str) -> int:
    """A link may be a file: reading it to its end closes it."""
    answer = client.get(link)
    if isinstance(answer, FileResponse):
        b"".join(answer.streaming_content)
    return answer.status_code


def read(client: Client, page: str) -> Reader:
    answer = client.get(page)
    assert answer.status_code == 200, page
    return Reader(answer.content.decode())


@pytest.mark.parametrize("role", ["visitor", "buyer", "supplier", "operator", "reviewer"])
def test_every_page_opens_and_every_link_on_it_leads_somewhere(
    role: str, site: Site, buyer: User, supplier: User, operator: User
) -> None:
    client = Client()
    if person := dict(people(site, buyer, supplier, operator))[role]:
        client.force_login(person)
    pages = site.pages_of(role)
    links = set().union(*(read(client, page).links for page in pages)) - set(pages)  # those have just been opened
    dead = {link for link in links if status(client, link) not in (200, 302)}
    assert dead == set()


@pytest.mark.parametrize("role", ["visitor", "buyer", "supplier", "operator", "reviewer"])
def test_no_chinese_is_left_on_an_english_page(
    role: str, site: Site, buyer: User, supplier: User, operator: User
) -> None:
    client = Client(headers={"accept-language": "en"})
    if person := dict(people(site, buyer, supplier, operator))[role]:
        client.force_login(person)
    client.cookies.load({"django_language": "en"})
    found = {
        (page, han)
        for page in site.pages_of(role)
        for han in HAN.findall(" ".join(read(client, page).words))
        if han not in STAYS_CHINESE
    }
    assert found == set()

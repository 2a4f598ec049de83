"""Walks every page as every person: it opens, it is in the reader's language, and it links to nothing dead."""

import re
from html.parser import HTMLParser

import pytest
from django.test import Client

from accounts.models import Organisation, User
from tests.site import Site, build_site, people

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

HAN = re.compile(r"[\u3400-\u9fff]+")
# The wordmark, and the name of the other language in the switch.
STAYS_CHINESE = {"榫合", "中文", "简体中文"}


class Reader(HTMLParser):
    """Collects what a person reads and where the links lead."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.words: list[str] = []
        self.links: set[str] = set()
        self._skipping = 0
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._skipping += tag in ("script", "style")
        values = dict(attrs)
        self.words += [values[name] or "" for name in ("title", "alt", "placeholder", "aria-label") if name in values]
        if tag == "a" and (values.get("href") or "").startswith("/"):
            self.links.add((values["href"] or "").split("#")[0])

    def handle_endtag(self, tag: str) -> None:
        self._skipping -= tag in ("script", "style")

    def handle_data(self, data: str) -> None:
        if not self._skipping:
            self.words.append(data)


@pytest.fixture
def site(enterprise: Organisation, university: Organisation, operator: User) -> Site:
    return build_site(enterprise=enterprise, university=university, operator=operator)


def read(client: Client, page: str) -> Reader:
    answer = client.get(page)
    assert answer.status_code == 200, page
    return Reader(answer.content.decode())


@pytest.mark.parametrize("role", ["visitor", "buyer", "supplier", "operator"])
def test_every_page_opens_and_every_link_on_it_leads_somewhere(
    role: str, site: Site, buyer: User, supplier: User, operator: User
) -> None:
    client = Client()
    if person := dict(people(buyer, supplier, operator))[role]:
        client.force_login(person)
    links = set().union(*(read(client, page).links for page in site.pages_of(role)))
    dead = {link for link in links if client.get(link).status_code not in (200, 302)}
    assert dead == set()


@pytest.mark.parametrize("role", ["visitor", "buyer", "supplier", "operator"])
def test_no_chinese_is_left_on_an_english_page(
    role: str, site: Site, buyer: User, supplier: User, operator: User
) -> None:
    client = Client(headers={"accept-language": "en"})
    if person := dict(people(buyer, supplier, operator))[role]:
        client.force_login(person)
    client.cookies.load({"django_language": "en"})
    found = {
        (page, han)
        for page in site.pages_of(role)
        for han in HAN.findall(" ".join(read(client, page).words))
        if han not in STAYS_CHINESE
    }
    assert found == set()

"""The people every test knows, and their browsers.

buyer and colleague belong to one enterprise, supplier to a university, outsider to another enterprise,
operator to the platform.
"""

import tests.environment  # noqa: F401  # first: it starts the servers the settings name

# isort: split
import gc
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.conf import settings
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.utils import translation

from accounts.models import Organisation, Role, User
from matching.documents import library
from tests.factories.accounts import MembershipFactory, OrganisationFactory, UserFactory

pytest_plugins = [
    "tests.plugins.database",
    "tests.plugins.servers",
    "tests.plugins.browser",
    "tests.plugins.demo",
    "tests.plugins.locks",
]


def pytest_collection_finish() -> None:
    """What is loaded by now stays: the garbage collector would look through half a million objects again and again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 10, 10)


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """Connections of killed workers and of the live server's threads must not keep the database from being dropped."""
    yield
    with django_db_blocker.unblock():
        # While the browser's event loop runs in this thread Django keeps another connection for it. That is over now:
        # this is the one from before, which a test may have cut meanwhile.
        connection.close()
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )


@pytest.fixture(autouse=True)
def process_starts_anew() -> None:
    """What a process keeps between requests: the language of the last one, rates, and the index of rolled back rows."""
    translation.activate(settings.LANGUAGE_CODE)
    cache.clear()
    library.forget()


@pytest.fixture
def enterprise(db: None) -> Organisation:
    return OrganisationFactory(name="示例江畔机械有限公司")


@pytest.fixture
def university(db: None) -> Organisation:
    return OrganisationFactory(university=True, name="示例滨海理工大学")


@pytest.fixture
def buyer(enterprise: Organisation) -> User:
    return MembershipFactory(organisation=enterprise, user__name="示例采购方").user


@pytest.fixture
def colleague(enterprise: Organisation) -> User:
    return MembershipFactory(organisation=enterprise, role=Role.VIEWER, user__name="示例同事").user


@pytest.fixture
def supplier(university: Organisation) -> User:
    return MembershipFactory(organisation=university, user__name="示例教授").user


@pytest.fixture
def outsider(db: None) -> User:
    return MembershipFactory(user__name="示例外人").user


@pytest.fixture
def operator(db: None) -> User:
    return MembershipFactory(
        organisation=OrganisationFactory(operator=True, name="示例榫合运营中心"), user__name="示例运营"
    ).user


@pytest.fixture
def newcomer(db: None) -> User:
    """Logged in, belongs to no organisation yet."""
    return UserFactory(name="示例新人")


@pytest.fixture
def client_of() -> Callable[[User], Client]:
    """`client_of(buyer).get(url)`: a browser with this person logged in."""

    def login(user: User) -> Client:
        client = Client()
        client.force_login(user)
        return client

    return login

"""What the tests of matching share: the demo data, loaded once per module because that takes a while."""

from collections.abc import Iterator

import pytest
from django.db import connection, transaction
from django.utils import timezone
from pytest_django import DjangoDbBlocker

from demo import loading as demo
from demo.data import Loaded
from matching.documents import library


@pytest.fixture(scope="module")
def loaded(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Loaded]:
    """Rolled back with its module, or tests that come after in this process would find it.

    For tests that do not ask for `db`: those of pytest-django come before them all.
    There is a test database only when some test of the session asks for one.
    """
    assert connection.settings_dict["NAME"].startswith("test_"), "run the whole file: one of its tests asks for `db`"
    library.forget()
    with django_db_blocker.unblock(), transaction.atomic():
        yield demo.load(at=timezone.now())
        transaction.set_rollback(True)
    library.forget()

"""What the tests of matching share: the demo data, loaded once per test process because that takes a while."""

from collections.abc import Iterator

import pytest
from django.db import transaction
from django.utils import timezone
from pytest_django import DjangoDbBlocker

from matching import demo, library


@pytest.fixture(scope="session")
def loaded(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[demo.Loaded]:
    """Rolled back in the end. For tests that do not ask for `db`: those of pytest-django come before them all."""
    library.forget()
    with django_db_blocker.unblock(), transaction.atomic():
        yield demo.load(at=timezone.now())
        transaction.set_rollback(True)
    library.forget()

"""How the database is emptied after a test that commits."""

from collections.abc import Iterator

import pytest
from django.db import connection, transaction
from django.test import TransactionTestCase

# Written when the database is made, and by no test.
STAYS = {"django_migrations", "django_content_type", "auth_permission"}


@pytest.fixture(scope="session", autouse=True)
def quick_flush() -> Iterator[None]:
    """Delete the few rows a test has written.

    Django's own flush, which stays for users who are no superusers, truncates every table and writes the permissions
    again: a third of a second for each test.
    """
    flush = TransactionTestCase._fixture_teardown

    def empty(case: TransactionTestCase) -> None:
        cleaning = transaction.atomic()
        cleaning._from_testcase = True  # type: ignore[attr-defined]  # tests/plugins/locks.py judges product code only
        with cleaning, connection.cursor() as cursor:
            cursor.execute("SHOW is_superuser")
            if is_superuser := cursor.fetchone() == ("on",):
                tables = sorted(set(connection.introspection.django_table_names()) - STAYS)
                # Waits for those who still write, such as the connection of a worker that was killed.
                cursor.execute(f"LOCK TABLE {', '.join(tables)} IN SHARE ROW EXCLUSIVE MODE")
                # Neither triggers nor foreign keys are asked: nothing is left that they would speak for.
                cursor.execute("SET LOCAL session_replication_role = replica")
                cursor.execute("; ".join(f"DELETE FROM {table}" for table in tables))  # noqa: S608
        if not is_superuser:
            flush(case)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", empty)
        yield

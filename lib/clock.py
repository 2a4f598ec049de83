"""The database's clock: one clock for every web process, so that a deadline is the same moment for everybody."""

from datetime import datetime

from django.db import connection


def now() -> datetime:
    """The moment it is in PostgreSQL, aware. Verbs with deadlines take it as `at`; asked once, at the edge."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        moment: datetime = cursor.fetchone()[0]
    return moment

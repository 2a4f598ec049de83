"""The check of the lock order in `tests/plugins/locks.py`: what breaks the order, and what does not."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from itertools import combinations
from threading import Thread

import pytest
from django.apps import apps
from django.db import connection, models, transaction

from tests.plugins.locks import ORDER, LockOrder, locks

pytestmark = pytest.mark.django_db

NEED, CHALLENGE, BID, CONTRACT = MODELS = [
    next(model for model in apps.get_models() if model.__name__ == name) for name in ORDER
]


def lock(model: type[models.Model], *, skip_locked: bool = False) -> None:
    """No rows are needed: it is the statement that counts."""
    list(model._base_manager.select_for_update(skip_locked=skip_locked))


def change(model: type[models.Model]) -> None:
    model._base_manager.filter(pk=0).update(code="")


@pytest.fixture
def refused(lock_order: LockOrder) -> Callable[..., AbstractContextManager[None]]:
    """`with refused():` the block breaks the order, which does not fail the test. `words`: how the message goes on."""

    @contextmanager
    def block(words: str = "") -> Iterator[None]:
        with pytest.raises(AssertionError, match=f"The lock order is Need → Challenge → Bid → Contract, but {words}"):
            yield
        lock_order.broken.clear()

    return block


@pytest.mark.parametrize(("first", "second"), list(combinations(MODELS, 2)))
@pytest.mark.parametrize("take", [lock, change])
def test_the_order_is_need_challenge_bid_contract(first, second, take, refused):
    with transaction.atomic():
        take(first)
        take(second)
        take(first)
    with refused(f"this locks {first.__name__} after {second.__name__}:\nSELECT "), transaction.atomic():
        take(second)
        lock(first)


def test_what_a_savepoint_locked_stays_locked_when_it_is_released(refused):
    with refused(), transaction.atomic():
        with transaction.atomic():
            lock(BID)
        lock(CHALLENGE)


def test_what_a_savepoint_locked_is_free_when_it_is_rolled_back():
    with transaction.atomic():
        with suppress(LookupError), transaction.atomic():
            lock(BID)
            raise LookupError
        lock(CHALLENGE)


def test_a_savepoint_knows_what_is_locked_around_it(refused):
    with refused(), transaction.atomic():
        lock(BID)
        with transaction.atomic():
            lock(CHALLENGE)


def test_who_skips_what_is_locked_does_not_wait():
    with transaction.atomic():
        lock(BID)
        lock(CHALLENGE, skip_locked=True)


def test_who_skips_what_is_locked_holds_the_rest(refused):
    with refused(), transaction.atomic():
        lock(BID, skip_locked=True)
        lock(CHALLENGE)


@pytest.mark.parametrize("database", ["db", "transactional_db"])
def test_transactions_do_not_mix(database, request):
    request.getfixturevalue(database)
    for model in reversed(MODELS):
        with transaction.atomic():
            lock(model)


def test_a_call_within_a_test_is_a_transaction():
    award = transaction.atomic(lock)
    award(BID)
    award(CHALLENGE)


def test_outside_a_transaction_nothing_is_held():
    change(BID)
    change(CHALLENGE)


@pytest.mark.django_db(transaction=True)
def test_what_waits_for_the_commit_comes_after_the_locks():
    with transaction.atomic():
        lock(BID)
        transaction.on_commit(transaction.atomic(lambda: lock(CHALLENGE)))


def test_a_test_fails_also_when_the_code_carries_on(lock_order):
    with suppress(Exception), transaction.atomic():
        lock(BID)
        lock(CHALLENGE)
    assert len(lock_order.broken) == 1  # the fixture `locks_in_order` looks at that
    lock_order.broken.clear()


@pytest.mark.django_db(transaction=True)
def test_threads_are_watched_each_by_itself(lock_order):
    def elsewhere(*tables: type[models.Model]) -> None:
        try:
            with suppress(AssertionError), transaction.atomic():
                for model in tables:
                    lock(model)
        finally:
            connection.close()

    with transaction.atomic():
        lock(BID)
        for tables in ([CHALLENGE, CONTRACT], [CONTRACT, NEED]):
            thread = Thread(target=elsewhere, args=tables)
            thread.start()
            thread.join()
    assert [message.partition(":")[0].partition("this ")[2] for message in lock_order.broken] == [
        "locks Need after Contract"
    ]
    lock_order.broken.clear()


@pytest.mark.parametrize(
    ("sql", "found"),
    [
        ('SELECT 1 FROM "bid" INNER JOIN "need" ON ("bid"."n" = "need"."id") FOR UPDATE OF "bid"', [("bid", True)]),
        ('SELECT 1 FROM "bid" INNER JOIN "need" ON (1 = 1) FOR UPDATE', [("bid", True), ("need", True)]),
        ('SELECT 1 FROM "bid" INNER JOIN "bid" T3 ON (1 = 1) FOR NO KEY UPDATE OF "T3"', [("bid", True)]),
        ('SELECT 1 FROM "bid" LIMIT 1 FOR UPDATE OF "bid" SKIP LOCKED', [("bid", False)]),
        ('SELECT 1 FROM "bid" FOR UPDATE NOWAIT', [("bid", False)]),
        ("SELECT 1 FROM bid FOR SHARE", [("bid", True)]),
        ('SELECT 1 FROM "bid" WHERE "n" IN (SELECT U0."id" FROM "need" U0) FOR UPDATE', [("bid", True)]),
        ('SELECT 1 FROM "bid" WHERE "n" IN (SELECT U0."id" FROM "need" U0 FOR UPDATE)', [("need", True)]),
        ('UPDATE "bid" SET "n" = 1 WHERE "n" IN (SELECT U0."id" FROM "need" U0)', [("bid", True)]),
        ('DELETE FROM "bid" WHERE "bid"."id" IN (1)', [("bid", True)]),
        ('WITH gone AS (DELETE FROM bid RETURNING id) UPDATE need SET "n" = 1', [("bid", True), ("need", True)]),
    ],
)
def test_a_statement_names_the_tables_it_locks(sql, found):
    assert [(table, waits) for table, waits in locks(sql) if table in {"bid", "need"}] == found

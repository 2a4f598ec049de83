"""The order in which rows are locked, checked in every test: need, challenge, bid, contract.

Two transactions that lock the same rows in different orders can each wait for the other. So within one transaction
nobody waits for a row of an earlier table than one it has locked already. Here each statement inside
`transaction.atomic` is read before it runs, and one that breaks the order raises AssertionError. The test fails even
where the code under test catches that, as a sweep does.

Tables stand for rows: once a transaction has locked some need, locking another need is not checked. Not seen at all are
locks that PostgreSQL takes by itself (FOR KEY SHARE on the row a foreign key names), rows met by INSERT ... ON
CONFLICT, and what a worker in another process does. Statements outside `transaction.atomic`, such as those of
factories, hold nothing afterwards and are not checked.
"""

import re
from collections.abc import Callable, Iterator
from typing import Any
from weakref import WeakKeyDictionary

import pytest
from django.apps import apps
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.transaction import Atomic, get_connection

ORDER = ["Need", "Challenge", "Bid", "Contract"]  # names of models, whichever app they live in

_INNERMOST = re.compile(r"\(([^()]*)\)")
_CHANGED = re.compile(r'(?:UPDATE|DELETE FROM) (?:ONLY )?"?(\w+)')
_FROM = re.compile(r'(?:FROM|JOIN) "?(\w+)"?(?: (?:AS )?"?([A-Z]\d+)\b)?')  # Django's aliases: T4, U0
_FOR = re.compile(r"FOR (?:NO KEY )?(?:UPDATE|(?:KEY )?SHARE)\b(?: OF ([\w\", ]+?))?( NOWAIT| SKIP LOCKED)?\s*$")


class LockOrder:
    """What the open transaction of each connection has locked, and which statements broke the order."""

    def __init__(self) -> None:
        self.names = {model._meta.db_table: model.__name__ for model in apps.get_models() if model.__name__ in ORDER}
        assert sorted(self.names.values()) == sorted(ORDER), f"each of {ORDER} must name one model"
        self.broken: list[str] = []
        # Each thread has its own connection. For each open atomic block: what is locked so far; None for a test case's.
        self._blocks: WeakKeyDictionary[BaseDatabaseWrapper, list[list[str] | None]] = WeakKeyDictionary()

    def enter(self, connection: BaseDatabaseWrapper, *, is_test_case: bool) -> None:
        blocks = self._blocks.setdefault(connection, [])
        around = blocks[-1] if blocks else None
        blocks.append(None if is_test_case else list(around or []))
        if self._watch not in connection.execute_wrappers:
            connection.execute_wrappers.append(self._watch)

    def leave(self, connection: BaseDatabaseWrapper, *, is_rolled_back: bool) -> None:
        """The block around a savepoint keeps its locks, unless it is rolled back: then PostgreSQL releases them."""
        blocks = self._blocks[connection]
        held = blocks.pop()
        if blocks and blocks[-1] is not None and not is_rolled_back:
            blocks[-1] = held
        if not blocks:
            connection.execute_wrappers.remove(self._watch)

    def _watch(self, execute: Callable[..., Any], sql: str, params: Any, many: bool, context: dict[str, Any]) -> Any:
        if "UPDATE" in sql or "DELETE" in sql or " SHARE" in sql:
            held = self._blocks[context["connection"]][-1]
            if held is not None:
                self._check(sql, held)
        return execute(sql, params, many, context)

    def _check(self, sql: str, held: list[str]) -> None:
        for table, waits in locks(sql):
            name = self.names.get(table)
            if name is None or name in held:
                continue
            if waits and any(ORDER.index(name) < ORDER.index(other) for other in held):
                order, already = " → ".join(ORDER), ", ".join(held)
                self.broken.append(f"The lock order is {order}, but this locks {name} after {already}:\n{sql}")
                raise AssertionError(self.broken[-1])
            held.append(name)


def locks(sql: str) -> Iterator[tuple[str, bool]]:
    """The tables a statement locks rows of, in that order, and whether it waits for them.

    Subqueries come first, the innermost before the others: a lock clause is about the tables beside it.
    """
    parts: list[str] = []
    while found := _INNERMOST.findall(sql):
        parts += found
        sql = _INNERMOST.sub(" ", sql)
    for part in [*parts, sql]:
        if clause := _FOR.search(part):
            tables = {alias or table: table for table, alias in _FROM.findall(part)}
            for name in re.findall(r"\w+", clause[1]) if clause[1] else tables:
                yield tables.get(name, name), clause[2] is None
        for table in _CHANGED.findall(part):
            yield table, True


@pytest.fixture(scope="session", autouse=True)
def lock_order() -> Iterator[LockOrder]:
    """Watches every atomic block of this process, also those of a test's own threads."""
    order, enter, leave = LockOrder(), Atomic.__enter__, Atomic.__exit__

    def entering(atomic: Atomic) -> None:
        enter(atomic)
        order.enter(get_connection(atomic.using), is_test_case=atomic._from_testcase)

    def leaving(atomic: Atomic, kind: Any, error: Any, trace: Any) -> None:
        connection = get_connection(atomic.using)
        order.leave(connection, is_rolled_back=kind is not None or connection.needs_rollback)
        leave(atomic, kind, error, trace)  # last, because it runs the commit hooks, when nothing is locked any more

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Atomic, "__enter__", entering)
        patch.setattr(Atomic, "__exit__", leaving)
        yield order


@pytest.fixture(autouse=True)
def locks_in_order(lock_order: LockOrder) -> Iterator[None]:
    """Fails a test whose code broke the order, even if that code carried on as if nothing had happened."""
    lock_order.broken.clear()
    yield
    assert not lock_order.broken, lock_order.broken[0]

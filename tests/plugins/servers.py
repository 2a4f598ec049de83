"""Fixtures around the real servers: a Redis that can be stopped, a Celery worker that can be killed."""

import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import quote, urlsplit, urlunsplit

import pytest
import redis
from django.conf import settings
from django.db import Error, connection
from django.db.backends.base.base import BaseDatabaseWrapper

from scripts.processes import Child, start, wait_until
from scripts.servers import ROOT
from tests.environment import FOLDER, OWNS_POSTGRES, REDIS, WORKER, OwnRedis

# Tests wait for a state. When it does not come they give up, after longer than any machine takes for it.
HANG_SECONDS = 120
# How PostgreSQL's log says that it went down, or that one of its processes did.
WENT_DOWN = ("PANIC", "terminated by signal", "shutting down", "received ", "could not fork", "No space left")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, exitstatus: int) -> None:
    """When tests have failed, what the server's log says of its own health: a test cannot tell why it lost it."""
    log = FOLDER / "log" / "postgres.log"
    if exitstatus == pytest.ExitCode.OK or not log.exists():
        return
    lines = log.read_text(errors="replace").splitlines()
    for line in [line for line in lines if any(words in line for words in WENT_DOWN)][-20:]:
        terminalreporter.write_line(f"postgres: {line}")


class WorkerProcess:
    """A Celery worker on this test's database and broker, with a pool of one."""

    def __init__(self, environment: dict[str, str]) -> None:
        self.environment = environment
        self.child: Child | None = None

    def start(self) -> None:
        """Start it; returns when it takes tasks."""
        child = self._start("-c", "1")
        wait_until(lambda: " ready." in self.log or child.exit_code is not None, seconds=HANG_SECONDS)
        assert " ready." in self.log, f"the worker did not start:\n{self.log}"

    def start_and_die(self, *, at: str) -> None:
        """Start it so that it kills itself at a point of tests/plugins/kill_points.py; returns when it has.

        Its pool is the process itself: a pool's process would be started again by its parent, with the same
        environment, and die again and again.
        """
        child = self._start("--pool", "solo", app="tests.plugins.kill_points", KILL_AT=at)
        assert wait_until(lambda: child.exit_code is not None, seconds=HANG_SECONDS), (
            f"it never passed {at}:\
{self.log}"
        )
        assert child.exit_code == -signal.SIGKILL, f"it ended otherwise:\n{self.log}"
        self.kill()

    def _start(self, *pool: str, app: str = "config", **environment: str) -> Child:
        assert self.child is None, "it runs already"
        self.child = start(
            f"celery-{WORKER}",
            [
                *(sys.executable, "-m", "celery", "-A", app, "worker", "-Q", "default,matching", *pool),
                *("--loglevel", "INFO", "--without-gossip", "--without-mingle"),
                *("-n", f"{WORKER}-{time.monotonic_ns()}"),
            ],
            folder=FOLDER,
            cwd=ROOT,
            env=self.environment | environment,
        )
        return self.child

    @property
    def log(self) -> str:
        """What the worker that started last has said."""
        return Path(FOLDER / "log" / f"celery-{WORKER}.log").read_text(errors="replace")

    def kill(self) -> None:
        """kill -9, the pool's process included: nothing is finished, nothing is said."""
        assert self.child is not None, "it does not run"
        self.child.kill()
        self.child = None

    def stop(self) -> None:
        """Let it finish what it does, five seconds at most."""
        if self.child is not None:
            self.child.stop(seconds=5)
            self.child = None


@pytest.fixture
def redis_server() -> Iterator[OwnRedis]:
    """The broker of this test process: `.stop()` and `.start()` it. It runs again when the test is over."""
    assert REDIS.url == settings.CELERY_BROKER_URL, "unset DJANGO_SETTINGS_MODULE: tests choose their settings"
    REDIS.start()
    yield REDIS
    REDIS.start()


@pytest.fixture
def empty_queues(redis_server: OwnRedis) -> None:
    """No message of an earlier test waits in the broker."""
    with redis.Redis.from_url(redis_server.url) as client:
        client.flushall()


@pytest.fixture
def worker_process(transactional_db: None, empty_queues: None) -> Iterator[WorkerProcess]:
    """A real Celery worker that does not run yet: `.start()`, `.start_and_die(at=…)`. Mark the test `worker`."""
    url = urlsplit(os.environ["DATABASE_URL"])
    name = quote(settings.DATABASES["default"]["NAME"])
    database_url = urlunsplit(url._replace(path=f"/{name}"))
    worker = WorkerProcess(os.environ | {"DATABASE_URL": database_url, "DJANGO_SETTINGS_MODULE": "tests.settings"})
    yield worker
    worker.stop()


@pytest.fixture
def celery_worker_process(worker_process: WorkerProcess) -> WorkerProcess:
    """A real Celery worker, ready for tasks; `.kill()`, `.start()` again, `.log`. Mark the test `worker`."""
    worker_process.start()
    return worker_process


@pytest.fixture
def restart_database(transactional_db: None) -> Callable[[], None]:
    """Everybody's connections end without a word. Where the server is this process's alone it crashes and recovers;
    where other tests use it, or it is none of ours, the connections to this test's database are cut."""

    def restart() -> None:
        witness = connection.copy()  # the server takes new connections until it notices what happened
        assert _answers(witness)
        with connection.cursor() as cursor:
            if OWNS_POSTGRES:
                # What was committed is on disk: the servers of tests do not wait for that (scripts.servers.CARELESS).
                cursor.execute("CHECKPOINT")
                cursor.execute("SELECT pg_backend_pid()")
                os.kill(cursor.fetchone()[0], signal.SIGKILL)  # one backend killed: the server restarts as a whole
            else:
                cursor.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                    "WHERE datname = current_database() AND pid <> pg_backend_pid()"
                )
        connection.close()
        assert wait_until(lambda: not _answers(witness), seconds=HANG_SECONDS)
        assert wait_until(lambda: _answers(connection), seconds=HANG_SECONDS)

    return restart


def _answers(database: BaseDatabaseWrapper) -> bool:
    try:
        with database.cursor() as cursor:
            cursor.execute("SELECT 1")
    except Error:  # a connection that ended says so as one or another of its kinds
        database.close()
        return False
    return True


def somebody_waits() -> bool:
    """Whether another connection waits for a lock that this thread's connection holds."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_locks WHERE NOT granted AND pg_backend_pid() = ANY(pg_blocking_pids(pid))"
        )
        return bool(cursor.fetchone()[0])


@pytest.fixture
def eventually() -> Callable[..., None]:
    """`eventually(condition)`: waits until `condition()` is true, fails when it never is."""

    def wait(condition: Callable[[], object]) -> None:
        assert wait_until(condition, seconds=HANG_SECONDS), f"not within {HANG_SECONDS} s"

    return wait

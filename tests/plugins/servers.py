"""Fixtures around the real servers: a Redis that can be stopped, a Celery worker that can be killed."""

import os
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import quote, urlsplit, urlunsplit

import pytest
import redis
from django.conf import settings

from scripts.processes import Child, start, wait_until
from scripts.servers import ROOT
from tests.environment import FOLDER, REDIS, WORKER, OwnRedis

WORKER_START_SECONDS = 60


class WorkerProcess:
    """A Celery worker on this test's database and broker, with a pool of one."""

    def __init__(self, environment: dict[str, str]) -> None:
        self.environment = environment
        self.child: Child | None = None

    def start(self) -> None:
        """Start it; returns when it takes tasks."""
        assert self.child is None, "it runs already"
        self.child = start(
            f"celery-{WORKER}",
            [
                *(sys.executable, "-m", "celery", "-A", "config", "worker", "-Q", "default,matching", "-c", "1"),
                *("--loglevel", "INFO", "--without-gossip", "--without-mingle"),
                *("-n", f"{WORKER}-{time.monotonic_ns()}"),
            ],
            folder=FOLDER,
            cwd=ROOT,
            env=self.environment,
        )
        child = self.child
        wait_until(lambda: " ready." in self.log or child.exit_code is not None, seconds=WORKER_START_SECONDS)
        assert " ready." in self.log, f"the worker did not start:\n{self.log}"

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
def celery_worker_process(transactional_db: None, empty_queues: None) -> Iterator[WorkerProcess]:
    """A real Celery worker, ready for tasks; `.kill()`, `.start()` again, `.log`. Mark the test `worker`."""
    url = urlsplit(os.environ["DATABASE_URL"])
    name = quote(settings.DATABASES["default"]["NAME"])
    database_url = urlunsplit(url._replace(path=f"/{name}"))
    worker = WorkerProcess(os.environ | {"DATABASE_URL": database_url, "DJANGO_SETTINGS_MODULE": "tests.settings"})
    worker.start()
    yield worker
    worker.stop()


@pytest.fixture
def eventually() -> Callable[..., None]:
    """`eventually(condition, seconds=10)`: waits until `condition()` is true, fails when it never is."""

    def wait(condition: Callable[[], object], *, seconds: float = 10) -> None:
        assert wait_until(condition, seconds=seconds), f"not within {seconds} s"

    return wait

"""Starts the servers of a test session and Django on them. Imported first by tests/conftest.py.

The process the user started brings up a real PostgreSQL under var/test and names it in the environment for
xdist's workers (pytest-django gives each a database of its own). Every process has a Redis of its own, so
that a test may stop it. Several sessions may run at once: each takes the first folder that is free.
DATABASE_URL, when set, is used instead.
"""

import atexit
import contextlib
import itertools
import os
import secrets
import signal
from pathlib import Path

import django

from scripts.i18n import compile_catalogues
from scripts.processes import Child, stop_leftovers
from scripts.servers import VAR, FolderInUse, folder_lock, free_port, start_postgres, start_redis

WORKER = os.environ.get("PYTEST_XDIST_WORKER", "main")  # "gw0", "gw1", … in the processes xdist starts


class OwnRedis:
    """A Redis that comes back at the same address, with what it held, when it is started again."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port, self.password = free_port(), secrets.token_urlsafe(16)
        self.child: Child | None = None
        self.url = ""

    def start(self) -> None:
        """Start it unless it runs; returns when it answers."""
        if self.child is None:
            self.child, self.url = start_redis(
                self.folder, name=f"redis-{WORKER}", port=self.port, password=self.password
            )

    def stop(self) -> None:
        """Stop it; who asks it now is refused at once."""
        if self.child is not None:
            self.child.stop(seconds=5)
            self.child = None


def take_folder(stack: contextlib.ExitStack) -> Path:
    """The first of var/test/1, var/test/2, … no other session holds; ours until `stack` closes."""
    for number in itertools.count(1):
        folder = VAR / "test" / str(number)
        with contextlib.suppress(FolderInUse):
            stack.enter_context(folder_lock(folder))
            return folder
    raise AssertionError("count() does not end")


def begin_session() -> Path:
    """Take a folder and start PostgreSQL in it, until this process ends."""
    stack = contextlib.ExitStack()
    atexit.register(stack.close)
    folder = take_folder(stack)
    stop_leftovers(folder)
    # Whatever the session's processes leave behind, however they end, goes with the session.
    stack.callback(stop_leftovers, folder)
    if not os.environ.get("DATABASE_URL"):
        postgres, os.environ["DATABASE_URL"] = start_postgres(folder, careless=True)
        stack.callback(postgres.stop, seconds=15)
    os.environ["SUNHE_TEST_FOLDER"] = str(folder)
    # Without its compiled files Python takes longer to start, and tests start some thirty workers.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    compile_catalogues()
    (VAR / "static").mkdir(exist_ok=True)  # WhiteNoise warns when it is missing
    # Told to stop, a session must stop its servers: be a KeyboardInterrupt, which pytest understands.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    return folder


# A PostgreSQL nobody else has tests on: started by this process, which has no xdist workers if it runs tests itself.
OWNS_POSTGRES = WORKER == "main" and not os.environ.get("DATABASE_URL")
FOLDER = begin_session() if WORKER == "main" else Path(os.environ["SUNHE_TEST_FOLDER"])
REDIS = OwnRedis(FOLDER)
REDIS.start()
atexit.register(REDIS.stop)
os.environ["REDIS_URL"] = REDIS.url
os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
django.setup()
# xdist's workers must not find it: they would read the settings before they have a Redis of their own.
del os.environ["DJANGO_SETTINGS_MODULE"]

"""`make run` for real: it serves, it stops on request, and it says in one line why it cannot go on."""

import os
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import psutil
import psycopg2
import pytest

from scripts.processes import wait_until
from scripts.servers import ROOT, Servers, free_port
from tests.plugins.servers import HANG_SECONDS

pytestmark = pytest.mark.slow


class Run:
    """The supervisor on a folder and a port of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.port = folder, free_port()
        self.screen = folder / "screen.txt"
        self.process: subprocess.Popen[bytes] | None = None

    def start(self, **named: str) -> None:
        """Start it with the variables of `named`, and without those of the test session."""
        named_by_the_session = {"DATABASE_URL", "REDIS_URL", "DJANGO_SETTINGS_MODULE", "SECRET_KEY"}
        env = {name: value for name, value in os.environ.items() if name not in named_by_the_session}
        with self.screen.open("wb") as screen:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "scripts.run"],
                cwd=ROOT,
                env=env | {"SUNHE_VAR": str(self.folder), "PORT": str(self.port)} | named,
                stdout=screen,
                stderr=subprocess.STDOUT,
            )

    def start_and_wait(self) -> None:
        self.start()
        wait_until(lambda: "Ctrl-C" in self.said or self.ended, seconds=HANG_SECONDS)
        assert "Ctrl-C" in self.said, self.said

    @property
    def said(self) -> str:
        return self.screen.read_text(encoding="utf-8")

    @property
    def ended(self) -> bool:
        assert self.process is not None
        return self.process.poll() is not None

    def ask_to_stop(self) -> int:
        assert self.process is not None
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(HANG_SECONDS)

    def children(self) -> list[psutil.Process]:
        assert self.process is not None
        return psutil.Process(self.process.pid).children(recursive=True)


def all_ended(processes: list[psutil.Process]) -> bool:
    """Soon; what only waits for the machine's first process to take notice of it has ended."""
    return wait_until(lambda: not any(map(runs, processes)), seconds=HANG_SECONDS)


def runs(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Loading the demo data once is enough; the runs after that are second starts."""
    return tmp_path_factory.mktemp("run")


@pytest.fixture
def platform(folder: Path) -> Iterator[Run]:
    run = Run(folder)
    yield run
    if run.process is not None and not run.ended:
        run.ask_to_stop()


def test_it_serves_and_leaves_nothing_when_it_is_asked_to_stop(platform: Run) -> None:
    platform.start_and_wait()
    assert "demo" in platform.said.lower()
    # The stylesheet too: tests look for static files in another way (tests/settings.py).
    for path, words in (("", "榫合"), ("static/css/sunhe.css", ".sh-main")):
        with urllib.request.urlopen(f"http://127.0.0.1:{platform.port}/{path}", timeout=HANG_SECONDS) as page:
            assert words in page.read().decode()
    children = platform.children()
    assert len(children) > 5
    assert platform.ask_to_stop() == 0
    assert all_ended(children)


def test_a_dead_worker_is_named_and_takes_the_others_down(platform: Run) -> None:
    platform.start_and_wait()
    children = platform.children()
    worker = next(child for child in children if "worker" in child.cmdline() and "celery" in child.cmdline())
    worker.kill()
    assert wait_until(lambda: platform.ended, seconds=HANG_SECONDS)
    assert platform.process is not None
    assert platform.process.returncode == 1
    last = platform.said.strip().splitlines()[-1]
    assert last.startswith("worker ended, exit code -9. Its log:")
    assert last.endswith("log/worker.log")
    assert all_ended(children)


def test_a_port_in_use_is_one_clear_line(tmp_path: Path) -> None:
    platform = Run(tmp_path)
    with socket.create_server(("127.0.0.1", platform.port)):
        platform.start()
        assert wait_until(lambda: platform.ended, seconds=HANG_SECONDS)
    assert platform.process is not None
    assert platform.process.returncode == 1
    assert platform.said.strip().splitlines()[1:] == [
        "",
        f"Port {platform.port} is in use. Choose another: PORT={platform.port + 1} make run",
    ]
    assert not (platform.folder / "postgres").exists()


def ask(url: str, statement: str) -> list[tuple[object, ...]]:
    connection = psycopg2.connect(url)
    try:
        with connection, connection.cursor() as cursor:
            cursor.execute(statement)
            return cursor.fetchall() if cursor.description else []
    finally:
        connection.close()


@pytest.fixture
def servers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Servers]:
    """Embedded servers in `tmp_path`, not started yet."""
    for name in ("DATABASE_URL", "REDIS_URL"):
        monkeypatch.delenv(name, raising=False)
    servers = Servers(tmp_path)
    yield servers
    servers.stop()


@pytest.mark.parametrize("embedded", [True, False])
def test_a_database_of_another_version_is_left_alone(tmp_path: Path, servers: Servers, embedded: bool) -> None:
    url = servers.start()["DATABASE_URL"]
    ask(
        url,
        "CREATE TABLE django_migrations (id bigserial PRIMARY KEY, app text, name text, applied timestamptz);"
        "INSERT INTO django_migrations (app, name, applied) VALUES ('accounts', '0001_of_old', now()),"
        " ('contenttypes', '0001_initial', now()), ('needs', '0001_of_old', now())",
    )
    if embedded:
        servers.stop()
        run = Run(tmp_path)
        run.start()
        path = os.path.relpath(tmp_path, ROOT)
        holder = f"{path} holds"
        advice = f"Move {path} away or delete it (rm -r {path}), then try again."
    else:
        (tmp_path / "other").mkdir()
        run = Run(tmp_path / "other")
        run.start(DATABASE_URL=url)
        holder = "DATABASE_URL names"
        advice = "Name an empty one and try again."
    assert wait_until(lambda: run.ended, seconds=HANG_SECONDS)
    assert run.process is not None
    assert run.process.returncode == 1
    assert run.said.strip().splitlines()[-1] == (
        f"{holder} a database made by another version of Sunhe "
        f"(this one has no migration accounts.0001_of_old and 1 more). {advice}"
    )
    if embedded:
        url = servers.start()["DATABASE_URL"]
    tables = "SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'"
    assert ask(url, tables) == [("django_migrations",)]
    assert ask(url, "SELECT count(*) FROM django_migrations") == [(3,)]

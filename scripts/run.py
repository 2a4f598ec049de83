"""`make run`: the whole platform in one terminal, and nothing of it left when it ends.

Servers, then what must happen once (migrations, translations, demo data), then the web server, the Celery worker
and beat. Ctrl-C, SIGTERM or a closed terminal stop every child; a child that ends by itself stops the others and
is named. Logs are in var/log.
"""

import errno
import os
import signal
import socket
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from types import FrameType

from scripts.i18n import compile_catalogues
from scripts.migrate import REFUSED
from scripts.processes import Child, start, stop_leftovers, wait_until
from scripts.servers import (
    ROOT,
    VAR,
    FolderInUse,
    ServerFailed,
    Servers,
    environment,
    folder_lock,
    redis_answers,
)

STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
STOP_SECONDS = 10  # what a request or a task may still take
WEB_START_SECONDS = 60


class Stopped(BaseException):
    """Somebody asked us to stop: raised by the signal handler wherever we are."""


class StartFailed(Exception):
    """The platform cannot run; the message is one line for a person."""


class Platform:
    """The running children: steps that come to an end, and services that should not."""

    def __init__(self, env: dict[str, str]) -> None:
        self.env = env
        self.steps: list[Child] = []
        self.services: list[Child] = []

    def begin(self, name: str, *arguments: str) -> Child:
        """Start a step: Python with these arguments, in the project's folder."""
        child = start(name, [sys.executable, *arguments], folder=VAR, cwd=ROOT, env=self.env)
        self.steps.append(child)
        return child

    def finish(self, child: Child, *, show: Callable[[str], None] = lambda line: None) -> None:
        """Wait for a step, handing its latest line to `show`; raises StartFailed with the last when it failed."""
        while (code := child.exit_code) is None:
            show(child.last_line())
            time.sleep(0.1)
        child.kill()
        self.steps.remove(child)
        if code == REFUSED:
            raise StartFailed(child.last_line())
        if code != 0:
            raise StartFailed(f"{child.name} failed, code {code}: {child.last_line()} (all of it: {_log(child)})")

    def serve(self, name: str, *arguments: str) -> None:
        """Start a service: Python with these arguments, in the project's folder."""
        self.services.append(start(name, [sys.executable, *arguments], folder=VAR, cwd=ROOT, env=self.env))

    def dead(self) -> Child | None:
        """The first service that has ended."""
        return next((child for child in self.services if child.exit_code is not None), None)

    def stop(self) -> None:
        """Ask all at once, then make sure."""
        deadline = time.monotonic() + STOP_SECONDS
        children = [*self.steps, *self.services]
        for child in children:
            child.request_stop()
        for child in children:
            child.stop(seconds=deadline - time.monotonic())


def main() -> int:
    """Run until told to stop: 0 then, 1 when something keeps it from running."""
    sys.stdout.reconfigure(errors="replace")  # type: ignore[union-attr]  # a real stream here
    for number in STOP_SIGNALS:
        if number != signal.SIGHUP or signal.getsignal(number) is not signal.SIG_IGN:  # nohup keeps us running
            signal.signal(number, _raise_stopped)
    try:
        run()
    except Stopped:
        print("\nStopped.", flush=True)
        return 0
    except (StartFailed, ServerFailed) as failure:
        print(f"\n{failure}", file=sys.stderr)
        return 1
    except FolderInUse as failure:
        print(f"\nSunhe runs from this folder already, or another command uses it: {failure}.", file=sys.stderr)
        return 1
    return 0


def run() -> None:
    """Start everything and watch it. Leaves only by an exception, after all children have stopped."""
    began = time.monotonic()
    host, port = os.environ.get("HOST") or "127.0.0.1", _port()
    print("榫合 Sunhe", flush=True)
    with ExitStack() as stack:
        stack.enter_context(folder_lock(VAR))
        leftovers = stop_leftovers(VAR)
        if leftovers:
            print(f"  Stopped what an interrupted run had left: {', '.join(leftovers)}", flush=True)
        _refuse_taken_port(host, port)
        servers = Servers(VAR)
        stack.callback(_stop_in_peace, servers)
        with step("PostgreSQL and Redis"):
            urls = servers.start()
            if not redis_answers(urls["REDIS_URL"]):
                raise StartFailed("No Redis answers at REDIS_URL.")
        env = environment(urls)
        # Without its compiled files Python takes twice as long to start, and we start it six times.
        env.pop("PYTHONDONTWRITEBYTECODE", None)
        platform = Platform(env)
        stack.callback(_stop_in_peace, platform)
        prepare(platform)
        with step("Web server, worker and beat"):
            start_services(platform, host, port)
            accounts = platform.begin("accounts", "manage.py", "load_demo", "--accounts")
            _wait_for_web(platform, host, port)
            platform.finish(accounts)
        print(f"\n{accounts.log.read_text(encoding='utf-8').rstrip()}\n")
        print(f"  Sunhe is at http://{_shown(host)}:{port}/  ({time.monotonic() - began:.0f} s)")
        print("  Ctrl-C stops it. Logs: var/log/", flush=True)
        watch(platform, servers)


def prepare(platform: Platform) -> None:
    """What has to be true before anything serves: tables, translations, and demo data in an empty database."""
    with step("Database tables"):
        embedded = () if os.environ.get("DATABASE_URL") else (os.path.relpath(VAR, ROOT),)
        platform.finish(platform.begin("migrate", "-m", "scripts.migrate", *embedded))
    with step("Translations"):
        compile_catalogues()
    with step("Demo data (only into an empty database)") as show:
        platform.finish(platform.begin("load_demo", "manage.py", "load_demo", "--if-empty"), show=show)


def start_services(platform: Platform, host: str, port: int) -> None:
    """The three processes that stay."""
    celery = ("-m", "celery", "-A", "config")
    for folder in (VAR / "beat", VAR / "static"):
        folder.mkdir(exist_ok=True)
    platform.serve(
        "web",
        *("-m", "gunicorn", "config.wsgi", "--bind", f"{host}:{port}", "--no-control-socket", "--preload"),
        *("--workers", os.environ.get("WEB_CONCURRENCY") or "2", "--threads", "4", "--access-logfile", "-"),
    )
    platform.serve(
        "worker",
        *(*celery, "worker", "-Q", "default,matching", "--concurrency", "2", "--loglevel", "INFO"),
    )
    platform.serve("beat", *celery, "beat", "--schedule", str(VAR / "beat" / "schedule"), "--loglevel", "INFO")


def watch(platform: Platform, servers: Servers) -> None:
    """Return never; raise StartFailed when a child ends that should not."""
    while True:
        for child in (*servers.children, *platform.services):
            if child.exit_code is not None:
                raise StartFailed(f"{child.name} ended, exit code {child.exit_code}. Its log: {_log(child)}")
        time.sleep(0.3)


@contextmanager
def step(name: str) -> Iterator[Callable[[str], None]]:
    """A line on screen: what is being done, on a terminal also how far it is, then how long it took."""
    began = time.monotonic()
    again = "\r\033[K" if sys.stdout.isatty() else ""

    shown = ""

    def show(progress: str) -> None:
        nonlocal shown
        if again and progress != shown:
            shown = progress
            print(f"{again}  {name} … {progress[:60]}", end="", flush=True)

    print(f"  {name} …", end="", flush=True)
    yield show
    took = f" {time.monotonic() - began:.1f} s"
    print(f"{again}  {name} …{took}" if again else took, flush=True)


def _port() -> int:
    given = os.environ.get("PORT") or "8000"
    if not given.isdigit() or not 0 < int(given) < 65536:
        raise StartFailed(f"PORT must be a number from 1 to 65535, not {given!r}.")
    return int(given)


def _refuse_taken_port(host: str, port: int) -> None:
    """Say so before anything else is started."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host.strip("[]"), port))
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                raise StartFailed(f"Port {port} is in use. Choose another: PORT={port + 1} make run") from None
            raise StartFailed(f"Cannot listen on {host}:{port}: {error.strerror}") from None


def _wait_for_web(platform: Platform, host: str, port: int) -> None:
    """Wait until the first page is answered; whatever the answer, the application has been loaded."""

    def answers() -> bool:
        try:
            urllib.request.urlopen(f"http://{_shown(host)}:{port}/", timeout=30).close()
        except urllib.error.HTTPError as error:
            if error.code >= 500:
                raise StartFailed(f"The first page answers {error.code}; see var/log/web.log") from None
        except OSError:
            return False
        return True

    wait_until(lambda: platform.dead() or answers(), seconds=WEB_START_SECONDS, every=0.1)
    dead = platform.dead()
    if dead is not None:
        raise StartFailed(f"{dead.name} ended, exit code {dead.exit_code}: {dead.last_line()} ({_log(dead)})")
    if not answers():
        raise StartFailed(f"The web server did not answer within {WEB_START_SECONDS} s; see var/log/web.log")


def _shown(host: str) -> str:
    """An address a browser on this machine can open."""
    return "127.0.0.1" if host in {"0.0.0.0", "::", "[::]"} else host  # noqa: S104 - compared, not bound


def _log(child: Child) -> str:
    return os.path.relpath(child.log, ROOT)


def _stop_in_peace(running: Platform | Servers) -> None:
    """Stop without being interrupted: stopping is bounded in time, so a second Ctrl-C adds nothing."""
    for number in STOP_SIGNALS:
        signal.signal(number, signal.SIG_IGN)
    running.stop()


def _raise_stopped(_number: int, _frame: FrameType | None) -> None:
    raise Stopped


if __name__ == "__main__":
    sys.exit(main())

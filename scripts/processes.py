"""Child processes that cannot be lost: each has a log file, a record on disk and a bounded way to stop.

Children live in sessions of their own, so Ctrl-C in a terminal reaches only their supervisor, which then
stops them in the order it wants. The record (pid and the moment the process was created, so a reused pid is
never mistaken for it) lets the next start clear away what a killed supervisor left behind.
"""

import json
import os
import pwd
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from scripts import missing_package

try:
    import psutil
except ModuleNotFoundError:
    raise SystemExit(missing_package("psutil")) from None


@dataclass
class Child:
    """A running process. `stop_signal` asks it to finish; the folder `scratch` goes when it has ended."""

    name: str
    process: subprocess.Popen[bytes]
    log: Path
    record: Path
    stop_signal: signal.Signals
    scratch: Path | None = None

    @property
    def exit_code(self) -> int | None:
        """None while it runs; negative when a signal ended it."""
        return self.process.poll()

    def request_stop(self) -> None:
        """Ask the process to finish; returns at once."""
        if self.exit_code is None:
            self.process.send_signal(self.stop_signal)

    def stop(self, *, seconds: float) -> None:
        """Ask, wait up to `seconds`, then end the whole process group, grandchildren included."""
        self.request_stop()
        try:
            self.process.wait(max(seconds, 0))
        except subprocess.TimeoutExpired:
            pass
        self.kill()

    def kill(self) -> None:
        """End the process and everything it started, without asking."""
        kill_group(self.process.pid)
        self.process.wait()
        self.record.unlink(missing_ok=True)
        if self.scratch is not None:
            shutil.rmtree(self.scratch, ignore_errors=True)

    def last_line(self) -> str:
        """The last thing it wrote, for a message on screen."""
        lines = [line for line in self.log.read_text(errors="replace").splitlines() if line.strip()]
        return lines[-1].strip() if lines else ""


def start(
    name: str,
    arguments: Sequence[str],
    *,
    folder: Path,
    cwd: Path,
    env: Mapping[str, str],
    user: str | None = None,
    stop_signal: signal.Signals = signal.SIGTERM,
    scratch: Path | None = None,
) -> Child:
    """Start a process whose output goes to `folder/log/NAME.log` (the one before is kept as `NAME.log.1`)."""
    log = folder / "log" / f"{name}.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    if log.exists():
        log.replace(log.with_suffix(".log.1"))
    with log.open("wb") as output:
        process = subprocess.Popen(
            arguments,
            cwd=cwd,
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            **_identity(user),
        )
    record = folder / "pids" / f"{name}.json"
    record.parent.mkdir(parents=True, exist_ok=True)
    record.write_text(json.dumps({"pid": process.pid, "created": _created(process.pid)}))
    return Child(name=name, process=process, log=log, record=record, stop_signal=stop_signal, scratch=scratch)


def stop_leftovers(folder: Path, *, seconds: float = 10) -> list[str]:
    """Stop what an earlier supervisor of `folder` left running; the names of what was found.

    Only call this while holding the folder's lock: then nobody else can be the owner of a recorded process.
    """
    alive = []
    for record in (folder / "pids").glob("*.json"):
        known = _read_record(record)
        if known is None or _has_ended(int(known["pid"])):
            pass
        elif _created(known["pid"]) == known["created"]:
            alive.append((known["created"], int(known["pid"]), record.stem))
        record.unlink()
    # The youngest first: a worker that still has its broker stops at once.
    alive.sort(reverse=True)
    for _, pid, _ in alive:
        _stop_stranger(pid, seconds=seconds)
    return [name for _, _, name in alive]


def kill_group(leader: int) -> None:
    """SIGKILL the process group that `leader` leads, if any of it is left."""
    try:
        os.killpg(leader, signal.SIGKILL)
    except ProcessLookupError:
        pass
    except PermissionError:
        # macOS answers so when only a zombie is left of the group.
        pass


def _stop_stranger(pid: int, *, seconds: float) -> None:
    """Stop a process that is not our child. SIGINT is a fast stop to PostgreSQL and known to all others."""
    try:
        os.kill(pid, signal.SIGINT)
    except ProcessLookupError:
        return
    wait_until(lambda: _has_ended(pid), seconds=seconds)
    kill_group(pid)


def _has_ended(pid: int) -> bool:
    """Whether it is gone, or only waits for a parent to take notice (which in a container may never come)."""
    try:
        return bool(psutil.Process(pid).status() == psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return True


def _read_record(record: Path) -> dict[str, float] | None:
    try:
        known: dict[str, float] = json.loads(record.read_text())
    except json.JSONDecodeError:  # the machine went down while it was written
        return None
    return known


def _created(pid: float) -> float | None:
    """When the process was created, in seconds since the epoch; None when there is no such process."""
    try:
        return psutil.Process(int(pid)).create_time()
    except psutil.NoSuchProcess:
        return None


def _identity(user: str | None) -> dict[str, Any]:
    """The arguments of Popen that make the child run as `user` and nobody else."""
    if user is None:
        return {}
    entry = pwd.getpwnam(user)
    return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}


def wait_until(condition: Callable[[], object], *, seconds: float, every: float = 0.05) -> bool:
    """Ask `condition()` again and again until it is true; False when the time is over."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(every)
    return True

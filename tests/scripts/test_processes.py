"""Children end when they are told to, with everything they started, also when nobody told them in time."""

import json
import os
import sys
from pathlib import Path

import psutil
import pytest

from scripts.processes import Child, start, stop_leftovers, wait_until
from tests.plugins.servers import HANG_SECONDS

FAMILY = "import subprocess, sys, time; subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)']); "
DEAF = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); "
SLEEP = "print('up', flush=True); time.sleep(600)"


def start_python(folder: Path, code: str, name: str = "child") -> Child:
    child = start(name, [sys.executable, "-u", "-c", code], folder=folder, cwd=folder, env=os.environ)
    assert wait_until(lambda: child.last_line() == "up", seconds=HANG_SECONDS)
    return child


def has_nobody_left(group: int) -> bool:
    """Soon: the kernel takes a moment to end what a signal was sent to."""
    return wait_until(lambda: members(group) == [], seconds=HANG_SECONDS)


def members(group: int) -> list[int]:
    """The living processes of a process group."""
    living = []
    for process in psutil.process_iter(["status"]):
        if process.info["status"] != psutil.STATUS_ZOMBIE:
            try:
                if os.getpgid(process.pid) == group:
                    living.append(process.pid)
            except ProcessLookupError:
                pass
    return living


@pytest.mark.parametrize("code", [FAMILY + SLEEP, FAMILY + DEAF + SLEEP])
def test_a_stopped_child_takes_its_own_children_with_it(tmp_path: Path, code: str) -> None:
    child = start_python(tmp_path, code)
    assert len(members(child.process.pid)) == 2
    child.stop(seconds=0.3)
    assert has_nobody_left(child.process.pid)


def test_what_a_child_says_is_kept_and_so_is_what_the_one_before_said(tmp_path: Path) -> None:
    for word in ("first", "second"):
        child = start("child", [sys.executable, "-c", f"print('{word}')"], folder=tmp_path, cwd=tmp_path, env={})
        child.process.wait()
    assert child.last_line() == "second"
    assert (tmp_path / "log" / "child.log.1").read_text().strip() == "first"


def test_what_a_killed_supervisor_left_is_stopped_by_the_next(tmp_path: Path) -> None:
    child = start_python(tmp_path, FAMILY + SLEEP)
    assert stop_leftovers(tmp_path) == ["child"]
    child.process.wait()
    assert has_nobody_left(child.process.pid)
    assert stop_leftovers(tmp_path) == []


def test_a_stranger_with_the_number_of_a_former_child_is_left_alone(tmp_path: Path) -> None:
    child = start_python(tmp_path, "import time; " + SLEEP)
    child.record.write_text(json.dumps({"pid": child.process.pid, "created": 1.0}))
    assert stop_leftovers(tmp_path) == []
    assert child.exit_code is None
    child.kill()


def test_a_child_that_was_stopped_leaves_no_record(tmp_path: Path) -> None:
    start_python(tmp_path, "import time; " + SLEEP).stop(seconds=5)
    assert list((tmp_path / "pids").iterdir()) == []

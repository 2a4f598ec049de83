"""The lock files agree with pyproject.toml: `make` installs all of it, production only its own dependencies."""

import re
import tomllib

import pytest

from scripts.servers import ROOT

PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
GROUPS = PYPROJECT["dependency-groups"]


def direct(requirements: list[str]) -> set[str]:
    """The names of packages a list in pyproject.toml asks for."""
    return {re.split(r"[^\w-]", requirement, maxsplit=1)[0] for requirement in requirements}


def pins(lock: str) -> set[tuple[str, str]]:
    """Name and version of each package in a lock file."""
    return set(re.findall(r"^([\w-]+)(?:\[.*\])?==(\S+)", (ROOT / lock).read_text(encoding="utf-8"), re.MULTILINE))


def names(lock: str) -> set[str]:
    return {name for name, _ in pins(lock)}


def test_everything_asked_for_is_locked() -> None:
    wanted = [*PYPROJECT["project"]["dependencies"], *GROUPS["local"], *GROUPS["dev"], *GROUPS["lab"]]
    assert direct(wanted) <= names("requirements.lock")
    assert direct(PYPROJECT["project"]["dependencies"]) <= names("requirements-production.lock")


def test_production_runs_on_the_versions_that_were_tested() -> None:
    assert pins("requirements-production.lock") < pins("requirements.lock")


@pytest.mark.parametrize("group", ["local", "dev", "lab"])
def test_production_installs_nothing_of_the_other_groups(group: str) -> None:
    assert direct(GROUPS[group]) & names("requirements-production.lock") == set()


@pytest.mark.parametrize("lock", ["requirements.lock", "requirements-production.lock", "requirements-node.lock"])
def test_a_lock_names_packages_and_hashes_but_no_place_to_get_them_from(lock: str) -> None:
    text = (ROOT / lock).read_text(encoding="utf-8")
    assert "://" not in text
    assert "index-url" not in text
    for package in re.split(r"\n(?=[\w-]+(?:\[.*\])?==)", text)[1:]:
        assert "--hash=sha256:" in package, package

"""What a reader of the code may rely on everywhere: names that resolve, templates in use, files in their place."""

import re
from pathlib import Path

import pytest
from django.urls import get_resolver
from vulture import Vulture

from scripts import workflows

ROOT = Path(__file__).parent.parent
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
PACKAGES = [
    "lib", "accounts", "solutions", "needs", "contracts", "challenges", "matching", "care", "dashboards", "config",
    "demo", "lab", "scripts",
]  # fmt: skip
# Found by name by Django itself.
CALLED_BY_DJANGO = {"400.html", "403.html", "403_csrf.html", "404.html", "500.html"}
HOOKS = [
    "get_*", "clean_*", "ready", "handle", "process_exception", "prepare_value", "value_from_datadict", "to_python",
    "filter_queryset", "create_superuser",
]  # fmt: skip
REGISTERED = ["@receiver*", "@register.*", "@action*", "@extend_schema*"]


def names_of_addresses() -> set[str]:
    resolver = get_resolver()
    names = {name for name in resolver.reverse_dict if isinstance(name, str)}
    for namespace, (_prefix, inner) in resolver.namespace_dict.items():
        names |= {f"{namespace}:{name}" for name in inner.reverse_dict if isinstance(name, str)}
    return names


def source() -> str:
    return "\n".join(
        path.read_text(encoding="utf-8") for package in PACKAGES for path in (ROOT / package).rglob("*.py")
    )


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: str(path.relative_to(ROOT / "templates")))
def test_every_address_named_in_a_template_exists(template: Path) -> None:
    used = set(re.findall(r"{%\s*url\s+['\"]([\w:-]+)['\"]", template.read_text(encoding="utf-8")))
    assert used <= names_of_addresses()


def test_every_template_is_used() -> None:
    known = source() + "\n".join(path.read_text(encoding="utf-8") for path in TEMPLATES)
    unused = {
        name
        for path in TEMPLATES
        if (name := str(path.relative_to(ROOT / "templates"))) not in CALLED_BY_DJANGO and f'"{name}"' not in known
    }
    assert unused == set()


def test_every_address_of_the_apps_is_named() -> None:
    """Pages link by name; an address without one is dead."""
    templates = "\n".join(path.read_text(encoding="utf-8") for path in TEMPLATES)
    known = source() + templates
    unnamed = {
        name for name in names_of_addresses() if ":" in name and f'"{name}"' not in known and f"'{name}'" not in known
    }
    assert unnamed == set()


def test_no_style_or_script_stands_inline_in_a_page() -> None:
    """So that a content security policy can forbid both."""
    found = {
        str(path.relative_to(ROOT))
        for path in TEMPLATES
        if re.search(r"<style|\sstyle=|\son\w+=|<script(?![^>]*\b(src|type=\"application/json\"))", path.read_text())
    }
    assert found == set()


def test_the_drawn_workflows_are_those_of_the_tables() -> None:
    assert workflows.PAGE.read_text(encoding="utf-8") == workflows.page(), "run: make workflows"


def test_every_lifecycle_is_drawn() -> None:
    drawn = {states.__module__ for _title, states, _table in workflows.LIFECYCLES}
    files = {path for package in PACKAGES for path in (ROOT / package).rglob("workflow.py")}
    assert drawn == {".".join(path.relative_to(ROOT).with_suffix("").parts) for path in files}


@pytest.mark.slow
def test_no_function_is_called_by_tests_only() -> None:
    """Names that no product code and no template mentions are dead, even where a test keeps them alive."""
    vulture = Vulture(ignore_names=HOOKS, ignore_decorators=REGISTERED)
    vulture.scavenge([str(ROOT / package) for package in PACKAGES], exclude=["*/migrations/*"])
    templates = "\n".join(path.read_text(encoding="utf-8") for path in TEMPLATES)
    named_in_settings = (ROOT / "config" / "settings.py").read_text(encoding="utf-8")
    vulture.used_names.update(re.findall(r"\w+", templates + named_in_settings))
    vulture.used_names.update(re.findall(r'method="(\w+)"', source()))  # of django-filter
    unused = vulture.get_unused_code(min_confidence=60)
    assert [item.get_report() for item in unused if item.typ in {"function", "method", "property"}] == []

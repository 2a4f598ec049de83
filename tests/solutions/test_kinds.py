"""The table of kinds is the one place that knows them: no other code names a kind, and another one finds its way."""

import ast
import re
import sys
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_noop
from rest_framework import serializers

from accounts.models import Organisation, User
from lib.cleaning import text
from lib.fields import Field, Input, clean, fields_read_as
from matching.documents.builder import document_of_solution
from matching.explanation.texts import solution_texts
from matching.models import MatchRun
from solutions import kinds
from solutions.kinds import KINDS, kind_of
from solutions.models import Solution
from solutions.output.api import OutputInputSerializer, OutputSerializer
from solutions.output.fields import WHAT
from solutions.output.forms import OutputForm
from solutions.output.kind import OUTPUT
from solutions.solution import actions
from solutions.solution.imports import columns_of
from solutions.solution.kind import Kind
from solutions.solution.queries import matchable
from tests.factories.solutions import OutputFactory, SolutionIndicatorFactory

ROOT = Path(__file__).parent.parent.parent
CODES = [kind.code for kind in KINDS]
PACKAGES = [
    "lib",
    "accounts",
    "solutions",
    "needs",
    "contracts",
    "challenges",
    "matching",
    "care",
    "dashboards",
    "config",
]
MAY_NAME_KINDS = {
    "solutions/kinds.py": "the table",
    "solutions/models.py": "re-exports the models of every room",
    "solutions/management/commands/import_outputs.py": "the command of one kind: Django looks for it here",
    "matching/similar/models.py": "`output` is the name of the side that is no need, in the API and in addresses",
}
# A kind as a part of a Django look-up or a path: output, output__trl_min, solutions__output__isnull.
LOOKUP = re.compile(rf"(?:\w+__)?(?:{'|'.join(CODES)})(?:__\w+)?")


def modules() -> Iterator[Path]:
    for package in PACKAGES:
        for path in (ROOT / package).rglob("*.py"):
            name = str(path.relative_to(ROOT))
            in_a_room = any(name.startswith(f"solutions/{code}/") for code in CODES)
            if not in_a_room and "migrations" not in path.parts and name not in MAY_NAME_KINDS:
                yield path


def named_in(source: str) -> list[str]:
    """What in a module's code names a kind; comments and docstrings may."""
    found = []
    details = {kind.detail.__name__ for kind in KINDS}
    rooms = tuple(f"solutions.{code}" for code in CODES)
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found += [alias.name for alias in node.names if alias.name.startswith(rooms)]
        elif isinstance(node, ast.ImportFrom) and node.module:
            names = [f"{node.module}.{alias.name}" for alias in node.names]
            found += [name for name in names if name.startswith(rooms) or name.rpartition(".")[2] in details]
        elif isinstance(node, ast.Attribute) and node.attr in CODES:
            found.append(f".{node.attr}")
        elif isinstance(node, ast.keyword) and node.arg and LOOKUP.fullmatch(node.arg):
            found.append(f"{node.arg}=")
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and LOOKUP.fullmatch(node.value):
            found.append(repr(node.value))
    return found


@pytest.mark.parametrize(
    "source",
    [
        "from solutions.output import queries",
        "from solutions import output",
        "import solutions.institution.fields",
        "from solutions.models import OutputDetail",
        "solution.output",
        "rows.filter(output__trl_min=3)",
        "rows.filter(kind='output')",
        "rows.select_related('solution__institution')",
    ],
)
def test_code_that_names_a_kind_is_noticed(source: str) -> None:
    assert named_in(source)


def test_no_module_outside_its_room_names_a_kind() -> None:
    named = {str(path.relative_to(ROOT)): found for path in modules() if (found := named_in(path.read_text("utf-8")))}
    assert named == {}


def test_no_template_outside_its_folder_names_a_kind() -> None:
    pattern = re.compile(rf"\.(?:{'|'.join(CODES)})\b|kind == ['\"](?:{'|'.join(CODES)})['\"]")
    named = {
        name
        for path in (ROOT / "templates").rglob("*.html")
        if not (name := str(path.relative_to(ROOT / "templates"))).startswith(
            tuple(f"solutions/{code}/" for code in CODES)
        )
        and pattern.search(path.read_text("utf-8"))
    }
    assert named == set()


@pytest.mark.parametrize("kind", KINDS, ids=CODES)
def test_every_field_of_a_kind_has_its_place(kind: Kind) -> None:
    """A field that is kept is a column of `Solution` or of the details, with the same label."""
    columns = {field.name: field for model in (Solution, kind.detail) for field in model._meta.fields}
    kept = [field for field in kind.fields.values() if field.is_kept]
    assert {field.name for field in kept} <= columns.keys()
    assert {field.name: str(field.label) for field in kept} == {
        field.name: str(columns[field.name].verbose_name) for field in kept
    }
    own = {field.name for field in kind.detail._meta.fields} - {"id", "solution"}
    assert own == set(kind.detail_fields)


# --- a made-up kind ------------------------------------------------------------------------------------------------
def register(kind: Kind, monkeypatch: pytest.MonkeyPatch) -> None:
    """Put `kind` into the table, and wherever the table was imported."""
    import_module("solutions.templatetags.solutions")
    known = kinds.KINDS
    for module in [module for name, module in sys.modules.items() if name.split(".")[0] in PACKAGES]:
        if getattr(module, "KINDS", None) is known:
            monkeypatch.setattr(module, "KINDS", (*KINDS, kind))


@pytest.fixture
def made_up(monkeypatch: pytest.MonkeyPatch) -> Kind:
    """A kind nobody has heard of. It borrows the details and the page of outputs: a table of its own is a migration."""
    fields = {name: field for name, field in OUTPUT.fields.items() if field.reads != "trl" and field.is_kept}
    kind = replace(
        OUTPUT,
        code="made_up",
        label=gettext_noop("Made up"),
        plural=gettext_noop("Things made up"),
        list_url="solutions:institution-list",
        fields=fields,
        clean=partial(clean, fields),
    )
    register(kind, monkeypatch)
    return kind


def test_an_entry_of_a_made_up_kind_goes_all_the_way(
    made_up: Kind, client: Client, university: Organisation, supplier: User, operator: User
) -> None:
    at = timezone.now()
    raw: dict[str, Any] = {"title": "一件新事", "summary": "说明白它是什么。", "keywords": ["新事"]}
    entry = actions.create_solution(
        kind=made_up, organisation=university, values=made_up.clean(raw), indicators=[], by=supplier, at=at
    )
    actions.submit_solutions(solutions=[entry], by=supplier, at=at).only()

    client.force_login(operator)
    queue = client.get(reverse("solutions:review-queue")).content.decode()
    assert "Made up" in queue
    assert "Things made up" in queue  # the navigation

    actions.publish_solutions(solutions=[entry], by=operator, at=at).only()
    page = client.get(entry.get_absolute_url())
    assert page.status_code == 200
    assert "一件新事" in page.content.decode()

    entry = matchable().get(pk=entry.pk)
    assert kind_of(entry) is made_up
    document = document_of_solution(entry)
    assert (document.title, document.keywords, document.trl) == ("一件新事", ("新事",), None)
    assert MatchRun.objects.filter(trigger="solution_published").exists()


def test_a_kind_that_is_not_matched_starts_no_run(
    made_up: Kind, monkeypatch: pytest.MonkeyPatch, university: Organisation, operator: User
) -> None:
    unmatched = replace(made_up, is_matched=False)
    register(unmatched, monkeypatch)
    entry = OutputFactory(kind="made_up", submitted=True, organisation=university)

    actions.publish_solutions(solutions=[entry], by=operator, at=timezone.now()).only()

    assert not MatchRun.objects.exists()
    assert not matchable().filter(pk=entry.pk).exists()


# --- a made-up field -----------------------------------------------------------------------------------------------
@pytest.fixture
def new_field(monkeypatch: pytest.MonkeyPatch) -> Field:
    field = Field(
        "caution",
        "注意事项",
        lambda raw: text(raw, limit=50),
        headings=("注意事项", "注意"),
        reads="body",
        input=Input(WHAT, help="One sentence."),
        api=(serializers.CharField, {"required": False}),
    )
    monkeypatch.setitem(OUTPUT.fields, "caution", field)
    return field


@pytest.mark.django_db
def test_a_field_added_to_the_table_of_outputs_is_everywhere(new_field: Field) -> None:
    form = OutputForm()
    assert form["caution"].help_text == "One sentence."
    assert "caution" in [field.name for section in form.sections() for field in section.fields]

    assert "caution" in OutputInputSerializer().fields
    assert OutputSerializer().fields["caution"].source == "output.caution"

    assert columns_of(OUTPUT)["caution"] == ("注意事项", "注意")
    assert OUTPUT.clean({"caution": " 防潮 "}, partly=True) == {"caution": "防潮"}

    solution = OutputFactory(published=True)
    SolutionIndicatorFactory(solution=solution)
    solution.output.caution = "须在干燥环境使用"
    assert new_field in fields_read_as(OUTPUT.fields, "body")
    assert "须在干燥环境使用" in document_of_solution(solution).body
    assert "注意事项" in [read.label for read in solution_texts(solution, [])]

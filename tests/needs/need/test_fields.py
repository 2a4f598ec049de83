"""The table of a need's content: what stands in it reaches the form, the API, imports, disclosure and the engine."""

from functools import partial

import pytest
from rest_framework import serializers

from lib import cleaning
from lib.fields import Field, Input
from matching.documents.builder import document_of_need, hides_something, public_document_of_need
from matching.explanation.texts import need_texts
from needs.disclosure.permissions import FULL
from needs.disclosure.queries import disclosed, public_view
from needs.need.api import NeedInputSerializer, NeedSerializer
from needs.need.fields import NEED, SITUATION, clean_need
from needs.need.forms import NeedForm
from needs.need.imports import import_columns
from tests.factories.needs import NeedFactory


@pytest.fixture
def made_up(monkeypatch: pytest.MonkeyPatch) -> Field:
    field = Field(
        "made_up",
        "编造项",
        partial(cleaning.text, limit=50),
        headings=("编造",),
        api=(serializers.CharField, {"required": False}),
        reads="body",
        hides_as="made_up",
        input=Input(SITUATION),
    )
    monkeypatch.setitem(NEED, "made_up", field)
    return field


def test_every_field_but_the_levels_is_asked_for_in_the_form() -> None:
    asked = [row.field.name for part in NeedForm().parts() for row in part.rows]
    assert sorted(asked) == sorted(NEED.keys() - {"disclosure"})


@pytest.mark.django_db
@pytest.mark.usefixtures("made_up")
def test_a_field_of_the_table_is_everywhere() -> None:
    form = NeedForm({"title": "示例", "made_up": " 密语 ", "level_made_up": "nda"})
    assert form.is_valid()
    assert (form.content["made_up"], form.content["disclosure"]) == ("密语", {"made_up": "nda"})
    rows = [row for part in form.parts() for row in part.rows]
    assert ("made_up", "level_made_up") in {(row.field.name, row.level.name) for row in rows if row.level}

    assert "made_up" in NeedInputSerializer().fields
    assert "made_up" in NeedSerializer().fields
    assert import_columns()["made_up"] == ("编造",)
    assert clean_need({"title": "示例", "disclosure": "编造项：nda"})["disclosure"] == {"made_up": "nda"}

    need = NeedFactory(published=True, disclosure={"made_up": "nda"})
    need.made_up = "密语"
    view = public_view(need)
    assert (view.made_up, view.locks["made_up"]) == ("", "nda")
    assert hides_something(need)
    assert "密语" in document_of_need(need).body
    public = public_document_of_need(need)
    assert public is not None
    assert "密语" not in public.body
    assert ("编造项", [("密语", False)]) in [
        (text.label, text.pieces) for text in need_texts(disclosed(need, FULL), [])
    ]

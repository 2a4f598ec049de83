"""What is derived from a table of content fields."""

from functools import partial

import pytest
from django import forms
from django.core.exceptions import ValidationError

from lib import cleaning
from lib.fields import (
    ContentForm,
    Field,
    Input,
    Section,
    area,
    clean,
    columns,
    fields_read_as,
    hidden_together,
    is_empty,
    kept,
    missing,
    read_as,
    table,
)
from lib.form_fields import CleanedChoiceField, FlagField, WordsField

WHAT = Section("What it is", "In one minute.")
HOW = Section("How", "As it is.")
TABLE = table(
    Field(
        "title",
        "Title",
        partial(cleaning.line, limit=10, required=True),
        headings=("名称",),
        reads="title",
        input=Input(WHAT, label="Its title", help="Short.", required=True),
    ),
    Field(
        "keywords",
        "Keywords",
        partial(cleaning.words, most=3, limit=10),
        reads="keywords",
        input=Input(WHAT, form_field=WordsField, widget=forms.TextInput()),
    ),
    Field("low", "From", partial(cleaning.whole, low=1, high=9), hides_as="budget"),
    Field("high", "To", partial(cleaning.whole, low=1, high=9), hides_as="budget"),
    Field(
        "summary",
        "Summary",
        partial(cleaning.text, limit=100),
        reads="body",
        needed_for=frozenset({"submit"}),
        input=Input(HOW, widget=area(4)),
    ),
    Field(
        "stage",
        "Stage",
        cleaning.flag,
        is_kept=False,
        input=Input(HOW, form_field=CleanedChoiceField, choices=[("a", "A")], clean=str, initial="a"),
    ),
    Field("local", "Local", cleaning.flag, input=Input(HOW, form_field=FlagField)),
)


class AForm(ContentForm):
    table = TABLE
    extra = forms.CharField(required=False)


def test_a_name_stands_once():
    with pytest.raises(ValueError, match="twice"):
        table(TABLE["title"], TABLE["title"])


def test_cleaning_gives_every_kept_field_or_only_those_sent():
    assert clean(TABLE, {"title": "Steel", "low": "3"}) == {
        "title": "Steel",
        "keywords": [],
        "low": 3,
        "high": None,
        "summary": "",
        "local": False,
    }
    assert clean(TABLE, {"low": "3", "stage": "yes"}, partly=True) == {"low": 3, "stage": True}


def test_cleaning_names_every_field_that_complains():
    with pytest.raises(ValidationError) as error:
        clean(TABLE, {"title": "far too long a title", "low": "10"})

    assert set(error.value.message_dict) == {"title", "low"}


def test_a_form_asks_for_what_has_an_input_in_the_order_of_the_table():
    form = AForm()

    assert list(form.fields) == ["title", "keywords", "summary", "stage", "local", "extra"]
    assert [(section.title, [field.name for field in section.fields]) for section in form.sections()] == [
        ("What it is", ["title", "keywords"]),
        ("How", ["summary", "stage", "local"]),
    ]
    assert (form["title"].label, form["title"].help_text, form["title"].field.required) == ("Its title", "Short.", True)
    assert form["summary"].label == "Summary"
    assert form["stage"].initial == "a"


def test_a_form_cleans_with_the_table():
    form = AForm({"title": "Steel", "keywords": "a、b", "summary": "", "stage": "x", "local": "on"})

    assert form.is_valid()
    assert form.content == {"title": "Steel", "keywords": ["a", "b"], "summary": "", "local": True}
    assert form.cleaned_data["stage"] == "x"  # by the cleaner of the input
    assert not AForm({"title": ""}).is_valid()


def test_forms_do_not_share_their_fields():
    first, second = AForm(), AForm()
    first.fields["title"].help_text = "Other."

    assert second.fields["title"].help_text == "Short."
    assert first.fields["summary"].widget is not second.fields["summary"].widget


def test_a_field_added_later_is_asked_for(monkeypatch):
    monkeypatch.setitem(TABLE, "made_up", Field("made_up", "Made up", cleaning.flag, input=Input(HOW)))

    assert "made_up" in AForm().fields
    assert "made_up" in columns(TABLE)
    assert "made_up" in kept(TABLE)


def test_what_the_engine_reads_of_a_part():
    values = {"title": "Steel", "keywords": ["a", "b"]}

    assert [field.name for field in fields_read_as(TABLE, "body")] == ["summary"]
    assert read_as(TABLE, "title", values.get) == ["Steel"]
    assert read_as(TABLE, "keywords", values.get) == ["a", "b"]


def test_columns_missing_and_hidden():
    assert columns(TABLE)["title"] == ("名称",)
    assert [field.name for field in missing(TABLE, {"summary": ""}.get, "submit")] == ["summary"]
    assert missing(TABLE, {"summary": "x"}.get, "submit") == []
    assert missing(TABLE, {}.get, "publish") == []
    assert {name: [field.name for field in group] for name, group in hidden_together(TABLE).items()} == {
        "budget": ["low", "high"]
    }


@pytest.mark.parametrize(("value", "answer"), [("", True), (None, True), ([], True), ({}, True), (0, False)])
def test_empty_is_what_nobody_filled_in(value: object, answer: bool):
    assert is_empty(value) is answer
    assert is_empty(False) is False

"""One table for the content of a thing people describe: a need, an output, a bid, a contract.

A room's `fields.py` holds the table and everything else is derived from it when it is asked for, so a new field is one
row of the table and a column of the model:

    ABOUT = Section(_("这是什么成果"), _("让企业在一分钟内看懂。"))
    OUTPUT = table(
        Field("title", _("名称"), partial(cleaning.line, limit=120, required=True), headings=("名称", "标题"),
              reads="title", input=Input(ABOUT, label=_("成果名称"), required=True)),
        Field("summary", _("简介"), partial(cleaning.text, limit=20_000), headings=("简介", "摘要"),
              reads="body", needed_for=frozenset({"submit"}), input=Input(ABOUT, widget=area(8))),
    )

    clean(OUTPUT, raw)                     values for the action, from a form, a file or the API
    class OutputForm(ContentForm):         a form with an input for each field, grouped in sections
        table = OUTPUT
    columns(OUTPUT)                        the columns of an import (lib.import_rows)
    ContentSerializer with Meta.table      input and output of the API (accounts.api.content)
    read_as(OUTPUT, "body", value_of)      what the engine reads, by the part of its document
    missing(OUTPUT, value_of, "submit")    what has to be filled in before a step
    hidden_together(OUTPUT)                what a writer may keep back

`value_of` is a function from a field's name to its value: `partial(getattr, need)`, `content.get`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING, Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError

from lib.cleaning import Cleaner
from lib.form_fields import CleanedField

if TYPE_CHECKING:
    from django.utils.functional import Promise
    from rest_framework import serializers

    Words = str | Promise


@dataclass(frozen=True, slots=True, eq=False)
class Section:
    """A group of a form's inputs under one heading; `lead` says what it is for."""

    title: Words
    lead: Words


@dataclass(frozen=True, slots=True)
class Input:
    """How a form asks for a field. What is left out is the form field's own default."""

    section: Section | None = None
    label: Words = ""  # where the form asks in other words than the field's label
    help: Words = ""
    form_field: type[forms.Field] = CleanedField  # one of lib.form_fields: it takes the cleaner first
    widget: forms.Widget | type[forms.Widget] | None = None
    choices: Sequence[Any] | Callable[[], Sequence[Any]] | None = None
    initial: Any = None
    required: bool = False  # marks it for the reader; the cleaner decides
    clean: Cleaner | None = None  # where the form offers choices no file or program would write


@dataclass(frozen=True, slots=True)
class Field:
    """One field of the content."""

    name: str  # of the model's field, unless `is_kept` is false
    label: Words
    clean: Cleaner
    input: Input | None = None  # None: no form asks for it
    headings: tuple[str, ...] = ()  # other names of its column in a file; `name` is always understood
    api: tuple[type[serializers.Field[Any, Any, Any, Any]], dict[str, Any]] | None = None  # None: as the model says
    reads: str = ""  # the part of the engine's document it belongs to: title, keywords, body, excluded, trl, …
    hides_as: str = ""  # the name under which its writer may keep it back; several fields may share one
    needed_for: frozenset[str] = frozenset()  # steps before which it must be filled in
    is_kept: bool = True  # False: only a way to write other fields, such as a maturity that stands for two levels


Table = dict[str, Field]
ValueOf = Callable[[str], Any]


def table(*fields: Field) -> Table:
    """The fields by name, in the order of the form. A name given twice is a ValueError."""
    named = {field.name: field for field in fields}
    if len(named) < len(fields):
        raise ValueError("A field stands in the table twice.")
    return named


def kept(table: Table) -> list[str]:
    """Names of the fields that have a place in the model."""
    return [field.name for field in table.values() if field.is_kept]


def clean(table: Table, raw: Mapping[str, Any], *, partly: bool = False) -> dict[str, Any]:
    """Clean values by name; `ValidationError` with all sentences by field when any field complains.

    `partly`: only the fields that `raw` holds (a PATCH, a file with few columns). Fields that are not kept are never
    filled in.
    """
    values: dict[str, Any] = {}
    errors: dict[str, ValidationError] = {}
    for name, field in table.items():
        if name not in raw and (partly or not field.is_kept):
            continue
        try:
            values[name] = field.clean(raw.get(name))
        except ValidationError as error:
            errors[name] = error
    if errors:
        raise ValidationError(errors)
    return values


def columns(table: Table) -> dict[str, tuple[str, ...]]:
    """Field → other names its column may have in a file."""
    return {field.name: field.headings for field in table.values()}


def fields_read_as(table: Table, part: str) -> list[Field]:
    """The fields that belong to one part of the engine's document, in the order of the table."""
    return [field for field in table.values() if field.reads == part]


def read_as(table: Table, part: str, value_of: ValueOf) -> list[Any]:
    """Their values; lists (keywords, innovations) are joined into one."""
    values: list[Any] = []
    for field in fields_read_as(table, part):
        value = value_of(field.name)
        values += value if isinstance(value, list | tuple) else [value]
    return values


def text_fields(table: Table) -> list[Field]:
    """The fields of whose words the engine takes account: title, keywords, body."""
    return [field for part in ("title", "keywords", "body") for field in fields_read_as(table, part)]


def is_empty(value: Any) -> bool:
    """Nothing was filled in. Zero and False are values."""
    return value is None or value in ("", [], {})


def missing(table: Table, value_of: ValueOf, step: str) -> list[Field]:
    """Fields that are needed for `step` and empty, in the order of the table."""
    return [field for field in table.values() if step in field.needed_for and is_empty(value_of(field.name))]


def hidden_together(table: Table) -> dict[str, list[Field]]:
    """What a writer may keep back → the fields it stands for: `budget` → both its ends."""
    groups: dict[str, list[Field]] = {}
    for field in table.values():
        if field.hides_as:
            groups.setdefault(field.hides_as, []).append(field)
    return groups


# --- forms ---------------------------------------------------------------------------------------------------------
def area(rows: int) -> forms.Textarea:
    """The widget of a longer text."""
    return forms.Textarea(attrs={"rows": rows})


def form_fields(fields: Iterable[Field]) -> dict[str, forms.Field]:
    """A new form field for each that a form asks for."""
    return {field.name: _form_field(field, field.input) for field in fields if field.input}


def _form_field(field: Field, asked: Input) -> forms.Field:
    options: dict[str, Any] = {
        "label": asked.label or field.label,
        "help_text": asked.help,
        "required": asked.required,
        "widget": asked.widget,
        "choices": asked.choices,
        "initial": asked.initial,
    }
    make: Callable[..., forms.Field] = asked.form_field  # those of lib.form_fields take the cleaner first
    return make(asked.clean or field.clean, **{name: option for name, option in options.items() if option is not None})


@dataclass(frozen=True, slots=True)
class FormSection:
    """One section with its inputs, for the template."""

    title: Words
    lead: Words
    fields: list[forms.BoundField]


class ContentForm(forms.Form):
    """A form over a table, with what a subclass declares beside it. Ask for `content` after `is_valid()`."""

    use_required_attribute = False
    table: ClassVar[Table] = {}

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields = {**form_fields(self.table.values()), **self.fields}

    def sections(self) -> list[FormSection]:
        """The inputs in the order of the table; neighbours of one section stand together."""
        asked = [(field.input.section, field.name) for field in self.table.values() if field.input]
        return [
            FormSection(section.title, section.lead, [self[name] for _section, name in group])
            for section, group in groupby(asked, key=lambda pair: pair[0])
            if section is not None
        ]

    @property
    def content(self) -> dict[str, Any]:
        """Clean values of the fields that are kept."""
        return {name: self.cleaned_data[name] for name in kept(self.table) if name in self.cleaned_data}

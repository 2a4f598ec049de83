"""Serializers over a table of content fields (lib.fields)."""

from typing import Any

from rest_framework import serializers

from lib.fields import Table, kept

# Stands in `Meta.fields` for the fields of the table.
CONTENT = "(content)"


class ContentSerializer(serializers.ModelSerializer[Any]):
    """A model serializer with the fields of `Meta.table` where `Meta.fields` says CONTENT.

    Each is built as the model says, unless the table gives its `api` or the class declares it. `Meta.without` are
    names of the table that are left out.
    """

    def content_table(self) -> Table:
        table: Table = self.Meta.table
        return table

    def get_field_names(self, declared_fields: Any, info: Any) -> list[str]:
        without = getattr(self.Meta, "without", ())
        content = [name for name in kept(self.content_table()) if name not in without]
        names: list[str] = []
        for name in self.Meta.fields:
            names += content if name == CONTENT else [name]
        return names

    def build_field(self, field_name: str, info: Any, model_class: Any, nested_depth: int) -> Any:
        field = self.content_table().get(field_name)
        if field is not None and field.api:
            field_class, options = field.api
            return field_class, dict(options)
        return super().build_field(field_name, info, model_class, nested_depth)

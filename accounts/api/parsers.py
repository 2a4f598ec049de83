"""Reading a request's body: JSON and nothing else."""

from collections.abc import Mapping
from typing import IO, Any

from django.utils.translation import gettext as _
from rest_framework import exceptions, parsers


class JSONParser(parsers.JSONParser):
    """DRF's, with a message for people, and for a body nested deeper than Python's stack too."""

    def parse(
        self, stream: IO[Any], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> Any:
        try:
            return super().parse(stream, media_type=media_type, parser_context=parser_context)
        except (exceptions.ParseError, RecursionError) as error:
            raise exceptions.ParseError(_("请求内容不是有效的 JSON。")) from error

"""Reading a request's body: JSON and nothing else, and no more of it than a form may hold."""

from typing import IO, Any

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from rest_framework import exceptions, parsers, status


class TooLarge(exceptions.APIException):
    status_code = status.HTTP_413_REQUEST_ENTITY_TOO_LARGE
    default_detail = gettext_lazy("请求内容太大。")
    default_code = "too_large"


class BoundedJSONParser(parsers.JSONParser):
    """DRF reads a JSON body straight from the stream, past Django's own limit: the limit is held here."""

    def parse(
        self, stream: IO[Any], media_type: str | None = None, parser_context: dict[str, Any] | None = None
    ) -> Any:
        request = (parser_context or {})["request"]
        # The server hands over no more than the announced length, so the announcement can be trusted.
        if int(request.META.get("CONTENT_LENGTH") or 0) > settings.DATA_UPLOAD_MAX_MEMORY_SIZE:
            raise TooLarge
        try:
            return super().parse(stream, media_type=media_type, parser_context=parser_context)
        except (exceptions.ParseError, RecursionError) as error:
            raise exceptions.ParseError(_("请求内容不是有效的 JSON。")) from error

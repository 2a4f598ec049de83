"""One shape for every error of the API: {"error": {"code": …, "message": …, "fields": {…}}}; never a trace."""

import logging
from typing import Any

from django.core.exceptions import PermissionDenied, RequestDataTooBig, ValidationError
from django.http import Http404
from django.utils.translation import gettext as _
from rest_framework import exceptions, status
from rest_framework.response import Response
from rest_framework.serializers import as_serializer_error
from rest_framework.views import exception_handler, set_rollback

from lib.refusals import Denied, NotReady, WrongState

logger = logging.getLogger(__name__)


def handle(exc: Exception, context: dict[str, Any]) -> Response:
    """DRF's EXCEPTION_HANDLER. Unknown exceptions are logged with their trace and answered with 500."""
    if isinstance(exc, Denied):
        return _refused(status.HTTP_403_FORBIDDEN, "permission_denied", str(exc))
    if isinstance(exc, WrongState):
        return _refused(status.HTTP_409_CONFLICT, "wrong_state", str(exc))
    if isinstance(exc, NotReady):
        return _refused(status.HTTP_409_CONFLICT, "not_ready", str(exc))
    if isinstance(exc, RequestDataTooBig):
        return _refused(status.HTTP_413_REQUEST_ENTITY_TOO_LARGE, "too_large", _("请求内容太大。"))
    if isinstance(exc, Http404):
        exc = exceptions.NotFound()
    elif isinstance(exc, PermissionDenied):
        exc = exceptions.PermissionDenied()
    elif isinstance(exc, ValidationError):
        exc = exceptions.ValidationError(as_serializer_error(exc))
    response = exception_handler(exc, context)
    if response is None or not isinstance(exc, exceptions.APIException):
        logger.error("API error at %s", context["request"].path, exc_info=exc)
        return _refused(status.HTTP_500_INTERNAL_SERVER_ERROR, "server_error", _("服务器出错了，请稍后重试。"))
    if isinstance(exc, exceptions.ValidationError):
        response.data = body(
            code="invalid", message=_("提交的内容有误，请检查所列字段。"), fields=_by_field(exc.detail)
        )
    else:
        response.data = body(code=str(exc.get_codes()), message=str(exc.detail), fields={})
    return response


def body(*, code: str, message: str, fields: dict[str, Any]) -> dict[str, Any]:
    """The shape itself. `fields`: field name → messages, nested as the input was; `""` is the whole input."""
    return {"error": {"code": code, "message": message, "fields": fields}}


def _refused(status_code: int, code: str, message: str) -> Response:
    set_rollback()
    return Response(body(code=code, message=message, fields={}), status=status_code)


def _by_field(detail: Any) -> dict[str, Any]:
    if isinstance(detail, dict):
        return {"" if name == "non_field_errors" else name: value for name, value in detail.items()}
    return {"": detail}

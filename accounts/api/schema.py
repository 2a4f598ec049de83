"""How the API describes itself: the shape of errors, and which of them an endpoint answers with."""

from typing import Any

from rest_framework import serializers

READ_ERRORS = (400, 404, 429)
ACTION_ERRORS = (400, 401, 403, 404, 409, 413, 415, 429)


class ErrorBodySerializer(serializers.Serializer):
    code = serializers.CharField(help_text="Stable, for programs: invalid, not_found, wrong_state …")
    message = serializers.CharField(help_text="For people, in the language of the request.")
    fields = serializers.DictField(  # type: ignore[assignment]  # a field's name; DRF has an attribute of that name
        help_text="Field name → messages, nested as the input was; an empty name stands for the whole input."
    )


class ErrorSerializer(serializers.Serializer):
    error = ErrorBodySerializer()


def answers(answer: Any, *, status: int = 200, errors: tuple[int, ...] = READ_ERRORS) -> dict[int, Any]:
    """`responses=` of an endpoint: its answer, and the one shape of every error it may give."""
    return {status: answer, **dict.fromkeys(errors, ErrorSerializer)}


def acted(answer: Any, *, status: int = 200) -> dict[int, Any]:
    """`responses=` of an endpoint that does something."""
    return answers(answer, status=status, errors=ACTION_ERRORS)

"""What several views of challenges begin with."""

from django.http import HttpRequest
from django.shortcuts import get_object_or_404

from needs.models import Challenge
from needs.queries.challenges import with_need


def visible_challenge(request: HttpRequest, code: str) -> Challenge:
    """The challenge `code` with its need and the need's people, when the reader may see it; else 404."""
    return get_object_or_404(with_need(Challenge.objects.visible_to(request.user)), code=code)

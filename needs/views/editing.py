"""Writing a need: one form for drafts and changes."""

from django.http import Http404, HttpRequest, HttpResponse


def create(request: HttpRequest) -> HttpResponse:
    raise Http404


def edit(request: HttpRequest, code: str) -> HttpResponse:
    raise Http404

"""Pages that show needs: the public list, one need, one's own."""

from django.http import Http404, HttpRequest, HttpResponse


def need_list(request: HttpRequest) -> HttpResponse:
    raise Http404


def mine(request: HttpRequest) -> HttpResponse:
    raise Http404


def detail(request: HttpRequest, code: str) -> HttpResponse:
    raise Http404

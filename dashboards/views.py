"""Pages that only compose: each number comes from the `queries.py` of the app that owns it."""

from django.http import HttpRequest, HttpResponse


def home(request: HttpRequest) -> HttpResponse:
    return HttpResponse()


def desk(request: HttpRequest) -> HttpResponse:
    return HttpResponse()


def about_matching(request: HttpRequest) -> HttpResponse:
    return HttpResponse()

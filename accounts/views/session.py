"""Pages to come."""

from django.http import HttpRequest, HttpResponse


def login(request: HttpRequest, **kwargs: object) -> HttpResponse:
    return HttpResponse(status=501)


def logout(request: HttpRequest, **kwargs: object) -> HttpResponse:
    return HttpResponse(status=501)


def register(request: HttpRequest, **kwargs: object) -> HttpResponse:
    return HttpResponse(status=501)

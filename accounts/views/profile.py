"""Pages to come."""

from django.http import HttpRequest, HttpResponse


def profile(request: HttpRequest, **kwargs: object) -> HttpResponse:
    return HttpResponse(status=501)


def password_change(request: HttpRequest, **kwargs: object) -> HttpResponse:
    return HttpResponse(status=501)


def token(request: HttpRequest, **kwargs: object) -> HttpResponse:
    return HttpResponse(status=501)


def choose_organisation(request: HttpRequest, **kwargs: object) -> HttpResponse:
    return HttpResponse(status=501)

"""Pages to come."""

from django.http import HttpRequest, HttpResponse


def verification_queue(request: HttpRequest, **kwargs: object) -> HttpResponse:
    return HttpResponse(status=501)


def verification_decide(request: HttpRequest, **kwargs: object) -> HttpResponse:
    return HttpResponse(status=501)

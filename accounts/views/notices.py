"""Pages to come."""

from django.http import HttpRequest, HttpResponse


def notices(request: HttpRequest, **kwargs: object) -> HttpResponse:
    return HttpResponse(status=501)


def notices_read_all(request: HttpRequest, **kwargs: object) -> HttpResponse:
    return HttpResponse(status=501)


def notice_open(request: HttpRequest, **kwargs: object) -> HttpResponse:
    return HttpResponse(status=501)

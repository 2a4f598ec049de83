"""Pages to come."""

from django.http import HttpRequest, HttpResponse


def members(request: HttpRequest, **kwargs: object) -> HttpResponse:
    return HttpResponse(status=501)


def member_role(request: HttpRequest, **kwargs: object) -> HttpResponse:
    return HttpResponse(status=501)


def member_end(request: HttpRequest, **kwargs: object) -> HttpResponse:
    return HttpResponse(status=501)


def invite(request: HttpRequest, **kwargs: object) -> HttpResponse:
    return HttpResponse(status=501)


def invitation_accept(request: HttpRequest, **kwargs: object) -> HttpResponse:
    return HttpResponse(status=501)


def invitation_revoke(request: HttpRequest, **kwargs: object) -> HttpResponse:
    return HttpResponse(status=501)

"""The operator's review of matches."""

from django.http import HttpRequest, HttpResponse


def review(request: HttpRequest) -> HttpResponse:
    return HttpResponse()


def match_confirm(request: HttpRequest, code: str) -> HttpResponse:
    return HttpResponse()


def match_reject(request: HttpRequest, code: str) -> HttpResponse:
    return HttpResponse()

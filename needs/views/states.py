"""What an owner does with needs: submit, withdraw, close."""

from django.http import Http404, HttpRequest, HttpResponse


def submit(request: HttpRequest, code: str) -> HttpResponse:
    raise Http404


def withdraw(request: HttpRequest, code: str) -> HttpResponse:
    raise Http404


def close(request: HttpRequest, code: str) -> HttpResponse:
    raise Http404


def bulk(request: HttpRequest) -> HttpResponse:
    raise Http404

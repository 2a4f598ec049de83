"""What operators do with needs."""

from django.http import Http404, HttpRequest, HttpResponse


def queue(request: HttpRequest) -> HttpResponse:
    raise Http404


def publish(request: HttpRequest, code: str) -> HttpResponse:
    raise Http404


def send_back(request: HttpRequest, code: str) -> HttpResponse:
    raise Http404


def acknowledge(request: HttpRequest, code: str) -> HttpResponse:
    raise Http404


def assign(request: HttpRequest, code: str) -> HttpResponse:
    raise Http404

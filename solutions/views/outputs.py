"""Research outputs: the public catalogue, one's own outputs, writing and handing in."""

from django.http import Http404, HttpRequest, HttpResponse


def output_list(request: HttpRequest) -> HttpResponse:
    raise Http404


def create(request: HttpRequest) -> HttpResponse:
    raise Http404


def mine(request: HttpRequest) -> HttpResponse:
    raise Http404


def bulk(request: HttpRequest) -> HttpResponse:
    raise Http404


def detail(request: HttpRequest, code: str) -> HttpResponse:
    raise Http404


def edit(request: HttpRequest, code: str) -> HttpResponse:
    raise Http404


def submit(request: HttpRequest, code: str) -> HttpResponse:
    raise Http404


def withdraw(request: HttpRequest, code: str) -> HttpResponse:
    raise Http404

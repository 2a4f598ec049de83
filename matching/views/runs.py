"""Runs: their health for operators, their progress for whoever waits."""

from django.http import HttpRequest, HttpResponse


def run_list(request: HttpRequest) -> HttpResponse:
    return HttpResponse()


def run_detail(request: HttpRequest, code: str) -> HttpResponse:
    return HttpResponse()


def run_progress(request: HttpRequest, code: str) -> HttpResponse:
    return HttpResponse()


def rematch(request: HttpRequest) -> HttpResponse:
    return HttpResponse()

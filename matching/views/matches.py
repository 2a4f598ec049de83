"""Candidates of a need, needs for an output, one match explained, and the answers of both sides."""

from django.http import HttpRequest, HttpResponse


def for_need(request: HttpRequest, code: str) -> HttpResponse:
    return HttpResponse()


def for_solution(request: HttpRequest, code: str) -> HttpResponse:
    return HttpResponse()


def match_detail(request: HttpRequest, code: str) -> HttpResponse:
    return HttpResponse()


def match_buyer_answer(request: HttpRequest, code: str) -> HttpResponse:
    return HttpResponse()


def match_supplier_answer(request: HttpRequest, code: str) -> HttpResponse:
    return HttpResponse()

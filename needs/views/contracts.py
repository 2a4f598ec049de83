"""Pages that show contracts: one's own, and one contract's whole story."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from needs.views.common import visible_contract


@require_safe
def detail(request: HttpRequest, code: str) -> HttpResponse:
    return render(request, "needs/contract_detail.html", {"contract": visible_contract(request, code)})

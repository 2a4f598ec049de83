"""What several views of needs begin or end with."""

from django.contrib import messages
from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _

from needs.models import Contract, Need
from solutions.domain.batch import Batch
from solutions.validators import strip_controls

PER_PAGE = 20
REFUSALS_TOLD = 5


def visible_need(request: HttpRequest, code: str) -> Need:
    """The need `code` with its organisation and caretaker, when the reader may see it; else 404."""
    needs = Need.objects.visible_to(request.user).select_related("organisation", "caretaker")
    return get_object_or_404(needs, code=code)


def said(request: HttpRequest, name: str, *, limit: int) -> str:
    """What a form of one field says, cut at `limit`: without the control characters the database cannot keep."""
    return strip_controls(request.POST.get(name, ""))[:limit]


def tell_batch(request: HttpRequest, batch: Batch[Need], *, done: str) -> None:
    """Say how many needs were dealt with (`done` holds %(number)s) and which could not be, and why."""
    if batch.done:
        messages.success(request, done % {"number": len(batch.done)})
    for need, error in batch.refused[:REFUSALS_TOLD]:
        messages.warning(request, _("《%(title)s》未处理：%(reason)s") % {"title": need.title, "reason": error})
    if (more := len(batch.refused) - REFUSALS_TOLD) > 0:
        messages.warning(request, _("另有 %(number)s 项未处理。") % {"number": more})


def visible_contract(request: HttpRequest, code: str) -> Contract:
    """The contract `code` with its need, both organisations and output, when the reader may see it; else 404."""
    contracts = Contract.objects.visible_to(request.user).select_related(
        "need__organisation", "need__caretaker", "supplier", "solution", "bid__challenge"
    )
    return get_object_or_404(contracts, code=code)

"""Near-duplicates for operators, and the hint to a poser that others ask for the same in public."""

from functools import partial
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.http import Request
from accounts.middleware import came_from
from accounts.permissions import check_operator
from lib.fields import read_as
from lib.refusals import WrongState
from matching.documents.builder import document_of_need
from matching.engine.documents import Document
from matching.models import Duplicate, DuplicateKind
from matching.similar import actions as similar
from needs.disclosure.permissions import is_insider
from needs.models import Need
from needs.need.fields import NEED

PER_PAGE = 20
LONGEST_TITLE = 1_000  # characters of what was typed that are looked at: the form says itself what is too long
LONGEST_BODY = 50_000


@require_safe
def duplicate_list(request: Request) -> HttpResponse:
    """Pairs that say nearly the same, needs or outputs; for operators."""
    check_operator(request.user)
    kind = DuplicateKind.OUTPUT if request.GET.get("kind") == DuplicateKind.OUTPUT else DuplicateKind.NEED
    page = Paginator(similar.waiting(kind), PER_PAGE).get_page(request.GET.get("page"))
    context = {"page": page, "kind": kind, "tabs": _tabs(kind)}
    return render(request, "matching/similar/duplicate_list.html", context)


@require_POST
def duplicate_dismiss(request: Request, first: str, second: str) -> HttpResponse:
    """The two are not the same."""
    check_operator(request.user)
    duplicate = get_object_or_404(Duplicate, first__key=first, second__key=second)
    try:
        similar.dismiss(duplicate=duplicate, by=request.user, at=timezone.now())
    except WrongState as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("已标记为不是重复。"))
    return redirect(came_from(request))


@require_safe
def similar_to_need(request: Request, code: str) -> HttpResponse:
    """Public needs of others that ask for much the same as this one, for those who may read all of it."""
    need = get_object_or_404(
        Need.objects.visible_to(request.user).select_related("organisation").prefetch_related("indicators"), code=code
    )
    if not is_insider(request.viewer, need):
        raise Http404
    return _page(request, document_of_need(need), need=need)


@require_POST
def similar_to_text(request: Request) -> HttpResponse:
    """The same for what stands in the form at this moment; nothing of it is kept."""
    read = partial(read_as, NEED, value_of=lambda name: request.POST.get(name, ""))
    document = Document(
        key=request.POST.get("code", ""),
        title="".join(read("title"))[:LONGEST_TITLE],
        keywords=tuple("、".join(read("keywords"))[:LONGEST_TITLE].split("、")),
        body="\n".join(read("body"))[:LONGEST_BODY],
    )
    return _page(request, document, need=None)


def _page(request: Request, document: Document, *, need: Need | None) -> HttpResponse:
    poser = None if need is None else need.organisation
    found = similar.similar_public_needs(document, asker=request.user, poser=poser)
    context: dict[str, Any] = {
        "found": found,
        "organisations": similar.organisations_among(found),
        "most": similar.MOST_SHOWN,
        "need": need,
    }
    return render(
        request,
        "matching/similar/_similar_needs.html" if request.htmx else "matching/similar/similar_needs.html",
        context,
    )


def _tabs(chosen: DuplicateKind) -> list[dict[str, object]]:
    return [
        {
            "url": f"?kind={kind}",
            "label": kind.label,
            "count": similar.waiting(kind).count(),
            "is_current": kind == chosen,
        }
        for kind in DuplicateKind
    ]

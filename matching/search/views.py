"""Search over needs and outputs, open to everybody."""

from django.contrib.auth.decorators import login_not_required
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.http import PublicRequest
from matching.search import queries as found
from matching.search.forms import SearchForm

PER_PAGE = 20


@require_safe
@login_not_required
def search(request: PublicRequest) -> HttpResponse:
    """Results of one side, the number of the other beside it; without words the newest."""
    form = SearchForm(request.GET)
    chosen = form.chosen
    query, side = chosen.get("q", ""), chosen.get("side", "need")
    side = side if side in found.SIDES else "need"
    narrow = {"industry": chosen.get("industry", ""), "province": chosen.get("region", "")}
    rows = {name: found.results_of(query, side=name, user=request.user, **narrow) for name in found.SIDES}
    page = Paginator(rows[side], PER_PAGE).get_page(request.GET.get("page"))
    other = next(name for name in found.SIDES if name != side)
    counts = {side: page.paginator.count, other: rows[other].count()}
    context = {
        "form": form,
        "query": query,
        "side": side,
        "page": page,
        "results": found.shown(page, query=query),
        "tabs": _tabs(request, side=side, counts=counts),
        "active": any(narrow.values()),
        "other_count": counts[other],
    }
    return render(request, "matching/search/search.html", context)


def _tabs(request: PublicRequest, *, side: str, counts: dict[str, int]) -> list[dict[str, object]]:
    labels = {"need": _("技术需求"), "solution": _("科技成果")}
    tabs = []
    for name, label in labels.items():
        params = request.GET.copy()
        params.pop("page", None)
        params["side"] = name
        tabs.append(
            {"url": f"?{params.urlencode()}", "label": label, "count": counts[name], "is_current": name == side}
        )
    return tabs

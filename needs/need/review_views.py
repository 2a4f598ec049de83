"""What operators do with needs: the review queue, publishing, returning, acknowledging, assigning; bulk actions."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Page, Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.http import PER_PAGE, Request, read_at
from accounts.permissions import check_operator
from lib.refusals import NotReady
from needs.disclosure.actions import shown_list
from needs.models import Need
from needs.need import actions, queries
from needs.need.forms import AssignForm
from needs.need.views import bulk_submit, show_batch, ticked, visible_need
from solutions.solution.forms import ReturnForm

CHANGED = "changed"


@require_safe
def queue(request: Request) -> HttpResponse:
    """Submitted needs, the longest waiting first; or published ones whose content changed."""
    check_operator(request.user)
    tab = CHANGED if request.GET.get("tab") == CHANGED else "submitted"
    if tab == CHANGED:
        needs = Need.objects.changed_since_review().order_by("changed_at", "pk")
    else:
        needs = Need.objects.awaiting_review().order_by("submitted_at", "pk")
    needs = needs.select_related("organisation", "caretaker").prefetch_related("indicators")
    page: Page[Any] = Paginator(needs, PER_PAGE).get_page(request.GET.get("page"))
    changes = queries.changed_fields(page) if tab == CHANGED else {}
    # Operators read everything; what is not public is written down for the poser all the same.
    page.object_list = shown_list(needs=page.object_list, viewer=request.viewer, at=timezone.now(), only=None)
    context = {
        "tab": tab,
        "tabs": _queue_tabs(current=tab),
        "page": page,
        "rows": [(need, changes.get(need.code, [])) for need in page],
    }
    return render(request, "needs/need/need_review.html", context)


def _queue_tabs(*, current: str) -> list[dict[str, object]]:
    counts = queries.review_counts()
    return [
        {"url": f"?tab={key}", "label": label, "count": counts[key], "is_current": key == current}
        for key, label in (("submitted", _("待审核")), (CHANGED, _("发布后有修改")))
    ]


@require_POST
def publish(request: Request, code: str) -> HttpResponse:
    need = visible_need(request, code)
    try:
        actions.publish_needs(needs=[need], by=request.user, at=timezone.now(), read_at=read_at(request)).only()
        messages.success(request, _("《%(title)s》已发布。") % {"title": need.title})
    except NotReady as error:
        messages.error(request, str(error))
        return redirect(need)
    return redirect("needs:review-queue")


@require_POST
def send_back(request: Request, code: str) -> HttpResponse:
    need = visible_need(request, code)
    check_operator(request.user)
    form = ReturnForm(request.POST)
    if not form.is_valid():
        return render(
            request, "needs/need/need_decide.html", {"need": need, "form": form, "title": _("退回修改")}, status=422
        )
    actions.return_need(need=need, reason=form.cleaned_data["reason"], by=request.user, at=timezone.now())
    messages.success(request, _("《%(title)s》已退回，并已通知提出方。") % {"title": need.title})
    return redirect("needs:review-queue")


@require_POST
def acknowledge(request: Request, code: str) -> HttpResponse:
    need = actions.acknowledge_change(
        need=visible_need(request, code), by=request.user, at=timezone.now(), read_at=read_at(request)
    )
    messages.success(request, _("已确认《%(title)s》的修改。") % {"title": need.title})
    return redirect("needs:review-queue")


@require_POST
def assign(request: Request, code: str) -> HttpResponse:
    need = visible_need(request, code)
    check_operator(request.user)
    form = AssignForm(request.POST, people=queries.caretaker_candidates())
    if not form.is_valid():
        messages.error(request, " ".join(str(error) for error in form.errors["caretaker"]))
        return redirect(need)
    actions.assign_caretaker(need=need, caretaker=form.cleaned_data["caretaker"], by=request.user, at=timezone.now())
    messages.success(request, _("服务专员已更新。"))
    return redirect(need)


@require_POST
def bulk(request: Request) -> HttpResponse:
    """Submit or publish the ticked needs, or with `everything` all of the current tab (submit only)."""
    action = request.POST.get("action")
    if action == "submit":
        return bulk_submit(request)
    if action == "publish":
        return _bulk_publish(request)
    raise Http404


def _bulk_publish(request: Request) -> HttpResponse:
    needs = ticked(request)
    if not needs:
        messages.warning(request, _("请先勾选要发布的需求。"))
        return redirect("needs:review-queue")
    batch = actions.publish_needs(needs=needs, by=request.user, at=timezone.now(), read_at=read_at(request))
    show_batch(request, batch, done=_("已发布 %(number)s 项需求。"))
    return redirect("needs:review-queue")

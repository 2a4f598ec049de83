"""What all kinds of entries have: the page of one, handing in and taking back, and what operators decide.

The views of a kind use the parts at the end.
"""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.paginator import Page, Paginator
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.http import PublicRequest, Request, read_at
from accounts.models import Organisation
from accounts.permissions import Denied, check_operator
from lib import industries, regions
from lib.batch import Batch
from lib.refusals import NotReady
from solutions.kinds import kind_of
from solutions.models import Solution
from solutions.solution import actions, permissions, queries
from solutions.solution.forms import ReturnForm
from solutions.solution.workflow import SOLUTION_ACTIONS

PER_PAGE = 20
MOST_REASONS = 10


@login_not_required
@require_safe
def detail(request: PublicRequest, code: str) -> HttpResponse:
    """The page of an entry; its kind says what stands there besides."""
    solution = visible_solution(request, code)
    kind = kind_of(solution)
    is_insider = permissions.sees_everything(request.user, solution)
    return render(
        request,
        kind.template,
        {
            "solution": solution,
            "industries": [industries.industry_name(code) for code in solution.industries],
            "region": regions.region_name(solution.region_code),
            "indicators": queries.visible_indicators(solution, with_private=is_insider),
            "is_insider": is_insider,
            "events": events_of(solution) if is_insider else [],
            "edit_url": kind.edit_url(solution),
            **kind.page(solution),
            **actions_for(request, solution),
        },
    )


@require_POST
def submit(request: Request, code: str) -> HttpResponse:
    solution = visible_solution(request, code)
    submit_one(request, solution)
    return redirect(solution)


@require_POST
def withdraw(request: Request, code: str) -> HttpResponse:
    solution = visible_solution(request, code)
    actions.withdraw_solution(solution=solution, by=request.user, at=timezone.now())
    messages.success(request, _("已撤回，不再公开。修改后可以再次提交。"))
    return redirect(solution)


@require_safe
def queue(request: Request) -> HttpResponse:
    check_operator(request.user)
    shows_changes = request.GET.get("tab") == "changed"
    page = page_of(request, queries.changed_since_review() if shows_changes else queries.awaiting_review())
    return render(
        request,
        "solutions/solution/review_queue.html",
        {
            "page": page,
            "rows": [{"solution": solution, "kind": kind_of(solution).label} for solution in page],
            "shows_changes": shows_changes,
            "counts": queries.review_counts(),
        },
    )


@require_POST
def publish(request: Request, code: str) -> HttpResponse:
    solution = visible_solution(request, code)
    actions.publish_solutions(solutions=[solution], by=request.user, at=timezone.now(), read_at=read_at(request)).only()
    messages.success(request, _("《%(title)s》已发布。") % {"title": solution.title})
    return redirect("solutions:review-queue")


@require_POST
def send_back(request: Request, code: str) -> HttpResponse:
    solution = visible_solution(request, code)
    check_operator(request.user)
    form = ReturnForm(request.POST)
    if not form.is_valid():
        return render(request, "solutions/solution/return_form.html", {"form": form, "solution": solution})
    actions.return_solution(solution=solution, reason=form.cleaned_data["reason"], by=request.user, at=timezone.now())
    messages.success(request, _("《%(title)s》已退回，对方会收到原因。") % {"title": solution.title})
    return redirect("solutions:review-queue")


@require_POST
def acknowledge(request: Request, code: str) -> HttpResponse:
    solution = visible_solution(request, code)
    actions.acknowledge_change(solution=solution, by=request.user, at=timezone.now(), read_at=read_at(request))
    messages.success(request, _("已确认《%(title)s》的改动。") % {"title": solution.title})
    return redirect("solutions:review-queue")


# --- parts of the views of every kind ------------------------------------------------------------------------------


def current_organisation(request: Request) -> Organisation:
    if request.organisation is None:
        raise Denied(_("请先登记或加入一个机构，再管理成果。"))
    return request.organisation


def visible_solution(request: PublicRequest, code: str) -> Solution:
    return get_object_or_404(
        queries.with_details(Solution.objects.visible_to(request.user)),
        code=code,
    )


def page_of(request: PublicRequest, rows: QuerySet[Any]) -> Page[Any]:
    return Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))


def report_batch(request: Request, batch: Batch[Solution], *, done: str) -> None:
    """Say how many were done (`done` has a %(count)s) and why each of the others was not."""
    if batch.done:
        messages.success(request, done % {"count": len(batch.done)})
    for solution, reason in batch.refused[:MOST_REASONS]:
        messages.warning(request, _("《%(title)s》：%(reason)s") % {"title": solution.title, "reason": reason})
    if (more := len(batch.refused) - MOST_REASONS) > 0:
        messages.warning(request, _("另有 %(count)s 项未能处理，原因相同或类似。") % {"count": more})
    if not batch.done and not batch.refused:
        messages.warning(request, _("请先勾选要处理的成果。"))


def after_saving(request: Request, solution: Solution) -> HttpResponse:
    """Hand in when that button was pressed, say what was done, and show the entry."""
    if request.POST.get("then") == "submit":
        try:
            submit_one(request, solution)
        except Denied as reason:
            # saved it is; what keeps it from review is said where it can be seen
            messages.warning(request, _("已保存，还没有提交：%(reason)s") % {"reason": reason})
    else:
        messages.success(request, _("已保存。"))
    return redirect(solution)


def submit_one(request: Request, solution: Solution) -> None:
    try:
        actions.submit_solutions(solutions=[solution], by=request.user, at=timezone.now()).only()
    except NotReady as reason:
        messages.warning(request, str(reason))
    else:
        messages.success(request, _("已提交，运营人员审核后发布；结果会在通知里告诉您。"))


def actions_for(request: PublicRequest, solution: Solution) -> dict[str, bool]:
    """Flags for the template; the domain decides again when a button is pressed."""
    is_owner = permissions.can_edit(request.user, solution)
    possible = {action for action, step in SOLUTION_ACTIONS.items() if solution.state in step.sources}
    return {
        "can_edit": is_owner,
        "can_submit": is_owner and "submit" in possible,
        "can_withdraw": is_owner and "withdraw" in possible,
        "can_publish": request.is_operator and "publish" in possible,
        "can_return": request.is_operator and "return" in possible,
        "can_acknowledge": request.is_operator and solution.is_changed_since_review,
    }


def events_of(solution: Solution) -> list[dict[str, Any]]:
    """The audit trail in words, for the timeline."""
    words = {
        "solution.create": _("建立草稿"),
        "solution.import": _("导入"),
        "solution.change": _("修改内容"),
        "solution.submit": _("提交审核"),
        "solution.publish": _("审核通过并发布"),
        "solution.return": _("退回修改"),
        "solution.withdraw": _("撤回"),
        "solution.acknowledge": _("运营查看了改动"),
    }
    return [
        {
            "label": words.get(event.action, event.action),
            "at": event.at,
            "by": event.by.name if event.by else _("平台"),
            "note": event.reason,
        }
        for event in queries.history(solution)
    ]

"""What several views of this app do: whose desk it is, one page of a list, the report of a bulk action."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Page, Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Organisation
from accounts.permissions import Denied
from lib.batch import Batch
from solutions.models import Solution
from solutions.solution import actions as domain
from solutions.solution import permissions, queries
from solutions.solution.workflow import SOLUTION_ACTIONS

PER_PAGE = 20


MOST_REASONS = 10


def current_organisation(request: HttpRequest) -> Organisation:
    if request.organisation is None:
        raise Denied(_("请先登记或加入一个机构，再管理成果。"))
    return request.organisation


def visible_solution(request: HttpRequest, code: str) -> Solution:
    return get_object_or_404(
        Solution.objects.visible_to(request.user).select_related("organisation", "output", "institution"),
        code=code,
    )


def page_of(request: HttpRequest, rows: QuerySet[Any]) -> Page[Any]:
    return Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))


def report_batch(request: HttpRequest, batch: Batch[Solution], *, done: str) -> None:
    """Say how many were done (`done` has a %(count)s) and why each of the others was not."""
    if batch.done:
        messages.success(request, done % {"count": len(batch.done)})
    for solution, reason in batch.refused[:MOST_REASONS]:
        messages.warning(request, _("《%(title)s》：%(reason)s") % {"title": solution.title, "reason": reason})
    if (more := len(batch.refused) - MOST_REASONS) > 0:
        messages.warning(request, _("另有 %(count)s 项未能处理，原因相同或类似。") % {"count": more})
    if not batch.done and not batch.refused:
        messages.warning(request, _("请先勾选要处理的成果。"))


def after_saving(request: HttpRequest, solution: Solution) -> HttpResponse:
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


def submit_one(request: HttpRequest, solution: Solution) -> None:
    try:
        domain.submit_solutions(solutions=[solution], by=request.user, at=timezone.now()).only()
    except domain.Incomplete as reason:
        messages.warning(request, str(reason))
    else:
        messages.success(request, _("已提交，运营人员审核后发布；结果会在通知里告诉您。"))


def actions_for(request: HttpRequest, solution: Solution) -> dict[str, bool]:
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

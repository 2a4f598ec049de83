"""What operators do with outputs and profiles: publish, return with a reason, acknowledge a change."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.http import read_at
from accounts.permissions import check_operator
from solutions.solution import actions as domain
from solutions.solution import queries
from solutions.solution.forms import ReturnForm
from solutions.solution.view_parts import page_of, visible_solution


@require_safe
def queue(request: HttpRequest) -> HttpResponse:
    check_operator(request.user)
    shows_changes = request.GET.get("tab") == "changed"
    rows = queries.changed_since_review() if shows_changes else queries.awaiting_review()
    return render(
        request,
        "solutions/solution/review_queue.html",
        {
            "page": page_of(request, rows),
            "shows_changes": shows_changes,
            "counts": queries.review_counts(),
        },
    )


@require_POST
def publish(request: HttpRequest, code: str) -> HttpResponse:
    solution = visible_solution(request, code)
    domain.publish_solutions(solutions=[solution], by=request.user, at=timezone.now(), read_at=read_at(request)).only()
    messages.success(request, _("《%(title)s》已发布。") % {"title": solution.title})
    return redirect("solutions:review-queue")


@require_POST
def send_back(request: HttpRequest, code: str) -> HttpResponse:
    solution = visible_solution(request, code)
    check_operator(request.user)
    form = ReturnForm(request.POST)
    if not form.is_valid():
        return render(request, "solutions/solution/return_form.html", {"form": form, "solution": solution})
    domain.return_solution(solution=solution, reason=form.cleaned_data["reason"], by=request.user, at=timezone.now())
    messages.success(request, _("《%(title)s》已退回，对方会收到原因。") % {"title": solution.title})
    return redirect("solutions:review-queue")


@require_POST
def acknowledge(request: HttpRequest, code: str) -> HttpResponse:
    solution = visible_solution(request, code)
    domain.acknowledge_change(solution=solution, by=request.user, at=timezone.now(), read_at=read_at(request))
    messages.success(request, _("已确认《%(title)s》的改动。") % {"title": solution.title})
    return redirect("solutions:review-queue")

"""Complaints: raised on a match or contract, listed, and the page of one with its record."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count, QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.http import Request
from accounts.permissions import Denied
from care.complaint import actions as verbs
from care.complaint.forms import ComplaintForm, EntryForm, OutcomeForm
from care.complaint.permissions import allowed_complaint_actions, complaining_parties
from care.complaint.queries import record_of, with_names
from care.complaint.workflow import ComplaintState
from care.models import Complaint
from care.subjects import (
    Subject,
    parties_of,
    subject_of,
    visible_subject,
)
from matching.models import Match

PER_PAGE = 20


@require_safe
def complaint_list(request: Request) -> HttpResponse:
    """Operators: the queue; everybody else the complaints of their organisations. By state."""
    found = Complaint.objects.visible_to(request.user)
    state = request.GET.get("state", "")
    chosen = state if state in ComplaintState.values else ""
    rows = with_names(found.filter(state=chosen) if chosen else found).order_by("-raised_at", "-pk")
    context = {
        "tabs": _tabs(found, chosen),
        "chosen": chosen,
        "is_operator": request.is_operator,
        "page": Paginator(rows, PER_PAGE).get_page(request.GET.get("page")),
    }
    return render(request, "care/complaint/complaint_list.html", context)


@require_safe
def complaint_detail(request: Request, code: str) -> HttpResponse:
    """The complaint, its record, and what this reader may do."""
    return _page(request, _visible(request, code))


@require_http_methods(["GET", "HEAD", "POST"])
def complaint_create_match(request: Request, code: str) -> HttpResponse:
    subject = visible_subject(request.user, code)
    if not isinstance(subject, Match):
        raise Http404
    return _create(request, subject)


@require_http_methods(["GET", "HEAD", "POST"])
def complaint_create_contract(request: Request, code: str) -> HttpResponse:
    subject = visible_subject(request.user, code)
    if subject is None or isinstance(subject, Match):
        raise Http404
    return _create(request, subject)


@require_POST
def complaint_take_up(request: Request, code: str) -> HttpResponse:
    complaint = _visible(request, code)
    verbs.take_up(complaint=complaint, by=request.user, at=timezone.now())
    messages.success(request, _("已受理，双方已收到通知。"))
    return redirect(complaint)


@require_POST
def complaint_add_entry(request: Request, code: str) -> HttpResponse:
    complaint, form = _visible(request, code), EntryForm(request.POST)
    if not form.is_valid():
        return _page(request, complaint, entry_form=form)
    verbs.add_entry(complaint=complaint, **form.cleaned_data, by=request.user, at=timezone.now())
    messages.success(request, _("已补充说明。"))
    return redirect(complaint)


@require_POST
def complaint_settle(request: Request, code: str) -> HttpResponse:
    return _end(request, code, verbs.settle, said=_("已记录和解。"))


@require_POST
def complaint_dismiss(request: Request, code: str) -> HttpResponse:
    return _end(request, code, verbs.dismiss, said=_("已办结。"))


@require_POST
def complaint_withdraw(request: Request, code: str) -> HttpResponse:
    return _end(request, code, verbs.withdraw, said=_("已撤回投诉。"))


# --- shared --------------------------------------------------------------------------------------------------------


def _visible(request: Request, code: str) -> Complaint:
    return get_object_or_404(with_names(Complaint.objects.visible_to(request.user)), code=code)


def _page(
    request: Request, complaint: Complaint, *, entry_form: EntryForm | None = None, error: str = ""
) -> HttpResponse:
    context = {
        "complaint": complaint,
        "subject": subject_of(complaint),
        "record": record_of(complaint),
        "allowed": allowed_complaint_actions(user=request.user, complaint=complaint),
        "entry_form": entry_form or EntryForm(),
        "is_operator": request.is_operator,
        "error": error,
    }
    return render(request, "care/complaint/complaint_detail.html", context, status=422 if entry_form or error else 200)


def _create(request: Request, subject: Subject) -> HttpResponse:
    parties = complaining_parties(request.user, subject)
    if not parties:
        raise Denied(_("只有对接或合同的一方可以投诉另一方。"))
    # Who writes for both sides complains for the organisation they act for.
    complainant = request.organisation if request.organisation in parties else parties[0]
    form = ComplaintForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        complaint = verbs.raise_complaint(
            subject=subject, complainant=complainant, **form.cleaned_data, by=request.user, at=timezone.now()
        )
        messages.success(request, _("投诉已提交，对方与运营人员已收到通知。"))
        return redirect(complaint)
    respondent = next(party for party in parties_of(subject) if party != complainant)
    context = {"subject": subject, "complainant": complainant, "respondent": respondent, "form": form}
    return render(request, "care/complaint/complaint_create.html", context, status=422 if form.errors else 200)


def _end(request: Request, code: str, verb: Callable[..., Complaint], *, said: str) -> HttpResponse:
    complaint, form = _visible(request, code), OutcomeForm(request.POST)
    if not form.is_valid():
        return _page(request, complaint, error=_("请写明处理结果或原因。"))
    verb(complaint=complaint, **form.cleaned_data, by=request.user, at=timezone.now())
    messages.success(request, said)
    return redirect(complaint)


def _tabs(found: QuerySet[Complaint], chosen: str) -> list[dict[str, Any]]:
    counts = dict(found.order_by().values_list("state").annotate(number=Count("pk")))
    everything = {"url": "?", "label": _("全部"), "count": sum(counts.values()), "is_current": not chosen}
    return [
        everything,
        *(
            {"url": f"?state={state}", "label": label, "count": counts.get(state, 0), "is_current": state == chosen}
            for state, label in ComplaintState.choices
        ),
    ]

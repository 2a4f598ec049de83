"""Follow-ups: the list of who looks after them, the pages of one, and the fragments on a match and a contract."""

from datetime import date
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.http import Request
from care.complaint.permissions import complaining_parties
from care.complaint.queries import complaints_of
from care.complaint.workflow import UNFINISHED
from care.follow_up import actions as verbs
from care.follow_up.forms import FollowUpDoneForm, FollowUpForm, OwnerForm
from care.follow_up.permissions import check_cares, may_care, owners_for
from care.follow_up.queries import visible_follow_ups
from care.models import FollowUp
from care.subjects import (
    Subject,
    has_ended,
    subject_of,
    visible_subject,
)
from contracts.models import Contract
from matching.models import Match

PER_PAGE = 20
TABS = ("overdue", "open", "done")


@require_safe
def follow_up_list(request: Request) -> HttpResponse:
    """Late, open or done; operators all of them or their own, others those of needs in their care."""
    today = timezone.localdate()
    of = "mine" if not request.is_operator or request.GET.get("of") == "mine" else "all"
    rows = visible_follow_ups(request.user)
    if request.is_operator and of == "mine":
        rows = rows.filter(owner=request.user.pk)
    parts = {
        "overdue": rows.filter(done_at=None, due_on__lt=today).order_by("due_on", "pk"),
        "open": rows.filter(done_at=None, due_on__gte=today).order_by("due_on", "pk"),
        "done": rows.filter(done_at__isnull=False).order_by("-done_at", "-pk"),
    }
    counts = {name: part.count() for name, part in parts.items()}
    tab = request.GET.get("tab")
    if tab not in TABS:
        tab = "overdue" if counts["overdue"] else "open"
    page = Paginator(parts[tab], PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "tabs": _tabs(tab, of=of, counts=counts),
        "tab": tab,
        "of": of,
        "is_operator": request.is_operator,
        "page": page,
        "rows": [_row(follow_up, today=today) for follow_up in page],
    }
    return render(request, "care/follow_up/follow_up_list.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def follow_up_done(request: Request, code: str, pk: int) -> HttpResponse:
    """Write the result, and when to ask again."""
    follow_up = _visible(request, code, pk)
    form = FollowUpDoneForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        verbs.finish_follow_up(follow_up=follow_up, **form.cleaned_data, by=request.user, at=timezone.now())
        messages.success(request, _("已记录跟进结果。"))
        return redirect("care:follow-up-list")
    people = owners_for(subject_of(follow_up).need) if request.is_operator else []
    row = _row(follow_up, today=timezone.localdate())
    context = {
        **row,
        "row": row,
        "form": form,
        "owner_form": OwnerForm(people=people, initial={"owner": follow_up.owner_id}) if people else None,
    }
    return render(request, "care/follow_up/follow_up_done.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
def follow_up_add(request: Request, code: str) -> HttpResponse:
    """Plan the next one by hand; for who cares for the need."""
    subject = _visible_subject(request, code)
    check_cares(request.user, subject.need)
    form = FollowUpForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        verbs.open_follow_up(subject=subject, **form.cleaned_data, by=request.user, at=timezone.now())
        messages.success(request, _("已安排跟进。"))
        return redirect("care:follow-up-list")
    context = {"subject": subject, "form": form}
    return render(request, "care/follow_up/follow_up_add.html", context, status=422 if form.errors else 200)


@require_POST
def follow_up_reassign(request: Request, code: str, pk: int) -> HttpResponse:
    follow_up = _visible(request, code, pk)
    form = OwnerForm(request.POST, people=owners_for(subject_of(follow_up).need))
    if form.is_valid():
        owner = form.cleaned_data["owner"]
        verbs.reassign_follow_up(follow_up=follow_up, owner=owner, by=request.user, at=timezone.now())
        messages.success(request, _("已交给%(name)s。") % {"name": owner.name})
    else:
        messages.warning(request, _("跟进只能交给运营人员或该需求的服务专员。"))
    return redirect("care:follow-up-list")


@require_safe
def follow_ups_of_match(request: Request, code: str) -> HttpResponse:
    """Who looks after this match, and disputes about it; for both sides, the caretaker and operators."""
    matches = Match.objects.visible_to(request.user)
    matches = matches.select_related("need__organisation", "need__caretaker", "solution__organisation")
    return _care(request, get_object_or_404(matches, code=code))


@require_safe
def follow_ups_of_contract(request: Request, code: str) -> HttpResponse:
    contracts = Contract.objects.visible_to(request.user)
    contracts = contracts.select_related("need__organisation", "need__caretaker", "supplier")
    return _care(request, get_object_or_404(contracts, code=code))


# --- shared --------------------------------------------------------------------------------------------------------


def _care(request: Request, subject: Subject) -> HttpResponse:
    today = timezone.localdate()
    rows = subject.follow_ups.select_related("owner", "done_by").order_by("done_at", "due_on", "pk")
    has_begun = not isinstance(subject, Match) or subject.contacted_at is not None
    cares = has_begun and may_care(request.user, subject.need)
    is_match = isinstance(subject, Match)
    complain = "care:complaint-create-match" if is_match else "care:complaint-create-contract"
    shown = [_row(follow_up, today=today, subject=subject) for follow_up in rows]
    disputes = complaints_of(subject, request.user) if has_begun else []
    parties = complaining_parties(request.user, subject) if has_begun else []
    busy = {complaint.complainant_id for complaint in disputes if complaint.state in UNFINISHED}
    context = {
        "subject": subject,
        "has_begun": has_begun,
        "cares": cares,
        "rows": shown,
        "can_add": cares and not any(row["follow_up"].done_at is None for row in shown),
        "complaints": disputes,
        "can_complain": any(party.pk not in busy for party in parties),
        "complain_url": reverse(complain, args=[subject.code]),
    }
    return render(request, "care/follow_up/_care.html" if request.htmx else "care/follow_up/care.html", context)


def _visible_subject(request: Request, code: str) -> Subject:
    subject = visible_subject(request.user, code)
    if subject is None:
        raise Http404
    return subject


def _visible(request: Request, code: str, pk: int) -> FollowUp:
    """404 for who does not care for its need."""
    follow_up = get_object_or_404(visible_follow_ups(request.user), pk=pk)
    if subject_of(follow_up).code != code:
        raise Http404
    return follow_up


def _row(follow_up: FollowUp, *, today: date, subject: Subject | None = None) -> dict[str, Any]:
    """What a line of a list says of a follow-up."""
    subject = subject or subject_of(follow_up)
    is_open = follow_up.done_at is None
    return {
        "follow_up": follow_up,
        "subject": subject,
        "days_late": (today - follow_up.due_on).days if is_open and follow_up.due_on < today else 0,
        "ended": is_open and follow_up.kind == "routine" and has_ended(subject),
        "is_open": is_open,
    }


def _tabs(current: str, *, of: str, counts: dict[str, int]) -> list[dict[str, object]]:
    labels = {"overdue": _("逾期"), "open": _("待跟进"), "done": _("已完成")}
    return [
        {"url": f"?tab={name}&of={of}", "label": label, "count": counts[name], "is_current": name == current}
        for name, label in labels.items()
    ]

"""Pages that show needs: the public list, one need, one's own."""

from django.contrib.auth.decorators import login_not_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_headers

from needs import queries
from needs.domain.attachments import shown_of_need
from needs.domain.disclosure import log_view, shown_list
from needs.forms import AssignForm, CloseForm, NeedFilterForm
from needs.forms.attachments import AttachmentForm
from needs.models import Attachment, Level, Need
from needs.permissions import FULL, allowed_actions, can_pose_needs, clearance
from needs.queries.challenges import running_on
from needs.queries.disclosure import disclosed, next_step, restricted_names
from needs.views.common import PER_PAGE, visible_need
from needs.workflow import NEED_ACTIONS, NeedState

SUBMITTABLE = NEED_ACTIONS["submit"].sources
FEW = 5  # on the page of an organisation


@vary_on_headers("HX-Request")
@require_safe
@login_not_required
def need_list(request: HttpRequest) -> HttpResponse:
    """Published needs, newest first; to htmx the newest of one organisation, for that organisation's page."""
    if request.htmx:
        return _newest_of(request.GET.get("organisation", ""), request)
    form = NeedFilterForm(request.GET, organisations=queries.open_posers())
    needs = form.narrow(Need.objects.published().select_related("organisation"))
    page = Paginator(needs.order_by("-published_at", "-pk"), PER_PAGE).get_page(request.GET.get("page"))
    page.object_list = shown_list(needs=page.object_list, user=request.user, at=timezone.now())
    context = {
        "form": form,
        "active": bool(form.chosen),
        "page": page,
        "can_pose": can_pose_needs(request.user, request.organisation),
    }
    return render(request, "needs/need_list.html", context)


def _newest_of(code: str, request: HttpRequest) -> HttpResponse:
    needs = Need.objects.published().filter(organisation__code=code).select_related("organisation")
    page = Paginator(needs.order_by("-published_at", "-pk"), FEW).get_page(1)
    page.object_list = shown_list(needs=page.object_list, user=request.user, at=timezone.now())
    return render(request, "needs/_of_organisation.html", {"page": page, "code": code})


@require_safe
@login_not_required
def detail(request: HttpRequest, code: str) -> HttpResponse:
    need = visible_need(request, code)
    reached = clearance(request.user, need)
    is_insider = reached == FULL
    view = disclosed(need, reached)
    log_view(view=view, user=request.user, at=timezone.now())
    files, hidden_files = shown_of_need(need.attachments.select_related("uploaded_by").order_by("pk"), reached)
    levels = [*view.locks.values(), *hidden_files]
    actions = allowed_actions(user=request.user, need=need)
    context = {
        "need": view,
        "some_withheld": bool(levels),
        "step": next_step(
            user=request.user, organisation=request.organisation, need=need, reached=reached, levels=levels
        ),
        "files": files,
        "hidden_files": hidden_files,
        "attach_form": AttachmentForm(with_level=True) if "edit" in actions else None,
        "restricted_count": _restricted_count(view, files) if is_insider else 0,
        "is_insider": is_insider,
        "is_stranger": not is_insider,
        "is_owner_side": any(m.organisation == need.organisation for m in request.memberships),
        "sees_candidates": is_insider and need.is_matched,
        "actions": actions,
        "challenge": running_on(request.user, need) if is_insider and need.is_published else None,
        # A returned need is mended before it is handed in again.
        "submits_first": need.state != NeedState.RETURNED,
        "history": queries.history(need) if is_insider else [],
        "close_form": CloseForm() if "close" in actions else None,
        "assign_form": _assign_form(need) if "assign" in actions else None,
    }
    return render(request, "needs/need_detail.html", context)


def _restricted_count(need: Need, files: list[Attachment]) -> int:
    rows = [row for row in [*need.shown_indicators, *files] if row.level != Level.PUBLIC]
    return len(restricted_names(need)) + len(rows)


@require_safe
def mine(request: HttpRequest) -> HttpResponse:
    """The needs of the organisation one acts for, one tab per state."""
    organisation = request.organisation
    if organisation is None:
        return render(request, "needs/mine_without_organisation.html")
    state = request.GET.get("state", "")
    if state not in NeedState.values:
        state = ""
    needs = Need.objects.for_organisation(organisation).order_by("-changed_at", "-pk")
    page = Paginator(needs.filter(state=state) if state else needs, PER_PAGE).get_page(request.GET.get("page"))
    counts = queries.state_counts(organisation)
    can_pose = can_pose_needs(request.user, organisation)
    context = {
        "organisation": organisation,
        "state": state,
        "tabs": _tabs(counts, current=state),
        "page": page,
        "can_pose": can_pose,
        "submittable": SUBMITTABLE,
        "can_submit": can_pose and organisation.is_verified and any(n.state in SUBMITTABLE for n in page),
        "submittable_count": sum(counts[name] for name in SUBMITTABLE if not state or name == state),
    }
    return render(request, "needs/need_mine.html", context)


def _tabs(counts: dict[str, int], *, current: str) -> list[dict[str, object]]:
    entries = [("", _("全部"), sum(counts.values()))]
    entries += [(state.value, str(state.label), counts[state.value]) for state in NeedState]
    return [
        {"url": f"?state={key}" if key else "?", "label": label, "count": count, "is_current": key == current}
        for key, label, count in entries
    ]


def _assign_form(need: Need) -> AssignForm:
    return AssignForm(people=queries.caretaker_candidates(), initial={"caretaker": need.caretaker_id})

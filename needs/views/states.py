"""What an owner does with needs: submit, withdraw, close; and both sides' bulk actions."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.http import read_at
from needs.domain import needs as verbs
from needs.forms import CloseForm
from needs.models import Need
from needs.models.need import NeedQuerySet
from needs.views.common import tell_batch, visible_need
from needs.views.pages import SUBMITTABLE


@require_POST
def submit(request: HttpRequest, code: str) -> HttpResponse:
    need = visible_need(request, code)
    declared = "declared" in request.POST
    try:
        verbs.submit_needs(needs=[need], declared=declared, by=request.user, at=timezone.now()).only()
        messages.success(request, _("需求已提交，正在匹配候选成果；同时已通知运营人员审核。"))
    except (verbs.NotDeclared, verbs.NotReady) as error:
        messages.error(request, str(error))
    return redirect(need)


@require_POST
def withdraw(request: HttpRequest, code: str) -> HttpResponse:
    need = verbs.withdraw_need(need=visible_need(request, code), by=request.user, at=timezone.now())
    messages.success(request, _("需求已撤回，修改后可以再次提交。"))
    return redirect(need)


@require_POST
def close(request: HttpRequest, code: str) -> HttpResponse:
    need = visible_need(request, code)
    form = CloseForm(request.POST)
    if not form.is_valid():
        return render(
            request, "needs/need_decide.html", {"need": need, "form": form, "title": _("关闭需求")}, status=422
        )
    need = verbs.close_need(need=need, reason=form.cleaned_data["reason"], by=request.user, at=timezone.now())
    messages.success(request, _("需求已关闭。"))
    return redirect(need)


@require_POST
def bulk(request: HttpRequest) -> HttpResponse:
    """Submit or publish the ticked needs, or with `everything` all of the current tab (submit only)."""
    action = request.POST.get("action")
    if action == "submit":
        return _bulk_submit(request)
    if action == "publish":
        return _bulk_publish(request)
    raise Http404


def _bulk_submit(request: HttpRequest) -> HttpResponse:
    needs = _ticked(request)
    if "everything" in request.POST and request.organisation is not None:
        state = request.POST.get("state")
        states = [state] if state in SUBMITTABLE else SUBMITTABLE
        needs = Need.objects.for_organisation(request.organisation).filter(state__in=states)
    if not needs:
        messages.warning(request, _("请先勾选要提交的需求。"))
        return redirect("needs:mine")
    try:
        declared = "declared" in request.POST
        batch = verbs.submit_needs(needs=needs, declared=declared, by=request.user, at=timezone.now())
        tell_batch(request, batch, done=_("已提交 %(number)s 项需求，正在匹配候选成果。"))
    except verbs.NotDeclared as error:
        messages.error(request, str(error))
    return redirect("needs:mine")


def _bulk_publish(request: HttpRequest) -> HttpResponse:
    needs = _ticked(request)
    if not needs:
        messages.warning(request, _("请先勾选要发布的需求。"))
        return redirect("needs:review-queue")
    batch = verbs.publish_needs(needs=needs, by=request.user, at=timezone.now(), read_at=read_at(request))
    tell_batch(request, batch, done=_("已发布 %(number)s 项需求。"))
    return redirect("needs:review-queue")


def _ticked(request: HttpRequest) -> NeedQuerySet:
    return Need.objects.visible_to(request.user).filter(code__in=request.POST.getlist("code"))

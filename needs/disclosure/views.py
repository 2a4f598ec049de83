"""Who may read a need: the agreement, its record, and the poser's page with names and log."""

from collections.abc import Iterable
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.http import PER_PAGE, Request
from accounts.models import Organisation
from accounts.permissions import Denied, check_writes_for
from needs.disclosure import actions, nda, queries
from needs.disclosure.forms import NameForm, RevokeForm, SignForm
from needs.disclosure.permissions import check_signs_nda, is_insider
from needs.models import DisclosureView, Level, NdaAcceptance, Need, NeedAttachment, NeedIndicator
from needs.need.permissions import allowed_actions
from needs.need.views import visible_need


@require_http_methods(["GET", "HEAD", "POST"])
def sign(request: Request, code: str) -> HttpResponse:
    """Read the agreement on a need and sign it for the organisation one acts for."""
    need = visible_need(request, code)
    organisation = request.organisation
    form = SignForm(request.POST or None)
    if request.method == "POST" and organisation is not None and form.is_valid():
        try:
            actions.accept_nda(
                need=need,
                organisation=organisation,
                text_hash=form.cleaned_data["text_hash"],
                by=request.user,
                at=timezone.now(),
            )
            messages.success(request, _("保密协议已签署，现在可以查看相应内容。"))
            return redirect(need)
        except actions.TextChanged as error:
            messages.warning(request, str(error))
            return redirect("needs:nda", code)
    context = _agreement_context(request, need, organisation)
    if request.method != "POST" and context["agreement"] is not None:
        form = SignForm(initial={"text_hash": context["agreement"].checksum})
    status = 422 if form.is_bound and form.errors else 200
    return render(request, "needs/disclosure/nda.html", {**context, "form": form}, status=status)


def _agreement_context(request: Request, need: Need, organisation: Organisation | None) -> dict[str, Any]:
    if organisation is None:
        refusal = _("请先登记机构；通过核验后才能签署保密协议。")
        return {
            "need": need,
            "organisation": None,
            "agreement": None,
            "standing": None,
            "earlier": [],
            "refusal": refusal,
        }
    earlier = list(queries.acceptances_of(need).filter(organisation=organisation))
    standing = next((row for row in earlier if row.revoked_at is None), None)
    return {
        "need": need,
        "organisation": organisation,
        "agreement": None if standing else actions.agreement_for(need, organisation),
        "standing": standing,
        "earlier": earlier,
        "refusal": "" if standing else _refusal(request, need, organisation),
    }


def _refusal(request: Request, need: Need, organisation: Organisation) -> str:
    """Why this person cannot sign now; empty when nothing stands in the way."""
    try:
        check_signs_nda(request.user, need, organisation)
        actions.check_not_barred(need, organisation)
    except Denied as error:
        return str(error)
    return ""


@require_safe
def record(request: Request, code: str) -> HttpResponse:
    """The signed text with who and when; to both sides, the caretaker and operators. Good on paper."""
    acceptance = _acceptance(request, code)
    context = {
        "acceptance": acceptance,
        "is_intact": nda.checksum(acceptance.text) == acceptance.text_hash,
        "can_revoke": acceptance.revoked_at is None and _may_revoke(request, acceptance),
        "back_url": acceptance.need.get_absolute_url(),
    }
    return render(request, "needs/disclosure/nda_record.html", context)


@require_POST
def revoke(request: Request, code: str) -> HttpResponse:
    acceptance = _acceptance(request, code)
    form = RevokeForm(request.POST)
    if not form.is_valid():
        context = {"need": acceptance.need, "form": form, "title": _("解除协议")}
        return render(request, "needs/need/need_decide.html", context, status=422)
    actions.revoke_nda(acceptance=acceptance, reason=form.cleaned_data["reason"], by=request.user, at=timezone.now())
    messages.success(request, _("保密协议已解除，并已通知对方。"))
    if acceptance.need.organisation_id in request.viewer.writes_for:
        return redirect("needs:disclosure", acceptance.need.code)
    return redirect("needs:nda-record", code)


def _acceptance(request: Request, code: str) -> NdaAcceptance:
    rows = NdaAcceptance.objects.select_related("need__organisation", "organisation", "accepted_by", "revoked_by")
    acceptance = get_object_or_404(rows, code=code)
    if not is_insider(request.viewer, acceptance.need) and acceptance.organisation_id not in request.viewer.member_of:
        raise Http404
    return acceptance


def _may_revoke(request: Request, acceptance: NdaAcceptance) -> bool:
    return not request.viewer.writes_for.isdisjoint({acceptance.need.organisation_id, acceptance.organisation_id})


@require_safe
def overview(request: Request, code: str) -> HttpResponse:
    """What is not public, who signed, who is named, who read: to the poser's side, the caretaker and operators."""
    need = _insiders_need(request, code)
    restricted = list(need.indicators.exclude(level=Level.PUBLIC).order_by("position", "pk"))
    # the page names them; this look stands in the log it shows
    actions.log_indicators(need=need, rows=restricted, viewer=request.viewer, at=timezone.now())
    page = Paginator(queries.log_of(need), PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "need": need,
        "levels": _levels(need, restricted),
        "named": queries.named_of(need),
        "acceptances": queries.acceptances_of(need),
        "page": page,
        "rows": [_log_row(view) for view in page],
        "can_manage": need.organisation_id in request.viewer.writes_for,
        "can_edit": "edit" in allowed_actions(user=request.user, need=need),
        "name_form": NameForm(organisations=Organisation.objects.visible_to(request.user)),
    }
    return render(request, "needs/disclosure/disclosure.html", context)


@require_POST
def name(request: Request, code: str) -> HttpResponse:
    need = _insiders_need(request, code)
    check_writes_for(request.user, need.organisation)
    form = NameForm(request.POST, organisations=Organisation.objects.visible_to(request.user))
    if not form.is_valid():
        messages.error(request, " ".join(str(error) for error in form.errors["organisation"]))
        return redirect("needs:disclosure", code)
    organisation = form.cleaned_data["organisation"]
    try:
        actions.name_organisation(need=need, organisation=organisation, by=request.user, at=timezone.now())
        messages.success(request, _("已指定%(name)s，并已通知对方。") % {"name": organisation.name})
    except actions.NotNameable as error:
        messages.error(request, str(error))
    return redirect("needs:disclosure", code)


@require_POST
def unname(request: Request, code: str) -> HttpResponse:
    need = _insiders_need(request, code)
    row = get_object_or_404(queries.named_of(need), organisation__code=request.POST.get("organisation", ""))
    actions.unname_organisation(need=need, organisation=row.organisation, by=request.user, at=timezone.now())
    messages.success(request, _("已取消指定%(name)s。") % {"name": row.organisation.name})
    return redirect("needs:disclosure", code)


def _insiders_need(request: Request, code: str) -> Need:
    need = visible_need(request, code)
    if not is_insider(request.viewer, need):
        raise Http404
    return need


def _levels(need: Need, indicators: Iterable[NeedIndicator]) -> list[tuple[str, str]]:
    """What is not public and who sees it, in words."""
    fields = [(queries.label_of(name), need.level_of(name)) for name in queries.restricted_names(need)]
    rows = [(_("指标：%(name)s") % {"name": row.name}, row.level) for row in indicators]
    files = NeedAttachment.objects.filter(need=need, removed_at=None).exclude(level=Level.PUBLIC).order_by("pk")
    named_files = [(_("附件：%(name)s") % {"name": row.name}, row.level) for row in files]
    return [(label, str(Level(level).label)) for label, level in [*fields, *rows, *named_files]]


def _log_row(view: DisclosureView) -> dict[str, Any]:
    return {
        "at": view.at,
        "name": view.user.name,
        "organisations": queries.organisations_at_reading(view),
        "fields": [queries.label_of(name) for name in view.fields],
        "channel": view.get_channel_display(),
    }

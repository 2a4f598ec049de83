"""Raising an objection, and deciding it."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.http import Request
from accounts.permissions import Denied
from challenges.challenge.permissions import (
    check_decides,
    check_objects,
)
from challenges.challenge.queries import objections_shown_to
from challenges.challenge.views import _step_page, visible_challenge
from challenges.objection import actions as objections
from challenges.objection.forms import DecisionForm, ObjectionForm
from lib import clock


@require_http_methods(["GET", "HEAD", "POST"])
def object_to(request: Request, code: str) -> HttpResponse:
    """Raise an objection for the organisation one acts for."""
    challenge = visible_challenge(request, code)
    if request.organisation is None:
        raise Denied(_("请先登记或加入一个机构。"))
    check_objects(request.user, request.organisation, challenge)  # before anybody writes in vain
    form = ObjectionForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        objections.raise_objection(
            challenge=challenge,
            organisation=request.organisation,
            text=form.cleaned_data["text"],
            by=request.user,
            at=clock.now(),
        )
        messages.success(request, _("异议已提交，平台运营人员处理后会答复您。"))
        return redirect(challenge)
    return _step_page(request, challenge, form, _("提出异议"))


@require_http_methods(["GET", "HEAD", "POST"])
def decide_objection(request: Request, code: str, pk: int) -> HttpResponse:
    challenge = visible_challenge(request, code)
    check_decides(request.user, challenge)  # the page names who objects
    objection = get_object_or_404(objections_shown_to(request.user, challenge).select_related("challenge"), pk=pk)
    form = DecisionForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        objections.decide_objection(objection=objection, by=request.user, at=clock.now(), **form.cleaned_data)
        messages.success(request, _("异议已处理，并已答复提出单位。"))
        return redirect(challenge)
    return _step_page(request, challenge, form, _("处理异议"), objection=objection)

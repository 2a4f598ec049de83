"""The steps of a challenge: hand in, return, announce, extend, cancel, close, second round, objections."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts import clock
from accounts.http import read_at
from accounts.permissions import Denied, check_operator
from needs.domain import challenges as verbs
from needs.domain import objections
from needs.forms.challenges import CancelForm, DecisionForm, ExtendForm, ObjectionForm
from needs.models import Challenge
from needs.permissions.challenges import check_decides, check_objects, check_owns, check_owns_or_operates
from needs.queries.challenges import objections_shown_to
from needs.views.challenge_common import visible_challenge
from solutions.forms.filters import ReturnForm


@require_POST
def submit(request: HttpRequest, code: str) -> HttpResponse:
    challenge = visible_challenge(request, code)
    try:
        verbs.submit_challenge(challenge=challenge, by=request.user, at=clock.now())
        messages.success(request, _("榜单已提交，等待平台论证；规则与评分项现已固定。"))
    except verbs.NotReady as error:
        messages.error(request, str(error))
    return redirect(challenge)


@require_POST
def send_back(request: HttpRequest, code: str) -> HttpResponse:
    challenge = visible_challenge(request, code)
    check_operator(request.user)
    form = ReturnForm(request.POST)
    if not form.is_valid():
        return _form_page(request, challenge, form, _("论证退回"))
    reason = form.cleaned_data["reason"]
    verbs.return_challenge(challenge=challenge, reason=reason, by=request.user, at=clock.now())
    messages.success(request, _("榜单已退回，并已通知需求方。"))
    return redirect("needs:challenge-review-queue")


@require_POST
def announce(request: HttpRequest, code: str) -> HttpResponse:
    challenge = visible_challenge(request, code)
    try:
        verbs.announce_challenge(challenge=challenge, by=request.user, at=clock.now(), read_at=read_at(request))
    except verbs.NotReady as error:
        messages.error(request, _("还不能发榜：%(reason)s") % {"reason": error})
        return redirect(challenge)
    messages.success(request, _("《%(title)s》已发榜。") % {"title": challenge.need.title})
    return redirect(challenge)


@require_http_methods(["GET", "HEAD", "POST"])
def extend(request: HttpRequest, code: str) -> HttpResponse:
    challenge = visible_challenge(request, code)
    check_owns(request.user, challenge)
    form = ExtendForm(request.POST or None, initial={"closes_at": challenge.closes_at})
    if request.method == "POST" and form.is_valid():
        try:
            verbs.extend_challenge(challenge=challenge, by=request.user, at=clock.now(), **form.cleaned_data)
            messages.success(request, _("截止时间已延后，并已分别通知相关单位。"))
            return redirect(challenge)
        except verbs.NotReady as error:
            form.add_error("closes_at", str(error))
    return _form_page(request, challenge, form, _("延期"))


@require_POST
def cancel(request: HttpRequest, code: str) -> HttpResponse:
    challenge = visible_challenge(request, code)
    check_owns_or_operates(request.user, challenge)
    form = CancelForm(request.POST)
    if not form.is_valid():
        return _form_page(request, challenge, form, _("终止榜单"))
    reason = form.cleaned_data["reason"]
    verbs.cancel_challenge(challenge=challenge, reason=reason, by=request.user, at=clock.now())
    messages.success(request, _("榜单已终止，并已通知相关单位。"))
    return redirect(challenge)


@require_POST
def close(request: HttpRequest, code: str) -> HttpResponse:
    challenge = visible_challenge(request, code)
    try:
        verbs.close_challenge(challenge=challenge, by=request.user, at=clock.now())
        messages.success(request, _("榜单已结束。"))
    except verbs.NotReady as error:
        messages.error(request, str(error))
    return redirect(challenge)


@require_POST
def second_round(request: HttpRequest, code: str) -> HttpResponse:
    challenge = visible_challenge(request, code)
    draft = verbs.start_second_round(challenge=challenge, by=request.user, at=clock.now())
    messages.success(request, _("第 %(round)s 轮的草稿已建立，请检查条件并填写新的截止时间。") % {"round": draft.round})
    return redirect("needs:challenge-edit", draft.code)


@require_http_methods(["GET", "HEAD", "POST"])
def object_to(request: HttpRequest, code: str) -> HttpResponse:
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
    return _form_page(request, challenge, form, _("提出异议"))


@require_http_methods(["GET", "HEAD", "POST"])
def decide_objection(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    challenge = visible_challenge(request, code)
    check_decides(request.user, challenge)  # the page names who objects
    objection = get_object_or_404(objections_shown_to(request.user, challenge).select_related("challenge"), pk=pk)
    form = DecisionForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        objections.decide_objection(objection=objection, by=request.user, at=clock.now(), **form.cleaned_data)
        messages.success(request, _("异议已处理，并已答复提出单位。"))
        return redirect(challenge)
    return _form_page(request, challenge, form, _("处理异议"), objection=objection)


def _form_page(request: HttpRequest, challenge: Challenge, form: forms.Form, title: str, **more: Any) -> HttpResponse:
    context = {"challenge": challenge, "form": form, "title": title, "objection": None, **more}
    status = 422 if form.errors else 200
    return render(request, "needs/challenge_decide.html", context, status=status)

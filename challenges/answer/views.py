"""The reasoned answer to one bid, the appeal against it, and its decision."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.http import Request
from accounts.permissions import check_operator, check_writes_for
from challenges.answer import actions
from challenges.answer.forms import (
    DISMISS,
    REOPEN,
    AnswerForm,
    AppealDecisionForm,
    AppealForm,
)
from challenges.answer.permissions import appeal_until, is_answerable, may_appeal
from challenges.bid.queries import counting_version
from challenges.challenge.workflow import ChallengeState
from challenges.evaluation.permissions import check_bids_for, sees_evaluation
from challenges.evaluation.queries import comments_on
from challenges.models import Appeal, Bid
from challenges.objection.workflow import DecisionState
from lib import clock
from lib.refusals import NotReady, WrongState


def visible_bid(request: Request, code: str) -> Bid:
    """The bid `code` with its challenge and organisation, when the reader may see it; else 404."""
    bids = Bid.objects.visible_to(request.user).select_related("challenge__need__organisation", "organisation")
    return get_object_or_404(bids, code=code)


@require_http_methods(["GET", "HEAD", "POST"])
def answer(request: Request, code: str) -> HttpResponse:
    bid = visible_bid(request, code)
    challenge = bid.challenge
    check_writes_for(request.user, challenge.need.organisation)
    if not is_answerable(challenge, bid.state):
        raise WrongState(_("现在还不能答复这个方案。"))
    only_eligibility = challenge.state == ChallengeState.EVALUATING
    form = AnswerForm(request.POST or None, only_eligibility=only_eligibility)
    if request.method == "POST" and form.is_valid():
        actions.answer_bid(bid=bid, by=request.user, at=clock.now(), **form.cleaned_data)
        messages.success(request, _("已答复%(name)s。") % {"name": bid.organisation.name})
        return redirect(_back(request, bid))
    context = {
        "bid": bid,
        "challenge": challenge,
        "form": form,
        "only_eligibility": only_eligibility,
        "comments": comments_on(bid),
    }
    return render(request, "challenges/answer/bid_answer.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
def appeal(request: Request, code: str) -> HttpResponse:
    """The bidder's page: write the one appeal while there is time, afterwards read what became of it."""
    bid = visible_bid(request, code)
    check_bids_for(request.user, bid)
    at = clock.now()
    form = AppealForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            actions.appeal_bid(bid=bid, text=form.cleaned_data["text"], by=request.user, at=at)
            messages.success(request, _("申诉已提交，由平台运营人员处理，结果会通知您。"))
            return redirect("challenges:bid-appeal", code=code)
        except NotReady as error:
            form.add_error("text", str(error))
    context = {
        "bid": bid,
        "appeal": Appeal.objects.filter(bid=bid).first(),
        "until": appeal_until(bid),
        "form": form if may_appeal(user=request.user, bid=bid, at=at) else None,
    }
    return render(request, "challenges/answer/bid_appeal.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
def decide(request: Request, code: str) -> HttpResponse:
    """An operator reads bid, answer and appeal side by side and decides."""
    bid = visible_bid(request, code)
    check_operator(request.user)
    found = get_object_or_404(Appeal.objects.select_related("bid__challenge", "raised_by"), bid=bid)
    can_reopen = bid.challenge.state == ChallengeState.AWARDED and not bid.challenge.is_first_claim
    form = AppealDecisionForm(request.POST or None, can_reopen=can_reopen)
    if request.method == "POST" and form.is_valid():
        verdict = form.cleaned_data["verdict"]
        actions.decide_appeal(
            appeal=found,
            upheld=verdict != DISMISS,
            reopen=verdict == REOPEN,
            answer=form.cleaned_data["answer"],
            by=request.user,
            at=clock.now(),
        )
        messages.success(request, _("申诉已处理，并已通知双方。"))
        return redirect(_back(request, bid))
    context = {
        "bid": bid,
        "challenge": bid.challenge,
        "appeal": found,
        "version": counting_version(bid),
        "form": form if found.state == DecisionState.OPEN else None,
    }
    return render(request, "challenges/answer/appeal_decide.html", context, status=422 if form.errors else 200)


def _back(request: Request, bid: Bid) -> str:
    """The evaluation the bid belongs to; a claim has none."""
    if sees_evaluation(request.user, bid.challenge):
        return reverse("challenges:evaluation", args=[bid.challenge.code])
    return bid.get_absolute_url()

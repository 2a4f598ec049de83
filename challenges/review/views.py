"""What a reviewer does: see one's reviews, declare, read the bids blind, score them, sign the minutes."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.http import PER_PAGE, Request, said
from challenges.evaluation.minutes import sign_minutes
from challenges.models import (
    Avoidance,
    Bid,
    Minutes,
    Reviewer,
    Scorecard,
)
from challenges.review import actions, queries, scorecards
from challenges.review.forms import AvoidanceForm, ScorecardForm, scores_of
from challenges.review.permissions import allowed_reviewer_actions
from challenges.review.workflow import ScorecardState
from lib import clock
from lib.refusals import NotReady
from needs.disclosure.actions import log_view
from needs.disclosure.queries import INDICATORS, disclosed_to

SUBMIT = "submit"


def own_review(request: Request, code: str) -> Reviewer:
    """The review of this person on challenge `code`; 404 for everybody else."""
    reviewers = Reviewer.objects.select_related("challenge__need__organisation", "user")
    return get_object_or_404(reviewers, challenge__code=code, user=request.user)


@require_safe
def mine(request: Request) -> HttpResponse:
    page = Paginator(queries.reviews_of(request.user), PER_PAGE).get_page(request.GET.get("page"))
    return render(request, "challenges/review/review_mine.html", {"page": page})


@require_safe
def detail(request: Request, code: str) -> HttpResponse:
    """Before the declaration the challenge alone; afterwards 方案 1 … n and which are not scored yet."""
    reviewer = own_review(request, code)
    bids = queries.blind_bids(reviewer)
    cards = queries.own_cards(reviewer) if bids else {}
    rows = [(bid, cards.get(bid.label)) for bid in bids]
    done = sum(card is not None and card.state == ScorecardState.SUBMITTED for _bid, card in rows)
    minutes = Minutes.objects.filter(challenge=reviewer.challenge).first() if bids else None
    signature = minutes.signatures.filter(reviewer=reviewer).first() if minutes else None
    context = {
        "reviewer": reviewer,
        "challenge": reviewer.challenge,
        "rows": rows,
        "done": done,
        "next_label": _next_label(rows),
        "criteria": reviewer.challenge.criteria.all(),
        "minutes": minutes,
        "signature": signature,
        "actions": allowed_reviewer_actions(reviewer),
    }
    return render(request, "challenges/review/review.html", context)


@require_POST
def declare(request: Request, code: str) -> HttpResponse:
    actions.declare_no_conflict(reviewer=own_review(request, code), by=request.user, at=clock.now())
    messages.success(request, _("声明已记录，现在可以查看方案并评分。"))
    return redirect("challenges:review", code=code)


@require_POST
def recuse(request: Request, code: str) -> HttpResponse:
    reviewer = own_review(request, code)
    reason = said(request, "reason", limit=500)
    if not reason:
        messages.error(request, _("请写明回避原因。"))
        return redirect("challenges:review", code=code)
    actions.recuse(reviewer=reviewer, reason=reason, by=request.user, at=clock.now())
    messages.success(request, _("您已回避，需求方会另行指派评审人。"))
    return redirect("challenges:review-mine")


@require_http_methods(["GET", "HEAD", "POST"])
def scorecard(request: Request, code: str, label: int) -> HttpResponse:
    """One bid, blind, and its scorecard. To htmx: save what is there and say so."""
    reviewer = own_review(request, code)
    everything = queries.blind_bids(reviewer)
    blind = next((bid for bid in everything if bid.label == label), None)
    if blind is None:
        raise Http404
    need = disclosed_to(request.viewer, reviewer.challenge.need)
    log_view(view=need, viewer=request.viewer, at=clock.now(), only=[INDICATORS])
    criteria = list(reviewer.challenge.criteria.all())
    cards = queries.own_cards(reviewer)
    card = cards.get(label)
    if request.method == "POST":
        form = ScorecardForm(request.POST, criteria=criteria)
        is_readable = form.is_valid()
        bid = Bid.objects.get(challenge=reviewer.challenge, label=label)
        what: dict[str, Any] = {"reviewer": reviewer, "bid": bid, "points": form.points}
        what |= {"comment": form.cleaned_data.get("comment", ""), "by": request.user, "at": clock.now()}
        if request.htmx:
            saved = scorecards.save_scorecard(**what)
            return render(request, "challenges/review/_scorecard_saved.html", {"card": saved, "form": form})
        if is_readable and request.POST.get("intent") == SUBMIT:
            try:
                scorecards.submit_scorecard(**what)
                messages.success(request, _("%(title)s的评分已提交。") % {"title": blind.title})
                return redirect(_after(everything, cards, code=code, label=label))
            except NotReady as error:
                form.add_error(None, str(error))
        scorecards.save_scorecard(**what)
        if form.is_valid():
            messages.success(request, _("已保存，提交之前可以继续修改。"))
            return redirect("challenges:scorecard", code=code, label=label)
    else:
        form = ScorecardForm(initial=scores_of(card, criteria), criteria=criteria)
    is_open = "score" in allowed_reviewer_actions(reviewer) and (card is None or card.state == ScorecardState.DRAFT)
    context = {
        "reviewer": reviewer,
        "challenge": reviewer.challenge,
        "bid": blind,
        "form": form,
        "card": card,
        "criteria": criteria,
        "is_open": is_open,
        **_place([bid.label for bid in everything], label),
    }
    return render(request, "challenges/review/scorecard.html", context, status=422 if form.errors else 200)


def _place(labels: list[int], label: int) -> dict[str, int | None]:
    """Where a bid stands among those to score, and its neighbours."""
    index = labels.index(label)
    return {
        "before": labels[index - 1] if index else None,
        "after": labels[index + 1] if index + 1 < len(labels) else None,
        "place": index + 1,
        "total": len(labels),
    }


@require_POST
def sign(request: Request, code: str) -> HttpResponse:
    reviewer = own_review(request, code)
    text_hash = request.POST.get("text_hash", "")
    sign_minutes(reviewer=reviewer, text_hash=text_hash, by=request.user, at=clock.now())
    messages.success(request, _("评审纪要已签署。"))
    return redirect("challenges:review", code=code)


@require_http_methods(["GET", "HEAD", "POST"])
def avoidances(request: Request) -> HttpResponse:
    """The organisations one never reviews."""
    form = AvoidanceForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        organisation, reason = form.cleaned_data["organisation"], form.cleaned_data["reason"]
        actions.declare_avoidance(user=request.user, organisation=organisation, reason=reason, at=clock.now())
        messages.success(request, _("已声明回避%(name)s。") % {"name": organisation.name})
        return redirect("challenges:avoidances")
    page = Paginator(queries.avoidances_of(request.user), PER_PAGE).get_page(request.GET.get("page"))
    return render(
        request, "challenges/review/avoidances.html", {"form": form, "page": page}, status=422 if form.errors else 200
    )


@require_POST
def withdraw_avoidance(request: Request, code: str) -> HttpResponse:
    avoidance = get_object_or_404(
        Avoidance.objects.select_related("organisation"), user=request.user, organisation__code=code
    )
    actions.withdraw_avoidance(avoidance=avoidance, by=request.user, at=clock.now())
    messages.success(request, _("回避声明已撤销。"))
    return redirect("challenges:avoidances")


def _next_label(rows: list[tuple[queries.BlindBid, Scorecard | None]]) -> int | None:
    """The first bid that is not submitted yet."""
    return next((bid.label for bid, card in rows if card is None or card.state != ScorecardState.SUBMITTED), None)


def _after(bids: list[queries.BlindBid], cards: dict[int, Scorecard], *, code: str, label: int) -> str:
    """Where to go when `label` is done: the next one that is not scored, else the list."""
    order = [bid for bid in bids if bid.label > label] + [bid for bid in bids if bid.label < label]
    following = _next_label([(bid, cards.get(bid.label)) for bid in order])
    if following is None:
        return reverse("challenges:review", args=[code])
    return reverse("challenges:scorecard", args=[code, following])

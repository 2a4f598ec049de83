"""The evaluation as the poser and operators run it: reviewers, progress, ranking, minutes, award."""

from typing import Any

from django.contrib import messages
from django.db.models import Q
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.http import Request, said
from accounts.permissions import check_writes_for
from challenges.answer.permissions import is_answerable
from challenges.bid.workflow import BidState
from challenges.challenge.workflow import ChallengeState
from challenges.evaluation import actions, queries
from challenges.evaluation.forms import AwardForm, ReviewerForm
from challenges.evaluation.minutes import check_stands, draw_up_minutes
from challenges.evaluation.permissions import allowed_evaluation_actions, check_runs_evaluation, sees_evaluation
from challenges.evaluation.ranking import Ranking, Weight, weighted_total
from challenges.models import (
    Bid,
    Challenge,
    Minutes,
    Reviewer,
)
from challenges.objection.workflow import DecisionState
from challenges.review.actions import assign_reviewer, check_evaluating, remove_reviewer
from challenges.review.conflicts import conflicts_of
from challenges.review.scorecards import card_of, current_ranking
from challenges.review.workflow import ReviewerState
from lib import clock
from lib.refusals import NotReady


def evaluated_challenge(request: Request, code: str) -> Challenge:
    """Challenge `code` whose bids were opened, for the poser's people and operators; else 404."""
    challenges = Challenge.objects.visible_to(request.user).select_related("need__organisation")
    challenge = get_object_or_404(challenges, code=code)
    if not sees_evaluation(request.user, challenge):
        raise Http404
    return challenge


@require_safe
def detail(request: Request, code: str) -> HttpResponse:
    challenge = evaluated_challenge(request, code)
    return _page(request, challenge, ReviewerForm())


@require_POST
def assign(request: Request, code: str) -> HttpResponse:
    challenge = evaluated_challenge(request, code)
    check_runs_evaluation(request.user, challenge)
    form = ReviewerForm(request.POST)
    if form.is_valid() and form.person is not None:
        try:
            assign_reviewer(challenge=challenge, user=form.person, by=request.user, at=clock.now())
            messages.success(request, _("已邀请%(name)s评审，对方声明无利益冲突后开始评分。") % {"name": form.person})
            return redirect("challenges:evaluation", code=code)
        except NotReady as error:
            form.add_error("email", str(error))
    return _page(request, challenge, form, status=422)


@require_POST
def remove(request: Request, code: str, pk: int) -> HttpResponse:
    challenge = evaluated_challenge(request, code)
    check_runs_evaluation(request.user, challenge)
    reviewer = get_object_or_404(Reviewer.objects.select_related("challenge"), challenge=challenge, pk=pk)
    reason = said(request, "reason", limit=500)
    if not reason:
        messages.error(request, _("请写明撤换原因。"))
    else:
        remove_reviewer(reviewer=reviewer, reason=reason, by=request.user, at=clock.now())
        messages.success(request, _("评审人已撤换，其评分不再计入。"))
    return redirect("challenges:evaluation", code=code)


@require_POST
def draw_up(request: Request, code: str) -> HttpResponse:
    challenge = evaluated_challenge(request, code)
    try:
        remarks = said(request, "remarks", limit=5000)
        draw_up_minutes(challenge=challenge, remarks=remarks, by=request.user, at=clock.now())
        messages.success(request, _("评审纪要已形成，已请各位评审人签署。"))
    except NotReady as error:
        messages.error(request, str(error))
    return redirect("challenges:evaluation", code=code)


@require_safe
def minutes_print(request: Request, code: str) -> HttpResponse:
    """The minutes on paper: for the poser, operators and the reviewers who serve."""
    serving = Q(challenge__reviewers__user=request.user, challenge__reviewers__state=ReviewerState.ACTIVE)
    minutes = Minutes.objects.filter(challenge__code=code).select_related("challenge__need__organisation").first()
    if minutes is None:
        raise Http404
    is_reviewer = Minutes.objects.filter(serving, pk=minutes.pk).exists()
    if not is_reviewer and not sees_evaluation(request.user, minutes.challenge):
        raise Http404
    context = {
        "challenge": minutes.challenge,
        "minutes": minutes,
        "ranking": Ranking.from_json(minutes.ranking),
        "signatures": minutes.signatures.select_related("reviewer__user").order_by("signed_at", "pk"),
        "back_url": reverse("challenges:review" if is_reviewer else "challenges:evaluation", args=[code]),
    }
    return render(request, "challenges/evaluation/minutes_print.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def award(request: Request, code: str) -> HttpResponse:
    """Choose a bid. Only once the minutes stand; before, the evaluation page says what is missing."""
    challenge = evaluated_challenge(request, code)
    check_writes_for(request.user, challenge.need.organisation)
    check_evaluating(challenge)
    try:
        ranking = check_stands(challenge=challenge, at=clock.now())
    except NotReady as error:
        messages.warning(request, str(error))
        return redirect("challenges:evaluation", code=code)
    bids = {bid.label: bid for bid in queries.opened_bids(challenge) if bid.state == BidState.SUBMITTED}
    options = [(row.label, _option(row, bids[row.label])) for row in ranking.bids if row.label in bids]
    form = AwardForm(request.POST or None, options=options)
    if request.method == "POST" and form.is_valid():
        chosen = form.cleaned_data
        try:
            actions.award_bid(
                bid=bids[chosen["bid"]],
                reason=chosen["reason"],
                answer=chosen["answer"],
                by=request.user,
                at=clock.now(),
            )
            messages.success(request, _("已定榜。请逐一答复其余揭榜单位。"))
            return redirect("challenges:evaluation", code=code)
        except actions.ReasonNeeded as error:
            form.add_error("reason", str(error))
        except NotReady as error:
            form.add_error(None, str(error))
    context = {"challenge": challenge, "form": form}
    return render(request, "challenges/evaluation/award.html", context, status=422 if form.errors else 200)


@require_POST
def declare_failed(request: Request, code: str) -> HttpResponse:
    challenge = evaluated_challenge(request, code)
    check_writes_for(request.user, challenge.need.organisation)
    reason = said(request, "reason", limit=1000)
    if not reason:
        messages.error(request, _("请写明没有方案中榜的原因。"))
    else:
        actions.declare_failed(challenge=challenge, reason=reason, by=request.user, at=clock.now())
        messages.success(request, _("榜单已宣布流标。请逐一答复各揭榜单位。"))
    return redirect("challenges:evaluation", code=code)


# --- The page ---------------------------------------------------------------------------------------------------


def _page(request: Request, challenge: Challenge, form: ReviewerForm, *, status: int = 200) -> HttpResponse:
    people = [row.user for row in challenge.reviewers.select_related("user")]
    is_running = challenge.state == ChallengeState.EVALUATING
    at = clock.now()
    conflicts = conflicts_of(challenge=challenge, users=people, at=at) if is_running else {}
    reviewers = queries.progress_of(challenge, conflicts)
    serving = [row for row in reviewers if row.reviewer.state in {ReviewerState.ASSIGNED, ReviewerState.ACTIVE}]
    bids = list(queries.opened_bids(challenge))
    minutes = Minutes.objects.filter(challenge=challenge).select_related("drawn_up_by").first()
    ranking, is_current = _ranking(challenge, minutes)
    unanswered = [bid for bid in bids if bid.state == BidState.SUBMITTED]
    context = {
        "challenge": challenge,
        "actions": allowed_evaluation_actions(user=request.user, challenge=challenge),
        "form": form,
        "reviewers": reviewers,
        "serving": serving,
        "is_scored": ranking is not None,
        "done": sum(row.done for row in serving),
        "total": sum(row.total for row in serving),
        "matrix": _matrix(challenge, bids, ranking) if ranking else None,
        "chart": _chart(ranking) if ranking else None,
        "minutes": minutes,
        "minutes_stand": minutes is not None and is_current,
        "signed": sum(row.has_signed for row in serving),
        "bids": [(bid, is_answerable(challenge, bid.state)) for bid in bids],
        "unanswered": len(unanswered),
        "open_appeals": [bid for bid in bids if hasattr(bid, "appeal") and bid.appeal.state == DecisionState.OPEN],
        "is_late": bool(unanswered) and challenge.answer_by is not None and at >= challenge.answer_by,
    }
    return render(request, "challenges/evaluation/challenge_evaluation.html", context, status=status)


def _ranking(challenge: Challenge, minutes: Minutes | None) -> tuple[Ranking | None, bool]:
    """What to show, and whether the minutes agree with it. Nothing before everybody has submitted everything."""
    signed = Ranking.from_json(minutes.ranking) if minutes else None
    if challenge.state != ChallengeState.EVALUATING:
        return signed, signed is not None
    try:
        ranking = current_ranking(challenge)
    except NotReady:
        return None, False
    return ranking, ranking == signed


def _matrix(challenge: Challenge, bids: list[Bid], ranking: Ranking) -> dict[str, Any]:
    """Bids down, reviewers across: every reviewer's own total, and what all give together."""
    cards = queries.submitted_cards(challenge)
    criteria = list(challenge.criteria.all())
    weights = [Weight(row.name, row.weight) for row in criteria]
    names = {card.reviewer_id: card.reviewer.user.name for card in cards}
    totals = {
        (card.bid.label, card.reviewer_id): weighted_total(card_of(card, criteria).points, weights) for card in cards
    }
    by_label = {bid.label: bid for bid in bids}
    rows = [
        {
            "bid": by_label.get(result.label),
            "result": result,
            "totals": [totals.get((result.label, pk)) for pk in names],
            "comments": [
                {"by": card.reviewer.user.name, "text": card.comment}
                for card in cards
                if card.bid.label == result.label
            ],
        }
        for result in ranking.bids
    ]
    return {"names": list(names.values()), "rows": rows}


def _chart(ranking: Ranking) -> dict[str, Any]:
    rows = [[_("方案 %(label)s") % {"label": row.label}, float(row.total)] for row in ranking.bids]
    return {"columns": [_("方案"), _("综合得分")], "rows": rows}


def _option(row: Any, bid: Bid) -> str:
    return _("第 %(rank)s 名 · 方案 %(label)s · %(name)s · %(total)s 分") % {
        "rank": row.rank,
        "label": row.label,
        "name": bid.organisation.name,
        "total": row.total,
    }

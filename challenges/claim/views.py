"""抢单: the claim form, and what the poser sees and does with claims."""

from datetime import datetime

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.http import PER_PAGE, Request
from accounts.models import Organisation
from accounts.permissions import Denied
from challenges.bid import queries
from challenges.bid.asked import Asked, asked_for
from challenges.bid.forms import Sheet
from challenges.bid.permissions import is_over, obstacle
from challenges.bid.views import bid_context, visible_bid, visible_challenge
from challenges.bid.workflow import BidState
from challenges.challenge.workflow import ChallengeState
from challenges.claim import actions
from challenges.claim.forms import RefuseClaimForm
from challenges.evaluation.permissions import operates
from challenges.models import Bid, Challenge
from lib import clock
from lib.refusals import WrongState
from needs.disclosure.actions import log_indicators
from needs.disclosure.permissions import is_own
from needs.models import Level


@require_http_methods(["GET", "HEAD", "POST"])
def claim(request: Request, code: str) -> HttpResponse:
    challenge = visible_challenge(request, code)
    if not challenge.is_first_claim:
        return redirect("challenges:bid-create", code)
    organisation = request.organisation
    at = clock.now()
    existing = Bid.objects.filter(challenge=challenge, organisation=organisation).first() if organisation else None
    if existing is not None and existing.state != BidState.WITHDRAWN:
        return redirect(existing)
    asked = asked_for(organisation, challenge.need) if organisation else Asked([], reached=0)
    sheet = Sheet(
        organisation=organisation,
        asked=asked,
        is_claim=True,
        data=request.POST if request.method == "POST" else None,
        version=existing.versions.latest("number") if existing else None,
    )
    if request.method == "POST":
        if organisation is None:
            raise Denied(_("请先登记或加入一个机构。"))
        made = _claim(request, challenge, organisation, sheet, at) if sheet.is_valid() else None
        if made is not None:
            return _claimed(request, made)
    log_indicators(need=challenge.need, rows=asked.shown, viewer=request.viewer, at=at)
    context = {
        "challenge": challenge,
        "need": challenge.need,
        "organisation": organisation,
        "obstacle": obstacle(request.user, organisation, challenge),
        "hidden": _hidden_words(asked.hidden_must_level),
        "is_taking": challenge.state in {ChallengeState.OPEN, ChallengeState.AWARDED} and not is_over(challenge, at),
        "is_taken": challenge.state == ChallengeState.AWARDED,
        "sheet": sheet,
        "form": sheet.form,
    }
    return render(request, "challenges/claim/claim_form.html", context)


def _claim(
    request: Request, challenge: Challenge, organisation: Organisation, sheet: Sheet, at: datetime
) -> Bid | None:
    """The claim; None where the form has to be shown again with what is wrong."""
    try:
        return actions.claim(
            challenge=challenge,
            organisation=organisation,
            values=sheet.content,
            by=request.user,
            at=at,
            asked=sheet.asked,
        )
    except ValidationError as error:
        sheet.add_errors(error)
    except WrongState as error:
        sheet.form.add_error(None, str(error))
    return None


def _claimed(request: Request, bid: Bid) -> HttpResponse:
    if bid.state == BidState.AWARDED:
        messages.success(request, _("您抢到了。等待需求方确认。"))
    else:
        messages.info(
            request, _("已有单位先抢到；您的抢单已登记，排在第 %(number)s 位。") % {"number": bid.claim_number}
        )
    return redirect(bid)


def _hidden_words(level: Level | None) -> str:
    words = {
        Level.VERIFIED: _("有必达指标只对通过核验的机构公开。"),
        Level.NDA: _("有必达指标须签署保密协议后才能看到。"),
        Level.NAMED: _("有必达指标只对需求方指定的机构公开，请先联系需求方。"),
    }
    return words[level] if level else ""


@require_safe
def claim_list(request: Request, code: str) -> HttpResponse:
    """The queue of a challenge, first come first, for its poser and operators."""
    challenge = visible_challenge(request, code)
    if not challenge.is_first_claim or not (
        is_own(request.viewer, challenge.need) or operates(request.user, challenge)
    ):
        raise Http404
    bids = Bid.objects.visible_to(request.user).filter(challenge=challenge).exclude(claim_number=None)
    page = Paginator(bids.select_related("organisation").order_by("claim_number"), PER_PAGE).get_page(
        request.GET.get("page")
    )
    return render(
        request, "challenges/claim/claim_list.html", {"challenge": challenge, "need": challenge.need, "page": page}
    )


@require_POST
def accept(request: Request, code: str) -> HttpResponse:
    contract = actions.accept_claim(bid=visible_bid(request, code), by=request.user, at=clock.now())
    messages.success(request, _("抢单已确认，技术合同草案已生成；请双方补全条款。"))
    return redirect(contract)


@require_POST
def refuse(request: Request, code: str) -> HttpResponse:
    bid = visible_bid(request, code)
    form = RefuseClaimForm(request.POST)
    at = clock.now()
    if not form.is_valid():
        context = bid_context(request, bid, queries.counting_version(bid), at)
        if context["refuse_form"] is None:
            raise Denied(_("您不能拒绝这份抢单。"))
        return render(request, "challenges/bid/bid_detail.html", {**context, "refuse_form": form}, status=422)
    actions.refuse_claim(
        bid=bid, reason=form.cleaned_data["reason"], answer=form.cleaned_data["answer"], by=request.user, at=at
    )
    messages.success(request, _("已拒绝并答复抢单单位；如有后续抢单，已顺位通知您确认。"))
    return redirect("challenges:claim-list", bid.challenge.code)

"""A bidder's pages: one's own bids, the form that saves itself, a bid, its versions, handing in and withdrawing."""

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.http import PER_PAGE, Request
from accounts.permissions import Denied, check_writes_for
from challenges.answer.permissions import may_appeal
from challenges.bid import actions, queries
from challenges.bid.asked import asked_for
from challenges.bid.forms import Sheet
from challenges.bid.permissions import (
    allowed_bid_actions,
    is_author,
    is_over,
    obstacle,
)
from challenges.bid.workflow import BidState
from challenges.claim import actions as claims
from challenges.claim.forms import RefuseClaimForm
from challenges.evaluation.permissions import sees_evaluation
from challenges.models import Bid, BidAttachment, BidVersion, Challenge
from contracts.models import Contract
from lib import clock
from lib.refusals import WrongState
from needs.disclosure.actions import log_indicators_of_bid
from needs.files import actions as attachments

SUBMIT = "submit"
SUBMITTED = gettext_lazy("方案已提交。截止前可以修改或撤回；截止前除本机构外没有人能看到。")


def visible_bid(request: Request, code: str) -> Bid:
    bids = Bid.objects.visible_to(request.user).select_related("organisation", "challenge__need__organisation")
    return get_object_or_404(bids, code=code)


def visible_challenge(request: Request, code: str) -> Challenge:
    challenges = Challenge.objects.visible_to(request.user).select_related("need__organisation")
    return get_object_or_404(challenges, code=code)


def own_bid(request: Request, code: str) -> Bid:
    """A bid of an organisation one belongs to, opened or not; everybody else's is a 404 here."""
    own = Bid.objects.visible_to(request.user).filter(organisation__in=[m.organisation for m in request.memberships])
    return get_object_or_404(own.select_related("organisation", "challenge__need__organisation"), code=code)


@require_safe
def mine(request: Request) -> HttpResponse:
    """The bids and claims of the organisation one acts for, one tab per state."""
    organisation = request.organisation
    if organisation is None:
        return render(request, "needs/need/mine_without_organisation.html")
    state = request.GET.get("state", "")
    if state not in BidState.values:
        state = ""
    bids = queries.bids_of(organisation)
    page = Paginator(bids.filter(state=state) if state else bids, PER_PAGE).get_page(request.GET.get("page"))
    at = clock.now()
    context = {
        "organisation": organisation,
        "state": state,
        "tabs": _tabs(queries.bid_state_counts(organisation), current=state),
        "page": page,
        "rows": [(bid, queries.stage_of(bid, at)) for bid in page],
    }
    return render(request, "challenges/bid/bid_mine.html", context)


def _tabs(counts: dict[str, int], *, current: str) -> list[dict[str, object]]:
    entries = [("", _("全部"), sum(counts.values()))]
    entries += [(state.value, str(state.label), counts[state.value]) for state in BidState]
    return [
        {"url": f"?state={key}" if key else "?", "label": label, "count": count, "is_current": key == current}
        for key, label, count in entries
    ]


@require_http_methods(["GET", "HEAD", "POST"])
def create(request: Request, code: str) -> HttpResponse:
    """Before beginning: what is asked, and what stands in the way. Who has begun already is led to the bid."""
    challenge = visible_challenge(request, code)
    if challenge.is_first_claim:
        return redirect("challenges:claim", code)
    organisation = request.organisation
    if organisation is not None:
        existing = Bid.objects.filter(challenge=challenge, organisation=organisation).first()
        if existing is not None:
            return redirect(existing)
    at = clock.now()
    if request.method == "POST":
        if organisation is None:
            raise Denied(_("请先登记或加入一个机构。"))
        bid = actions.start_bid(challenge=challenge, organisation=organisation, by=request.user, at=at)
        return redirect("challenges:bid-edit", bid.code)
    context = {
        "challenge": challenge,
        "organisation": organisation,
        "obstacle": obstacle(request.user, organisation, challenge),
        "is_taking": challenge.state == "open" and not is_over(challenge, at),
    }
    return render(request, "challenges/bid/bid_start.html", context)


@require_safe
def detail(request: Request, code: str) -> HttpResponse:
    bid = visible_bid(request, code)
    counting = queries.counting_version(bid)
    return render(request, "challenges/bid/bid_detail.html", bid_context(request, bid, counting, clock.now()))


def bid_context(request: Request, bid: Bid, shown: Any, at: datetime) -> dict[str, Any]:
    """What the page of a bid shows; the working version and the record only to its author's organisation."""
    author = is_author(request.user, bid)
    allowed = allowed_bid_actions(user=request.user, bid=bid, at=at)
    working = queries.working_version(bid) if author else None
    version = shown or working
    return {
        "bid": bid,
        "challenge": bid.challenge,
        "need": bid.challenge.need,
        "is_author": author,
        "actions": allowed,
        "stage": queries.stage_of(bid, at) if author else "",
        "is_working": shown is None,
        "working": working if shown is not None else None,
        "version": version,
        "answers": _answers(request, bid, version) if version else [],
        "files": version.attachments.select_related("uploaded_by") if version else [],
        "versions": bid.versions.order_by("-number") if author else [],
        "history": queries.bid_history(bid) if author else [],
        "contract": Contract.objects.visible_to(request.user).filter(bid=bid).first(),
        "sees_evaluation": not bid.is_claim and sees_evaluation(request.user, bid.challenge),
        "has_appeal": author and hasattr(bid, "appeal"),
        "may_appeal": author and may_appeal(user=request.user, bid=bid, at=at),
        "refuse_form": RefuseClaimForm() if "refuse" in allowed else None,
    }


def _answers(request: Request, bid: Bid, version: BidVersion) -> list[dict[str, Any]]:
    """What the version answers to the indicators this reader may see; reading those that are not public is logged."""
    indicators = queries.indicators_shown_to(request.viewer, bid, version)
    log_indicators_of_bid(need=bid.challenge.need, rows=indicators, viewer=request.viewer, at=timezone.now())
    return queries.answer_rows(version, indicators)


@require_safe
def version(request: Request, code: str, number: int) -> HttpResponse:
    """One version: any of them to the author's organisation, the one that counts to whom the bid was opened."""
    bid = visible_bid(request, code)
    found = get_object_or_404(queries.versions_shown_to(request.user, bid), number=number)
    context = {
        "bid": bid,
        "challenge": bid.challenge,
        "is_author": is_author(request.user, bid),
        "version": found,
        "answers": _answers(request, bid, found),
        "files": found.attachments.select_related("uploaded_by"),
    }
    return render(request, "challenges/bid/bid_version.html", context)


# --- Writing -------------------------------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: Request, code: str) -> HttpResponse:
    """Save the form as far as it is clean, and hand the bid in when that was asked and nothing is wrong."""
    bid, at = own_bid(request, code), clock.now()
    if request.method != "POST":
        check_writes_for(request.user, bid.organisation)
        if "edit" not in allowed_bid_actions(user=request.user, bid=bid, at=at):
            messages.warning(request, _("这份方案现在不能修改。"))
            return redirect(bid)
        latest = bid.versions.latest("number")
        return _form_page(request, bid, _sheet(bid, version=latest), latest)
    sheet = _sheet(bid, data=request.POST)
    is_clean = sheet.is_valid()
    try:
        actions.save_bid(bid=bid, values=sheet.content, by=request.user, at=at)
        if is_clean and request.POST.get("intent") == SUBMIT:
            actions.submit_bid(bid=bid, by=request.user, at=at, asked=sheet.asked)
            messages.success(request, SUBMITTED)
            return redirect(bid)
    except ValidationError as error:
        sheet.add_errors(error)
    except WrongState as error:
        # what was typed stays on the page
        sheet.form.add_error(None, str(error))
    else:
        if is_clean:
            messages.success(request, _("草稿已保存。"))
            return redirect("challenges:bid-edit", bid.code)
    return _form_page(request, bid, sheet, bid.versions.latest("number"))


def _sheet(bid: Bid, **given: Any) -> Sheet:
    asked = asked_for(bid.organisation, bid.challenge.need)
    return Sheet(organisation=bid.organisation, asked=asked, is_claim=False, **given)


def _form_page(request: Request, bid: Bid, sheet: Sheet, latest: BidVersion) -> HttpResponse:
    need = bid.challenge.need
    log_indicators_of_bid(need=need, rows=sheet.asked.shown, viewer=request.viewer, at=timezone.now())
    context = {
        "bid": bid,
        "challenge": bid.challenge,
        "need": need,
        "sheet": sheet,
        "form": sheet.form,
        "saved_at": timezone.localtime(latest.saved_at),
        "files": latest.attachments.select_related("uploaded_by"),
        "is_first": not bid.versions.handed_in().exists(),
        "has_working": latest.submitted_at is None,
    }
    return render(request, "challenges/bid/bid_form.html", context)


@require_POST
def autosave(request: Request, code: str) -> HttpResponse:
    """What the form sends by itself: saved as far as it can be understood; the answer is one line."""
    bid = own_bid(request, code)
    sheet = _sheet(bid, data=request.POST)
    sheet.is_valid()
    at = clock.now()
    try:
        saved = actions.save_bid(bid=bid, values=sheet.content, by=request.user, at=at)
    except (Denied, WrongState) as error:
        # no reload, which would lose what was typed
        return render(request, "challenges/bid/_bid_saved.html", {"problem": str(error)})
    is_newer = bid.state == BidState.SUBMITTED and saved.submitted_at is None
    return render(request, "challenges/bid/_bid_saved.html", {"at": at, "unsaved": sheet.unsaved, "is_newer": is_newer})


@require_POST
def submit(request: Request, code: str) -> HttpResponse:
    bid = own_bid(request, code)
    try:
        actions.submit_bid(bid=bid, by=request.user, at=clock.now())
    except ValidationError as error:
        messages.warning(request, _("还不能提交：%(reason)s") % {"reason": error.messages[0]})
        return redirect("challenges:bid-edit", bid.code)
    messages.success(request, SUBMITTED)
    return redirect(bid)


@require_POST
def withdraw(request: Request, code: str) -> HttpResponse:
    bid = own_bid(request, code)
    if bid.is_claim:
        claims.withdraw_claim(bid=bid, by=request.user, at=clock.now())
        messages.success(request, _("抢单已撤回。"))
    else:
        actions.withdraw_bid(bid=bid, by=request.user, at=clock.now())
        messages.success(request, _("方案已撤回，截止前可以再次提交。"))
    return redirect(bid)


@require_POST
def drop(request: Request, code: str) -> HttpResponse:
    bid = actions.drop_working_version(bid=own_bid(request, code), by=request.user, at=clock.now())
    messages.success(request, _("未提交的修改已放弃，仍以已提交的版本为准。"))
    return redirect(bid)


@require_POST
def attach(request: Request, code: str) -> HttpResponse:
    bid = own_bid(request, code)
    upload = request.FILES.get("file")
    if upload is None:
        messages.warning(request, _("请先选择文件。"))
    else:
        try:
            actions.attach_to_bid(bid=bid, upload=upload, by=request.user, at=clock.now())
            messages.success(request, _("附件已上传。"))
        except attachments.Unacceptable as error:
            messages.error(request, str(error))
    return redirect("challenges:bid-edit", bid.code)


@require_POST
def detach(request: Request, code: str, attachment: str) -> HttpResponse:
    bid = own_bid(request, code)
    found = get_object_or_404(BidAttachment, bid=bid, code=attachment)
    actions.detach_from_bid(bid=bid, attachment=found, by=request.user, at=clock.now())
    messages.success(request, _("附件已移除。"))
    return redirect("challenges:bid-edit", bid.code)

"""Reads about bids and claims. Nothing here counts or lists bids that are sealed for the reader."""

from datetime import datetime
from typing import Any

from django.db.models import Count, QuerySet
from django.utils.translation import gettext_lazy as _

from accounts.audit import AuditEvent
from accounts.models import Organisation, User
from accounts.viewer import Viewer
from challenges.bid.asked import asked_of, level_of
from challenges.bid.fields import BID, MEETS, ROWS
from challenges.bid.permissions import is_author, is_confirmed, is_over
from challenges.bid.workflow import BidState
from challenges.challenge.workflow import ChallengeState
from challenges.models import Bid, BidVersion
from needs.disclosure.permissions import FULL, is_insider
from needs.models import NeedIndicator
from solutions.models import Solution
from solutions.solution.queries import matchable

# Actions of the audit trail in words.
BID_EVENT_LABELS = {
    "bid.create": _("开始编写"),
    "bid.submit": _("提交"),
    "bid.withdraw": _("撤回"),
    "bid.drop": _("放弃修改"),
    "bid.claim": _("抢单"),
    "bid.offer": _("顺位抢得"),
    "bid.accept": _("确认抢单"),
    "bid.refuse": _("不予确认"),
    "bid.lapse": _("抢单失效"),
    "bid.award": _("中榜"),
    "bid.decline": _("未中榜"),
    "bid.dismiss": _("随榜单结束答复"),
    "bid.reconsider": _("恢复评审"),
    "bid.appeal": _("提出申诉"),
    "bid.appeal_uphold": _("申诉成立"),
    "bid.appeal_dismiss": _("申诉不成立"),
}


def working_version(bid: Bid) -> BidVersion | None:
    """What is being written and not handed in; for its author only."""
    return bid.versions.working().first()


def counting_version(bid: Bid) -> BidVersion | None:
    """The last version handed in: the bid."""
    return bid.versions.handed_in().order_by("-number").first()


def versions_shown_to(user: User, bid: Bid) -> QuerySet[BidVersion]:
    """All of them to the author's organisation; to whoever else sees the bid the one that counts."""
    if is_author(user, bid):
        return bid.versions.order_by("-number")
    counting = counting_version(bid)
    return bid.versions.filter(pk=counting.pk) if counting else bid.versions.none()


def content_of(version: BidVersion) -> dict[str, Any]:
    """What a version says, without outputs and files."""
    return {name: getattr(version, name) for name in (*BID, *ROWS)}


def indicators_shown_to(viewer: Viewer, bid: Bid, version: BidVersion) -> list[NeedIndicator]:
    """The indicators beside which a reader who may see `version` reads its answers."""
    need = bid.challenge.need
    reached = FULL if is_insider(viewer, need) else level_of(bid.organisation, need)
    return asked_of(version, need, reached=reached)


def answer_rows(version: BidVersion, indicators: list[NeedIndicator]) -> list[dict[str, Any]]:
    """One row per indicator (of `asked_of`) with what is answered to it: indicator, meets, label, value, how."""
    given = {answer["indicator"]: answer for answer in version.indicator_answers}
    labels = dict(MEETS)
    rows = []
    for indicator in indicators:
        answer = given.get(indicator.pk, {})
        meets = answer.get("meets", "")
        rows.append(
            {
                "indicator": indicator,
                "meets": meets,
                "label": labels.get(meets, _("未答复")),
                "value": answer.get("value", ""),
                "how": answer.get("how", ""),
            }
        )
    return rows


def outputs_of(organisation: Organisation) -> QuerySet[Solution]:
    """The entries a bid of `organisation` may build on."""
    return matchable().for_organisation(organisation).order_by("title", "pk")


def bids_of(organisation: Organisation) -> QuerySet[Bid]:
    """All bids and claims of one's own organisation, the latest first, with what a list shows."""
    return (
        Bid.objects.for_organisation(organisation)
        .select_related("challenge__need__organisation", "contract")
        .prefetch_related("versions")
        .order_by("-created_at", "-pk")
    )


def bid_state_counts(organisation: Organisation) -> dict[str, int]:
    """Number of the organisation's own bids in each state, every state named."""
    bids = Bid.objects.for_organisation(organisation).order_by()
    counts = dict(bids.values_list("state").annotate(number=Count("pk")))
    return {state: counts.get(state, 0) for state in BidState.values}


def stage_of(bid: Bid, at: datetime) -> str:
    """Where a bid stands for its author, in one word the pages have sentences for. `versions` may be prefetched."""
    challenge = bid.challenge
    if bid.state in {BidState.AWARDED, BidState.DECLINED}:
        if not bid.is_claim or bid.state == BidState.DECLINED:
            return str(bid.state)
        return "confirmed" if is_confirmed(bid) else "offered"
    if bid.is_claim:
        return "queued" if bid.state == BidState.SUBMITTED else "withdrawn"
    if challenge.state == ChallengeState.OPEN and not is_over(challenge, at):
        is_newer = any(version.submitted_at is None for version in bid.versions.all())
        return "changed" if bid.state == BidState.SUBMITTED and is_newer else str(bid.state)
    return {BidState.DRAFT: "missed", BidState.SUBMITTED: "waiting"}.get(BidState(bid.state), "withdrawn-over")


def bid_history(bid: Bid) -> list[dict[str, Any]]:
    """What happened to a bid, for its author's page: label, at, by, note."""
    events = AuditEvent.objects.filter(object_code=bid.code).select_related("by").order_by("at", "pk")
    return [
        {
            "label": BID_EVENT_LABELS.get(event.action, event.action),
            "at": event.at,
            "by": event.by.name if event.by else _("系统"),
            "note": "",
        }
        for event in events
    ]

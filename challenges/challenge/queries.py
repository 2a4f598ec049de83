"""Reads about challenges: lists, what still waits for somebody, what happened."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.audit import AuditEvent
from accounts.models import Anyone, Organisation, OrganisationKind, User
from accounts.permissions import belongs_to
from challenges.answer.permissions import last_appeal_until
from challenges.bid.workflow import BidState
from challenges.challenge.workflow import UNDER_WAY, ChallengeState
from challenges.evaluation.permissions import operates
from challenges.models import (
    Appeal,
    Bid,
    BidQuerySet,
    BlindField,
    Challenge,
    ChallengeQuerySet,
    Objection,
)
from challenges.objection.workflow import DecisionState
from contracts.models import Contract
from needs.models import Need

# Tabs of the public list: key → (words, states).
TABS: dict[str, tuple[Any, frozenset[str]]] = {
    "open": (gettext_lazy("揭榜中"), frozenset({ChallengeState.OPEN})),
    "notice": (gettext_lazy("公示中"), frozenset({ChallengeState.NOTICE})),
    "evaluating": (gettext_lazy("评榜中"), frozenset({ChallengeState.EVALUATING})),
    "ended": (
        gettext_lazy("已结束"),
        frozenset({ChallengeState.AWARDED, ChallengeState.CLOSED, ChallengeState.FAILED, ChallengeState.CANCELLED}),
    ),
}

# Actions of the audit trail in words.
EVENT_LABELS = {
    "challenge.create": gettext_lazy("建立草稿"),
    "challenge.change": gettext_lazy("修改内容"),
    "challenge.change_refused": gettext_lazy("提交后试图修改规则，已拒绝"),
    "challenge.submit": gettext_lazy("提交论证"),
    "challenge.return": gettext_lazy("论证退回"),
    "challenge.announce": gettext_lazy("论证通过并发榜"),
    "challenge.open": gettext_lazy("开始揭榜"),
    "challenge.extend": gettext_lazy("延期"),
    "challenge.close_bidding": gettext_lazy("截止并开标"),
    "challenge.fail": gettext_lazy("流标"),
    "challenge.declare_failed": gettext_lazy("宣布流标"),
    "challenge.award": gettext_lazy("定榜"),
    "challenge.claim": gettext_lazy("抢单成功"),
    "challenge.refuse_claim": gettext_lazy("拒绝抢单"),
    "challenge.lapse_claim": gettext_lazy("抢单失效"),
    "challenge.reopen": gettext_lazy("重新评榜"),
    "challenge.close": gettext_lazy("结束"),
    "challenge.draw_up": gettext_lazy("形成评审纪要"),
    "review.assign": gettext_lazy("指派评审人"),
    "review.declare": gettext_lazy("评审人声明无利益冲突"),
    "review.recuse": gettext_lazy("评审人回避"),
    "review.remove": gettext_lazy("撤换评审人"),
    "review.score": gettext_lazy("提交评分表"),
    "review.sign": gettext_lazy("签署评审纪要"),
    "challenge.cancel": gettext_lazy("终止"),
}
# Of those, whose reason is words for people; others hold names of fields.
_TELLING = frozenset({"challenge.return", "challenge.extend", "challenge.cancel", "challenge.declare_failed"})
_WITH_RESULT = frozenset({ChallengeState.AWARDED, ChallengeState.CLOSED})


def with_need(challenges: ChallengeQuerySet) -> ChallengeQuerySet:
    return challenges.select_related("need__organisation", "need__caretaker")


def public_counts(challenges: ChallengeQuerySet) -> dict[str, int]:
    """Announced challenges by tab of the public list."""
    counts = dict(challenges.announced().order_by().values_list("state").annotate(number=Count("pk")))
    return {key: sum(counts.get(state, 0) for state in states) for key, (_label, states) in TABS.items()}


def state_counts(organisation: Organisation) -> dict[str, int]:
    """Number of challenges of `organisation` in each state, every state named."""
    mine = Challenge.objects.for_organisation(organisation)
    counts = dict(mine.order_by().values_list("state").annotate(number=Count("pk")))
    return {state: counts.get(state, 0) for state in ChallengeState.values}


def awaiting_review() -> QuerySet[Challenge]:
    """Handed in for review, the longest waiting first."""
    submitted = Challenge.objects.filter(state=ChallengeState.SUBMITTED)
    return with_need(submitted).order_by("submitted_at", "pk")


def open_objections(user: User) -> QuerySet[Objection]:
    """Objections nobody has decided, the longest waiting first; without those an operator reads as a bidder there."""
    waiting = Objection.objects.filter(state=DecisionState.OPEN).exclude(challenge__in=_contested(user))
    return waiting.select_related("challenge__need__organisation", "organisation").order_by("raised_at", "pk")


def overdue_answers(user: User, at: datetime) -> QuerySet[Challenge]:
    """Challenges on which a bid waits for its answer beyond the deadline; without those where the operator bids."""
    unanswered = Bid.objects.unanswered().unsealed()
    late = Challenge.objects.filter(answer_by__lt=at, pk__in=unanswered.values("challenge"))
    return with_need(late.exclude(pk__in=_contested(user))).order_by("answer_by", "pk")


def _contested(user: User) -> QuerySet[Bid, Any]:
    """Challenges an organisation of `user` bids on: what of them is for operators is not for this one."""
    return Bid.objects.by_organisations_of(user).values("challenge")


def review_counts(user: User, at: datetime) -> dict[str, int]:
    """How much waits for this operator: `submitted`, `objections`, `overdue`."""
    return {
        "submitted": awaiting_review().count(),
        "objections": open_objections(user).count(),
        "overdue": overdue_answers(user, at).count(),
    }


def missing_for_close(challenge: Challenge, at: datetime) -> list[str]:
    """What keeps a challenge from being closed, in words; empty when nothing does."""
    missing = []
    if challenge.bids.awaiting_confirmation().exists():
        missing.append(_("抢到的单位还在等待确认，请先确认或拒绝"))
    if unanswered := challenge.bids.unanswered().count():
        missing.append(_("还有 %(number)s 个揭榜方案没有答复") % {"number": unanswered})
    if Appeal.objects.filter(bid__challenge=challenge, state=DecisionState.OPEN).exists():
        missing.append(_("有申诉尚未处理"))
    # An appeal that is upheld is answered anew or takes the award back: neither happens to what is closed.
    until = last_appeal_until(challenge)
    if until is not None and at < until:
        shown = f"{timezone.localtime(until):%Y-%m-%d %H:%M}"
        missing.append(_("未中榜单位可以申诉至 %(until)s") % {"until": shown})
    if challenge.objections.filter(state=DecisionState.OPEN).exists():
        missing.append(_("有异议尚未处理"))
    if challenge.result_notice_until is not None and at < challenge.result_notice_until:
        missing.append(_("结果公示期未满"))
    elif challenge.result_notice_until is not None and awards_awaiting_contract().filter(challenge=challenge).exists():
        # The clock has not come by yet, or an objection outlasted the notice; closed, it would pass the award over.
        missing.append(_("中榜方案的技术合同草案尚未生成，公示期满且没有未处理的异议后由系统生成"))
    return missing


def awards_awaiting_contract() -> BidQuerySet:
    """Awarded bids whose contract the end of the result's notice period brings.

    None where the contract of the two came from an earlier award: two parties have one contract on a need.
    """
    of_another_award = Contract.objects.unterminated().filter(
        need=OuterRef("challenge__need"), supplier=OuterRef("organisation"), bid__isnull=False
    )
    return Bid.objects.filter(~Exists(of_another_award), state=BidState.AWARDED, contract=None)


def objections_shown_to(user: User | AnonymousUser, challenge: Challenge) -> QuerySet[Objection]:
    """All to operators and the poser's members; to others those of their own organisations.

    An operator of a bidder is a bidder here. Who objects is for operators and the objector alone: `names_objectors`.
    """
    objections = challenge.objections.select_related("organisation").order_by("raised_at", "pk")
    if not user.is_authenticated:
        return objections.none()
    if operates(user, challenge) or belongs_to(user, challenge.need.organisation):
        return objections
    return objections.filter(Q(organisation__in=user.memberships.active().values("organisation")))


def is_in_time(challenge: Challenge, at: datetime) -> bool:
    """Before the deadline: `closes_at` is the first moment that is too late."""
    return challenge.closes_at is not None and at < challenge.closes_at


def takes_bids(challenge: Challenge, at: datetime) -> bool:
    """Whether a bid or claim may be handed in now: while open, and in the queue behind an unconfirmed claim."""
    if not is_in_time(challenge, at):
        return False
    if challenge.is_first_claim and challenge.state == ChallengeState.AWARDED:
        return challenge.bids.awaiting_confirmation().exists()
    return challenge.state == ChallengeState.OPEN


def can_repeat(challenge: Challenge) -> bool:
    """No award stands, and no further round was begun."""
    return not challenge.bids.standing_awards().exists() and not Challenge.objects.filter(previous=challenge).exists()


def running_on(user: Anyone, need: Need) -> Challenge | None:
    """The one challenge on `need` that has not ended, when the reader may see it."""
    visible = Challenge.objects.visible_to(user).filter(need=need)
    return visible.exclude(state__in=[ChallengeState.CLOSED, ChallengeState.FAILED, ChallengeState.CANCELLED]).first()


def running_beside(contract: Contract) -> Challenge | None:
    """The challenge under way on the contract's need, unless it awarded the contract's supplier for good."""
    own = Bid.objects.filter(
        challenge=OuterRef("pk"), organisation=contract.supplier_id, state=BidState.AWARDED, refusable_until=None
    )
    challenges = Challenge.objects.filter(need=contract.need_id, state__in=UNDER_WAY)
    return challenges.exclude(Exists(own), state=ChallengeState.AWARDED).first()


def next_round(user: Anyone, challenge: Challenge) -> Challenge | None:
    """The round after this one, when the reader may see it."""
    return Challenge.objects.visible_to(user).filter(previous=challenge).first()


def own_bid(user: Anyone, organisation: Organisation | None, challenge: Challenge) -> Bid | None:
    """What the organisation one acts for has written on this challenge."""
    if organisation is None:
        return None
    return Bid.objects.visible_to(user).filter(challenge=challenge, organisation=organisation).first()


def reviews(user: User | AnonymousUser, challenge: Challenge) -> bool:
    return user.is_authenticated and challenge.reviewers.serving().filter(user=user).exists()


def published_winners(challenges: Iterable[Challenge]) -> dict[int, Organisation]:
    """Challenge pk → who won it, where the rules put the result on public notice; else that is nobody's to read."""
    public = [c.pk for c in challenges if c.result_notice_days and c.awarded_at and c.state in _WITH_RESULT]
    awarded = Bid.objects.filter(challenge__in=public, state=BidState.AWARDED).select_related("organisation")
    return {bid.challenge_id: bid.organisation for bid in awarded}


def hidden_from_reviewers(challenge: Challenge) -> list[str]:
    """The parts of a bid that reviewers do not see, in words."""
    return [str(field.label) for field in BlindField if field.value not in challenge.shown_to_reviewers]


def kind_labels(challenge: Challenge) -> list[str]:
    """The kinds of organisation that may bid, in words; empty when all may."""
    return [str(OrganisationKind(kind).label) for kind in challenge.eligible_kinds]


def dates_of(challenge: Challenge) -> list[dict[str, Any]]:
    """The course as it was and as it is planned, in the order of time: events with label and at."""
    events = [
        {"label": _("发榜"), "at": challenge.announced_at},
        {"label": _("公示期满"), "at": challenge.notice_until if challenge.notice_days else None},
        {"label": _("开始"), "at": challenge.opened_at},
        {"label": _("截止"), "at": challenge.closes_at},
        {"label": _("答复截止"), "at": challenge.answer_by},
        {"label": _("定榜"), "at": challenge.awarded_at},
        {"label": _("结果公示期满"), "at": challenge.result_notice_until},
        {"label": challenge.state_label, "at": challenge.ended_at},
    ]
    return sorted((event for event in events if event["at"] is not None), key=lambda event: event["at"])


def challenge_history(challenge: Challenge) -> list[dict[str, Any]]:
    """What happened to `challenge`, oldest first: events for the timeline, with label, at, by and note.

    Neither the steps of reviewers, which the evaluation shows, nor objections: who raised them is for operators.
    """
    events = AuditEvent.objects.filter(object_code=challenge.code, action__in=EVENT_LABELS)
    return [
        {
            "label": EVENT_LABELS[event.action],
            "at": event.at,
            "by": event.by.name if event.by else _("系统"),
            "note": event.reason if event.action in _TELLING else "",
        }
        for event in events.select_related("by").order_by("at", "pk")
    ]

"""What waits for somebody on challenges, bids and contracts: the rows of a desk. A constant number of queries each."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import chain

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.models import Organisation, User
from challenges.bid.workflow import BidState
from challenges.challenge.workflow import ChallengeMode, ChallengeState
from challenges.models import (
    Appeal,
    Bid,
    Challenge,
    Minutes,
    Objection,
    Reviewer,
    Scorecard,
    Signature,
)
from challenges.objection.workflow import DecisionState
from challenges.review.workflow import ReviewerState, ScorecardState
from contracts.contract.workflow import ContractState
from contracts.delivery.workflow import MilestoneState
from contracts.models import Contract, Milestone

MOST = 20  # of one kind on one desk; the pages behind hold the rest
SOON = timedelta(days=14)  # a milestone this near is shown to who delivers it


@dataclass(frozen=True, slots=True)
class Waiting:
    """One thing to do: what, about which need, where, and by when if there is a date."""

    what: Promise
    title: str
    url: str
    due: datetime | date | None = None
    is_late: bool = False


def waiting_for_organisation(organisation: Organisation, *, at: datetime) -> list[Waiting]:
    """What waits for the writers of `organisation`, as poser and as supplier; late things first, then by date."""
    rows = chain(
        _challenges_of_poser(organisation, at),
        _bids_of(organisation, at),
        _contracts_of(organisation),
        _milestones_of(organisation, at),
    )
    return _in_order(rows)


def waiting_for_reviewer(user: User) -> list[Waiting]:
    """Challenges on which this person has to declare, to score or to sign."""
    serving = (
        Reviewer.objects.serving()
        .filter(user=user, challenge__state=ChallengeState.EVALUATING)
        .select_related("challenge__need")
        .order_by("assigned_at", "pk")
    )
    scored = Scorecard.objects.filter(
        reviewer=OuterRef(OuterRef("pk")), bid=OuterRef("pk"), state=ScorecardState.SUBMITTED
    )
    unscored = Bid.objects.filter(~Exists(scored), challenge=OuterRef("challenge"), state=BidState.SUBMITTED)
    active = serving.filter(state=ReviewerState.ACTIVE)
    drawn_up = Minutes.objects.filter(challenge=OuterRef("challenge"))
    to_sign = active.filter(Exists(drawn_up), ~Exists(Signature.objects.filter(reviewer=OuterRef("pk"))))
    asked: list[tuple[Promise, QuerySet[Reviewer]]] = [
        (_("评榜：请先声明有无利益冲突"), serving.filter(state=ReviewerState.ASSIGNED)),
        (_("评榜：还有方案未评分"), active.filter(Exists(unscored))),
        (_("评榜：评审纪要待签名"), to_sign),
    ]
    return [
        Waiting(what, row.challenge.need.title, reverse("challenges:review", args=[row.challenge.code]))
        for what, reviews in asked
        for row in reviews[:MOST]
    ]


def waiting_for_operators(user: User, *, at: datetime) -> list[Waiting]:
    """What the platform has to decide or to chase; without what this operator may not read, being a bidder there."""
    contested = Bid.objects.by_organisations_of(user).values("challenge")
    contracts = Contract.objects.visible_to(user).values("pk")
    rows = chain(
        (
            Waiting(_("榜单待论证"), row.need.title, row.get_absolute_url(), row.submitted_at)
            for row in _challenges().filter(state=ChallengeState.SUBMITTED).order_by("submitted_at", "pk")[:MOST]
        ),
        (
            Waiting(_("异议待处理"), row.challenge.need.title, row.challenge.get_absolute_url(), row.raised_at)
            for row in Objection.objects.filter(state=DecisionState.OPEN)
            .exclude(challenge__in=contested)
            .select_related("challenge__need")
            .order_by("raised_at", "pk")[:MOST]
        ),
        (
            Waiting(_("申诉待处理"), row.bid.challenge.need.title, _where_decided(row.bid), row.raised_at)
            for row in Appeal.objects.filter(state=DecisionState.OPEN)
            .exclude(bid__challenge__in=contested)
            .select_related("bid__challenge__need")
            .order_by("raised_at", "pk")[:MOST]
        ),
        (
            Waiting(_("答复已逾期"), row.need.title, _evaluation(row), row.answer_by, is_late=True)
            for row in _with_unanswered()
            .filter(answer_by__lt=at)
            .exclude(pk__in=contested)
            .order_by("answer_by", "pk")[:MOST]
        ),
        (
            Waiting(_("里程碑逾期"), row.contract.need.title, row.contract.get_absolute_url(), row.due_on, is_late=True)
            for row in overdue_milestones(today=timezone.localdate(at)).filter(contract__in=contracts)[:MOST]
        ),
    )
    return _in_order(rows)


def overdue_milestones(*, today: date) -> QuerySet[Milestone]:
    """Milestones of running contracts that were due before `today` and are not delivered, the longest overdue first."""
    return (
        Milestone.objects.filter(
            contract__state=ContractState.SIGNED,
            state__in=[MilestoneState.PLANNED, MilestoneState.RETURNED],
            due_on__lt=today,
        )
        .select_related("contract__need", "contract__supplier")
        .order_by("due_on", "pk")
    )


# --- as poser and as supplier ----------------------------------------------------------------------------------


def _challenges() -> QuerySet[Challenge]:
    return Challenge.objects.select_related("need")


def _with_unanswered() -> QuerySet[Challenge]:
    """Challenges whose bids were opened and where at least one waits for its answer."""
    open_bids = Bid.objects.unanswered().filter(challenge=OuterRef("pk"))
    return _challenges().filter(Exists(open_bids), bidding_closed_at__isnull=False)


def _challenges_of_poser(organisation: Organisation, at: datetime) -> Iterator[Waiting]:
    mine = _challenges().filter(need__organisation=organisation)
    for row in mine.filter(state=ChallengeState.RETURNED).order_by("changed_at", "pk")[:MOST]:
        yield Waiting(_("榜单被退回，请修改后再提交"), row.need.title, row.get_absolute_url())
    evaluating = mine.filter(state=ChallengeState.EVALUATING).annotate(
        reviewer_count=Count("reviewers", filter=Q(reviewers__state__in=[ReviewerState.ASSIGNED, ReviewerState.ACTIVE]))
    )
    for row in evaluating.order_by("answer_by", "pk")[:MOST]:
        what = _("评榜：跟进评分、纪要并定榜") if row.reviewer_count else _("评榜：请指派评审人")
        yield Waiting(what, row.need.title, _evaluation(row), row.answer_by, is_late=_is_past(row.answer_by, at))
    unanswered = _with_unanswered().filter(need__organisation=organisation).exclude(state=ChallengeState.EVALUATING)
    for row in unanswered.order_by("answer_by", "pk")[:MOST]:
        late = _is_past(row.answer_by, at)
        yield Waiting(_("还有揭榜单位没有得到答复"), row.need.title, _evaluation(row), row.answer_by, is_late=late)
    claims = Bid.objects.filter(
        challenge__need__organisation=organisation,
        challenge__mode=ChallengeMode.FIRST_CLAIM,
        state=BidState.AWARDED,
        refusable_until__isnull=False,
    ).select_related("challenge__need")
    for bid in claims.order_by("refusable_until", "pk")[:MOST]:
        yield Waiting(_("抢单待确认"), bid.challenge.need.title, bid.get_absolute_url(), bid.refusable_until)


def _bids_of(organisation: Organisation, at: datetime) -> Iterator[Waiting]:
    drafts = Bid.objects.filter(
        organisation=organisation,
        state=BidState.DRAFT,
        challenge__state=ChallengeState.OPEN,
        challenge__closes_at__gt=at,
    ).select_related("challenge__need")
    for bid in drafts.order_by("challenge__closes_at", "pk")[:MOST]:
        url = reverse("challenges:bid-edit", args=[bid.code])
        yield Waiting(_("方案还是草稿，截止前须提交"), bid.challenge.need.title, url, bid.challenge.closes_at)


def _contracts_of(organisation: Organisation) -> Iterator[Waiting]:
    parties = Q(need__organisation=organisation) | Q(supplier=organisation)
    mine = Contract.objects.filter(parties).select_related("need").order_by("changed_at", "pk")
    unconfirmed = Q(need__organisation=organisation, buyer_confirmed_at=None) | Q(
        supplier=organisation, supplier_confirmed_at=None
    )
    for row in mine.filter(unconfirmed, state=ContractState.DRAFT)[:MOST]:
        yield Waiting(_("合同草案待补充或确认"), row.need.title, row.get_absolute_url())
    as_buyer = mine.filter(need__organisation=organisation)
    for row in as_buyer.filter(state=ContractState.ACCEPTED)[:MOST]:
        yield Waiting(_("验收已通过，请确认问题是否解决"), row.need.title, row.get_absolute_url())
    for row in as_buyer.filter(state=ContractState.REJECTED)[:MOST]:
        yield Waiting(_("验收不通过，请决定继续整改或终止"), row.need.title, row.get_absolute_url())
    done = (
        as_buyer.filter(state=ContractState.SIGNED)
        .annotate(
            total=Count("milestones"),
            passed=Count("milestones", filter=Q(milestones__state=MilestoneState.ACCEPTED)),
        )
        .filter(total__gt=0, total=F("passed"))
    )
    for row in done[:MOST]:
        yield Waiting(_("里程碑全部通过，请作最终验收"), row.need.title, row.get_absolute_url())


def _milestones_of(organisation: Organisation, at: datetime) -> Iterator[Waiting]:
    today = timezone.localdate(at)
    running = Milestone.objects.filter(contract__state=ContractState.SIGNED).select_related("contract__need")
    delivered = running.filter(contract__need__organisation=organisation, state=MilestoneState.DELIVERED)
    for row in delivered.order_by("delivered_at", "pk")[:MOST]:
        yield Waiting(_("里程碑已交付，待验收"), row.contract.need.title, row.contract.get_absolute_url())
    due = running.filter(
        contract__supplier=organisation, state__in=[MilestoneState.PLANNED, MilestoneState.RETURNED]
    ).exclude(state=MilestoneState.PLANNED, due_on__gt=today + SOON)
    for row in due.order_by("due_on", "pk")[:MOST]:
        what = _("里程碑被退回，请整改后再交付") if row.state == MilestoneState.RETURNED else _("里程碑即将到期")
        late = row.due_on < today
        yield Waiting(
            _("里程碑已逾期") if late else what,
            row.contract.need.title,
            row.contract.get_absolute_url(),
            row.due_on,
            late,
        )


def _evaluation(challenge: Challenge) -> str:
    return reverse("challenges:evaluation", args=[challenge.code])


def _where_decided(bid: Bid) -> str:
    """An appeal is decided with the evaluation; a claim has none."""
    return bid.get_absolute_url() if bid.challenge.is_first_claim else _evaluation(bid.challenge)


def _is_past(moment: datetime | None, at: datetime) -> bool:
    return moment is not None and moment < at


def _in_order(rows: Iterable[Waiting]) -> list[Waiting]:
    """Late ones first, then by date, those without a date last."""

    def key(row: Waiting) -> tuple[bool, bool, str]:
        return (not row.is_late, row.due is None, "" if row.due is None else row.due.isoformat())

    return sorted(rows, key=key)

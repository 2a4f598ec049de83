"""Reads of matching that pages and dashboards share, and its figures. Each asks a constant number of queries."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import reduce
from operator import add
from typing import Any, TypedDict

from django.db.models import (
    Case,
    Count,
    DecimalField,
    Exists,
    IntegerField,
    Min,
    OuterRef,
    Q,
    QuerySet,
    TextChoices,
    Value,
    When,
)
from django.db.models.expressions import Combinable
from django.db.models.fields.json import KT
from django.db.models.functions import Cast, Coalesce
from django.utils.translation import gettext_lazy as _

from accounts.audit import AuditEvent
from accounts.models import Organisation
from challenges.bid.workflow import BidState
from challenges.models import Bid
from contracts.models import Contract
from matching.engine.parts.table import text_parts
from matching.matches.workflow import (
    BuyerAnswer,
    ReasonCode,
    ReviewState,
    SupplierAnswer,
)
from matching.models import Match, MatchQuerySet
from needs.models import Need
from needs.need.workflow import NeedState
from solutions.kinds import relations
from solutions.models import Solution
from solutions.solution.queries import matchable
from solutions.solution.workflow import SolutionState

MOST_CANDIDATES = 50  # a need keeps 20; those people decided about stay beside them


AUDIT_LABELS = {
    "match.confirm": _("确认匹配并邀请双方"),
    "match.reject": _("排除匹配"),
    "match.buyer_answer": _("企业反馈"),
    "match.supplier_answer": _("成果方答复"),
    "match.contact_shown": _("查看联系方式"),
    "follow_up.open": _("安排跟进"),
    "follow_up.finish": _("完成跟进"),
    "follow_up.reassign": _("换人跟进"),
}


# --- lists -----------------------------------------------------------------------------------------------------
def for_pages(matches: MatchQuerySet) -> MatchQuerySet:
    """With everything a card or an explanation reads, in three queries."""
    return matches.select_related(
        "need__organisation",
        "need__caretaker",
        "solution__organisation",
        *(f"solution__{relation}" for relation in relations()),
    ).prefetch_related("need__indicators", "solution__indicators")


def candidates_of(need: Need) -> QuerySet[Match]:
    """What the poser's side sees: best first, those it called not suitable last."""
    return (
        for_pages(Match.objects.filter(need=need, is_current=True, solution__state=SolutionState.PUBLISHED))
        .not_rejected()
        .order_by(_last(buyer_answer=BuyerAnswer.NOT_SUITABLE), "-score", "pk")[:MOST_CANDIDATES]
    )


def needs_for(solution: Solution, *, as_operator: bool) -> QuerySet[Match]:
    """Needs an output could answer. Suppliers see published ones; operators also those in review."""
    if as_operator:
        return for_pages(Match.objects.current().not_rejected().filter(solution=solution)).order_by("-score", "pk")
    return _as_suppliers_read(Match.objects.filter(solution=solution))


def waiting_reviews(*, industry: str = "", grade: str = "") -> MatchQuerySet:
    """Candidates of published needs no operator has looked at, best first; `industry` may be a section or division."""
    return _narrowed(Match.objects.unreviewed(), NeedState.PUBLISHED, industry, grade)


def early_reviews(*, industry: str = "", grade: str = "") -> MatchQuerySet:
    """The same for needs that wait for review themselves: they cannot be confirmed yet."""
    return _narrowed(Match.objects.unreviewed(), NeedState.SUBMITTED, industry, grade)


def _narrowed(matches: MatchQuerySet, state: NeedState, industry: str, grade: str) -> MatchQuerySet:
    matches = matches.filter(need__state=state)
    if industry:
        matches = matches.filter(need__industry__startswith=industry)
    if grade:
        matches = matches.filter(grade=grade)
    return matches.best_first()


def invitations_to_answer(organisation: Organisation) -> QuerySet[Match]:
    """Confirmed matches this supplier has not answered, the longest waiting first."""
    return for_pages(
        Match.objects.filter(
            solution__organisation=organisation,
            solution__state=SolutionState.PUBLISHED,
            need__state=NeedState.PUBLISHED,
            review=ReviewState.CONFIRMED,
            supplier_answer=SupplierAnswer.NONE,
        )
    ).order_by("confirmed_at", "pk")


def candidates_to_answer(organisation: Organisation) -> QuerySet[Match]:
    """Confirmed candidates this poser has not answered, the longest waiting first."""
    return for_pages(
        Match.objects.filter(
            need__organisation=organisation,
            need__state=NeedState.PUBLISHED,
            solution__state=SolutionState.PUBLISHED,
            review=ReviewState.CONFIRMED,
            buyer_answer=BuyerAnswer.NONE,
        )
    ).order_by("confirmed_at", "pk")


def fitting_needs(organisation: Organisation) -> QuerySet[Match]:
    """Published needs that outputs of this supplier could answer, as `needs_for` orders them."""
    return _as_suppliers_read(Match.objects.filter(solution__organisation=organisation))


def _as_suppliers_read(matches: MatchQuerySet) -> QuerySet[Match]:
    """Invitations first, then by how close the public texts are. Nothing here, not even the order of two that are
    equally close, depends on what a need hides."""
    return (
        for_pages(matches.open().not_rejected().known_to_suppliers().filter(need__state=NeedState.PUBLISHED))
        .annotate(closeness=_public_closeness())
        .order_by(_last(review=ReviewState.UNREVIEWED), "-closeness", "need", "solution")
    )


def new_candidates(organisation: Organisation) -> QuerySet[Match]:
    """Current candidates of this poser's needs that it has said nothing about, newest first."""
    return for_pages(
        Match.objects.current().not_rejected().for_buyer(organisation).filter(buyer_answer=BuyerAnswer.NONE)
    ).order_by("-created_at", "-score", "pk")


def _last(**condition: str) -> Case:
    return Case(When(**condition, then=Value(1)), default=Value(0), output_field=IntegerField())


def _public_closeness() -> Combinable:
    """The points of all parts of the public explanation that say how close the texts are."""
    return reduce(add, (_public_points(part.name) for part in text_parts()))


def _public_points(part: str) -> Combinable:
    points: DecimalField[Any, Any] = DecimalField(max_digits=6, decimal_places=2)
    stored = Case(
        When(public_explanation__isnull=False, then=Cast(KT(f"public_explanation__parts__{part}__points"), points)),
        When(public_grade="", then=Value(0)),  # invited to, and not found by the public text
        default=Cast(KT(f"explanation__parts__{part}__points"), points),
        output_field=points,
    )
    return Coalesce(stored, Value(0), output_field=points)  # an older engine may not have had this part


# --- figures ---------------------------------------------------------------------------------------------------
def waiting_review_count() -> int:
    return waiting_reviews().count()


class CandidateCounts(TypedDict):
    total: int
    new: int  # the poser has said nothing about them
    confirmed: int


def candidate_counts(needs: Iterable[Need]) -> dict[int, CandidateCounts]:
    """Need pk → its current candidates, one query for all; every need given has an entry."""
    pks = [need.pk for need in needs]
    rows = (
        Match.objects.current()
        .not_rejected()
        .filter(need__in=pks)
        .order_by()
        .values("need")
        .annotate(
            total=Count("pk"),
            new=Count("pk", filter=Q(buyer_answer=BuyerAnswer.NONE)),
            confirmed=Count("pk", filter=Q(review=ReviewState.CONFIRMED)),
        )
    )
    found = {
        row["need"]: CandidateCounts(total=row["total"], new=row["new"], confirmed=row["confirmed"]) for row in rows
    }
    return {pk: found.get(pk, CandidateCounts(total=0, new=0, confirmed=0)) for pk in pks}


@dataclass(frozen=True, slots=True)
class Steps:
    first_candidate_at: datetime | None
    first_contact_at: datetime | None


def steps_of(need: Need) -> Steps:
    """When the need's first candidate was confirmed and when its first contact began."""
    return Steps(
        **Match.objects.filter(need=need).aggregate(
            first_candidate_at=Min("confirmed_at"), first_contact_at=Min("contacted_at")
        )
    )


@dataclass(frozen=True, slots=True)
class Acceptance:
    """What operators, posers and suppliers said of matches so far."""

    confirmed: int
    rejected: int
    buyer_interested: int
    buyer_not_suitable: int
    supplier_interested: int
    supplier_not_now: int
    contacts: int
    reasons: dict[str, int]  # reason code → how often, operators and posers together

    @property
    def reviewed(self) -> int:
        return self.confirmed + self.rejected


def acceptance() -> Acceptance:
    """Three queries, whatever there is to count."""
    counted = Match.objects.aggregate(
        confirmed=Count("pk", filter=Q(review=ReviewState.CONFIRMED)),
        rejected=Count("pk", filter=Q(review=ReviewState.REJECTED)),
        buyer_interested=Count("pk", filter=Q(buyer_answer=BuyerAnswer.INTERESTED)),
        buyer_not_suitable=Count("pk", filter=Q(buyer_answer=BuyerAnswer.NOT_SUITABLE)),
        supplier_interested=Count("pk", filter=Q(supplier_answer=SupplierAnswer.INTERESTED)),
        supplier_not_now=Count("pk", filter=Q(supplier_answer=SupplierAnswer.NOT_NOW)),
        contacts=Count("pk", filter=Q(contacted_at__isnull=False)),
    )
    reasons: Counter[str] = Counter()
    for field in ("reject_reason", "buyer_reason"):
        given = Match.objects.exclude(**{field: ""}).order_by().values_list(field).annotate(number=Count("pk"))
        reasons.update(dict(given))
    return Acceptance(**counted, reasons={code: reasons[code] for code in ReasonCode.values if reasons[code]})


@dataclass(frozen=True, slots=True)
class PlaceAcceptance:
    """How candidates in one kind of place were received: of those decided about, how many were welcome."""

    is_crossing: bool
    candidates: int
    confirmed: int
    rejected: int
    interested: int
    not_suitable: int

    @property
    def reviewed(self) -> int:
        return self.confirmed + self.rejected

    @property
    def answered(self) -> int:
        return self.interested + self.not_suitable

    @property
    def confirmed_percent(self) -> int | None:
        return _percent(self.confirmed, self.reviewed)

    @property
    def interested_percent(self) -> int | None:
        return _percent(self.interested, self.answered)


def acceptance_by_place() -> tuple[PlaceAcceptance, PlaceAcceptance]:
    """Of all others, and of those in the place for another field (matching.engine.crossing). One query."""
    rows = (
        Match.objects.exclude(grade="none")  # found for its supplier by the public text: never a candidate
        .order_by()
        .values("is_crossing")
        .annotate(
            candidates=Count("pk"),
            confirmed=Count("pk", filter=Q(review=ReviewState.CONFIRMED)),
            rejected=Count("pk", filter=Q(review=ReviewState.REJECTED)),
            interested=Count("pk", filter=Q(buyer_answer=BuyerAnswer.INTERESTED)),
            not_suitable=Count("pk", filter=Q(buyer_answer=BuyerAnswer.NOT_SUITABLE)),
        )
    )
    found = {row["is_crossing"]: PlaceAcceptance(**row) for row in rows}
    ordinary, crossing = (found.get(which, PlaceAcceptance(which, 0, 0, 0, 0, 0)) for which in (False, True))
    return ordinary, crossing


def _percent(part: int, whole: int) -> int | None:
    return round(100 * part / whole) if whole else None


class FunnelStep(TextChoices):
    """How far needs got, each counted once per step.

    Up to `confirmed` every step is a part of the one before; from there on a need may come by its candidates or by a
    challenge.
    """

    POSTED = "posted", _("已提交")
    PUBLISHED = "published", _("已发布")
    MATCHED = "matched", _("有候选成果")
    CONFIRMED = "confirmed", _("有候选经审核确认")
    BID = "bid", _("收到揭榜方案或抢单")
    CONTACTED = "contacted", _("双方开始对接")
    SIGNED = "signed", _("已签约")
    ACCEPTED = "accepted", _("验收通过")


def needs_at_step(step: FunnelStep) -> QuerySet[Need]:
    """The needs that ever got so far, whatever became of them since."""
    needs = Need.objects.filter(submitted_at__isnull=False)
    if step != FunnelStep.POSTED:
        needs = needs.filter(published_at__isnull=False)
    # what is graded "none" was found for its supplier by the public text, and never was a candidate
    matches = Match.objects.filter(need=OuterRef("pk")).exclude(grade="none")
    # Sealed bids are not counted; a claim its poser may still refuse is no contact, as in the time to match
    # (care.time_to_match.figures); a contract draft or an offer is no contract.
    bids = Bid.objects.unsealed().filter(challenge__need=OuterRef("pk"))
    contracts = Contract.objects.filter(need=OuterRef("pk"))
    of_step = {
        FunnelStep.MATCHED: Exists(matches),
        FunnelStep.CONFIRMED: Exists(matches.filter(confirmed_at__isnull=False)),
        FunnelStep.BID: Exists(bids),
        FunnelStep.CONTACTED: Exists(matches.filter(contacted_at__isnull=False))
        | Exists(bids.filter(state=BidState.AWARDED, refusable_until=None)),
        FunnelStep.SIGNED: Exists(contracts.filter(signed_at__isnull=False)),
        FunnelStep.ACCEPTED: Exists(contracts.filter(accepted_at__isnull=False)),
    }
    return needs.filter(of_step[step]) if step in of_step else needs


def funnel() -> dict[FunnelStep, int]:
    """Step → number of distinct needs that got there; a query per step."""
    return {step: needs_at_step(step).count() for step in FunnelStep}


def searchable_outputs() -> int:
    """How many outputs a need is compared with."""
    return matchable().count()


# --- the trail of a match --------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class TrailEntry:
    """One audit row as a timeline shows it."""

    label: str
    at: datetime
    by: str
    note: str


def trail(match: Match, *, limit: int = 100) -> list[TrailEntry]:
    """Who did what to this match, oldest first; for operators."""
    events = AuditEvent.objects.filter(object_code=match.code).select_related("by").order_by("at", "pk")[:limit]
    return [
        TrailEntry(
            label=str(AUDIT_LABELS.get(event.action, event.action)),
            at=event.at,
            by=event.by.name if event.by else "",
            note=_trail_note(event),
        )
        for event in events
    ]


ANSWERS: dict[str, type[BuyerAnswer] | type[SupplierAnswer]] = {
    "match.buyer_answer": BuyerAnswer,
    "match.supplier_answer": SupplierAnswer,
}


def _trail_note(event: AuditEvent) -> str:
    answers = ANSWERS.get(event.action)
    answer = str(answers(event.to_state).label) if answers else ""
    reason = str(ReasonCode(event.reason).label) if event.reason in ReasonCode.values else event.reason
    return " · ".join(filter(None, [answer, reason]))

"""Time to match: 提交 → 发布 → 首个合格候选 → 首次接触 → 签约 → 验收, and how long each takes (DOMAIN.md §5).

Every duration counts from the first 提交, in days. Medians and p90 are Kaplan–Meier estimates
(`matching.engine.survival`): a need that has not got so far is censored — at its withdrawal or closing, else now — and
never left out, nor counted as a success because its owner solved the problem elsewhere. Drafts are not in the set.

The moments: 首个合格候选 is the earliest match an operator confirmed; 首次接触 the earliest of a contact between both
sides of a match and an award or accepted claim; 签约 and 验收 the earliest of the need's contracts. A moment counts
however the need went on afterwards. What an enterprise searched for is found at 首次接触: its own statement of how long
such a search took before (`Need.usual_search_days`) is compared with that.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from itertools import groupby
from math import ceil
from statistics import median
from typing import Any

from django.db.models import (
    Case,
    DateTimeField,
    DurationField,
    ExpressionWrapper,
    F,
    OuterRef,
    QuerySet,
    Subquery,
    TextChoices,
    Value,
    When,
)
from django.db.models.functions import Coalesce, Greatest, Least
from django.utils.translation import gettext_lazy as _

from accounts.models import Organisation
from challenges.bid.workflow import BidState
from challenges.models import Bid
from contracts.models import Contract
from lib.regions import province_of
from matching.engine.survival import Curve, estimate
from matching.models import Match
from needs.models import Need

DAY = 24 * 3600.0
UNSTATED = "unstated"  # as an industry or a region: the needs that name none
CHART_POINTS = 120  # of a curve; a longer one is drawn at every second, third … day


class Event(TextChoices):
    """What is waited for, in the order it usually comes."""

    PUBLISHED = "published", _("发布")
    CANDIDATE = "candidate", _("首个合格候选")
    CONTACT = "contact", _("首次接触")
    SIGNED = "signed", _("签约")
    ACCEPTED = "accepted", _("验收")


SEARCH_ENDS = Event.CONTACT


class Outcome(TextChoices):
    """The part of the needs a number of the report counts."""

    ALL = "", _("全部")
    REACHED = "reached", _("已到达")
    CENSORED = "censored", _("尚未到达")


# --- one need ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Times:
    """When one need got to each event."""

    pk: int
    industry: str
    region_code: str
    usual_search_days: int | None
    submitted_at: datetime
    ended_at: datetime | None  # withdrawn or closed
    events: dict[Event, datetime]  # those that happened

    def days(self, event: Event) -> float | None:
        """From 提交 to the event; None when it has not happened."""
        moment = self.events.get(event)
        return None if moment is None else days_between(self.submitted_at, moment)

    def watched(self, event: Event, *, at: datetime) -> tuple[float, bool]:
        """(duration, observed) for the estimate."""
        days = self.days(event)
        return (self.running(at=at), False) if days is None else (days, True)

    def running(self, *, at: datetime) -> float:
        """Days from 提交 until the need ended, or until now."""
        return days_between(self.submitted_at, min(self.ended_at or at, at))


def days_between(start: datetime, end: datetime) -> float:
    return max((end - start).total_seconds(), 0.0) / DAY


def shown(days: float) -> float:
    """Days as people read them: tenths are a couple of hours, finer is noise."""
    return round(days, 1)


def with_events(needs: QuerySet[Need], *, at: datetime) -> QuerySet[Need]:
    """Needs ever submitted, with `<event>_event_at` per Event and `ended_at`; later moments than `at` are None."""
    matches = Match.objects.filter(need=OuterRef("pk"))
    # A claim that was offered and waits for the poser's word has a day until which it may be refused.
    awards = Bid.objects.filter(challenge__need=OuterRef("pk"), state=BidState.AWARDED, refusable_until=None)
    contracts = Contract.objects.filter(need=OuterRef("pk"))
    moments: dict[Event, Any] = {
        Event.PUBLISHED: F("published_at"),
        Event.CANDIDATE: _earliest(matches, "confirmed_at"),
        # LEAST of PostgreSQL passes over NULL.
        Event.CONTACT: Least(_earliest(matches, "contacted_at"), _earliest(awards, "answered_at")),
        Event.SIGNED: _earliest(contracts, "signed_at"),
        Event.ACCEPTED: _earliest(contracts, "accepted_at"),
    }
    rows = needs.filter(submitted_at__lte=at).annotate(
        ended_at=Least("withdrawn_at", "closed_at"),
        **{f"{event.value}_moment": moment for event, moment in moments.items()},
    )
    return rows.annotate(
        **{
            f"{event.value}_event_at": Case(
                When(**{f"{event.value}_moment__lte": at}, then=F(f"{event.value}_moment")),
                default=None,
                output_field=DateTimeField(),
            )
            for event in Event
        }
    )


def _earliest(rows: QuerySet[Any], field: str) -> Subquery:
    return Subquery(rows.filter(**{f"{field}__isnull": False}).order_by(field).values(field)[:1])


def times(needs: QuerySet[Need], *, at: datetime) -> list[Times]:
    """One query for any number of needs."""
    names = [f"{event.value}_event_at" for event in Event]
    rows = with_events(needs, at=at).order_by("pk")
    return [
        Times(
            pk=row["pk"],
            industry=row["industry"],
            region_code=row["region_code"],
            usual_search_days=row["usual_search_days"],
            submitted_at=row["submitted_at"],
            ended_at=row["ended_at"],
            events={event: row[name] for event, name in zip(Event, names, strict=True) if row[name] is not None},
        )
        for row in rows.values("pk", "industry", "region_code", "usual_search_days", "submitted_at", "ended_at", *names)
    ]


@dataclass(frozen=True, slots=True)
class TimeToMatch:
    """Of one need, and how its search compares with what its owner was used to."""

    times: Times
    at: datetime

    @property
    def has_ended(self) -> bool:
        return self.times.ended_at is not None

    @property
    def running(self) -> float:
        """Days since 提交, as shown."""
        return shown(self.times.running(at=self.at))

    @property
    def is_complete(self) -> bool:
        return Event.ACCEPTED in self.times.events

    @property
    def search(self) -> "SearchChange | None":
        """None where the owner stated no number."""
        usual = self.times.usual_search_days
        if not usual:
            return None
        days = self.times.days(SEARCH_ENDS)
        return SearchChange(usual, self.running if days is None else shown(days), is_over=days is not None)


@dataclass(frozen=True, slots=True)
class SearchChange:
    """以往需 X 天，本次 Y 天. While the search is not over nothing is said of a change: it may still take long."""

    usual: float
    days: float
    is_over: bool

    @property
    def percent(self) -> int:
        """By how much shorter it was than usual; negative: longer."""
        return round((self.usual - self.days) / self.usual * 100)

    @property
    def percent_longer(self) -> int:
        return -self.percent


def time_to_match_of(need: Need, *, at: datetime) -> TimeToMatch | None:
    """None for a need never submitted."""
    found = times(Need.objects.filter(pk=need.pk), at=at)
    return TimeToMatch(found[0], at) if found else None


# --- many needs ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Measure:
    """One event over many needs. `median`, `p90`: days, None reads 尚未达到."""

    event: Event
    curve: Curve

    @property
    def n(self) -> int:
        return self.curve.n

    @property
    def observed(self) -> int:
        return self.curve.observed

    @property
    def censored(self) -> int:
        return self.curve.censored

    @property
    def median(self) -> float | None:
        return _quantile(self.curve, 0.5)

    @property
    def p90(self) -> float | None:
        return _quantile(self.curve, 0.9)


def _quantile(curve: Curve, share: float) -> float | None:
    days = curve.quantile(share)
    return None if days is None else shown(days)


@dataclass(frozen=True, slots=True)
class SearchComparison:
    """Of the needs whose owners stated how long such a search took: like is compared with like."""

    n: int
    usual: float  # median of the stated days
    now: float | None  # median until 首次接触, Kaplan–Meier; None: 尚未达到

    @property
    def change(self) -> SearchChange | None:
        return None if self.now is None else SearchChange(self.usual, self.now, is_over=True)


@dataclass(frozen=True)
class Report:
    rows: list[Times]
    at: datetime

    @property
    def n(self) -> int:
        return len(self.rows)

    @cached_property
    def measures(self) -> list[Measure]:
        return [self.measure(event) for event in Event]

    def measure(self, event: Event) -> Measure:
        return _measure(self.rows, event, at=self.at)

    def by_industry(self, event: Event) -> list[tuple[str, Measure]]:
        """(division of GB/T 4754 or "", measure), most needs first."""
        return self._by(lambda row: row.industry, event)

    def by_region(self, event: Event) -> list[tuple[str, Measure]]:
        """(code of the province or "", measure), most needs first."""
        return self._by(lambda row: province_of(row.region_code) if row.region_code else "", event)

    def _by(self, key: Any, event: Event) -> list[tuple[str, Measure]]:
        groups = groupby(sorted(self.rows, key=key), key=key)
        found = [(name, _measure(rows, event, at=self.at)) for name, rows in groups]
        return sorted(found, key=lambda pair: (-pair[1].n, pair[0]))

    @cached_property
    def search(self) -> SearchComparison | None:
        stated = [row for row in self.rows if row.usual_search_days]
        if not stated:
            return None
        usual = median(row.usual_search_days for row in stated if row.usual_search_days)
        return SearchComparison(len(stated), usual, _measure(stated, SEARCH_ENDS, at=self.at).median)

    def chart_rows(self, events: Iterable[Event]) -> list[list[float | None]]:
        """[day, share in percent that reached each event by the end of that day …], for a step chart.

        None where nobody was watched for so long.
        """
        curves = [self.measure(event).curve for event in events]
        last = max((curve.last or 0.0 for curve in curves), default=0.0)
        every = max(1, ceil(last / CHART_POINTS))
        days = range(0, ceil(last / every) * every + 1, every)
        return [[day, *(_percent(curve, day, every=every) for curve in curves)] for day in days]


def _percent(curve: Curve, day: int, *, every: int) -> float | None:
    """A curve's last point stands at the first drawn day after its longest observation."""
    if curve.last is None or day - every >= curve.last:
        return None
    reached = curve.reached(min(day, curve.last))
    return None if reached is None else round(100 * reached, 1)


def _measure(rows: Iterable[Times], event: Event, *, at: datetime) -> Measure:
    return Measure(event, estimate(row.watched(event, at=at) for row in rows))


def report_of(needs: QuerySet[Need], *, at: datetime) -> Report:
    """Of many needs; one query."""
    return Report(times(needs, at=at), at)


def narrowed(
    needs: QuerySet[Need], *, organisation: Organisation | None = None, industry: str = "", region: str = ""
) -> QuerySet[Need]:
    """Needs of an organisation, a section or division of GB/T 4754, a province, city or county of GB/T 2260."""
    if organisation is not None:
        needs = needs.filter(organisation=organisation)
    if industry:
        needs = needs.filter(industry="") if industry == UNSTATED else needs.filter(industry__startswith=industry)
    if region == UNSTATED:
        needs = needs.filter(region_code="")
    elif region:
        needs = needs.filter(region_code__startswith=_region_prefix(region))
    return needs


def _region_prefix(code: str) -> str:
    """`330000` → `33`, `330100` → `3301`: zeros at the end stand for the whole."""
    return code[:2] if code[2:] == "0000" else code[:4] if code[4:] == "00" else code


def counted(needs: QuerySet[Need], *, event: Event, outcome: str, at: datetime) -> QuerySet[Need]:
    """The needs behind a number of the report, with `waited` (a timedelta) and `event_at`; the longest wait first."""
    moment = F(f"{event.value}_event_at")
    rows = with_events(needs, at=at).annotate(event_at=moment)
    if outcome != Outcome.ALL:
        rows = rows.filter(event_at__isnull=outcome == Outcome.CENSORED)
    until = Coalesce("event_at", Least("ended_at", Value(at, output_field=DateTimeField())))
    waited = ExpressionWrapper(until - F("submitted_at"), output_field=DurationField())
    zero = ExpressionWrapper(F("submitted_at") - F("submitted_at"), output_field=DurationField())
    return rows.annotate(waited=Greatest(waited, zero)).order_by("-waited", "pk")

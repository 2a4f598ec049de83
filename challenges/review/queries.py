"""What reviewers may read of a bid (blind), their reviews and their scorecards.

The blind view is made of values, never of model rows: what the rules hide is not even read from the database, so no
template and no serializer can show it by mistake. Reviewers never get a bid's code.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Count, F, IntegerField, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.viewer import Viewer
from challenges.bid.asked import as_asked, indicators_of, up_to
from challenges.bid.fields import MEETS
from challenges.bid.workflow import BidState
from challenges.evaluation.queries import scored_bids
from challenges.models import (
    Avoidance,
    Bid,
    BidReason,
    BidVersion,
    BlindField,
    Reviewer,
    Scorecard,
)
from challenges.review.conflicts import counting_versions
from challenges.review.permissions import reads_bids
from challenges.review.workflow import ScorecardState
from needs.disclosure.permissions import clearance
from needs.models import NeedIndicator

ALWAYS_SHOWN = ("approach", "indicator_answers", "indicators_asked", "plan", "months")


# Fields of a version that are shown only where the rules say so; the others of BlindField are read in their own way.
PLAIN_FIELDS = (BlindField.TEAM, BlindField.EXPERTS, BlindField.PRICE, BlindField.IP_PROPOSAL)


# --- Blind --------------------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class BlindAnswer:
    """What a bid says to one indicator the reviewer may see."""

    name: str
    requirement: str
    condition: str
    is_must: bool
    meets: str  # "yes", "partly", "no", or "" where nothing is said
    meets_label: str
    value: str
    how: str


@dataclass(frozen=True, slots=True)
class BlindFile:
    name: str
    url: str
    size: int


@dataclass(frozen=True, slots=True)
class BlindBid:
    """方案 n. A part whose name is not in `shown` is empty here whatever the bid says."""

    label: int
    shown: frozenset[str]
    approach: str
    months: int | None
    plan: tuple[Mapping[str, Any], ...]
    answers: tuple[BlindAnswer, ...]
    withholds_indicators: bool  # it was asked some that are not disclosed to this reviewer
    organisation: str = ""
    team: str = ""
    experts: tuple[str, ...] = ()
    solutions: tuple[str, ...] = ()
    price: Decimal | None = None
    ip_proposal: str = ""
    attachments: tuple[BlindFile, ...] = ()

    @property
    def title(self) -> str:
        return _("方案 %(label)s") % {"label": self.label}


def blind_bids(reviewer: Reviewer, *, label: int | None = None) -> list[BlindBid]:
    """The bids as `reviewer` may read them, in the order of their labels; one of them where `label` is given.

    Empty before the declaration and after the review has ended for this person.
    """
    if not reads_bids(reviewer):
        return []
    challenge = reviewer.challenge
    bids = scored_bids(challenge)
    if label is not None:
        bids = bids.filter(label=label)
    shown = frozenset(challenge.shown_to_reviewers)
    fields = [*ALWAYS_SHOWN, *(name for name in PLAIN_FIELDS if name in shown)]
    if BlindField.ORGANISATION in shown:
        fields.append("bid__organisation__name")
    rows = counting_versions(challenge).filter(bid__in=bids).order_by("bid__label")
    versions = list(rows.values("pk", "bid__label", *fields))
    keys = [version["pk"] for version in versions]
    solutions = _solutions(keys) if BlindField.SOLUTIONS in shown else {}
    files = _files(keys) if BlindField.ATTACHMENTS in shown else {}
    reached, current = clearance(Viewer.of(reviewer.user), challenge.need), indicators_of(challenge.need)
    asked = {version["pk"]: as_asked(version["indicators_asked"], current) for version in versions}
    return [
        BlindBid(
            label=version["bid__label"],
            shown=shown,
            approach=version["approach"],
            months=version["months"],
            plan=tuple(version["plan"]),
            answers=_answers(up_to(asked[version["pk"]], reached), version["indicator_answers"]),
            withholds_indicators=len(up_to(asked[version["pk"]], reached)) < len(asked[version["pk"]]),
            organisation=version.get("bid__organisation__name", ""),
            team=version.get("team", ""),
            experts=tuple(version.get("experts", ())),
            solutions=tuple(solutions.get(version["pk"], ())),
            price=version.get("price"),
            ip_proposal=version.get("ip_proposal", ""),
            attachments=tuple(files.get(version["pk"], ())),
        )
        for version in versions
    ]


def _answers(indicators: Iterable[NeedIndicator], given: list[dict[str, Any]]) -> tuple[BlindAnswer, ...]:
    by_indicator = {row["indicator"]: row for row in given}
    words = dict(MEETS)
    answers = []
    for indicator in indicators:
        row = by_indicator.get(indicator.pk, {})
        answers.append(
            BlindAnswer(
                name=indicator.name,
                requirement=indicator.requirement,
                condition=indicator.condition,
                is_must=indicator.necessity == "must",
                meets=row.get("meets", ""),
                meets_label=str(words.get(row.get("meets", ""), "")),
                value=row.get("value", ""),
                how=row.get("how", ""),
            )
        )
    return tuple(answers)


def _solutions(versions: list[int]) -> dict[int, list[str]]:
    found: dict[int, list[str]] = {}
    rows = BidVersion.solutions.through.objects.filter(bidversion__in=versions).order_by("solution")
    for version, title in rows.values_list("bidversion", "solution__title"):
        found.setdefault(version, []).append(title)
    return found


def _files(versions: list[int]) -> dict[int, list[BlindFile]]:
    found: dict[int, list[BlindFile]] = {}
    rows = BidVersion.attachments.through.objects.filter(
        bidversion__in=versions, bidattachment__removed_at=None
    ).select_related("bidattachment")
    for row in rows.order_by("bidattachment"):
        file = BlindFile(row.bidattachment.name, row.bidattachment.get_absolute_url(), row.bidattachment.size)
        found.setdefault(row.bidversion_id, []).append(file)
    return found


def reviews_of(user: User) -> QuerySet[Reviewer]:
    """The reviews of a person, the latest first, with `done` and `total` bids."""
    counted = (
        Bid.objects.handed_in()
        .filter(challenge=OuterRef("challenge"), label__isnull=False)
        .exclude(state=BidState.DECLINED, reason=BidReason.NOT_ELIGIBLE)
        .order_by()
        .values("challenge")
        .annotate(number=Count("pk"))
        .values("number")
    )
    done = (
        Scorecard.objects.filter(reviewer=OuterRef("pk"), state=ScorecardState.SUBMITTED)
        .exclude(bid__state=BidState.DECLINED, bid__reason=BidReason.NOT_ELIGIBLE)
        .order_by()
        .values("reviewer")
        .annotate(number=Count("pk"))
        .values("number")
    )
    return (
        Reviewer.objects.filter(user=user)
        .select_related("challenge__need__organisation", "challenge__minutes")
        .annotate(
            total=Coalesce(Subquery(counted, output_field=IntegerField()), 0),
            done=Coalesce(Subquery(done, output_field=IntegerField()), 0),
            has_signed=Count(
                "signatures", filter=Q(signatures__text_hash=F("challenge__minutes__text_hash")), distinct=True
            ),
        )
        .order_by("-assigned_at", "-pk")
    )


def own_cards(reviewer: Reviewer) -> dict[int, Scorecard]:
    """Label of a bid → this reviewer's scorecard, with its scores."""
    cards = Scorecard.objects.filter(reviewer=reviewer).select_related("bid").prefetch_related("scores")
    return {card.bid.label: card for card in cards if card.bid.label is not None}


def avoidances_of(user: User) -> QuerySet[Avoidance]:
    return Avoidance.objects.filter(user=user).select_related("organisation").order_by("-declared_at", "-pk")

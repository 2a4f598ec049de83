"""What a page or the API is given of a match: values for one viewer, with nothing in them that it may not read."""

from dataclasses import dataclass
from decimal import Decimal

from needs.disclosure.queries import DisclosedNeed

_ZERO = Decimal("0.00")


@dataclass(frozen=True, slots=True)
class TermShare:
    """What a text part would lose without one shared term; `term` is empty in the row that holds the rest."""

    term: str
    points: Decimal | None
    others: int = 0  # how many terms the last row stands for


@dataclass(frozen=True, slots=True)
class PhrasePair:
    """Two keywords or model numbers found to be the same or nearly so."""

    need: str
    solution: str
    percent: int


@dataclass(frozen=True, slots=True)
class PartShown:
    name: str
    label: str
    sentence: str
    points: Decimal | None  # None: withheld
    most: Decimal | None  # the most this part can bring; None when scored by another version of the engine
    is_policy: bool = False
    terms: tuple[TermShare, ...] = ()
    phrases: tuple[PhrasePair, ...] = ()


@dataclass(frozen=True, slots=True)
class IndicatorShown:
    """One requirement beside what answers it."""

    name: str
    wanted: str  # "≥ 1000 MPa"
    condition: str
    must: bool
    is_public: bool
    offered: str  # as the supplier wrote it; empty: not given
    offered_name: str
    offered_condition: str
    converted: str  # the same in the need's unit; empty when that is the unit it is in
    verdict: str  # met, unmet, unknown
    points: Decimal | None


@dataclass(frozen=True, slots=True)
class MarkedText:
    label: str
    pieces: list[tuple[str, bool]]


@dataclass(frozen=True, slots=True)
class Summary:
    """What a list says of a match."""

    grade: str
    fits: tuple[str, ...]
    misses: tuple[str, ...]
    unknowns: tuple[str, ...]
    some_hidden: bool  # non-public content took part that this viewer does not see
    is_outdated: bool  # what this viewer may read of either side changed since; the next run is on its way
    crossing: str = ""  # why it holds the place for another field, where it does in the list this viewer is told of

    @property
    def is_crossing(self) -> bool:
        return bool(self.crossing)


@dataclass(frozen=True, slots=True)
class Explanation:
    """Everything a viewer may read of one match. Points of `parts` add up to `score` where it is not withheld."""

    summary: Summary
    score: Decimal | None
    parts: tuple[PartShown, ...]
    indicators: tuple[IndicatorShown, ...]
    need_texts: tuple[MarkedText, ...]
    solution_texts: tuple[MarkedText, ...]
    engine: str
    need: DisclosedNeed  # as this viewer may read it

    @property
    def most(self) -> Decimal | None:
        """The highest possible score, where it is known."""
        known = [part.most for part in self.parts if part.most is not None]
        return sum(known, _ZERO) if len(known) == len(self.parts) else None

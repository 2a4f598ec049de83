"""What a part of a score is: numbers for many pairs at once, and a sentence for one. Pure.

Points are counted in cents, whole numbers, so that sums are exact; they become Decimals with two places where they are
stored.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property
from math import floor
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from matching.engine.documents import Document
from matching.engine.parts.correspondence import Correspondence, correspond
from matching.engine.prepared import Prepared
from matching.engine.vectors import Query
from matching.engine.weights import Weights

Values = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Sentence:
    """One of the texts of a part and the values for its %(name)s places. What is stored names the text by its key, so
    that a reworded text rewords what was stored before. Who may read it is asked in matching/explanation/queries.py."""

    part: str
    key: str
    params: Mapping[str, Any] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        return {"part": self.part, "key": self.key, "params": dict(self.params)}


@dataclass(frozen=True, slots=True)
class Finding:
    """What a part says of one pair: the sentence beside its points, and what clearly fits, clearly does not, or is not
    known. Details are JSON-ready rows; `Part.details` names their shape."""

    sentence: Sentence
    details: Sequence[Mapping[str, Any]] = ()
    fits: tuple[Sentence, ...] = ()
    misses: tuple[Sentence, ...] = ()
    unknowns: tuple[Sentence, ...] = ()


@dataclass
class Pairs:
    """One need and the outputs it is compared with; `lead` and `content` are what retrieval says of each pair
    (`matching.engine.index.Found`), float64[pairs]."""

    need: Prepared
    solutions: Sequence[Prepared]
    lead: Values
    content: Values
    weights: Weights

    def at(self, places: Sequence[int] | NDArray[np.intp]) -> "Pairs":
        """Only the pairs at these places."""
        solutions = [self.solutions[place] for place in places]
        return Pairs(self.need, solutions, self.lead[places], self.content[places], self.weights)

    def each(self, value: Callable[[Document, Document], float]) -> Values:
        """A value that is read off the two documents of a pair, of every pair."""
        need = self.need.document
        return np.array([value(need, solution.document) for solution in self.solutions], dtype=np.float64)

    @cached_property
    def answers(self) -> list[list[Correspondence]]:
        """How each output answers the indicators of the need."""
        wanted = self.need.document.indicators
        return [correspond(wanted, solution.document.indicators) for solution in self.solutions]


@dataclass
class Pair:
    """One of `Pairs`, with what only an explanation needs: the need as it was asked with, and `shared`, the output's
    value at each of the query's ids."""

    need: Prepared
    solution: Prepared
    lead: float
    content: float
    answers: Sequence[Correspondence]
    weights: Weights
    query: Query
    shared: NDArray[np.float32]

    @cached_property
    def shown(self) -> tuple[NDArray[np.int64], set[str]]:
        """The term each shared token is shown under (`ShownTerms.holders`), and the whole words among the terms."""
        shown, is_word = self.need.shown_terms().holders(self.shared > 0)
        terms = self.need.shown_terms().terms
        return shown, {terms[place] for place in is_word.nonzero()[0].tolist()}


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A reason for the score; matching/engine/parts/table.py lists them all.

    Its points are its value, from −1 to 1, times the most it can bring (`Weights.points`). `values` is the only place
    where the value is calculated; `explain` is given the value of its pair. `label`, `about`, `brief` and `texts` are
    marked Chinese texts, translated where they are shown.
    """

    name: str
    label: str
    about: str  # what it compares, for the page on matching
    brief: str  # the same in a line, for the page on learning
    texts: Mapping[str, str]  # of its sentences, by key
    values: Callable[[Pairs], Values]
    explain: Callable[[Pair, float], Finding]
    is_text: bool = False  # says whether both speak of the same thing; the others say whether terms suit
    can_cost: bool = False  # takes points away where it clearly does not fit
    is_policy: bool = False  # a preference the need switches on, not a matter of fit
    is_asked: Callable[[Document], bool] = lambda _need: True  # whether the need leaves this part anything to say
    need_field: str = ""  # the field of a need it reads, where the need may hide that
    details: Literal["", "terms", "phrases", "indicators"] = ""
    amounts: frozenset[str] = frozenset()  # parameters of its sentences that are 万元


@dataclass(frozen=True, slots=True)
class PartScore:
    """What one part gives one pair."""

    name: str
    value: float
    most: float
    points: Decimal
    finding: Finding

    @classmethod
    def of(cls, part: Part, pair: Pair, value: float) -> "PartScore":
        most = pair.weights.points[part.name]
        return cls(part.name, value, most, decimal(cents(value * most)), part.explain(pair, value))

    @property
    def sentence(self) -> Sentence:
        return self.finding.sentence

    @property
    def details(self) -> Sequence[Mapping[str, Any]]:
        return self.finding.details

    def to_json(self) -> dict[str, Any]:
        """Everything a page shows and a training reads; Decimals as strings with two places."""
        return {
            "value": round(self.value, 4),
            "most": self.most,
            "points": str(self.points),
            "sentence": self.sentence.to_json(),
            "details": list(self.details),
        }


def fit(sentence: Sentence) -> Finding:
    return Finding(sentence, fits=(sentence,))


def miss(sentence: Sentence) -> Finding:
    return Finding(sentence, misses=(sentence,))


def unknown(sentence: Sentence) -> Finding:
    return Finding(sentence, unknowns=(sentence,))


def cents(points: float) -> int:
    return round(points * 100)


def decimal(cents_: int) -> Decimal:
    """Points with two places."""
    return Decimal(cents_).scaleb(-2)


def written(cents_: int) -> str:
    """The same as text: 507 is "5.07"."""
    return f"{'-' if cents_ < 0 else ''}{abs(cents_) // 100}.{abs(cents_) % 100:02}"


def split_cents(whole: int, shares: Sequence[float]) -> list[int]:
    """Split cents in proportion to shares, so that they add up exactly (largest remainder, first come first)."""
    total = sum(shares)
    if not total:
        return [0] * len(shares)
    exact = [whole * share / total for share in shares]
    split = [floor(value) for value in exact]
    by_remainder = sorted(range(len(exact)), key=lambda place: split[place] - exact[place])
    for place in by_remainder[: whole - sum(split)]:
        split[place] += 1
    return split

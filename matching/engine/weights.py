"""The numbers of the engine; no calculation lives here.

Change a number and scores change: raise ENGINE_VERSION with it, so that stored tokens and matches are known
to be old. Text weights were chosen on judged real needs, points and grades on those and on the demo data;
docs/evaluation.md tells how, with what was tried and dropped. Points may be learnt from decisions (docs/learning.md).
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Self

ENGINE_VERSION = "2"

PARTS = ("title", "content", "fuzzy", "indicators", "maturity", "cooperation", "budget", "region")
"""The parts of a score, in the order of `Weights.points`."""

TEXT_PARTS = ("title", "content", "fuzzy")
"""The parts that say whether both speak of the same thing; the others say whether terms suit."""


@dataclass(frozen=True, slots=True)
class Weights:
    """Field and term weights shape the text similarity; points say how much a part may move the score."""

    # text: share of each field in an output's vector (shares of empty fields go to the others); a need's lead is its
    # title and keywords by the same shares, its content is its body
    title: float = 0.3
    keywords: float = 0.2
    body: float = 0.5
    # text: share of the lead in the similarity that outputs are retrieved by
    lead: float = 0.45
    # text: a term said often counts little more than once: n / (n + saturation)
    saturation: float = 3.0
    # text: weight of a word, of a pair of neighbouring Han characters, and of a single one
    word: float = 0.7
    bigram: float = 1.0
    character: float = 1.2
    # text: the similarity that earns half the points of lead or content
    half_similarity: float = 0.1

    # the most points each part can bring, 100 in all; indicators, maturity, cooperation and budget can cost
    # as many as they bring
    title_points: float = 32.4
    content_points: float = 39.6
    fuzzy_points: float = 12.0
    indicator_points: float = 8.0
    maturity_points: float = 3.0
    cooperation_points: float = 2.0
    budget_points: float = 2.0
    region_points: float = 1.0

    # the probability that people find a pair related, by its score (matching/engine/calibration.py): where the score
    # begins to say anything, and what the texts could bring at most
    zero_score: float = 0.0
    full_score: float = 72.0
    odds_slope: float = 1.40
    odds_shift: float = 0.1
    odds_offset: float = -0.325

    # grades: the least probability of each; below the floor, a share of what the text parts can bring, there is no
    # match, whatever else fits
    high: float = 0.30
    good: float = 0.25
    fair: float = 0.19
    relevance_share: float = 20 / 84

    @property
    def relevance_floor(self) -> float:
        """The least sum of the text parts, in points."""
        return self.relevance_share * (self.title_points + self.content_points + self.fuzzy_points)

    @property
    def spread(self) -> float:
        """The step in which points are counted when they are learnt."""
        return self.full_score / 12

    @property
    def points(self) -> tuple[float, ...]:
        """The most points of each of PARTS."""
        return (
            self.title_points,
            self.content_points,
            self.fuzzy_points,
            self.indicator_points,
            self.maturity_points,
            self.cooperation_points,
            self.budget_points,
            self.region_points,
        )

    def with_points(self, points: Sequence[float]) -> Self:
        """The same numbers but for the points, given in the order of PARTS."""
        names = ("title", "content", "fuzzy", "indicator", "maturity", "cooperation", "budget", "region")
        return replace(self, **{f"{name}_points": value for name, value in zip(names, points, strict=True)})


DEFAULT = Weights()

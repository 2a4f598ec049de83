"""The numbers of the engine; no calculation lives here.

Change a number and scores change: raise ENGINE_VERSION with it, so that stored tokens and matches are known
to be old. Text weights were chosen on judged real needs, points and grades on those and on the demo data;
docs/evaluation.md tells how, with what was tried and dropped. Points may be learnt from decisions (docs/learning.md).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Self

ENGINE_VERSION = "2"

POINTS: Mapping[str, float] = {
    "title": 32.4,
    "content": 39.6,
    "fuzzy": 12.0,
    "indicators": 8.0,
    "maturity": 3.0,
    "cooperation": 2.0,
    "budget": 2.0,
    "region": 1.0,
}
"""The most points each part can bring, by its name in matching/engine/parts/table.py; 100 in all."""


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

    # the most points each part can bring, by name; parts that can cost points cost as many at most
    points: Mapping[str, float] = field(default_factory=lambda: POINTS, hash=False)

    # the probability that people find a pair related, by its score (matching/engine/calibration.py): where the score
    # begins to say anything, and what the texts could bring at most
    zero_score: float = 0.0
    full_score: float = 72.0
    odds_slope: float = 1.40
    odds_shift: float = 0.1
    odds_offset: float = -0.325

    # grades: the least probability of each; below the floor, a share of what the text parts can bring, there is no
    # match, whatever else fits (matching.engine.parts.table.relevance_floor)
    high: float = 0.30
    good: float = 0.25
    fair: float = 0.19
    relevance_share: float = 20 / 84

    @property
    def spread(self) -> float:
        """The step in which points are counted when they are learnt."""
        return self.full_score / 12

    def with_points(self, points: Mapping[str, float], **numbers: Any) -> Self:
        """The same but for these points and numbers; parts that `points` does not name keep theirs."""
        return replace(self, points={**self.points, **points}, **numbers)


DEFAULT = Weights()

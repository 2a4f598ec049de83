"""The numbers of the engine; no calculation lives here.

Change a number and scores change: raise ENGINE_VERSION with it, so that stored tokens and matches are known
to be old. Text weights were chosen on judged real needs, points and grades on those and on the demo data;
docs/evaluation.md tells how, with what was tried and dropped.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Self

ENGINE_VERSION = "1"

PARTS = ("title", "content", "fuzzy", "indicators", "maturity", "cooperation", "budget", "region")


@dataclass(frozen=True, slots=True)
class Weights:
    """Field and term weights shape the text similarity; points say how much a part may move the score."""

    # text: share of each field in a document's vector (shares of empty fields go to the others)
    title: float = 0.3
    keywords: float = 0.2
    body: float = 0.5
    # text: a term said often counts little more than once: n / (n + saturation)
    saturation: float = 3.0
    # text: weight of a word, of a pair of neighbouring Han characters, and of a single one
    word: float = 0.7
    bigram: float = 1.0
    character: float = 1.2
    # text: the similarity that earns half the points; unrelated texts have about 0.01, good matches 0.1
    half_similarity: float = 0.1

    # the most points each part can bring, 100 in all; indicators, maturity, cooperation and budget can cost
    # as many as they bring
    text_points: float = 72.0
    fuzzy_points: float = 12.0
    indicator_points: float = 8.0
    maturity_points: float = 3.0
    cooperation_points: float = 2.0
    budget_points: float = 2.0
    region_points: float = 1.0

    # grades: the least score of each; below the floor of text + fuzzy there is no match, whatever else fits
    high: float = 46.0
    good: float = 36.0
    fair: float = 25.0
    relevance_floor: float = 23.0

    # the text's points apart, as learning reads them; the sum is `text_points`
    title_points: float = 24.0
    content_points: float = 48.0
    # a score as a probability: 1 / (1 + exp(-(score - even_score) / spread))
    even_score: float = 36.0
    spread: float = 6.0

    @property
    def points(self) -> tuple[float, ...]:
        """In the order of PARTS."""
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
        title, content, fuzzy, indicators, maturity, cooperation, budget, region = points
        return replace(
            self,
            title_points=title,
            content_points=content,
            fuzzy_points=fuzzy,
            indicator_points=indicators,
            maturity_points=maturity,
            cooperation_points=cooperation,
            budget_points=budget,
            region_points=region,
        )


DEFAULT = Weights()

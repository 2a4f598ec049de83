"""The numbers of the engine; no calculation lives here.

Change a number and scores change: raise ENGINE_VERSION with it, so that stored tokens and matches are known
to be old. Text weights were chosen on judged real needs, points and grades on those and on the demo data;
docs/evaluation.md tells how, with what was tried and dropped.
"""

from dataclasses import dataclass

ENGINE_VERSION = "1"


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


DEFAULT = Weights()

"""The numbers of the engine and where each comes from; no calculation lives here.

Change a number and you change every score: raise ENGINE_VERSION with it, so that stored tokens and matches are
known to be old. How the numbers were found, and what was tried and dropped, is told in docs/evaluation.md.
"""

from dataclasses import dataclass

ENGINE_VERSION = "1"


@dataclass(frozen=True, slots=True)
class Weights:
    """Field and term weights shape the text similarity; points say how much a part may move the score."""

    # text: how often a term counts by the field it stands in, and when more of it stops mattering
    title: float = 3.0
    keywords: float = 2.0
    body: float = 1.0
    saturation: float = 1.5  # tf / (tf + saturation)
    bigram: float = 0.7  # weight of a character bigram beside a word

    # points each part can bring at most (and, where it can be missed, cost)
    text_points: float = 70.0
    fuzzy_points: float = 10.0
    indicator_points: float = 10.0
    maturity_points: float = 4.0
    cooperation_points: float = 3.0
    budget_points: float = 2.0
    region_points: float = 1.0

    # grades: least score; relevance (text + fuzzy) below the floor is no match whatever else fits
    high: float = 45.0
    good: float = 35.0
    fair: float = 27.0
    relevance_floor: float = 25.0


DEFAULT = Weights()

"""Simulated operators: what they see, what they say, and what they really look at."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from matching.engine.learning.lessons import lesson
from matching.engine.learning.training import Example
from matching.engine.parts.table import PARTS
from matching.engine.weights import DEFAULT

START = datetime(2026, 1, 5, 9, tzinfo=UTC)
FOUND, SHOWN = 20, 6  # candidates of a need, and those an operator comes to decide about
NOISE = 4.0  # points by which people differ about one pair, standard deviation
REASON_OF_PART = {
    "title": "off_topic",
    "content": "off_topic",
    "fuzzy": "off_topic",
    "indicators": "indicators_not_met",
    "maturity": "too_early",
    "cooperation": "other",
    "budget": "price",
    "region": "region",
}
# Reasons that have nothing to do with how well a pair fits come up all the time.
ASIDE = ("already_in_contact", "description_unclear", "rights_unclear", "benefit_unclear", "other")
ASIDE_SHARE = 0.2

Judge = Callable[[NDArray[np.float64], np.random.Generator], list[tuple[str, str]]]


def candidates(rng: np.random.Generator, number: int) -> NDArray[np.float64]:
    """Values of the parts of `number` pairs, in the order of PARTS: texts that go together, sparse facts."""
    alike = rng.beta(2, 4, number)
    columns = {
        "title": np.clip(alike + rng.normal(0, 0.15, number), 0, 1),
        "content": np.clip(alike + rng.normal(0, 0.10, number), 0, 1),
        "fuzzy": np.clip(alike * 0.6 + rng.normal(0, 0.15, number), 0, 1),
        "indicators": rng.choice([-1, -0.5, 0, 0.5, 1], number, p=[0.15, 0.15, 0.4, 0.15, 0.15]),
        "maturity": rng.choice([-1, -1 / 3, 0, 1], number, p=[0.1, 0.2, 0.3, 0.4]),
        "cooperation": rng.choice([-1, 0, 1], number, p=[0.1, 0.5, 0.4]),
        "budget": rng.choice([-1, -0.5, 0, 1], number, p=[0.1, 0.1, 0.5, 0.3]),
        "region": rng.choice([0, 0.5, 1], number, p=[0.8, 0.1, 0.1]),
    }
    return np.column_stack([columns[part] for part in PARTS])


def _columns(points: Mapping[str, float]) -> NDArray[np.float64]:
    return np.array([points[part] for part in PARTS])


def looking_at(points: Mapping[str, float]) -> Judge:
    """Operators who weigh the parts like this, and name the part that lets a pair down most."""
    weigh = _columns(points)

    def judge(shown: NDArray[np.float64], rng: np.random.Generator) -> list[tuple[str, str]]:
        worth = shown @ weigh + rng.normal(0, NOISE, len(shown))
        bar, best = np.median(worth), worth.max()
        lacking = ((shown.max(axis=0) - shown) * weigh).argmax(axis=1)
        aside = rng.random(len(shown)) < ASIDE_SHARE
        another = rng.integers(len(ASIDE), size=len(shown))
        said = []
        for row, value in enumerate(worth):
            if aside[row]:
                said.append(("rejected", ASIDE[another[row]]))
            elif value > bar:
                said.append(("award" if value == best else "confirmed", ""))
            else:
                said.append(("rejected", REASON_OF_PART[list(PARTS)[lacking[row]]]))
        return said

    return judge


def by_lot(shown: NDArray[np.float64], rng: np.random.Generator) -> list[tuple[str, str]]:
    """Operators who do not look at all: as many yeses, noes and reasons as ever, drawn by lot."""
    said = looking_at(DEFAULT.points)(shown, rng)
    return [said[place] for place in rng.permutation(len(said))]


def decisions(judge: Judge, *, seed: int, needs: int) -> list[Example]:
    """One need a day; of what today's weights find, the best few are decided about."""
    rng = np.random.default_rng(seed)
    now = _columns(DEFAULT.points)
    found = []
    everything = candidates(rng, needs * FOUND).reshape(needs, FOUND, len(PARTS))
    for number, pairs in enumerate(everything):
        shown = pairs[np.argsort(-(pairs @ now), kind="stable")[:SHOWN]]
        at = START + timedelta(days=number)
        for row, (kind, reason) in zip(shown.tolist(), judge(shown, rng), strict=True):
            found.append(Example(f"N-{number:06d}", at, dict(zip(PARTS, row, strict=True)), lesson(kind, reason)))
    return found

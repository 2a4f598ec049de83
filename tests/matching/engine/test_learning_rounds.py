"""Rounds of simulated decisions through the arithmetic that really runs: only what is consistent is believed."""

from collections.abc import Callable
from datetime import timedelta

import numpy as np
import pytest

from matching.engine.learning.training import LEVEL, Asked, Verdict, decide, level_of
from matching.engine.weights import DEFAULT
from tests.matching.engine.simulated import (
    START,
    Judge,
    by_lot,
    decisions,
    looking_at,
)

ROUNDS = 200
NEEDS = 100  # judged when the first question is asked
# operators to whom indicators count far more than the platform thinks
OTHERWISE = {
    "title": 12,
    "content": 36,
    "fuzzy": 12,
    "indicators": 30,
    "maturity": 8,
    "cooperation": 4,
    "budget": 10,
    "region": 2,
}


def promoted(judge: Callable[[int], Judge]) -> int:
    """In how many of the rounds the result would be used."""
    return sum(
        decide(decisions(judge(seed), seed=seed, needs=NEEDS), weights=DEFAULT, seed=seed).verdict == Verdict.PROMOTED
        for seed in range(ROUNDS)
    )


@pytest.mark.slow
def test_feedback_drawn_by_lot_is_promoted_in_at_most_five_rounds_of_a_hundred() -> None:
    assert promoted(lambda _seed: by_lot) <= 0.05 * ROUNDS


@pytest.mark.slow
def test_consistent_feedback_is_promoted_in_at_least_ninety_five_rounds_of_a_hundred() -> None:
    assert promoted(lambda _seed: looking_at(OTHERWISE)) >= 0.95 * ROUNDS


@pytest.mark.slow
def test_asking_again_and_again_does_not_add_up_to_false_promotions() -> None:
    """Whole lives of a platform whose operators decide by lot, a question whenever one is allowed."""
    fooled = 0
    for life in range(20):
        everything = decisions(by_lot, seed=1000 + life, needs=400)
        asked = Asked()
        for day in range(60, 400, 20):
            now = START + timedelta(days=day)
            so_far = [example for example in everything if example.moment <= now]
            decision = decide(so_far, weights=DEFAULT, asked=asked, seed=life)
            if decision.by_need is not None:
                asked = Asked(asked.times + 1, now, decision.needs)
            if decision.verdict == Verdict.PROMOTED:
                fooled += 1
                break
        assert asked.times > 3
    assert fooled <= 1


def test_operators_who_agree_with_the_weights_change_nothing() -> None:
    for seed in range(5):
        found = decide(decisions(looking_at(DEFAULT.points), seed=seed, needs=NEEDS), weights=DEFAULT, seed=seed)
        assert found.verdict == Verdict.NOT_BETTER


def test_the_levels_of_all_tests_together_stay_within_one() -> None:
    levels = np.array([level_of(test) for test in range(1, 1000)])
    assert (np.diff(levels) < 0).all()
    assert levels.sum() < LEVEL


def test_consistent_feedback_moves_the_part_it_is_about() -> None:
    found = decide(decisions(looking_at(OTHERWISE), seed=0, needs=NEEDS), weights=DEFAULT)
    assert found.weights.points["indicators"] > 2 * DEFAULT.points["indicators"]
    assert min(found.weights.points.values()) >= 0

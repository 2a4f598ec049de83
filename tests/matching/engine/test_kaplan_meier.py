"""The Kaplan–Meier estimate: a textbook example by hand, a known curve, and what must always hold."""

import math
import random
from math import ceil

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matching.engine.survival import Curve, Step, estimate

# Weeks of remission under 6-MP: Freireich et al. (1963), the example of most textbooks. + is censored:
# 6 6 6 6+ 7 9+ 10 10+ 11+ 13 16 17+ 19+ 20+ 22 23 25+ 32+ 32+ 34+ 35+
REMISSION = [
    *[(6, True)] * 3,
    (6, False),
    (7, True),
    (9, False),
    (10, True),
    (10, False),
    (11, False),
    (13, True),
    (16, True),
    (17, False),
    (19, False),
    (20, False),
    (22, True),
    (23, True),
    (25, False),
    (32, False),
    (32, False),
    (34, False),
    (35, False),
]
# By hand: S(6) = 1 − 3/21 = 0.8571; S(7) = 0.8571 · 16/17 = 0.8067; S(10) = 0.8067 · 14/15 = 0.7529;
# S(13) = 0.7529 · 11/12 = 0.6902; S(16) = 0.6902 · 10/11 = 0.6275; S(22) = 0.6275 · 6/7 = 0.5378;
# S(23) = 0.5378 · 5/6 = 0.4482. The median is 23: the first time with S ≤ 1/2. S never falls to 1/10.
BY_HAND = [
    (6, 21, 3, 18 / 21),
    (7, 17, 1, 18 / 21 * 16 / 17),
    (10, 15, 1, 18 / 21 * 16 / 17 * 14 / 15),
    (13, 12, 1, 0.6902),
    (16, 11, 1, 0.6275),
    (22, 7, 1, 0.5378),
    (23, 6, 1, 0.4482),
]

DAYS = st.integers(min_value=0, max_value=400).map(float)
WATCHED = st.lists(st.tuples(DAYS, st.booleans()), min_size=1, max_size=60)
SHARES = st.sampled_from([0.1, 0.25, 0.5, 0.75, 0.9])


def test_the_textbook_example_is_reproduced() -> None:
    curve = estimate(REMISSION)
    with_events = [step for step in curve.steps if step.events]
    assert [(step.time, step.at_risk, step.events) for step in with_events] == [row[:3] for row in BY_HAND]
    assert [step.survival for step in with_events] == pytest.approx([row[3] for row in BY_HAND], abs=5e-5)
    assert (curve.n, curve.observed, curve.censored) == (21, 9, 12)
    assert curve.quantile(0.25) == 13
    assert curve.quantile(0.5) == 23
    assert curve.quantile(0.9) is None


def test_who_is_censored_when_another_has_the_event_was_still_at_risk() -> None:
    assert estimate([(5, True), (5, False), (9, True)]).steps == (
        Step(5, at_risk=3, events=1, censored=1, survival=pytest.approx(2 / 3)),
        Step(9, at_risk=1, events=1, censored=0, survival=0),
    )


def test_a_known_exponential_curve_is_found_again_behind_random_censoring() -> None:
    """Events at rate 1/60 a day, each watched for a random time up to 200 days: S(t) = exp(−t/60).

    With 4,000 the standard error of S is about 0.008 in the middle: 0.03 is nearly four of them. The naive median of
    those that finished is far off, which is why it is not used.
    """
    dice = random.Random(1958)  # noqa: S311  # a reproducible sample, no secret
    sample = []
    for _ in range(4000):
        event, watched_for = dice.expovariate(1 / 60), dice.uniform(0, 200)
        sample.append((min(event, watched_for), event <= watched_for))
    curve = estimate(sample)
    for day in (10, 30, 60, 90, 120, 150):
        reached = curve.reached(day)
        assert reached is not None
        assert 1 - reached == pytest.approx(math.exp(-day / 60), abs=0.03)
    assert curve.quantile(0.5) == pytest.approx(60 * math.log(2), rel=0.06)
    assert curve.quantile(0.9) == pytest.approx(60 * math.log(10), rel=0.06)
    finished = sorted(time for time, observed in sample if observed)
    assert finished[len(finished) // 2] < 60 * math.log(2) * 0.85


@given(st.lists(DAYS, min_size=1, max_size=60), SHARES)
def test_without_censoring_it_is_the_empirical_quantile(days: list[float], share: float) -> None:
    ordered = sorted(days)
    assert estimate((day, True) for day in days).quantile(share) == ordered[ceil(share * len(ordered) - 1e-9) - 1]


@given(WATCHED, st.integers(min_value=0, max_value=20), SHARES)
def test_who_was_never_watched_changes_nothing(watched: list[tuple[float, bool]], number: int, share: float) -> None:
    """Censored at 0 — unless something happens at 0 itself, where they are still at risk."""
    later = [(day + 1, observed) for day, observed in watched]
    before, after = estimate(later), estimate([*later, *[(0.0, False)] * number])
    assert after.quantile(share) == before.quantile(share)
    assert [step for step in after.steps if step.time > 0] == list(before.steps)


@given(WATCHED, st.randoms(use_true_random=False))
def test_order_does_not_matter(watched: list[tuple[float, bool]], dice: random.Random) -> None:
    shuffled = list(watched)
    dice.shuffle(shuffled)
    assert estimate(shuffled) == estimate(watched)


@given(WATCHED, st.sampled_from([0.5, 2.0, 64.0]), SHARES)
def test_another_unit_of_time_only_scales(watched: list[tuple[float, bool]], factor: float, share: float) -> None:
    scaled = estimate((day * factor, observed) for day, observed in watched).quantile(share)
    plain = estimate(watched).quantile(share)
    assert scaled == (None if plain is None else plain * factor)


@given(WATCHED)
def test_the_curve_only_falls_and_counts_everybody_once(watched: list[tuple[float, bool]]) -> None:
    curve = estimate(watched)
    survivals = [1.0, *[step.survival for step in curve.steps]]
    assert survivals == sorted(survivals, reverse=True)
    assert (curve.n, curve.observed) == (len(watched), sum(observed for _, observed in watched))
    assert curve.censored == curve.n - curve.observed


@given(WATCHED, DAYS)
def test_more_patience_never_shortens_the_wait(watched: list[tuple[float, bool]], longer: float) -> None:
    """Watching the unfinished for longer can only show that it takes longer."""
    patient = [(day if observed else day + longer, observed) for day, observed in watched]
    short, long = estimate(watched).quantile(0.5), estimate(patient).quantile(0.5)
    assert long is None or (short is not None and long >= short)


def test_nothing_watched_says_nothing() -> None:
    empty = estimate([])
    assert empty == Curve(())
    assert (empty.n, empty.last, empty.quantile(0.5), empty.reached(3)) == (0, None, None, None)


def test_nothing_is_said_beyond_the_longest_observation() -> None:
    curve = estimate([(4, True), (10, False)])
    assert curve.reached(3.9) == 0
    assert curve.reached(4) == 0.5
    assert curve.reached(10) == 0.5
    assert curve.reached(10.1) is None


@pytest.mark.parametrize("share", [0, 1, -0.5, 50])
def test_a_share_is_between_nought_and_one(share: float) -> None:
    with pytest.raises(ValueError, match="share"):
        estimate([(1, True)]).quantile(share)


def test_a_negative_duration_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="negative"):
        estimate([(-1, True)])

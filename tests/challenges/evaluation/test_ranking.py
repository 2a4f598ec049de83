"""The ranking follows from the points and the weights alone, whoever computes it and in whatever order."""

import subprocess
import sys
from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from challenges.evaluation.ranking import (
    SPREAD_ALARM,
    Card,
    Ranking,
    Weight,
    digest,
    rank,
    weighted_total,
)

WEIGHTS = (Weight("技术路线", 60), Weight("团队", 40))

halves = st.integers(0, 200).map(lambda n: Decimal(n) / 2)


@st.composite
def weights(draw):
    """One to six shares that add up to 100."""
    number = draw(st.integers(1, 6))
    cuts = sorted(draw(st.lists(st.integers(1, 99), min_size=number - 1, max_size=number - 1, unique=True)))
    edges = [0, *cuts, 100]
    return tuple(Weight(f"项{i}", edges[i + 1] - edges[i]) for i in range(number))


@st.composite
def evaluations(draw):
    """Weights, and the cards of one to five reviewers on one to five bids."""
    chosen = draw(weights())
    bids, reviewers = draw(st.integers(1, 5)), draw(st.integers(1, 5))
    points = st.tuples(*[halves] * len(chosen))
    cards = [Card(label, draw(points)) for label in range(1, bids + 1) for _reviewer in range(reviewers)]
    return chosen, cards


def card(label: int, *points: str) -> Card:
    return Card(label, tuple(map(Decimal, points)))


def test_means_totals_ranks_and_spreads_are_those_of_a_worked_example():
    cards = [card(1, "80", "70"), card(1, "90", "60.5"), card(2, "95", "100"), card(2, "94.5", "66")]
    ranking = rank(weights=WEIGHTS, cards=cards)
    first, second = ranking.bids
    assert (first.label, first.rank, first.total) == (2, 1, Decimal("90.05"))
    assert (second.label, second.rank, second.total) == (1, 2, Decimal("77.10"))
    assert [part.mean for part in second.criteria] == [Decimal("85.00"), Decimal("65.25")]
    assert [part.spread for part in first.criteria] == [Decimal("0.5"), Decimal("34.0")]
    assert first.spread == Decimal("13.90")  # 97.00 against 83.10
    assert first.is_alarming
    assert not second.is_alarming


def test_a_half_is_rounded_up():
    cards = [card(1, "33.5", "0"), card(1, "0", "0"), card(1, "0", "0")]  # 20.1 / 3 = 6.7; mean 33.5 / 3 = 11.1666…
    ranking = rank(weights=WEIGHTS, cards=cards)
    assert ranking.bids[0].criteria[0].mean == Decimal("11.17")
    odd = (Weight("一", 1), Weight("二", 99))
    assert weighted_total((Decimal("0.5"), Decimal(0)), odd) == Decimal("0.01")  # exactly 0.005


def test_bids_with_the_same_total_share_a_rank_and_the_next_one_is_skipped():
    cards = [card(3, "80", "80"), card(1, "80", "80"), card(2, "90", "90"), card(4, "10", "10")]
    ranking = rank(weights=WEIGHTS, cards=cards)
    assert [(bid.label, bid.rank) for bid in ranking.bids] == [(2, 1), (1, 2), (3, 2), (4, 4)]


@pytest.mark.parametrize(("apart", "is_alarming"), [("29.5", False), ("30", True)])
def test_the_alarm_sounds_from_thirty_points_on(apart, is_alarming):
    assert SPREAD_ALARM == 30
    ranking = rank(weights=(Weight("全部", 100),), cards=[card(1, "50"), Card(1, (Decimal(50) + Decimal(apart),))])
    assert ranking.bids[0].is_alarming is is_alarming


@given(evaluations(), st.randoms())
def test_the_order_of_the_scorecards_does_not_matter(evaluation, random):
    chosen, cards = evaluation
    shuffled = cards[:]
    random.shuffle(shuffled)
    one, other = rank(weights=chosen, cards=cards), rank(weights=chosen, cards=shuffled)
    assert one == other
    assert digest(text="纪要", ranking=one.to_json()) == digest(text="纪要", ranking=other.to_json())


@given(evaluations())
def test_totals_lie_between_the_extremes_and_ranks_follow_them(evaluation):
    chosen, cards = evaluation
    bids = rank(weights=chosen, cards=cards).bids
    for bid in bids:
        means = [part.mean for part in bid.criteria]
        assert min(means) - Decimal("0.01") <= bid.total <= max(means) + Decimal("0.01")
        assert 0 <= bid.total <= 100
        assert bid.rank == 1 + sum(other.total > bid.total for other in bids)


@given(evaluations(), st.data())
def test_more_points_never_lower_a_total_nor_a_rank(evaluation, data):
    chosen, cards = evaluation
    place = data.draw(st.integers(0, len(cards) - 1))
    part = data.draw(st.integers(0, len(chosen) - 1))
    better = list(cards[place].points)
    better[part] = data.draw(st.integers(int(better[part] * 2), 200).map(lambda n: Decimal(n) / 2))
    raised = [*cards[:place], replace(cards[place], points=tuple(better)), *cards[place + 1 :]]
    label = cards[place].label

    def of(ranking: Ranking):
        return next(bid for bid in ranking.bids if bid.label == label)

    before, after = of(rank(weights=chosen, cards=cards)), of(rank(weights=chosen, cards=raised))
    assert after.total >= before.total
    assert after.rank <= before.rank


@given(evaluations())
def test_a_ranking_comes_back_from_json_as_it_was(evaluation):
    chosen, cards = evaluation
    ranking = rank(weights=chosen, cards=cards)
    assert Ranking.from_json(ranking.to_json()) == ranking


def test_the_hash_changes_with_a_word_and_with_half_a_point():
    ranking = rank(weights=WEIGHTS, cards=[card(1, "80", "70")]).to_json()
    other = rank(weights=WEIGHTS, cards=[card(1, "80", "70.5")]).to_json()
    hashes = {
        digest(text="纪要", ranking=ranking),
        digest(text="纪 要", ranking=ranking),
        digest(text="纪要", ranking=other),
    }
    assert len(hashes) == 3
    assert all(len(value) == 64 for value in hashes)


@pytest.mark.parametrize(
    ("chosen", "cards"),
    [
        ((Weight("一", 60), Weight("二", 30)), [card(1, "1", "1")]),
        (WEIGHTS, [card(1, "1")]),
        (WEIGHTS, [card(1, "1", "100.5")]),
        (WEIGHTS, [card(1, "1", "1"), card(2, "1", "1"), card(2, "1", "1")]),
    ],
    ids=["weights", "points missing", "more than a hundred", "a reviewer missing"],
)
def test_what_cannot_be_ranked_fairly_is_not_ranked(chosen, cards):
    with pytest.raises(ValueError, match=r"."):
        rank(weights=chosen, cards=cards)


def test_the_arithmetic_needs_no_django():
    code = "import sys, challenges.evaluation.ranking; print(sum(name.startswith('django') for name in sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "0"

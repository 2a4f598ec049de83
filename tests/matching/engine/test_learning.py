"""What a decision teaches and what it does not; when a test is made, and that it is always the same."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from challenges.models import BidReason
from matching.engine.learning.lessons import DECLINES, GOOD, REASONS, lesson
from matching.engine.learning.training import (
    MIN_EXAMPLES,
    MIN_NEEDS,
    Asked,
    Example,
    Verdict,
    decide,
    features_of,
    fit,
    recalibrated,
)
from matching.engine.parts.table import PARTS
from matching.engine.weights import DEFAULT
from matching.matches.workflow import ReasonCode
from matching.models import JudgementKind, TrainingVerdict
from tests.matching.engine.simulated import START, decisions, looking_at
from tests.matching.engine.test_learning_rounds import OTHERWISE

AT = datetime(2026, 3, 1, 9, tzinfo=UTC)
TEXT = {"title", "content", "fuzzy"}


def pair(need: str, kind: str, reason: str = "", **values: float) -> Example:
    return Example(need, AT, values, lesson(kind, reason))


def moved(reason: str, kind: str = "rejected", **values: float) -> set[str]:
    """The parts whose points change when thirty pairs are refused for this reason beside one that is wanted."""
    refused = dict.fromkeys(PARTS, 0.1) | values
    examples = [
        example
        for number in range(30)
        for example in (
            pair(f"N-{number}", "interested", **dict.fromkeys(PARTS, 0.6)),
            pair(f"N-{number}", kind, reason, **refused),
        )
    ]
    return {part for part, new in fit(examples, DEFAULT).items() if new != DEFAULT.points[part]}


# --- what teaches what -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("reason", "parts"),
    [
        ("indicators_not_met", {"indicators"}),
        ("off_topic", TEXT),
        ("too_early", {"maturity"}),
        ("price", {"budget"}),
        ("region", {"region"}),
        ("rights_unclear", set()),
        ("benefit_unclear", set()),
        ("description_unclear", set()),
        ("other", set()),
    ],
)
def test_a_reason_moves_the_part_it_speaks_of_and_no_other(reason: str, parts: set[str]) -> None:
    assert moved(reason) == parts
    assert moved(reason, "not_suitable") == parts


def test_already_in_contact_is_a_sign_that_the_pair_fits() -> None:
    assert lesson("rejected", "already_in_contact").grade == lesson("confirmed").grade
    assert moved("already_in_contact") == set(), "two pairs that fit say nothing about which fits better"


@pytest.mark.parametrize("reason", ["price", "indicators_not_met"])
def test_a_declined_bid_teaches_like_a_refused_match(reason: str) -> None:
    assert moved(reason, "decline") == moved(reason)


def test_a_bid_that_lost_to_a_better_one_fitted_and_the_award_stands_above_it() -> None:
    assert lesson("decline", "better_bid").grade == lesson("bid").grade < lesson("award").grade  # type: ignore[operator]


@pytest.mark.parametrize("reason", ["plan", "team", "ip", "not_eligible", "claimed_before", "cancelled", "other"])
def test_what_was_wrong_with_a_bid_says_nothing_of_the_output(reason: str) -> None:
    assert lesson("decline", reason).grade is None


def test_money_is_trusted_more_than_answers_and_answers_more_than_reviews() -> None:
    kinds = ["confirmed", "interested", "bid", "signed"]
    trust = [lesson(kind).trust for kind in kinds]
    assert trust == sorted(set(trust))


def test_every_reason_that_can_be_given_is_in_the_table() -> None:
    assert set(REASONS) == set(ReasonCode.values)
    assert set(DECLINES) <= set(BidReason.values)
    assert set(GOOD) | {"rejected", "not_suitable", "not_now", "decline", "taken_back"} == set(JudgementKind.values)
    assert {verdict.value for verdict in Verdict} == set(TrainingVerdict.values)


def test_every_need_has_one_vote_however_many_of_its_pairs_were_judged() -> None:
    def one_against(many: int) -> dict[str, float]:
        examples = [pair("N-A", "interested", indicators=1), pair("N-A", "rejected", "indicators_not_met")]
        examples += [pair("N-B", "interested"), *[pair("N-B", "rejected", "indicators_not_met", indicators=1)] * many]
        return fit(examples, DEFAULT)

    assert one_against(1) == one_against(9)


def test_nothing_to_compare_moves_nothing() -> None:
    assert fit([pair("N-A", "confirmed", title=1)], DEFAULT) == DEFAULT.points
    assert fit([], DEFAULT) == DEFAULT.points


def test_points_never_become_negative() -> None:
    examples = [
        example
        for number in range(500)
        for example in (
            pair(f"N-{number}", "interested"),
            pair(f"N-{number}", "rejected", "indicators_not_met", indicators=1),
        )
    ]
    assert fit(examples, DEFAULT)["indicators"] == 0


# --- features -------------------------------------------------------------------------------------------------------


def test_features_are_the_values_of_all_parts_and_zero_where_one_is_missing() -> None:
    explanation: dict[str, Any] = {"parts": {"region": {"value": 0.5}, "title": {"value": 0.25}}}
    assert features_of(explanation) == dict.fromkeys(PARTS, 0.0) | {"title": 0.25, "region": 0.5}


def test_an_explanation_without_values_cannot_be_used() -> None:
    assert features_of({"parts": {"title": {"points": "3.00"}}}) is None


# --- calibration ----------------------------------------------------------------------------------------------------


def test_learning_changes_the_order_and_leaves_the_level_of_probabilities_alone() -> None:
    examples = decisions(looking_at(DEFAULT.points), seed=1, needs=20)
    doubled = recalibrated(examples, DEFAULT, {part: 2 * points for part, points in DEFAULT.points.items()})
    assert (doubled.zero_score, doubled.full_score) == pytest.approx((0.0, 2 * DEFAULT.full_score), abs=0.01)


def test_the_calibration_stays_where_there_is_nothing_to_see_it_by() -> None:
    kept = recalibrated([], DEFAULT, DEFAULT.points)
    assert (kept.zero_score, kept.full_score) == (DEFAULT.zero_score, DEFAULT.full_score)


# --- when and how it is tested ----------------------------------------------------------------------------------------


def test_few_needs_or_few_examples_are_not_tested() -> None:
    found = decide(decisions(looking_at(DEFAULT.points), seed=0, needs=MIN_NEEDS - 1), weights=DEFAULT)
    assert (found.verdict, found.by_need, found.weights) == (Verdict.TOO_FEW, None, DEFAULT)
    two_each = [
        pair(f"N-{number}", *said, title=0.5)
        for number in range(MIN_NEEDS)
        for said in (("interested", ""), ("rejected", "off_topic"))
    ]
    assert len(two_each) < MIN_EXAMPLES
    assert decide(two_each, weights=DEFAULT).verdict == Verdict.TOO_FEW


def test_a_need_whose_pairs_were_all_judged_alike_compares_nothing() -> None:
    alike = [pair(f"N-{number}", "confirmed") for number in range(300) for _ in range(3)]
    assert (decide(alike, weights=DEFAULT).needs, decide([], weights=DEFAULT).needs) == (0, 0)


@pytest.mark.parametrize(
    "asked",
    [
        Asked(times=1, until=START, needs=95),  # not a quarter more needs
        Asked(times=1, until=START + timedelta(days=90), needs=60),  # a quarter more, but hardly any since
    ],
)
def test_a_second_test_waits_for_new_needs(asked: Asked) -> None:
    examples = decisions(looking_at(DEFAULT.points), seed=0, needs=100)
    assert decide(examples, weights=DEFAULT, asked=asked).verdict == Verdict.TOO_LITTLE_NEW


def test_a_second_test_looks_at_needs_that_came_after_the_first() -> None:
    examples = decisions(looking_at(DEFAULT.points), seed=0, needs=100)
    until = START + timedelta(days=59, hours=1)
    found = decide(examples, weights=DEFAULT, asked=Asked(times=1, until=until, needs=60))
    assert found.by_time is not None
    assert 38 <= found.by_time.needs <= 40, "of the forty needs that came since, those that compare something"
    assert found.level < decide(examples, weights=DEFAULT).level


@pytest.mark.slow
def test_one_enterprise_with_half_of_the_needs_does_not_decide_for_the_others() -> None:
    """It has a taste of its own; all others agree with the weights in use."""

    def verdicts(poser: str) -> set[Verdict]:
        found = set()
        for seed in range(5):
            its_own = decisions(looking_at(OTHERWISE), seed=seed, needs=100)
            others = decisions(looking_at(DEFAULT.points), seed=1000 + seed, needs=100)
            examples = [replace(example, poser=poser) for example in its_own]
            examples += [replace(example, need=f"O{example.need}") for example in others]
            found.add(decide(examples, weights=DEFAULT, seed=seed).verdict)
        return found

    assert verdicts("E-1") == {Verdict.NOT_BETTER}
    assert Verdict.PROMOTED in verdicts(""), "as many enterprises with that taste would be heard"


def test_the_needs_of_one_enterprise_weigh_no_more_than_a_tenth() -> None:
    def learnt(poser: str) -> float:
        examples = [
            example
            for number in range(40)
            for example in (
                replace(pair(f"N-{number}", "interested", indicators=0.6), poser=poser),
                replace(pair(f"N-{number}", "rejected", "indicators_not_met", indicators=0.1), poser=poser),
            )
        ]
        return fit(examples, DEFAULT)["indicators"]

    alone = fit([], DEFAULT)["indicators"]
    assert alone < learnt("E-1") < learnt("")


def test_the_same_decisions_give_the_same_answer() -> None:
    examples = decisions(looking_at(DEFAULT.points), seed=3, needs=80)
    first = decide(examples, weights=DEFAULT, seed=5)
    assert first == decide(examples, weights=DEFAULT, seed=5)

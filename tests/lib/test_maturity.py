"""Maturity in words stands for levels, and back."""

import pytest
from django.core.exceptions import ValidationError

from lib import maturity
from solutions.output import fields as content


@pytest.mark.parametrize(
    ("words", "levels"),
    [
        ("正在研发", (1, 3)),
        ("已有样品", (4, 5)),
        ("通过小试", (5, 6)),
        ("通过中试", (7, 7)),
        ("可以量产", (8, 9)),
        ("pilot", (7, 7)),
        ("TRL 6", (6, 6)),
        ("６－７", (6, 7)),
        ("TRL4-TRL5", (4, 5)),
        ("7级", (7, 7)),
        ("不适用（工艺类）", None),
        ("", None),
    ],
)
def test_words_and_levels_are_understood(words: str, levels: tuple[int, int] | None) -> None:
    assert maturity.clean_levels(words) == levels


@pytest.mark.parametrize("words", ["很成熟", "0", "10", "9-3"])
def test_other_words_are_refused(words: str) -> None:
    with pytest.raises(ValidationError, match="看不懂成熟度"):
        maturity.clean_levels(words)


def test_every_stage_of_the_form_sets_its_range() -> None:
    for stage, levels in maturity.LEVELS.items():
        assert maturity.choice_to_levels(stage) == levels
        assert maturity.form_choice(levels) == stage
    assert maturity.choice_to_levels("not_applicable") is None
    assert maturity.form_choice(None) == "not_applicable"
    assert maturity.form_choice((5, 7)) == "exact"


def test_a_range_outside_the_stages_has_no_words() -> None:
    assert maturity.stage_label(7, 7) == "通过中试"
    assert maturity.stage_label(5, 7) == ""
    assert maturity.stage_label(None, None) == ""


def test_the_word_may_stand_for_both_levels_of_an_output() -> None:
    values = content.clean_output({"title": "x", "maturity": "通过小试"})
    assert (values["trl_min"], values["trl_max"]) == (5, 6)
    with pytest.raises(ValidationError) as caught:
        content.clean_output({"title": "x", "maturity": "很好"})
    assert "maturity" in caught.value.message_dict


def test_levels_of_an_output_are_in_order() -> None:
    assert content.clean_output({"title": "x", "trl_min": "6"})["trl_max"] == 6
    with pytest.raises(ValidationError) as caught:
        content.clean_output({"title": "x", "trl_min": "7", "trl_max": "3"})
    assert "trl_max" in caught.value.message_dict


@pytest.mark.parametrize(
    ("written", "price"), [("面议", None), ("", None), ("２６０万元", 260), ("35.5 万", 35.5), (12, 12)]
)
def test_a_price_may_be_open_and_may_carry_its_unit(written: object, price: float | None) -> None:
    assert content.price(written) == price

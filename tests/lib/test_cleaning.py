"""What people type becomes clean values, or a sentence they can act on."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import ValidationError

from lib import cleaning as validators
from solutions.indicator import fields as indicator_fields


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("９８０", "980"),
        ("１，２００．５", "1200.5"),
        ("1,200", "1200"),
        (" 3 . 5 ", "3.5"),
        ("−3", "-3"),
        ("1e5", "100000"),
        ("1.2×10⁵", "120000"),
        ("5×10^-3", "0.005"),
        (".5", "0.5"),
        (96.4, "96.4"),
    ],
)
def test_numbers_are_read_as_people_write_them(written: Any, value: str) -> None:
    assert validators.number(written, places=6, digits=20) == Decimal(value)


@pytest.mark.parametrize("written", ["980MPa", "约五百", "NaN", "inf", "1,2", "1e999", "--1", "1.2.3"])
def test_what_is_no_number_is_refused(written: str) -> None:
    with pytest.raises(ValidationError):
        validators.number(written, places=6, digits=20)


def test_a_number_the_column_cannot_hold_is_refused() -> None:
    with pytest.raises(ValidationError, match="数字太大"):
        validators.number("1e14", places=6, digits=20)
    with pytest.raises(ValidationError, match="最多 6 位小数"):
        validators.number("0.1234567", places=6, digits=20)
    assert validators.number("99999999999999.999999", places=6, digits=20) is not None


def test_bounds_of_a_number_are_named() -> None:
    with pytest.raises(ValidationError, match="不能小于 0"):
        validators.number("-1", places=2, digits=12, low=0)
    with pytest.raises(ValidationError, match="请填 1 到 9 之间的数"):
        validators.whole("10", low=1, high=9)
    with pytest.raises(ValidationError):
        validators.whole("1.5", low=1, high=9)
    assert validators.whole("７", low=1, high=9) == 7


def test_an_empty_number_is_none_unless_it_is_required() -> None:
    assert validators.number("", places=2, digits=12) is None
    with pytest.raises(ValidationError, match="请填写数字"):
        validators.number(None, places=2, digits=12, required=True)


def test_text_loses_what_a_database_or_a_reader_cannot_bear() -> None:
    assert validators.text("甲\x00乙\r\n丙\ud800\u202e丁\x07", limit=20) == "甲乙\n丙丁"
    assert validators.line("  一行\n两行\t三 ", limit=20) == "一行 两行 三"


def test_a_text_that_is_too_long_says_how_long() -> None:
    with pytest.raises(ValidationError, match="最多 10 个字，现在有 1000000 个字"):
        validators.text("字" * 1_000_000, limit=10)


def test_words_are_parted_by_any_usual_sign_and_kept_once_in_order() -> None:
    written = "轴承钢，夹杂物、疲劳;ＡＢＣ；abc,  two words \n 轴承钢"
    assert validators.words(written, most=20, limit=40) == ["轴承钢", "夹杂物", "疲劳", "ABC", "two words"]
    assert validators.words(["a", " ", "b"], most=20, limit=40) == ["a", "b"]
    assert validators.words(None, most=20, limit=40) == []


def test_too_many_or_too_long_words_are_refused() -> None:
    with pytest.raises(ValidationError, match="最多 2 项，现在有 3 项"):
        validators.words("a、b、c", most=2, limit=40)
    with pytest.raises(ValidationError, match="每项最多 5 个字"):
        validators.words("一二三四五六", most=2, limit=5)


def test_paragraphs_are_parted_by_lines_only() -> None:
    assert validators.paragraphs("第一，快\n\n第二，省", most=3, limit=300) == ["第一，快", "第二，省"]


OPTIONS = [("equity", "作价入股"), ("sole_licence", "排他许可")]


def test_a_choice_is_named_by_value_or_label() -> None:
    assert validators.choice("作价入股", options=OPTIONS) == "equity"
    assert validators.choice("EQUITY", options=OPTIONS) == "equity"
    assert validators.choice("", options=OPTIONS, default="equity") == "equity"
    assert validators.choices("排他许可、作价入股", options=OPTIONS) == ["equity", "sole_licence"]
    with pytest.raises(ValidationError, match="没有“白送”这个选项"):
        validators.choices("白送", options=OPTIONS)
    with pytest.raises(ValidationError, match="请选择一项"):
        validators.choice("", options=OPTIONS, required=True)


@pytest.mark.parametrize(("written", "value"), [("是", True), ("公开", True), ("on", True), ("否", False), ("", False)])
def test_yes_and_no_are_understood(written: str, value: bool) -> None:
    assert validators.flag(written) is value


def test_a_flag_nobody_mentioned_takes_its_default() -> None:
    assert validators.flag(None, default=True) is True
    with pytest.raises(ValidationError):
        validators.flag("也许")


@pytest.mark.parametrize("written", ["2026-12-31", "2026/12/31", "2026.12.31", "2026年12月31日", "２０２６-12-31"])
def test_dates_are_read_as_people_write_them(written: str) -> None:
    assert validators.day(written) == date(2026, 12, 31)


def test_a_day_that_does_not_exist_is_refused() -> None:
    with pytest.raises(ValidationError):
        validators.day("2026-02-30")
    with pytest.raises(ValidationError, match="请填写日期"):
        validators.day("", required=True)
    assert validators.day("") is None
    assert validators.day(date(2026, 1, 1)) == date(2026, 1, 1)


def test_a_region_is_found_by_code_or_name() -> None:
    assert validators.region("310115") == "310115"
    assert validators.region("杭州市") == "330100"
    assert validators.region("浙江省杭州市西湖区") == "330106"
    assert validators.region("") == ""
    for unknown in ("999999", "西湖区外", "朝阳区"):  # the last is the name of two
        with pytest.raises(ValidationError, match="这个地区"):
            validators.region(unknown)
    with pytest.raises(ValidationError, match="请选择地区"):
        validators.region("", required=True)


def test_an_industry_is_found_by_code_or_name() -> None:
    assert validators.industry("c34") == "C34"
    assert validators.industry("通用设备制造业") == "C34"
    for unknown in ("C", "C99", "炼金术"):
        with pytest.raises(ValidationError, match="行业大类"):
            validators.industry(unknown)
    with pytest.raises(ValidationError, match="请选择行业"):
        validators.industry("", required=True)


def test_several_industries_come_from_lists_codes_or_names() -> None:
    assert validators.industry_list(["C34", "", "C34", "C31"], most=8) == ["C34", "C31"]
    assert validators.industry_list("C34、C31", most=8) == ["C34", "C31"]
    assert validators.industry_list("酒、饮料和精制茶制造业；医药制造业", most=8) == ["C15", "C27"]
    assert validators.industry_list("", most=8) == []
    with pytest.raises(ValidationError, match="最多 1 项"):
        validators.industry_list("C34、C31", most=1)


@pytest.mark.parametrize(("written", "value"), [("ＭＰａ", "MPa"), ("㎡", "m²"), (" N/mm² ", "N/mm²"), ("℃", "℃")])
def test_units_are_half_width_and_keep_their_signs(written: str, value: str) -> None:
    assert indicator_fields.unit(written) == value


def test_an_indicator_in_full_width_signs_is_understood() -> None:
    row = indicator_fields.clean_indicator({"name": "抗拉强度", "comparison": "≥", "value": "９８０", "unit": "ＭＰａ"})
    assert (row["comparison"], row["value"], row["unit"]) == ("ge", Decimal(980), "MPa")
    assert row["necessity"] == "must"
    assert row["is_public"] is True


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": "长" * 61}, "name"),
        ({"value": ""}, "value"),
        ({"value": "很高"}, "value"),
        ({"comparison": "大概"}, "comparison"),
        ({"comparison": "range"}, "value_max"),
        ({"comparison": "range", "value_max": "1"}, "value_max"),
        ({"value_max": "999"}, "value_max"),
        ({"unit": "x" * 21}, "unit"),
        ({"condition": "x" * 121}, "condition"),
        ({"necessity": "或许"}, "necessity"),
    ],
)
def test_what_is_wrong_with_an_indicator_is_said_at_its_field(change: dict[str, str], field: str) -> None:
    raw = {"name": "抗拉强度", "comparison": "ge", "value": "980", **change}
    with pytest.raises(ValidationError) as caught:
        indicator_fields.clean_indicator(raw)
    assert list(caught.value.message_dict) == [field]


def test_all_faults_of_a_row_are_said_at_once() -> None:
    with pytest.raises(ValidationError) as caught:
        indicator_fields.clean_indicator({"name": "", "value": "x", "unit": "y" * 30})
    assert set(caught.value.message_dict) == {"name", "value", "unit"}


def test_a_row_counts_as_blank_while_only_its_selects_are_set() -> None:
    assert indicator_fields.is_blank_indicator({"name": " ", "comparison": "le", "is_public": True})
    assert not indicator_fields.is_blank_indicator({"condition": "室温"})


def test_a_partial_cleaning_leaves_out_what_was_not_sent() -> None:
    table = {"name": indicator_fields.INDICATOR["name"], "unit": indicator_fields.unit}
    assert validators.clean_fields({"unit": "MPa"}, table, partial=True) == {"unit": "MPa"}
    with pytest.raises(ValidationError):
        validators.clean_fields({"unit": "MPa"}, table)

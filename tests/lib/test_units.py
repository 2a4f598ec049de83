"""Units are read as people write them, and converted only between things that can be compared."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.units import (
    IncomparableUnits,
    convert,
    parse_unit,
    same_dimension,
)

SAME = [  # value, unit, value, unit: the same quantity written twice
    (600, "MPa", 600, "N/mm²"),
    (1, "kgf/cm²", 0.0980665, "MPa"),
    (1, "kg/cm²", 0.980665, "bar"),
    (25, "℃", 298.15, "K"),
    (100, "摄氏度", 212, "℉"),
    (500, "ＭＰａ", 500, "兆帕"),
    (500, "mpa", 500, "MPa"),
    (3, "万次", 30_000, "次"),
    (2, "百万次", 200, "万次"),
    (0.05, "mm", 50, "μm"),
    (50, "微米", 50, "um"),
    (1.5, "亿元", 15_000, "万元"),
    (2.2, "kW", 2200, "W"),
    (2, "小时", 120, "min"),
    (1, "个月", 1 / 12, "年"),
    (12, "kW·h/t", 12, "千瓦时/吨"),
    (12, "kWh/t", 43.2, "MJ/t"),
    (0.2, "W/(m·K)", 0.2, "W m⁻¹ K⁻¹"),
    (0.2, "W/m·K", 0.2, "W/(m·℃)"),
    (30, "mg/L", 30, "毫克每升"),
    (30, "mg/L（COD）", 30, "g/m³"),
    (1.2, "×10⁻⁶/K", 1.2, "ppm/℃"),
    (5, "℃/min", 300, "K/h"),
    (12, "g/10min", 1.2, "g/min"),
    (1500, "r/min", 25, "转/秒"),
    (3000, "rpm", 3000, "转/分"),
    (5, "‰", 0.5, "%"),
    (200, "mg/kg", 200, "ppm"),
    (3.5, "cN/dtex", 0.35, "N/tex"),
    (160, "mAh/g", 160, "A·h/kg"),
    (52, "MGOe", 413.80285, "kJ/m³"),
    (3, "″", 3 / 3600, "°"),
    (10, "平方毫米", 0.1, "cm^2"),
    (6, "L/min", 0.36, "立方米/小时"),
    (60, "dB(A)", 60, "dBA"),
    (2, "万台/年", 20_000, "台/年"),
    (8, "N.m", 8, "Nm"),
]


@pytest.mark.parametrize(("value", "unit", "other_value", "other_unit"), SAME)
def test_the_same_quantity_in_another_unit(value, unit, other_value, other_unit):
    assert convert(value, unit, other_unit) == pytest.approx(other_value)
    assert convert(other_value, other_unit, unit) == pytest.approx(value)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("MPa", "℃"),
        ("HRC", "HV"),
        ("mg/L", "ppm"),
        ("%", ""),
        ("台", "个"),
        ("kW", "kVA"),
        ("次", "%"),
        ("h", "m/h"),
    ],
)
def test_different_things_are_not_converted(first, second):
    assert not same_dimension(first, second)
    with pytest.raises(IncomparableUnits, match="different things"):
        convert(1.0, first, second)


@pytest.mark.parametrize("unit", ["HRC", "级", "目", "pH", "CFU/g", "Ω/□", "万像素", "C/C0", ""])
def test_an_unknown_unit_is_comparable_with_itself(unit):
    assert convert(3.0, unit, f" {unit} ") == 3.0


@pytest.mark.parametrize("nothing", ["", "/", "-", "—", "无", "1"])
def test_the_ways_to_write_no_unit_are_one(nothing):
    assert same_dimension(nothing, "无量纲")


def test_a_difference_of_temperatures_has_no_zero_point():
    assert convert(5, "℃", "K", is_difference=True) == 5
    assert convert(9, "℉", "℃", is_difference=True) == pytest.approx(5)


@given(
    value=st.floats(-1e6, 1e6),
    pair=st.sampled_from([(unit, other) for _, unit, _, other in SAME]),
)
def test_there_and_back_gives_the_value_again(value, pair):
    unit, other = pair
    assert convert(convert(value, unit, other), other, unit) == pytest.approx(value, rel=1e-9, abs=1e-6)


@given(st.text(max_size=60) | st.text(alphabet="mkgTsN/·()^-0123456789%万平方℃", max_size=60))
def test_any_text_is_read_as_some_unit_comparable_with_itself(text):
    assert convert(2.0, text, text) == 2.0
    assert parse_unit(text).factor > 0

"""Codes of GB/T 2260: only rows in force are offered, in both languages."""

import pytest
from django.utils import translation

from lib import regions
from lib.region_names import ENGLISH


@pytest.fixture(params=["zh-hans", "en"])
def language(request):
    with translation.override(request.param):
        yield request.param


@pytest.mark.parametrize(
    ("code", "chinese", "english"),
    [
        ("330106", "浙江省杭州市西湖区", "西湖区, Hangzhou, Zhejiang"),
        ("330100", "浙江省杭州市", "Hangzhou, Zhejiang"),
        ("330000", "浙江省", "Zhejiang"),
        ("310115", "上海市浦东新区", "Pudong New Area, Shanghai"),
        ("429004", "湖北省仙桃市", "Xiantao, Hubei"),
        ("420600", "湖北省襄阳市", "Xiangyang, Hubei"),  # 襄樊 until 2009, on the same code
        ("330114", "浙江省杭州市钱塘区", "钱塘区, Hangzhou, Zhejiang"),  # missing in the table we read
        ("", "", ""),
        ("990000", "990000", "990000"),
    ],
)
def test_a_code_is_named_in_the_readers_language(code, chinese, english):
    with translation.override("zh-hans"):
        assert regions.region_name(code) == chinese
    with translation.override("en"):
        assert regions.region_name(code) == english


@pytest.mark.parametrize("code", ["110103", "330103", "422921", "429001", "330101", "429000", "500105"])
def test_abolished_rows_and_group_rows_are_not_in_force(code):
    assert not regions.is_in_force(code)


def test_names_carry_no_years():
    assert not [name for name in regions.table().names.values() if set(name) & set("[]-0123456789,")]


def test_every_choice_is_a_region_in_force_listed_once(language):
    codes = [code for _province, options in regions.region_choices() for code, _name in options]

    assert all(regions.is_in_force(code) for code in codes)
    assert len(codes) == len(set(codes))
    assert len(regions.region_choices()) == 34


def test_a_province_leads_its_own_group_and_holds_its_cities():
    with translation.override("zh-hans"):
        groups = dict(regions.region_choices())

    assert groups["浙江省"][:2] == [("330000", "浙江省"), ("330100", "杭州市")]
    assert ("310115", "浦东新区") in groups["上海市"]
    assert ("429004", "仙桃市") in groups["湖北省"]
    assert ("330106", "西湖区") not in groups["浙江省"]


def test_every_choice_has_an_english_name_and_no_name_is_left_over():
    offered = [code for _province, options in regions.region_choices() for code, _name in options]

    assert {code for code in offered if regions._english(code) == regions.table().names[code]} == set()
    assert {key.ljust(6, "0") for key in ENGLISH} == set(offered)


@pytest.mark.parametrize(
    ("code", "province", "city"),
    [("330106", "330000", "330100"), ("310115", "310000", "310115"), ("429004", "420000", "429004")],
)
def test_a_code_knows_its_province_and_city(code, province, city):
    assert (regions.province_of(code), regions.city_of(code)) == (province, city)


@pytest.mark.parametrize(
    ("code", "known"), [("110103", True), ("320594", True), ("100000", True), ("980000", False), ("339900", False)]
)
def test_credit_codes_may_carry_former_regions_and_development_zones(code, known):
    assert regions.was_ever_used(code) is known

"""The table of GB/T 4754-2017."""

from django.utils import translation

from lib import industries


def test_the_table_holds_twenty_sections_and_ninety_seven_divisions():
    codes = [code for code, _chinese, _english in industries.TABLE]

    assert len(codes) == len(set(codes))
    assert [code for code in codes if len(code) == 1] == list("ABCDEFGHIJKLMNOPQRST")
    # The numbers go up through the sections without a gap.
    assert [int(code[1:]) for code in codes if len(code) == 3] == list(range(1, 98))


def test_divisions_stand_under_their_section_in_the_readers_language():
    with translation.override("zh-hans"):
        assert ("C34", "C34 通用设备制造业") in dict(industries.industry_choices())["C 制造业"]
    with translation.override("en"):
        assert ("C34", "C34 General-purpose machinery") in dict(industries.industry_choices())["C Manufacturing"]


def test_a_code_is_named_and_an_unknown_one_shown_as_it_is():
    with translation.override("zh-hans"):
        assert industries.industry_name("I65") == "软件和信息技术服务业"
    assert industries.industry_name("Z99") == "Z99"

"""What is accepted as a credit code and a telephone number."""

import pytest
from django.core.exceptions import ValidationError

from lib.cleaning import one_line
from lib.contact_data import (
    clean_credit_code,
    clean_email,
    clean_phone,
)
from tests.accounts.conftest import credit_code


def test_a_credit_code_is_accepted_as_people_type_it():
    number = credit_code()
    wide = "".join(chr(ord(sign) + 0xFEE0) for sign in number)

    assert clean_credit_code(number) == number
    assert clean_credit_code(f" {number[:4].lower()} {number[4:10]}-{number[10:].lower()} ") == number
    assert clean_credit_code(wide) == number
    assert clean_credit_code("  ") == ""


def wrong_digit() -> str:
    number = credit_code()
    return number[:-1] + ("0" if number[-1] != "0" else "1")


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("9131011", "length"),
        (wrong_digit(), "checksum"),
        ("9131011XMA0000000A", "format"),
        ("91310115MA00000O0A", "format"),
        (credit_code("91980115MA0000000"), "region"),
        ("一二三四五六七八九十一二三四五六七八", "format"),
    ],
)
def test_a_wrong_credit_code_is_refused_with_its_reason(text, code):
    with pytest.raises(ValidationError) as refused:
        clean_credit_code(text)
    assert refused.value.code == code


def test_a_credit_code_may_keep_the_region_of_its_first_registration():
    number = credit_code("91110103MA0000000")  # a district abolished in 2010

    assert clean_credit_code(number) == number


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("138 0000 0000", "13800000000"),
        ("+86 138-0000-0000", "13800000000"),
        ("０５７１－８８００１２３４", "057188001234"),
        ("(010) 6200 1234 转 801", "01062001234-801"),
        ("+86 571 8800 1234", "057188001234"),
        ("400-810-1234", "4008101234"),
        ("+49 30 1234567", "+49301234567"),
        ("", ""),
    ],
)
def test_telephone_numbers_are_read_as_people_write_them(text, number):
    assert clean_phone(text) == number


@pytest.mark.parametrize("text", ["12345", "138000000000000", "王老师", "<b>13800000000</b>"])
def test_what_is_no_telephone_number_is_refused(text):
    with pytest.raises(ValidationError):
        clean_phone(text)


def test_full_width_signs_become_ordinary_and_names_stay_on_one_line():
    assert clean_email(" Ａｎｎ＠example.com　") == "ann@example.com"
    assert one_line(" 示例\n（上海）　有限公司 ") == "示例 （上海） 有限公司"

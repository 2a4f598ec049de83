"""Cleaning and checking of what people type about themselves; forms and the API call the same functions."""

import re

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from stdnum.cn import uscc
from stdnum.exceptions import InvalidChecksum, InvalidLength
from stdnum.exceptions import ValidationError as NumberError

from lib import regions
from lib.cleaning import half_width

MOBILE = re.compile(r"1[3-9]\d{9}")
# Area code (010, 021, 0571 …) and number, or a service number such as 400-810-1234.
LANDLINE = re.compile(r"0\d{2,3}\d{7,8}|[48]00\d{7}")
FOREIGN = re.compile(r"\+\d{7,15}")
EXTENSION = re.compile(r"(?:转|ext\.?|x|#)(\d{1,6})$", re.IGNORECASE)


def clean_email(text: str) -> str:
    """An address in plain signs and small letters. Whether it is one is judged by the form field."""
    return half_width(text).strip().lower()


def clean_credit_code(text: str) -> str:
    """The 18 characters of a 统一社会信用代码 (GB 32100-2015) in capitals, from what was typed; "" from nothing.

    Checked: length, alphabet, the region of registration (digits 3 to 8) down to the city, the check digit.
    """
    number = uscc.compact(half_width(text).strip())
    if not number:
        return ""
    try:
        uscc.validate(number)
    except InvalidLength:
        raise ValidationError(
            _("统一社会信用代码应为 18 位，现为 %(length)s 位。"), params={"length": len(number)}, code="length"
        ) from None
    except InvalidChecksum:
        raise ValidationError(_("统一社会信用代码的校验位不对，请核对每一位。"), code="checksum") from None
    except NumberError:
        raise ValidationError(
            _("统一社会信用代码只含数字和大写字母（不含 I、O、Z、S、V），前 8 位为数字。"), code="format"
        ) from None
    if not regions.was_ever_used(number[2:8]):
        raise ValidationError(
            _("统一社会信用代码第 3–8 位 %(region)s 不是行政区划代码。"), params={"region": number[2:8]}, code="region"
        )
    return number


def clean_phone(text: str) -> str:
    """A telephone number without blanks and hyphens, an extension after `-`; "" from nothing."""
    number = re.sub(r"[\s()-]", "", half_width(text).replace("–", "-").replace("—", "-"))
    if not number:
        return ""
    extension = EXTENSION.search(number)
    main = number[: extension.start()] if extension else number
    if main.startswith("+86"):
        main = main[3:] if MOBILE.fullmatch(main[3:]) else f"0{main[3:].removeprefix('0')}"
    if not any(pattern.fullmatch(main) for pattern in (MOBILE, LANDLINE, FOREIGN)):
        raise ValidationError(_("请填写手机号或带区号的电话，例如 0571-88001234。"), code="phone")
    return f"{main}-{extension[1]}" if extension else main

"""Deadlines are told in days, on the last day in hours, at the end in minutes."""

from datetime import UTC, datetime, timedelta

import pytest

from lib.templatetags.time_left import for_plural, time_left

AT = datetime(2026, 3, 1, 8, tzinfo=UTC)


@pytest.mark.parametrize(
    ("left", "said"),
    [
        (timedelta(days=8, hours=23), "8 天"),
        (timedelta(days=45), "45 天"),
        (timedelta(days=1), "1 天"),
        (timedelta(hours=23, minutes=59), "23 小时"),
        (timedelta(minutes=59, seconds=59), "59 分钟"),
        (timedelta(seconds=1), "1 分钟"),
    ],
)
def test_time_left_is_told_in_one_unit_rounded_down(left: timedelta, said: str) -> None:
    assert time_left(AT + left, AT) == said


@pytest.mark.parametrize(("days", "form"), [(1, 1), (1.04, 1), (0.3, 2), (0, 2), (1.5, 2), (12, 2)])
def test_one_is_singular_as_it_is_shown_and_nothing_else(days: float, form: int) -> None:
    assert for_plural(days) == form

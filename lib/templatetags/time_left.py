"""`{% load time_left %}`: {{ challenge.closes_at|time_left:at }}; {% blocktranslate count n=days|for_plural … %}."""

from datetime import datetime, timedelta

from django import template
from django.utils.translation import ngettext

register = template.Library()


@register.filter
def time_left(until: datetime, at: datetime) -> str:
    """How long from `at` until `until`, in one unit people count in: whole days, on the last day hours, then minutes.

    Rounded down, never below one minute: nobody is promised more time than there is.
    """
    left = until - at
    if days := left.days:
        return ngettext("%(number)s 天", "%(number)s 天", days) % {"number": days}
    if hours := left // timedelta(hours=1):
        return ngettext("%(number)s 小时", "%(number)s 小时", hours) % {"number": hours}
    minutes = max(left // timedelta(minutes=1), 1)
    return ngettext("%(number)s 分钟", "%(number)s 分钟", minutes) % {"number": minutes}


@register.filter
def for_plural(number: float) -> int:
    """What `count` is asked with where tenths are shown: 1 day, but 0.3 and 1.5 days. gettext takes integers only."""
    return 1 if round(number, 1) == 1 else 2

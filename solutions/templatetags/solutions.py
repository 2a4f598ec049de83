"""For the navigation."""

from django import template
from django.urls import reverse
from django.utils.functional import Promise

from solutions.kinds import KINDS

register = template.Library()


@register.simple_tag
def solution_lists() -> list[dict[str, str | Promise]]:
    """The public list of each kind of entry."""
    return [{"url": reverse(kind.list_url), "label": kind.plural} for kind in KINDS]

"""Thin tasks: nudges to look at the table of runs. Every one may run twice or not at all."""

from celery import shared_task

from care.follow_up import actions as follow_ups
from lib import clock


@shared_task(name="care.tell_overdue_follow_ups", time_limit=300, ignore_result=True)
def tell_overdue_follow_ups() -> None:
    """Tell of follow-ups that are late, each once."""
    follow_ups.tell_overdue(at=clock.now())

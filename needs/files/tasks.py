"""Thin tasks; every one may run twice."""

from celery import shared_task

from lib import clock
from needs.files import actions


@shared_task(name="needs.sweep_orphans", time_limit=1800, ignore_result=True)
def sweep_orphans() -> None:
    """Delete files that no row names."""
    actions.sweep_orphans(at=clock.now())

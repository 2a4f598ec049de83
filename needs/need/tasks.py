"""Thin tasks; every one may run twice."""

from celery import shared_task

from lib import clock
from needs.need import actions


@shared_task(name="needs.close_expired_needs", time_limit=300, ignore_result=True)
def close_expired_needs() -> None:
    """Close published needs whose last valid day is over."""
    actions.expire_needs(at=clock.now())

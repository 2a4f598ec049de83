"""The task that confirms claims. It may run twice."""

from celery import shared_task

from challenges.claim import actions as claims
from lib import clock


@shared_task(name="challenges.confirm_due_claims", time_limit=120, ignore_result=True)
def confirm_due_claims() -> None:
    """Claims their poser did not refuse in time are accepted."""
    claims.confirm_due_claims(at=clock.now())

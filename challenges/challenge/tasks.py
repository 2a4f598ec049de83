"""The task that moves challenges on. It may run twice."""

from celery import shared_task

from challenges.challenge import automatic as challenges
from challenges.evaluation import actions as award
from lib import clock


@shared_task(name="challenges.advance_challenges", time_limit=120, ignore_result=True)
def advance_challenges() -> None:
    """What the clock does: open after the notice, close at the deadline, contracts after the notice of a result.

    Each challenge in a transaction of its own.
    """
    at = clock.now()
    challenges.open_due(at=at)
    challenges.close_due(at=at)
    award.finish_result_notice(at=at)

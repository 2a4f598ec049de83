"""The task that tells of answers and milestones that are late. It may run twice."""

from celery import shared_task

from challenges.answer import automatic as answers
from contracts.delivery import actions as delivery
from lib import clock


@shared_task(name="challenges.tell_overdue", time_limit=300, ignore_result=True)
def tell_overdue() -> None:
    """Tell of what is late, each once."""
    at = clock.now()
    answers.tell_overdue_answers(at=at)
    delivery.tell_overdue_milestones(at=at)

"""Thin tasks; every one may run twice."""

from celery import shared_task

from accounts import clock
from needs.domain import answers, award, challenges, claims, delivery
from needs.domain import needs as verbs


@shared_task(name="needs.close_expired_needs", time_limit=300, ignore_result=True)
def close_expired_needs() -> None:
    """Close published needs whose last valid day is over."""
    verbs.expire_needs(at=clock.now())


@shared_task(name="needs.advance_challenges", time_limit=120, ignore_result=True)
def advance_challenges() -> None:
    """What the clock does: open after the notice, close at the deadline, contracts after the notice of a result.

    Each challenge in a transaction of its own.
    """
    at = clock.now()
    challenges.open_due(at=at)
    challenges.close_due(at=at)
    award.finish_result_notice(at=at)


@shared_task(name="needs.tell_overdue", time_limit=300, ignore_result=True)
def tell_overdue() -> None:
    """Tell of what is late, each once."""
    at = clock.now()
    answers.tell_overdue_answers(at=at)
    delivery.tell_overdue_milestones(at=at)


@shared_task(name="needs.confirm_due_claims", time_limit=120, ignore_result=True)
def confirm_due_claims() -> None:
    """Claims their poser did not refuse in time are accepted."""
    claims.confirm_due_claims(at=clock.now())

"""Where Celery finds the tasks of every room."""

from challenges.answer.tasks import tell_overdue
from challenges.challenge.tasks import advance_challenges
from challenges.claim.tasks import confirm_due_claims

__all__ = ["advance_challenges", "confirm_due_claims", "tell_overdue"]

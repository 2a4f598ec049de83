"""Where Celery finds the tasks of every room."""

from care.follow_up.tasks import tell_overdue_follow_ups

__all__ = ["tell_overdue_follow_ups"]

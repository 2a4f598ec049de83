"""Where Celery finds the tasks of every room."""

from needs.files.tasks import sweep_orphans
from needs.need.tasks import close_expired_needs

__all__ = ["close_expired_needs", "sweep_orphans"]

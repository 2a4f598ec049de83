"""Thin tasks: nudges to look at the table of runs. Every one may run twice or not at all."""

from celery import shared_task
from django.utils import timezone

from matching.documents.tasks import MINUTES
from matching.similar import actions as similar


@shared_task(name="matching.find_duplicates", time_limit=30 * MINUTES, ignore_result=True)
def find_duplicates() -> None:
    """Needs and outputs that say nearly the same; only what changed since is looked at."""
    similar.find_duplicates(at=timezone.now())

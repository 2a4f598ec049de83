"""Thin tasks: nudges to look at the table of runs. Every one may run twice or not at all."""

from celery import shared_task
from django.utils import timezone

from matching.documents.tasks import MINUTES
from matching.learning import actions as weightings


@shared_task(name="matching.train_weighting", time_limit=30 * MINUTES, ignore_result=True)
def train_weighting() -> None:
    """Learn from what was decided since; promote what is proven better."""
    weightings.train_weighting(at=timezone.now())

"""Thin tasks: nudges to look at the table of runs. Every one may run twice or not at all."""

import gc
from typing import Any

from celery import shared_task
from celery.signals import worker_process_init
from django.db import transaction
from django.utils import timezone

from accounts import clock
from matching import embeddings, follow_ups, library, maintenance, runs, similar, weightings
from matching.models import Trigger
from needs.models import Need

MINUTES = 60  # seconds


@worker_process_init.connect
def build_index(**_: Any) -> None:
    """A worker has its index before the first need comes, not because of it.

    What it holds from here on lives as long as the process, and scoring makes many small things that end by themselves:
    looking through all of it for rings, as Python does every few hundred allocations, took a third of the time.
    """
    library.current()
    gc.freeze()
    gc.set_threshold(100_000, 20, 100)


@shared_task(
    name="matching.work_off_runs",
    soft_time_limit=50 * MINUTES,
    time_limit=55 * MINUTES,
    ignore_result=True,
)
def work_off_runs() -> None:
    """Execute waiting runs until none is left."""
    runs.work_off()


@shared_task(name="matching.sweep_runs", time_limit=25, ignore_result=True)
def sweep_runs() -> None:
    """Nudge a worker when runs wait: lost messages and killed workers cost 30 seconds, not a run."""
    if runs.waiting_runs():
        runs.nudge()


@shared_task(name="matching.reconcile_documents", time_limit=30 * MINUTES, ignore_result=True)
def reconcile_documents() -> None:
    """Compare the documents with needs and solutions, and mend what differs."""
    maintenance.reconcile(at=timezone.now())


@shared_task(name="matching.tell_overdue_follow_ups", time_limit=300, ignore_result=True)
def tell_overdue_follow_ups() -> None:
    """Tell of follow-ups that are late, each once."""
    follow_ups.tell_overdue(at=clock.now())


@shared_task(name="matching.train_weighting", time_limit=30 * MINUTES, ignore_result=True)
def train_weighting() -> None:
    """Learn from what was decided since; promote what is proven better."""
    weightings.train_weighting(at=timezone.now())


@shared_task(name="matching.find_duplicates", time_limit=30 * MINUTES, ignore_result=True)
def find_duplicates() -> None:
    """Needs and outputs that say nearly the same; only what changed since is looked at."""
    similar.find_duplicates(at=timezone.now())


@shared_task(name="matching.embed_documents", time_limit=30 * MINUTES, ignore_result=True)
def embed_documents() -> None:
    """Fetch missing vectors where an endpoint is set; needs that got one are matched again with it."""
    while batch := embeddings.fetch_missing():
        with transaction.atomic():  # a vector is never stored without the run that uses it
            if needs := list(Need.objects.filter(pk__in=embeddings.store(batch))):
                runs.start_run(trigger=Trigger.NEED_CHANGED, needs=needs, by=None, at=timezone.now())

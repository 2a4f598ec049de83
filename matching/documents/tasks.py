"""Thin tasks: nudges to look at the table of runs. Every one may run twice or not at all."""

import gc
from typing import Any

from celery import shared_task
from celery.signals import worker_process_init
from django.db import transaction
from django.utils import timezone

from matching.documents import embeddings, library, maintenance
from matching.models import Trigger
from matching.runs import actions
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


@shared_task(name="matching.reconcile_documents", time_limit=30 * MINUTES, ignore_result=True)
def reconcile_documents() -> None:
    """Compare the documents with needs and solutions, and mend what differs."""
    maintenance.reconcile(at=timezone.now())


@shared_task(name="matching.embed_documents", time_limit=30 * MINUTES, ignore_result=True)
def embed_documents() -> None:
    """Fetch missing vectors where an endpoint is set; needs that got one are matched again with it."""
    while batch := embeddings.fetch_missing():
        with transaction.atomic():  # a vector is never stored without the run that uses it
            if needs := list(Need.objects.filter(pk__in=embeddings.store(batch))):
                actions.start_run(trigger=Trigger.NEED_CHANGED, needs=needs, by=None, at=timezone.now())

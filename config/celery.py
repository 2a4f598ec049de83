"""The Celery application and the table of what runs by the clock.

Two queues: `matching` for runs that need the index in memory, `default` for everything else.
"""

import os

from celery import Celery
from celery.schedules import crontab

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
# Worker processes share the cores: each computes on one, or their matrix products would wait for one another.
# Read by numpy when it is first imported, which is after this.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

app = Celery("sunhe")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()

# Nightly work has a time of day (Asia/Shanghai): an interval counts from the start of beat, and a server redeployed
# every day would never get there.
app.conf.beat_schedule = {
    # A message lost by the broker is a delay, not a loss: queued and stalled runs are picked up again.
    "sweep-runs": {
        "task": "matching.sweep_runs",
        "schedule": 30.0,
        "options": {"queue": "default", "expires": 25},
    },
    # The index is a function of the document rows; once a night both are compared and mended.
    "reconcile-documents": {
        "task": "matching.reconcile_documents",
        "schedule": crontab(hour=2, minute=10),
        "options": {"queue": "matching", "expires": 3600},
    },
    # Pairs of needs, and of outputs, that say nearly the same: only of what changed since the night before.
    "find-duplicates": {
        "task": "matching.find_duplicates",
        "schedule": crontab(hour=3, minute=10),
        "options": {"queue": "matching", "expires": 3600},
    },
    # Does nothing unless an endpoint of embeddings is set.
    "embed-documents": {
        "task": "matching.embed_documents",
        "schedule": 300.0,
        "options": {"queue": "default", "expires": 240},
    },
    # Once a night: without new decisions it is one look at a count, and what they prove is used from the morning on.
    "train-weighting": {
        "task": "matching.train_weighting",
        "schedule": crontab(hour=4, minute=10),
        "options": {"queue": "default", "expires": 3600},
    },
    # Published needs whose validity has passed are closed with that reason.
    "close-expired-needs": {
        "task": "needs.close_expired_needs",
        "schedule": 3600.0,
        "options": {"queue": "default", "expires": 1800},
    },
    # Files that no row names: uploads whose transaction was undone.
    "sweep-orphans": {
        "task": "needs.sweep_orphans",
        "schedule": crontab(hour=3, minute=40),
        "options": {"queue": "default", "expires": 3600},
    },
    # Notice periods and deadlines that passed: challenges open, bids are unsealed, 流标 is declared.
    "advance-challenges": {
        "task": "challenges.advance_challenges",
        "schedule": 30.0,
        "options": {"queue": "default", "expires": 25},
    },
    # Claims their poser did not refuse in time are accepted.
    "confirm-due-claims": {
        "task": "challenges.confirm_due_claims",
        "schedule": 60.0,
        "options": {"queue": "default", "expires": 55},
    },
    # Answers, milestones and follow-ups that are late: each is told once.
    "tell-overdue": {
        "task": "challenges.tell_overdue",
        "schedule": 3600.0,
        "options": {"queue": "default", "expires": 1800},
    },
    "tell-overdue-follow-ups": {
        "task": "care.tell_overdue_follow_ups",
        "schedule": 3600.0,
        "options": {"queue": "default", "expires": 1800},
    },
}

"""Thin tasks: nudges to look at the table of runs. Every one may run twice or not at all."""

from celery import shared_task

from matching.documents.tasks import MINUTES
from matching.runs import actions, execution


@shared_task(
    name="matching.work_off_runs",
    soft_time_limit=50 * MINUTES,
    time_limit=55 * MINUTES,
    ignore_result=True,
)
def work_off_runs() -> None:
    """Execute waiting runs until none is left."""
    execution.work_off()


@shared_task(name="matching.sweep_runs", time_limit=25, ignore_result=True)
def sweep_runs() -> None:
    """Nudge a worker when runs wait: lost messages and killed workers cost 30 seconds, not a run."""
    if execution.waiting_runs():
        actions.nudge()

"""Starting runs: a row in the table, and a nudge for whoever works it off.

The table is the queue; a Celery message is only a nudge to look at it. What happens to a run from there on stands in
matching/runs/execution.py.
"""

import logging
from collections.abc import Sequence
from datetime import datetime

from celery import current_app
from django.db import transaction
from kombu.exceptions import OperationalError

from accounts.models import User
from accounts.permissions import check_operator
from matching.engine.weights import ENGINE_VERSION
from matching.models import MatchRun, Trigger
from matching.runs.workflow import RunState
from needs.models import Need
from solutions.models import Solution

logger = logging.getLogger(__name__)


@transaction.atomic
def start_run(
    *,
    trigger: Trigger,
    needs: Sequence[Need] = (),
    solutions: Sequence[Solution] = (),
    by: User | None,
    at: datetime,
) -> MatchRun:
    """Write a queued run in the transaction of its cause, where it has one, and nudge a worker after its commit."""
    run = MatchRun.objects.create(trigger=trigger, requested_by=by, created_at=at, engine_version=ENGINE_VERSION)
    run.needs.set(needs)
    run.solutions.set(solutions)
    nudge_after_commit()
    return run


def start_rematch(*, by: User | None, at: datetime) -> MatchRun:
    """Start a run over all open needs, or return the one that waits and has read neither rows nor weights yet."""
    waiting = MatchRun.objects.filter(trigger=Trigger.REMATCH, state=RunState.QUEUED, shares=None).first()
    return waiting or start_run(trigger=Trigger.REMATCH, by=by, at=at)


@transaction.atomic
def rematch_everything(*, by: User, at: datetime) -> MatchRun:
    """The same, asked for by an operator."""
    check_operator(by)
    return start_rematch(by=by, at=at)


@transaction.atomic
def rematch_after_rebuild(*, at: datetime) -> MatchRun:
    """The same from the command line of a machine, where there is no person to ask."""
    return start_rematch(by=None, at=at)


def nudge() -> None:
    """Tell a worker that there is work. A failed send is logged only: the sweep looks every 30 s."""
    try:
        current_app.send_task("matching.work_off_runs", queue="matching")
    except OperationalError:
        logger.warning("The broker did not take a nudge; the sweep will pick the run up.", exc_info=True)


def nudge_after_commit() -> None:
    """Whatever goes wrong with a message after commit is logged; the person who posted never sees it."""
    transaction.on_commit(nudge, robust=True)

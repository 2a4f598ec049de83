"""A matching run from the queue to its notices: claim, execute, finish.

Whoever executes a run holds a PostgreSQL advisory lock on it, which ends with the connection: a killed worker frees its
run at once, a second message for a run in work returns at once, and every step may be done twice. A whole rematch is
cut into shares, runs of their own that every worker can take; the last one to end ends it.
"""

import logging
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from django.db import connection, transaction
from django.db.models import Case, Exists, IntegerField, OuterRef, QuerySet, Value, When
from django.utils import timezone

from lib.transitions import next_state
from matching.documents import library
from matching.documents.builder import (
    matchable_needs,
    matchable_solutions,
    store_needs,
    store_solutions,
)
from matching.engine.weights import ENGINE_VERSION
from matching.learning import actions as weightings
from matching.matches.notices import tell_candidates
from matching.models import MatchRun, Stage, Trigger
from matching.runs import actions
from matching.runs.pairing import Pairing
from matching.runs.progress import Progress
from matching.runs.workflow import RUN_ACTIONS, RunState
from matching.runs.writing import write_matches_of_needs, write_matches_of_solution

logger = logging.getLogger(__name__)

T = TypeVar("T")

BATCH = 50  # needs scored and written together: one transaction, and progress after each
SHARE = 500  # needs of one share of a rematch
MOST_ATTEMPTS = 5
MOST_READINGS = 3  # of one need or output that is edited while it is scored
LOCK_CLASS = 0x53_55_4E  # "SUN": the first key of our advisory locks; the second is the run's pk


class RunTaken(Exception):
    """Somebody else executes this run."""


class WorkerLost(Exception):
    """Every attempt at a run ended with the worker that made it."""


class ShareFailed(Exception):
    """A rematch cannot end well because one of its shares has failed for good."""


class NeverStill(Exception):
    """A need or output was edited each time its result was about to be written."""


def waiting_runs() -> list[MatchRun]:
    """Unfinished runs that can be worked on, what a person waits for first, shares and whole rematches last."""
    last = Case(
        When(trigger=Trigger.SHARE, then=Value(1)),
        When(trigger=Trigger.REMATCH, then=Value(2)),
        default=Value(0),
        output_field=IntegerField(),
    )
    runs = MatchRun.objects.unfinished()
    under_way = Exists(runs.filter(parent=OuterRef("pk")))
    return list(runs.exclude(under_way).order_by(last, "created_at", "pk")[:100])


def work_off() -> int:
    """Execute waiting runs until none is left or free; return how many were executed here."""
    executed = 0
    tried: set[tuple[int, str]] = set()  # with the snapshot: a rematch comes by once more when its shares have ended
    while run := next((run for run in waiting_runs() if (run.pk, run.snapshot) not in tried), None):
        tried.add((run.pk, run.snapshot))
        try:
            execute_run(run)
        except RunTaken:
            continue
        executed += 1
    return executed


def execute_run(run: MatchRun) -> None:
    """Execute one run under its lock. An error is written on the run; it is tried again, five times in all.

    Raises `RunTaken` when another process is at it.
    """
    with _lock(run):
        run.refresh_from_db()
        if run.is_finished:
            return
        if run.attempts >= MOST_ATTEMPTS:  # a run that kills its worker must not kill every worker for ever
            _give_back(run, WorkerLost("every attempt ended with its worker"))
            return
        _begin(run)
        try:
            _Execution(run).execute()
        except Exception as error:
            logger.exception("Run %s failed (attempt %s)", run.code, run.attempts)
            _give_back(run, error)


@dataclass
class _Execution:
    """One attempt at one run; holds what its stages hand on."""

    run: MatchRun

    def execute(self) -> None:
        self.progress = Progress(self.run)
        # A rematch ends with the weights it began with, whatever is promoted or rolled back meanwhile.
        begun_by = self.run.parent or self.run
        self.weights, self.engine = weightings.as_stamped(begun_by.engine_version)
        if self.run.trigger == Trigger.REMATCH and self.run.shares.exists():
            self._sum_up()
            return
        needs, solutions = self._read()
        with self.progress.stage(Stage.RETRIEVING, 15):
            self._take_up_library()
        self.progress.counts["needs"], self.progress.counts["solutions"] = len(needs), len(solutions)
        if self.run.trigger == Trigger.REMATCH and needs:
            self._share_out(needs)
            return
        steps = len(needs) + len(solutions) or 1
        done = 0
        for batch in _batched(needs, BATCH):
            self._match_needs(batch)
            done += len(batch)
            self.progress.advance(20 + 75 * done // steps)
        for key in solutions:
            self._match_solution(key)
            done += 1
            self.progress.advance(20 + 75 * done // steps)
        self._finish()

    def _read(self) -> tuple[list[str], list[str]]:
        """Bring the documents of this run's subjects up to date; return the keys to score, needs and solutions."""
        run = self.run
        with self.progress.stage(Stage.READING, 5):
            needs, solutions = matchable_needs(), matchable_solutions()
            if run.trigger == Trigger.REMATCH:
                # What was edited has a run of its own; here only what has no document at all must not be left out.
                store_solutions(solutions.exclude(document__is_active=True).iterator(chunk_size=500))
                store_needs(needs.exclude(document__is_active=True).iterator(chunk_size=500))
                return _codes(needs), []
            if run.trigger == Trigger.SHARE:
                return _codes(needs.filter(match_runs=run)), []
            needs, solutions = needs.filter(match_runs=run), solutions.filter(match_runs=run)
            store_solutions(solutions.iterator(chunk_size=500))
            store_needs(needs.iterator(chunk_size=500))
            keys = _codes(needs), _codes(solutions)
            # An import of more outputs than there are open needs: the needs' best candidates are found sooner by
            # asking each need once, and they are the same.
            open_needs = _codes(matchable_needs()) if len(keys[1]) > 1 else []
            return (open_needs, []) if len(keys[1]) > len(open_needs) > 0 else keys

    def _take_up_library(self) -> None:
        """A rematch rests on the statistics of the rows as they are; its shares on the same."""
        parent = self.run.parent
        self.library = library.current(
            anew=self.run.trigger == Trigger.REMATCH,
            not_older_than=None if parent is None else (parent.snapshot, parent.started_at),
        )
        self.run.snapshot = self.library.version
        self.pairing = Pairing(self.library, self.weights, self.progress)

    def _share_out(self, needs: list[str]) -> None:
        """Cut a rematch into shares. What is stored by now stays stored: a repetition finds the shares and stops."""
        known = dict(matchable_needs().filter(code__in=needs).values_list("code", "pk"))
        with transaction.atomic():
            run = MatchRun.objects.select_for_update(of=("self",)).get(pk=self.run.pk)
            if run.shares.exists():
                return
            run.snapshot, run.counts, run.timings = self.library.version, self.progress.counts, self.progress.seconds
            run.stage, run.progress, run.engine_version = Stage.SCORING, 20, self.engine
            run.attempts = 0  # what is left is to sum up, and that deserves its own
            run.save(update_fields=["snapshot", "counts", "timings", "stage", "progress", "engine_version", "attempts"])
            for batch in _batched((known[code] for code in needs if code in known), SHARE):
                share = MatchRun.objects.create(
                    trigger=Trigger.SHARE, parent=run, created_at=timezone.now(), engine_version=ENGINE_VERSION
                )
                share.needs.set(batch)
            actions.nudge_after_commit()

    def _sum_up(self) -> None:
        """All shares have ended: the rematch ends with them, and everybody is told once."""
        shares = list(self.run.shares.all())
        failed = next((share for share in shares if share.state == RunState.FAILED), None)
        if failed is not None:
            raise ShareFailed(f"{failed.code}: {failed.error}")
        counts = self.progress.counts = {**self.run.counts, "pairs": 0, "matches": 0}
        timings = self.progress.timings = dict(self.run.timings)
        for share in shares:
            for name in ("pairs", "matches"):
                counts[name] += share.counts[name]
            for name, seconds in share.timings.items():
                timings[name] = timings.get(name, 0.0) + seconds
        self._finish()

    def _match_needs(self, keys: list[str]) -> None:
        """Needs against all outputs; one that is edited meanwhile is read and scored again."""
        for _reading in range(MOST_READINGS):
            scored = self.pairing.score_needs(keys)
            with self.progress.stage(Stage.WRITING):
                written, keys = write_matches_of_needs(scored, run=self.run, at=timezone.now())
            self.progress.counts["matches"] += written
            if not keys:
                return
            store_needs(matchable_needs().filter(code__in=keys))
            self.library.catch_up()  # not refreshed: one run rests on one snapshot's statistics
        raise NeverStill(", ".join(keys))

    def _match_solution(self, key: str) -> None:
        """An output against the open needs, of which only its own pairs change; edited meanwhile, it is read and scored
        again."""
        for _reading in range(MOST_READINGS):
            scored = self.pairing.score_solution(key)
            if scored is None:
                return
            with self.progress.stage(Stage.WRITING):
                written = write_matches_of_solution(scored, run=self.run, at=timezone.now())
            if written is not None:
                self.progress.counts["matches"] += written
                return
            store_solutions(matchable_solutions().filter(code=key))
            self.library.catch_up()  # not refreshed: one run rests on one snapshot's statistics
        raise NeverStill(key)

    def _finish(self) -> None:
        """Tell people and close the run, in one transaction: told once, whatever happens to this process.

        Of a share its rematch tells; the last share wakes it.
        """
        self.progress.advance(98, stage=Stage.WRITING)
        with transaction.atomic():
            at = timezone.now()
            if self.run.parent_id is None:
                self.progress.counts["new"] = tell_candidates(run=self.run, at=at)
            run = MatchRun.objects.select_for_update(of=("self",)).get(pk=self.run.pk)
            run.state = next_state(table=RUN_ACTIONS, action="finish", state=run.state)
            run.stage, run.progress, run.finished_at, run.error = Stage.FINISHED, 100, at, ""
            run.timings = self.progress.seconds
            run.counts, run.engine_version, run.snapshot = self.progress.counts, self.engine, self.run.snapshot
            run.save()
            if run.parent is not None:
                self._report(run.parent, at=at)

    def _report(self, parent: MatchRun, *, at: datetime) -> None:
        ended = parent.shares.filter(state__in=[RunState.DONE, RunState.FAILED]).count()
        share = 20 + 75 * ended // parent.shares.count()
        MatchRun.objects.filter(pk=parent.pk, progress__lt=share).update(progress=share, heartbeat_at=at)
        actions.nudge_after_commit()


def _codes(rows: QuerySet[Any]) -> list[str]:
    return list(rows.order_by("pk").values_list("code", flat=True))


def _batched(items: Iterable[T], size: int) -> Iterator[list[T]]:
    """Lists of `size` items, the last one shorter."""
    rest = list(items)
    for start in range(0, len(rest), size):
        yield rest[start : start + size]


@contextmanager
def _lock(run: MatchRun) -> Iterator[None]:
    """Hold the advisory lock of a run for as long as this connection lives at most."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", [LOCK_CLASS, run.pk])
        if not cursor.fetchone()[0]:
            raise RunTaken(run.code)
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s, %s)", [LOCK_CLASS, run.pk])


def _begin(run: MatchRun) -> None:
    now = timezone.now()
    run.state = next_state(table=RUN_ACTIONS, action="start", state=run.state)
    run.attempts += 1
    run.started_at = run.started_at or now
    run.heartbeat_at = now
    run.save(update_fields=["state", "attempts", "started_at", "heartbeat_at"])


def _give_back(run: MatchRun, error: Exception) -> None:
    """Queue the run again, or fail it for good after the last attempt.

    Not where somebody else has begun it since: a connection that was lost took the lock with it, and this is said on
    another one.
    """
    final = run.attempts >= MOST_ATTEMPTS
    MatchRun.objects.unfinished().filter(pk=run.pk, attempts=run.attempts).update(
        state=next_state(table=RUN_ACTIONS, action="fail" if final else "retry", state=RunState.RUNNING),
        error=f"{type(error).__name__}: {error}"[:2000],
        finished_at=timezone.now() if final else None,
    )

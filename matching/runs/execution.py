"""A matching run from its cause to its notices: start, claim, execute, finish.

The table is the queue; a Celery message is only a nudge to look at it. Whoever executes a run holds a PostgreSQL
advisory lock on it, which ends with the connection: a killed worker frees its run at once, a second message for a run
in work returns at once, and every step may be done twice. A whole rematch is cut into shares, runs of their own that
every worker can take; the last one to end ends it.
"""

import logging
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, TypeVar

from celery import current_app
from django.db import connection, transaction
from django.db.models import Case, Exists, IntegerField, OuterRef, QuerySet, Value, When
from django.utils import timezone
from kombu.exceptions import OperationalError

from accounts.models import User
from lib.transitions import next_state
from matching.documents import embeddings, library
from matching.documents.builder import (
    matchable_needs,
    matchable_solutions,
    store_needs,
    store_solutions,
)
from matching.engine.crossing import pair_crosses, with_place
from matching.engine.documents import basis_of
from matching.engine.faults import pass_point
from matching.engine.index import Near, Statistics, overlap
from matching.engine.prepared import Prepared
from matching.engine.scoring import (
    might_match,
    retrieve,
    score_pair,
)
from matching.engine.weights import ENGINE_VERSION, Weights
from matching.learning import actions as weightings
from matching.matches import notices as telling
from matching.models import Match, MatchRun, Stage, Trigger
from matching.runs.workflow import RUN_ACTIONS, RunState
from matching.runs.writing import (
    KEPT,
    Pair,
    ScoredNeed,
    write_matches_of_needs,
    write_matches_of_solution,
)
from needs.models import Need
from solutions.models import Solution

logger = logging.getLogger(__name__)

T = TypeVar("T")

REVERSE_CANDIDATES = 200  # open needs looked at for one output
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
    # robust: whatever goes wrong with a message after commit is logged; the person who posted never sees it
    transaction.on_commit(nudge, robust=True)
    return run


def start_rematch(*, by: User | None, at: datetime) -> MatchRun:
    """Start a run over all open needs, or return the one that waits and has read neither rows nor weights yet."""
    waiting = MatchRun.objects.filter(trigger=Trigger.REMATCH, state=RunState.QUEUED, shares=None).first()
    return waiting or start_run(trigger=Trigger.REMATCH, by=by, at=at)


def nudge() -> None:
    """Tell a worker that there is work. A failed send is logged only: the sweep looks every 30 s."""
    try:
        current_app.send_task("matching.work_off_runs", queue="matching")
    except OperationalError:
        logger.warning("The broker did not take a nudge; the sweep will pick the run up.", exc_info=True)


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
    timings: dict[str, float] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=lambda: {"needs": 0, "solutions": 0, "pairs": 0, "matches": 0})

    def execute(self) -> None:
        # A rematch ends with the weights it began with, whatever is promoted or rolled back meanwhile.
        begun_by = self.run.parent or self.run
        self.weights, self.engine = weightings.as_stamped(begun_by.engine_version)
        if self.run.trigger == Trigger.REMATCH and self.run.shares.exists():
            self._sum_up()
            return
        needs, solutions = self._read()
        with self._stage(Stage.RETRIEVING, 15):
            self._look_up()
        self.counts["needs"], self.counts["solutions"] = len(needs), len(solutions)
        if self.run.trigger == Trigger.REMATCH and needs:
            self._share_out(needs)
            return
        steps = len(needs) + len(solutions) or 1
        done = 0
        for batch in _batched(needs, BATCH):
            self._match_needs(batch)
            done += len(batch)
            self._advance(20 + 75 * done // steps)
        for key in solutions:
            self._match_solution(key)
            done += 1
            self._advance(20 + 75 * done // steps)
        self._finish()

    def _read(self) -> tuple[list[str], list[str]]:
        """Bring the documents of this run's subjects up to date; return the keys to score, needs and solutions."""
        run = self.run
        with self._stage(Stage.READING, 5):
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

    def _look_up(self) -> None:
        """Take up the library. A rematch rests on the statistics of the rows as they are; its shares on the same."""
        parent = self.run.parent
        self.shelf = library.current(
            anew=self.run.trigger == Trigger.REMATCH,
            not_older_than=None if parent is None else (parent.snapshot, parent.started_at),
        )
        self.run.snapshot = self.shelf.version

    def _share_out(self, needs: list[str]) -> None:
        """Cut a rematch into shares. What is stored by now stays stored: a repetition finds the shares and stops."""
        known = dict(matchable_needs().filter(code__in=needs).values_list("code", "pk"))
        with transaction.atomic():
            run = MatchRun.objects.select_for_update(of=("self",)).get(pk=self.run.pk)
            if run.shares.exists():
                return
            run.snapshot, run.counts, run.timings = self.shelf.version, self.counts, self._seconds()
            run.stage, run.progress, run.engine_version = Stage.SCORING, 20, self.engine
            run.attempts = 0  # what is left is to sum up, and that deserves its own
            run.save(update_fields=["snapshot", "counts", "timings", "stage", "progress", "engine_version", "attempts"])
            for batch in _batched((known[code] for code in needs if code in known), SHARE):
                share = MatchRun.objects.create(
                    trigger=Trigger.SHARE, parent=run, created_at=timezone.now(), engine_version=ENGINE_VERSION
                )
                share.needs.set(batch)
            transaction.on_commit(nudge, robust=True)

    def _sum_up(self) -> None:
        """All shares have ended: the rematch ends with them, and everybody is told once."""
        shares = list(self.run.shares.all())
        failed = next((share for share in shares if share.state == RunState.FAILED), None)
        if failed is not None:
            raise ShareFailed(f"{failed.code}: {failed.error}")
        self.counts = {**self.run.counts, "pairs": 0, "matches": 0}
        self.timings = dict(self.run.timings)
        for share in shares:
            for name in ("pairs", "matches"):
                self.counts[name] += share.counts[name]
            for name, seconds in share.timings.items():
                self.timings[name] = self.timings.get(name, 0.0) + seconds
        self._finish()

    def _match_needs(self, keys: list[str]) -> None:
        """Needs against all outputs; one that is edited meanwhile is read and scored again."""
        for _reading in range(MOST_READINGS):
            keys = self._try_needs(keys)
            if not keys:
                return
            store_needs(matchable_needs().filter(code__in=keys))
            self.shelf.catch_up()  # not refreshed: one run rests on one snapshot's statistics
        raise NeverStill(", ".join(keys))

    def _match_solution(self, key: str) -> None:
        """An output against the open needs; edited meanwhile, it is read and scored again."""
        for _reading in range(MOST_READINGS):
            if self._try_solution(key):
                return
            store_solutions(matchable_solutions().filter(code=key))
            self.shelf.catch_up()  # not refreshed: one run rests on one snapshot's statistics
        raise NeverStill(key)

    def _try_needs(self, keys: list[str]) -> list[str]:
        """What is no longer among the best is no candidate any more. Returns needs scored as they no longer are."""
        needs = self.shelf.prepared(keys)
        publicly = self.shelf.prepared_publicly(keys)
        with self._stage(Stage.RETRIEVING):
            near = {key: retrieve(need, self.shelf.solutions, weights=self.weights) for key, need in needs.items()}
            near_publicly = {
                key: retrieve(need, self.shelf.solutions, weights=self.weights) for key, need in publicly.items()
            }
            wanted = {key for side in (near, near_publicly) for list_ in side.values() for key in list_.keys}
            wider = embeddings.nearest(needs) if embeddings.is_on() else {}
            solutions = self.shelf.prepared(wanted.union(*wider.values()))
            for lists, asked in ((near, needs), (near_publicly, publicly)):
                statistics = self.shelf.solutions.statistics
                embeddings.widen(lists, asked, wider, solutions, statistics=statistics, weights=self.weights)
        with self._stage(Stage.SCORING):
            scored = []
            for key, need in needs.items():
                pass_point("scoring")
                public = publicly.get(key)
                pairs = self._pairs_of_need(need, near[key], public, near_publicly.get(key), solutions)
                self.counts["pairs"] += len(near[key])
                outputs = {code: solutions[code].fingerprint for code in pairs}
                scored.append(ScoredNeed(key, need.fingerprint, public is not None, pairs, outputs))
        with self._stage(Stage.WRITING):
            written, edited = write_matches_of_needs(scored, run=self.run, at=timezone.now())
        self.counts["matches"] += written
        return edited

    def _pairs_of_need(
        self,
        need: Prepared,
        near: Near,
        public: Prepared | None,
        near_publicly: Near | None,
        solutions: dict[str, Prepared],
    ) -> dict[str, Pair]:
        statistics = self.shelf.solutions.statistics
        ranked, holder = with_place(need, near, solutions, statistics, KEPT, weights=self.weights)
        best = dict(ranked)
        if public is None or near_publicly is None:
            return {
                solution: Pair(full=result, public=result, is_crossing=solution == holder)
                for solution, result in best.items()
            }
        ranked, public_holder = with_place(public, near_publicly, solutions, statistics, KEPT, weights=self.weights)
        best_publicly = dict(ranked)
        return {
            solution: Pair(
                full=best.get(solution) or score_pair(need, solutions[solution], statistics, self.weights),
                public=best_publicly.get(solution),
                is_candidate=solution in best,
                basis=basis_of(public.document),
                is_crossing=solution == holder,
                is_publicly_crossing=solution == public_holder,
            )
            for solution in best | best_publicly
        }

    def _try_solution(self, key: str) -> bool:
        """Only the output's own pairs change. False when it was scored as it no longer is."""
        solution = self.shelf.prepared([key]).get(key)
        if solution is None:
            return True
        statistics = self.shelf.solutions.statistics
        with self._stage(Stage.RETRIEVING):
            query = solution.as_solution(statistics, self.weights)
            near, guarded, guarded_publicly = (
                index.nearest(query, REVERSE_CANDIDATES)
                for index in (self.shelf.needs, self.shelf.guarded, self.shelf.guarded_publicly)
            )
            # Needs that list it, too: nearer or not than others, whether they still should is asked of each.
            listing = Match.objects.listed().filter(solution__code=key, need__in=matchable_needs())
            listed = dict(listing.order_by("pk").values_list("need__code", "is_current"))
            needs = self.shelf.prepared({*near.keys, *guarded.keys, *guarded_publicly.keys, *listed})
            public_needs = self.shelf.prepared_publicly({*guarded_publicly.keys, *listed})
            further = [
                replace(overlap(needs[code].as_need(statistics, self.weights), query), key=code)
                for code in listed
                if code in needs and code not in public_needs and code not in near.keys
            ]
        with self._stage(Stage.SCORING):
            pass_point("scoring")
            pairs = {}
            for found in (*near, *further):
                need = needs.get(found.key)
                if need is None or not might_match(need, found, solution, self.weights):
                    continue
                result = score_pair(need, solution, statistics, self.weights)
                if result.grade != "none":
                    is_crossing = pair_crosses(need, solution, statistics, self.weights)
                    pairs[found.key] = Pair(full=result, public=result, is_crossing=is_crossing)
            is_near = {*guarded.keys, *(code for code, is_candidate in listed.items() if is_candidate)}
            listed_guarded = [code for code in listed if code in public_needs]
            for code in dict.fromkeys([*guarded.keys, *guarded_publicly.keys, *listed_guarded]):
                if code not in needs:
                    continue
                pair = _guarded_pair(
                    needs[code],
                    public_needs.get(code),
                    solution,
                    statistics,
                    weights=self.weights,
                    may_be_candidate=code in is_near,
                )
                if pair is not None:
                    pairs[code] = pair
        self.counts["pairs"] += len(needs)
        with self._stage(Stage.WRITING):
            needs_scored = {code: need.fingerprint for code, need in needs.items()}
            written = write_matches_of_solution(
                key, solution.fingerprint, pairs, needs_scored=needs_scored, run=self.run, at=timezone.now()
            )
        self.counts["matches"] += written or 0
        return written is not None

    def _finish(self) -> None:
        """Tell people and close the run, in one transaction: told once, whatever happens to this process.

        Of a share its rematch tells; the last share wakes it.
        """
        self._advance(98, stage=Stage.WRITING)
        with transaction.atomic():
            at = timezone.now()
            if self.run.parent_id is None:
                self.counts["new"] = telling.tell_candidates(run=self.run, at=at)
            run = MatchRun.objects.select_for_update(of=("self",)).get(pk=self.run.pk)
            run.state = next_state(table=RUN_ACTIONS, action="finish", state=run.state)
            run.stage, run.progress, run.finished_at, run.error = Stage.FINISHED, 100, at, ""
            run.timings = self._seconds()
            run.counts, run.engine_version, run.snapshot = self.counts, self.engine, self.run.snapshot
            run.save()
            if run.parent is not None:
                self._report(run.parent, at=at)

    def _report(self, parent: MatchRun, *, at: datetime) -> None:
        ended = parent.shares.filter(state__in=[RunState.DONE, RunState.FAILED]).count()
        share = 20 + 75 * ended // parent.shares.count()
        MatchRun.objects.filter(pk=parent.pk, progress__lt=share).update(progress=share, heartbeat_at=at)
        transaction.on_commit(nudge, robust=True)

    def _seconds(self) -> dict[str, float]:
        return {name: round(seconds, 4) for name, seconds in self.timings.items()}

    @contextmanager
    def _stage(self, stage: Stage, progress: int | None = None) -> Iterator[None]:
        if progress is not None:
            self._advance(progress, stage=stage)
        began = time.perf_counter()
        yield
        self.timings[stage] = self.timings.get(stage, 0.0) + time.perf_counter() - began

    def _advance(self, progress: int, stage: Stage = Stage.SCORING) -> None:
        """Show progress at once: its own small write outside any transaction, only when the number moved."""
        if (progress, stage) == (self.run.progress, self.run.stage):
            return
        self.run.progress, self.run.stage = progress, stage
        MatchRun.objects.filter(pk=self.run.pk).update(progress=progress, stage=stage, heartbeat_at=timezone.now())


def _codes(rows: QuerySet[Any]) -> list[str]:
    return list(rows.order_by("pk").values_list("code", flat=True))


def _guarded_pair(
    need: Prepared,
    public: Prepared | None,
    solution: Prepared,
    statistics: Statistics,
    *,
    weights: Weights,
    may_be_candidate: bool,
) -> Pair | None:
    """A pair of a need that hides something; None when it is no match by either text.

    Neither answer looks at the other: a need is the poser's to have found by what it hides, and the supplier is
    told what the public text alone gives.
    """
    full = score_pair(need, solution, statistics, weights)
    on_public = None if public is None else score_pair(public, solution, statistics, weights)
    if on_public is not None and on_public.grade == "none":
        on_public = None
    is_candidate = may_be_candidate and full.grade != "none"
    if not is_candidate and on_public is None:
        return None
    return Pair(
        full=full,
        public=on_public,
        is_candidate=is_candidate,
        basis="" if public is None else basis_of(public.document),
        is_crossing=is_candidate and pair_crosses(need, solution, statistics, weights),
        is_publicly_crossing=public is not None
        and on_public is not None
        and pair_crosses(public, solution, statistics, weights),
    )


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

"""A matching run from its cause to its notices: start, claim, execute, finish.

The table is the queue; a Celery message is only a nudge to look at it. Whoever executes a run holds a PostgreSQL
advisory lock on it, which ends with the connection: a killed worker frees its run at once, a second message for a run
in work returns at once, and every step may be done twice.
"""

import logging
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from celery import current_app
from django.db import connection, transaction
from django.db.models import Case, DecimalField, F, IntegerField, QuerySet, Value, When
from django.db.models.fields.json import KT
from django.db.models.functions import Cast
from django.utils import timezone
from kombu.exceptions import OperationalError

from accounts.models import User
from accounts.workflow import next_state
from matching import library, telling
from matching.document_builder import (
    document_of_need,
    document_of_solution,
    matchable_needs,
    matchable_solutions,
    public_document_of_need,
    store_needs,
    store_solutions,
)
from matching.documents import Document, basis_of
from matching.index import Statistics
from matching.models import Match, MatchRun, Stage, Trigger
from matching.scoring import Prepared, Scored, rank, retrieve, score_pair
from matching.weights import DEFAULT, ENGINE_VERSION
from matching.workflow import RUN_ACTIONS, ReviewState, RunState
from needs.models import Need
from needs.workflow import MATCHED
from solutions.models import Solution
from solutions.workflow import SolutionState

logger = logging.getLogger(__name__)

KEPT = 20  # candidates kept per need: what a person will look at
REVERSE_CANDIDATES = 200  # open needs looked at for one output
MOST_ATTEMPTS = 5
MOST_READINGS = 3  # of one need or output that is edited while it is scored
LOCK_CLASS = 0x53_55_4E  # "SUN": the first key of our advisory locks; the second is the run's pk


class RunTaken(Exception):
    """Somebody else executes this run."""


class WorkerLost(Exception):
    """Every attempt at a run ended with the worker that made it."""


class NeverStill(Exception):
    """A need or output was edited each time its result was about to be written."""


def start_run(
    *,
    trigger: Trigger,
    needs: Sequence[Need] = (),
    solutions: Sequence[Solution] = (),
    by: User | None,
    at: datetime,
) -> MatchRun:
    """Write a queued run inside the transaction of its cause, and nudge a worker once that is committed."""
    run = MatchRun.objects.create(trigger=trigger, requested_by=by, created_at=at, engine_version=ENGINE_VERSION)
    run.needs.set(needs)
    run.solutions.set(solutions)
    # robust: whatever goes wrong with a message after commit is logged; the person who posted never sees it
    transaction.on_commit(nudge, robust=True)
    return run


def nudge() -> None:
    """Tell a worker that there is work. A failed send is logged only: the sweep looks every 30 s."""
    try:
        current_app.send_task("matching.work_off_runs", queue="matching")
    except OperationalError:
        logger.warning("The broker did not take a nudge; the sweep will pick the run up.", exc_info=True)


def waiting_runs() -> list[MatchRun]:
    """Unfinished runs, what a person waits for first, whole rematches last."""
    last = Case(When(trigger=Trigger.REMATCH, then=Value(1)), default=Value(0), output_field=IntegerField())
    return list(MatchRun.objects.unfinished().order_by(last, "created_at", "pk")[:100])


def work_off() -> int:
    """Execute waiting runs until none is left or free; return how many were executed here."""
    executed = 0
    tried: set[int] = set()
    while run := next((run for run in waiting_runs() if run.pk not in tried), None):
        tried.add(run.pk)
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
        needs, solutions = self._read()
        with self._stage(Stage.RETRIEVING, 15):
            self.shelf = library.current()
        self.counts["needs"], self.counts["solutions"] = len(needs), len(solutions)
        steps = len(needs) + len(solutions) or 1
        for done, key in enumerate(needs):
            self._match_need(key)
            self._advance(20 + 75 * done // steps)
        for done, key in enumerate(solutions, start=len(needs)):
            self._match_solution(key)
            self._advance(20 + 75 * done // steps)
        self._finish()

    def _read(self) -> tuple[list[str], list[str]]:
        """Bring the documents of this run's subjects up to date; return the keys to score, needs and solutions."""
        run = self.run
        with self._stage(Stage.READING, 5):
            needs, solutions = matchable_needs(), matchable_solutions()
            if run.trigger == Trigger.REMATCH:
                store_solutions(solutions.iterator(chunk_size=500))
                store_needs(needs.iterator(chunk_size=500))
                return _codes(needs), []
            needs, solutions = needs.filter(match_runs=run), solutions.filter(match_runs=run)
            store_solutions(solutions.iterator(chunk_size=500))
            store_needs(needs.iterator(chunk_size=500))
            keys = _codes(needs), _codes(solutions)
            # An import of more outputs than there are open needs: the needs' best candidates are found sooner by
            # asking each need once, and they are the same.
            open_needs = _codes(matchable_needs()) if len(keys[1]) > 1 else []
            return (open_needs, []) if len(keys[1]) > len(open_needs) > 0 else keys

    def _match_need(self, key: str) -> None:
        """A need against all outputs; edited meanwhile, it is read and scored again."""
        for _reading in range(MOST_READINGS):
            if self._try_need(key):
                return
            store_needs(matchable_needs().filter(code=key))
            self.shelf = library.current()
        raise NeverStill(key)

    def _match_solution(self, key: str) -> None:
        """An output against the open needs; edited meanwhile, it is read and scored again."""
        for _reading in range(MOST_READINGS):
            if self._try_solution(key):
                return
            store_solutions(matchable_solutions().filter(code=key))
            self.shelf = library.current()
        raise NeverStill(key)

    def _try_need(self, key: str) -> bool:
        """What is no longer among the best is no candidate any more. False when it was scored as it no longer is."""
        need = self.shelf.prepared([key]).get(key)
        if need is None:
            return True
        public = self.shelf.prepared_publicly([key]).get(key)
        with self._stage(Stage.RETRIEVING):
            near = retrieve(need, self.shelf.solutions)
            near_publicly = [] if public is None else retrieve(public, self.shelf.solutions)
            solutions = self.shelf.prepared({candidate for candidate, _similarity in [*near, *near_publicly]})
        with self._stage(Stage.SCORING):
            statistics = self.shelf.solutions.statistics
            best = dict(rank(need, near, solutions, statistics, KEPT))
            if public is None:
                pairs = {solution: Pair(full=result, public=result) for solution, result in best.items()}
            else:
                best_publicly = dict(rank(public, near_publicly, solutions, statistics, KEPT))
                pairs = {
                    solution: Pair(
                        full=best.get(solution) or score_pair(need, solutions[solution], statistics),
                        public=best_publicly.get(solution),
                        is_candidate=solution in best,
                        basis=basis_of(public.document),
                    )
                    for solution in best | best_publicly
                }
        self.counts["pairs"] += len(solutions)
        with self._stage(Stage.WRITING):
            documents = need.document, None if public is None else public.document
            written = write_matches_of_need(documents, pairs, run=self.run, at=timezone.now())
        self.counts["matches"] += written or 0
        return written is not None

    def _try_solution(self, key: str) -> bool:
        """Only the output's own pairs change. False when it was scored as it no longer is."""
        solution = self.shelf.prepared([key]).get(key)
        if solution is None:
            return True
        statistics = self.shelf.solutions.statistics
        with self._stage(Stage.RETRIEVING):
            vector = solution.vector(statistics, DEFAULT)
            near, guarded, guarded_publicly = (
                [need for need, _similarity in index.nearest(vector, REVERSE_CANDIDATES)]
                for index in (self.shelf.needs, self.shelf.guarded, self.shelf.guarded_publicly)
            )
            needs = self.shelf.prepared({*near, *guarded, *guarded_publicly})
            public_needs = self.shelf.prepared_publicly(guarded_publicly)
        with self._stage(Stage.SCORING):
            pairs = {}
            for need in [need for need in near if need in needs]:
                result = score_pair(needs[need], solution, statistics)
                if result.grade != "none":
                    pairs[need] = Pair(full=result, public=result)
            for need in [need for need in dict.fromkeys([*guarded, *guarded_publicly]) if need in needs]:
                pair = _guarded_pair(
                    needs[need], public_needs.get(need), solution, statistics, may_be_candidate=need in guarded
                )
                if pair is not None:
                    pairs[need] = pair
        self.counts["pairs"] += len(needs)
        with self._stage(Stage.WRITING):
            written = write_matches_of_solution(solution.document, pairs, run=self.run, at=timezone.now())
        self.counts["matches"] += written or 0
        return written is not None

    def _finish(self) -> None:
        """Tell people and close the run, in one transaction: told once, whatever happens to this process."""
        self._advance(98, stage=Stage.WRITING)
        with transaction.atomic():
            at = timezone.now()
            self.counts["new"] = telling.tell_candidates(run=self.run, at=at)
            run = MatchRun.objects.select_for_update(of=("self",)).get(pk=self.run.pk)
            run.state = next_state(table=RUN_ACTIONS, action="finish", state=run.state)
            run.stage, run.progress, run.finished_at, run.error = Stage.FINISHED, 100, at, ""
            run.timings = {name: round(seconds, 4) for name, seconds in self.timings.items()}
            run.counts, run.engine_version = self.counts, ENGINE_VERSION
            run.save()

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


# --- what was found --------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Pair:
    """One need and one output as scored: on all of the need, and on what everybody may read of it.

    Where the need hides nothing both are the same result and `basis` is empty; else `basis` says which public text
    was scored (matching.documents.basis_of).
    """

    full: Scored
    public: Scored | None  # None: not found by the public text
    is_candidate: bool = True  # found by the full text
    basis: str = ""


def _guarded_pair(
    need: Prepared, public: Prepared | None, solution: Prepared, statistics: Statistics, *, may_be_candidate: bool
) -> Pair | None:
    """A pair of a need that hides something; None when it is no match by either text.

    Neither answer looks at the other: a need is the poser's to have found by what it hides, and the supplier is
    told what the public text alone gives.
    """
    full = score_pair(need, solution, statistics)
    on_public = None if public is None else score_pair(public, solution, statistics)
    if on_public is not None and on_public.grade == "none":
        on_public = None
    is_candidate = may_be_candidate and full.grade != "none"
    if not is_candidate and on_public is None:
        return None
    basis = "" if public is None else basis_of(public.document)
    return Pair(full=full, public=on_public, is_candidate=is_candidate, basis=basis)


@transaction.atomic
def write_matches_of_need(
    scored: tuple[Document, Document | None], pairs: Mapping[str, Pair], *, run: MatchRun, at: datetime
) -> int | None:
    """Make the candidates of one need what `pairs` says, by code of the output; return how many there are.

    `scored` is the full document and the public one; None when either is not what the need says any more. The
    need's row is locked: runs and edits take turns on it, so an older text never has the last word.
    """
    full, public = scored
    need = matchable_needs().select_for_update(of=("self",)).filter(code=full.key).first()
    if need is None:
        return 0
    if (document_of_need(need), public_document_of_need(need)) != scored:
        return None
    published = dict(
        Solution.objects.filter(code__in=pairs, state=SolutionState.PUBLISHED)
        .exclude(organisation=need.organisation)
        .values_list("code", "pk")
    )
    rows = [
        _match(need_id=need.pk, solution_id=published[solution], pair=pair, run=run, at=at)
        for solution, pair in pairs.items()
        if solution in published
    ]
    _upsert(rows)
    found = [row.solution_id for row in rows if row.is_current]
    _drop(need.matches.exclude(solution__in=found), run=run)
    found_publicly = [row.solution_id for row in rows if row.public_grade]
    gone = need.matches.exclude(solution__in=found_publicly)
    _hide(gone if public is not None else _not_invited(gone))
    return len(found)


@transaction.atomic
def write_matches_of_solution(
    scored: Document, pairs: Mapping[str, Pair], *, run: MatchRun, at: datetime
) -> int | None:
    """Make the pairs of one output what `pairs` says, by code of the need; return how many candidates there are.

    None when `scored` is not what the output says any more. A need keeps its best `KEPT` undecided candidates, and
    of what its public text finds the best `KEPT`.
    """
    # Not the key: writing a match of this output elsewhere must not wait.
    solution = matchable_solutions().select_for_update(of=("self",), no_key=True).filter(code=scored.key).first()
    if solution is None:
        return 0
    if document_of_solution(solution) != scored:
        return None
    needs = {
        need.code: need
        for need in Need.objects.select_for_update(of=("self",))
        .filter(code__in=pairs, state__in=MATCHED)
        .exclude(organisation=solution.organisation_id)
        .order_by("pk")  # every run locks in the same order
    }
    rows = [
        _match(need_id=needs[need].pk, solution_id=solution.pk, pair=pair, run=run, at=at)
        for need, pair in pairs.items()
        if need in needs
    ]
    _upsert(rows)
    open_matches = solution.matches.filter(need__state__in=MATCHED)  # of a closed need nothing is found anew
    found = [row.need_id for row in rows if row.is_current]
    _drop(solution.matches.exclude(need__in=found), run=run)
    found_publicly = [row.need_id for row in rows if row.public_grade]
    _hide(_not_invited(open_matches.exclude(need__in=found_publicly)))
    for need_id in found:
        _keep_best(need_id)
    for need_id in [row.need_id for row in rows if row.public_explanation is not None]:
        _keep_best_publicly(need_id)
    return len(found)


def _match(*, need_id: int, solution_id: int, pair: Pair, run: MatchRun, at: datetime) -> Match:
    public_explanation = None
    if pair.basis and pair.public is not None:
        public_explanation = {**pair.public.to_json(), "basis": pair.basis}
    return Match(
        need_id=need_id,
        solution_id=solution_id,
        run=run,
        score=Decimal(pair.full.score),
        grade=pair.full.grade,
        explanation=pair.full.to_json(),
        is_current=pair.is_candidate,
        public_grade="" if pair.public is None else pair.public.grade,
        public_explanation=public_explanation,
        created_at=at,
        scored_at=at,
    )


def _upsert(rows: Sequence[Match]) -> None:
    """Insert, or update what scoring owns; what people decided about a pair stays.

    Of a pair that is known and now found by the public text alone, what the poser reads stays what it was.
    """
    owned = ["run", "public_grade", "public_explanation"]
    for are_candidates in (True, False):
        Match.objects.bulk_create(
            [row for row in rows if row.is_current == are_candidates],
            update_conflicts=True,
            unique_fields=["need", "solution"],
            update_fields=[*owned, "score", "grade", "explanation", "is_current", "scored_at"]
            if are_candidates
            else owned,
        )


def _drop(matches: QuerySet[Match], *, run: MatchRun) -> None:
    """What is not found any more is no candidate; what an operator confirmed stays: both sides were invited."""
    matches.filter(is_current=True).exclude(review=ReviewState.CONFIRMED).update(is_current=False, run=run)


def _hide(matches: QuerySet[Match]) -> None:
    """What the public text does not find is nothing its supplier hears of, unless an operator invites it."""
    matches.exclude(public_grade="").update(public_grade="", public_explanation=None)


def _not_invited(matches: QuerySet[Match]) -> QuerySet[Match]:
    """Without what an operator confirmed while nothing was hidden: that stays, as `_drop` lets it stay."""
    return matches.exclude(review=ReviewState.CONFIRMED, public_explanation__isnull=True)


def _keep_best(need_id: int) -> None:
    """Beyond the best `KEPT` candidates nobody decided about leave the list: on both sides where nothing is hidden."""
    beyond = Match.objects.filter(need=need_id, is_current=True).best_first().values_list("pk", flat=True)[KEPT:]
    dropped = Match.objects.filter(pk__in=list(beyond), review=ReviewState.UNREVIEWED)
    dropped.update(
        is_current=False,
        public_grade=Case(When(public_explanation__isnull=True, then=Value("")), default=F("public_grade")),
    )


def _keep_best_publicly(need_id: int) -> None:
    """The same for what the public text finds, whatever was decided: decisions follow the full text."""
    listed = Match.objects.filter(need=need_id, public_explanation__isnull=False)
    score = Cast(KT("public_explanation__score"), DecimalField(max_digits=6, decimal_places=2))
    beyond = listed.annotate(public_score=score).order_by("-public_score", "solution__code")
    _hide(Match.objects.filter(pk__in=list(beyond.values_list("pk", flat=True)[KEPT:])))


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
    """Queue the run again, or fail it for good after the last attempt."""
    final = run.attempts >= MOST_ATTEMPTS
    run.state = next_state(table=RUN_ACTIONS, action="fail" if final else "retry", state=RunState.RUNNING)
    run.error = f"{type(error).__name__}: {error}"[:2000]
    run.finished_at = timezone.now() if final else None
    run.save(update_fields=["state", "error", "finished_at"])

"""What a run found, into the table of matches: one transaction that ends with the rows as scoring says, or not at all.

Needs and outputs are locked and compared with what was scored: a text edited meanwhile is scored again, so that the
older never has the last word. What people decided about a pair is never touched here.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

import orjson
from django.db import connection, transaction
from django.db.models import Case, DecimalField, F, Q, QuerySet, Value, When
from django.db.models.fields.json import KT
from django.db.models.functions import Cast

from matching.documents.builder import (
    fingerprint_of_need,
    fingerprint_of_solution,
    matchable_needs,
    matchable_solutions,
)
from matching.engine import crossing
from matching.matches.workflow import BuyerAnswer, ReviewState, SupplierAnswer
from matching.models import Match, MatchRun, StoredDocument, new_match_code
from matching.runs.pairing import KEPT, Pair, ScoredNeed, ScoredSolution
from needs.models import Need
from needs.need.workflow import MATCHED
from solutions.models import Solution
from solutions.solution.workflow import SolutionState


class Row(NamedTuple):
    """What scoring writes of one pair, by column."""

    need_id: int
    solution_id: int
    score: Decimal
    grade: str
    explanation: str
    is_current: bool
    public_grade: str
    public_explanation: str | None
    is_crossing: bool  # of a known pair `_give_place` says it
    is_publicly_crossing: bool


@transaction.atomic
def write_matches_of_needs(scored: Sequence[ScoredNeed], *, run: MatchRun, at: datetime) -> tuple[int, list[str]]:
    """Make the candidates of these needs what their pairs say.

    Returns how many candidates there are, and the codes of needs that are not what was scored any more, or whose
    outputs are not: of those nothing was written. Needs' rows are locked: runs, telling, decisions and edits take turns
    on them, and nobody writes a match whose need it does not hold. An output's own run stores its document before it
    scores and locks the needs before it writes: as long as the document is what was scored here, that run will write
    after this one.
    """
    by_code = {one.key: one for one in scored}
    needs = {
        need.code: need
        for need in matchable_needs()
        .select_for_update(of=("self",), no_key=True)
        .filter(code__in=by_code)
        .order_by("pk")
    }
    solutions = {solution for code in needs for solution in by_code[code].pairs}
    published = {
        code: (pk, organisation, fingerprint)
        for code, pk, organisation, fingerprint in Solution.objects.filter(
            code__in=solutions, state=SolutionState.PUBLISHED
        ).values_list("code", "pk", "organisation_id", "document__fingerprint")
    }
    stored = {code: fingerprint for code, (_pk, _organisation, fingerprint) in published.items()}
    edited = [code for code, need in needs.items() if not _is_as_scored(need, by_code[code], stored)]
    needs = {code: need for code, need in needs.items() if code not in set(edited)}
    rows = [
        _row(need_id=need.pk, solution_id=published[solution][0], pair=pair)
        for code, need in needs.items()
        for solution, pair in by_code[code].pairs.items()
        if solution in published and published[solution][1] != need.organisation_id
    ]
    _upsert(rows, run=run, at=at)
    kept = {(row.need_id, row.solution_id) for row in rows if row.is_current}
    kept_publicly = {(row.need_id, row.solution_id) for row in rows if row.public_grade}
    guarded = {need.pk for code, need in needs.items() if by_code[code].is_guarded}
    listed = Match.objects.listed().filter(need__in=[need.pk for need in needs.values()])
    before = list(listed.values_list("pk", "need_id", "solution_id"))
    _drop(Match.objects.filter(pk__in=[pk for pk, need, solution in before if (need, solution) not in kept]), run=run)
    gone = [(pk, need) for pk, need, solution in before if (need, solution) not in kept_publicly]
    _hide(Match.objects.filter(pk__in=[pk for pk, need in gone if need in guarded]))
    _hide(_not_invited(Match.objects.filter(pk__in=[pk for pk, need in gone if need not in guarded])))
    _give_place_as_scored(Match.objects.filter(need__in=[need.pk for need in needs.values()]), rows)
    return len(kept), edited


def _is_as_scored(need: Need, scored: ScoredNeed, stored: Mapping[str, str | None]) -> bool:
    """Whether the need and its outputs still say what was scored; `stored` has the fingerprints of their documents."""
    return fingerprint_of_need(need) == scored.fingerprint and all(
        stored.get(output) in (None, fingerprint) for output, fingerprint in scored.outputs.items()
    )


@transaction.atomic
def write_matches_of_solution(scored: ScoredSolution, *, run: MatchRun, at: datetime) -> int | None:
    """Make the pairs of one output with the needs it was compared with what was scored; return how many candidates
    there are.

    None when the output or one of these needs is not what was scored any more, or when a need that lists the output
    was not among them. A need keeps its best `KEPT` undecided candidates, and of what its public text finds the best
    `KEPT`.
    """
    # Not the key: writing a match of this output elsewhere must not wait.
    solution = matchable_solutions().select_for_update(of=("self",), no_key=True).filter(code=scored.key).first()
    if solution is None:
        return 0
    if fingerprint_of_solution(solution) != scored.fingerprint:
        return None
    known = solution.matches.filter(need__code__in=scored.needs).values("need")
    needs = {
        need.code: need
        for need in Need.objects.select_for_update(of=("self",), no_key=True)
        .filter(Q(code__in=scored.pairs) | Q(pk__in=known), state__in=MATCHED)
        .exclude(organisation=solution.organisation_id)
        .order_by("pk")  # every run locks in the same order
    }
    stored = StoredDocument.objects.filter(key__in=needs).values_list("key", "fingerprint")
    if any(fingerprint != scored.needs[need] for need, fingerprint in stored):
        return None
    # A need's run that read the output as it was may have listed it while this one scored.
    asking = matchable_needs().filter(document__is_active=True).exclude(organisation=solution.organisation_id)
    if solution.matches.listed().filter(need__in=asking).exclude(need__code__in=scored.needs).exists():
        return None
    rows = [
        _row(need_id=needs[need].pk, solution_id=solution.pk, pair=pair)
        for need, pair in scored.pairs.items()
        if need in needs
    ]
    _upsert(rows, run=run, at=at)
    # Of a closed need nothing is found anew, and of one that was not compared nothing is known.
    compared = solution.matches.filter(need__in=[need.pk for need in needs.values()])
    found = [row.need_id for row in rows if row.is_current]
    _drop(compared.exclude(need__in=found), run=run)
    found_publicly = [row.need_id for row in rows if row.public_grade]
    _hide(_not_invited(compared.exclude(need__in=found_publicly)))
    _give_place_as_scored(compared, rows)
    for need_id in found:
        _keep_best(need_id)
    for need_id in [row.need_id for row in rows if row.public_explanation is not None]:
        _keep_best_publicly(need_id)
    return len(found)


_NUMBERS = orjson.OPT_SERIALIZE_NUMPY  # a value may be numpy's, which `json` takes for the float it is


def _row(*, need_id: int, solution_id: int, pair: Pair) -> Row:
    public_explanation = None
    if pair.basis and pair.public is not None:
        public_explanation = orjson.dumps({**pair.public.to_json(), "basis": pair.basis}, option=_NUMBERS).decode()
    return Row(
        need_id=need_id,
        solution_id=solution_id,
        score=pair.full.score,
        grade=pair.full.grade,
        explanation=orjson.dumps(pair.full.to_json(), option=_NUMBERS).decode(),
        is_current=pair.is_candidate,
        public_grade="" if pair.public is None else pair.public.grade,
        public_explanation=public_explanation,
        is_crossing=pair.is_crossing,
        is_publicly_crossing=pair.is_publicly_crossing,
    )


_DECIDED_BY_PEOPLE = (
    *("told_buyer", "told_supplier", "reject_reason", "buyer_answer", "buyer_reason", "supplier_answer"),
)
_FOUND = ("public_grade", "public_explanation", "is_publicly_crossing")
_FOUND_OF_CANDIDATES = (*_FOUND, "score", "grade", "explanation", "is_current")


def _upsert(rows: Sequence[Row], *, run: MatchRun, at: datetime) -> None:
    """Insert, or update what scoring owns; what people decided about a pair stays.

    Of a pair that is known and now found by the public text alone, what the poser reads stays what it was. A row that
    would say what it says already, of which everybody was told, is left alone: it stays the older run's. Written as one
    statement by hand: a rematch writes hundreds of thousands of rows, and half of its time would go into making model
    instances of them.
    """
    columns = ("code", *Row._fields, "run_id", "created_at", "scored_at", "review", *_DECIDED_BY_PEOPLE)
    constant = ["unreviewed", *[""] * len(_DECIDED_BY_PEOPLE)]
    for are_candidates in (True, False):
        chosen = [row for row in rows if row.is_current == are_candidates]
        if not chosen:
            continue
        found = _FOUND_OF_CANDIDATES if are_candidates else _FOUND
        owned = (*found, "run_id", *(["scored_at"] if are_candidates else []))
        known, new = (", ".join(f"{of}.{name}" for name in found) for of in ("known", "EXCLUDED"))
        values = [(new_match_code(), *row, run.pk, at, at, *constant) for row in chosen]
        with connection.cursor() as cursor:
            cursor.execute(
                f"INSERT INTO {Match._meta.db_table} AS known ({', '.join(columns)}) "  # noqa: S608  # names from this file
                f"VALUES {', '.join(['%s'] * len(values))} ON CONFLICT (need_id, solution_id) DO UPDATE SET "
                + ", ".join(f"{name} = EXCLUDED.{name}" for name in owned)
                + f" WHERE ({known}) IS DISTINCT FROM ({new})"
                " OR known.told_buyer <> known.grade OR known.told_supplier <> known.public_grade",
                values,
            )


def _drop(matches: QuerySet[Match], *, run: MatchRun) -> None:
    """What is not found any more is no candidate; what an operator confirmed stays: both sides were invited."""
    matches.filter(is_current=True).exclude(review=ReviewState.CONFIRMED).update(is_current=False, run=run)


def _hide(matches: QuerySet[Match]) -> None:
    """What the public text does not find is nothing its supplier hears of, unless an operator invites it."""
    matches.exclude(public_grade="").update(public_grade="", public_explanation=None, is_publicly_crossing=False)


def _not_invited(matches: QuerySet[Match]) -> QuerySet[Match]:
    """Without what an operator confirmed while nothing was hidden: that stays, as `_drop` lets it stay."""
    return matches.exclude(review=ReviewState.CONFIRMED, public_explanation__isnull=True)


def _give_place_as_scored(matches: QuerySet[Match], rows: Sequence[Row]) -> None:
    """The same for what a run found: of `matches`, those that hold the place according to its rows."""
    holders = {(row.need_id, row.solution_id) for row in rows if row.is_crossing}
    of_holders = matches.filter(need__in={need for need, _solution in holders})
    known = of_holders.filter(solution__in={solution for _need, solution in holders})
    pairs = known.values_list("pk", "need_id", "solution_id") if holders else ()
    _give_place(matches, to=[pk for pk, need, solution in pairs if (need, solution) in holders])


def _give_place(matches: QuerySet[Match], *, to: Sequence[int]) -> None:
    """Of these, the place for another field is held by those and no other, but for pairs somebody decided about: they
    stay what they were when it was decided, or nobody could say how such candidates are received."""
    undecided = matches.filter(
        review=ReviewState.UNREVIEWED, buyer_answer=BuyerAnswer.NONE, supplier_answer=SupplierAnswer.NONE
    )
    undecided.filter(is_crossing=True).exclude(pk__in=to).update(is_crossing=False)
    undecided.filter(is_crossing=False, pk__in=to).update(is_crossing=True)


def _keep_best(need_id: int) -> None:
    """Beyond the best `KEPT` candidates nobody decided about leave the list: on both sides where nothing is hidden.

    Of those that have the place for another field or could have it, the best gets it.
    """
    current = Match.objects.filter(need=need_id, is_current=True)
    ranked = dict(current.best_first().values_list("pk", "is_crossing"))
    could = {pk for pk, is_crossing in ranked.items() if is_crossing}
    kept, holder = crossing.reserve(list(ranked), could, KEPT)
    if could - {holder}:
        _give_place(current, to=[] if holder is None else [holder])
    dropped = Match.objects.filter(pk__in=ranked.keys() - set(kept), review=ReviewState.UNREVIEWED)
    dropped.update(
        is_current=False,
        public_grade=Case(When(public_explanation__isnull=True, then=Value("")), default=F("public_grade")),
    )


def _keep_best_publicly(need_id: int) -> None:
    """The same for what the public text finds, whatever was decided: decisions follow the full text."""
    listed = Match.objects.filter(need=need_id, public_explanation__isnull=False)
    score = Cast(KT("public_explanation__score"), DecimalField(max_digits=6, decimal_places=2))
    by_score = listed.annotate(public_score=score).order_by("-public_score", "solution__code")
    ranked = dict(by_score.values_list("pk", "is_publicly_crossing"))
    could = {pk for pk, is_crossing in ranked.items() if is_crossing}
    kept, holder = crossing.reserve(list(ranked), could, KEPT)
    Match.objects.filter(pk__in=could - {holder}).update(is_publicly_crossing=False)
    _hide(Match.objects.filter(pk__in=ranked.keys() - set(kept)))

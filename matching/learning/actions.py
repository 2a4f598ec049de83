"""Weights learnt from decisions: trained, tested, promoted only when better, rolled back by operators.

The arithmetic is in `matching/engine/learning/`; what is kept here is which version is in use, and why.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import asdict
from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.utils.translation import gettext as _

from accounts import audit
from accounts.models import User
from accounts.permissions import check_operator
from matching.engine.learning.lessons import Lesson
from matching.engine.learning.training import Asked, Decision, Example, Verdict, decide
from matching.engine.weights import (
    DEFAULT,
    ENGINE_VERSION,
    Weights,
)
from matching.learning.workflow import WeightingState
from matching.models import Judgement, JudgementKind, Weighting
from matching.signals import weighting_changed

DEFAULT_LABEL = "default"
LOCK = (0x53_55_4E, 0)  # beside the locks of runs (matching.runs.execution.LOCK_CLASS), none of which has the key 0


class ReasonMissing(Exception):
    """A roll-back needs its reason in words; the message may be shown."""


def active() -> tuple[Weights, str]:
    """The weights to score with and their label for the run: those promoted last, or those the platform comes with.

    A version learnt on another engine's parts is not used: its points would weigh something else.
    """
    row = Weighting.objects.active().first()
    return (DEFAULT, DEFAULT_LABEL) if row is None else (row.weights, row.label)


def stamp(label: str) -> str:
    """What is written on a run: the engine and its weights."""
    return f"{ENGINE_VERSION} {label}"


def as_stamped(engine: str) -> tuple[Weights, str]:
    """The weights a run was begun with and their stamp; those in use now where it carries none of this engine."""
    version, _space, label = engine.partition(" ")
    if version == ENGINE_VERSION and label == DEFAULT_LABEL:
        return DEFAULT, engine
    if version == ENGINE_VERSION and label:
        return Weighting.objects.get(number=int(label.removeprefix("W-"))).weights, engine
    weights, label = active()
    return weights, stamp(label)


@transaction.atomic
def train_weighting(*, at: datetime) -> Weighting:
    """Learn from every decision so far and promote the result if it proves better; return the row that says so.

    May run twice and at once: trainings take turns, and one on the same decisions is the one there is.
    """
    _take_turns()
    judgements = Judgement.objects.of_this_engine().count()
    known = Weighting.objects.filter(engine=ENGINE_VERSION, judgements=judgements).first()
    if known is not None:
        return known
    current = Weighting.objects.active().first()
    decision = decide(
        examples(),
        weights=DEFAULT if current is None else current.weights,
        asked=_asked(),
        seed=judgements,
    )
    weighting = Weighting.objects.create(
        number=(Weighting.objects.order_by("-number").values_list("number", flat=True).first() or 0) + 1,
        verdict=decision.verdict.value,
        engine=ENGINE_VERSION,
        points=dict(decision.weights.points),
        zero_score=decision.weights.zero_score,
        full_score=decision.weights.full_score,
        trained_at=at,
        judgements=judgements,
        examples=decision.examples,
        needs=decision.needs,
        level=decision.level,
        figures=_figures(decision),
        replaces=current,
    )
    if decision.verdict == Verdict.PROMOTED:
        _promote(weighting, at=at)
    else:
        audit.step(weighting, "reject", by=None, at=at)
    return weighting


@transaction.atomic
def roll_back(*, weighting: Weighting, reason: str, by: User, at: datetime) -> Weighting | None:
    """An operator takes the version in use out of use; return the one that comes back, None for the default."""
    check_operator(by)
    reason = reason.strip()
    if not reason:
        raise ReasonMissing(_("请写明回退的原因。"))
    _take_turns()
    weighting = Weighting.objects.select_related("replaces").get(pk=weighting.pk)
    weighting.rolled_back_at, weighting.rolled_back_by, weighting.rolled_back_reason = at, by, reason
    changed = ["rolled_back_at", "rolled_back_by", "rolled_back_reason"]
    audit.step(weighting, "roll_back", by=by, at=at, reason=reason, changed=changed)
    before = weighting.replaces
    if before is not None and before.engine == ENGINE_VERSION:
        audit.step(before, "restore", by=by, at=at)
    else:
        before = None
    weighting_changed.send(sender=Weighting, by=by, at=at)
    return before


def examples() -> list[Example]:
    """One example per judged pair: of what was said of it, the weightiest word, and of equals the last."""
    rows = (
        Judgement.objects.of_this_engine()
        .select_related("need")
        .only("event", "kind", "reason", "features", "at", "solution_id", "need__code", "need__organisation_id")
        .order_by("at", "pk")
    )
    return list(_standing(rows.iterator(chunk_size=2000)).values())


def _standing(rows: Iterable[Judgement]) -> dict[tuple[int, int], Example]:
    heard: defaultdict[tuple[int, int], list[tuple[Judgement, Lesson]]] = defaultdict(list)
    for row in rows:
        words = heard[row.need_id, row.solution_id]
        if row.kind == JudgementKind.TAKEN_BACK:
            words[:] = [(said, taught) for said, taught in words if not _takes_back(row, said)]
        elif row.lesson.grade is not None:
            words.append((row, row.lesson))
    standing = {}
    for pair, words in heard.items():
        if words:
            row, taught = max(reversed(words), key=lambda one: one[1].trust)
            assert row.features is not None, "rows of this engine are of pairs it had found"
            poser = str(row.need.organisation_id)
            standing[pair] = Example(row.need.code, moment=row.at, features=row.features, lesson=taught, poser=poser)
    return standing


def _takes_back(later: Judgement, earlier: Judgement) -> bool:
    return later.source == earlier.source and earlier.kind in (JudgementKind.AWARD, JudgementKind.DECLINE)


def _asked() -> Asked:
    """What this engine's earlier trainings were tested on; a roll-back does not make them untested."""
    tests = list(Weighting.objects.tested().order_by("-number").values_list("trained_at", "needs"))
    return Asked(times=len(tests), until=tests[0][0], needs=tests[0][1]) if tests else Asked()


def _promote(weighting: Weighting, *, at: datetime) -> None:
    """Out with what is in use, which may be another engine's, in with this one."""
    for old in Weighting.objects.filter(state=WeightingState.ACTIVE):
        audit.step(old, "retire", by=None, at=at)
    weighting.promoted_at = at
    audit.step(weighting, "promote", by=None, at=at, changed=["promoted_at"], signal=weighting_changed)


def _figures(decision: Decision) -> dict[str, Any]:
    gains = {"by_need": decision.by_need, "by_time": decision.by_time}
    return {name: asdict(gain) for name, gain in gains.items() if gain is not None}


def _take_turns() -> None:
    """Until this transaction ends no other training, promotion or roll-back begins."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", LOCK)

"""Training, promotion and roll-back: once per evidence, one version in use, and every list follows."""

from collections.abc import Iterator
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.audit import AuditEvent
from accounts.models import User
from accounts.permissions import Denied
from lib.refusals import WrongState
from lib.transitions import next_state
from matching.engine.learning.training import MIN_VOICES, decide
from matching.engine.parts.table import PARTS
from matching.engine.weights import DEFAULT, ENGINE_VERSION
from matching.learning import actions as weightings
from matching.learning import tasks
from matching.learning.workflow import WEIGHTING_ACTIONS, WeightingState
from matching.models import Judgement, MatchRun, Weighting
from matching.runs import actions
from matching.runs import execution as runs
from needs.models import Need
from tests.factories.accounts import OrganisationFactory
from tests.factories.matching import JudgementFactory, WeightingFactory
from tests.factories.needs import NeedFactory
from tests.factories.solutions import OutputFactory
from tests.matching.engine.simulated import (
    START,
    Judge,
    by_lot,
    decisions,
    looking_at,
)
from tests.matching.engine.test_learning_rounds import NEEDS, OTHERWISE

pytestmark = pytest.mark.django_db

SAID = {
    (2, 0.6): ("confirmed", ""),
    (3, 0.9): ("award", ""),
    (0, 0.6, "title"): ("rejected", "off_topic"),
    (0, 0.6, "indicators"): ("rejected", "indicators_not_met"),
    (1, 0.6, "maturity"): ("rejected", "too_early"),
    (1, 0.6, "budget"): ("rejected", "price"),
    (1, 0.6, "region"): ("rejected", "region"),
}


@pytest.fixture(autouse=True)
def no_broker(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(actions, "nudge", lambda: None)


def told(judge: Judge, *, needs: int = NEEDS, seed: int = 0, posers: int = MIN_VOICES) -> datetime:
    """What simulated operators decided about needs of so many organisations, as rows; a moment after all of it."""
    organisations, author = OrganisationFactory.create_batch(posers), NeedFactory().created_by
    examples = decisions(judge, seed=seed, needs=needs)
    found = {
        name: Need(organisation=organisations[number % posers], created_by=author, title=name)
        for number, name in enumerate(_names(examples))
    }
    Need.objects.bulk_create(found.values())
    outputs = [OutputFactory(published=True) for _ in range(6)]
    rows, counted = [], dict.fromkeys(found, 0)
    for number, example in enumerate(example for example in examples if example.lesson.grade is not None):
        kind, reason = _said(example)
        rows.append(
            JudgementFactory.build(
                need=found[example.need],
                solution=outputs[counted[example.need]],
                event=f"{seed}:{number}",
                kind=kind,
                reason=reason,
                features=example.features,
                at=example.moment,
            )
        )
        counted[example.need] += 1
    Judgement.objects.bulk_create(rows)
    return max(row.at for row in rows) + timedelta(days=1)


def _names(examples: Any) -> Iterator[str]:
    yield from dict.fromkeys(example.need for example in examples)


def _said(example: Any) -> tuple[str, str]:
    taught = example.lesson
    everything = len(taught.teaches) == len(PARTS)
    first = next(part for part in PARTS if part in taught.teaches)
    return SAID[(taught.grade, taught.trust) if everything else (taught.grade, taught.trust, first)]


def promoted(seed: int = 0) -> Weighting:
    weighting = weightings.train_weighting(at=told(looking_at(OTHERWISE), seed=seed))
    assert weighting.state == "active"
    return weighting


# --- training --------------------------------------------------------------------------------------------------


def test_without_decisions_the_row_says_that_there_are_too_few() -> None:
    row = weightings.train_weighting(at=timezone.now())
    assert (row.state, row.verdict, row.examples, row.needs, row.figures) == ("rejected", "too_few", 0, 0, {})
    assert weightings.active() == (DEFAULT, "default")


@pytest.mark.slow
def test_what_is_proven_better_is_used_and_every_list_follows() -> None:
    row = promoted()
    weights, label = weightings.active()
    assert (label, weights) == (row.label, row.weights)
    assert weights.points["indicators"] > DEFAULT.points["indicators"]
    assert row.figures["by_need"]["low"] > 0
    assert row.figures["by_time"]["low"] > 0
    assert (row.promoted_at, row.replaces) == (row.trained_at, None)
    run = MatchRun.objects.get()
    assert (run.trigger, run.state, run.requested_by) == ("rematch", "queued", None)
    event = AuditEvent.objects.get(object_code=row.label)
    assert (event.action, event.from_state, event.to_state, event.by) == (
        "weighting.promote",
        "candidate",
        "active",
        None,
    )


@pytest.mark.slow
def test_the_row_says_what_the_arithmetic_says() -> None:
    row = promoted()
    said = decide(weightings.examples(), weights=DEFAULT, seed=row.judgements)
    assert row.weights == said.weights
    assert said.by_need is not None
    assert row.figures["by_need"] == asdict(said.by_need)


@pytest.mark.slow
def test_feedback_drawn_by_lot_changes_nothing_and_says_so() -> None:
    row = weightings.train_weighting(at=told(by_lot))
    assert (row.state, row.verdict) == ("rejected", "not_better")
    assert weightings.active() == (DEFAULT, "default")
    assert not MatchRun.objects.exists()


@pytest.mark.slow
def test_on_the_same_decisions_nothing_is_trained_twice() -> None:
    row = promoted()
    assert weightings.train_weighting(at=row.trained_at + timedelta(days=1)) == row
    tasks.train_weighting()
    assert Weighting.objects.count() == 1
    assert MatchRun.objects.count() == 1


@pytest.mark.slow
def test_what_too_few_organisations_say_is_not_tested() -> None:
    row = weightings.train_weighting(at=told(looking_at(OTHERWISE), posers=MIN_VOICES - 1))
    assert (row.verdict, row.state) == ("too_few", "rejected")


@pytest.mark.slow
def test_a_few_more_decisions_are_noted_and_tested_another_time() -> None:
    row = promoted()
    JudgementFactory()
    later = weightings.train_weighting(at=row.trained_at + timedelta(days=1))
    assert (later.verdict, later.state, later.number) == ("too_little_new", "rejected", row.number + 1)
    assert later.replaces == row
    assert weightings.active()[1] == row.label


@pytest.mark.slow
def test_a_better_version_retires_the_one_before() -> None:
    old = WeightingFactory(active=True, points=dict(DEFAULT.points), trained_at=START + timedelta(days=60), needs=60)
    row = promoted()
    old.refresh_from_db()
    assert (old.state, row.replaces) == ("retired", old)
    assert weightings.active()[1] == row.label


def test_the_weights_in_use_cost_one_query(django_assert_num_queries: Any) -> None:
    WeightingFactory(active=True)
    with django_assert_num_queries(1):
        weights, label = weightings.active()
    assert (weights.points["indicators"], weights.zero_score, weights.full_score) == (12.5, 1.0, 78.0)
    assert label.startswith("W-")


def test_weights_learnt_on_another_engine_are_not_used() -> None:
    WeightingFactory(active=True, engine="0")
    assert weightings.active() == (DEFAULT, "default")


def test_the_database_keeps_one_version_in_use_and_one_training_per_evidence() -> None:
    row = WeightingFactory(active=True)
    with pytest.raises(IntegrityError), transaction.atomic():
        WeightingFactory(active=True)
    with pytest.raises(IntegrityError), transaction.atomic():
        WeightingFactory(judgements=row.judgements)


# --- roll-back -------------------------------------------------------------------------------------------------


def test_an_operator_rolls_back_to_what_was_in_use_before(operator: User) -> None:
    before = WeightingFactory(retired=True)
    row = WeightingFactory(active=True, replaces=before)
    at = timezone.now()
    assert weightings.roll_back(weighting=row, reason=" 排序变差 ", by=operator, at=at) == before
    row.refresh_from_db()
    assert (row.state, row.rolled_back_at, row.rolled_back_by, row.rolled_back_reason) == (
        "retired",
        at,
        operator,
        "排序变差",
    )
    assert weightings.active()[1] == before.label
    assert MatchRun.objects.get().requested_by == operator
    actions = AuditEvent.objects.order_by("pk").values_list("action", "object_code", "by", "reason")
    assert list(actions) == [
        ("weighting.roll_back", row.label, operator.pk, "排序变差"),
        ("weighting.restore", before.label, operator.pk, ""),
    ]


@pytest.mark.parametrize("engine", [None, "0"])
def test_where_nothing_usable_was_before_the_default_comes_back(operator: User, engine: str | None) -> None:
    before = engine and WeightingFactory(retired=True, engine=engine)
    row = WeightingFactory(active=True, replaces=before)
    assert weightings.roll_back(weighting=row, reason="排序变差", by=operator, at=timezone.now()) is None
    assert weightings.active() == (DEFAULT, "default")


@pytest.mark.slow
def test_what_was_rolled_back_does_not_come_again_on_the_same_evidence(operator: User) -> None:
    row = promoted()
    weightings.roll_back(weighting=row, reason="排序变差", by=operator, at=row.trained_at)
    assert weightings.train_weighting(at=row.trained_at + timedelta(days=1)) == row
    JudgementFactory()
    assert weightings.train_weighting(at=row.trained_at + timedelta(days=2)).verdict == "too_little_new"
    assert weightings.active() == (DEFAULT, "default")


def test_a_rematch_that_waits_already_is_enough(operator: User) -> None:
    before = WeightingFactory(retired=True)
    row = WeightingFactory(active=True, replaces=before)
    weightings.roll_back(weighting=row, reason="排序变差", by=operator, at=timezone.now())
    weightings.roll_back(weighting=before, reason="也变差", by=operator, at=timezone.now())
    assert MatchRun.objects.count() == 1


def test_a_rematch_that_has_begun_with_the_weights_of_before_is_not_enough(operator: User) -> None:
    """It ends with what it began with and says so; another one follows."""
    row = WeightingFactory(active=True)
    NeedFactory(published=True)
    rematch = actions.rematch_everything(by=operator, at=timezone.now())
    runs.execute_run(rematch)
    MatchRun.objects.filter(pk=rematch.pk).update(state="queued")  # as after a failure to sum up
    weightings.roll_back(weighting=row, reason="排序变差", by=operator, at=timezone.now())
    assert MatchRun.objects.filter(trigger="rematch").count() == 2
    runs.work_off()
    stamps = MatchRun.objects.filter(state="done").order_by("pk").values_list("trigger", "engine_version")
    old, new = f"{ENGINE_VERSION} {row.label}", f"{ENGINE_VERSION} default"
    assert sorted(stamps) == sorted([("rematch", old), ("share", old), ("rematch", new), ("share", new)])


@pytest.mark.parametrize("person", ["buyer", "supplier", "outsider"])
def test_only_operators_roll_back(person: str, request: pytest.FixtureRequest) -> None:
    row = WeightingFactory(active=True)
    with pytest.raises(Denied):
        weightings.roll_back(weighting=row, reason="排序变差", by=request.getfixturevalue(person), at=timezone.now())
    assert weightings.active()[1] == row.label


@pytest.mark.parametrize("reason", ["", "  "])
def test_a_roll_back_needs_its_reason(operator: User, reason: str) -> None:
    row = WeightingFactory(active=True)
    with pytest.raises(weightings.ReasonMissing):
        weightings.roll_back(weighting=row, reason=reason, by=operator, at=timezone.now())


@pytest.mark.parametrize("trait", [{}, {"retired": True}, {"rolled_back": True}])
def test_what_is_not_in_use_cannot_be_rolled_back(operator: User, trait: dict[str, bool]) -> None:
    with pytest.raises(WrongState):
        weightings.roll_back(weighting=WeightingFactory(**trait), reason="排序变差", by=operator, at=timezone.now())


# --- the table -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("action", WEIGHTING_ACTIONS)
@pytest.mark.parametrize("state", WeightingState.values)
def test_an_action_is_refused_from_every_other_state(action: str, state: str) -> None:
    step = WEIGHTING_ACTIONS[action]
    if state in step.sources:
        assert next_state(table=WEIGHTING_ACTIONS, action=action, state=state) == step.target
    else:
        with pytest.raises(WrongState):
            next_state(table=WEIGHTING_ACTIONS, action=action, state=state)


def test_every_state_is_reached() -> None:
    reached = {"candidate"} | {step.target for step in WEIGHTING_ACTIONS.values()}
    assert reached == set(WeightingState.values)

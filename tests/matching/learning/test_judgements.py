"""Every decision is kept with what the engine saw, once, and never rewritten."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone
from psycopg2.errors import CheckViolation

from accounts.models import Organisation, User
from matching.engine.parts.table import PARTS
from matching.learning import actions as weightings
from matching.learning import feedback, judgements
from matching.matches.actions import (
    answer_as_buyer,
    answer_as_supplier,
    confirm_match,
    reject_match,
)
from matching.models import FeedbackKind, Judgement, Match
from matching.signals import match_reviewed
from tests.factories.contracts import ContractFactory
from tests.factories.matching import JudgementFactory, MatchFactory, valued
from tests.factories.needs import NeedFactory
from tests.factories.solutions import OutputFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def match(enterprise: Organisation, university: Organisation) -> Match:
    need = NeedFactory(published=True, organisation=enterprise)
    return valued(
        MatchFactory(need=need, solution=OutputFactory(published=True, organisation=university)),
        title=0.4,
        indicators=-0.5,
    )


def now() -> Any:
    return timezone.now()


def kept() -> list[tuple[str, str]]:
    return list(Judgement.objects.order_by("pk").values_list("kind", "reason"))


def test_a_review_is_kept_with_its_reason_and_the_values_of_that_moment(match: Match, operator: User) -> None:
    reject_match(match=match, reason="indicators_not_met", by=operator, at=now())
    row = Judgement.objects.get()
    assert (row.kind, row.reason, row.need, row.solution) == (
        "rejected",
        "indicators_not_met",
        match.need,
        match.solution,
    )
    assert row.features == dict.fromkeys(PARTS, 0.0) | {"title": 0.4, "indicators": -0.5}


def test_what_is_scored_later_does_not_change_what_was_seen(match: Match, operator: User) -> None:
    reject_match(match=match, reason="price", by=operator, at=now())
    match.refresh_from_db()
    valued(match, title=0.9)
    assert Judgement.objects.get().features["title"] == 0.4


def test_answers_of_both_sides_are_kept_and_a_change_of_mind_is_a_row_of_its_own(
    match: Match, operator: User, buyer: User, supplier: User
) -> None:
    confirm_match(match=match, by=operator, at=now())
    answer_as_buyer(match=match, answer="not_suitable", reason="price", by=buyer, at=now())
    answer_as_buyer(match=match, answer="interested", by=buyer, at=now())
    answer_as_supplier(match=match, answer="not_now", by=supplier, at=now())
    answer_as_supplier(match=match, answer="interested", by=supplier, at=now())
    assert kept() == [
        ("confirmed", ""),
        ("not_suitable", "price"),
        ("interested", ""),
        ("not_now", ""),
        ("offered", ""),
    ]


def test_a_signal_sent_twice_is_one_decision(match: Match, operator: User) -> None:
    at = now()
    confirmed = confirm_match(match=match, by=operator, at=at)
    match_reviewed.send(sender=Match, match=confirmed, by=operator, at=at)
    assert kept() == [("confirmed", "")]


def test_a_contract_is_kept_once_also_when_it_is_heard_of_again(match: Match) -> None:
    contract = ContractFactory(need=match.need, solution=match.solution)
    for later in (0, 1):
        feedback.note_contract(contract=contract, kind=FeedbackKind.SIGNED, at=now() + timedelta(hours=later))
    assert kept() == [("signed", "")]
    assert Judgement.objects.get().features["title"] == 0.4


def test_a_pair_the_engine_never_found_is_kept_but_teaches_nothing() -> None:
    output = OutputFactory(published=True)
    contract = ContractFactory(solution=output)
    feedback.note_contract(contract=contract, kind=FeedbackKind.SOLVED, at=now())
    row = Judgement.objects.get()
    assert (row.features, row.engine) == (None, "")
    assert weightings.examples() == []
    assert judgements.counts() == {("solved", ""): 1}


def test_values_of_another_engine_teach_nothing_about_this_one() -> None:
    JudgementFactory(engine="0")
    assert weightings.examples() == []


def test_the_database_refuses_to_rewrite_a_decision() -> None:
    row = JudgementFactory()
    with pytest.raises(IntegrityError, match="never rewritten") as refused, transaction.atomic():
        Judgement.objects.filter(pk=row.pk).update(reason="price")
    assert isinstance(refused.value.__cause__, CheckViolation)
    assert refused.value.__cause__.diag.constraint_name == "judgement_stays"
    row.kind = "rejected"
    with pytest.raises(IntegrityError), transaction.atomic():
        row.save()


# --- whose word stands -----------------------------------------------------------------------------------------------


def said(*decisions: tuple[str, str]) -> int | None:
    """The grade that stands after these decisions on one pair, in this order; all are still there."""
    need, solution = NeedFactory(published=True), OutputFactory(published=True)
    for number, (kind, reason) in enumerate(decisions):
        at = now() + timedelta(minutes=number)
        JudgementFactory(need=need, solution=solution, kind=kind, reason=reason, at=at)
    assert Judgement.objects.count() == len(decisions)
    standing = weightings.examples()
    return standing[0].lesson.grade if standing else None


@pytest.mark.parametrize(
    ("decisions", "grade"),
    [
        ([("rejected", "off_topic"), ("confirmed", "")], 2),  # of one voice the last word
        ([("not_suitable", "price"), ("interested", "")], 2),
        ([("not_suitable", "off_topic"), ("confirmed", "")], 0),  # the poser knows better than the operator
        ([("interested", ""), ("bid", ""), ("award", ""), ("signed", "")], 3),
        ([("signed", ""), ("not_suitable", "off_topic")], 3),  # money has spoken
        ([("bid", ""), ("decline", "team")], 2),  # the team says nothing of the output
        ([("interested", ""), ("not_suitable", "rights_unclear")], 2),
        ([("rejected", "other")], None),
    ],
)
def test_of_several_decisions_on_a_pair_one_stands(decisions: list[tuple[str, str]], grade: int | None) -> None:
    assert said(*decisions) == grade

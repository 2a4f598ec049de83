"""Who may see a match: a table of states, sides and answers."""

import pytest
from django.utils import timezone

from accounts.models import Organisation, User
from matching.models import Match, MatchRun, Trigger
from needs.models import Need
from solutions.models import Solution
from tests.factories.needs import NeedFactory
from tests.factories.solutions import OutputFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def match(enterprise: Organisation, university: Organisation) -> Match:
    return Match.objects.create(
        need=NeedFactory(published=True, organisation=enterprise),
        solution=OutputFactory(published=True, organisation=university),
        run=MatchRun.objects.create(trigger=Trigger.REMATCH),
        score=50,
        grade="high",
        public_grade="high",
        explanation={},
    )


def seen_by(user: User) -> bool:
    return Match.objects.visible_to(user).exists()


@pytest.mark.parametrize(
    ("need", "solution", "buyer_sees", "supplier_sees"),
    [
        ("published", "published", True, True),
        ("submitted", "published", True, False),
        ("returned", "published", True, False),
        ("withdrawn", "published", True, False),
        ("published", "withdrawn", False, True),
        ("published", "returned", False, True),
    ],
)
def test_each_side_sees_a_match_while_the_other_side_is_public(
    match: Match, buyer: User, supplier: User, need: str, solution: str, buyer_sees: bool, supplier_sees: bool
) -> None:
    withdrawn_at = timezone.now() if need == "withdrawn" else None
    Need.objects.update(state=need, return_reason="请补充", withdrawn_at=withdrawn_at)
    Solution.objects.update(state=solution, return_reason="请补充")
    assert (seen_by(buyer), seen_by(supplier)) == (buyer_sees, supplier_sees)


def test_who_is_in_contact_keeps_the_match_when_the_other_side_withdraws(
    match: Match, buyer: User, supplier: User, operator: User
) -> None:
    now = timezone.now()
    Match.objects.update(
        review="confirmed",
        reviewed_at=now,
        reviewed_by=operator,
        confirmed_at=now,
        buyer_answer="interested",
        buyer_answered_at=now,
        buyer_answered_by=buyer,
        supplier_answer="interested",
        supplier_answered_at=now,
        supplier_answered_by=supplier,
        contacted_at=now,
    )
    Need.objects.update(state="withdrawn", withdrawn_at=now)
    Solution.objects.update(state="withdrawn")
    assert seen_by(buyer)
    assert seen_by(supplier)


def test_a_rejected_match_shows_to_operators_only(match: Match, buyer: User, supplier: User, operator: User) -> None:
    Match.objects.update(review="rejected", reject_reason="off_topic", reviewed_at=timezone.now(), reviewed_by=operator)
    assert not seen_by(buyer)
    assert not seen_by(supplier)
    assert seen_by(operator)


def test_an_outsider_sees_no_match(match: Match, outsider: User) -> None:
    assert not seen_by(outsider)

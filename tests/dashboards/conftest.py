"""Matches as scoring writes them, for pages that only show them."""

from collections.abc import Callable
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import User
from matching.documents.builder import document_of_need, document_of_solution
from matching.engine.index import Index
from matching.engine.prepared import Prepared
from matching.engine.scoring import score_pair
from matching.models import Match, MatchRun
from needs.models import Need
from solutions.models import Solution


def scored_match(need: Need, solution: Solution, **fields: Any) -> Match:
    mine, theirs = Prepared.of(document_of_need(need)), Prepared.of(document_of_solution(solution))
    statistics = Index.build([(solution.code, theirs.terms)]).statistics
    result = score_pair(mine, theirs, statistics)
    run = MatchRun.objects.create(trigger="rematch", state="done", finished_at=timezone.now())
    return Match.objects.create(
        need=need,
        solution=solution,
        run=run,
        score=result.score,
        explanation=result.to_json(),
        **{"grade": "good", "public_grade": fields.get("grade", "good"), **fields},
    )


@pytest.fixture
def match_of(db: None) -> Callable[..., Match]:
    """`match_of(need, solution, grade="high")`: a candidate nobody has said anything about."""
    return scored_match


@pytest.fixture
def confirmed(operator: User) -> Callable[..., Match]:
    """The same after an operator confirmed it: both sides are invited."""

    def make(need: Need, solution: Solution, **fields: Any) -> Match:
        now = timezone.now()
        return scored_match(
            need,
            solution,
            review="confirmed",
            reviewed_at=now,
            reviewed_by=operator,
            confirmed_at=now,
            **fields,
        )

    return make

"""What is published is matchable for a worker that runs, without a rebuild and without a sweep."""

from collections.abc import Callable
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import Organisation, User
from matching.documents.maintenance import reconcile
from matching.models import Match, MatchRun
from needs.need.actions import publish_needs, submit_needs, withdraw_need
from solutions.models import Solution
from solutions.solution.actions import publish_solutions, withdraw_solution
from tests.factories.needs import NeedFactory
from tests.factories.solutions import OutputFactory

pytestmark = [pytest.mark.worker, pytest.mark.slow, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def catalogue(university: Organisation) -> list[Solution]:
    """Enough outputs that a few more are held beside the snapshot, which the worker takes up when it starts."""
    outputs = OutputFactory.create_batch(
        60, published=True, title="锂离子电池低温电解液", summary="抑制析锂", keywords=[]
    )
    reconcile(at=timezone.now())
    return outputs


@pytest.fixture
def worker(catalogue: list[Solution], celery_worker_process: Any) -> Any:
    return celery_worker_process


def test_a_published_need_finds_a_published_output_and_loses_it(
    worker: Any,
    buyer: User,
    supplier: User,
    operator: User,
    enterprise: Organisation,
    university: Organisation,
    eventually: Callable[..., None],
) -> None:
    need = NeedFactory(organisation=enterprise)
    submit_needs(needs=[need], declared=True, by=buyer, at=timezone.now())
    publish_needs(needs=[need], by=operator, at=timezone.now())

    output = OutputFactory(submitted=True, organisation=university)
    publish_solutions(solutions=[output], by=operator, at=timezone.now())
    eventually(lambda: need.matches.current().filter(solution=output).exists())

    later = NeedFactory(organisation=enterprise)
    submit_needs(needs=[later], declared=True, by=buyer, at=timezone.now())
    eventually(lambda: later.matches.current().filter(solution=output).exists())

    withdraw_solution(solution=output, by=supplier, at=timezone.now())
    last = NeedFactory(organisation=enterprise)
    submit_needs(needs=[last], declared=True, by=buyer, at=timezone.now())
    eventually(lambda: _all_done() and last.match_runs.exists())
    assert not last.matches.exists()

    stamped = set(MatchRun.objects.values_list("snapshot", flat=True))
    assert len(stamped) == 1, "all of it by one snapshot's statistics"


def test_a_need_that_was_withdrawn_is_not_found_by_the_next_output(
    worker: Any, buyer: User, operator: User, enterprise: Organisation, eventually: Callable[..., None]
) -> None:
    need, other = (NeedFactory(organisation=enterprise) for _ in range(2))
    submit_needs(needs=[need, other], declared=True, by=buyer, at=timezone.now())
    eventually(_all_done)
    withdraw_need(need=need, by=buyer, at=timezone.now())
    output = OutputFactory(submitted=True)
    publish_solutions(solutions=[output], by=operator, at=timezone.now())
    eventually(lambda: Match.objects.filter(solution=output).exists())
    eventually(_all_done)
    assert [match.need for match in Match.objects.filter(solution=output)] == [other]


def _all_done() -> bool:
    return not MatchRun.objects.unfinished().exists()

"""Nothing is lost when the broker is away or a worker is killed: real Redis, real Celery worker, real PostgreSQL."""

from collections.abc import Callable
from typing import Any

import pytest
from celery import current_app
from django.db import connection, transaction
from django.utils import timezone

from accounts.models import Notification, Organisation, User
from matching.documents.maintenance import reconcile
from matching.models import MatchRun
from needs.models import Need
from needs.need.actions import submit_needs
from tests.factories.needs import NeedFactory
from tests.factories.solutions import OutputFactory

pytestmark = [pytest.mark.worker, pytest.mark.slow, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def draft(operator: User, buyer: User, enterprise: Organisation) -> Need:
    """A need ready to be submitted, and an output in the catalogue that fits it."""
    OutputFactory(published=True)
    reconcile(at=timezone.now())
    return NeedFactory(organisation=enterprise)


def submit(need: Need, by: User) -> None:
    submit_needs(needs=[need], declared=True, by=by, at=timezone.now())


def beat_asks_for_a_sweep() -> None:
    """The message beat sends every 30 s."""
    current_app.send_task("matching.sweep_runs", queue="default")


def state_of_runs() -> list[str]:
    return list(MatchRun.objects.order_by("pk").values_list("state", flat=True))


def test_a_submitted_need_is_matched_by_the_worker_without_a_sweep(
    draft: Need, buyer: User, celery_worker_process: Any, eventually: Callable[..., None]
) -> None:
    submit(draft, buyer)
    eventually(lambda: state_of_runs() == ["done"])
    assert draft.matches.current().count() == 1
    assert Notification.objects.for_user(buyer).filter(event__endswith=":buyer").count() == 1


def test_posting_works_while_redis_is_down_and_the_sweep_picks_the_run_up(
    draft: Need, buyer: User, redis_server: Any, celery_worker_process: Any, eventually: Callable[..., None]
) -> None:
    redis_server.stop()
    submit(draft, buyer)  # the poser sees no error
    assert state_of_runs() == ["queued"]

    redis_server.start()
    beat_asks_for_a_sweep()
    eventually(lambda: state_of_runs() == ["done"])
    assert draft.matches.current().count() == 1


def test_a_killed_worker_costs_a_delay_and_nobody_is_told_twice(
    draft: Need, buyer: User, redis_server: Any, celery_worker_process: Any, eventually: Callable[..., None]
) -> None:
    """The worker is killed where it writes: it waits there for the need's row, which this test holds."""
    redis_server.stop()
    submit(draft, buyer)
    redis_server.start()
    with transaction.atomic():
        Need.objects.select_for_update().get(pk=draft.pk)
        beat_asks_for_a_sweep()
        eventually(_somebody_waits_for_this_test)
        celery_worker_process.kill()
    assert state_of_runs() == ["running"], "the killed worker had no chance to say anything"
    assert not draft.matches.exists()

    celery_worker_process.start()
    beat_asks_for_a_sweep()
    eventually(lambda: state_of_runs() == ["done"])
    assert draft.matches.current().count() == 1
    assert Notification.objects.for_user(buyer).filter(event__endswith=":buyer").count() == 1
    assert MatchRun.objects.get().attempts == 2


def _somebody_waits_for_this_test() -> bool:
    """Whether another connection waits for a lock this one holds."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_locks WHERE NOT granted AND pg_backend_pid() = ANY(pg_blocking_pids(pid))"
        )
        return bool(cursor.fetchone()[0])

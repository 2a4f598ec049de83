"""A rematch is shared out; whichever workers die or come twice, it ends once and with the same matches."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import Notification, Organisation, User
from matching.documents.maintenance import reconcile
from matching.models import Match, MatchRun
from matching.runs import actions
from matching.runs import execution as runs
from matching.runs.actions import rematch_after_rebuild
from matching.runs.execution import MOST_ATTEMPTS, execute_run, work_off
from matching.runs.pairing import ScoredNeed
from tests.factories.needs import NeedFactory
from tests.factories.solutions import OutputFactory

NEEDS = 3

real = [pytest.mark.worker, pytest.mark.slow, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def shares_of_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every need a share of its own."""
    monkeypatch.setattr(runs, "SHARE", 1)


@pytest.fixture
def rematch(shares_of_one: None, enterprise: Organisation, buyer: User) -> MatchRun:
    """A rematch that was shared out and not begun; nobody was nudged."""
    for _ in range(NEEDS):
        NeedFactory(published=True, organisation=enterprise)
    OutputFactory.create_batch(4, published=True)
    reconcile(at=timezone.now())
    run = rematch_after_rebuild(at=timezone.now())
    execute_run(run)
    assert [share.needs.count() for share in run.shares.all()] == [1] * NEEDS
    return run


def states(rematch: MatchRun) -> tuple[str, list[str]]:
    rematch.refresh_from_db()
    return rematch.state, list(rematch.shares.order_by("pk").values_list("state", flat=True))


def found() -> dict[tuple[str, str], tuple[Decimal, str, bool]]:
    rows = Match.objects.values_list("need__code", "solution__code", "score", "grade", "is_current")
    return {(need, solution): tuple(rest) for need, solution, *rest in rows}


ENDED = ("done", ["done"] * NEEDS)


def assert_ended_as_if_undisturbed(rematch: MatchRun, buyer: User) -> None:
    """One rematch more, in this process and undisturbed, changes nothing; the poser was told once."""
    assert states(rematch) == ENDED
    matches = found()
    assert len(matches) == NEEDS * 4
    assert rematch.counts["matches"] == rematch.counts["new"] == NEEDS * 4
    rematch_after_rebuild(at=timezone.now())
    work_off()
    assert found() == matches
    assert Notification.objects.for_user(buyer).filter(event__startswith="run:").count() == 1


class TestWithRealWorkers:
    pytestmark = real

    def test_a_share_whose_worker_died_is_taken_by_another(
        self, rematch: MatchRun, buyer: User, worker_process: Any
    ) -> None:
        actions.nudge()
        worker_process.start_and_die(at="writing:1")
        assert states(rematch) == ("running", ["running", "queued", "queued"])
        assert not Match.objects.exists(), "what was half written is rolled back"
        work_off()  # here is the other one
        assert list(rematch.shares.order_by("pk").values_list("attempts", flat=True)) == [2, 1, 1]
        assert_ended_as_if_undisturbed(rematch, buyer)

    def test_a_rematch_killed_between_its_shares_ends_well(
        self, rematch: MatchRun, buyer: User, worker_process: Any, eventually: Callable[..., None]
    ) -> None:
        actions.nudge()
        worker_process.start_and_die(at="scoring:2")
        assert states(rematch) == ("running", ["done", "running", "queued"])
        worker_process.start()
        actions.nudge()
        eventually(lambda: states(rematch) == ENDED)
        worker_process.stop()
        assert_ended_as_if_undisturbed(rematch, buyer)

    def test_two_workers_at_one_rematch_write_each_match_once(
        self, rematch: MatchRun, buyer: User, celery_worker_process: Any, eventually: Callable[..., None]
    ) -> None:
        actions.nudge()
        work_off()  # while the other does the same
        eventually(lambda: states(rematch) == ENDED)
        celery_worker_process.stop()
        assert sum(rematch.shares.values_list("attempts", flat=True)) == NEEDS, "no share was worked on twice"
        assert_ended_as_if_undisturbed(rematch, buyer)


@pytest.mark.django_db
class TestInThisProcess:
    @pytest.fixture(autouse=True)
    def no_broker(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(actions, "nudge", lambda: None)

    def test_a_rematch_waits_for_its_shares(self, rematch: MatchRun) -> None:
        assert states(rematch) == ("running", ["queued"] * NEEDS)
        assert rematch not in runs.waiting_runs()
        assert len(runs.waiting_runs()) == NEEDS

    def test_progress_grows_with_the_shares(self, rematch: MatchRun) -> None:
        seen = []
        for share in rematch.shares.order_by("pk"):
            execute_run(share)
            rematch.refresh_from_db()
            seen.append(rematch.progress)
        assert seen == [45, 70, 95]

    def test_sharing_out_twice_makes_no_second_set(self, rematch: MatchRun) -> None:
        """Killed after the shares were written and before anybody heard of it."""
        for share in rematch.shares.all():
            execute_run(share)
        work_off()
        assert states(rematch) == ENDED
        MatchRun.objects.filter(pk=rematch.pk).update(state="running", finished_at=None)
        work_off()
        assert states(rematch) == ENDED

    def test_a_rematch_without_open_needs_ends_at_once(self, db: None) -> None:
        run = rematch_after_rebuild(at=timezone.now())
        work_off()
        run.refresh_from_db()
        assert (run.state, run.counts["needs"], run.shares.count()) == ("done", 0, 0)

    def test_a_rematch_shared_out_at_the_last_attempt_still_ends_well(
        self, shares_of_one: None, enterprise: Organisation
    ) -> None:
        NeedFactory.create_batch(NEEDS, published=True, organisation=enterprise)
        reconcile(at=timezone.now())
        run = rematch_after_rebuild(at=timezone.now())
        MatchRun.objects.filter(pk=run.pk).update(attempts=MOST_ATTEMPTS - 1)
        work_off()
        assert states(run) == ENDED

    def test_a_share_that_fails_for_good_fails_its_rematch_and_is_named(
        self, rematch: MatchRun, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        broken = rematch.shares.order_by("pk")[1]
        writing = runs.write_matches_of_needs

        def breaks(scored: list[ScoredNeed], **options: Any) -> Any:
            if options["run"] == broken:
                raise RuntimeError("the index is on fire")
            return writing(scored, **options)

        monkeypatch.setattr(runs, "write_matches_of_needs", breaks)
        for _sweep in range(2 * MOST_ATTEMPTS):
            work_off()
        assert states(rematch) == ("failed", ["done", "failed", "done"])
        assert broken.code in rematch.error
        assert "on fire" in rematch.error

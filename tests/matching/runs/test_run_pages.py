"""Runs: health and list for operators, progress for whoever waits, the whole rematch."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import Organisation, User
from matching.matches import queries
from matching.models import MatchRun
from matching.runs import actions
from matching.runs import queries as runs_queries
from tests.factories.matching import MatchFactory, RunFactory
from tests.factories.needs import NeedFactory
from tests.factories.solutions import OutputFactory

pytestmark = pytest.mark.django_db

Login = Callable[[User], Client]


@pytest.fixture(autouse=True)
def no_broker(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(actions, "nudge", lambda: None)


def run_of(seconds: float, **fields: Any) -> MatchRun:
    now = timezone.now()
    return RunFactory(done=True, created_at=now - timedelta(seconds=seconds), finished_at=now, **fields)


# --- health ----------------------------------------------------------------------------------------------------


def test_health_counts_states_and_takes_times_from_cause_to_result() -> None:
    for seconds in (1, 2, 3, 4, 100):
        run_of(seconds)
    run_of(7, trigger="rematch")
    RunFactory()
    RunFactory(state="running")
    RunFactory(failed=True)
    health = runs_queries.run_health()
    assert (health.waiting, health.running, health.failed, health.sample) == (1, 1, 1, 6)
    assert health.median_seconds == pytest.approx(3.5)
    assert health.p90_seconds == pytest.approx(100)
    assert [(row.trigger, row.runs, round(row.median_seconds)) for row in health.by_trigger] == [
        ("need_submitted", 5, 3),
        ("rematch", 1, 7),
    ]


def test_health_of_nothing_is_nothing() -> None:
    health = runs_queries.run_health()
    assert (health.sample, health.median_seconds, health.p90_seconds, health.by_trigger) == (0, None, None, ())


# --- list ------------------------------------------------------------------------------------------------------


def test_operators_see_runs_newest_first(client_of: Login, operator: User) -> None:
    old = RunFactory(done=True, created_at=timezone.now() - timedelta(days=1))
    new = RunFactory(failed=True)
    html = client_of(operator).get(reverse("matching:run-list")).content.decode()
    assert html.index(new.code) < html.index(old.code)
    only_failed = client_of(operator).get(reverse("matching:run-list") + "?state=failed").content.decode()
    assert new.code in only_failed
    assert old.code not in only_failed


def test_without_runs_the_page_says_what_starts_one(client_of: Login, operator: User) -> None:
    assert "还没有运行过" in client_of(operator).get(reverse("matching:run-list")).content.decode()


@pytest.mark.parametrize("person", ["buyer", "outsider"])
def test_the_list_is_for_operators(client_of: Login, person: str, request: pytest.FixtureRequest) -> None:
    assert client_of(request.getfixturevalue(person)).get(reverse("matching:run-list")).status_code == 403


@pytest.mark.parametrize("number", [1, 3])
def test_the_list_costs_the_same_queries_for_one_and_three(
    client_of: Login, operator: User, number: int, django_assert_num_queries: Callable
) -> None:
    for _run in range(number):
        RunFactory(done=True, needs=[NeedFactory()], requested_by=operator)
    client = client_of(operator)
    with django_assert_num_queries(8):
        client.get(reverse("matching:run-list"))


# --- one run ---------------------------------------------------------------------------------------------------


def test_a_run_shows_what_it_is_about_and_the_seconds_of_each_stage(
    client_of: Login, buyer: User, enterprise: Organisation
) -> None:
    need = NeedFactory(submitted=True, organisation=enterprise)
    html = client_of(buyer).get(RunFactory(done=True, needs=[need]).get_absolute_url()).content.decode()
    assert "逐项评分" in html
    assert "0.4" in html
    assert need.title in html


def test_the_counts_of_a_run_are_for_operators(
    client_of: Login, supplier: User, operator: User, university: Organisation
) -> None:
    """An output is scored against needs that are not public yet: how many fit is not its owner's to know."""
    run = RunFactory(done=True, solutions=[OutputFactory(published=True, organisation=university)])
    assert "逐项评分的配对" in client_of(operator).get(run.get_absolute_url()).content.decode()
    assert "逐项评分的配对" not in client_of(supplier).get(run.get_absolute_url()).content.decode()


def test_the_error_of_a_run_is_for_operators(
    client_of: Login, buyer: User, operator: User, enterprise: Organisation
) -> None:
    run = RunFactory(failed=True, needs=[NeedFactory(submitted=True, organisation=enterprise)])
    assert "ValueError: broken" in client_of(operator).get(run.get_absolute_url()).content.decode()
    html = client_of(buyer).get(run.get_absolute_url()).content.decode()
    assert "尝试 5 次均未成功" in html
    assert "ValueError" not in html


def test_others_needs_of_a_run_are_not_named(
    client_of: Login, supplier: User, university: Organisation, outsider: User
) -> None:
    output = OutputFactory(published=True, organisation=university)
    run = RunFactory(done=True, solutions=[output], needs=[NeedFactory(submitted=True, title="别家的需求")])
    assert "别家的需求" not in client_of(supplier).get(run.get_absolute_url()).content.decode()
    assert client_of(outsider).get(run.get_absolute_url()).status_code == 404


# --- progress --------------------------------------------------------------------------------------------------


def progress(client: Client, run: MatchRun, subject: str = "") -> Any:
    return client.get(reverse("matching:run-progress", args=[run.code]), {"for": subject} if subject else {})


def test_progress_polls_itself_until_the_result_is_fetched(
    client_of: Login, buyer: User, enterprise: Organisation
) -> None:
    need = NeedFactory(submitted=True, organisation=enterprise)
    run = RunFactory(needs=[need], state="running", stage="scoring", progress=45)
    html = progress(client_of(buyer), run, need.code).content.decode()
    assert 'aria-valuenow="45"' in html
    assert f"{run.code}/progress/?for={need.code}" in html
    MatchRun.objects.update(state="done", stage="finished", progress=100, finished_at=timezone.now())
    html = progress(client_of(buyer), run, need.code).content.decode()
    assert f'hx-get="{reverse("matching:for-need", args=[need.code])}"' in html
    assert "progress/" not in html


def test_progress_of_an_output_ends_at_its_needs(client_of: Login, supplier: User, university: Organisation) -> None:
    output = OutputFactory(published=True, organisation=university)
    run = RunFactory(done=True, solutions=[output])
    html = progress(client_of(supplier), run, output.code).content.decode()
    assert reverse("matching:for-solution", args=[output.code]) in html


@pytest.mark.parametrize("subject", ["", "https://example.com", "M-123"])
def test_progress_for_nothing_in_particular_just_ends(client_of: Login, operator: User, subject: str) -> None:
    html = progress(client_of(operator), RunFactory(done=True), subject).content.decode()
    assert "hx-get" not in html
    assert 'aria-valuenow="100"' in html


def test_a_failed_run_ends_the_polling(client_of: Login, operator: User) -> None:
    html = progress(client_of(operator), RunFactory(failed=True)).content.decode()
    assert "计算失败" in html
    assert "hx-get" not in html


def test_who_follows_a_run(client_of: Login, colleague: User, outsider: User, enterprise: Organisation) -> None:
    need = NeedFactory(submitted=True, organisation=enterprise)
    run = RunFactory(needs=[need])
    people = (colleague, need.caretaker, outsider)
    assert [progress(client_of(person), run).status_code for person in people] == [200, 200, 404]


# --- rematch ---------------------------------------------------------------------------------------------------


def test_an_operator_starts_one_rematch_however_often_it_presses(client_of: Login, operator: User) -> None:
    client = client_of(operator)
    first, second = (client.post(reverse("matching:rematch")) for _time in range(2))
    run = MatchRun.objects.get()
    assert (run.trigger, run.requested_by) == ("rematch", operator)
    assert first["Location"] == second["Location"] == run.get_absolute_url()


def test_others_do_not_rematch(client_of: Login, buyer: User, operator: User) -> None:
    assert client_of(buyer).post(reverse("matching:rematch")).status_code == 403
    assert client_of(operator).get(reverse("matching:rematch")).status_code == 405
    assert not MatchRun.objects.exists()


# --- figures ---------------------------------------------------------------------------------------------------


def test_figures_for_desks(
    enterprise: Organisation, university: Organisation, buyer: User, django_assert_num_queries: Callable
) -> None:
    need = NeedFactory(published=True, organisation=enterprise)
    output = OutputFactory(published=True, organisation=university)
    other = OutputFactory(published=True)
    confirmed = MatchFactory(confirmed=True, need=need, solution=output)
    unreviewed = MatchFactory(need=need, solution=other)
    MatchFactory(in_contact=True, need=NeedFactory(published=True), solution=output)
    assert list(queries.waiting_reviews()) == [unreviewed]
    assert list(queries.invitations_to_answer(university)) == [confirmed]
    assert list(queries.candidates_to_answer(enterprise)) == [confirmed]
    assert set(queries.new_candidates(enterprise)) == {confirmed, unreviewed}
    assert queries.fitting_needs(university).count() == 2
    empty = NeedFactory()
    with django_assert_num_queries(1):
        counts = queries.candidate_counts([need, empty])
    assert counts == {
        need.pk: {"total": 2, "new": 2, "confirmed": 1},
        empty.pk: {"total": 0, "new": 0, "confirmed": 0},
    }


def test_steps_of_a_need_are_the_first_of_its_matches() -> None:
    need, now = NeedFactory(published=True), timezone.now()
    for days in (1, 3):
        MatchFactory(in_contact=True, need=need, confirmed_at=now - timedelta(days=days), contacted_at=now)
    steps = queries.steps_of(need)
    assert (steps.first_candidate_at, steps.first_contact_at) == (now - timedelta(days=3), now)
    assert queries.steps_of(NeedFactory()).first_candidate_at is None


def test_acceptance_counts_what_people_said() -> None:
    MatchFactory(in_contact=True)
    MatchFactory(rejected=True, reject_reason="price")
    MatchFactory()
    acceptance = queries.acceptance()
    assert (acceptance.reviewed, acceptance.confirmed, acceptance.rejected) == (2, 1, 1)
    assert (acceptance.buyer_interested, acceptance.supplier_interested, acceptance.contacts) == (1, 1, 1)
    assert acceptance.reasons == {"price": 1}

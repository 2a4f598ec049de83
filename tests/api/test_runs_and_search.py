"""Runs by program, and search over needs and outputs."""

import pytest
from django.utils import timezone

from matching.documents.maintenance import reconcile
from matching.models import MatchRun, Trigger
from matching.runs.actions import start_run
from tests.api.content import error_of, fields_of
from tests.factories.needs import NeedFactory
from tests.factories.solutions import OutputFactory, ProfileFactory

RUNS = "/api/v1/runs/"
SEARCH = "/api/v1/search/"


# --- Runs ------------------------------------------------------------------------------------------


def test_a_run_tells_how_far_it_is_and_how_long_its_stages_took(api_of, buyer, match_of):
    match_of()
    run = MatchRun.objects.get()
    body = api_of(buyer).get(f"{RUNS}{run.code}/").json()
    assert (body["state"], body["progress"], body["stage"], body["trigger"]) == (
        "done",
        100,
        "finished",
        "need_published",
    )
    assert body["timings"].keys() >= {"reading", "scoring"}
    assert all(isinstance(seconds, str) and float(seconds) >= 0 for seconds in body["timings"].values())


def test_counts_and_faults_are_the_operators(api_of, buyer, operator, match_of):
    match_of()
    MatchRun.objects.update(state="failed", error="ValueError: 内部细节", counts={"matches": 2})
    run = MatchRun.objects.get()
    body = api_of(buyer).get(f"{RUNS}{run.code}/").json()
    assert (body["counts"], body["error"]) == ({}, "")
    body = api_of(operator).get(f"{RUNS}{run.code}/").json()
    assert (body["counts"], body["error"]) == ({"matches": 2}, "ValueError: 内部细节")


def test_a_run_is_seen_by_those_whose_things_it_was_about(api_of, buyer, outsider, operator, visitor, match_of):
    match_of()
    run = MatchRun.objects.get()
    for person, sees in ((buyer, True), (operator, True), (outsider, False)):
        assert api_of(person).get(f"{RUNS}{run.code}/").status_code == (200 if sees else 404)
        assert api_of(person).get(RUNS).json()["count"] == int(sees)
    for address in (RUNS, f"{RUNS}{run.code}/"):
        assert (visitor.get(address).status_code, error_of(visitor.get(address))) == (401, "not_authenticated")


def test_runs_can_be_narrowed(api_of, operator):
    need, output = NeedFactory(submitted=True), OutputFactory(published=True)
    of_need = start_run(trigger=Trigger.NEED_SUBMITTED, needs=[need], by=None, at=timezone.now())
    of_output = start_run(trigger=Trigger.SOLUTION_PUBLISHED, solutions=[output], by=None, at=timezone.now())
    of_output.state, of_output.finished_at = "done", timezone.now()
    of_output.save()
    for query, run in [
        (f"need={need.code}", of_need),
        (f"solution={output.code}", of_output),
        ("state=done", of_output),
        ("trigger=need_submitted", of_need),
    ]:
        found = api_of(operator).get(f"{RUNS}?{query}").json()["results"]
        assert [row["code"] for row in found] == [run.code], query
    response = api_of(operator).get(f"{RUNS}?state=asleep")
    assert (response.status_code, *fields_of(response)) == (400, "state")


def test_runs_are_only_read(api_of, operator, match_of):
    match_of()
    assert api_of(operator).post(RUNS, {}, format="json").status_code == 405


@pytest.mark.parametrize("number", [1, 3])
def test_runs_ask_a_constant_number_of_queries(number, api_of, operator, django_assert_num_queries):
    for _number in range(number):
        start_run(trigger=Trigger.REMATCH, by=None, at=timezone.now())
    client = api_of(operator)
    with django_assert_num_queries(4):
        assert len(client.get(RUNS).json()["results"]) == number


# --- Search ----------------------------------------------------------------------------------------


def found(client, query: str) -> list[tuple[str, str]]:
    return [(row["kind"], row["code"]) for row in client.get(f"{SEARCH}?{query}").json()["results"]]


def test_search_finds_needs_and_outputs_that_hold_every_word(visitor):
    need = NeedFactory(published=True, title="齿轮箱异常噪声诊断")
    output = OutputFactory(published=True, title="齿轮箱状态监测系统")
    ProfileFactory(published=True, title="示例齿轮箱研究所")
    NeedFactory(published=True)
    reconcile(at=timezone.now())
    assert set(found(visitor, "q=齿轮箱")) == {("need", need.code), ("output", output.code)}
    assert found(visitor, "q=齿轮箱&kind=need") == [("need", need.code)]
    assert found(visitor, "q=齿轮箱&kind=output") == [("output", output.code)]
    assert found(visitor, "q=齿轮箱 噪声") == [("need", need.code)]
    assert found(visitor, "q=挖掘机") == []


def test_search_finds_what_a_person_may_see(visitor, api_of, buyer, outsider, operator, enterprise):
    need = NeedFactory(submitted=True, organisation=enterprise, title="齿轮箱异常噪声诊断")
    reconcile(at=timezone.now())
    for client, sees in (
        (visitor, False),
        (api_of(outsider), False),
        (api_of(buyer), True),
        (api_of(operator), True),
    ):
        assert found(client, "q=齿轮箱") == ([("need", need.code)] if sees else [])


@pytest.mark.parametrize("query", ["", "q=", "q=%20", "q=" + "长" * 201, "q=a&kind=person", "q=a&page_size=5&x=1"])
def test_search_says_what_is_wrong_with_a_question(query, visitor):
    response = visitor.get(f"{SEARCH}?{query}")
    assert (response.status_code, error_of(response)) == (400, "invalid")


@pytest.mark.parametrize("query", ["'", "\\", "a'b\\", "&|!():*", "<script>", "…", "%"])
def test_no_question_breaks_the_search(query, visitor):
    reconcile(at=timezone.now())
    assert visitor.get(SEARCH, {"q": query}).status_code == 200


@pytest.mark.parametrize("number", [1, 3])
def test_search_asks_a_constant_number_of_queries(number, visitor, django_assert_num_queries):
    NeedFactory.create_batch(number, published=True, title="齿轮箱异常噪声诊断")
    OutputFactory.create_batch(number, published=True, title="齿轮箱状态监测系统")
    reconcile(at=timezone.now())
    with django_assert_num_queries(2):
        assert len(visitor.get(f"{SEARCH}?q=齿轮箱").json()["results"]) == 2 * number

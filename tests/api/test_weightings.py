"""What was learnt, by program: the same figures, rights and roll-back as on the page."""

import pytest

from matching.learning import actions as weightings
from tests.api.content import error_of, fields_of
from tests.factories.matching import WeightingFactory

WEIGHTINGS = "/api/v1/weightings/"


def test_a_training_tells_its_evidence_its_figures_and_its_points(api_of, operator):
    before = WeightingFactory(retired=True)
    row = WeightingFactory(active=True, replaces=before)
    body = api_of(operator).get(f"{WEIGHTINGS}{row.number}/").json()
    assert (body["label"], body["state"], body["verdict"], body["replaces"]) == (
        row.label,
        "active",
        "promoted",
        before.number,
    )
    assert body["points"]["indicators"] == 12.5
    assert body["figures"]["by_need"]["low"] == 0.02


def test_trainings_come_newest_first_and_can_be_narrowed(api_of, operator):
    rejected, active = WeightingFactory(), WeightingFactory(active=True)
    found = [row["number"] for row in api_of(operator).get(WEIGHTINGS).json()["results"]]
    assert found == [active.number, rejected.number]
    found = [row["number"] for row in api_of(operator).get(WEIGHTINGS, {"state": "active"}).json()["results"]]
    assert found == [active.number]


@pytest.mark.parametrize("number", [1, 3])
def test_the_list_costs_the_same_queries_for_one_and_three(api_of, operator, number, django_assert_num_queries):
    before = WeightingFactory(retired=True)
    for _row in range(number):
        WeightingFactory(rolled_back=True, replaces=before)
    client = api_of(operator)
    with django_assert_num_queries(4):
        client.get(WEIGHTINGS)


@pytest.mark.parametrize("person", ["buyer", "supplier", "outsider"])
def test_they_are_for_operators(api_of, visitor, person, request):
    row = WeightingFactory(active=True)
    client = api_of(request.getfixturevalue(person))
    for answer in (
        client.get(WEIGHTINGS),
        client.get(f"{WEIGHTINGS}{row.number}/"),
        client.post(f"{WEIGHTINGS}{row.number}/roll-back/", {"reason": "排序变差"}, format="json"),
    ):
        assert answer.status_code == 403
    assert (visitor.get(WEIGHTINGS).status_code, error_of(visitor.get(WEIGHTINGS))) == (401, "not_authenticated")
    assert weightings.active()[1] == row.label


def test_an_operator_rolls_back_with_a_reason_and_only_once(api_of, operator):
    row = WeightingFactory(active=True)
    client, address = api_of(operator), f"{WEIGHTINGS}{row.number}/roll-back/"
    for given in ({}, {"reason": ""}, {"reason": "  "}):
        answer = client.post(address, given, format="json")
        assert (answer.status_code, *fields_of(answer)) == (400, "reason")
    body = client.post(address, {"reason": "排序变差"}, format="json").json()
    assert (body["state"], body["rolled_back_by"], body["rolled_back_reason"]) == ("retired", operator.name, "排序变差")
    assert weightings.active()[1] == "default"
    answer = client.post(address, {"reason": "排序变差"}, format="json")
    assert (answer.status_code, error_of(answer)) == (409, "wrong_state")

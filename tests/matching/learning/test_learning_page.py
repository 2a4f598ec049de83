"""The operators' page of what was learnt, and the roll-back on it."""

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from matching.learning import actions as weightings
from matching.runs import actions
from tests.factories.matching import JudgementFactory, WeightingFactory

pytestmark = pytest.mark.django_db

Login = Callable[[User], Client]
PAGE = reverse("matching:learning")


@pytest.fixture(autouse=True)
def no_broker(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(actions, "nudge", lambda: None)


def html_of(client: Client, address: str = PAGE) -> str:
    return client.get(address).content.decode()


def test_at_first_the_page_says_what_will_appear(client_of: Login, operator: User) -> None:
    html = html_of(client_of(operator))
    assert "还没有决定" in html
    assert "还没有学习过" in html
    assert "初始权重" in html
    assert "技术指标" in html


def test_it_shows_what_each_part_weighs_now_beside_what_it_weighed_initially(client_of: Login, operator: User) -> None:
    row = WeightingFactory(active=True)
    html = html_of(client_of(operator))
    assert row.label in html
    assert "12.5 <small>初始 8.0</small>" in html


def test_every_training_says_why_it_was_used_or_not(client_of: Login, operator: User) -> None:
    WeightingFactory(verdict="too_few", figures={})
    WeightingFactory()
    before = WeightingFactory(retired=True)
    WeightingFactory(rolled_back=True, replaces=before)
    html = html_of(client_of(operator))
    for words in (
        "决定还太少",
        "没有证据表明更好",
        "在没见过的和后来的需求上都更好",
        "Lists got worse",
        "0.610",
        "0.660",
        "95% 区间",
    ):
        assert words in html
    assert f"与 {before.label} 比较" in html
    assert 'id="roll-back"' not in html, "nothing learnt is in use"


def test_every_reason_is_counted_with_what_it_teaches(client_of: Login, operator: User) -> None:
    for _ in range(3):
        JudgementFactory(kind="rejected", reason="price")
    JudgementFactory(kind="rejected", reason="rights_unclear")
    html = html_of(client_of(operator))
    row = html[html.index("价格不合适") :]
    assert row.index(">3<") < row.index("合适，只差一点") < row.index("预算与价格")
    assert "不参与学习" in html[html.index("权属不清") :]


def test_trainings_are_paged_newest_first(client_of: Login, operator: User) -> None:
    rows = [WeightingFactory() for _ in range(12)]
    client = client_of(operator)
    assert f'id="{rows[-1].label}"' in html_of(client)
    assert f'id="{rows[0].label}"' not in html_of(client)
    assert f'id="{rows[0].label}"' in html_of(client, PAGE + "?page=2")


@pytest.mark.parametrize("number", [1, 3])
def test_the_page_costs_the_same_queries_for_one_and_three(
    client_of: Login, operator: User, number: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    before = WeightingFactory(active=True)
    for _row in range(number):
        JudgementFactory()
        WeightingFactory(rolled_back=True, replaces=before)
    client = client_of(operator)
    with django_assert_num_queries(8):
        client.get(PAGE)


@pytest.mark.parametrize("person", ["buyer", "supplier", "outsider"])
def test_the_page_and_the_roll_back_are_for_operators(
    client_of: Login, person: str, request: pytest.FixtureRequest
) -> None:
    row = WeightingFactory(active=True)
    client = client_of(request.getfixturevalue(person))
    assert client.get(PAGE).status_code == 403
    back = reverse("matching:learning-roll-back", args=[row.number])
    assert client.post(back, {"reason": "排序变差"}).status_code == 403
    assert weightings.active()[1] == row.label


def test_an_operator_rolls_back_with_a_reason(client_of: Login, operator: User) -> None:
    row = WeightingFactory(active=True)
    client = client_of(operator)
    assert 'id="roll-back"' in html_of(client)
    back = reverse("matching:learning-roll-back", args=[row.number])
    html = client.post(back, {"reason": "排序变差"}, follow=True).content.decode()
    assert "已回退，现在使用初始权重" in html
    assert "排序变差" in html
    assert weightings.active()[1] == "default"


def test_without_a_reason_nothing_is_rolled_back(client_of: Login, operator: User) -> None:
    row = WeightingFactory(active=True)
    answer = client_of(operator).post(reverse("matching:learning-roll-back", args=[row.number]), {"reason": " "})
    assert answer.status_code == 400
    assert "请写明回退的原因" in answer.content.decode()
    assert weightings.active()[1] == row.label


def test_what_does_not_exist_and_what_is_only_read_is_no_roll_back(client_of: Login, operator: User) -> None:
    client = client_of(operator)
    assert client.get(reverse("matching:learning-roll-back", args=[1])).status_code == 405
    assert client.post(reverse("matching:learning-roll-back", args=[10**6]), {"reason": "x"}).status_code == 404

"""Search over needs and outputs, as a visitor and as somebody who may see more."""

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import Organisation, User
from matching.documents.maintenance import reconcile
from tests.factories.needs import NeedFactory
from tests.factories.solutions import OutputFactory

pytestmark = pytest.mark.django_db

Login = Callable[[User], Client]
URL = "/matches/search/"


def search(client: Client, **query: str) -> str:
    reconcile(at=timezone.now())
    response = client.get(URL, query)
    assert response.status_code == 200
    return response.content.decode()


def test_a_visitor_finds_what_is_published(enterprise: Organisation) -> None:
    NeedFactory(published=True, title="轴承钢夹杂物控制", organisation=enterprise)
    NeedFactory(submitted=True, title="轴承钢在审需求")
    OutputFactory(published=True, title="轴承钢洁净冶炼")
    OutputFactory(submitted=True, title="轴承钢在审成果")
    needs, outputs = search(Client(), q="轴承钢"), search(Client(), q="轴承钢", side="solution")
    assert "夹杂物控制" in needs
    assert "洁净冶炼" in outputs
    assert "在审" not in needs + outputs


def test_the_words_are_marked_in_title_and_snippet() -> None:
    NeedFactory(published=True, title="轴承钢夹杂物控制", background="开头很长。" * 40 + "这里说到连铸坯偏析的控制。")
    assert "<mark>夹杂物</mark>" in search(Client(), q="夹杂物")
    html = search(Client(), q="连铸坯")
    assert "…" in html
    assert "<mark>连铸坯</mark>" in html


def test_the_poser_finds_its_need_in_review(client_of: Login, buyer: User, enterprise: Organisation) -> None:
    NeedFactory(submitted=True, title="轴承钢在审需求", organisation=enterprise)
    html = search(client_of(buyer), q="轴承钢")
    assert "在审需求" in html
    assert "待审核" in html


def test_tabs_count_both_sides() -> None:
    NeedFactory(published=True, title="轴承钢夹杂物")
    for _output in range(2):
        OutputFactory(published=True, title="轴承钢冶炼")
    html = search(Client(), q="轴承钢")
    assert '技术需求 <span class="sh-num sh-muted">1</span>' in html
    assert '科技成果 <span class="sh-num sh-muted">2</span>' in html


def test_every_word_must_stand_there() -> None:
    NeedFactory(published=True, title="轴承钢夹杂物", background="", difficulty="", keywords=[])
    assert "没有找到" in search(Client(), q="轴承钢 猪场")


def test_nothing_found_gives_advice_and_a_way_to_browse() -> None:
    html = search(Client(), q="完全没有的词语")
    assert "没有找到" in html
    assert f'class="btn btn-primary" href="{reverse("needs:list")}"' in html
    assert reverse("solutions:list") in search(Client(), q="完全没有的词语", side="solution")


def test_results_on_the_other_side_are_hinted_at() -> None:
    OutputFactory(published=True, title="轴承钢冶炼")
    assert "另一个标签下有结果" in search(Client(), q="轴承钢")


@pytest.mark.parametrize("query", ["", "   "])
def test_without_words_the_newest_are_shown(query: str) -> None:
    NeedFactory(published=True, title="最新的需求")
    html = search(Client(), q=query)
    assert "最新发布" in html
    assert "最新的需求" in html


@pytest.mark.parametrize(
    "query", ["'", "a & b | !(", "\\", "<script>alert(1)</script>", ":*", "％％", "\x00轴承", "词" * 200]
)
def test_odd_queries_are_only_text(query: str) -> None:
    NeedFactory(published=True)
    html = search(Client(), q=query)
    assert "<script>alert(1)" not in html


def test_filters_narrow_both_sides() -> None:
    NeedFactory(published=True, title="轴承钢甲", industry="C34", region_code="310115")
    NeedFactory(published=True, title="轴承钢乙", industry="C26", region_code="420111")
    OutputFactory(published=True, title="轴承钢丙", industries=["C34"], region_code="")
    by_industry = search(Client(), q="轴承钢", industry="C26")
    assert "轴承钢</mark>乙" in by_industry
    assert "轴承钢</mark>甲" not in by_industry
    by_region = search(Client(), q="轴承钢", region="310000")
    assert "轴承钢</mark>甲" in by_region
    assert "轴承钢</mark>乙" not in by_region
    # the organisation's region stands in for an output without one
    assert "轴承钢</mark>丙" in search(Client(), q="轴承钢", side="solution", region="310000", industry="C34")


def test_an_unknown_side_or_filter_is_ignored() -> None:
    NeedFactory(published=True, title="轴承钢甲")
    assert "轴承钢</mark>甲" in search(Client(), q="轴承钢", side="nonsense", region="99", industry="X")


def test_a_withdrawn_need_is_not_found() -> None:
    need = NeedFactory(published=True, title="轴承钢甲")
    reconcile(at=timezone.now())
    need.state, need.withdrawn_at = "withdrawn", timezone.now()
    need.save()
    assert "没有找到" in Client().get(URL, {"q": "轴承钢"}).content.decode()


def test_results_are_paged() -> None:
    for _need in range(21):
        NeedFactory(published=True)
    assert "第 1 页，共 2 页" in search(Client(), q="轴承钢")


def test_search_takes_no_post() -> None:
    assert Client().post(URL).status_code == 405


@pytest.mark.parametrize("number", [1, 3])
def test_results_cost_the_same_queries_for_one_and_three(number: int, django_assert_num_queries: Callable) -> None:
    for _need in range(number):
        NeedFactory(published=True)
    reconcile(at=timezone.now())
    with django_assert_num_queries(4):
        Client().get(URL, {"q": "轴承钢"})

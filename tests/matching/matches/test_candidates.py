"""Candidates of a need and needs for an output: while a run works, after it, and when nothing fits."""

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import Organisation, User
from matching.matches import queries
from needs.models import Need
from solutions.models import Solution
from tests.factories.matching import MatchFactory, RunFactory
from tests.factories.needs import NeedFactory, NeedIndicatorFactory
from tests.factories.solutions import OutputFactory, SolutionIndicatorFactory

pytestmark = pytest.mark.django_db

HTMX = {"HX-Request": "true"}
Login = Callable[[User], Client]


@pytest.fixture
def need(enterprise: Organisation) -> Need:
    return NeedFactory(published=True, organisation=enterprise)


@pytest.fixture
def output(university: Organisation) -> Solution:
    return OutputFactory(published=True, organisation=university)


def candidates(client: Client, need: Need, *, fragment: bool = True) -> str:
    url = reverse("matching:for-need", args=[need.code])
    return client.get(url, headers=HTMX if fragment else {}).content.decode()


def fitting(client: Client, output: Solution, *, fragment: bool = True) -> str:
    url = reverse("matching:for-solution", args=[output.code])
    return client.get(url, headers=HTMX if fragment else {}).content.decode()


# --- of a need -------------------------------------------------------------------------------------------------


def test_candidates_come_best_first_and_the_unsuitable_last(need: Need, client_of: Login, buyer: User) -> None:
    for title, score, traits in (
        ("甲成果", 30, {}),
        ("乙成果", 50, {}),
        (
            "丙成果",
            90,
            {
                "buyer_answer": "not_suitable",
                "buyer_reason": "price",
                "buyer_answered_at": timezone.now(),
                "buyer_answered_by": buyer,
            },
        ),
    ):
        MatchFactory(need=need, solution=OutputFactory(published=True, title=title), score=score, **traits)
    html = candidates(client_of(buyer), need)
    assert html.index("乙成果") < html.index("甲成果") < html.index("丙成果")


def test_a_candidate_says_why_what_misses_and_how_much_is_unknown(
    need: Need, output: Solution, client_of: Login, buyer: User
) -> None:
    NeedIndicatorFactory(need=need, name="抗拉强度", value=1500)
    NeedIndicatorFactory(need=need, name="硬度", value=60, unit="HRC")
    SolutionIndicatorFactory(solution=output, name="抗拉强度", value=1200)
    MatchFactory(need=need, solution=output)
    html = candidates(client_of(buyer), need)
    assert "共有" in html
    assert "指标“抗拉强度”要求 ≥ 1500 MPa，成果为 ≥ 1200 N/mm²，不满足" in html
    assert "2 项未知，需要向对方了解" in html  # the hardness, and the mode of transfer
    assert "未审核" in html
    assert "感兴趣</button>" in html


def test_a_reader_without_the_right_to_write_gets_no_buttons(
    need: Need, output: Solution, client_of: Login, colleague: User
) -> None:
    MatchFactory(need=need, solution=output)
    html = candidates(client_of(colleague), need)
    assert output.title in html
    assert "<button" not in html


def test_what_the_operator_rejected_or_the_last_run_lost_is_no_candidate(
    need: Need, client_of: Login, buyer: User
) -> None:
    RunFactory(done=True, needs=[need])
    MatchFactory(rejected=True, need=need, solution=OutputFactory(published=True, title="甲成果"))
    MatchFactory(is_current=False, need=need, solution=OutputFactory(published=True, title="乙成果"))
    MatchFactory(need=need, solution=OutputFactory(submitted=True, title="丙成果"))
    html = candidates(client_of(buyer), need)
    assert not any(title in html for title in ("甲成果", "乙成果", "丙成果"))


def test_a_waiting_run_shows_progress_that_polls(need: Need, client_of: Login, buyer: User) -> None:
    run = RunFactory(needs=[need])
    html = candidates(client_of(buyer), need)
    assert f"{reverse('matching:run-progress', args=[run.code])}?for={need.code}" in html
    assert "等待计算" in html


def test_results_of_before_stay_while_a_new_run_works(
    need: Need, output: Solution, client_of: Login, buyer: User
) -> None:
    MatchFactory(need=need, solution=output)
    RunFactory(needs=[need], state="running", stage="scoring", progress=40)
    html = candidates(client_of(buyer), need)
    assert "逐项评分" in html
    assert output.title in html


def test_a_run_that_is_tried_again_says_so(need: Need, client_of: Login, buyer: User) -> None:
    RunFactory(needs=[need], error="ValueError: secret detail", attempts=1)
    html = candidates(client_of(buyer), need)
    assert "正在自动重试" in html
    assert "secret detail" not in html


def test_a_failed_run_is_told_honestly(need: Need, client_of: Login, buyer: User) -> None:
    RunFactory(failed=True, needs=[need])
    html = candidates(client_of(buyer), need)
    assert "匹配计算没有完成" in html
    assert "ValueError" not in html
    assert "hx-get" not in html


def test_when_nothing_fits_the_page_says_so_and_what_is_missing(
    enterprise: Organisation, client_of: Login, buyer: User
):
    need = NeedFactory(
        published=True,
        organisation=enterprise,
        background="太短",
        difficulty="",
        keywords=["钢"],
        technical_field="",
    )
    RunFactory(done=True, needs=[need])
    html = candidates(client_of(buyer), need)
    assert "目前没有合适的成果" in html
    assert "背景与难点合计 2 字" in html
    assert "关键词有 1 个" in html
    for words in ("还没有指标", "主要技术难点", "技术领域", "马上通知您"):
        assert words in html


def test_a_complete_need_is_not_blamed(enterprise: Organisation, client_of: Login, buyer: User) -> None:
    need = NeedFactory(published=True, organisation=enterprise, background="详细的背景" * 40)
    NeedIndicatorFactory(need=need)
    RunFactory(done=True, needs=[need])
    html = candidates(client_of(buyer), need)
    assert "问题不在描述" in html
    assert "可能找到更多" not in html


def test_a_run_over_everything_counts_as_matched(need: Need, client_of: Login, buyer: User) -> None:
    assert "等待匹配" in candidates(client_of(buyer), need)
    RunFactory(done=True, trigger="rematch")
    assert "目前没有合适的成果" in candidates(client_of(buyer), need)


def test_a_draft_has_not_been_matched(enterprise: Organisation, client_of: Login, buyer: User) -> None:
    assert "还没有匹配过" in candidates(client_of(buyer), NeedFactory(organisation=enterprise))


def test_without_htmx_the_same_list_is_a_page(need: Need, output: Solution, client_of: Login, buyer: User) -> None:
    MatchFactory(need=need, solution=output)
    html = candidates(client_of(buyer), need, fragment=False)
    assert "<html" in html
    assert output.title in html
    assert "<html" not in candidates(client_of(buyer), need)


@pytest.mark.parametrize(
    ("person", "status"), [("colleague", 200), ("operator", 200), ("supplier", 404), ("outsider", 404)]
)
def test_who_sees_the_candidates(
    need: Need, client_of: Login, person: str, status: int, request: pytest.FixtureRequest
) -> None:
    url = reverse("matching:for-need", args=[need.code])
    assert client_of(request.getfixturevalue(person)).get(url).status_code == status


def test_the_caretaker_sees_the_candidates(need: Need, client_of: Login) -> None:
    assert need.caretaker is not None
    assert client_of(need.caretaker).get(reverse("matching:for-need", args=[need.code])).status_code == 200


@pytest.mark.parametrize("name", ["for-need", "for-solution"])
def test_lists_take_no_post(need: Need, output: Solution, client_of: Login, operator: User, name: str) -> None:
    code = need.code if name == "for-need" else output.code
    assert client_of(operator).post(reverse(f"matching:{name}", args=[code])).status_code == 405


@pytest.mark.parametrize("number", [1, 3])
def test_candidates_cost_the_same_queries_for_one_and_three(
    need: Need, client_of: Login, buyer: User, number: int, django_assert_num_queries: Callable
) -> None:
    for _candidate in range(number):
        output = OutputFactory(published=True)
        SolutionIndicatorFactory(solution=output)
        MatchFactory(need=need, solution=output)
    client = client_of(buyer)
    url = reverse("matching:for-need", args=[need.code])
    with django_assert_num_queries(9):
        client.get(url, headers=HTMX)


# --- for an output ---------------------------------------------------------------------------------------------


def test_a_supplier_sees_published_needs_and_answers_invitations_only(
    output: Solution, client_of: Login, supplier: User
) -> None:
    MatchFactory(need=NeedFactory(published=True, title="甲需求"), solution=output)
    MatchFactory(need=NeedFactory(submitted=True, title="乙需求"), solution=output)
    MatchFactory(rejected=True, need=NeedFactory(published=True, title="丙需求"), solution=output)
    html = fitting(client_of(supplier), output)
    assert "甲需求" in html
    assert "未审核" in html
    assert "乙需求" not in html
    assert "丙需求" not in html
    assert "愿意对接" not in html
    MatchFactory(confirmed=True, need=NeedFactory(published=True, title="丁需求"), solution=output)
    html = fitting(client_of(supplier), output)
    assert "邀请对接，请答复" in html
    assert html.count("愿意对接</button>") == 1
    assert html.index("丁需求") < html.index("甲需求")


def test_operators_also_see_needs_in_review(output: Solution, client_of: Login, operator: User) -> None:
    MatchFactory(need=NeedFactory(submitted=True, title="乙需求"), solution=output)
    assert "乙需求" in fitting(client_of(operator), output)


def test_a_suppliers_list_goes_by_the_texts_and_not_by_the_score(
    output: Solution, client_of: Login, supplier: User
) -> None:
    near = MatchFactory(
        need=NeedFactory(published=True, title=output.title, background=output.summary), solution=output
    )
    far = MatchFactory(need=NeedFactory(published=True, title="轴承钢"), solution=output)
    near.score, far.score = 1, 99
    near.save()
    far.save()
    html = fitting(client_of(supplier), output)
    assert html.index(near.code) < html.index(far.code)


@pytest.mark.parametrize("part", ["title", "content", "fuzzy"])
def test_every_part_that_compares_texts_moves_a_suppliers_list(output: Solution, part: str) -> None:
    first, second = (
        MatchFactory(need=NeedFactory(published=True, title="轴承钢"), solution=output) for _number in range(2)
    )
    second.explanation["parts"][part]["points"] = "99.99"
    second.save()
    listed = list(queries.needs_for(output, as_operator=False))
    assert listed == [second, first]
    assert listed[0].closeness > listed[1].closeness


@pytest.mark.parametrize("part", ["indicators", "maturity", "cooperation", "budget", "region"])
def test_no_other_part_moves_it(output: Solution, part: str) -> None:
    first, second = (
        MatchFactory(need=NeedFactory(published=True, title="轴承钢"), solution=output) for _number in range(2)
    )
    second.explanation["parts"][part]["points"] = "99.99"
    second.save()
    assert list(queries.needs_for(output, as_operator=False)) == [first, second]


@pytest.mark.parametrize(("person", "status"), [("operator", 200), ("buyer", 404), ("outsider", 404)])
def test_who_sees_the_needs_for_an_output(
    output: Solution, client_of: Login, person: str, status: int, request: pytest.FixtureRequest
) -> None:
    url = reverse("matching:for-solution", args=[output.code])
    assert client_of(request.getfixturevalue(person)).get(url).status_code == status


def test_an_output_nothing_fits_is_told_what_happens_next(output: Solution, client_of: Login, supplier: User) -> None:
    assert "目前没有适合的需求" in fitting(client_of(supplier), output)
    output.state = "submitted"
    output.save()
    assert "成果发布后开始匹配" in fitting(client_of(supplier), output, fragment=False)


def test_an_outputs_run_shows_its_progress(output: Solution, client_of: Login, supplier: User) -> None:
    run = RunFactory(trigger="solution_published", solutions=[output])
    assert f"{run.code}/progress/?for={output.code}" in fitting(client_of(supplier), output)


def test_a_long_list_is_paged_on_its_own_page(output: Solution, client_of: Login, supplier: User) -> None:
    for _number in range(21):
        MatchFactory(need=NeedFactory(published=True), solution=output)
    assert "查看全部 21 项" in fitting(client_of(supplier), output)
    assert "第 1 页，共 2 页" in fitting(client_of(supplier), output, fragment=False)


@pytest.mark.parametrize("number", [1, 3])
def test_needs_for_an_output_cost_the_same_queries_for_one_and_three(
    output: Solution, client_of: Login, supplier: User, number: int, django_assert_num_queries: Callable
) -> None:
    for _need in range(number):
        need = NeedFactory(published=True)
        NeedIndicatorFactory(need=need)
        MatchFactory(confirmed=True, need=need, solution=output)
    client = client_of(supplier)
    with django_assert_num_queries(9):
        client.get(reverse("matching:for-solution", args=[output.code]), headers=HTMX)

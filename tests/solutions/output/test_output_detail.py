"""The page of an output: all its fields, and who sees what."""

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import Organisation, User
from solutions.models import Solution
from tests.factories.solutions import OutputFactory, SolutionIndicatorFactory

pytestmark = pytest.mark.django_db
ClientOf = Callable[[User], Client]
SCRIPT = "<script>alert('夹带')</script><b>粗"


@pytest.fixture
def output(university: Organisation) -> Solution:
    output = OutputFactory(
        organisation=university,
        published=True,
        innovations=["低氧真空脱气"],
        transfer_modes=["equity"],
        price="260.00",
        rights_status="granted",
        rights_note="示例专利号",
        completed_by="示例完成单位",
        completed_people="示例甲、示例乙",
        awards="示例科技奖",
        broker_delegated=True,
        maturity_assessed_by="third_party",
        trl_min=7,
        trl_max=7,
    )
    SolutionIndicatorFactory(solution=output, name="抗拉强度", condition="室温")
    SolutionIndicatorFactory(
        solution=output, name="独门配比", value="77.123", unit="独门单位", condition="独门条件", is_public=False
    )
    return output


def test_a_visitor_reads_every_public_field(client: Client, output: Solution) -> None:
    text = client.get(output.get_absolute_url()).content.decode()
    for expected in (
        output.title,
        output.summary,
        "低氧真空脱气",
        "作价入股",
        "260 万元",
        "已授权",
        "示例专利号",
        "示例完成单位",
        "示例甲、示例乙",
        "示例科技奖",
        "已委托技术经理人跟进",
        "第三方评价",
        "TRL 7",
        "通过中试",
        "黑色金属冶炼和压延加工业",
        "上海市徐汇区",
        "抗拉强度",
        "室温",
        "机构发布",
        output.code,
    ):
        assert expected in text, expected


@pytest.mark.parametrize("reader", [None, "outsider", "buyer", "newcomer"])
def test_non_public_indicators_leave_no_trace_on_the_page_of_others(
    client_of: ClientOf, client: Client, request: pytest.FixtureRequest, output: Solution, reader: str | None
) -> None:
    browser = client_of(request.getfixturevalue(reader)) if reader else client
    for url in (output.get_absolute_url(), reverse("solutions:list")):
        text = browser.get(url).content.decode()
        for secret in ("独门", "77.123"):
            assert secret not in text


@pytest.mark.parametrize("reader", ["supplier", "operator"])
def test_the_owner_and_operators_see_them_marked(
    client_of: ClientOf, request: pytest.FixtureRequest, output: Solution, reader: str
) -> None:
    text = client_of(request.getfixturevalue(reader)).get(output.get_absolute_url()).content.decode()
    assert "独门配比" in text
    assert "未公开" in text


def test_matching_needs_are_asked_for_by_the_owner_and_operators_only(
    client_of: ClientOf, client: Client, supplier: User, operator: User, buyer: User, output: Solution
) -> None:
    slot = reverse("matching:for-solution", args=[output.code])
    for insider in (supplier, operator):
        text = client_of(insider).get(output.get_absolute_url()).content.decode()
        assert f'hx-get="{slot}"' in text
        assert f'href="{slot}"' in text
    for browser in (client, client_of(buyer)):
        assert slot not in browser.get(output.get_absolute_url()).content.decode()


def test_script_in_any_field_is_shown_as_text(client_of: ClientOf, supplier: User, university: Organisation) -> None:
    output = OutputFactory(
        organisation=university,
        published=True,
        title=SCRIPT,
        summary=SCRIPT,
        technical_field=SCRIPT,
        keywords=[SCRIPT],
        innovations=[SCRIPT],
        rights_note=SCRIPT,
        completed_by=SCRIPT,
        completed_people=SCRIPT,
        awards=SCRIPT,
        source=SCRIPT,
        external_id=SCRIPT,
    )
    SolutionIndicatorFactory(solution=output, name=SCRIPT, unit="<b>粗", condition=SCRIPT)
    browser = client_of(supplier)
    for url in (
        output.get_absolute_url(),
        reverse("solutions:list"),
        reverse("solutions:mine"),
        reverse("solutions:edit", args=[output.code]),
    ):
        text = browser.get(url).content.decode()
        assert "夹带" in text
        assert "<script>alert" not in text
        assert "<b>粗" not in text


@pytest.mark.parametrize("state", ["draft", "submitted"])
def test_what_is_not_public_does_not_exist_for_others(
    client_of: ClientOf, client: Client, supplier: User, outsider: User, university: Organisation, state: str
) -> None:
    output = OutputFactory(organisation=university, submitted=state == "submitted")
    assert client.get(output.get_absolute_url()).status_code == 404
    assert client_of(outsider).get(output.get_absolute_url()).status_code == 404
    assert client_of(supplier).get(output.get_absolute_url()).status_code == 200


def test_the_owner_reads_why_it_was_returned(client_of: ClientOf, supplier: User, university: Organisation) -> None:
    output = OutputFactory(organisation=university, state="returned", return_reason="请补充试用单位")
    assert "请补充试用单位" in client_of(supplier).get(output.get_absolute_url()).content.decode()


def test_an_import_says_where_it_came_from(client: Client) -> None:
    output = OutputFactory(published=True, source="示例技术市场", external_id="X-9", trl_min=None, trl_max=None)
    text = client.get(output.get_absolute_url()).content.decode()
    assert "导入自“示例技术市场”，编号 X-9" in text
    assert "来源未注明" in text


def test_an_open_price_is_said_to_be_negotiable(client: Client) -> None:
    assert "面议" in client.get(OutputFactory(published=True).get_absolute_url()).content.decode()


@pytest.mark.parametrize("number", [1, 3])
def test_the_page_takes_the_same_queries_for_one_row_and_for_three(
    client: Client, django_assert_num_queries: Callable, number: int
) -> None:
    output = OutputFactory(published=True)
    for _index in range(number):
        SolutionIndicatorFactory(solution=output)
    with django_assert_num_queries(2):  # the output, its rows
        client.get(output.get_absolute_url())


def test_an_unknown_code_is_not_found(client: Client) -> None:
    assert client.get(reverse("solutions:detail", args=["S-NOBODY"])).status_code == 404

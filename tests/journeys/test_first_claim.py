"""抢单 in the browser: two suppliers claim, the first is refused with a reason, the second is offered and taken."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from accounts.models import Organisation, User
from challenges.models import Challenge
from contracts.models import Contract
from tests.factories.accounts import MembershipFactory, OrganisationFactory
from tests.factories.challenges import ChallengeFactory
from tests.factories.needs import NeedIndicatorFactory
from tests.journeys.steps import assert_fits_a_phone, confirm, open_notice, told

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]

REFUSAL = "中试线只能处理五百公斤钢锭，达不到我们的批量；有了一吨级试验数据欢迎再来。"


@pytest.fixture
def challenge(enterprise: Organisation) -> Challenge:
    challenge = ChallengeFactory(first_claim=True, open_now=True, need__organisation=enterprise)
    NeedIndicatorFactory(need=challenge.need)
    return challenge


@pytest.fixture
def second(db: None) -> User:
    institute = OrganisationFactory(university=True, name="示例临港材料研究院")
    return MembershipFactory(organisation=institute, user__name="示例研究员").user


def test_the_second_claim_is_offered_after_the_first_was_refused(
    challenge: Challenge,
    buyer: User,
    supplier: User,
    second: User,
    new_page: Callable[..., Page],
    assert_accessible: Callable[[Page], None],
) -> None:
    university = new_page(supplier)
    claim(university, challenge, assert_accessible)
    told(university, "您抢到了")
    expect(university.locator("main")).to_contain_text("等待需求方确认")

    institute = new_page(second, phone=True)
    claim(institute, challenge, assert_accessible)
    told(institute, "排在第 2 位")
    expect(institute.locator("main")).to_contain_text("本机构排在第 2 位")
    expect(institute.locator("main")).not_to_contain_text("示例滨海理工大学")
    assert_fits_a_phone(institute)

    enterprise = new_page(buyer)
    refuse(enterprise, assert_accessible)
    open_notice(university, "需求方未确认您对")
    expect(university.locator("main")).to_contain_text("团队或条件不足")
    expect(university.locator("main")).to_contain_text(REFUSAL)

    open_notice(institute, "您抢到了")
    expect(institute.locator("main")).to_contain_text("本机构抢到了")
    take(enterprise, challenge)

    open_notice(institute, "需求方已确认您对")
    institute.get_by_role("link", name="查看技术合同").click()
    expect(institute.locator("main")).to_contain_text("草案起草中")
    contract = Contract.objects.get()
    assert (contract.supplier.name, contract.state) == ("示例临港材料研究院", "draft")


def claim(page: Page, challenge: Challenge, assert_accessible: Callable[[Page], None]) -> None:
    page.goto(challenge.get_absolute_url())
    page.get_by_role("link", name="我要抢单").click()
    page.locator("[name$=-meets]").select_option("yes")
    page.locator("[name=approach]").fill("真空脱气与电渣重熔联合控制夹杂物，已有两炉小试数据。")
    page.locator("[name=months]").fill("６")
    page.locator("[name=price]").fill("45")
    assert_accessible(page)

    # who forgets the declaration loses nothing
    page.get_by_role("button", name="的名义抢单").click()
    expect(page.locator("main")).to_contain_text("未声明与需求方无隶属或关联关系")
    page.locator("[name=unaffiliated]").check()
    page.get_by_role("button", name="的名义抢单").click()


def refuse(page: Page, assert_accessible: Callable[[Page], None]) -> None:
    open_notice(page, "有单位抢单成功")
    expect(page.locator("main")).to_contain_text("请确认这份抢单")
    assert_accessible(page)
    page.get_by_text("不予确认", exact=True).click()
    page.locator("[name=reason]").select_option("team")
    page.locator("[name=answer]").fill(REFUSAL)
    page.get_by_role("button", name="拒绝并答复").click()
    told(page, "已拒绝并答复抢单单位")
    assert_accessible(page)


def take(page: Page, challenge: Challenge) -> None:
    page.goto(challenge.get_absolute_url())
    page.get_by_role("link", name="抢单队列").click()
    page.get_by_role("link", name="第 2 位").click()
    confirm(page, "确认抢单")
    told(page, "技术合同草案已生成")
    expect(page.locator("main")).to_contain_text("草案起草中")

"""One need with something at each of the four levels, before the eyes of five people; its poser sees who read what."""

from collections.abc import Callable

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from accounts.models import Organisation, User
from needs.models import Need
from tests.factories.accounts import MembershipFactory, OrganisationFactory
from tests.factories.disclosure import NdaAcceptanceFactory
from tests.factories.needs import NeedFactory, NeedIndicatorFactory
from tests.journeys.steps import assert_fits_a_phone, confirm, told

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]

# Level → the words of the need that begin to be shown there.
WORDS = {
    "public": ["金属材料"],
    "verified": ["主轴轴承在台架试验中过早剥落"],
    "nda": ["现用炼钢炉氧含量为十二个百万分点", "残余奥氏体"],
    "named": ["曾与示例外协厂试过离子氮化"],
}
LEVELS = list(WORDS)


@pytest.fixture
def need(enterprise: Organisation) -> Need:
    need = NeedFactory(
        published=True,
        organisation=enterprise,
        technical_field="金属材料",
        background="主轴轴承在台架试验中过早剥落，返修一次停机十四天。",
        difficulty="现用炼钢炉氧含量为十二个百万分点，降不下去。",
        tried="曾与示例外协厂试过离子氮化，层深不够。",
        disclosure={"background": "verified", "difficulty": "nda", "tried": "named"},
    )
    NeedIndicatorFactory(need=need)
    NeedIndicatorFactory(need=need, position=1, name="残余奥氏体", comparison="le", value=8, unit="%", level="nda")
    return need


@pytest.fixture
def partner(need: Need) -> User:
    """Of an organisation that has signed; the poser names it on the way."""
    institute = OrganisationFactory(university=True, name="示例临港材料研究院")
    NdaAcceptanceFactory(need=need, organisation=institute)
    return MembershipFactory(organisation=institute, user__name="示例研究员").user


def test_five_people_see_five_different_needs(
    need: Need,
    buyer: User,
    colleague: User,
    supplier: User,
    outsider: User,
    partner: User,
    page: Page,
    new_page: Callable[..., Page],
    assert_accessible: Callable[[Page], None],
) -> None:
    visitor = page
    assert_sees(visitor, need, up_to="public")
    expect(visitor.locator("main")).to_contain_text("登录后，按提出方设定的公开范围查看更多内容")
    assert_accessible(visitor)

    assert_sees(new_page(outsider), need, up_to="verified")

    signer = new_page(supplier, phone=True)
    assert_sees(signer, need, up_to="verified")
    sign(signer, assert_accessible)
    assert_sees(signer, need, up_to="nda")
    expect(signer.locator("main")).to_contain_text("其余内容只向提出方指定的机构公开")
    assert_accessible(signer)
    assert_fits_a_phone(signer)

    member = new_page(partner)
    assert_sees(member, need, up_to="nda")
    poser = new_page(buyer)
    name(poser, need, "示例临港材料研究院")
    assert_sees(member, need, up_to="named")

    assert_sees(new_page(colleague), need, up_to="named")

    read_log(poser, need, assert_accessible)
    revoke(poser, need, "示例滨海理工大学")
    assert_sees(signer, need, up_to="verified")
    expect(signer.locator("main")).to_contain_text("提出方已解除与贵机构的保密协议")
    assert_sees(member, need, up_to="named")


def assert_sees(page: Page, need: Need, *, up_to: str) -> None:
    """Everything up to this level and nothing beyond, in the whole source of the page with what it loads afterwards."""
    page.goto(need.get_absolute_url(), wait_until="networkidle")
    source = page.content()
    reached = LEVELS[: LEVELS.index(up_to) + 1]
    for level, words in WORDS.items():
        for word in words:
            assert (word in source) == (level in reached), f"{level}: {word}"


def sign(page: Page, assert_accessible: Callable[[Page], None]) -> None:
    page.get_by_role("link", name="阅读并签署保密协议").click()
    expect(page.locator("main")).to_contain_text("第一条　保密信息")
    assert_accessible(page)
    page.get_by_role("button", name="的名义签署").click()
    expect(page.locator("main")).to_contain_text("请先确认您有权代表本机构签署")
    page.locator("[name=authorised]").check()
    page.get_by_role("button", name="的名义签署").click()
    told(page, "保密协议已签署")


def name(page: Page, need: Need, organisation: str) -> None:
    page.goto(need.get_absolute_url())
    page.get_by_role("link", name="保密协议、指定机构与查阅记录").click()
    page.locator("[name=organisation]").fill(organisation)
    page.get_by_role("button", name="指定", exact=True).click()
    told(page, f"已指定{organisation}")


def read_log(page: Page, need: Need, assert_accessible: Callable[[Page], None]) -> None:
    """Who was shown something that is not public, and what; never what one's own people read."""
    page.goto(reverse("needs:disclosure", args=[need.code]))
    assert_accessible(page)
    log = page.get_by_role("region", name="查阅记录").get_by_role("table")
    # before the signature, brought back by it, and once more
    expect(log.get_by_role("row").filter(has_text="示例教授")).to_have_count(3)
    expect(log.get_by_role("row").filter(has_text="示例教授").first).to_contain_text("技术指标")
    expect(log.get_by_role("row").filter(has_text="示例外人")).to_have_count(1)
    expect(log.get_by_role("row").filter(has_text="示例研究员").first).to_contain_text("已尝试过的方案")
    expect(log).not_to_contain_text("示例同事")
    for words in WORDS["named"] + WORDS["nda"][:1]:
        expect(log).not_to_contain_text(words)


def revoke(page: Page, need: Need, organisation: str) -> None:
    page.goto(reverse("needs:disclosure", args=[need.code]))
    row = page.get_by_role("listitem").filter(has_text=organisation).filter(has_text="签署")
    confirm(page, "解除协议", reason="对方已退出洽谈。", within=row)
    told(page, "保密协议已解除")

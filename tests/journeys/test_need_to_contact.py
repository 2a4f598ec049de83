"""The whole story in a real browser, with a real worker: an enterprise posts a need and sees explained candidates, the
operator publishes and confirms, the university answers, the enterprise says yes, and both can reach each other."""

from collections.abc import Callable
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Page, expect

from accounts.models import Organisation, User
from matching.documents.maintenance import reconcile
from needs.models import Need
from tests.factories.solutions import OutputFactory, SolutionIndicatorFactory
from tests.journeys.steps import assert_fits_a_phone

pytestmark = [pytest.mark.worker, pytest.mark.slow, pytest.mark.django_db(transaction=True)]

TITLE = "风电主轴轴承钢接触疲劳寿命不够"
BACKGROUND = (
    "主轴轴承钢夹杂物偏多，台架试验四百小时就出现剥落，主机厂要求八百小时。每次返修停机十四天，一台损失约三十万元。"
)


@pytest.fixture
def catalogue(university: Organisation, supplier: User) -> None:
    """One output that fits the need, and two that have nothing to do with it."""
    fitting = OutputFactory(
        published=True,
        organisation=university,
        title="高温轴承钢洁净冶炼与碳化物细化技术",
        transfer_modes=["joint_development"],
    )
    SolutionIndicatorFactory(solution=fitting, name="抗拉强度", value=1200, unit="N/mm²")
    OutputFactory(
        published=True,
        title="猪场粪污厌氧发酵与沼液还田",
        summary="中温厌氧消化处理养殖粪污，沼液经膜浓缩后还田。",
        keywords=["厌氧发酵", "沼液"],
        technical_field="农业环境",
    )
    OutputFactory(
        published=True,
        title="古籍文字识别模型",
        summary="以小样本学习识别古籍异体字，并给出版面结构。",
        keywords=["古籍", "文字识别"],
        technical_field="人工智能",
    )
    reconcile(at=timezone.now())


def test_from_need_to_contact(
    catalogue: None,
    buyer: User,
    supplier: User,
    operator: User,
    celery_worker_process: Any,
    new_page: Callable[..., Page],
    assert_accessible: Callable[[Page], None],
) -> None:
    enterprise = new_page(buyer)
    post_need(enterprise, assert_accessible)
    see_candidates(enterprise, assert_accessible)

    desk = new_page(operator)
    publish(desk)
    confirm(desk)

    university = new_page(supplier, phone=True)
    answer_invitation(university)

    say_yes(enterprise)
    expect(enterprise.locator("main")).to_contain_text(supplier.email)
    university.reload()
    expect(university.locator("main")).to_contain_text("13800005678")


def post_need(page: Page, assert_accessible: Callable[[Page], None]) -> None:
    page.goto(reverse("dashboards:desk"))
    page.locator("main").get_by_role("link", name="发布需求").first.click()
    page.locator("[name=title]").fill(TITLE)
    page.locator("[name=need_type]").select_option("key_technology")
    page.locator("[name=technical_field]").fill("金属材料")
    page.locator("[name=keywords]").fill("轴承钢，夹杂物，接触疲劳")
    page.locator("[name=background]").fill(BACKGROUND)
    page.locator("[name$='-0-name']").fill("抗拉强度")
    page.locator("[name$='-0-comparison']").select_option("ge")
    page.locator("[name$='-0-value']").fill("１０００")  # as an input method types it
    page.locator("[name$='-0-unit']").fill("MPa")
    page.locator("[name=contact_name]").fill("示例联系人")
    page.locator("[name=contact_phone]").fill("13800005678")
    assert_accessible(page)

    # forgetting the declaration loses nothing
    page.get_by_role("button", name="提交并开始匹配").click()
    expect(page.locator("[name=background]")).to_have_value(BACKGROUND)
    page.locator("[name=declared]").check()
    page.get_by_role("button", name="提交并开始匹配").click()


def see_candidates(page: Page, assert_accessible: Callable[[Page], None]) -> None:
    """The results come without a reload, and the calculation adds up on the page of the match."""
    card = page.locator("[data-card]")
    expect(card).to_have_count(1)
    expect(card).to_contain_text("高温轴承钢洁净冶炼与碳化物细化技术")
    expect(card).to_contain_text("未审核")
    assert_accessible(page)
    card.get_by_role("link", name="查看匹配说明").click()
    expect(page.locator("main")).to_contain_text("明显相符")
    expect(page.locator("main")).to_contain_text("1200 N/mm²")
    expect(page.locator("mark").first).to_be_visible()
    assert_accessible(page)


def publish(page: Page) -> None:
    page.goto(reverse("needs:review-queue"))
    page.get_by_role("link", name=TITLE).click()
    page.get_by_role("button", name="通过并发布").click()
    expect(page.locator("main")).to_contain_text("已发布")


def confirm(page: Page) -> None:
    page.goto(reverse("matching:review"))
    expect(page.locator("[data-card]")).to_have_count(1)
    page.keyboard.press("c")
    expect(page.locator("[data-review-list] > [data-card]")).to_have_count(0)


def answer_invitation(page: Page) -> None:
    """On a telephone: the desk shows the invitation first."""
    page.goto(reverse("dashboards:desk"))
    page.locator("main").get_by_role("link", name=TITLE).first.click()
    expect(page.locator("body")).not_to_contain_text("13800005678")
    page.get_by_role("button", name="愿意对接").click()
    expect(page.locator("main")).to_contain_text("愿意对接")
    assert_fits_a_phone(page)


def say_yes(page: Page) -> None:
    need = Need.objects.get(title=TITLE)
    page.goto(need.get_absolute_url())
    page.locator("[data-card]").get_by_role("button", name="感兴趣").click()
    expect(page.locator("[data-card]")).to_contain_text("已开始对接")
    page.locator("[data-card]").get_by_role("link", name="查看匹配说明").click()

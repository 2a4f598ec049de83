"""A bidder that was not chosen reads why, appeals once, and reads what became of the appeal."""

from collections.abc import Callable

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Page, expect

from accounts.models import Organisation, User
from challenges.answer.actions import answer_bid
from challenges.models import Bid
from tests.challenges.evaluating import DECLINED, awarded
from tests.journeys.steps import assert_fits_a_phone, open_notice, told

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]

APPEAL = "答复称验证周期过长，但方案第三节已写明中试与台架试验并行，总周期与中榜方案相同。"
DECISION = "复核了方案第三节与评审记录：并行安排缺少设备依据，评分依据充分，维持原答复。"


@pytest.fixture
def declined(enterprise: Organisation, university: Organisation, buyer: User, supplier: User) -> Bid:
    """The university's bid, answered by the enterprise after another one was awarded; the supplier is told."""
    bid = awarded(enterprise).bids[1]
    bid.organisation = university
    bid.save(update_fields=["organisation"])
    return answer_bid(bid=bid, reason="plan", answer=DECLINED, by=buyer, at=timezone.now())


def test_a_rejected_bidder_reads_the_answer_and_appeals_once(
    declined: Bid,
    supplier: User,
    operator: User,
    new_page: Callable[..., Page],
    assert_accessible: Callable[[Page], None],
) -> None:
    bidder = new_page(supplier, phone=True)
    read_answer(bidder, assert_accessible)
    appeal(bidder, assert_accessible)
    find_no_second_appeal(bidder, declined)

    desk = new_page(operator)
    dismiss(desk, assert_accessible)

    open_notice(bidder, "提出的申诉经审理不成立")
    bidder.get_by_role("link", name="查看申诉").click()
    expect(bidder.locator("main")).to_contain_text(DECISION)
    expect(bidder.locator("main")).to_contain_text(DECLINED)
    assert_accessible(bidder)
    find_no_second_appeal(bidder, declined)


def read_answer(page: Page, assert_accessible: Callable[[Page], None]) -> None:
    """The notice says only that there is an answer; the page says which."""
    page.goto(reverse("accounts:notices"))
    expect(page.locator("main")).not_to_contain_text(DECLINED)
    open_notice(page, "提交的方案已得到答复")
    expect(page.locator("main")).to_contain_text("进度或计划不可行")
    expect(page.locator("main")).to_contain_text(DECLINED)
    assert_accessible(page)
    assert_fits_a_phone(page)


def appeal(page: Page, assert_accessible: Callable[[Page], None]) -> None:
    page.get_by_role("link", name="提出申诉").click()
    expect(page.locator("main")).to_contain_text(DECLINED)  # what is appealed against stands beside the form
    page.locator("[name=text]").fill(APPEAL)
    assert_accessible(page)
    page.get_by_role("button", name="提交申诉").click()
    told(page, "申诉已提交")
    expect(page.locator("main")).to_contain_text("平台运营人员正在处理")


def find_no_second_appeal(page: Page, bid: Bid) -> None:
    page.goto(bid.get_absolute_url())
    expect(page.get_by_role("link", name="查看申诉")).to_be_visible()
    expect(page.get_by_role("link", name="提出申诉")).to_have_count(0)
    page.goto(reverse("challenges:bid-appeal", args=[bid.code]))
    expect(page.locator("main")).to_contain_text(APPEAL)
    expect(page.get_by_role("button", name="提交申诉")).to_have_count(0)


def dismiss(page: Page, assert_accessible: Callable[[Page], None]) -> None:
    open_notice(page, "提出申诉，等待处理")
    page.get_by_role("link", name="处理申诉").click()
    expect(page.locator("main")).to_contain_text(APPEAL)
    expect(page.locator("main")).to_contain_text(DECLINED)
    page.get_by_label("不成立，维持原答复").check()
    page.locator("[name=answer]").fill(DECISION)
    assert_accessible(page)
    page.get_by_role("button", name="作出决定").click()
    told(page, "申诉已处理")
    expect(page.get_by_role("heading", name="待处理的申诉")).to_have_count(0)

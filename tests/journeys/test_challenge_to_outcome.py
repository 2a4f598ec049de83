"""揭榜 to acceptance in the browser: an enterprise, three bidders, two reviewers and an operator, to a solved need."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Page, expect

from accounts.models import Organisation, User
from challenges.answer.permissions import APPEAL_TIME
from challenges.bid.actions import save_bid, start_bid, submit_bid
from challenges.challenge.tasks import advance_challenges
from challenges.models import Bid, Challenge
from challenges.review.scorecards import submit_scorecard
from contracts.models import Clause
from needs.models import Need
from tests.challenges.bidding import content
from tests.factories.accounts import MembershipFactory, OrganisationFactory, UserFactory
from tests.factories.needs import NeedFactory, NeedIndicatorFactory
from tests.journeys.steps import assert_fits_a_phone, confirm, open_notice, pdf_file, told

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]

Accessible = Callable[[Page], None]

# By what reviewers know a bid: they see no name.
BEST = "真空脱气与电渣重熔联合控制夹杂物，分小试、中试两步验证。"
GOOD = "以稀土微合金化改善夹杂物形态，沿用现有炉型。"
WEAK = "采购进口钢坯，由本所复检后交付。"
POINTS = {BEST: 90, GOOD: 75, WEAK: 55}
DECLINED = "方案可行，但验证周期比中榜方案长三个月，样件数量也偏少。"


@pytest.fixture
def need(enterprise: Organisation) -> Need:
    need = NeedFactory(
        published=True,
        organisation=enterprise,
        title="风电主轴轴承钢接触疲劳寿命不够",
        submitted_at=timezone.now() - timedelta(days=30),
        usual_search_days=120,
    )
    NeedIndicatorFactory(need=need)
    return need


@pytest.fixture
def rivals(db: None) -> list[User]:
    """Writers of two more organisations."""
    names = ["示例临港材料研究院", "示例江北特钢技术公司"]
    return [MembershipFactory(organisation=OrganisationFactory(university=True, name=name)).user for name in names]


@pytest.fixture
def reviewers(db: None) -> list[User]:
    return [UserFactory(name="示例评审甲"), UserFactory(name="示例评审乙")]


def test_from_challenge_to_solved(
    need: Need,
    buyer: User,
    supplier: User,
    operator: User,
    rivals: list[User],
    reviewers: list[User],
    new_page: Callable[..., Page],
    assert_accessible: Accessible,
) -> None:
    enterprise = new_page(buyer)
    call(enterprise, need, assert_accessible)
    announce(new_page(operator), need)

    university = new_page(supplier)
    bid(university, need, assert_accessible)
    challenge = Challenge.objects.get()
    for rival, approach in zip(rivals, [GOOD, WEAK], strict=True):
        hand_in(challenge, rival, approach)
    find_bids_sealed(enterprise, challenge)

    pass_deadline(challenge)
    invite(enterprise, challenge, reviewers, assert_accessible)
    desks = [new_page(reviewer) for reviewer in reviewers]
    begin_review(desks[0])
    assert_accessible(desks[0])
    for _bid in POINTS:
        score(desks[0])
    begin_review(desks[1])
    score_all_but_one(challenge, reviewers[1])
    score(desks[1])
    for desk in desks:
        expect(desk.locator("main")).to_contain_text("您的评分已全部提交")
    draw_up(enterprise)
    for desk in desks:
        sign(desk)
    award(enterprise, challenge, assert_accessible)
    answer_the_others(enterprise, challenge)

    draft(enterprise, assert_accessible)
    agree(enterprise)
    told(enterprise, "已确认，等待对方确认")
    phone = new_page(supplier, phone=True)
    open_notice(phone, "对方已确认需求")
    agree(phone)
    told(phone, "合同已签订")
    deliver(phone)
    accept(enterprise, assert_accessible)
    solve(enterprise, assert_accessible)

    find_solved(enterprise, need, assert_accessible)


def call(page: Page, need: Need, assert_accessible: Accessible) -> None:
    """The form comes with the usual criteria, a deadline and sensible days."""
    page.goto(need.get_absolute_url())
    page.get_by_role("link", name="发起揭榜").click()
    page.locator("[name=prize]").fill("120")
    page.locator("[name=rules]").fill("逐项回应技术指标，附小试或中试数据；中榜后三十天内签约。")
    page.locator("[name=min_bids]").fill("3")
    assert_accessible(page)
    page.get_by_role("button", name="提交论证").click()
    told(page, "榜单已提交")
    expect(page.locator("main")).to_contain_text("等待平台论证")


def announce(page: Page, need: Need) -> None:
    page.goto(reverse("challenges:review-queue"))
    expect(page.locator("main")).to_contain_text(need.title)
    page.get_by_role("button", name="论证通过并发榜").click()
    told(page, "已发榜")


def bid(page: Page, need: Need, assert_accessible: Accessible) -> None:
    """From the public list through the form, which saves itself, to a bid that is handed in and sealed."""
    page.goto(reverse("challenges:list"))
    page.get_by_role("link", name=need.title).click()
    assert_accessible(page)
    page.get_by_role("link", name="我要揭榜").click()
    page.get_by_role("button", name="的名义编写方案").click()
    page.locator("[name=approach]").fill(BEST)
    expect(page.locator("#bid-saved")).to_contain_text("已自动保存")
    page.reload()
    expect(page.locator("[name=approach]")).to_have_value(BEST)
    page.locator("[name$=-meets]").select_option("yes")
    page.locator("[name$=-how]").fill("以第三方检测报告证明。")
    page.locator("[name=team]").fill("示例课题组十二人，自有中试线。")
    page.locator("[name=plan-0-title]").fill("中试验证")
    page.locator("[name=plan-0-month]").fill("6")
    page.locator("[name=plan-0-deliverable]").fill("中试样件与检测报告")
    page.locator("[name=months]").fill("12")
    page.locator("[name=price]").fill("80")
    page.locator("[name=ip_proposal]").fill("双方共有。")
    page.locator("[name=unaffiliated]").check()
    assert_accessible(page)
    page.get_by_role("button", name="提交", exact=True).click()
    page.get_by_role("button", name="确认提交").click()
    told(page, "方案已提交")
    expect(page.locator("main")).to_contain_text("方案已提交并密封")


def hand_in(challenge: Challenge, writer: User, approach: str) -> None:
    organisation = writer.memberships.get().organisation
    now = timezone.now()
    started = start_bid(challenge=challenge, organisation=organisation, by=writer, at=now)
    save_bid(bid=started, values=content(challenge, organisation, approach=approach), by=writer, at=now)
    submit_bid(bid=started, by=writer, at=now)


def find_bids_sealed(page: Page, challenge: Challenge) -> None:
    """Not even the poser learns who bids, or that anybody does."""
    page.goto(challenge.get_absolute_url())
    expect(page.locator("main")).to_contain_text("方案密封至截止时间")
    expect(page.get_by_role("link", name="去评榜")).to_have_count(0)
    source = page.content()
    assert "示例滨海理工大学" not in source
    assert "示例临港材料研究院" not in source


def pass_deadline(challenge: Challenge) -> None:
    Challenge.objects.filter(pk=challenge.pk).update(closes_at=timezone.now() - timedelta(minutes=1))
    advance_challenges()


def invite(page: Page, challenge: Challenge, reviewers: list[User], assert_accessible: Accessible) -> None:
    page.goto(challenge.get_absolute_url())
    page.get_by_role("link", name="去评榜").click()
    expect(page.locator("main")).to_contain_text("示例滨海理工大学")  # the bids are open now
    for reviewer in reviewers:
        page.locator("[name=email]").fill(reviewer.email)
        page.get_by_role("button", name="指派评审人").click()
        told(page, f"已邀请{reviewer.name}评审")
    assert_accessible(page)


def begin_review(page: Page) -> None:
    """Nothing of a bid before the declaration; then the first one that is not scored."""
    open_notice(page, "您受邀评审榜单")
    expect(page.get_by_role("link", name="去评方案")).to_have_count(0)
    confirm(page, "声明无利益冲突")
    told(page, "声明已记录")
    page.get_by_role("link", name="去评方案").click()


def score_all_but_one(challenge: Challenge, user: User) -> None:
    """All but 方案 1, which is on this reviewer's page."""
    reviewer = challenge.reviewers.get(user=user)
    for opened in challenge.bids.exclude(label=1):
        points = POINTS[opened.versions.get().approach]
        submit_scorecard(
            reviewer=reviewer,
            bid=opened,
            points={criterion.pk: Decimal(points) for criterion in challenge.criteria.all()},
            comment="依据充分，计划略紧。",
            by=user,
            at=timezone.now(),
        )


def score(page: Page) -> None:
    """The bid on the page, by what it says; afterwards the next one, or the list after the last."""
    title = page.get_by_role("heading", level=1).inner_text()
    source = page.content()
    assert "示例滨海理工大学" not in source
    points = next(points for approach, points in POINTS.items() if approach in source)
    for field in page.locator("[name^=points-]").all():
        field.fill(str(points))
    page.locator("[name=comment]").fill("路线可行，指标依据充分。")
    page.locator("[name=comment]").press("Tab")
    expect(page.locator("#scorecard-saved")).to_contain_text("已保存")
    page.locator("[data-dialog=submit-card]").click()
    page.get_by_role("dialog").get_by_role("button", name="提交评分").click()
    told(page, f"{title}的评分已提交")


def draw_up(page: Page) -> None:
    open_notice(page, "的评分已全部提交，可以形成评审纪要")
    confirm(page, "形成评审纪要")
    told(page, "评审纪要已形成")


def sign(page: Page) -> None:
    page.goto(reverse("challenges:review-mine"))
    page.get_by_role("link", name="去签署").click()
    page.get_by_role("button", name="核对无误，签署").click()
    told(page, "评审纪要已签署")


def award(page: Page, challenge: Challenge, assert_accessible: Accessible) -> None:
    page.goto(reverse("challenges:evaluation", args=[challenge.code]))
    expect(page.locator("main")).to_contain_text("评审纪要已由全体评审人签署")
    assert_accessible(page)
    page.get_by_role("link", name="定榜", exact=True).click()
    first = page.locator("main label").filter(has_text="第 1 名")
    expect(first).to_contain_text("示例滨海理工大学")
    expect(first).to_contain_text("90")
    first.click()
    page.locator("[name=answer]").fill("技术路线完整，指标依据充分，综合评分第一。")
    assert_accessible(page)
    page.get_by_role("button", name="确认定榜").click()
    told(page, "已定榜")


def answer_the_others(page: Page, challenge: Challenge) -> None:
    """A challenge does not close before the last bidder has its reasoned answer and has had its time to appeal."""
    page.goto(challenge.get_absolute_url())
    expect(page.locator("main")).to_contain_text("还有 2 个揭榜方案没有答复")
    expect(page.get_by_role("button", name="结束榜单")).to_have_count(0)
    page.get_by_role("link", name="看评榜记录").click()
    for organisation in ("示例临港材料研究院", "示例江北特钢技术公司"):
        row = page.get_by_role("listitem").filter(has_text=organisation)
        row.get_by_role("link", name="答复", exact=True).click()
        page.locator("[name=reason]").select_option("better_bid")
        page.locator("[name=answer]").fill(DECLINED)
        page.get_by_role("button", name="发送答复").click()
        told(page, f"已答复{organisation}")
    expect(page.locator("main")).to_contain_text("已定榜，全部方案都已答复")
    page.goto(challenge.get_absolute_url())
    expect(page.locator("main")).to_contain_text("未中榜单位可以申诉至")
    expect(page.get_by_role("button", name="结束榜单")).to_have_count(0)
    declined = Bid.objects.filter(challenge=challenge, state="declined")
    declined.update(answered_at=timezone.now() - APPEAL_TIME)
    page.reload()
    confirm(page, "结束榜单")
    told(page, "榜单已结束")


def draft(page: Page, assert_accessible: Accessible) -> None:
    """The award made a draft with price and plan; the clauses are answered before anybody can agree to it."""
    open_notice(page, "已生成技术合同草案")
    expect(page.locator("main")).to_contain_text("草案起草中")
    assert_accessible(page)
    page.get_by_role("link", name="编辑草案").click()
    expect(page.locator("[name=amount]")).to_have_value("80")
    expect(page.locator("[name$='-0-title']")).to_have_value("中试验证")
    page.locator("[name=kind]").select_option("commissioned_development")
    page.locator("[name=payment_mode]").select_option("instalments")
    page.locator("[name=rights_owner]").select_option("joint")
    for clause in Clause:
        page.locator(f"[name=clause_{clause.value}]").fill(f"示例约定：{clause.label}。")
    page.locator("[name$='-0-payment']").fill("80")
    assert_accessible(page)
    page.get_by_role("button", name="保存草案").click()
    told(page, "合同草案已保存")


def agree(page: Page) -> None:
    page.get_by_role("link", name="核对并确认合同").click()
    expect(page.locator("main")).to_contain_text("示例约定：验收标准和方法")
    page.get_by_role("button", name="确认这份合同").click()


def deliver(page: Page) -> None:
    page.get_by_role("link", name="交付", exact=True).click()
    page.locator("[name=note]").fill("样件三套已寄出，第三方检测报告见附件。")
    page.locator("[name=files]").set_input_files(pdf_file("检测报告.pdf"))
    page.locator("main form [type=submit]").click()
    told(page, "已交付，等待需求方验收")
    assert_fits_a_phone(page)


def accept(page: Page, assert_accessible: Accessible) -> None:
    """First the milestone, then the whole."""
    open_notice(page, "已交付，请验收")
    expect(page.get_by_role("link", name="检测报告.pdf")).to_be_visible()
    assert_accessible(page)
    confirm(page, "通过")
    told(page, "里程碑“中试验证”已通过")
    page.get_by_role("link", name="最终验收").click()
    page.locator("[name=note]").fill("三批样件寿命均超过两千小时，达到约定。")
    page.locator("main form [type=submit]").click()
    told(page, "合同已通过验收")


def solve(page: Page, assert_accessible: Accessible) -> None:
    """Solved is said with a figure before and after, and a file that proves it."""
    page.get_by_role("link", name="确认问题解决").click()
    page.locator("[name$='-0-name']").fill("台架寿命")
    page.locator("[name$='-0-before']").fill("800")
    page.locator("[name$='-0-after']").fill("２１００")
    page.locator("[name$='-0-unit']").fill("小时")
    assert_accessible(page)
    page.get_by_role("button", name="确认问题已经解决").click()
    expect(page.locator("main")).to_contain_text("请选择证明材料")
    expect(page.locator("[name$='-0-name']")).to_have_value("台架寿命")
    page.locator("[name$='-0-evidence']").set_input_files(pdf_file("台架报告.pdf"))
    page.get_by_role("button", name="确认问题已经解决").click()
    told(page, "已确认问题解决，需求随之关闭")
    expect(page.locator("main")).to_contain_text("+162.5%")
    expect(page.get_by_role("link", name="证明材料：台架报告.pdf")).to_be_visible()
    assert_accessible(page)


def find_solved(page: Page, need: Need, assert_accessible: Accessible) -> None:
    """The need is closed, and its clock has run from the submission to the acceptance."""
    page.goto(need.get_absolute_url())
    expect(page.locator("main")).to_contain_text("关闭：")
    clock = page.get_by_role("region", name="对接时钟")
    expect(clock).to_contain_text("已走到验收")
    expect(clock.get_by_role("listitem").filter(has_text="签约")).to_contain_text("30 天")
    expect(clock).to_contain_text("以往需 120 天，本次 30 天")
    expect(clock).to_contain_text("缩短 75%")
    assert_accessible(page)
    need.refresh_from_db()
    assert (need.state, need.close_reason) == ("closed", "solved_here")

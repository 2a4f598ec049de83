"""Writing a bid: it saves itself, what cannot be read is said and kept, and handing in tells until when."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.models import Role
from challenges.models import Bid
from needs.models import Level
from tests.challenges.bidding import sheet
from tests.factories.accounts import MembershipFactory
from tests.factories.bids import BidFactory
from tests.factories.challenges import ChallengeFactory
from tests.factories.needs import NeedIndicatorFactory
from tests.factories.solutions import OutputFactory
from tests.needs.need.pages import text

pytestmark = pytest.mark.django_db


@pytest.fixture
def challenge(enterprise):
    found = ChallengeFactory(open_now=True, need__organisation=enterprise)
    NeedIndicatorFactory(need=found.need, name="抗拉强度")
    return found


@pytest.fixture
def bid(challenge, university, supplier):
    return BidFactory(
        challenge=challenge,
        organisation=university,
        created_by=supplier,
        version__approach="",
        version__indicator_answers=[],
        version__plan=[],
        version__experts=[],
        version__price=None,
        version__months=None,
    )


def edit(bid):
    return reverse("challenges:bid-edit", args=[bid.code])


def autosave(bid):
    return reverse("challenges:bid-autosave", args=[bid.code])


def create(challenge):
    return reverse("challenges:bid-create", args=[challenge.code])


def over(challenge):
    challenge.closes_at = timezone.now() - timedelta(seconds=1)
    challenge.save(update_fields=["closes_at"])


# --- Beginning -----------------------------------------------------------------------------------------------


def test_the_page_says_what_is_asked_and_begins_on_a_post_only(challenge, supplier, university, client_of):
    client = client_of(supplier)
    page = text(client.get(create(challenge)))
    assert "截止前方案密封" in page
    assert not Bid.objects.exists()
    response = client.post(create(challenge))
    assert response["Location"] == edit(Bid.objects.get())


def test_who_has_begun_is_led_to_the_bid(bid, challenge, supplier, client_of):
    assert client_of(supplier).get(create(challenge))["Location"] == bid.get_absolute_url()


@pytest.mark.parametrize(
    ("who", "words"), [("buyer", "同一机构"), ("operator", "类型不能揭榜"), ("newcomer", "先登记或加入")]
)
def test_who_may_not_bid_reads_why(who, words, request, challenge, client_of):
    client = client_of(request.getfixturevalue(who))
    assert words in text(client.get(create(challenge)))
    assert client.post(create(challenge)).status_code == 403
    assert not Bid.objects.exists()


def test_the_agreement_that_is_missing_is_one_click_away(enterprise, supplier, client_of):
    challenge = ChallengeFactory(open_now=True, need__organisation=enterprise, requires_nda=True)
    page = text(client_of(supplier).get(create(challenge)))
    assert reverse("needs:nda", args=[challenge.need.code]) in page


def test_after_the_deadline_nothing_is_begun(challenge, supplier, client_of):
    over(challenge)
    assert "现在不接受方案" in text(client_of(supplier).get(create(challenge)))


# --- Saving by itself ----------------------------------------------------------------------------------------


def test_the_form_saves_itself_and_says_when(bid, challenge, supplier, university, client_of):
    said = text(client_of(supplier).post(autosave(bid), sheet(challenge, university)))
    assert "已自动保存" in said
    assert "<html" not in said
    version = bid.versions.get()
    assert (version.price, version.months, version.experts) == (Decimal("80.5"), 12, ["示例专家甲", "示例专家乙"])
    assert version.plan == [{"title": "中试验证", "month": 6, "deliverable": "中试样件"}]
    assert version.indicator_answers[0]["meets"] == "yes"
    bid.refresh_from_db()
    assert bid.state == "draft"


def test_an_unfinished_bid_saves_itself_too(bid, challenge, supplier, university, client_of):
    data = sheet(challenge, university, team="", price="", unaffiliated=None)
    assert "已自动保存" in text(client_of(supplier).post(autosave(bid), data))
    assert bid.versions.get().approach.startswith("真空脱气")


def test_what_cannot_be_read_is_named_and_the_rest_is_saved(bid, challenge, supplier, university, client_of):
    data = sheet(challenge, university, price="面谈", **{"plan-0-month": "夏天"})
    said = text(client_of(supplier).post(autosave(bid), data))
    assert "看不懂" in said
    assert "报价" in said
    assert "第几个月完成" in said
    version = bid.versions.get()
    assert (version.price, version.months) == (None, 12)
    assert version.plan[0] == {"title": "中试验证", "month": None, "deliverable": "中试样件"}


def test_saving_itself_after_the_deadline_reloads_nothing_and_says_so(bid, challenge, supplier, university, client_of):
    over(challenge)
    response = client_of(supplier).post(autosave(bid), sheet(challenge, university), headers={"HX-Request": "true"})
    assert response.status_code == 200
    assert "HX-Redirect" not in response
    assert "没有保存" in text(response)
    assert bid.versions.get().approach == ""


def test_a_submitted_bid_that_changes_says_which_version_counts(challenge, supplier, university, client_of):
    bid = BidFactory(submitted=True, challenge=challenge, organisation=university, created_by=supplier)
    said = text(client_of(supplier).post(autosave(bid), sheet(challenge, university)))
    assert "仍以已提交的版本为准" in said
    assert bid.versions.count() == 2


def test_opening_the_form_changes_nothing(challenge, supplier, university, client_of):
    bid = BidFactory(submitted=True, challenge=challenge, organisation=university, created_by=supplier)
    assert client_of(supplier).get(edit(bid)).status_code == 200
    assert bid.versions.count() == 1


def test_the_form_saves_itself_by_htmx_after_typing(bid, supplier, client_of):
    page = text(client_of(supplier).get(edit(bid)))
    assert f'hx-post="{autosave(bid)}"' in page
    assert 'hx-trigger="input delay:3s, change"' in page


@pytest.mark.parametrize(("who", "status"), [("buyer", 404), ("operator", 404), ("outsider", 404)])
def test_nobody_else_reaches_the_form(who, status, request, bid, client_of):
    client = client_of(request.getfixturevalue(who))
    for url in (edit(bid), bid.get_absolute_url()):
        assert client.get(url).status_code == status
    assert client.post(autosave(bid), {"approach": "别人写的"}).status_code == status


def test_a_viewer_reads_but_does_not_write(bid, university, client_of):
    viewer = MembershipFactory(organisation=university, role=Role.VIEWER).user
    client = client_of(viewer)
    assert client.get(bid.get_absolute_url()).status_code == 200
    assert client.get(edit(bid)).status_code == 403
    assert "没有保存" in text(client.post(autosave(bid), {"approach": "不该写的"}))
    assert bid.versions.get().approach == ""


# --- The save button -----------------------------------------------------------------------------------------


def test_without_javascript_the_button_saves(bid, challenge, supplier, university, client_of):
    page = text(client_of(supplier).post(edit(bid), sheet(challenge, university), follow=True))
    assert "草稿已保存" in page
    assert bid.versions.get().approach.startswith("真空脱气")


def test_an_error_loses_nothing(bid, challenge, supplier, university, client_of):
    data = sheet(challenge, university, price="面谈", **{"plan-0-month": "夏天"})
    page = text(client_of(supplier).post(edit(bid), data))
    assert "有内容需要修改，其余已保留" in page
    assert "面谈" in page
    assert "夏天" in page
    assert "真空脱气与电渣重熔" in page
    assert bid.versions.get().team == "示例课题组十二人。"


def test_outputs_of_ones_own_can_be_named(bid, challenge, supplier, university, client_of):
    own, foreign = OutputFactory(published=True, organisation=university), OutputFactory(published=True)
    draft = OutputFactory(organisation=university)
    page = text(client_of(supplier).get(edit(bid)))
    assert own.title in page
    assert foreign.title not in page
    assert draft.title not in page
    client_of(supplier).post(edit(bid), sheet(challenge, university, solutions=[own.code, ""]))
    assert list(bid.versions.get().solutions.all()) == [own]
    page = text(client_of(supplier).post(edit(bid), sheet(challenge, university, solutions=[foreign.code])))
    assert "只能选择本单位已发布的成果" in page
    assert list(bid.versions.get().solutions.all()) == [own]


def test_removed_and_empty_rows_of_the_plan_do_not_count(bid, challenge, supplier, university, client_of):
    data = sheet(challenge, university, **{"plan-0-DELETE": "on", "plan-1-title": "试制", "plan-1-month": "3"})
    client_of(supplier).post(edit(bid), data)
    assert bid.versions.get().plan == [{"title": "试制", "month": 3, "deliverable": ""}]


def test_indicators_the_bidder_may_not_see_are_not_asked(bid, challenge, supplier, university, client_of):
    hidden = NeedIndicatorFactory(need=challenge.need, name="保密指标", level=Level.NDA)
    page = text(client_of(supplier).get(edit(bid)))
    assert "抗拉强度" in page
    assert "保密指标" not in page
    data = {**sheet(challenge, university), f"answer-{hidden.pk}-meets": "yes"}
    client_of(supplier).post(edit(bid), data)
    assert hidden.pk not in [row["indicator"] for row in bid.versions.get().indicator_answers]


# --- Handing in ----------------------------------------------------------------------------------------------


def test_the_dialog_says_until_when_it_may_be_changed(bid, challenge, supplier, client_of):
    page = text(client_of(supplier).get(edit(bid)))
    until = f"{timezone.localtime(challenge.closes_at):%Y-%m-%d %H:%M}"
    assert f"提交后，{until} 之前仍可以修改或撤回" in page


def test_what_is_typed_is_saved_and_handed_in_together(bid, challenge, supplier, university, client_of):
    page = text(client_of(supplier).post(edit(bid), sheet(challenge, university, intent="submit"), follow=True))
    assert "方案已提交" in page
    bid.refresh_from_db()
    assert bid.state == "submitted"


def test_what_a_bid_is_asked_is_read_once_for_form_check_and_record(bid, challenge, supplier, university, client_of):
    data, client = sheet(challenge, university, intent="submit"), client_of(supplier)
    with CaptureQueriesContext(
        connection,
    ) as queries:
        client.post(edit(bid), data)
    assert sum('FROM "needs_needindicator"' in query["sql"] for query in queries) == 1
    assert [row["name"] for row in bid.versions.get().indicators_asked] == ["抗拉强度"]


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"team": ""}, "提交前请填写此项"),
        ({"unaffiliated": None}, "未声明与需求方无隶属"),
        ({"plan-0-title": "", "plan-0-month": "", "plan-0-deliverable": ""}, "请至少填写一个里程碑"),
        ({"plan-0-month": ""}, "请填写里程碑名称和完成月份"),
        ({"plan-0-month": "20"}, "不能晚于完成周期"),
    ],
)
def test_what_is_missing_is_said_and_nothing_is_lost(changed, words, bid, challenge, supplier, university, client_of):
    data = sheet(challenge, university, intent="submit", **changed)
    page = text(client_of(supplier).post(edit(bid), data))
    assert words in page
    assert "有内容需要修改，其余已保留" in page
    bid.refresh_from_db()
    assert bid.state == "draft"
    assert bid.versions.get().approach.startswith("真空脱气")


@pytest.mark.parametrize(("answer", "words"), [("meets", "请说明能否达到这项指标"), ("how", "怎样达到、以什么证明")])
def test_an_unanswered_indicator_is_named_at_its_row(answer, words, bid, challenge, supplier, university, client_of):
    row = challenge.need.indicators.get()
    data = sheet(challenge, university, intent="submit", **{f"answer-{row.pk}-{answer}": ""})
    page = text(client_of(supplier).post(edit(bid), data))
    assert words in page
    assert f'href="#id_answer-{row.pk}-{answer}"' in page


def test_a_moment_too_late_what_was_typed_stays_on_the_page(bid, challenge, supplier, university, client_of):
    over(challenge)
    page = text(client_of(supplier).post(edit(bid), sheet(challenge, university, intent="submit")))
    assert "截止时间已过" in page
    assert "真空脱气与电渣重熔" in page
    bid.refresh_from_db()
    assert bid.state == "draft"


def test_after_the_deadline_the_form_leads_to_the_bid_and_a_draft_says_plainly_what_it_is(
    bid, challenge, supplier, client_of
):
    over(challenge)
    response = client_of(supplier).get(edit(bid), follow=True)
    assert response.redirect_chain[-1][0] == bid.get_absolute_url()
    assert "没有在截止时间" in text(response)
    assert "不参加评审" in text(response)


# --- The other pages -----------------------------------------------------------------------------------------


def test_a_bid_is_withdrawn_and_handed_in_again_on_its_page(challenge, supplier, university, client_of):
    bid = BidFactory(submitted=True, challenge=challenge, organisation=university, created_by=supplier)
    client = client_of(supplier)
    page = text(client.post(reverse("challenges:bid-withdraw", args=[bid.code]), follow=True))
    assert "方案已撤回" in page
    assert "再次提交" in page
    client.post(reverse("challenges:bid-submit", args=[bid.code]))
    bid.refresh_from_db()
    assert bid.state == "submitted"


def test_handing_in_something_unfinished_leads_to_the_form(bid, supplier, client_of):
    response = client_of(supplier).post(reverse("challenges:bid-submit", args=[bid.code]), follow=True)
    assert "还不能提交" in text(response)
    assert response.redirect_chain[-1][0] == edit(bid)


def test_unsubmitted_changes_are_thrown_away_on_the_page(challenge, supplier, university, client_of):
    bid = BidFactory(submitted=True, challenge=challenge, organisation=university, created_by=supplier)
    client = client_of(supplier)
    client.post(autosave(bid), sheet(challenge, university))
    assert "有修改还没有提交" in text(client.get(bid.get_absolute_url()))
    client.post(reverse("challenges:bid-drop", args=[bid.code]))
    assert bid.versions.count() == 1


@pytest.mark.parametrize("action", ["autosave", "submit", "withdraw", "drop", "attach"])
def test_steps_are_posted(action, bid, supplier, client_of):
    assert client_of(supplier).get(reverse(f"challenges:bid-{action}", args=[bid.code])).status_code == 405


def test_the_answer_with_its_reason_is_on_the_page_of_the_bid(supplier, university, client_of):
    bid = BidFactory(declined=True, challenge=ChallengeFactory(evaluating=True), organisation=university, reason="team")
    page = text(client_of(supplier).get(bid.get_absolute_url()))
    assert "团队或条件不足" in page
    assert bid.answer in page


def test_ones_own_bids_are_listed_by_state(challenge, supplier, university, client_of):
    draft = BidFactory(organisation=university, challenge=challenge)
    declined = BidFactory(declined=True, organisation=university, challenge=ChallengeFactory(evaluating=True))
    foreign = BidFactory(challenge=challenge)
    page = text(client_of(supplier).get(reverse("challenges:bid-mine")))
    assert draft.code in page
    assert declined.code in page
    assert foreign.code not in page
    page = text(client_of(supplier).get(reverse("challenges:bid-mine"), {"state": "declined"}))
    assert draft.code not in page
    assert declined.code in page


@pytest.mark.parametrize("query", ["", "?state=withdrawn", "?state=nonsense"])
def test_an_empty_list_says_what_to_do(query, supplier, client_of):
    assert reverse("challenges:list") in text(client_of(supplier).get(reverse("challenges:bid-mine") + query))


def test_the_list_asks_the_same_number_of_questions_however_long(supplier, university, client_of):
    client = client_of(supplier)
    counts = []
    for number in (1, 2):
        for _one in range(number):
            BidFactory(submitted=True, organisation=university)
        client.get(reverse("challenges:bid-mine"))
        with CaptureQueriesContext(connection) as queries:
            client.get(reverse("challenges:bid-mine"))
        counts.append(len(queries))
    assert counts[0] == counts[1]

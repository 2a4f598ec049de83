"""The public list, a need's page and one's own needs: what they show to whom."""

from datetime import timedelta
from urllib.parse import urlencode

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.audit import AuditEvent
from challenges.models import Challenge
from needs.models import Need
from needs.need.workflow import NeedState
from tests.factories.accounts import MembershipFactory, OrganisationFactory
from tests.factories.challenges import ChallengeFactory
from tests.factories.needs import NeedFactory, NeedIndicatorFactory
from tests.needs.need.pages import text

pytestmark = pytest.mark.django_db

LIST = reverse("needs:list")
MINE = reverse("needs:mine")


def shown(response) -> set[str]:
    return codes(response.context["page"])


def codes(needs) -> set[str]:
    return {need.code for need in needs}


# --- The public list -------------------------------------------------------------------------------


def test_visitors_see_published_needs_only(client):
    published = NeedFactory(published=True)
    NeedFactory(), NeedFactory(submitted=True), NeedFactory(closed=True)
    assert shown(client.get(LIST)) == {published.code}


def test_the_newest_stands_first(client):
    now = timezone.now()
    old, new = (NeedFactory(published=True, published_at=now - timedelta(days=days)) for days in (2, 1))
    assert [need.code for need in client.get(LIST).context["page"]] == [new.code, old.code]


@pytest.mark.parametrize(
    ("fields", "hit"),
    [
        ({"industry": "C34"}, True),
        ({"industry": "C"}, True),
        ({"industry": "C35"}, False),
        ({"need_type": "key_component"}, True),
        ({"need_type": "inspection"}, False),
        ({"region": "310000"}, True),
        ({"region": "330000"}, False),
        ({"budget": "20-50"}, True),
        ({"budget": "50-100"}, True),
        ({"budget": "0-20"}, False),
        ({"budget": "500-"}, False),
        ({"budget": "open"}, False),
        ({"organisation": "O-222222"}, True),
        ({"industry": "C34", "budget": "500-"}, False),
        ({"industry": "nonsense"}, True),
        ({"organisation": "O-999999"}, True),
    ],
)
def test_filters_narrow_the_list(fields, hit, client):
    need = NeedFactory(
        published=True,
        organisation=OrganisationFactory(code="O-222222"),
        industry="C34",
        need_type="key_component",
        region_code="310115",
        budget_min=30,
        budget_max=80,
    )
    assert shown(client.get(LIST, fields)) == ({need.code} if hit else set())


@pytest.mark.parametrize(
    ("low", "high", "bracket", "hit"),
    [
        (None, None, "open", True),
        (None, None, "0-20", False),
        (None, 10, "0-20", True),
        (600, None, "500-", True),
        (600, None, "0-20", False),
        (20, 20, "0-20", False),
        (20, 20, "20-50", True),
    ],
)
def test_an_open_end_of_a_budget_counts_as_open(low, high, bracket, hit, client):
    need = NeedFactory(published=True, budget_min=low, budget_max=high)
    assert shown(client.get(LIST, {"budget": bracket})) == ({need.code} if hit else set())


def test_the_poser_filter_offers_who_has_open_needs(client):
    poser = NeedFactory(published=True).organisation
    NeedFactory()
    assert list(client.get(LIST).context["form"].fields["organisation"].queryset) == [poser]


def test_an_empty_result_says_what_to_do(client):
    assert "还没有公开的需求" in text(client.get(LIST))
    assert "清除筛选" in text(client.get(LIST, {"budget": "open"}))


def test_twenty_a_page_and_filters_stay(client):
    NeedFactory.create_batch(21, published=True)
    response = client.get(LIST, {"industry": "C34"})
    assert len(response.context["page"]) == 20
    assert urlencode({"industry": "C34", "page": 2}).replace("&", "&amp;") in text(response)
    assert len(client.get(LIST, {"industry": "C34", "page": 2}).context["page"]) == 1
    assert client.get(LIST, {"page": "zzz"}).status_code == 200


def test_only_who_may_pose_is_offered_to_pose(client_of, buyer, supplier):
    NeedFactory(published=True)
    url = reverse("needs:create")
    assert url in text(client_of(buyer).get(LIST))
    assert url not in text(client_of(supplier).get(LIST))


def test_the_list_is_read_not_posted_to(client):
    assert client.post(LIST).status_code == 405


@pytest.mark.parametrize("number", [1, 3])
def test_the_list_costs_the_same_for_one_and_three(number, client, django_assert_num_queries):
    NeedFactory.create_batch(number, published=True)
    with django_assert_num_queries(4):
        client.get(LIST)


# --- One need --------------------------------------------------------------------------------------


def page_of(need: Need, client) -> str:
    return text(client.get(need.get_absolute_url()))


@pytest.mark.parametrize(
    ("who", "states"),
    [
        ("outsider", {"published", "closed"}),
        ("supplier", {"published", "closed"}),
        ("buyer", set(NeedState.values)),
        ("colleague", set(NeedState.values)),
        ("operator", set(NeedState.values)),
    ],
)
def test_who_sees_a_need_in_which_state(who, states, request, client_of, enterprise):
    client = client_of(request.getfixturevalue(who))
    traits = {
        "draft": {},
        "submitted": {"submitted": True},
        "returned": {"declared": True, "state": "returned", "return_reason": "补充"},
        "published": {"published": True},
        "withdrawn": {"declared": True, "state": "withdrawn"},
        "closed": {"closed": True},
    }
    for state, trait in traits.items():
        need = NeedFactory(organisation=enterprise, **trait)
        assert client.get(need.get_absolute_url()).status_code == (200 if state in states else 404), state


def test_a_visitor_sees_a_published_need_and_no_other(client):
    assert client.get(NeedFactory(published=True).get_absolute_url()).status_code == 200
    assert client.get(NeedFactory().get_absolute_url()).status_code == 404


SECRET = {"name": "保密指标名", "value": 6543, "unit": "ppm", "condition": "保密条件"}


def leaks(page: str) -> bool:
    return any(word in page for word in ("保密指标名", "6543", "保密条件"))


@pytest.mark.parametrize("who", ["outsider", "supplier", None])
def test_indicators_that_are_not_public_stay_with_the_poser(who, request, client, client_of, enterprise):
    need = NeedFactory(organisation=enterprise, published=True)
    NeedIndicatorFactory(need=need, name="公开指标名")
    NeedIndicatorFactory(need=need, level="named", **SECRET)
    reader = client_of(request.getfixturevalue(who)) if who else client
    page = page_of(need, reader)
    assert "公开指标名" in page
    assert "另有指标未公开" in page
    assert not leaks(page)
    assert not leaks(text(reader.get(LIST)))


@pytest.mark.parametrize("who", ["buyer", "colleague", "operator"])
def test_the_posers_side_sees_all_indicators_and_which_are_not_public(who, request, client_of, enterprise):
    need = NeedFactory(organisation=enterprise, published=True)
    NeedIndicatorFactory(need=need, level="named", **SECRET)
    page = page_of(need, client_of(request.getfixturevalue(who)))
    assert leaks(page)
    assert "未公开" in page


def test_the_caretaker_sees_what_the_poser_sees(client_of, enterprise):
    need = NeedFactory(organisation=enterprise, submitted=True)
    NeedIndicatorFactory(need=need, level="named", **SECRET)
    assert leaks(page_of(need, client_of(need.caretaker)))


@pytest.mark.parametrize("lost", [{"ended_at": timezone.now()}, {"role": "member"}])
def test_who_is_no_broker_any_more_is_no_caretaker(client_of, enterprise, lost):
    """The desk, the page, the API and the candidates forget who left, whatever the need still says."""
    hidden = NeedFactory(organisation=enterprise, submitted=True, title="未发布的需求")
    public = NeedFactory(organisation=enterprise, published=True, caretaker=hidden.caretaker)
    NeedIndicatorFactory(need=public, level="named", **SECRET)
    hidden.caretaker.memberships.update(**lost)
    client = client_of(hidden.caretaker)
    assert client.get(hidden.get_absolute_url()).status_code == 404
    assert client.get(reverse("matching:for-need", args=[public.code])).status_code == 404
    assert "未发布的需求" not in client.get(reverse("dashboards:desk")).content.decode()
    assert not leaks(page_of(public, client))
    assert not leaks(client.get(reverse("api-need-detail", args=[public.code])).content.decode())
    assert client.get(reverse("api-need-detail", args=[hidden.code])).status_code == 404


@pytest.mark.parametrize("who", ["outsider", "operator", "buyer", None])
def test_nobody_reads_the_whole_telephone_number(who, request, client, client_of, enterprise):
    need = NeedFactory(organisation=enterprise, published=True, contact_name="示例甲乙", contact_phone="13812345678")
    page = page_of(need, client_of(request.getfixturevalue(who)) if who else client)
    assert "13812345678" not in page
    assert "示例甲乙" not in page
    assert "138****5678" in page


@pytest.mark.parametrize(("phone", "masked"), [("13812345678", "138****5678"), ("12345", "****"), ("", "")])
def test_short_numbers_are_hidden_whole(phone, masked):
    assert Need(contact_phone=phone).masked_phone == masked


@pytest.mark.parametrize(
    ("who", "seen"),
    [("buyer", True), ("colleague", True), ("operator", True), ("outsider", False), ("supplier", False)],
)
def test_candidates_are_asked_for_by_the_posers_side_only(who, seen, request, client_of, enterprise):
    need = NeedFactory(organisation=enterprise, published=True)
    url = reverse("matching:for-need", args=[need.code])
    assert (url in page_of(need, client_of(request.getfixturevalue(who)))) is seen


def test_a_draft_has_no_candidates_yet(client_of, buyer, enterprise):
    need = NeedFactory(organisation=enterprise)
    assert reverse("matching:for-need", args=[need.code]) not in page_of(need, client_of(buyer))


def test_every_field_is_on_the_page(client):
    need = NeedFactory(
        published=True,
        tried="不要再推荐进口替代",
        benchmark="某进口同规格",
        budget_min=50,
        budget_max=120,
        months=12,
        valid_until=timezone.localdate() + timedelta(days=30),
        cooperation_modes=["licence"],
        prefers_local=True,
        trl_min=7,
    )
    page = page_of(need, client)
    for words in (
        need.title,
        need.organisation.name,
        "关键核心技术攻关",
        "通用设备制造业",
        "金属材料",
        "夹杂物",
        need.background,
        need.difficulty,
        "不要再推荐进口替代",
        "某进口同规格",
        "通过中试",
        "50–120",
        "12 个月内",
        f"{need.valid_until:%Y-%m-%d}",
        "技术许可",
        "上海市浦东新区",
        "同等条件下优先本地",
        need.code,
    ):
        assert words in page


def test_a_need_of_few_words_has_a_page_too(client):
    need = NeedFactory(
        published=True,
        need_type="",
        industry="",
        technical_field="",
        keywords=[],
        difficulty="",
        trl_min=None,
        cooperation_modes=[],
        region_code="",
    )
    page = page_of(need, client)
    assert "面议" in page
    assert "长期有效" in page


def test_the_owner_reads_why_a_need_was_returned(client_of, buyer, enterprise):
    need = NeedFactory(organisation=enterprise, declared=True, state="returned", return_reason="指标缺少测试条件")
    assert "指标缺少测试条件" in page_of(need, client_of(buyer))


def test_what_happened_is_told_to_the_posers_side_only(client_of, buyer, outsider, enterprise):
    need = NeedFactory(organisation=enterprise, published=True)
    now = timezone.now()
    for action, reason in (("need.publish", ""), ("need.change", "title budget_max indicators")):
        AuditEvent.objects.create(
            action=action, object_code=need.code, object_label="x", by=buyer, at=now, reason=reason
        )
    page = page_of(need, client_of(buyer))
    assert "通过并发布" in page
    assert "需求名称、预算上限（万元）、技术指标" in page
    assert "通过并发布" not in page_of(need, client_of(outsider))


def test_the_posers_side_reads_where_the_challenge_on_a_need_stands(client_of, buyer, supplier, enterprise):
    challenge = ChallengeFactory(need__organisation=enterprise, evaluating=True)
    page = page_of(challenge.need, client_of(buyer))
    assert f"正在评榜，须在 {timezone.localdate(challenge.answer_by)} 前逐一答复" in page
    assert challenge.get_absolute_url() in page
    assert "正在评榜" not in page_of(challenge.need, client_of(supplier))
    Challenge.objects.update(state="open")
    assert "这项需求有一份榜单：揭榜中。" in page_of(challenge.need, client_of(buyer))
    Challenge.objects.update(state="failed", ended_at=timezone.now(), end_reason="有效揭榜数不足")
    assert challenge.get_absolute_url() not in page_of(challenge.need, client_of(buyer))


def test_an_owner_who_is_not_verified_yet_is_told_so(client_of):
    organisation = OrganisationFactory(pending=True)
    owner = MembershipFactory(organisation=organisation).user
    page = page_of(NeedFactory(organisation=organisation), client_of(owner))
    assert "机构通过核验后才能提交" in page
    assert 'name="declared"' not in page


def test_a_supplier_is_shown_the_way_to_an_answer(client_of, supplier, client):
    need = NeedFactory(published=True)
    assert reverse("solutions:create") in page_of(need, client_of(supplier))
    assert reverse("accounts:login") in page_of(need, client)


@pytest.mark.parametrize("number", [1, 3])
def test_a_need_costs_the_same_with_one_and_three_indicators(
    number, client_of, buyer, enterprise, django_assert_num_queries
):
    need = NeedFactory(organisation=enterprise, published=True)
    NeedIndicatorFactory.create_batch(number, need=need)
    for _number in range(number):
        AuditEvent.objects.create(action="need.change", object_code=need.code, object_label="x", by=buyer)
    client = client_of(buyer)
    with django_assert_num_queries(11):
        client.get(need.get_absolute_url())


# --- One's own needs -------------------------------------------------------------------------------


def test_tabs_count_and_choose_by_state(client_of, buyer, enterprise):
    draft = NeedFactory(organisation=enterprise)
    published = NeedFactory.create_batch(2, organisation=enterprise, published=True)
    NeedFactory()
    client = client_of(buyer)
    response = client.get(MINE)
    assert shown(response) == codes([draft, *published])
    assert {tab["label"]: tab["count"] for tab in response.context["tabs"] if tab["count"]} == {
        "全部": 3,
        "草稿": 1,
        "已发布": 2,
    }
    assert shown(client.get(MINE, {"state": "published"})) == codes(published)
    assert "这个状态下没有需求" in text(client.get(MINE, {"state": "closed"}))
    assert shown(client.get(MINE, {"state": "nonsense"})) == codes([draft, *published])


def test_nothing_yet_leads_to_the_form(client_of, buyer, colleague, newcomer):
    assert reverse("needs:create") in text(client_of(buyer).get(MINE))
    assert reverse("needs:create") not in text(client_of(colleague).get(MINE))
    assert reverse("accounts:organisation-create") in text(client_of(newcomer).get(MINE))


def test_only_writers_may_tick_and_submit(client_of, buyer, colleague, enterprise):
    NeedFactory(organisation=enterprise)
    assert 'name="declared"' in text(client_of(buyer).get(MINE))
    assert 'name="declared"' not in text(client_of(colleague).get(MINE))


def test_ones_own_list_is_behind_the_login(client):
    assert reverse("accounts:login") in client.get(MINE)["Location"]


@pytest.mark.parametrize("number", [1, 3])
def test_ones_own_list_costs_the_same_for_one_and_three(
    number, client_of, buyer, enterprise, django_assert_num_queries
):
    NeedFactory.create_batch(number, organisation=enterprise)
    client = client_of(buyer)
    with django_assert_num_queries(8):
        client.get(MINE)

"""The desk: what waits for a person, by what their organisation is."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from accounts.models import Invitation, Membership, Organisation, Role, User
from matching.models import Match, MatchRun
from needs.models import Need
from tests.factories.accounts import MembershipFactory, OrganisationFactory, UserFactory
from tests.factories.needs import NeedFactory, NeedIndicatorFactory
from tests.factories.solutions import OutputFactory, ProfileFactory, SolutionIndicatorFactory

pytestmark = pytest.mark.django_db
DESK = reverse("dashboards:desk")

ClientOf = Callable[[User], Client]
MakeMatch = Callable[..., Match]


@pytest.fixture
def page_of(client_of: ClientOf) -> Callable[[User], str]:
    def get(user: User) -> str:
        answer = client_of(user).get(DESK)
        assert answer.status_code == 200
        return answer.content.decode()

    return get


def figure(page: str, label: str) -> str:
    """The number of the card with this label."""
    found = re.search(rf'sh-kpi-label">{label}</span>\s*<span class="sh-kpi-value">\s*(\d+)', page)
    assert found, f"no figure “{label}”"
    return found[1]


def test_a_visitor_is_asked_to_log_in(client: Client) -> None:
    assert client.get(DESK).status_code == 302


# --- without an organisation, or with one that has no desk of its own ----------------------------------------------


def test_a_newcomer_is_told_how_to_register_or_join_an_organisation(
    newcomer: User, page_of: Callable[[User], str]
) -> None:
    page = page_of(newcomer)
    assert reverse("accounts:organisation-create") in page
    assert newcomer.email in page


def test_a_newcomer_sees_their_own_open_invitations_only(
    newcomer: User, buyer: User, enterprise: Organisation, page_of: Callable[[User], str]
) -> None:
    later, earlier = timezone.now() + timedelta(days=3), timezone.now() - timedelta(days=3)
    mine = Invitation.objects.create(organisation=enterprise, email=newcomer.email, invited_by=buyer, expires_at=later)
    others = [
        Invitation.objects.create(organisation=enterprise, email="a@example.com", invited_by=buyer, expires_at=later),
        Invitation.objects.create(organisation=enterprise, email=newcomer.email, invited_by=buyer, expires_at=earlier),
    ]
    page = page_of(newcomer)
    assert mine.token in page
    assert not any(other.token in page for other in others)


@pytest.mark.parametrize("kind", ["government", "finance", "alliance"])
def test_who_neither_poses_nor_offers_is_told_what_there_is_and_what_is_not(
    kind: str, page_of: Callable[[User], str]
) -> None:
    person = MembershipFactory(organisation=OrganisationFactory(kind=kind)).user
    page = page_of(person)
    assert "尚未提供" in page
    assert reverse("needs:list") in page


def test_a_pending_organisation_is_told_that_it_waits(page_of: Callable[[User], str]) -> None:
    person = MembershipFactory(organisation=OrganisationFactory(pending=True)).user
    assert "正在等待核验" in page_of(person)


def test_a_refused_organisation_reads_why_and_where_to_mend_it(page_of: Callable[[User], str]) -> None:
    organisation = OrganisationFactory(refused=True)
    page = page_of(MembershipFactory(organisation=organisation).user)
    assert organisation.refusal_reason in page
    assert reverse("accounts:organisation-edit", args=[organisation.code]) in page


# --- enterprise ----------------------------------------------------------------------------------------------------


@pytest.fixture
def need(enterprise: Organisation) -> Need:
    return NeedFactory(published=True, organisation=enterprise)


def test_an_enterprise_without_needs_is_invited_to_pose_the_first(buyer: User, page_of: Callable[[User], str]) -> None:
    assert "发布第一项需求" in page_of(buyer)


def test_an_enterprise_sees_what_waits_for_it(
    buyer: User,
    enterprise: Organisation,
    need: Need,
    confirmed: MakeMatch,
    match_of: MakeMatch,
    page_of: Callable[[User], str],
) -> None:
    candidate = confirmed(need, OutputFactory(published=True))
    match_of(need, OutputFactory(published=True))
    NeedFactory(organisation=enterprise)
    returned = NeedFactory(organisation=enterprise, state="returned", return_reason="请补充测试条件")
    page = page_of(buyer)
    assert figure(page, "已确认、待您反馈") == "1"
    assert figure(page, "未反馈的候选") == "2"
    assert figure(page, "被退回的需求") == "1"
    assert figure(page, "草稿，待提交") == "1"
    assert candidate.solution.title in page
    assert returned.return_reason in page


def test_needs_stand_with_their_state_and_their_candidates(
    buyer: User, need: Need, match_of: MakeMatch, page_of: Callable[[User], str]
) -> None:
    match_of(need, OutputFactory(published=True), buyer_answer="")
    answered = match_of(need, OutputFactory(published=True))
    Match.objects.filter(pk=answered.pk).update(
        buyer_answer="interested", buyer_answered_at=timezone.now(), buyer_answered_by=buyer
    )
    page = page_of(buyer)
    row = page[page.index(f'<a href="{need.get_absolute_url()}">') :]
    assert re.findall(r'sh-num-cell">(?:<a[^>]*>)?(\d+)', row)[:2] == ["2", "1"]


def test_a_rejected_candidate_waits_for_nobody(
    buyer: User, operator: User, need: Need, match_of: MakeMatch, page_of: Callable[[User], str]
) -> None:
    match_of(
        need,
        OutputFactory(published=True),
        review="rejected",
        reject_reason="off_topic",
        reviewed_at=timezone.now(),
        reviewed_by=operator,
    )
    assert figure(page_of(buyer), "未反馈的候选") == "0"


def test_others_needs_do_not_show(buyer: User, page_of: Callable[[User], str]) -> None:
    assert NeedFactory(published=True).title not in page_of(buyer)


def test_a_viewer_reads_everything_and_is_offered_nothing_to_write(
    colleague: User, need: Need, page_of: Callable[[User], str]
) -> None:
    page = page_of(colleague)
    assert need.title in page
    assert "只读成员" in page
    assert reverse("needs:create") not in page


def test_an_enterprise_sees_the_supplier_side_once_it_offers_something(
    buyer: User, enterprise: Organisation, need: Need, page_of: Callable[[User], str]
) -> None:
    assert "对接邀请" not in page_of(buyer)
    OutputFactory(organisation=enterprise)
    page = page_of(buyer)
    assert page.index("作为需求方") < page.index("作为成果方")


# --- university ----------------------------------------------------------------------------------------------------


def test_a_university_answers_invitations_first(
    supplier: User,
    university: Organisation,
    confirmed: MakeMatch,
    match_of: MakeMatch,
    page_of: Callable[[User], str],
) -> None:
    invited = confirmed(NeedFactory(published=True), OutputFactory(published=True, organisation=university))
    fitting = match_of(NeedFactory(published=True), OutputFactory(published=True, organisation=university))
    page = page_of(supplier)
    assert figure(page, "待答复的对接邀请") == "1"
    assert figure(page, "可能适合的匹配") == "1"
    assert figure(page, "已发布的成果") == "2"
    assert page.index(invited.need.title) < page.index(fitting.need.title)
    assert page.count(invited.get_absolute_url()) == 1


def test_a_need_in_review_does_not_show_to_suppliers(
    supplier: User, university: Organisation, match_of: MakeMatch, page_of: Callable[[User], str]
) -> None:
    match = match_of(NeedFactory(submitted=True), OutputFactory(published=True, organisation=university))
    page = page_of(supplier)
    assert match.need.title not in page
    assert figure(page, "可能适合的匹配") == "0"


def test_without_personal_recommendation_it_says_so_and_invitations_stay(
    supplier: User,
    university: Organisation,
    confirmed: MakeMatch,
    match_of: MakeMatch,
    page_of: Callable[[User], str],
) -> None:
    invited = confirmed(NeedFactory(published=True), OutputFactory(published=True, organisation=university))
    fitting = match_of(NeedFactory(published=True), OutputFactory(published=True, organisation=university))
    User.objects.filter(pk=supplier.pk).update(wants_recommendations=False)
    page = page_of(User.objects.get(pk=supplier.pk))
    assert "已关闭个性化推荐" in page
    assert reverse("accounts:profile") in page[page.index("已关闭个性化推荐") :]
    assert fitting.need.title not in page
    assert invited.need.title in page


def test_a_non_public_indicator_stays_the_posers_secret(
    supplier: User, university: Organisation, match_of: MakeMatch, page_of: Callable[[User], str]
) -> None:
    need, output = NeedFactory(published=True), OutputFactory(published=True, organisation=university)
    NeedIndicatorFactory(need=need, name="内部成材率", unit="%", value=97, level="named")
    SolutionIndicatorFactory(solution=output, name="内部成材率", unit="%", value=98)
    match_of(need, output)
    page = page_of(supplier)
    assert need.title in page
    assert "内部成材率" not in page


def test_a_university_without_outputs_is_told_to_register_one(supplier: User, page_of: Callable[[User], str]) -> None:
    page = page_of(supplier)
    assert "先有公开的成果，才有匹配" in page
    assert reverse("solutions:profile-edit") in page


def test_a_university_with_a_profile_is_not_asked_for_one(
    supplier: User, university: Organisation, page_of: Callable[[User], str]
) -> None:
    ProfileFactory(organisation=university)
    assert reverse("solutions:profile-edit") not in page_of(supplier)


def test_a_returned_output_shows_why(supplier: User, university: Organisation, page_of: Callable[[User], str]) -> None:
    output = OutputFactory(
        organisation=university, state="returned", return_reason="请写明测试标准", submitted_at=timezone.now()
    )
    page = page_of(supplier)
    assert output.return_reason in page
    assert figure(page, "草稿与退回") == "1"


def test_a_service_provider_offers_first_and_sees_its_needs_when_it_has_any(page_of: Callable[[User], str]) -> None:
    provider = OrganisationFactory(kind="service_provider")
    person = MembershipFactory(organisation=provider).user
    assert "我的需求概况" not in page_of(person)
    need = NeedFactory(organisation=provider)
    page = page_of(person)
    assert need.title in page
    assert page.index("作为成果方") < page.index("作为需求方")


def test_a_broker_sees_the_needs_they_care_for(page_of: Callable[[User], str]) -> None:
    broker = MembershipFactory(organisation=OrganisationFactory(kind="service_provider"), role=Role.BROKER).user
    theirs = NeedFactory(published=True, caretaker=broker)
    NeedFactory(published=True)
    page = page_of(broker)
    assert "我服务的需求" in page
    assert theirs.title in page
    assert page.count("首次提交") == 1


# --- operator ------------------------------------------------------------------------------------------------------


def test_the_operator_sees_what_waits_for_review(
    operator: User, match_of: MakeMatch, page_of: Callable[[User], str]
) -> None:
    NeedFactory(submitted=True)
    OutputFactory(submitted=True)
    OrganisationFactory(pending=True)
    match_of(NeedFactory(published=True), OutputFactory(published=True))
    page = page_of(operator)
    labels = ("待审核需求", "待审核成果", "待核验机构", "待审核匹配")
    assert [figure(page, label) for label in labels] == ["1", "1", "1", "1"]
    for name in ("needs:review-queue", "solutions:review-queue", "accounts:verification-queue", "matching:review"):
        assert reverse(name) in page


def test_changes_since_review_are_named(operator: User, page_of: Callable[[User], str]) -> None:
    assert "发布后的修改均已复核" in page_of(operator)
    NeedFactory(published=True, changed_at=timezone.now() + timedelta(minutes=1))
    assert "另有 1 项发布后的修改待复核" in page_of(operator)


def test_failed_runs_are_said_loudly(operator: User, page_of: Callable[[User], str]) -> None:
    assert "重试后失败" not in page_of(operator)
    MatchRun.objects.create(trigger="rematch", state="failed", error="x", finished_at=timezone.now())
    assert "1 个任务多次重试后失败" in page_of(operator)


def test_every_step_of_the_funnel_leads_to_its_needs(operator: User, page_of: Callable[[User], str]) -> None:
    page = page_of(operator)
    for step in ("posted", "published", "matched", "confirmed", "contacted"):
        assert reverse("dashboards:funnel-step", args=[step]) in page


def test_a_reading_member_of_the_operator_is_shown_no_queues(operator: User, page_of: Callable[[User], str]) -> None:
    organisation = Membership.objects.get(user=operator).organisation
    reader = MembershipFactory(organisation=organisation, role=Role.VIEWER, user=UserFactory()).user
    assert "待审核需求" not in page_of(reader)


# --- queries -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("number", [1, 3])
def test_the_enterprise_desk_asks_a_constant_number_of_queries(
    number: int,
    buyer: User,
    enterprise: Organisation,
    confirmed: MakeMatch,
    client_of: ClientOf,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    for _ in range(number):
        need = NeedFactory(published=True, organisation=enterprise)
        NeedIndicatorFactory(need=need)
        confirmed(need, OutputFactory(published=True))
        NeedFactory(organisation=enterprise, state="returned", return_reason="请补充")
    client = client_of(buyer)
    with django_assert_num_queries(34):
        client.get(DESK)


@pytest.mark.parametrize("number", [1, 3])
def test_the_university_desk_asks_a_constant_number_of_queries(
    number: int,
    supplier: User,
    university: Organisation,
    confirmed: MakeMatch,
    match_of: MakeMatch,
    client_of: ClientOf,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    for _ in range(number):
        output = OutputFactory(published=True, organisation=university)
        SolutionIndicatorFactory(solution=output)
        confirmed(NeedFactory(published=True), output)
        match_of(NeedFactory(published=True), output)
    client = client_of(supplier)
    with django_assert_num_queries(33):
        client.get(DESK)


@pytest.mark.parametrize("number", [1, 3])
def test_the_operator_desk_asks_a_constant_number_of_queries(
    number: int,
    operator: User,
    confirmed: MakeMatch,
    client_of: ClientOf,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    for _ in range(number):
        confirmed(NeedFactory(published=True, caretaker=operator), OutputFactory(published=True))
        NeedFactory(submitted=True)
    client = client_of(operator)
    with django_assert_num_queries(41):
        client.get(DESK)

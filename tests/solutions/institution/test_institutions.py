"""Institution profiles: one for each organisation, by the same lifecycle as outputs."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.audit import AuditEvent
from accounts.models import Organisation, User
from solutions.models import Solution
from tests.factories.accounts import MembershipFactory, OrganisationFactory
from tests.factories.solutions import OutputFactory, ProfileFactory

pytestmark = pytest.mark.django_db
LIST = reverse("solutions:institution-list")
EDIT = reverse("solutions:profile-edit")
ClientOf = Callable[[User], Client]


def profile_data(**changes: Any) -> dict[str, Any]:
    return {
        "title": "示例滨海理工大学：高端装备",
        "summary": "面向装备制造开展应用研究。",
        "disciplines": "材料科学与工程、机械工程",
        "laboratories": "金属凝固实验室",
        "service_modes": "委托研发",
        "contact_office": "成果转化办公室",
        "technical_field": "",
        "keywords": "",
        "industries": ["C31"],
        "region_code": "310104",
    } | changes


def test_the_list_shows_published_profiles_with_their_outputs_counted(client: Client, university: Organisation) -> None:
    ProfileFactory(organisation=university, published=True, title="公开的")
    ProfileFactory(title="草稿")
    OutputFactory.create_batch(2, organisation=university, published=True)
    OutputFactory(organisation=university)
    rows = client.get(LIST).context["rows"]
    assert [(row["profile"].title, row["profile"].output_count) for row in rows] == [("公开的", 2)]


def test_filters_narrow_the_list(client: Client) -> None:
    ProfileFactory(published=True, title="浙江的", region_code="330106", industries=["C31"])
    ProfileFactory(published=True, title="别处的", region_code="310104")
    for filters in ({"region": "330000"}, {"industry": "C31"}):
        assert [row["profile"].title for row in client.get(LIST, filters).context["rows"]] == ["浙江的"]
    assert "没有符合条件的机构" in client.get(LIST, {"region": "110000"}).content.decode()


def test_an_empty_list_says_what_to_do(client: Client) -> None:
    assert "还没有公开的机构画像" in client.get(LIST).content.decode()


@pytest.mark.parametrize("number", [1, 3])
def test_the_list_takes_the_same_queries_for_one_and_for_three(
    client: Client, django_assert_num_queries: Callable, number: int
) -> None:
    ProfileFactory.create_batch(number, published=True)
    with django_assert_num_queries(2):  # count, profiles
        client.get(LIST)


def test_a_profile_has_a_page_with_the_organisations_outputs(client: Client, university: Organisation) -> None:
    profile = ProfileFactory(organisation=university, published=True, disciplines=["材料科学与工程"])
    output = OutputFactory(organisation=university, published=True, title="公开的成果")
    OutputFactory(organisation=university, title="内部草稿")
    text = client.get(profile.get_absolute_url()).content.decode()
    assert "材料科学与工程" in text
    assert output.get_absolute_url() in text
    assert "内部草稿" not in text


def test_script_in_a_profile_is_shown_as_text(client: Client) -> None:
    script = "<script>alert('夹带')</script>"
    profile = ProfileFactory(published=True, title=script, summary=script, disciplines=[script])
    for url in (profile.get_absolute_url(), LIST):
        text = client.get(url).content.decode()
        assert "夹带" in text
        assert "<script>alert" not in text


def test_the_first_save_writes_a_draft_and_the_next_changes_it(
    client_of: ClientOf, supplier: User, university: Organisation
) -> None:
    browser = client_of(supplier)
    assert browser.get(EDIT).context["form"]["title"].value() == university.name
    answer = browser.post(EDIT, profile_data())
    profile = Solution.objects.of_kind("institution").get()
    assert answer.url == profile.get_absolute_url()
    assert (profile.state, profile.institution.disciplines) == ("draft", ["材料科学与工程", "机械工程"])
    browser.post(EDIT, profile_data(contact_office="科研院"))
    browser.post(EDIT, profile_data(contact_office="科研院"))
    assert Solution.objects.of_kind("institution").get().institution.contact_office == "科研院"
    actions = [event.action for event in AuditEvent.objects.order_by("pk")]
    assert actions == ["solution.create", "solution.change"]
    assert browser.get(EDIT).context["form"]["disciplines"].value() == "材料科学与工程、机械工程"


def test_a_profile_goes_the_same_way_as_an_output(client_of: ClientOf, supplier: User, operator: User) -> None:
    client_of(supplier).post(EDIT, profile_data(then="submit"))
    profile = Solution.objects.of_kind("institution").get()
    assert profile.state == "submitted"
    client_of(operator).post(reverse("solutions:publish", args=[profile.code]))
    assert Solution.objects.of_kind("institution").published().exists()


def test_faults_are_said_at_their_fields_and_the_rest_is_kept(client_of: ClientOf, supplier: User) -> None:
    data = profile_data(title="", laboratories="长" * 350_000, then="submit", summary="")
    page = client_of(supplier).post(EDIT, data)
    assert set(page.context["form"].errors) == {"title", "laboratories", "summary"}
    assert 'value="成果转化办公室"' in page.content.decode()
    assert not Solution.objects.exists()


def test_an_unverified_organisation_keeps_its_draft(client_of: ClientOf) -> None:
    member = MembershipFactory(organisation=OrganisationFactory(university=True, pending=True)).user
    page = client_of(member).post(EDIT, profile_data(then="submit"), follow=True)
    assert Solution.objects.get().state == "draft"
    assert "机构通过核验后才能提交审核" in page.content.decode()


def test_an_enterprise_learns_who_has_profiles(client_of: ClientOf, buyer: User, client: Client) -> None:
    answer = client_of(buyer).get(EDIT)
    assert answer.status_code == 403
    assert "机构画像适用于" in answer.content.decode()


def test_a_draft_profile_of_others_is_not_found(client_of: ClientOf, outsider: User) -> None:
    assert client_of(outsider).get(ProfileFactory().get_absolute_url()).status_code == 404


def test_only_those_with_a_profile_are_led_to_it(client_of: ClientOf, supplier: User, buyer: User) -> None:
    ProfileFactory(published=True)
    assert "我的机构画像" in client_of(supplier).get(LIST).content.decode()
    assert "我的机构画像" not in client_of(buyer).get(LIST).content.decode()


def test_other_methods_are_refused(client_of: ClientOf, supplier: User) -> None:
    browser = client_of(supplier)
    assert browser.delete(EDIT).status_code == 405
    assert browser.post(LIST).status_code == 405

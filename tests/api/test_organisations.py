"""Organisations by program, and who the key belongs to."""

import pytest

from tests.api.content import error_of, fields_of
from tests.factories.accounts import MembershipFactory, OrganisationFactory

LIST = "/api/v1/organisations/"


def test_the_list_holds_verified_organisations(visitor, api_of, operator, enterprise):
    OrganisationFactory(pending=True)
    OrganisationFactory(refused=True)
    assert [row["name"] for row in visitor.get(f"{LIST}?kind=enterprise").json()["results"]] == [enterprise.name]
    assert len(api_of(operator).get(f"{LIST}?kind=enterprise").json()["results"]) == 1


def test_an_organisation_is_told_with_its_places_in_words(visitor, enterprise):
    body = visitor.get(f"{LIST}{enterprise.code}/").json()
    assert (body["name"], body["region_name"], body["industry_name"]) == (
        enterprise.name,
        "上海市浦东新区",
        "通用设备制造业",
    )


def test_words_are_in_the_language_of_the_request(visitor, enterprise):
    body = visitor.get(f"{LIST}{enterprise.code}/", HTTP_ACCEPT_LANGUAGE="en").json()
    assert body["industry_name"] == "General-purpose machinery"


def test_what_is_not_verified_shows_to_members_and_operators(visitor, api_of, outsider, operator):
    member = MembershipFactory(organisation=OrganisationFactory(pending=True))
    url = f"{LIST}{member.organisation.code}/"
    assert visitor.get(url).status_code == 404
    assert api_of(outsider).get(url).status_code == 404
    assert api_of(member.user).get(url).json()["state"] == "pending"
    assert api_of(operator).get(url).json()["state"] == "pending"


def test_lists_can_be_narrowed(visitor):
    found = OrganisationFactory(name="示例杭州阀门有限公司", region_code="330106", industry="C35")
    OrganisationFactory(university=True, region_code="310104", industry="")
    for query in ("q=阀门", "kind=enterprise", "province=330000", "industry=C35"):
        assert [row["code"] for row in visitor.get(f"{LIST}?{query}").json()["results"]] == [found.code], query


@pytest.mark.parametrize(
    ("query", "field"),
    [("kind=club", "kind"), ("province=33", "province"), ("q=" + "长" * 61, "q"), ("q=%00", "q"), ("name=x", "name")],
)
def test_a_filter_that_means_nothing_is_an_error_at_its_name(query, field, visitor):
    response = visitor.get(f"{LIST}?{query}")
    assert (response.status_code, *fields_of(response)) == (400, field)


@pytest.mark.parametrize("number", [1, 3])
def test_a_list_asks_a_constant_number_of_queries(number, visitor, django_assert_num_queries):
    OrganisationFactory.create_batch(number)
    with django_assert_num_queries(2):
        assert len(visitor.get(LIST).json()["results"]) == number


def test_organisations_are_not_written_by_program(api_of, buyer, enterprise):
    assert api_of(buyer).post(LIST, {"name": "示例"}, format="json").status_code == 405
    assert api_of(buyer).patch(f"{LIST}{enterprise.code}/", {"name": "示例"}, format="json").status_code == 405


# --- me --------------------------------------------------------------------------------------------


def test_me_names_the_person_and_every_organisation_with_its_role(api_of, colleague, enterprise):
    body = api_of(colleague).get("/api/v1/me/").json()
    assert (body["name"], body["email"], body["is_operator"]) == (colleague.name, colleague.email, False)
    assert [(m["organisation"]["code"], m["role"], m["can_write"]) for m in body["memberships"]] == [
        (enterprise.code, "viewer", False)
    ]


def test_me_knows_an_operator(api_of, operator):
    assert api_of(operator).get("/api/v1/me/").json()["is_operator"] is True


def test_me_is_nobody_for_a_visitor(visitor):
    response = visitor.get("/api/v1/me/")
    assert (response.status_code, error_of(response)) == (401, "not_authenticated")


@pytest.mark.parametrize("number", [1, 3])
def test_me_asks_a_constant_number_of_queries(number, api_of, newcomer, django_assert_num_queries):
    MembershipFactory.create_batch(number, user=newcomer)
    client = api_of(newcomer)
    with django_assert_num_queries(3):
        assert len(client.get("/api/v1/me/").json()["memberships"]) == number

"""Outputs by program: reading, writing, and every step of the lifecycle; institution profiles to read."""

from decimal import Decimal
from uuid import uuid4

import pytest

from lib.fields import kept
from matching.models import MatchRun
from solutions.models import Solution
from solutions.output.api import OutputInputSerializer
from solutions.output.fields import OUTPUT
from solutions.solution.permissions import sees_everything
from tests.api.content import INDICATOR, error_of, fields_of, output_body
from tests.factories.accounts import MembershipFactory, OrganisationFactory
from tests.factories.solutions import OutputFactory, ProfileFactory, SolutionIndicatorFactory

LIST = "/api/v1/outputs/"
INSTITUTIONS = "/api/v1/institutions/"


def url(output: Solution, action: str = "") -> str:
    return f"{LIST}{output.code}/{action}/" if action else f"{LIST}{output.code}/"


# --- Reading ---------------------------------------------------------------------------------------


def test_visitors_read_published_outputs_only(visitor):
    published = OutputFactory(published=True)
    OutputFactory(submitted=True)
    ProfileFactory(published=True)
    assert [row["code"] for row in visitor.get(LIST).json()["results"]] == [published.code]


def test_an_output_is_told_with_its_details_beside_what_all_entries_have(visitor):
    output = OutputFactory(published=True, price=Decimal("88.50"), trl_min=5, trl_max=6, innovations=["甲", "乙"])
    SolutionIndicatorFactory(solution=output)
    body = visitor.get(url(output)).json()
    assert set(kept(OUTPUT)) <= body.keys()
    assert (body["price"], body["trl_min"], body["trl_max"], body["innovations"]) == ("88.50", 5, 6, ["甲", "乙"])
    assert (body["title"], body["organisation"]["code"]) == (output.title, output.organisation.code)
    assert (body["indicators"][0]["value"], body["indicators"][0]["unit"]) == ("1200", "N/mm²")


def test_outsiders_do_not_find_drafts_nor_profiles_among_outputs(api_of, outsider, visitor):
    draft, profile = OutputFactory(), ProfileFactory(published=True)
    for client in (api_of(outsider), visitor):
        assert client.get(url(draft)).status_code == 404
        assert client.get(url(profile)).status_code == 404


@pytest.mark.parametrize("who", ["supplier", "buyer", "outsider", "operator"])
def test_what_is_not_public_shows_to_the_same_people_as_on_the_page(who, request, api_of, university):
    output = OutputFactory(published=True, organisation=university, return_reason="曾被退回")
    SolutionIndicatorFactory(solution=output, name="秘密指标", is_public=False)
    SolutionIndicatorFactory(solution=output, name="公开指标", position=1)
    person = request.getfixturevalue(who)
    expected = sees_everything(person, output)
    for body in (api_of(person).get(url(output)).json(), api_of(person).get(LIST).json()["results"][0]):
        assert ("秘密指标" in [row["name"] for row in body["indicators"]]) is expected
        assert (body["return_reason"] == "曾被退回") is expected


def test_visitors_read_no_secret(visitor):
    output = OutputFactory(published=True, return_reason="曾被退回")
    SolutionIndicatorFactory(solution=output, name="秘密指标", is_public=False)
    for text in (visitor.get(url(output)).content.decode(), visitor.get(LIST).content.decode()):
        assert "秘密指标" not in text
        assert "曾被退回" not in text


@pytest.mark.parametrize("number", [1, 3])
def test_a_list_asks_a_constant_number_of_queries(number, api_of, buyer, django_assert_num_queries):
    for output in OutputFactory.create_batch(number, published=True):
        SolutionIndicatorFactory(solution=output)
    client = api_of(buyer)
    with django_assert_num_queries(6):
        assert len(client.get(LIST).json()["results"]) == number


def test_lists_can_be_narrowed(api_of, supplier, university):
    mine = OutputFactory(organisation=university, industries=["C35"], region_code="330100", trl_min=8, trl_max=9)
    other = OutputFactory(published=True, transfer_modes=["equity"], rights_status="granted")
    client = api_of(supplier)
    for query, expected in [
        ("mine=true", mine),
        ("state=draft", mine),
        ("state=published", other),
        ("industry=C35", mine),
        ("region=330000", mine),
        ("maturity=mass_production", mine),
        ("transfer_mode=equity", other),
        ("rights_status=granted", other),
        (f"organisation={other.organisation.code}", other),
    ]:
        assert [row["code"] for row in client.get(f"{LIST}?{query}").json()["results"]] == [expected.code], query


@pytest.mark.parametrize(
    ("query", "field"),
    [("state=closed", "state"), ("industry=Z99", "industry"), ("maturity=ripe", "maturity"), ("kind=output", "kind")],
)
def test_a_filter_that_means_nothing_is_an_error_at_its_name(query, field, visitor):
    response = visitor.get(f"{LIST}?{query}")
    assert (response.status_code, *fields_of(response)) == (400, field)


# --- Writing ---------------------------------------------------------------------------------------


def test_the_shape_of_the_input_is_the_content_of_an_output():
    assert OutputInputSerializer().fields.keys() - {"indicators"} == set(kept(OUTPUT))


def test_a_written_output_is_a_draft_of_the_writers_organisation(api_of, supplier, university):
    response = api_of(supplier).post(LIST, output_body(), format="json")
    assert (response.status_code, response.json()["state"]) == (201, "draft")
    output = Solution.objects.get(code=response.json()["code"])
    assert (output.kind, output.organisation, output.created_by) == ("output", university, supplier)
    assert (output.output.trl_min, output.output.price, output.output.transfer_modes) == (5, 88, ["ordinary_licence"])
    assert str(output.indicators.get()) == "抗拉强度 ≥ 980 MPa"


def test_the_same_key_twice_is_one_output(api_of, supplier):
    body = output_body(submission_key=str(uuid4()))
    first, second = (api_of(supplier).post(LIST, body, format="json") for _ in range(2))
    assert first.json()["code"] == second.json()["code"]
    assert Solution.objects.count() == 1


def test_writing_needs_the_right_person(api_of, visitor, outsider, university):
    viewer = MembershipFactory(organisation=university, role="viewer").user
    financier = MembershipFactory(organisation=OrganisationFactory(kind="finance")).user
    assert visitor.post(LIST, output_body(), format="json").status_code == 401
    assert api_of(viewer).post(LIST, output_body(), format="json").status_code == 403
    assert api_of(financier).post(LIST, output_body(), format="json").status_code == 403
    body = output_body(organisation=university.code)
    assert api_of(outsider).post(LIST, body, format="json").status_code == 403
    assert not Solution.objects.exists()


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"title": ""}, "title"),
        ({"title": "长" * 121}, "title"),
        ({"summary": "字" * 300_000}, "summary"),
        ({"industries": ["Z99"]}, "industries"),
        ({"innovations": ["一", "二", "三", "四"]}, "innovations"),
        ({"trl_min": 0}, "trl_min"),
        ({"trl_min": 8, "trl_max": 5}, "trl_max"),
        ({"transfer_modes": ["gift"]}, "transfer_modes"),
        ({"rights_status": "stolen"}, "rights_status"),
        ({"price": "-1"}, "price"),
        ({"broker_delegated": 7}, "broker_delegated"),
        ({"kind": "institution"}, "kind"),
        ({"indicators": [{**INDICATOR, "value": ""}]}, "indicators"),
    ],
)
def test_a_bad_value_is_named_at_its_field(changes, field, api_of, supplier):
    response = api_of(supplier).post(LIST, output_body(**changes), format="json")
    assert (response.status_code, error_of(response)) == (400, "invalid")
    assert fields_of(response).keys() == {field}
    assert not Solution.objects.exists()


# --- Changing --------------------------------------------------------------------------------------


def test_a_change_takes_what_was_sent_and_leaves_the_rest(api_of, supplier, university):
    output = OutputFactory(organisation=university, trl_min=5, trl_max=7, price=88)
    SolutionIndicatorFactory(solution=output)
    body = api_of(supplier).patch(url(output), {"title": "新名称", "trl_max": 8}, format="json").json()
    assert (body["title"], body["trl_min"], body["trl_max"], body["price"]) == ("新名称", 5, 8, "88.00")
    assert (body["summary"], len(body["indicators"])) == (output.summary, 1)


def test_half_of_a_range_may_not_contradict_the_half_that_stands(api_of, supplier, university):
    output = OutputFactory(organisation=university, trl_min=5, trl_max=7)
    response = api_of(supplier).patch(url(output), {"trl_min": 8}, format="json")
    assert (response.status_code, *fields_of(response)) == (400, "trl_max")


def test_a_change_of_a_published_output_is_matched_again(api_of, supplier, university):
    output = OutputFactory(published=True, organisation=university)
    api_of(supplier).patch(url(output), {"title": "新名称"}, format="json")
    assert [run.trigger for run in MatchRun.objects.filter(solutions=output)] == ["solution_changed"]


def test_a_change_needs_the_right_person(api_of, outsider, visitor, university):
    draft, published = OutputFactory(organisation=university), OutputFactory(published=True, organisation=university)
    body = {"title": "新名称"}
    assert visitor.patch(url(published), body, format="json").status_code == 401
    assert api_of(outsider).patch(url(draft), body, format="json").status_code == 404
    assert api_of(outsider).patch(url(published), body, format="json").status_code == 403
    assert not Solution.objects.filter(title="新名称").exists()


# --- Steps -----------------------------------------------------------------------------------------

# action → body, who, a state it starts from, where it leads, a state it is refused from
STEPS = {
    "submit": ({}, "supplier", {}, "submitted", {"published": True}),
    "withdraw": ({}, "supplier", {"published": True}, "withdrawn", {}),
    "publish": ({}, "operator", {"submitted": True}, "published", {"published": True}),
    "return": ({"reason": "请补充指标"}, "operator", {"submitted": True}, "returned", {}),
}


@pytest.mark.parametrize("action", STEPS)
def test_a_step_leads_where_the_table_says(action, request, api_of, university):
    body, who, state, target, _refused = STEPS[action]
    output = OutputFactory(organisation=university, **state)
    response = api_of(request.getfixturevalue(who)).post(url(output, action), body, format="json")
    assert (response.status_code, response.json()["state"]) == (200, target)
    output.refresh_from_db()
    assert output.state == target


@pytest.mark.parametrize("action", STEPS)
def test_a_step_is_refused_from_another_state(action, request, api_of, university):
    body, who, _state, _target, refused = STEPS[action]
    output = OutputFactory(organisation=university, **refused)
    response = api_of(request.getfixturevalue(who)).post(url(output, action), body, format="json")
    assert (response.status_code, error_of(response)) == (409, "wrong_state")


@pytest.mark.parametrize("action", STEPS)
def test_a_step_is_refused_to_everybody_else(action, request, api_of, visitor, university):
    body, who, state, _target, _refused = STEPS[action]
    output = OutputFactory(organisation=university, **state)
    other = request.getfixturevalue("supplier" if who == "operator" else "operator")
    response = api_of(other).post(url(output, action), body, format="json")
    assert (response.status_code, error_of(response)) == (403, "permission_denied")
    outsider = api_of(request.getfixturevalue("outsider"))
    expected = 403 if state.get("published") else 404
    assert outsider.post(url(output, action), body, format="json").status_code == expected
    assert visitor.post(url(output, action), body, format="json").status_code == 401
    assert api_of(request.getfixturevalue(who)).get(url(output, action)).status_code == 405


def test_a_return_asks_for_its_reason(api_of, operator):
    output = OutputFactory(submitted=True)
    response = api_of(operator).post(url(output, "return"), {}, format="json")
    assert (response.status_code, *fields_of(response)) == (400, "reason")


def test_an_output_that_says_too_little_is_not_ready(api_of, supplier, university):
    output = OutputFactory(organisation=university, summary="")
    response = api_of(supplier).post(url(output, "submit"))
    assert (response.status_code, error_of(response)) == (409, "not_ready")


# --- Institutions ----------------------------------------------------------------------------------


def test_institutions_are_read_like_outputs(visitor, api_of, outsider):
    profile, draft = ProfileFactory(published=True, region_code="330100"), ProfileFactory()
    assert [row["code"] for row in visitor.get(INSTITUTIONS).json()["results"]] == [profile.code]
    assert visitor.get(f"{INSTITUTIONS}?region=310000").json()["results"] == []
    assert visitor.get(f"{INSTITUTIONS}{profile.code}/").json()["disciplines"] == ["材料科学与工程"]
    assert api_of(outsider).get(f"{INSTITUTIONS}{draft.code}/").status_code == 404
    assert api_of(outsider).post(INSTITUTIONS, {}, format="json").status_code == 405


@pytest.mark.parametrize("number", [1, 3])
def test_institutions_ask_a_constant_number_of_queries(number, visitor, django_assert_num_queries):
    ProfileFactory.create_batch(number, published=True)
    with django_assert_num_queries(3):
        assert len(visitor.get(INSTITUTIONS).json()["results"]) == number

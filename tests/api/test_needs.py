"""Needs by program: reading, writing, and every step of the lifecycle."""

from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest

from accounts.models import Role
from accounts.viewer import Viewer
from matching.models import MatchRun
from needs.disclosure.permissions import is_insider
from needs.models import Need
from needs.need.api import NeedInputSerializer
from needs.need.fields import NEED
from tests.api.content import INDICATOR, error_of, fields_of, need_body
from tests.factories.accounts import MembershipFactory, OrganisationFactory
from tests.factories.needs import NeedFactory, NeedIndicatorFactory
from tests.needs.need.pages import form_data

LIST = "/api/v1/needs/"
CONTENT = sorted(set(NEED) - {"contact_phone"})


def url(need: Need, action: str = "") -> str:
    return f"{LIST}{need.code}/{action}/" if action else f"{LIST}{need.code}/"


# --- Reading ---------------------------------------------------------------------------------------


def test_visitors_read_published_and_closed_needs_only(visitor):
    published, closed = NeedFactory(published=True), NeedFactory(closed=True)
    NeedFactory()
    NeedFactory(submitted=True)
    body = visitor.get(LIST).json()
    assert {row["code"] for row in body["results"]} == {published.code, closed.code}
    assert body["count"] == 2


def test_a_need_is_told_with_decimals_as_strings_and_times_as_iso(visitor):
    need = NeedFactory(published=True, budget_max=Decimal("120.50"))
    NeedIndicatorFactory(need=need, value=Decimal("980.5"))
    body = visitor.get(url(need)).json()
    assert body["budget_max"] == "120.50"
    assert body["indicators"][0]["value"] == "980.5"
    assert datetime.fromisoformat(body["published_at"]) == need.published_at
    assert body["organisation"] == {
        "code": need.organisation.code,
        "name": need.organisation.name,
        "kind": need.organisation.kind,
    }


def test_outsiders_do_not_find_what_is_not_public(api_of, outsider, visitor):
    need = NeedFactory(submitted=True)
    assert api_of(outsider).get(url(need)).status_code == 404
    assert visitor.get(url(need)).status_code == 404


@pytest.mark.parametrize("who", ["buyer", "colleague", "operator"])
def test_the_people_of_a_need_read_its_drafts(who, request, api_of, enterprise):
    need = NeedFactory(organisation=enterprise)
    assert api_of(request.getfixturevalue(who)).get(url(need)).json()["state"] == "draft"


@pytest.mark.parametrize("who", ["buyer", "colleague", "supplier", "outsider", "operator", "caretaker"])
def test_non_public_indicators_show_to_the_same_people_as_on_the_page(who, request, api_of, enterprise):
    need = NeedFactory(published=True, organisation=enterprise)
    caretaker = need.caretaker
    NeedIndicatorFactory(need=need, name="秘密指标", level="named")
    NeedIndicatorFactory(need=need, name="公开指标", position=1)
    person = caretaker if who == "caretaker" else request.getfixturevalue(who)
    expected = is_insider(Viewer.of(person), need)
    for body in (api_of(person).get(url(need)).json(), api_of(person).get(LIST).json()["results"][0]):
        assert ("秘密指标" in [row["name"] for row in body["indicators"]]) is expected


def test_visitors_read_no_secret_and_no_contact(visitor):
    need = NeedFactory(
        published=True, contact_name="示例联系人", contact_phone="0571-88001234", return_reason="曾被退回"
    )
    NeedIndicatorFactory(need=need, name="秘密指标", level="named")
    for text in (visitor.get(url(need)).content.decode(), visitor.get(LIST).content.decode()):
        for secret in ("秘密指标", "示例联系人", "88001234", "曾被退回", need.caretaker.name):
            assert secret not in text


def test_the_telephone_number_is_told_to_nobody(api_of, buyer, operator, enterprise):
    need = NeedFactory(published=True, organisation=enterprise, contact_phone="0571-88001234")
    for person in (buyer, operator):
        assert "88001234" not in api_of(person).get(url(need)).content.decode()


@pytest.mark.parametrize("number", [1, 3])
def test_a_list_asks_a_constant_number_of_queries(number, api_of, buyer, django_assert_num_queries):
    for need in NeedFactory.create_batch(number, published=True):
        NeedIndicatorFactory(need=need)
    client = api_of(buyer)
    with django_assert_num_queries(7):
        assert len(client.get(LIST).json()["results"]) == number


def test_lists_can_be_narrowed(api_of, buyer, enterprise):
    mine = NeedFactory(organisation=enterprise, industry="C35", need_type="new_product", region_code="330100")
    other = NeedFactory(published=True, industry="C34", budget_min=10, budget_max=15)
    client = api_of(buyer)
    for query, expected in [
        ("mine=true", mine),
        ("mine=false", None),
        ("state=draft", mine),
        ("state=published", other),
        ("industry=C35", mine),
        ("need_type=new_product", mine),
        ("region=330000", mine),
        ("budget=0-20", other),
        (f"organisation={other.organisation.code}", other),
        ("industry=C", None),
    ]:
        found = [row["code"] for row in client.get(f"{LIST}?{query}").json()["results"]]
        assert found == ([expected.code] if expected else [other.code, mine.code]), query


def test_a_visitor_has_nothing_of_his_own(visitor):
    NeedFactory(published=True)
    assert visitor.get(f"{LIST}?mine=true").json()["results"] == []


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("state=nonsense", "state"),
        ("industry=Z99", "industry"),
        ("budget=lots", "budget"),
        ("stat=published", "stat"),
        ("mine=perhaps", "mine"),
    ],
)
def test_a_filter_that_means_nothing_is_an_error_at_its_name(query, field, visitor):
    response = visitor.get(f"{LIST}?{query}")
    assert response.status_code == 400
    assert fields_of(response).keys() == {field}


# --- Writing ---------------------------------------------------------------------------------------


def test_the_shape_of_the_input_is_the_content_of_a_need():
    assert NeedInputSerializer().fields.keys() - {"indicators"} == NEED.keys()


def test_a_written_need_is_a_draft_of_the_writers_organisation(api_of, buyer, enterprise):
    response = api_of(buyer).post(LIST, need_body(), format="json")
    assert response.status_code == 201
    need = Need.objects.get(code=response.json()["code"])
    assert (need.state, need.organisation, need.created_by) == ("draft", enterprise, buyer)
    assert (need.keywords, need.budget_max, need.contact_phone) == (
        ["轴承钢", "夹杂物"],
        Decimal("120.5"),
        "057188001234",
    )
    assert str(need.indicators.get()) == "抗拉强度 ≥ 980 MPa"


@pytest.mark.usefixtures("operator")
def test_a_need_sent_by_program_is_the_one_sent_by_form_and_is_matched_like_it(api_of, client_of, buyer):
    fields = {"trl_min": "6", "budget_max": "120.5", "keywords": "轴承钢、夹杂物"}
    client_of(buyer).post("/needs/new/", form_data({}, **fields, intent="submit", declared="on"))
    by_form = Need.objects.get()
    row = {**INDICATOR, "condition": "室温", "value": "９８０"}
    body = need_body(trl_min=6, keywords=["轴承钢", "夹杂物"], indicators=[row], contact_name="", contact_phone="")
    code = api_of(buyer).post(LIST, body, format="json").json()["code"]
    api_of(buyer).post(f"{LIST}{code}/submit/", {"declared": True}, format="json")
    by_program = Need.objects.get(code=code)

    assert {name: getattr(by_program, name) for name in NEED} == {name: getattr(by_form, name) for name in NEED}
    assert [str(row) for row in by_program.indicators.all()] == [str(row) for row in by_form.indicators.all()]
    assert (by_program.state, by_program.declared_by) == (by_form.state, by_form.declared_by)
    queued = [(run.trigger, run.state, run.requested_by) for run in MatchRun.objects.filter(needs=by_program)]
    assert queued == [(run.trigger, run.state, run.requested_by) for run in MatchRun.objects.filter(needs=by_form)]
    assert queued == [("need_submitted", "queued", buyer)]
    seen = [row["code"] for row in api_of(buyer).get(f"{LIST}?mine=true").json()["results"]]
    assert seen == [by_program.code, by_form.code]


def test_the_same_key_twice_is_one_need(api_of, buyer):
    body = need_body(submission_key=str(uuid4()))
    first, second = (api_of(buyer).post(LIST, body, format="json") for _ in range(2))
    assert first.json()["code"] == second.json()["code"]
    assert Need.objects.count() == 1


def test_who_belongs_to_several_organisations_names_one(api_of, buyer):
    other = MembershipFactory(user=buyer).organisation
    response = api_of(buyer).post(LIST, need_body(), format="json")
    assert (response.status_code, *fields_of(response)) == (400, "organisation")
    response = api_of(buyer).post(LIST, need_body(organisation=other.code), format="json")
    assert response.json()["organisation"]["code"] == other.code


def test_who_belongs_to_none_is_told_how_to_begin(api_of, newcomer):
    response = api_of(newcomer).post(LIST, need_body(), format="json")
    assert (response.status_code, error_of(response)) == (403, "permission_denied")


def test_nobody_writes_for_an_organisation_of_others(api_of, buyer):
    public, pending = OrganisationFactory(), OrganisationFactory(pending=True)
    assert api_of(buyer).post(LIST, need_body(organisation=public.code), format="json").status_code == 403
    response = api_of(buyer).post(LIST, need_body(organisation=pending.code), format="json")
    assert (response.status_code, *fields_of(response)) == (400, "organisation")
    assert not Need.objects.exists()


@pytest.mark.parametrize("who", ["colleague", "supplier"])
def test_who_may_not_pose_needs_is_told_why(who, request, api_of):
    response = api_of(request.getfixturevalue(who)).post(LIST, need_body(), format="json")
    assert (response.status_code, error_of(response)) == (403, "permission_denied")


def test_a_visitor_must_log_in_to_write(visitor):
    response = visitor.post(LIST, need_body(), format="json")
    assert (response.status_code, error_of(response)) == (401, "not_authenticated")


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"title": ""}, "title"),
        ({"title": None}, "title"),
        ({"title": {"a": 1}}, "title"),
        ({"title": ["a"]}, "title"),
        ({"title": True}, "title"),
        ({"title": "长" * 121}, "title"),
        ({"background": "字" * 300_000}, "background"),
        ({"industry": "Z99"}, "industry"),
        ({"region_code": "999999"}, "region_code"),
        ({"keywords": [["a"]]}, "keywords"),
        ({"keywords": ["词" * 41]}, "keywords"),
        ({"keywords": {"a": 1}}, "keywords"),
        ({"trl_min": 10}, "trl_min"),
        ({"trl_min": True}, "trl_min"),
        ({"budget_max": "很多"}, "budget_max"),
        ({"budget_max": -1}, "budget_max"),
        ({"budget_max": 1e300}, "budget_max"),
        ({"budget_min": 200, "budget_max": 100}, "budget_max"),
        ({"valid_until": "tomorrow"}, "valid_until"),
        ({"cooperation_modes": ["theft"]}, "cooperation_modes"),
        ({"prefers_local": "perhaps"}, "prefers_local"),
        ({"contact_phone": "123"}, "contact_phone"),
        ({"state": "published"}, "state"),
        ({"caretaker": 1}, "caretaker"),
        ({"colour": "red"}, "colour"),
        ({"submission_key": "abc"}, "submission_key"),
        ({"submission_key": 7}, "submission_key"),
        ({"organisation": "O-999999"}, "organisation"),
        ({"indicators": "none"}, "indicators"),
        ({"indicators": None}, "indicators"),
        ({"indicators": [INDICATOR] * 31}, "indicators"),
    ],
)
def test_a_bad_value_is_named_at_its_field(changes, field, api_of, buyer):
    response = api_of(buyer).post(LIST, need_body(**changes), format="json")
    assert (response.status_code, error_of(response)) == (400, "invalid")
    assert fields_of(response).keys() == {field}
    assert not Need.objects.exists()


def test_every_complaint_comes_at_once_nested_as_the_input_was(api_of, buyer):
    rows: list[Any] = [INDICATOR, {"name": "粒径", "comparison": "range", "value": "abc"}, {"nome": "x"}, "row"]
    body = need_body(title="", budget_max="x", indicators=rows)
    errors = fields_of(api_of(buyer).post(LIST, body, format="json"))
    assert errors.keys() == {"title", "budget_max", "indicators"}
    assert [list(row) for row in errors["indicators"]] == [[], ["value"], ["nome"], [""]]


def test_full_width_digits_and_units_are_understood(api_of, buyer):
    row = {"name": "抗拉强度", "comparison": "不低于", "value": "９８０．５", "unit": "ＭＰａ"}
    body = need_body(budget_max="１２０", trl_min="６", indicators=[row])
    body = api_of(buyer).post(LIST, body, format="json").json()
    assert (body["budget_max"], body["trl_min"]) == ("120.00", 6)
    assert (body["indicators"][0]["value"], body["indicators"][0]["unit"]) == ("980.5", "MPa")


def test_markup_is_text(api_of, buyer):
    title = "<script>alert(1)</script>"
    assert api_of(buyer).post(LIST, need_body(title=title), format="json").json()["title"] == title


# --- Changing --------------------------------------------------------------------------------------


def test_a_change_takes_what_was_sent_and_leaves_the_rest(api_of, buyer, enterprise):
    need = NeedFactory(organisation=enterprise, budget_min=10, budget_max=20, contact_phone="0571-88001234")
    NeedIndicatorFactory(need=need)
    before = {name: getattr(need, name) for name in NEED}
    response = api_of(buyer).patch(url(need), {"title": "新名称"}, format="json")
    assert (response.status_code, response.json()["title"]) == (200, "新名称")
    need.refresh_from_db()
    assert {name: getattr(need, name) for name in NEED} == {**before, "title": "新名称"}
    assert need.indicators.count() == 1


def test_indicators_that_were_sent_replace_the_rows(api_of, buyer, enterprise):
    need = NeedFactory(organisation=enterprise)
    NeedIndicatorFactory(need=need)
    row = {"name": "粒径", "comparison": "range", "value": "0.5", "value_max": "0.8", "unit": "μm", "is_public": False}
    body = api_of(buyer).patch(url(need), {"indicators": [row]}, format="json").json()
    assert [(r["name"], r["value_max"], r["level"]) for r in body["indicators"]] == [("粒径", "0.8", "named")]
    assert api_of(buyer).patch(url(need), {"indicators": []}, format="json").json()["indicators"] == []


def test_half_of_a_range_may_not_contradict_the_half_that_stands(api_of, buyer, enterprise):
    need = NeedFactory(organisation=enterprise, budget_min=10, budget_max=20)
    response = api_of(buyer).patch(url(need), {"budget_min": "30"}, format="json")
    assert (response.status_code, *fields_of(response)) == (400, "budget_max")


def test_a_change_of_a_published_need_is_matched_again(api_of, buyer, enterprise):
    need = NeedFactory(published=True, organisation=enterprise)
    api_of(buyer).patch(url(need), {"title": need.title}, format="json")
    assert not MatchRun.objects.exists()
    api_of(buyer).patch(url(need), {"title": "新名称"}, format="json")
    assert [run.trigger for run in MatchRun.objects.filter(needs=need)] == ["need_changed"]


@pytest.mark.parametrize("field", ["organisation", "submission_key", "code", "state"])
def test_what_is_not_content_cannot_be_changed(field, api_of, buyer, enterprise):
    need = NeedFactory(organisation=enterprise)
    response = api_of(buyer).patch(url(need), {field: "O-222222"}, format="json")
    assert (response.status_code, *fields_of(response)) == (400, field)


def test_a_change_needs_the_right_person_and_state(api_of, buyer, colleague, outsider, visitor, enterprise):
    draft, closed = NeedFactory(organisation=enterprise), NeedFactory(closed=True, organisation=enterprise)
    body = {"title": "新名称"}
    assert visitor.patch(url(closed), body, format="json").status_code == 401
    assert api_of(outsider).patch(url(draft), body, format="json").status_code == 404
    assert api_of(outsider).patch(url(closed), body, format="json").status_code == 403
    assert api_of(colleague).patch(url(draft), body, format="json").status_code == 403
    response = api_of(buyer).patch(url(closed), body, format="json")
    assert (response.status_code, error_of(response)) == (409, "wrong_state")
    assert not Need.objects.filter(title="新名称").exists()


# --- Steps -----------------------------------------------------------------------------------------

# action → body, who, a state it starts from, where it leads, a state it is refused from
STEPS = {
    "submit": ({"declared": True}, "buyer", {}, "submitted", {"published": True}),
    "withdraw": ({}, "buyer", {"published": True}, "withdrawn", {}),
    "close": ({"reason": "solved_here"}, "buyer", {"published": True}, "closed", {"submitted": True}),
    "publish": ({}, "operator", {"submitted": True}, "published", {}),
    "return": ({"reason": "请补充指标"}, "operator", {"submitted": True}, "returned", {}),
}


@pytest.mark.parametrize("action", STEPS)
@pytest.mark.usefixtures("operator")
def test_a_step_leads_where_the_table_says(action, request, api_of, enterprise):
    body, who, state, target, _refused = STEPS[action]
    need = NeedFactory(organisation=enterprise, **state)
    response = api_of(request.getfixturevalue(who)).post(url(need, action), body, format="json")
    assert (response.status_code, response.json()["state"]) == (200, target)
    need.refresh_from_db()
    assert need.state == target


@pytest.mark.parametrize("action", STEPS)
@pytest.mark.usefixtures("operator")
def test_a_step_is_refused_from_another_state(action, request, api_of, enterprise):
    body, who, _state, _target, refused = STEPS[action]
    need = NeedFactory(organisation=enterprise, **refused)
    response = api_of(request.getfixturevalue(who)).post(url(need, action), body, format="json")
    assert (response.status_code, error_of(response)) == (409, "wrong_state")


@pytest.mark.parametrize("action", STEPS)
def test_a_step_is_refused_to_everybody_else(action, request, api_of, visitor, enterprise):
    body, who, state, _target, _refused = STEPS[action]
    need = NeedFactory(organisation=enterprise, **state)
    others = ["colleague", "buyer" if who == "operator" else "operator"]
    for other in others:
        response = api_of(request.getfixturevalue(other)).post(url(need, action), body, format="json")
        assert (response.status_code, error_of(response)) == (403, "permission_denied")
    is_public = state.get("published")
    outsider = api_of(request.getfixturevalue("outsider"))
    assert outsider.post(url(need, action), body, format="json").status_code == (403 if is_public else 404)
    assert visitor.post(url(need, action), body, format="json").status_code == 401
    assert api_of(request.getfixturevalue(who)).get(url(need, action)).status_code == 405


@pytest.mark.parametrize(
    ("action", "body", "field"),
    [
        ("submit", {}, "declared"),
        ("submit", {"declared": False}, "declared"),
        ("submit", {"declared": None}, "declared"),
        ("close", {}, "reason"),
        ("close", {"reason": "expired"}, "reason"),
        ("return", {"reason": " "}, "reason"),
        ("return", {"reason": "长" * 1001}, "reason"),
        ("return", ["reason"], ""),
    ],
)
def test_a_step_asks_for_what_it_needs(action, body, field, request, api_of, enterprise):
    _body, who, state, _target, _refused = STEPS[action]
    need = NeedFactory(organisation=enterprise, **state)
    response = api_of(request.getfixturevalue(who)).post(url(need, action), body, format="json")
    assert (response.status_code, *fields_of(response)) == (400, field)


def test_a_need_that_says_too_little_is_not_ready(api_of, buyer, operator, enterprise):
    need = NeedFactory(organisation=enterprise, background="")
    response = api_of(buyer).post(url(need, "submit"), {"declared": True}, format="json")
    assert (response.status_code, error_of(response)) == (409, "not_ready")


def test_an_organisation_nobody_verified_hands_nothing_in(api_of, operator):
    member = MembershipFactory(organisation=OrganisationFactory(pending=True), role=Role.OWNER)
    need = NeedFactory(organisation=member.organisation)
    response = api_of(member.user).post(url(need, "submit"), {"declared": True}, format="json")
    assert (response.status_code, error_of(response)) == (403, "permission_denied")

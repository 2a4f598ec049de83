"""A member of the supply side writes an output."""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from accounts.audit import AuditEvent
from accounts.models import Organisation, Role, User
from solutions.models import Solution
from tests.factories.accounts import MembershipFactory, OrganisationFactory
from tests.factories.solutions import OutputFactory

pytestmark = pytest.mark.django_db
URL = reverse("solutions:create")
ClientOf = Callable[[User], Client]
FormData = Callable[..., dict[str, Any]]


def test_the_form_arrives_with_what_is_known(client_of: ClientOf, supplier: User, university: Organisation) -> None:
    page = client_of(supplier).get(URL)
    assert page.status_code == 200
    assert page.context["form"]["completed_by"].value() == university.name
    assert page.context["form"]["submission_key"].value()


def test_a_draft_is_written_with_everything_in_it(
    client_of: ClientOf, supplier: User, university: Organisation, form_data: FormData
) -> None:
    data = form_data(
        innovations="低氧真空脱气\n循环球化退火",
        price="２６０",
        maturity="small_scale",
        completed_people="示例甲、示例乙",
        awards="示例奖",
        broker_delegated="on",
        rows=[{"name": "抗拉强度", "value": "１２００", "unit": "ＭＰａ", "condition": "室温"}],
    )
    answer = client_of(supplier).post(URL, data)
    output = Solution.objects.get()
    assert answer.status_code == 302
    assert answer.url == output.get_absolute_url()
    assert (output.organisation, output.created_by, output.state) == (university, supplier, "draft")
    assert output.keywords == ["轴承钢", "夹杂物"]
    assert output.industries == ["C31"]
    details = output.output
    assert details.innovations == ["低氧真空脱气", "循环球化退火"]
    assert (details.trl_min, details.trl_max, details.price) == (5, 6, 260)
    assert details.transfer_modes == ["ordinary_licence"]
    assert details.completed_people == "示例甲、示例乙"
    assert details.broker_delegated
    row = output.indicators.get()
    assert (row.requirement, row.condition, row.is_public) == ("≥ 1200 MPa", "室温", True)
    assert AuditEvent.objects.get(object_code=output.code).action == "solution.create"


def test_only_the_name_and_the_maturity_are_needed_for_a_draft(
    client_of: ClientOf, supplier: User, form_data: FormData
) -> None:
    client_of(supplier).post(URL, form_data(summary="", keywords="", transfer_modes=[], maturity="not_applicable"))
    assert Solution.objects.get().output.trl_min is None


def test_exact_levels_are_taken_when_asked_for(client_of: ClientOf, supplier: User, form_data: FormData) -> None:
    client = client_of(supplier)
    client.post(URL, form_data(maturity="exact", trl_min="5", trl_max="7"))
    assert (Solution.objects.get().output.trl_min, Solution.objects.get().output.trl_max) == (5, 7)
    page = client.post(URL, form_data(maturity="exact"))
    assert "请选择 TRL 等级" in page.content.decode()
    page = client.post(URL, form_data(maturity="exact", trl_min="7", trl_max="5"))
    assert page.context["form"].errors["trl_max"] == ["上限不能小于下限。"]


def test_levels_beside_a_stage_do_not_count(client_of: ClientOf, supplier: User, form_data: FormData) -> None:
    client_of(supplier).post(URL, form_data(maturity="pilot", trl_min="1", trl_max="2"))
    assert Solution.objects.get().output.trl_min == 7


def test_rows_keep_their_order_and_blank_or_removed_ones_do_not_count(
    client_of: ClientOf, supplier: User, form_data: FormData
) -> None:
    rows = [
        {"name": "硬度", "value": "58", "unit": "HRC"},
        {"name": "", "value": "", "comparison": "le"},
        {"name": "删去的", "value": "不是数字", "DELETE": "on"},
        {"name": "厚度", "comparison": "range", "value": "0.5", "value_max": "0.8", "unit": "mm", "is_public": ""},
    ]
    client_of(supplier).post(URL, form_data(rows=rows))
    found = [(row.name, row.position, row.is_public) for row in Solution.objects.get().indicators.all()]
    assert found == [("硬度", 0, True), ("厚度", 1, False)]


def test_a_bad_row_is_named_at_its_field_and_everything_else_is_kept(
    client_of: ClientOf, supplier: User, form_data: FormData
) -> None:
    rows = [{"name": "硬度", "value": "58"}, {"name": "强度", "value": "很高", "unit": "MPa"}]
    page = client_of(supplier).post(URL, form_data(rows=rows, awards="示例奖"))
    text = page.content.decode()
    assert not Solution.objects.exists()
    assert page.context["formset"].forms[1].errors["value"] == ["请只填数字，例如 980 或 0.5；单位另填。"]
    assert 'value="很高"' in text
    assert 'value="示例奖"' in text


def test_a_removed_row_stays_away_when_the_page_comes_back(
    client_of: ClientOf, supplier: User, form_data: FormData
) -> None:
    page = client_of(supplier).post(URL, form_data(title="", rows=[{"name": "删去的", "value": "x", "DELETE": "on"}]))
    assert 'id="indicators-0-row" data-formset-row tabindex="-1" hidden' in page.content.decode()


def test_too_many_rows_are_refused(client_of: ClientOf, supplier: User, form_data: FormData) -> None:
    rows = [{"name": f"指标{number}", "value": "1"} for number in range(31)]
    page = client_of(supplier).post(URL, form_data(rows=rows))
    assert "指标最多 30 行" in page.content.decode()
    page = client_of(supplier).post(URL, form_data(**{"indicators-TOTAL_FORMS": "100000"}))
    assert "指标最多 30 行" in page.content.decode()
    assert not Solution.objects.exists()


def test_a_form_without_its_table_is_refused_in_words(client_of: ClientOf, supplier: User, form_data: FormData) -> None:
    data = form_data()
    del data["indicators-TOTAL_FORMS"]
    assert "指标表不完整" in client_of(supplier).post(URL, data).content.decode()


def test_an_empty_form_says_what_is_missing(client_of: ClientOf, supplier: User, form_data: FormData) -> None:
    page = client_of(supplier).post(URL, form_data(title=" ", maturity="", summary="已经写好的简介"))
    assert page.context["form"].errors == {"title": ["请填写此项。"], "maturity": ["请选择一项。"]}
    assert "已经写好的简介" in page.content.decode()


@pytest.mark.parametrize(
    "field",
    [
        "title",
        "summary",
        "innovations",
        "technical_field",
        "keywords",
        "rights_note",
        "price",
        "completed_by",
        "awards",
    ],
)
def test_a_megabyte_is_refused_at_its_field_and_the_rest_is_kept(
    client_of: ClientOf, supplier: User, form_data: FormData, field: str
) -> None:
    page = client_of(supplier).post(URL, form_data(**{"completed_people": "示例甲", field: "长" * 350_000}))
    assert page.status_code == 200
    assert list(page.context["form"].errors) == [field]
    assert 'value="示例甲"' in page.content.decode()
    assert not Solution.objects.exists()


def test_options_nobody_offered_are_refused(client_of: ClientOf, supplier: User, form_data: FormData) -> None:
    data = form_data(
        industries=["C99"], transfer_modes=["gift"], region_code="999999", rights_status="mine", submission_key="x"
    )
    errors = client_of(supplier).post(URL, data).context["form"].errors
    assert set(errors) == {"industries", "transfer_modes", "region_code", "rights_status", "submission_key"}


def test_control_characters_do_not_reach_the_database(client_of: ClientOf, supplier: User, form_data: FormData) -> None:
    client_of(supplier).post(URL, form_data(title="甲\x00乙", rows=[{"name": "硬\x00度", "value": "1"}]))
    assert Solution.objects.get().title == "甲乙"
    assert Solution.objects.get().indicators.get().name == "硬度"


def test_sending_a_form_twice_makes_one_output(client_of: ClientOf, supplier: User, form_data: FormData) -> None:
    data = form_data(submission_key=str(uuid4()), rows=[{"name": "硬度", "value": "58"}])
    first = client_of(supplier).post(URL, data)
    second = client_of(supplier).post(URL, data)
    output = Solution.objects.get()
    assert first.url == second.url == output.get_absolute_url()
    assert output.indicators.count() == 1
    assert AuditEvent.objects.filter(action="solution.create").count() == 1


def test_a_code_that_is_taken_is_drawn_again(
    client_of: ClientOf, supplier: User, form_data: FormData, monkeypatch: pytest.MonkeyPatch
) -> None:
    OutputFactory(code="S-TAKEN")
    codes = iter(["S-TAKEN", "S-FREE"])
    monkeypatch.setattr("solutions.solution.writing.new_solution_code", lambda: next(codes))
    client_of(supplier).post(URL, form_data())
    assert Solution.objects.get(created_by=supplier).code == "S-FREE"


def test_the_key_of_one_person_is_nothing_to_another(
    client_of: ClientOf, supplier: User, university: Organisation, form_data: FormData
) -> None:
    other = MembershipFactory(organisation=university).user
    data = form_data(submission_key=str(uuid4()))
    client_of(supplier).post(URL, data)
    client_of(other).post(URL, data)
    assert Solution.objects.count() == 2


def test_saving_and_submitting_in_one_press(client_of: ClientOf, supplier: User, form_data: FormData) -> None:
    client_of(supplier).post(URL, form_data(then="submit"))
    assert Solution.objects.get().state == "submitted"


def test_submitting_without_a_summary_asks_for_it_at_the_field(
    client_of: ClientOf, supplier: User, form_data: FormData
) -> None:
    page = client_of(supplier).post(URL, form_data(then="submit", summary=""))
    assert "summary" in page.context["form"].errors
    assert not Solution.objects.exists()


def test_an_unverified_organisation_keeps_its_draft_and_learns_why(client_of: ClientOf, form_data: FormData) -> None:
    member = MembershipFactory(organisation=OrganisationFactory(university=True, pending=True)).user
    page = client_of(member).post(URL, form_data(then="submit"), follow=True)
    assert Solution.objects.get().state == "draft"
    assert "机构通过核验后才能提交审核" in page.content.decode()


@pytest.mark.parametrize("kind", ["government", "finance", "alliance"])
def test_other_kinds_of_organisation_learn_why_they_cannot(client_of: ClientOf, form_data: FormData, kind: str) -> None:
    member = MembershipFactory(organisation=OrganisationFactory(kind=kind)).user
    for answer in (client_of(member).get(URL), client_of(member).post(URL, form_data())):
        assert answer.status_code == 403
        assert "不能登记成果" in answer.content.decode()


def test_a_read_only_member_is_refused(client_of: ClientOf, university: Organisation, form_data: FormData) -> None:
    viewer = MembershipFactory(organisation=university, role=Role.VIEWER).user
    assert client_of(viewer).post(URL, form_data()).status_code == 403


def test_a_newcomer_is_told_to_join_an_organisation(client_of: ClientOf, newcomer: User) -> None:
    answer = client_of(newcomer).get(URL)
    assert answer.status_code == 403
    assert "登记或加入一个机构" in answer.content.decode()


def test_a_visitor_logs_in_first(client: Client) -> None:
    assert client.get(URL).status_code == 302


def test_other_methods_are_refused(client_of: ClientOf, supplier: User) -> None:
    assert client_of(supplier).put(URL).status_code == 405

"""Writing a need: saving, handing in, and everything people may type into the form."""

from datetime import date
from decimal import Decimal
from uuid import uuid4

import pytest
from django.urls import reverse

from needs.models import Need
from solutions.indicator import fields as validators
from tests.factories.accounts import MembershipFactory, OrganisationFactory
from tests.factories.needs import NeedFactory, NeedIndicatorFactory
from tests.needs.need.pages import form_data, text

CREATE = reverse("needs:create")


def edit_url(need: Need) -> str:
    return reverse("needs:edit", args=[need.code])


# --- Opening ---------------------------------------------------------------------------------------


def test_the_form_knows_what_the_platform_knows_already(client_of, buyer, enterprise):
    page = text(client_of(buyer).get(CREATE))
    assert f'value="{buyer.name}"' in page
    assert '<option value="C34" selected>' in page
    assert '<option value="310115" selected>' in page


def test_a_person_without_organisation_is_told_how_to_begin(client_of, newcomer):
    page = text(client_of(newcomer).get(CREATE))
    assert reverse("accounts:organisation-create") in page


def test_a_visitor_logs_in_first(client):
    assert reverse("accounts:login") in client.get(CREATE)["Location"]


@pytest.mark.parametrize("who", ["colleague", "supplier"])
def test_who_may_not_pose_needs_is_told_why(who, request, client_of):
    response = client_of(request.getfixturevalue(who)).get(CREATE)
    assert response.status_code == 403


def test_another_method_is_refused(client_of, buyer):
    assert client_of(buyer).put(CREATE).status_code == 405


# --- Saving ----------------------------------------------------------------------------------------


def test_a_saved_draft_holds_every_field(client_of, buyer, enterprise):
    response = client_of(buyer).post(
        CREATE,
        form_data(
            {},
            {"name": "粒径", "comparison": "range", "value": "0.5", "value_max": "0.8", "unit": "μm", "level": "nda"},
            technical_field="金属材料",
            difficulty="难点",
            tried="试过",
            benchmark="对标",
            trl_min="6",
            budget_min="50",
            budget_max="120.5",
            months="12",
            valid_until="2031-12-31",
            cooperation_modes=["licence", "joint_development"],
            prefers_local="on",
            contact_name="示例联系人",
            contact_phone="0571-88001234",
        ),
    )
    need = Need.objects.get()
    assert response["Location"] == need.get_absolute_url()
    assert (need.state, need.organisation, need.created_by) == ("draft", enterprise, buyer)
    assert (need.technical_field, need.difficulty, need.tried, need.benchmark) == ("金属材料", "难点", "试过", "对标")
    assert (need.trl_min, need.budget_min, need.budget_max, need.months) == (6, 50, Decimal("120.5"), 12)
    assert need.valid_until == date(2031, 12, 31)
    assert need.cooperation_modes == ["licence", "joint_development"]
    assert need.prefers_local
    assert (need.contact_name, need.contact_phone) == ("示例联系人", "057188001234")
    assert need.keywords == ["轴承钢", "夹杂物"]
    rows = need.indicators.order_by("position")
    assert [(row.name, row.requirement, row.level) for row in rows] == [
        ("抗拉强度", "≥ 980 MPa", "public"),
        ("粒径", "0.5 – 0.8 μm", "nda"),
    ]


def test_a_draft_wants_only_a_title(client_of, buyer):
    client_of(buyer).post(CREATE, form_data(need_type="", background="", industry=""))
    assert Need.objects.get().state == "draft"


def test_without_a_title_nothing_is_saved_and_the_rest_is_kept(client_of, buyer):
    page = text(client_of(buyer).post(CREATE, form_data({"name": "屈服强度"}, title="  ")))
    assert not Need.objects.exists()
    assert "请填写此项。" in page
    assert "现用轴承钢夹杂物偏多" in page
    assert 'value="屈服强度"' in page


def test_full_width_digits_and_units_are_understood(client_of, buyer):
    row = {"value": "１，２００", "unit": "ＭＰａ"}
    client_of(buyer).post(
        CREATE, form_data(row, budget_max="１２０", months="１２", contact_phone="１３８１２３４５６７８")
    )
    need = Need.objects.get()
    assert (need.budget_max, need.months, need.contact_phone) == (120, 12, "13812345678")
    indicator = need.indicators.get()
    assert (indicator.value, indicator.unit) == (1200, "MPa")


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"budget_min": "100", "budget_max": "50"}, "预算上限不能小于下限。"),
        ({"budget_max": "很多"}, "请只填数字"),
        ({"budget_max": "-1"}, "不能小于 0。"),
        ({"months": "0"}, "请填 1 到 120 之间的数。"),
        ({"valid_until": "明年"}, "请按 2026-12-31 的样子填写日期。"),
        ({"contact_phone": "12"}, "请填写手机号或带区号的电话"),
        ({"industry": "X99"}, "没有“X99”这个行业大类。"),
        ({"cooperation_modes": ["gift"]}, "没有“gift”这个选项。"),
        ({"submission_key": "abc"}, "页面已过期"),
    ],
)
def test_what_cannot_be_understood_is_said_at_its_field(fields, sentence, client_of, buyer):
    page = text(client_of(buyer).post(CREATE, form_data(**fields)))
    assert sentence in page
    assert not Need.objects.exists()


@pytest.mark.parametrize(
    ("row", "sentence"),
    [
        ({"value": ""}, "请填写数字。"),
        ({"value": "九百"}, "请只填数字"),
        ({"name": ""}, "请填写此项。"),
        ({"comparison": "range"}, "区间需要填写上限。"),
    ],
)
def test_a_wrong_indicator_row_is_named_and_kept(row, sentence, client_of, buyer):
    page = text(client_of(buyer).post(CREATE, form_data({}, {"condition": "高温", **row})))
    assert sentence in page
    assert 'value="高温"' in page
    assert not Need.objects.exists()


def test_a_tampered_indicator_table_is_an_error_not_a_crash(client_of, buyer):
    response = client_of(buyer).post(CREATE, form_data(**{"indicators-TOTAL_FORMS": None}))
    assert response.status_code == 200
    assert not Need.objects.exists()


MEGABYTE = "字" * (1024 * 1024 // 3)


@pytest.mark.parametrize(
    "field", ["title", "technical_field", "keywords", "background", "difficulty", "tried", "benchmark", "contact_name"]
)
def test_a_megabyte_of_text_is_refused_at_its_field_and_the_rest_is_kept(field, client_of, buyer):
    other = "background" if field != "background" else "difficulty"
    page = text(client_of(buyer).post(CREATE, form_data(**{field: MEGABYTE, other: "其余内容还在"})))
    assert "最多" in page or "太长" in page
    assert "其余内容还在" in page
    assert not Need.objects.exists()


SCRIPT = "<script>alert('x')</script>"


def test_markup_in_every_field_is_shown_as_text(client_of, buyer):
    words = ["title", "technical_field", "keywords", "background", "difficulty", "tried", "benchmark", "contact_name"]
    client = client_of(buyer)
    row = {"name": SCRIPT, "unit": "<b>MPa</b>", "condition": SCRIPT}
    fields = dict.fromkeys(words, SCRIPT)
    client.post(CREATE, form_data(row, **fields))
    need = Need.objects.get()
    assert need.background == SCRIPT
    for url in (need.get_absolute_url(), edit_url(need), reverse("needs:mine")):
        page = text(client.get(url))
        assert SCRIPT not in page
        assert "<b>MPa" not in page
        assert "&lt;script&gt;" in page


def test_markup_is_shown_as_text_when_the_form_comes_back(client_of, buyer):
    page = text(client_of(buyer).post(CREATE, form_data({"value": SCRIPT}, title="", industry=SCRIPT, tried=SCRIPT)))
    assert SCRIPT not in page


# --- The same form twice ---------------------------------------------------------------------------


def test_a_form_sent_twice_makes_one_need(client_of, buyer):
    client = client_of(buyer)
    data = form_data({}, submission_key=str(uuid4()))
    first, second = client.post(CREATE, data), client.post(CREATE, data)
    assert first["Location"] == second["Location"]
    assert Need.objects.count() == 1


def test_handing_in_twice_submits_once(client_of, buyer, operator):
    client = client_of(buyer)
    data = form_data({}, submission_key=str(uuid4()), intent="submit", declared="on")
    client.post(CREATE, data)
    response = client.post(CREATE, data, follow=True)
    assert "已经提交过" in text(response)
    assert Need.objects.get().state == "submitted"


def test_who_goes_back_and_sends_again_changes_the_same_need(client_of, buyer):
    client = client_of(buyer)
    key = str(uuid4())
    client.post(CREATE, form_data({}, submission_key=key))
    client.post(CREATE, form_data({}, submission_key=key, title="改过的标题"))
    assert Need.objects.get().title == "改过的标题"


def test_two_people_with_one_key_write_two_needs(client_of, buyer, outsider):
    data = form_data({}, submission_key=str(uuid4()))
    for person in (buyer, outsider):
        client_of(person).post(CREATE, data)
    assert Need.objects.count() == 2


# --- Handing in ------------------------------------------------------------------------------------


def test_one_press_saves_and_submits(client_of, buyer, operator):
    response = client_of(buyer).post(CREATE, form_data({}, intent="submit", declared="on"), follow=True)
    need = Need.objects.get()
    assert need.state == "submitted"
    assert reverse("matching:for-need", args=[need.code]) in text(response)


def test_without_the_declaration_nothing_is_submitted_nor_saved(client_of, buyer, operator):
    page = text(client_of(buyer).post(CREATE, form_data({}, intent="submit")))
    assert not Need.objects.exists()
    assert "请勿在本平台填写或保存" in page
    assert "现用轴承钢夹杂物偏多" in page


@pytest.mark.parametrize("field", ["need_type", "background"])
def test_handing_in_asks_for_what_a_draft_may_lack(field, client_of, buyer, operator):
    page = text(client_of(buyer).post(CREATE, form_data({}, intent="submit", declared="on", **{field: ""})))
    assert not Need.objects.exists()
    assert "暂时不填可以先保存草稿" in page


def test_what_cannot_be_submitted_yet_stays_saved(client_of, operator):
    owner = MembershipFactory(organisation=OrganisationFactory(pending=True)).user
    client = client_of(owner)
    assert 'value="submit"' not in text(client.get(CREATE))
    response = client.post(CREATE, form_data({}, intent="submit", declared="on"), follow=True)
    assert Need.objects.get().state == "draft"
    assert "内容已保存，但还不能提交" in text(response)


# --- Changing --------------------------------------------------------------------------------------


def test_the_edit_form_shows_what_was_saved_and_saving_it_again_changes_nothing(client_of, buyer, enterprise):
    need = NeedFactory(organisation=enterprise, budget_max=Decimal("120.50"), valid_until=date(2031, 1, 2))
    NeedIndicatorFactory(need=need, value=Decimal("0.5"))
    client = client_of(buyer)
    page = client.get(edit_url(need))
    form, formset = page.context["form"], page.context["formset"]
    assert form["budget_max"].value() == "120.5"
    assert 'value="2031-01-02"' in text(page)
    data = {name: form[name].value() for name in form.fields if form[name].value() not in (None, False)}
    for field in formset.management_form:
        data[field.html_name] = field.value()
    for row in formset.forms:
        data.update({field.html_name: field.value() for field in row if field.value() not in (None, False)})
    changed_at = need.changed_at
    client.post(edit_url(need), {**data, "intent": "save"})
    need.refresh_from_db()
    assert need.changed_at == changed_at


def test_a_change_of_a_draft_can_be_handed_in_at_once(client_of, buyer, enterprise, operator):
    need = NeedFactory(organisation=enterprise)
    client_of(buyer).post(edit_url(need), form_data({}, title="新", intent="submit", declared="on"))
    need.refresh_from_db()
    assert (need.title, need.state) == ("新", "submitted")


def test_a_published_need_stays_published_when_changed(client_of, buyer, enterprise):
    need = NeedFactory(organisation=enterprise, published=True)
    client = client_of(buyer)
    assert 'value="submit"' not in text(client.get(edit_url(need)))
    client.post(edit_url(need), form_data({}, title="新", intent="submit"))
    need.refresh_from_db()
    assert (need.title, need.state, need.has_unreviewed_change) == ("新", "published", True)


def test_a_change_that_cannot_be_understood_comes_back(client_of, buyer, enterprise):
    need = NeedFactory(organisation=enterprise)
    page = text(client_of(buyer).post(edit_url(need), form_data(title="", tried="其余内容还在")))
    assert "其余内容还在" in page
    need.refresh_from_db()
    assert need.title


def test_a_removed_row_is_gone(client_of, buyer, enterprise):
    need = NeedFactory(organisation=enterprise)
    NeedIndicatorFactory(need=need)
    client_of(buyer).post(edit_url(need), form_data({"DELETE": "on"}, initial=1))
    assert not need.indicators.exists()


def test_more_rows_than_a_table_holds_are_refused(client_of, buyer):
    rows = [{} for _number in range(validators.MOST_INDICATORS + 1)]
    page = text(client_of(buyer).post(CREATE, form_data(*rows)))
    assert "指标最多" in page
    assert not Need.objects.exists()


@pytest.mark.parametrize(
    ("who", "status"), [("colleague", 403), ("operator", 403), ("outsider", 404), ("supplier", 404)]
)
def test_others_do_not_change_a_draft(who, status, request, client_of, enterprise):
    person = request.getfixturevalue(who)
    need = NeedFactory(organisation=enterprise)
    for method in ("get", "post"):
        assert getattr(client_of(person), method)(edit_url(need)).status_code == status


def test_a_closed_need_is_not_changed(client_of, buyer, enterprise):
    need = NeedFactory(organisation=enterprise, closed=True)
    response = client_of(buyer).post(edit_url(need), form_data({}, title="新"))
    assert response.status_code == 302
    need.refresh_from_db()
    assert need.title != "新"


def test_another_method_changes_nothing(client_of, buyer, enterprise):
    assert client_of(buyer).delete(edit_url(NeedFactory(organisation=enterprise))).status_code == 405

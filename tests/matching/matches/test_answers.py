"""The page of one match, and the answers of both sides given on it or in a list."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.audit import AuditEvent
from accounts.models import Organisation, Role, User
from matching.models import Match
from tests.factories.accounts import MembershipFactory
from tests.factories.matching import MatchFactory
from tests.factories.needs import NeedFactory, NeedIndicatorFactory
from tests.factories.solutions import OutputFactory, SolutionIndicatorFactory

pytestmark = pytest.mark.django_db

HTMX = {"HX-Request": "true"}
PHONE = "13800005678"


@pytest.fixture
def pair(enterprise: Organisation, university: Organisation) -> dict[str, Any]:
    need = NeedFactory(published=True, organisation=enterprise, contact_name="示例联系人", contact_phone=PHONE)
    return {"need": need, "solution": OutputFactory(published=True, organisation=university)}


def page_of(client: Client, match: Match) -> str:
    return client.get(match.get_absolute_url()).content.decode()


def answer(client: Client, match: Match, side: str, /, **data: str) -> Any:
    headers = data.pop("headers", None)
    return client.post(reverse(f"matching:match-{side}-answer", args=[match.code]), data, headers=headers)


# --- the page --------------------------------------------------------------------------------------------------


def test_the_page_says_what_fits_what_does_not_and_what_is_unknown(
    pair: dict, client_of: Callable[[User], Client], buyer: User
) -> None:
    NeedIndicatorFactory(need=pair["need"], name="抗拉强度", value=1000)
    NeedIndicatorFactory(need=pair["need"], name="硬度", value=60, unit="HRC", position=1)
    SolutionIndicatorFactory(solution=pair["solution"], name="抗拉强度", value=900, unit="N/mm²")
    html = page_of(client_of(buyer), MatchFactory(**pair))
    for words in ("明显相符", "明显不符", "未知", "不满足", "≥ 900 MPa", "原文 ≥ 900 N/mm²", "得分是怎么算出来的"):
        assert words in html


def test_users_texts_are_shown_as_text(pair: dict, client_of: Callable[[User], Client], buyer: User) -> None:
    script = "<script>alert(1)</script>轴承钢"
    for thing in pair.values():
        thing.title = script
        thing.save()
    html = page_of(client_of(buyer), MatchFactory(**pair))
    assert "<script>alert(1)" not in html
    assert "&lt;script&gt;" in html


def test_the_switch_of_the_local_preference_is_linked_for_who_may_use_it(
    pair: dict, client_of: Callable[[User], Client], buyer: User, supplier: User
) -> None:
    match = MatchFactory(**pair)
    link = reverse("needs:edit", args=[match.need.code])
    assert link in page_of(client_of(buyer), match)
    assert link not in page_of(client_of(supplier), match)


@pytest.mark.parametrize(("person", "status"), [("outsider", 404), ("newcomer", 404), ("colleague", 200)])
def test_who_sees_the_page(
    pair: dict, client_of: Callable[[User], Client], person: str, status: int, request: pytest.FixtureRequest
) -> None:
    client = client_of(request.getfixturevalue(person))
    assert client.get(MatchFactory(**pair).get_absolute_url()).status_code == status


def test_a_visitor_is_asked_to_log_in(pair: dict) -> None:
    url = MatchFactory(**pair).get_absolute_url()
    assert Client().get(url)["Location"].startswith(reverse("accounts:login"))


def test_a_rejected_match_is_the_operators_alone(
    pair: dict, client_of: Callable[[User], Client], buyer: User, supplier: User, operator: User
) -> None:
    url = MatchFactory(rejected=True, **pair).get_absolute_url()
    statuses = [client_of(person).get(url).status_code for person in (buyer, supplier, operator)]
    assert statuses == [404, 404, 200]


def test_a_supplier_sees_nothing_of_a_need_in_review(
    pair: dict, client_of: Callable[[User], Client], supplier: User, enterprise: Organisation
) -> None:
    match = MatchFactory(need=NeedFactory(submitted=True, organisation=enterprise), solution=pair["solution"])
    assert client_of(supplier).get(match.get_absolute_url()).status_code == 404


def test_the_page_takes_no_post(pair: dict, client_of: Callable[[User], Client], buyer: User) -> None:
    assert client_of(buyer).post(MatchFactory(**pair).get_absolute_url()).status_code == 405


def test_operators_read_the_trail(pair: dict, client_of: Callable[[User], Client], buyer: User, operator: User) -> None:
    match = MatchFactory(**pair)
    answer(client_of(buyer), match, "buyer", answer="not_suitable", reason="price")
    assert "操作记录" not in page_of(client_of(buyer), match)
    html = page_of(client_of(operator), match)
    assert "操作记录" in html
    assert "不合适 · 价格不合适" in html


def test_the_first_candidate_of_a_need_is_named(pair: dict, client_of: Callable[[User], Client], buyer: User) -> None:
    first = MatchFactory(confirmed=True, **pair)
    second = MatchFactory(confirmed=True, need=pair["need"], solution=OutputFactory(published=True))
    assert "首个合格候选" in page_of(client_of(buyer), first)
    assert "首个合格候选" not in page_of(client_of(buyer), second)


# --- contacts --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("traits", [{}, {"confirmed": True}, {"confirmed": True, "wanted": True}])
def test_no_contact_is_in_the_page_before_both_agreed(
    pair: dict, traits: dict, client_of: Callable[[User], Client], supplier: User, buyer: User, operator: User
) -> None:
    match = MatchFactory(**pair, **traits)
    for person in (supplier, buyer, operator):
        html = page_of(client_of(person), match)
        assert PHONE not in html
        assert "示例联系人" not in html
    assert not AuditEvent.objects.exists()


def test_after_contact_the_supplier_sees_the_posers_contact_and_each_time_is_written_down(
    pair: dict, client_of: Callable[[User], Client], supplier: User
) -> None:
    match = MatchFactory(in_contact=True, supplier_answered_by=supplier, **pair)
    client = client_of(supplier)
    assert PHONE in page_of(client, match)
    page_of(client, match)
    events = AuditEvent.objects.filter(action="match.contact_shown")
    assert [(event.by, event.object_code) for event in events] == [(supplier, match.code)] * 2


def test_after_contact_the_poser_sees_who_answered_for_the_supplier(
    pair: dict, client_of: Callable[[User], Client], buyer: User, supplier: User
) -> None:
    match = MatchFactory(in_contact=True, supplier_answered_by=supplier, **pair)
    html = page_of(client_of(buyer), match)
    assert supplier.email in html
    assert AuditEvent.objects.get().reason.startswith("成果方")


def test_the_person_who_said_yes_stands_in_for_a_need_without_contact(
    pair: dict, client_of: Callable[[User], Client], buyer: User, supplier: User
) -> None:
    pair["need"].contact_name = pair["need"].contact_phone = ""
    pair["need"].save()
    match = MatchFactory(in_contact=True, buyer_answered_by=buyer, **pair)
    assert buyer.email in page_of(client_of(supplier), match)


# --- answers ---------------------------------------------------------------------------------------------------


def test_the_poser_answers_in_place(pair: dict, client_of: Callable[[User], Client], buyer: User) -> None:
    match = MatchFactory(**pair)
    html = answer(client_of(buyer), match, "buyer", answer="interested", headers=HTMX).content.decode()
    assert html.lstrip().startswith("<li")
    assert "已记录：感兴趣" in html
    match.refresh_from_db()
    assert (match.buyer_answer, match.buyer_answered_by) == ("interested", buyer)


def test_without_htmx_one_is_sent_back_where_one_was(
    pair: dict, client_of: Callable[[User], Client], buyer: User
) -> None:
    match = MatchFactory(**pair)
    here = match.need.get_absolute_url()
    response = answer(
        client_of(buyer), match, "buyer", answer="interested", headers={"Referer": f"http://testserver{here}"}
    )
    assert response.status_code == 302
    assert response["Location"].endswith(here)


def test_a_missing_reason_is_said_at_the_field(pair: dict, client_of: Callable[[User], Client], buyer: User) -> None:
    match = MatchFactory(**pair)
    in_place = answer(client_of(buyer), match, "buyer", answer="not_suitable", headers=HTMX)
    on_the_page = answer(client_of(buyer), match, "buyer", answer="not_suitable")
    for response, status in ((in_place, 200), (on_the_page, 422)):
        assert response.status_code == status
        assert '<details class="sh-reasons" open>' in response.content.decode()
        assert "请选择一个原因" in response.content.decode()
    match.refresh_from_db()
    assert match.buyer_answer == ""


def test_the_supplier_answers_its_invitation(pair: dict, client_of: Callable[[User], Client], supplier: User) -> None:
    match = MatchFactory(confirmed=True, **pair)
    html = answer(client_of(supplier), match, "supplier", answer="not_now", headers=HTMX).content.decode()
    assert "已记录：暂不对接" in html
    match.refresh_from_db()
    assert match.supplier_answer == "not_now"


def test_a_supplier_is_not_asked_before_an_operator_confirmed(
    pair: dict, client_of: Callable[[User], Client], supplier: User
) -> None:
    match = MatchFactory(**pair)
    assert "愿意对接</button>" not in page_of(client_of(supplier), match)
    match.delete()
    assert "愿意对接</button>" in page_of(client_of(supplier), MatchFactory(confirmed=True, **pair))


def test_an_answer_that_comes_too_late_is_said_in_place(
    pair: dict, client_of: Callable[[User], Client], buyer: User, supplier: User
) -> None:
    match = MatchFactory(in_contact=True, **pair)
    for person, side, data in (
        (buyer, "buyer", {"answer": "not_suitable", "reason": "price"}),
        (supplier, "supplier", {"answer": "not_now"}),
    ):
        response = answer(client_of(person), match, side, headers=HTMX, **data)
        assert "双方已开始对接" in response.content.decode()


def test_an_answer_that_comes_too_late_is_said_after_a_redirect(
    pair: dict, client_of: Callable[[User], Client], buyer: User
) -> None:
    match, client = MatchFactory(in_contact=True, **pair), client_of(buyer)
    response = answer(
        client,
        match,
        "buyer",
        answer="not_suitable",
        reason="price",
        headers={"Referer": f"http://testserver{match.get_absolute_url()}"},
    )
    assert response.status_code == 302
    assert "双方已开始对接" in page_of(client, match)


def test_a_form_sent_twice_counts_once(pair: dict, client_of: Callable[[User], Client], buyer: User) -> None:
    match, client = MatchFactory(offered=True, confirmed=True, **pair), client_of(buyer)
    for _time in range(2):
        response = answer(client, match, "buyer", answer="interested", headers=HTMX)
        assert "已记录：感兴趣" in response.content.decode()
    assert AuditEvent.objects.filter(action="match.buyer_answer").count() == 1


@pytest.mark.parametrize("side", ["buyer", "supplier"])
@pytest.mark.parametrize(("person", "status"), [("outsider", 404), ("operator", 403)])
def test_who_may_not_answer(
    pair: dict,
    client_of: Callable[[User], Client],
    side: str,
    person: str,
    status: int,
    request: pytest.FixtureRequest,
) -> None:
    match = MatchFactory(confirmed=True, **pair)
    response = answer(client_of(request.getfixturevalue(person)), match, side, answer="interested")
    assert response.status_code == status


def test_the_other_side_and_read_only_members_are_told_why_they_may_not(
    pair: dict, client_of: Callable[[User], Client], colleague: User, supplier: User, university: Organisation
) -> None:
    match = MatchFactory(confirmed=True, **pair)
    reader = MembershipFactory(organisation=university, role=Role.VIEWER).user
    for person, side in ((colleague, "buyer"), (supplier, "buyer"), (reader, "supplier")):
        response = answer(client_of(person), match, side, answer="interested")
        assert response.status_code == 403
        assert "没有代表该机构操作的权限" in response.content.decode()


@pytest.mark.parametrize("side", ["buyer", "supplier"])
def test_answers_are_posted(pair: dict, client_of: Callable[[User], Client], buyer: User, side: str) -> None:
    url = reverse(f"matching:match-{side}-answer", args=[MatchFactory(**pair).code])
    assert client_of(buyer).get(url).status_code == 405

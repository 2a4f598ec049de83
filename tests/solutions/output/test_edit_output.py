"""Changing an output: what is kept, what is told, who may."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.audit import AuditEvent
from accounts.models import Organisation, Role, User
from solutions.models import Solution
from solutions.signals import solutions_changed
from solutions.solution.actions import change_solution
from tests.factories.accounts import MembershipFactory
from tests.factories.solutions import OutputFactory, ProfileFactory, SolutionIndicatorFactory

pytestmark = pytest.mark.django_db
ClientOf = Callable[[User], Client]
FormData = Callable[..., dict[str, Any]]


@pytest.fixture
def changes() -> Iterator[list[list[Solution]]]:
    """What `solutions_changed` was sent with."""
    heard: list[list[Solution]] = []

    def listen(solutions: list[Solution], **_more: Any) -> None:
        heard.append(solutions)

    solutions_changed.connect(listen)
    yield heard
    solutions_changed.disconnect(listen)


def edit_url(output: Solution) -> str:
    return reverse("solutions:edit", args=[output.code])


@pytest.fixture
def output(university: Organisation) -> Solution:
    return OutputFactory(organisation=university, published=True, price="35.50", innovations=["甲", "乙"])


def test_the_form_shows_what_is_there(client_of: ClientOf, supplier: User, output: Solution) -> None:
    SolutionIndicatorFactory(solution=output, name="硬度", value="58.500000", unit="HRC", is_public=False)
    page = client_of(supplier).get(edit_url(output))
    form = page.context["form"]
    assert form["keywords"].value() == "轴承钢、夹杂物、疲劳寿命"
    assert form["innovations"].value() == "甲\n乙"
    assert form["price"].value() == "35.5"
    assert (form["maturity"].value(), form["trl_min"].value()) == ("exact", 5)
    row = page.context["formset"].forms[0]
    assert (row["value"].value(), row["is_public"].value()) == ("58.5", False)


def test_what_the_form_sends_back_unchanged_changes_nothing(
    client_of: ClientOf, supplier: User, output: Solution, changes: list[list[Solution]]
) -> None:
    SolutionIndicatorFactory(solution=output, value="58.500000")
    browser = client_of(supplier)
    page = browser.get(edit_url(output))
    data = page_data(page)
    before = Solution.objects.get(pk=output.pk).changed_at
    assert browser.post(edit_url(output), data).status_code == 302
    assert Solution.objects.get(pk=output.pk).changed_at == before
    assert not changes
    assert not AuditEvent.objects.exists()


def page_data(page: Any) -> dict[str, Any]:
    """What a browser would send of the page as it came."""
    form, formset = page.context["form"], page.context["formset"]
    data = {field.html_name: field.value() for one in [form, *formset.forms] for field in one}
    data |= {field.html_name: field.value() for field in formset.management_form}
    return {name: value for name, value in data.items() if value not in (None, False)}


def test_a_change_of_a_published_output_is_told_once_and_stays_public(
    client_of: ClientOf, supplier: User, output: Solution, form_data: FormData, changes: list[list[Solution]]
) -> None:
    answer = client_of(supplier).post(
        edit_url(output), form_data(title="新的名称", rows=[{"name": "硬度", "value": "58"}])
    )
    assert answer.status_code == 302
    output.refresh_from_db()
    assert (output.title, output.state, output.is_changed_since_review) == ("新的名称", "published", True)
    assert output.indicators.get().name == "硬度"
    assert [[solution.pk for solution in solutions] for solutions in changes] == [[output.pk]]
    assert AuditEvent.objects.get().action == "solution.change"


def test_a_change_of_a_draft_is_told_to_nobody(
    client_of: ClientOf, supplier: User, university: Organisation, form_data: FormData, changes: list[list[Solution]]
) -> None:
    draft = OutputFactory(organisation=university)
    client_of(supplier).post(edit_url(draft), form_data(title="新的名称"))
    assert Solution.objects.get().title == "新的名称"
    assert not changes


def test_a_change_of_one_row_is_a_change(output: Solution, supplier: User, changes: list[list[Solution]]) -> None:
    SolutionIndicatorFactory(solution=output)
    row = {**output.indicators.values().get(), "is_public": False}
    clean = {
        name: row[name]
        for name in ("name", "comparison", "value", "value_max", "unit", "condition", "necessity", "is_public")
    }
    later = timezone.now() + timedelta(hours=1)
    change_solution(solution=output, values={}, indicators=[clean], by=supplier, at=later)
    assert output.indicators.get().is_public is False
    assert Solution.objects.get(pk=output.pk).changed_at == later
    assert len(changes) == 1


def test_saving_a_returned_output_can_hand_it_in_again(
    client_of: ClientOf, supplier: User, university: Organisation, form_data: FormData
) -> None:
    output = OutputFactory(organisation=university, state="returned", return_reason="请补充")
    client_of(supplier).post(edit_url(output), form_data(then="submit"))
    assert Solution.objects.get().state == "submitted"


def test_a_fault_keeps_what_was_written(
    client_of: ClientOf, supplier: User, output: Solution, form_data: FormData
) -> None:
    page = client_of(supplier).post(edit_url(output), form_data(title="", summary="新写的简介"))
    assert page.context["form"].errors["title"]
    assert "新写的简介" in page.content.decode()
    assert Solution.objects.get().title != ""


def test_a_read_only_member_and_an_operator_learn_why_they_cannot(
    client_of: ClientOf, university: Organisation, operator: User, output: Solution, form_data: FormData
) -> None:
    viewer = MembershipFactory(organisation=university, role=Role.VIEWER).user
    for person in (viewer, operator):
        answer = client_of(person).post(edit_url(output), form_data())
        assert answer.status_code == 403
        assert "没有代表该机构操作的权限" in answer.content.decode()


def test_the_draft_of_others_is_not_found(client_of: ClientOf, outsider: User, form_data: FormData) -> None:
    assert client_of(outsider).post(edit_url(OutputFactory()), form_data()).status_code == 404


def test_a_profile_is_edited_on_its_own_page(client_of: ClientOf, supplier: User, university: Organisation) -> None:
    profile = ProfileFactory(organisation=university)
    assert client_of(supplier).get(edit_url(profile)).url == reverse("solutions:profile-edit")


def test_other_methods_are_refused(client_of: ClientOf, supplier: User, output: Solution) -> None:
    assert client_of(supplier).delete(edit_url(output)).status_code == 405

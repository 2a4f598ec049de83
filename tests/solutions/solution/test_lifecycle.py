"""Every action of the lifecycle: done, refused from other states, refused to other people."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.audit import AuditEvent
from accounts.models import Notification, Organisation, Role, User
from accounts.permissions import Denied
from lib.refusals import NotReady, WrongState
from solutions.models import Solution
from solutions.signals import solutions_published, solutions_unlisted
from solutions.solution import actions as domain
from solutions.solution.workflow import SOLUTION_ACTIONS, SolutionState
from tests.factories.accounts import MembershipFactory, OrganisationFactory
from tests.factories.solutions import OutputFactory

pytestmark = pytest.mark.django_db
ClientOf = Callable[[User], Client]
NOW = timezone.now()


def in_state(state: str, organisation: Organisation) -> Solution:
    """An output as the database wants it in `state`."""
    facts: dict[str, Any] = {"state": state, "organisation": organisation}
    if state not in {"draft", "returned"}:
        facts["submitted_at"] = NOW
    if state == "published":
        facts |= {"published_at": NOW, "reviewed_at": NOW, "changed_at": NOW + timedelta(minutes=1)}
    if state == "returned":
        facts["return_reason"] = "请补充"
    return OutputFactory(**facts)


def act(action: str, output: Solution, by: User) -> None:
    """Call the domain function of an action of the table."""
    if action == "submit":
        domain.submit_solutions(solutions=[output], by=by, at=NOW).only()
    elif action == "publish":
        domain.publish_solutions(solutions=[output], by=by, at=NOW).only()
    elif action == "return":
        domain.return_solution(solution=output, reason="请补充", by=by, at=NOW)
    else:
        domain.withdraw_solution(solution=output, by=by, at=NOW)


PAIRS = [(action, state) for action in SOLUTION_ACTIONS for state in SolutionState.values]


@pytest.mark.parametrize(("action", "state"), PAIRS)
def test_an_action_leads_where_the_table_says_and_nowhere_else(
    university: Organisation, supplier: User, operator: User, action: str, state: str
) -> None:
    output = in_state(state, university)
    step = SOLUTION_ACTIONS[action]
    actor = operator if step.actor == "operator" else supplier
    if state in step.sources:
        act(action, output, actor)
        assert Solution.objects.get().state == step.target
        event = AuditEvent.objects.get()
        assert (event.action, event.from_state, event.to_state) == (f"solution.{action}", state, step.target)
    else:
        with pytest.raises(WrongState):
            act(action, output, actor)
        assert Solution.objects.get().state == state
        assert not AuditEvent.objects.exists()


@pytest.mark.parametrize("action", SOLUTION_ACTIONS)
def test_an_action_is_refused_to_those_whose_turn_it_is_not(
    university: Organisation, supplier: User, operator: User, buyer: User, action: str
) -> None:
    step = SOLUTION_ACTIONS[action]
    output = in_state(sorted(step.sources)[0], university)
    wrong = supplier if step.actor == "operator" else operator
    viewer = MembershipFactory(organisation=university, role=Role.VIEWER).user
    for person in (wrong, buyer, viewer):
        with pytest.raises(Denied):
            act(action, output, person)
    assert Solution.objects.get().state == output.state


def test_every_state_can_be_reached() -> None:
    reached = {"draft"}
    for _round in SolutionState.values:
        reached |= {step.target for step in SOLUTION_ACTIONS.values() if step.sources & reached}
    assert reached == set(SolutionState.values)


# --- pages: who gets 403, 404, 405 ---------------------------------------------------------------------------------

# whose button, state before, state after
PAGES = {
    "submit": ("supplier", "draft", "submitted"),
    "withdraw": ("supplier", "published", "withdrawn"),
    "publish": ("operator", "submitted", "published"),
    "return": ("operator", "submitted", "returned"),
    "acknowledge": ("operator", "published", "published"),
}


@pytest.mark.parametrize("name", PAGES)
def test_a_button_does_its_action_and_leads_on(
    client_of: ClientOf, request: pytest.FixtureRequest, university: Organisation, name: str
) -> None:
    actor, before, after = PAGES[name]
    output = in_state(before, university)
    browser = client_of(request.getfixturevalue(actor))
    answer = browser.post(reverse(f"solutions:{name}", args=[output.code]), {"reason": "请补充"})
    assert answer.status_code == 302
    assert Solution.objects.get().state == after
    assert browser.get(answer.url).status_code == 200


@pytest.mark.parametrize("name", PAGES)
def test_a_wrong_role_gets_a_reason_and_a_way_out(
    client_of: ClientOf, request: pytest.FixtureRequest, university: Organisation, name: str
) -> None:
    actor, before, _after = PAGES[name]
    output = in_state(before, university)
    wrong = "operator" if actor == "supplier" else "supplier"
    answer = client_of(request.getfixturevalue(wrong)).post(reverse(f"solutions:{name}", args=[output.code]))
    assert answer.status_code == 403
    assert reverse("dashboards:desk") in answer.content.decode()


@pytest.mark.parametrize("name", PAGES)
def test_what_one_may_not_see_is_not_found(
    client_of: ClientOf, outsider: User, university: Organisation, name: str
) -> None:
    output = in_state("draft", university)
    assert client_of(outsider).post(reverse(f"solutions:{name}", args=[output.code])).status_code == 404


@pytest.mark.parametrize("name", PAGES)
def test_a_link_does_nothing(client_of: ClientOf, supplier: User, university: Organisation, name: str) -> None:
    output = in_state("draft", university)
    assert client_of(supplier).get(reverse(f"solutions:{name}", args=[output.code])).status_code == 405


@pytest.mark.parametrize("name", PAGES)
def test_a_button_pressed_too_late_says_so(
    client_of: ClientOf, request: pytest.FixtureRequest, university: Organisation, name: str
) -> None:
    output = in_state("returned" if name != "submit" else "submitted", university)
    browser = client_of(request.getfixturevalue(PAGES[name][0]))
    answer = browser.post(reverse(f"solutions:{name}", args=[output.code]), {"reason": "请补充"})
    assert answer.status_code == 302
    assert not AuditEvent.objects.exists()


# --- what each action tells ----------------------------------------------------------------------------------------


@pytest.fixture
def heard() -> Iterator[list[tuple[str, list[str]]]]:
    """What the signals said: (name, titles)."""
    found: list[tuple[str, list[str]]] = []

    def published(solutions: list[Solution], **_more: Any) -> None:
        found.append(("published", [solution.title for solution in solutions]))

    def unlisted(solutions: list[Solution], **_more: Any) -> None:
        found.append(("unlisted", [solution.title for solution in solutions]))

    solutions_published.connect(published)
    solutions_unlisted.connect(unlisted)
    yield found
    solutions_published.disconnect(published)
    solutions_unlisted.disconnect(unlisted)


def test_operators_hear_of_a_submission_once(university: Organisation, supplier: User, operator: User) -> None:
    outputs = [OutputFactory(organisation=university, title=f"成果{number}") for number in range(3)]
    domain.submit_solutions(solutions=outputs, by=supplier, at=NOW)
    notice = Notification.objects.get()
    assert notice.recipient == operator
    assert notice.text == "示例滨海理工大学提交了《成果0》等 3 项成果，等待审核"
    assert notice.url == reverse("solutions:review-queue")


def test_a_single_submission_names_it(university: Organisation, supplier: User, operator: User) -> None:
    output = OutputFactory(organisation=university, title="成果")
    domain.submit_solutions(solutions=[output], by=supplier, at=NOW)
    assert Notification.objects.get().text == "示例滨海理工大学提交了《成果》，等待审核"
    assert Notification.objects.get().url == output.get_absolute_url()


def test_publication_is_one_signal_and_one_notice_for_each_owner(
    university: Organisation, supplier: User, operator: User, heard: list[Any]
) -> None:
    mine = [OutputFactory(organisation=university, submitted=True, title=f"成果{number}") for number in range(2)]
    other = OutputFactory(submitted=True, title="别家的")
    member = MembershipFactory(organisation=other.organisation).user
    batch = domain.publish_solutions(solutions=[*mine, other], by=operator, at=NOW)
    assert len(batch.done) == 3
    assert heard == [("published", ["成果0", "成果1", "别家的"])]
    assert Notification.objects.get(recipient=supplier).text == "《成果0》等 2 项成果已通过审核并发布"
    assert Notification.objects.get(recipient=member).text == "《别家的》已通过审核并发布"


def test_the_first_publication_is_remembered(university: Organisation, supplier: User, operator: User) -> None:
    output = in_state("submitted", university)
    first = NOW - timedelta(days=9)
    domain.publish_solutions(solutions=[output], by=operator, at=first)
    domain.withdraw_solution(solution=output, by=supplier, at=NOW)
    domain.submit_solutions(solutions=[output], by=supplier, at=NOW)
    domain.publish_solutions(solutions=[output], by=operator, at=NOW)
    output.refresh_from_db()
    assert (output.published_at, output.reviewed_at, output.reviewed_by) == (first, NOW, operator)


@pytest.mark.parametrize(("state", "is_told"), [("published", True), ("submitted", False)])
def test_only_what_was_public_is_taken_off_the_lists(
    university: Organisation, supplier: User, operator: User, heard: list[Any], state: str, is_told: bool
) -> None:
    withdrawn, returned = in_state(state, university), in_state(state, university)
    domain.withdraw_solution(solution=withdrawn, by=supplier, at=NOW)
    domain.return_solution(solution=returned, reason="请补充", by=operator, at=NOW)
    expected = [("unlisted", [withdrawn.title]), ("unlisted", [returned.title])]
    assert heard == (expected if is_told else [])


def test_a_return_tells_the_owner_why(university: Organisation, supplier: User, operator: User) -> None:
    output = in_state("submitted", university)
    domain.return_solution(solution=output, reason="长" * 200, by=operator, at=NOW)
    output.refresh_from_db()
    assert output.return_reason == "长" * 200
    notice = Notification.objects.get(recipient=supplier)
    assert notice.text.startswith(f"《{output.title}》被退回修改：长长")
    assert len(notice.text) < 300


def test_a_return_without_a_reason_is_refused(university: Organisation, operator: User) -> None:
    output = in_state("submitted", university)
    with pytest.raises(NotReady):
        domain.return_solution(solution=output, reason="", by=operator, at=NOW)


@pytest.mark.parametrize("reason", ["", "  ", "长" * 350_000])
def test_a_bad_reason_is_said_at_its_field_and_kept(
    client_of: ClientOf, university: Organisation, operator: User, reason: str
) -> None:
    output = in_state("submitted", university)
    page = client_of(operator).post(reverse("solutions:return", args=[output.code]), {"reason": reason})
    assert page.status_code == 200
    assert page.context["form"].errors["reason"]
    assert reason in page.content.decode()
    assert Solution.objects.get().state == "submitted"


def test_an_unverified_organisation_cannot_hand_in(supplier: User) -> None:
    member = MembershipFactory(organisation=OrganisationFactory(university=True, pending=True))
    output = OutputFactory(organisation=member.organisation)
    with pytest.raises(Denied, match="核验"):
        domain.submit_solutions(solutions=[output], by=member.user, at=NOW).only()


def test_a_title_alone_cannot_be_handed_in(client_of: ClientOf, university: Organisation, supplier: User) -> None:
    output = OutputFactory(organisation=university, summary="")
    page = client_of(supplier).post(reverse("solutions:submit", args=[output.code]), follow=True)
    assert "还没有填写简介" in page.content.decode()
    assert Solution.objects.get().state == "draft"


def test_an_acknowledged_change_leaves_the_queue(university: Organisation, operator: User) -> None:
    output = in_state("published", university)
    assert output.is_changed_since_review
    later = NOW + timedelta(hours=1)
    domain.acknowledge_change(solution=output, by=operator, at=later)
    output.refresh_from_db()
    assert not output.is_changed_since_review
    assert AuditEvent.objects.get().action == "solution.acknowledge"
    with pytest.raises(WrongState):
        domain.acknowledge_change(solution=output, by=operator, at=later)


def test_nothing_of_an_organisation_refused_meanwhile_is_published(operator: User) -> None:
    output = in_state("submitted", OrganisationFactory(university=True, refused=True))
    with pytest.raises(Denied, match="核验"):
        domain.publish_solutions(solutions=[output], by=operator, at=NOW).only()
    output.refresh_from_db()
    assert output.state == "submitted"

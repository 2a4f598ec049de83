"""A secret in an indicator that is not public, and every page of matching somebody else can open."""

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import Notification, Organisation, User
from matching import runs
from matching.maintenance import reconcile
from matching.models import Match
from needs.models import Need
from solutions.models import Solution
from tests.factories import NeedFactory, NeedIndicatorFactory, OutputFactory, SolutionIndicatorFactory

pytestmark = pytest.mark.django_db

Login = Callable[[User], Client]
SECRETS = ("机密辊速", "7351", "绝密工况")
HTMX = {"HX-Request": "true"}


@pytest.fixture(autouse=True)
def no_broker(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runs, "nudge", lambda: None)


@pytest.fixture
def need(enterprise: Organisation, buyer: User) -> Need:
    need = NeedFactory(published=True, organisation=enterprise)
    NeedIndicatorFactory(need=need, name="抗拉强度")
    return need


@pytest.fixture
def output(university: Organisation, supplier: User) -> Solution:
    output = OutputFactory(published=True, organisation=university)
    SolutionIndicatorFactory(solution=output, name="抗拉强度")
    return output


def hide_in(rows: type, **of: object) -> None:
    hidden = {"level": "named"} if rows is NeedIndicatorFactory else {"is_public": False}
    rows(name=SECRETS[0], value=int(SECRETS[1]), unit="r/min", condition=SECRETS[2], **hidden, **of)


def matched(need: Need) -> Match:
    """The pair as a real run finds it: documents, scores, notices."""
    reconcile(at=timezone.now())
    runs.start_run(trigger="need_published", needs=[need], by=None, at=timezone.now())
    runs.work_off()
    return need.matches.get()


def pages_of(match: Match) -> list[str]:
    run = match.run
    return [
        match.get_absolute_url(),
        reverse("matching:for-need", args=[match.need.code]),
        reverse("matching:for-solution", args=[match.solution.code]),
        run.get_absolute_url(),
        reverse("matching:run-progress", args=[run.code]) + f"?for={match.need.code}",
        reverse("matching:run-progress", args=[run.code]) + f"?for={match.solution.code}",
        reverse("matching:run-list"),
        reverse("matching:review"),
        *(
            f"{reverse('matching:search')}?side={side}&q={query}"
            for side in ("need", "solution")
            for query in (match.need.title, match.solution.title, "")
        ),
    ]


def assert_nothing_told(client: Client, pages: list[str], secrets: tuple[str, ...] = SECRETS) -> int:
    """No page has the secret, as a page or as a fragment; returns how many could be opened."""
    opened = 0
    for url in pages:
        for headers in ({}, HTMX):
            response = client.get(url, headers=headers)
            html = response.content.decode()
            assert not [secret for secret in secrets if secret in html], url
            opened += response.status_code == 200
    return opened


def assert_not_found(client: Client) -> None:
    for secret in SECRETS:
        for side in ("need", "solution"):
            html = client.get(reverse("matching:search"), {"q": secret, "side": side}).content.decode()
            assert "没有找到" in html


@pytest.mark.parametrize("person", ["supplier", "outsider", "visitor"])
def test_a_requirement_the_output_answers_stays_with_the_posers_side(
    need: Need, output: Solution, client_of: Login, operator: User, person: str, request: pytest.FixtureRequest
) -> None:
    """The output names the property itself; what is asked of it is the secret. Invited, the supplier knows no more."""
    hide_in(NeedIndicatorFactory, need=need)
    SolutionIndicatorFactory(solution=output, name=SECRETS[0], value=3, unit="r/min")
    match, now = matched(need), timezone.now()
    Match.objects.update(review="confirmed", reviewed_at=now, confirmed_at=now, reviewed_by=operator)
    client = Client() if person == "visitor" else client_of(request.getfixturevalue(person))
    assert_nothing_told(client, pages_of(match), secrets=SECRETS[1:])


@pytest.mark.parametrize("person", ["supplier", "outsider", "visitor"])
def test_neither_name_nor_value_nor_condition_of_a_needs_secret_is_told(
    need: Need, output: Solution, client_of: Login, person: str, request: pytest.FixtureRequest
) -> None:
    hide_in(NeedIndicatorFactory, need=need)
    match = matched(need)
    client = Client() if person == "visitor" else client_of(request.getfixturevalue(person))
    opened = assert_nothing_told(client, pages_of(match))
    assert opened >= 12  # the search at least is open to everybody
    assert_not_found(client)


def test_the_supplier_is_told_that_there_is_more_and_gets_no_number(
    need: Need, output: Solution, client_of: Login, supplier: User
) -> None:
    hide_in(NeedIndicatorFactory, need=need)
    match = matched(need)
    client = client_of(supplier)
    page = client.get(match.get_absolute_url()).content.decode()
    fragment = client.get(match.get_absolute_url(), headers=HTMX).content.decode()
    listed = client.get(reverse("matching:for-solution", args=[output.code])).content.decode()
    for html in (page, fragment, listed):
        assert "另有未公开内容参与匹配" in html
        assert str(match.score) not in html
    for points in {part["points"] for part in match.parts} - {"0.00", "1.00", "2.00", "3.00"}:
        assert f">{points}" not in page


def test_the_posers_side_and_operators_do_read_it(
    need: Need, output: Solution, client_of: Login, colleague: User, operator: User
) -> None:
    hide_in(NeedIndicatorFactory, need=need)
    match = matched(need)
    for person in (colleague, operator, need.caretaker):
        html = client_of(person).get(match.get_absolute_url()).content.decode()
        assert all(secret in html for secret in SECRETS)


def test_no_notice_names_a_secret(need: Need, output: Solution) -> None:
    hide_in(NeedIndicatorFactory, need=need)
    matched(need)
    told = [f"{notice.message} {notice.params}" for notice in Notification.objects.all()]
    assert told
    assert not [text for text in told for secret in SECRETS if secret in text]


@pytest.mark.parametrize("person", ["buyer", "colleague", "outsider", "visitor"])
def test_an_outputs_secret_stays_with_its_side(
    need: Need, output: Solution, client_of: Login, person: str, request: pytest.FixtureRequest
) -> None:
    NeedIndicatorFactory(need=need, name="辊速", value=1, unit="r/min", position=1)
    hide_in(SolutionIndicatorFactory, solution=output)
    match = matched(need)
    client = Client() if person == "visitor" else client_of(request.getfixturevalue(person))
    assert_nothing_told(client, pages_of(match))
    assert_not_found(client)


def test_an_outputs_secret_does_not_move_the_score(need: Need, output: Solution) -> None:
    NeedIndicatorFactory(need=need, name=SECRETS[0], value=1, unit="r/min", position=1)
    before = matched(need).score
    hide_in(SolutionIndicatorFactory, solution=output)
    assert matched(need).score == before


def test_the_answers_in_place_tell_no_more_than_the_list(
    need: Need, output: Solution, client_of: Login, operator: User, supplier: User
) -> None:
    hide_in(NeedIndicatorFactory, need=need)
    match, now = matched(need), timezone.now()
    Match.objects.update(review="confirmed", reviewed_at=now, confirmed_at=now, reviewed_by=operator)
    for answer in ("interested", "not_now", "nonsense"):
        url = reverse("matching:match-supplier-answer", args=[match.code])
        html = client_of(supplier).post(url, {"answer": answer}, headers=HTMX).content.decode()
        assert not [secret for secret in SECRETS if secret in html]
        assert str(match.score) not in html

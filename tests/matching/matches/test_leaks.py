"""Secrets in a need, field by field and level by level, and every channel of matching somebody else can reach."""

from collections.abc import Callable

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from rest_framework.authtoken.models import Token
from rest_framework.test import APIClient

from accounts.models import Notification, Organisation, User
from matching.documents.maintenance import reconcile
from matching.matches.workflow import ReasonCode
from matching.models import Match
from matching.runs import actions
from matching.runs import execution as runs
from needs.models import DisclosureView, NdaAcceptance, Need
from needs.signals import needs_changed
from solutions.models import Solution
from tests.factories.needs import NeedFactory, NeedIndicatorFactory
from tests.factories.solutions import OutputFactory, SolutionIndicatorFactory

pytestmark = pytest.mark.django_db

Login = Callable[[User], Client]
SECRETS = ("机密辊速", "7351", "绝密工况")
HTMX = {"HX-Request": "true"}


@pytest.fixture(autouse=True)
def no_broker(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(actions, "nudge", lambda: None)


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
    actions.start_run(trigger="need_published", needs=[need], by=None, at=timezone.now())
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
    for points in {part["points"] for part in match.explanation["parts"].values()} - {"0.00", "1.00", "2.00", "3.00"}:
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
    told = [f"{notice.text} {notice.params}" for notice in Notification.objects.all()]
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


def test_why_a_poser_declined_is_told_to_its_own_side_alone(
    need: Need, output: Solution, client_of: Login, operator: User, buyer: User, supplier: User
) -> None:
    """That it is over the budget tells of a budget that is hidden; the page says no more than the API."""
    match, now = matched(need), timezone.now()
    Match.objects.update(
        review="confirmed",
        reviewed_at=now,
        confirmed_at=now,
        reviewed_by=operator,
        buyer_answer="not_suitable",
        buyer_reason="price",
        buyer_answered_at=now,
        buyer_answered_by=buyer,
    )
    note = f'sh-timeline-note">{ReasonCode.PRICE.label}<'
    told = [note in client_of(who).get(match.get_absolute_url()).content.decode() for who in (buyer, supplier)]
    assert told == [True, False]


# --- fields of a need ------------------------------------------------------------------------------------------

FIELD_SECRETS = {
    "technical_field": "钪锆铪钽",
    "keywords": "镍铌钒铱",
    "background": "铼钨镧铈",
    "difficulty": "钌铑钯锇",
    "benchmark": "铪铱铈锇",
    "tried": "铑镧锆铼",
    "budget": "43217",
}
ALL_SECRETS = (*FIELD_SECRETS.values(), *SECRETS)


def restricted_need(enterprise: Organisation, level: str) -> Need:
    """Its title fits and is public; everything else holds a word of its own and is shown from `level` on."""
    words = {field: word for field, word in FIELD_SECRETS.items() if field != "budget"}
    need = NeedFactory(
        published=True,
        organisation=enterprise,
        title="高温轴承钢洁净冶炼与碳化物细化",
        **{**words, "keywords": [words["keywords"]]},
        budget_min=1,
        budget_max=int(FIELD_SECRETS["budget"]),
        trl_min=None,
        disclosure=dict.fromkeys(FIELD_SECRETS, level),
    )
    NeedIndicatorFactory(
        need=need, name=SECRETS[0], value=int(SECRETS[1]), unit="r/min", condition=SECRETS[2], level=level
    )
    return need


@pytest.fixture
def answering(university: Organisation, supplier: User) -> Solution:
    """An output whose own text holds none of the words, and whose price the hidden budget covers."""
    return OutputFactory(published=True, organisation=university, price=3)


def channels_of(match: Match) -> list[str]:
    api = [f"/api/v1/matches/{match.code}/", "/api/v1/matches/", "/api/v1/matches/?current=true", "/api/v1/runs/"]
    searches = [f"/api/v1/search/?q={word}" for word in (match.need.title, *ALL_SECRETS)]
    return [*pages_of(match), reverse("dashboards:desk"), reverse("accounts:notices"), *api, *searches]


def read_by(person: User | None, url: str, headers: dict[str, str]) -> str:
    if url.startswith("/api/"):
        client = APIClient()
        if person is not None:
            client.credentials(HTTP_AUTHORIZATION=f"Token {Token.objects.get_or_create(user=person)[0].key}")
    else:
        client = Client()
        if person is not None:
            client.force_login(person)
    return client.get(url, headers=headers).content.decode()


@pytest.mark.parametrize("level", ["verified", "nda", "named"])
@pytest.mark.parametrize("person", ["supplier", "outsider", "visitor"])
def test_no_channel_of_matching_tells_a_hidden_field(
    enterprise: Organisation, answering: Solution, buyer: User, level: str, person: str, request: pytest.FixtureRequest
) -> None:
    match = matched(restricted_need(enterprise, level))
    user = None if person == "visitor" else request.getfixturevalue(person)
    # the supplier's organisation is verified: its match page shows it the text of that level, and only the text
    may_read = {match.get_absolute_url(), f"/api/v1/matches/{match.code}/"} if level == "verified" else set()
    for url in channels_of(match):
        if url in may_read and person == "supplier":
            continue
        asked = [secret for secret in ALL_SECRETS if secret in url]
        for headers in ({}, HTMX) if url.startswith("/matches/") else ({},):
            html = read_by(user, url, headers)
            assert not [secret for secret in ALL_SECRETS if secret in html and secret not in asked], url
    told = [f"{notice.text} {notice.params}" for notice in Notification.objects.exclude(recipient=buyer)]
    sent = [f"{message.subject} {message.body}" for message in mail.outbox]
    assert not [text for text in [*told, *sent] for secret in ALL_SECRETS if secret in text]
    for secret in ALL_SECRETS:
        assert '"count":0' in read_by(user, f"/api/v1/search/?q={secret}&kind=need", {})


@pytest.mark.parametrize("level", ["verified", "nda", "named"])
def test_a_hidden_budget_is_said_to_be_hidden_and_not_to_be_open_to_negotiation(
    enterprise: Organisation, answering: Solution, supplier: User, client_of: Login, level: str
) -> None:
    match = matched(restricted_need(enterprise, level))
    listed = reverse("matching:for-solution", args=[match.solution.code])
    for headers in ({}, HTMX):
        html = client_of(supplier).get(listed, headers=headers).content.decode()
        card = html[html.index(f'id="{match.code}"') :]
        words = {"verified": "核验机构可见", "nda": "签署保密协议后可见", "named": "指定机构可见"}[level]
        assert words in card
        assert "面议" not in card


def test_the_posers_side_and_operators_read_every_field_and_outsiders_among_them_are_logged(
    enterprise: Organisation, answering: Solution, colleague: User, operator: User, client_of: Login
) -> None:
    match = matched(restricted_need(enterprise, "named"))
    for person in (colleague, operator, match.need.caretaker):
        html = client_of(person).get(match.get_absolute_url()).content.decode()
        assert not [word for word in ALL_SECRETS if word not in html]
    assert {view.user for view in DisclosureView.objects.filter(need=match.need)} == {operator, match.need.caretaker}


def test_who_has_signed_reads_the_text_without_marks_and_without_numbers_and_is_logged(
    enterprise: Organisation, university: Organisation, answering: Solution, supplier: User, client_of: Login
) -> None:
    answering.summary += f"另用{FIELD_SECRETS['background']}。"
    answering.save()
    match = matched(restricted_need(enterprise, "nda"))
    NdaAcceptance.objects.create(
        need=match.need, organisation=university, text="x", text_hash="x", accepted_by=supplier
    )
    html = client_of(supplier).get(match.get_absolute_url()).content.decode()
    need_side = html[html.index('aria-label="需求文本"') : html.index('aria-label="成果文本"')]
    assert FIELD_SECRETS["background"] in need_side, "the word is shown whole, as its author wrote it"
    assert "另有未公开内容参与匹配" in html
    assert SECRETS[0] not in html
    assert str(match.score) not in html
    log = DisclosureView.objects.get(need=match.need)
    assert log.user == supplier
    assert set(log.fields) == {"technical_field", "keywords", "background", "difficulty", "benchmark", "tried"}


def test_what_is_hidden_a_moment_ago_is_gone_before_any_run(
    enterprise: Organisation, answering: Solution, supplier: User, client_of: Login
) -> None:
    need = NeedFactory(published=True, organisation=enterprise, title="高温轴承钢洁净冶炼与碳化物细化")
    word = "夹杂物"
    match = matched(need)
    assert word in client_of(supplier).get(match.get_absolute_url()).content.decode()
    need.disclosure = {"background": "named", "keywords": "named", "difficulty": "named"}
    need.save()
    html = client_of(supplier).get(match.get_absolute_url(), headers=HTMX).content.decode()
    need_side = html[html.index('aria-label="需求文本"') : html.index('aria-label="成果文本"')]
    assert word not in need_side
    assert "内容刚有变动" in html
    assert "共有" not in html.replace("双方共有的词语", "").replace("共有的词语", "")
    needs_changed.send(sender=Need, needs=[need], by=None, at=timezone.now())
    assert '"count":0' in read_by(supplier, f"/api/v1/search/?q={word}&kind=need", {})


def test_what_was_opened_and_rewritten_at_once_does_not_show_what_was_hidden_before(
    enterprise: Organisation, answering: Solution, supplier: User, client_of: Login
) -> None:
    """The stored calculation is of the secret text until the next run comes by."""
    need = restricted_need(enterprise, "named")
    match = matched(need)
    assert SECRETS[0] in str(match.explanation)
    need.indicators.all().delete()
    need.disclosure, need.background, need.keywords = {}, "现用轴承钢夹杂物偏多。", ["轴承钢"]
    need.difficulty = need.benchmark = need.technical_field = need.tried = ""
    need.save()
    html = client_of(supplier).get(match.get_absolute_url(), headers=HTMX).content.decode()
    before_texts = html[: html.index('aria-label="需求文本"')]
    assert not [word for word in ALL_SECRETS if word in before_texts]
    assert str(match.score) not in html

"""A supplier edits an output word by word and value by value, and reads everything it can reach after each edit.

What it edits in is either a word of a need's hidden text or one that stands nowhere: whatever it reads must be the same
for both, up to the word itself. The poser's side is looked at too, to show that the hidden text was indeed matched.
"""

import difflib
import re
from collections.abc import Callable, Iterator
from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from rest_framework.authtoken.models import Token
from rest_framework.test import APIClient

from accounts.models import Organisation, User
from matching.documents.maintenance import reconcile
from matching.models import Match, MatchRun
from matching.runs import actions
from matching.runs import execution as runs
from needs.models import Need
from solutions.models import Solution
from tests.factories.needs import NeedFactory, NeedIndicatorFactory
from tests.factories.solutions import OutputFactory, SolutionIndicatorFactory

pytestmark = pytest.mark.django_db

HTMX = {"HX-Request": "true"}
# Field of the need → a word that stands only there, and one that stands nowhere. All are taken apart alike, into four
# characters and three pairs of them, so that an output is as long with the one as with the other.
WORDS = {
    "technical_field": ("钪锆铪钽", "鲟鳇鲢鳙"),
    "keywords": ("镍铌钒铱", "蛭螨蚜蚧"),
    "background": ("铼钨镧铈", "獾貂鼬麝"),
    "difficulty": ("钌铑钯锇", "鲟蛭獾鳙"),
    "benchmark": ("铪铱铈锇", "鳙蚧麝鳇"),
}
LEVELS = {
    "technical_field": "nda",
    "keywords": "nda",
    "background": "named",
    "difficulty": "nda",
    "benchmark": "named",
    "trl_min": "nda",
    "budget": "verified",
    "cooperation_modes": "named",
}
NEARBY = "通过真空脱气与电渣重熔联合控制轴承钢夹杂物，显著提高轴承的接触疲劳寿命。"  # a match by the public text
TITLE = "风电主轴轴承钢接触疲劳寿命技术"
FAR_OFF = "以中温厌氧消化处理养殖粪污，沼液浓缩后还田。"  # none by the public text
SECRET_VALUE = 7351


@pytest.fixture(autouse=True)
def no_broker(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(actions, "nudge", lambda: None)


@pytest.fixture
def need(enterprise: Organisation, buyer: User) -> Need:
    """Its title is public and fits; what else it says is not."""
    words = {field: word for field, (word, _control) in WORDS.items()}
    need = NeedFactory(
        published=True,
        organisation=enterprise,
        title="风电主轴轴承钢接触疲劳寿命提升",
        keywords=[words["keywords"]],
        technical_field=words["technical_field"],
        background=f"现场使用{words['background']}，{words['background']}每班更换。",
        difficulty=f"{words['difficulty']}与{words['difficulty']}装置不稳定。",
        benchmark=f"{words['benchmark']}水平。",
        trl_min=6,
        budget_min=10,
        budget_max=50,
        cooperation_modes=["transfer"],
        disclosure=LEVELS,
    )
    NeedIndicatorFactory(need=need, name="机密辊速", value=SECRET_VALUE, unit="r/min", level="named")
    return need


@pytest.fixture
def output(need: Need, university: Organisation, supplier: User) -> Solution:
    """Beside it: another need of the same list, and the rest of a catalogue."""
    NeedFactory(
        published=True,
        title="风电齿轮轴承钢接触疲劳寿命评价",
        disclosure={"background": "named"},
        trl_min=None,
        cooperation_modes=[],
    )
    OutputFactory.create_batch(3, published=True, summary=FAR_OFF, title="沼液还田", keywords=["粪污"])
    output = OutputFactory(published=True, organisation=university, title=TITLE, keywords=["轴承"], summary=NEARBY)
    reconcile(at=timezone.now())
    edited(output, NEARBY)
    return output


def edited(output: Solution, summary: str, keyword: str = "轴承", **detail: object) -> MatchRun:
    """As the form does it: the output changes and a run follows."""
    output.summary, output.keywords = summary, [keyword]
    output.save()
    for name, value in detail.items():
        setattr(output.output, name, value)
    output.output.save()
    run = actions.start_run(trigger="solution_changed", solutions=[output], by=None, at=timezone.now())
    runs.work_off()
    run.refresh_from_db()
    assert run.state == "done"
    return run


def matches_of(output: Solution, user: User) -> list[Match]:
    return list(Match.objects.visible_to(user).filter(solution=output).order_by("code"))


def addresses(output: Solution, need: Need, run: MatchRun, user: User, word: str) -> Iterator[str]:
    yield from (reverse("dashboards:desk"), reverse("accounts:notices"), need.get_absolute_url())
    yield reverse("matching:for-solution", args=[output.code])
    yield run.get_absolute_url()
    yield reverse("matching:run-progress", args=[run.code]) + f"?for={output.code}"
    for match in Match.objects.filter(solution=output).order_by("code"):
        yield match.get_absolute_url()
    for query in (word, need.title, need.code, str(SECRET_VALUE)):
        yield f"{reverse('matching:search')}?side=need&q={query}"


def api_addresses(output: Solution, need: Need, run: MatchRun, word: str) -> Iterator[str]:
    yield "/api/v1/matches/"
    for query in ("current=true", "current=false", f"need={need.code}", "review=unreviewed"):
        yield f"/api/v1/matches/?{query}"
    for grade in ("high", "good", "fair"):
        yield f"/api/v1/matches/?grade={grade}"
    for match in Match.objects.filter(solution=output).order_by("code"):
        yield f"/api/v1/matches/{match.code}/"
    yield f"/api/v1/runs/{run.code}/"
    yield f"/api/v1/needs/{need.code}/"
    for query in (word, need.title):
        yield f"/api/v1/search/?q={query}&kind=need"


def everything(output: Solution, need: Need, run: MatchRun, user: User, word: str) -> dict[str, str]:
    """Address → what the supplier reads there; run, times, tokens and the edited word itself made alike."""
    browser, program = Client(), APIClient()
    browser.force_login(user)
    program.credentials(HTTP_AUTHORIZATION=f"Token {Token.objects.get_or_create(user=user)[0].key}")
    read = {}
    for url in addresses(output, need, run, user, word):
        for headers in ({}, HTMX) if url.startswith("/matches/") else ({},):
            read[f"{url} {len(headers)}"] = browser.get(url, headers=headers)
    for url in api_addresses(output, need, run, word):
        read[url] = program.get(url)
    return {
        alike(url, run, word): f"{answer.status_code} {alike(answer.content.decode(), run, word)}"
        for url, answer in read.items()
    }


def alike(text: str, run: MatchRun, word: str) -> str:
    # Times and tokens first: the edited word may be digits that also stand in one of them.
    text = re.sub(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d)?(\.\d+)?([+-]\d\d:\d\d|Z)?", "TIME", text)
    text = re.sub(r'name="csrfmiddlewaretoken" value="[^"]+"|"X-CSRFToken": ?"[^"]+"|nonce="[^"]+"', "TOKEN", text)
    text = text.replace(run.code, "R-000000").replace(word, "□")
    return re.sub(r"(%[0-9A-F]{2})+", "□", text)


def assert_same(one: dict[str, str], other: dict[str, str]) -> None:
    assert one.keys() == other.keys()
    for url, text in one.items():
        lines = difflib.unified_diff(re.split(r"\n|(?<=,)", text), re.split(r"\n|(?<=,)", other[url]), n=0, lineterm="")
        difference = "\n".join(lines)
        assert not difference, f"{url}\n{difference}"


@pytest.mark.parametrize("base", [NEARBY, FAR_OFF], ids=["found by the public text", "not found by it"])
def test_no_word_of_a_hidden_field_can_be_found_by_editing_it_in(
    need: Need, output: Solution, supplier: User, base: str
) -> None:
    keyword = "轴承" if base == NEARBY else "粪污"
    output.title = TITLE if base == NEARBY else "沼液浓缩"
    edited(output, base, keyword)
    answers, found = [], {}
    for word in (word for pair in WORDS.values() for word in pair):
        run = edited(output, f"{base}{word}，{word}，{word}。", f"{keyword}{word}")
        answers.append(everything(output, need, run, supplier, word))
        match = Match.objects.filter(solution=output, need=need).first()
        parts = [match.explanation["parts"][name] for name in ("title", "content")] if match else []
        terms = [row for part in parts for row in part["details"]]
        found[word] = any(set(row["term"]) & set(word) for row in terms)
    secrets = {secret: True for secret, _control in WORDS.values()}
    if base == NEARBY:
        assert found == {word: word in secrets for word in found}, "the poser's side does find by the hidden ones"
    for answer in answers[1:]:
        assert_same(answers[0], answer)


def test_a_pair_that_only_the_hidden_text_finds_is_the_posers_alone(
    need: Need, output: Solution, supplier: User, buyer: User, client_of: Callable[[User], Client]
) -> None:
    """Every hidden word at once makes it a candidate for the poser; its supplier hears nothing of it."""
    output.title = "沼液浓缩"
    words = "，".join(word for word, _control in WORDS.values())
    edited(output, f"{words}。", WORDS["keywords"][0])
    match = Match.objects.get(need=need, solution=output)
    assert (match.is_current, match.public_grade) == (True, "")
    assert match in matches_of(output, buyer)
    assert match not in matches_of(output, supplier)
    assert client_of(supplier).get(match.get_absolute_url()).status_code == 404
    page = client_of(supplier).get(reverse("matching:for-solution", args=[output.code])).content.decode()
    assert need.title not in page


def test_no_hidden_value_can_be_found_by_halving(need: Need, output: Solution, supplier: User) -> None:
    """Another indicator is met: with the hidden one missed the pair is still one the poser compares."""
    NeedIndicatorFactory(need=need, name="抗拉强度", position=1)
    SolutionIndicatorFactory(solution=output, name="抗拉强度")
    reconcile(at=timezone.now())
    row = SolutionIndicatorFactory(solution=output, name="机密辊速", comparison="ge", value=1, unit="r/min")
    low, high, answers, verdicts = 0, 16_384, [], set()
    while high - low > 1024:
        row.value = Decimal((low + high) // 2)
        row.save()
        run = edited(output, NEARBY)
        answers.append(everything(output, need, run, supplier, f"{row.value}"))
        match = Match.objects.get(need=need, solution=output)
        indicators = match.explanation["parts"]["indicators"]
        verdicts.add(indicators["details"][0]["verdict"])
        low, high = (int(row.value), high) if row.value < SECRET_VALUE else (low, int(row.value))
    assert verdicts == {"met", "unmet"}, "the poser's side does compare it"
    for answer in answers[1:]:
        assert_same(answers[0], answer)


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("price", (Decimal(1), Decimal(50), Decimal(51), Decimal(500))),
        ("trl_max", (6, 7, 8, 9)),
        ("transfer_modes", (["ownership_transfer"], ["equity"], ["technical_service"])),
    ],
)
def test_hidden_budget_maturity_and_modes_answer_nothing(
    need: Need, output: Solution, supplier: User, name: str, values: tuple[object, ...]
) -> None:
    answers, scores = [], set()
    detail = {"trl_min": 1} if name == "trl_max" else {}
    if name == "trl_max":
        need.trl_min = 8
        need.save()
        reconcile(at=timezone.now())
    for value in values:
        run = edited(output, NEARBY, **{**detail, name: value})
        answers.append(everything(output, need, run, supplier, "没有编辑的词"))
        scores.add(Match.objects.get(need=need, solution=output).score)
    assert len(scores) > 1, "the poser's side does weigh it"
    for answer in answers[1:]:
        assert_same(answers[0], answer)

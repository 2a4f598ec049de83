"""A part added to the table shows everywhere, and a reworded text rewords old matches."""

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import translation

from accounts.models import Organisation, User
from accounts.viewer import Viewer
from dashboards import about
from matching.engine.learning.lessons import lesson
from matching.engine.learning.training import Example, features_of, fit
from matching.engine.parts.base import Finding, Pair, Pairs, Part, Sentence, Values
from matching.engine.parts.base import fit as fits
from matching.engine.parts.table import PARTS, relevance_floor, text_parts
from matching.engine.weights import DEFAULT
from matching.explanation.queries import explain, summarise
from matching.models import Match
from needs.models import Need
from tests.factories.matching import MatchFactory
from tests.factories.needs import NeedFactory, NeedIndicatorFactory
from tests.factories.solutions import OutputFactory, SolutionIndicatorFactory


def values(pairs: Pairs) -> Values:
    """Made up: titles of the same length go together."""
    return pairs.each(lambda need, solution: 1.0 if len(need.title) == len(solution.title) else -0.5)


def explain_length(pair: Pair, value: float) -> Finding:
    sentence = Sentence("length", "same" if value > 0 else "other", {"length": len(pair.solution.document.title)})
    return fits(sentence) if value > 0 else Finding(sentence, misses=(sentence,))


LENGTH = Part(
    name="length",
    label="名称的长度",
    about="名称一样长的成果更合适。",
    brief="名称一样长。",
    texts={"same": "名称都是 %(length)s 个字", "other": "名称有 %(length)s 个字"},
    values=values,
    explain=explain_length,
    can_cost=True,
)


@pytest.fixture
def length(monkeypatch: pytest.MonkeyPatch) -> Iterator[Part]:
    """A part of its own file, a line in the table, and points."""
    monkeypatch.setitem(PARTS, "length", LENGTH)
    monkeypatch.setitem(DEFAULT.points, "length", 5.0)
    return LENGTH


@pytest.fixture
def need(enterprise: Organisation) -> Need:
    return NeedFactory(published=True, organisation=enterprise)


@pytest.fixture
def match(need: Need) -> Match:
    return MatchFactory(need=need, solution=OutputFactory(published=True, title=need.title))


def test_the_table_and_the_weights_name_the_same_parts() -> None:
    assert list(PARTS) == list(DEFAULT.points)
    assert all(name == part.name for name, part in PARTS.items())
    assert sum(DEFAULT.points.values()) == pytest.approx(100)


@pytest.mark.django_db
def test_a_part_that_is_added_counts_and_is_explained(length: Part, match: Match, buyer: User) -> None:
    stored = match.explanation["parts"]
    assert list(stored)[-1] == "length"
    assert (stored["length"]["value"], stored["length"]["points"]) == (1.0, "5.00")
    assert sum(Decimal(part["points"]) for part in stored.values()) == match.score
    explanation = explain(match, viewer=Viewer.of(buyer))
    shown = explanation.parts[-1]
    assert (shown.label, shown.points, shown.most) == ("名称的长度", Decimal("5.00"), Decimal("5.0"))
    assert shown.sentence == f"名称都是 {len(match.need.title)} 个字"
    assert shown.sentence in explanation.summary.fits


@pytest.mark.django_db
def test_a_part_that_is_added_is_learnt(length: Part, match: Match) -> None:
    features = features_of(match.explanation)
    assert features is not None
    assert features["length"] == 1.0
    kept = Example(match.need.code, match.scored_at, features, lesson("confirmed"))
    refused = replace(kept, features={**features, "length": 0.0}, lesson=lesson("rejected", "already_in_contact"))
    better = replace(kept, lesson=lesson("signed"))
    assert "length" in better.lesson.teaches
    assert fit([better, refused], DEFAULT)["length"] > 5.0


@pytest.mark.django_db
def test_a_part_that_is_added_stands_on_the_pages(length: Part, client: Client, operator: User) -> None:
    assert about.parts()[-1].least == Decimal("-5.0")
    page = client.get(reverse("dashboards:about-matching")).content.decode()
    client.force_login(operator)
    learning = client.get(reverse("matching:learning")).content.decode()
    for html, words in ((page, length.about), (learning, length.brief)):
        assert length.label in html
        assert words in html


def test_a_text_part_that_is_added_raises_the_floor(monkeypatch: pytest.MonkeyPatch) -> None:
    before = relevance_floor(DEFAULT)
    monkeypatch.setitem(PARTS, "length", replace(LENGTH, is_text=True))
    monkeypatch.setitem(DEFAULT.points, "length", 84.0)
    assert text_parts()[-1].name == "length"
    assert relevance_floor(DEFAULT) == pytest.approx(2 * before)


@pytest.mark.django_db
def test_a_part_that_is_no_more_is_still_told_of_in_old_matches(
    length: Part, match: Match, buyer: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delitem(PARTS, "length")
    explanation = explain(match, viewer=Viewer.of(buyer))
    assert sum(part.points for part in explanation.parts) == match.score
    assert explanation.parts[-1].label == "length"
    assert "" not in explanation.summary.fits


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("language", "reworded"), [("zh-hans", "成熟度够了：%(offered)s 级"), ("en", "Mature: %(offered)s")]
)
def test_a_reworded_text_rewords_what_was_stored_before(
    match: Match, buyer: User, monkeypatch: pytest.MonkeyPatch, language: str, reworded: str
) -> None:
    """Whatever was stored names its text by a key: every language reads today's words."""
    part = PARTS["maturity"]
    texts = {**part.texts, "reached": "成熟度够了：%(offered)s 级"}
    monkeypatch.setitem(PARTS, "maturity", replace(part, texts=texts))
    if language == "en":
        catalogue = translation.trans_real.translation("en")._catalog  # type: ignore[attr-defined]
        monkeypatch.setitem(catalogue._catalogs[0], texts["reached"], reworded)
    level = match.explanation["parts"]["maturity"]["sentence"]["params"]["offered"]
    with translation.override(language):
        words = reworded % {"offered": level}
        explanation = explain(match, viewer=Viewer.of(buyer))
        assert next(shown for shown in explanation.parts if shown.name == "maturity").sentence == words
        assert words in explanation.summary.fits
        assert words in summarise(match, viewer=Viewer.of(buyer)).fits


@pytest.mark.django_db
def test_no_words_are_stored(need: Need) -> None:
    """But for what people wrote themselves, and words that both texts share."""
    NeedIndicatorFactory(need=need)
    output = OutputFactory(published=True)
    SolutionIndicatorFactory(solution=output)
    match = MatchFactory(need=need, solution=output)
    stored = match.explanation
    sentences = [part["sentence"] for part in stored["parts"].values()]
    sentences += [*stored["fits"], *stored["misses"], *stored["unknowns"]]
    assert all(set(sentence) == {"part", "key", "params"} for sentence in sentences)
    assert all(sentence["key"] in PARTS[sentence["part"]].texts for sentence in sentences)

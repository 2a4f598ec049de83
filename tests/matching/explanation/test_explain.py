"""What each side reads of a match: the calculation, added up, and nothing it may not know."""

from decimal import Decimal

import pytest
from django.utils import timezone

from accounts.models import Organisation, User
from accounts.viewer import Viewer
from matching.explanation import queries as explaining
from matching.explanation.queries import summarise
from matching.explanation.values import Explanation
from matching.models import Match
from needs.models import Need
from solutions.models import Solution
from tests.factories.matching import MatchFactory
from tests.factories.needs import NeedFactory, NeedIndicatorFactory
from tests.factories.solutions import OutputFactory, SolutionIndicatorFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def need(enterprise: Organisation) -> Need:
    return NeedFactory(published=True, organisation=enterprise, title="风电主轴轴承钢接触疲劳寿命提升")


@pytest.fixture
def output(university: Organisation) -> Solution:
    return OutputFactory(published=True, organisation=university)


def explain(match: Match, *, viewer: User) -> Explanation:
    return explaining.explain(match, viewer=Viewer.of(viewer))


def part(explanation: Explanation, name: str):
    return next(part for part in explanation.parts if part.name == name)


def test_the_parts_a_poser_reads_add_up_to_the_score(need: Need, output: Solution, buyer: User) -> None:
    NeedIndicatorFactory(need=need)
    SolutionIndicatorFactory(solution=output)
    match = MatchFactory(need=need, solution=output)
    explanation = explain(match, viewer=buyer)
    assert sum(part.points for part in explanation.parts) == explanation.score == match.score


def test_the_terms_with_their_rest_add_up_to_the_points_of_the_text(need: Need, output: Solution, buyer: User) -> None:
    need.background = output.summary
    need.save()
    explanation = explain(MatchFactory(need=need, solution=output), viewer=buyer)
    for text in (part(explanation, "title"), part(explanation, "content")):
        assert text.terms[-1].term == ""
        assert sum(share.points for share in text.terms) == text.points
    assert text.terms[-1].others > 0


def test_the_points_of_the_indicator_rows_add_up_to_those_of_their_part(
    need: Need, output: Solution, buyer: User
) -> None:
    NeedIndicatorFactory(need=need, name="抗拉强度")
    NeedIndicatorFactory(need=need, name="延伸率", value=12, unit="%", necessity="wish", position=1)
    NeedIndicatorFactory(need=need, name="硬度", value=60, unit="HRC", position=2)
    SolutionIndicatorFactory(solution=output, name="抗拉强度")
    SolutionIndicatorFactory(solution=output, name="延伸率", value=9, unit="%")
    explanation = explain(MatchFactory(need=need, solution=output), viewer=buyer)
    assert [row.verdict for row in explanation.indicators] == ["met", "unmet", "unknown"]
    assert sum(row.points for row in explanation.indicators) == part(explanation, "indicators").points


def test_an_offered_value_is_shown_in_the_unit_of_the_requirement_beside_the_original(
    need: Need, output: Solution, buyer: User
) -> None:
    NeedIndicatorFactory(need=need, name="抗拉强度", value=1000, unit="MPa")
    SolutionIndicatorFactory(solution=output, name="抗拉强度", value=120, unit="kgf/mm²")
    row = explain(MatchFactory(need=need, solution=output), viewer=buyer).indicators[0]
    assert (row.wanted, row.offered, row.converted) == ("≥ 1000 MPa", "≥ 120 kgf/mm²", "≥ 1176.8 MPa")


def test_a_range_that_ends_at_zero_keeps_its_end(need: Need, output: Solution, buyer: User) -> None:
    NeedIndicatorFactory(need=need, name="使用温度", comparison="range", value=-40, value_max=0, unit="℃")
    row = explain(MatchFactory(need=need, solution=output), viewer=buyer).indicators[0]
    assert row.wanted == "-40 – 0 ℃"


def test_large_numbers_are_written_out(need: Need, output: Solution, buyer: User) -> None:
    NeedIndicatorFactory(need=need, name="循环寿命", value=12_000_000, unit="次")
    assert explain(MatchFactory(need=need, solution=output), viewer=buyer).indicators[0].wanted == "≥ 12000000 次"


def test_the_local_preference_is_a_part_of_its_own_even_when_it_is_off(
    need: Need, output: Solution, buyer: User
) -> None:
    region = part(explain(MatchFactory(need=need, solution=output), viewer=buyer), "region")
    assert (region.is_policy, region.points) == (True, Decimal("0.00"))


def test_both_texts_give_their_authors_words_back_with_the_shared_ones_marked(
    need: Need, output: Solution, buyer: User
) -> None:
    explanation = explain(MatchFactory(need=need, solution=output), viewer=buyer)
    title = explanation.need_texts[0]
    assert "".join(text for text, _hit in title.pieces) == need.title
    assert "接触疲劳寿命" in "".join(text for text, hit in title.pieces if hit)


def test_what_was_tried_is_shown_and_never_marked(need: Need, output: Solution, buyer: User) -> None:
    need.tried = "轴承钢夹杂物控制已试过"
    need.save()
    explanation = explain(MatchFactory(need=need, solution=output), viewer=buyer)
    assert explanation.need_texts[-1].pieces == [(need.tried, False)]


def test_the_most_a_part_could_bring_is_told_as_it_was_when_it_was_scored(
    need: Need, output: Solution, buyer: User
) -> None:
    match = MatchFactory(need=need, solution=output)
    assert explain(match, viewer=buyer).most == 100
    match.explanation["parts"]["title"]["most"] += 3.5
    assert explain(match, viewer=buyer).most == Decimal("103.5")
    del match.explanation["parts"]["title"]["most"]  # as an engine wrote it that did not store it
    assert explain(match, viewer=buyer).most is None


# --- the supplier's side ---------------------------------------------------------------------------------------


def test_a_supplier_reads_the_whole_calculation_when_every_indicator_is_public(
    need: Need, output: Solution, supplier: User
) -> None:
    NeedIndicatorFactory(need=need)
    match = MatchFactory(need=need, solution=output)
    explanation = explain(match, viewer=supplier)
    assert explanation.score == match.score
    assert not explanation.summary.some_hidden


@pytest.fixture
def secret_match(need: Need, output: Solution) -> Match:
    NeedIndicatorFactory(need=need, name="抗拉强度")
    NeedIndicatorFactory(need=need, name="机密辊速", value=777, unit="r/min", level="named", position=1)
    SolutionIndicatorFactory(solution=output, name="抗拉强度")
    SolutionIndicatorFactory(solution=output, name="机密辊速", value=700, unit="r/min")
    return MatchFactory(need=need, solution=output)


def test_a_hidden_indicator_takes_points_total_rows_and_sentences_with_it(secret_match: Match, supplier: User) -> None:
    explanation = explain(secret_match, viewer=supplier)
    assert explanation.score is None
    assert {part.points for part in explanation.parts} == {None}
    assert {share.points for share in part(explanation, "content").terms} == {None}
    assert [row.name for row in explanation.indicators] == ["抗拉强度"]
    assert explanation.summary.some_hidden
    assert "777" not in repr(explanation)
    assert "机密辊速" not in repr(explanation)
    assert part(explanation, "indicators").sentence == "指标满足 1 项，不满足 0 项，未知 0 项"


def test_poser_caretaker_and_operator_read_the_hidden_indicator(
    secret_match: Match, colleague: User, operator: User
) -> None:
    for viewer in (colleague, operator, secret_match.need.caretaker):
        rows = explain(secret_match, viewer=viewer).indicators
        assert [(row.name, row.is_public) for row in rows] == [("抗拉强度", True), ("机密辊速", False)]


@pytest.mark.parametrize("offered", [700, 777, 5000])
def test_the_grade_a_supplier_reads_does_not_move_with_a_hidden_indicator(
    need: Need, output: Solution, supplier: User, offered: int
) -> None:
    """Else it could change its own value and watch the grade until it knew the secret one."""
    NeedIndicatorFactory(need=need, name="机密辊速", value=777, unit="r/min", level="named")
    bare = explain(MatchFactory(need=need, solution=output), viewer=supplier).summary.grade
    Match.objects.all().delete()
    SolutionIndicatorFactory(solution=output, name="机密辊速", value=offered, unit="r/min")
    assert explain(MatchFactory(need=need, solution=output), viewer=supplier).summary.grade == bare


def test_worked_out_of_public_content_alone_the_grade_is_the_engines(
    need: Need, output: Solution, supplier: User
) -> None:
    """The same pair with one indicator, then with a hidden one that the output does not answer."""
    NeedIndicatorFactory(need=need, name="抗拉强度")
    SolutionIndicatorFactory(solution=output, name="抗拉强度")
    alone = MatchFactory(need=need, solution=output)
    grade = alone.grade
    alone.delete()
    NeedIndicatorFactory(need=need, name="机密辊速", value=777, unit="r/min", level="named", position=1)
    assert explain(MatchFactory(need=need, solution=output), viewer=supplier).summary.grade == grade


def test_an_indicator_hidden_after_scoring_is_hidden_at_once(need: Need, output: Solution, supplier: User) -> None:
    row = NeedIndicatorFactory(need=need, name="机密辊速", value=777, unit="r/min")
    match = MatchFactory(need=need, solution=output)
    row.level = "named"
    row.save()
    explanation = explain(Match.objects.get(pk=match.pk), viewer=supplier)
    assert explanation.score is None
    assert "机密辊速" not in repr(explanation)


def test_an_outputs_indicator_hidden_after_scoring_is_hidden_at_once(need: Need, output: Solution, buyer: User) -> None:
    NeedIndicatorFactory(need=need, name="抗拉强度", value=1000)
    row = SolutionIndicatorFactory(solution=output, name="抗拉强度", value=1357)
    match = MatchFactory(need=need, solution=output)
    row.is_public = False
    row.save()
    explanation = explain(Match.objects.get(pk=match.pk), viewer=buyer)
    assert "1357" not in repr(explanation)
    assert explanation.score is None
    assert explanation.summary.is_outdated
    assert [row.verdict for row in explanation.indicators] == ["unknown"]


def test_an_outputs_hidden_indicator_takes_no_part(need: Need, output: Solution, buyer: User) -> None:
    NeedIndicatorFactory(need=need, name="抗拉强度", value=1000)
    SolutionIndicatorFactory(solution=output, name="抗拉强度", value=1357, is_public=False)
    explanation = explain(MatchFactory(need=need, solution=output), viewer=buyer)
    assert [row.verdict for row in explanation.indicators] == ["unknown"]
    assert not explanation.summary.is_outdated
    assert "1357" not in repr(explanation)


def test_a_list_says_the_same_as_the_page(secret_match: Match, supplier: User, buyer: User) -> None:
    for viewer in (supplier, buyer):
        assert summarise(secret_match, viewer=Viewer.of(viewer)) == explain(secret_match, viewer=viewer).summary


def test_sentences_are_in_the_language_of_the_reader(need: Need, output: Solution, buyer: User) -> None:
    match = MatchFactory(need=need, solution=output)
    match.explanation["fits"] = [{"part": "cooperation", "key": "compatible", "params": {}}]
    assert explain(match, viewer=buyer).summary.fits == ("合作方式与转化方式相容",)


@pytest.mark.parametrize("side", ["need", "solution"])
def test_contact_shows_what_was_exchanged_and_not_the_draft_of_what_comes_next(
    need: Need, output: Solution, buyer: User, supplier: User, side: str
) -> None:
    match = MatchFactory(in_contact=True, need=need, solution=output)
    subject, owner, other = (need, buyer, supplier) if side == "need" else (output, supplier, buyer)
    subject.state = "withdrawn"
    subject.withdrawn_at = timezone.now()  # an output has no such field
    subject.save()
    assert getattr(explain(match, viewer=other), f"{side}_texts"), "known since before contact"
    subject.technical_field, subject.changed_at = "下一代的秘密方向", timezone.now()
    subject.save()
    assert "下一代的秘密方向" in str(getattr(explain(match, viewer=owner), f"{side}_texts"))
    assert getattr(explain(match, viewer=other), f"{side}_texts") == ()

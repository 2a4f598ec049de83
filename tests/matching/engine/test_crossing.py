"""The place kept for another field: who may hold it, what it costs, what readers are told of it."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st
from pytest_django import DjangoAssertNumQueries

from accounts.models import Organisation, User
from matching.documents.maintenance import reconcile
from matching.engine.crossing import (
    FIRST,
    crosses,
    holder_of,
    reserve,
)
from matching.engine.documents import Document, Indicator
from matching.engine.index import Found
from matching.matches import queries
from matching.models import Match
from matching.runs import actions
from matching.runs import execution as runs
from matching.runs.pairing import KEPT
from needs.models import Need
from solutions.models import Solution
from tests.factories.matching import MatchFactory
from tests.factories.needs import NeedFactory
from tests.factories.solutions import OutputFactory

Login = Callable[[User], Client]

NEED = Document("n", "风电主轴轴承钢", industries=("C34",))
OUTPUT = Document("o", "齿轮渗碳淬火", industries=("C31",))
FAR = Found("o", 0.2, lead=0.04, content=0.2)


# --- who may hold it ---------------------------------------------------------------------------------------------


def test_it_is_for_an_output_whose_function_fits_though_its_field_is_far() -> None:
    assert crosses(NEED, OUTPUT, FAR)


@pytest.mark.parametrize(
    ("need", "output", "found"),
    [
        (NEED, replace(OUTPUT, industries=("C31", "C34")), FAR),
        (NEED, OUTPUT, replace(FAR, lead=0.11)),
        (NEED, OUTPUT, replace(FAR, content=0.09, lead=0.0)),
        (replace(NEED, wants_crossing=False), OUTPUT, FAR),
    ],
    ids=["an industry in common", "called alike", "says something else", "switched off"],
)
def test_it_is_for_no_other(need: Document, output: Document, found: Found) -> None:
    assert not crosses(need, output, found)


def test_where_a_side_names_no_industry_the_words_alone_decide() -> None:
    assert crosses(replace(NEED, industries=()), OUTPUT, FAR)
    assert crosses(NEED, replace(OUTPUT, industries=()), FAR)


@pytest.mark.parametrize(("must", "value", "fits"), [(True, 900, False), (False, 900, True), (True, 1100, True)])
def test_a_function_does_not_fit_when_an_indicator_insisted_on_is_missed(must: bool, value: int, fits: bool) -> None:
    wanted = Indicator("抗拉强度", "ge", 1000, None, "MPa", must=must)
    offered = Indicator("抗拉强度", "eq", value, None, "MPa")
    need, output = replace(NEED, indicators=(wanted,)), replace(OUTPUT, indicators=(offered,))
    assert crosses(need, output, FAR) is fits


KEYS = [f"s{place:02}" for place in range(30)]


def test_the_holder_is_the_best_behind_the_first_ten() -> None:
    assert holder_of(KEYS, {"s03", "s24", "s27"}) == "s24"
    assert holder_of(KEYS, {"s03"}) is None


@given(st.lists(st.integers(0, 99), unique=True, max_size=40), st.sets(st.integers(0, 99)))
def test_the_place_is_one_and_nobody_among_the_first_ten_makes_way(ranked: list[int], crossing_: set[int]) -> None:
    kept, holder = reserve(ranked, crossing_, KEPT)
    assert kept[:FIRST] == ranked[:FIRST]
    assert len(kept) == min(KEPT, len(ranked))
    gone = set(ranked[:KEPT]) - set(kept)
    assert len(gone) <= 1
    assert not gone or (len(ranked) > KEPT and gone == {ranked[KEPT - 1]} and kept[-1] == holder)
    assert holder is None or (holder in kept[FIRST:] and holder in crossing_)
    assert (holder is None) == (not crossing_ & set(ranked[FIRST:]))


# --- a run keeps it ----------------------------------------------------------------------------------------------

PROBLEM = "渗碳淬火后变形超差，碳化物粗大，装夹受力不均，炉温均匀性差，冷却不同步，返工率高。"
NEAR = "主轴轴承套圈热处理变形控制"


@pytest.fixture
def no_broker(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(actions, "nudge", lambda: None)


@pytest.fixture
def need(db: None, no_broker: None, enterprise: Organisation) -> Need:
    return NeedFactory(
        published=True, organisation=enterprise, title=NEAR, keywords=[], background=PROBLEM, difficulty=""
    )


def near_outputs(university: Organisation, number: int) -> list[Solution]:
    """Called like the need and made for its industry."""
    return [
        OutputFactory(
            published=True,
            organisation=university,
            title=f"{NEAR}{place}",
            keywords=[],
            summary=PROBLEM,
            industries=["C34"],
        )
        for place in range(number)
    ]


def far_output(university: Organisation, **values: object) -> Solution:
    """Solves the same and is called differently, for another industry."""
    return OutputFactory(
        **{
            "published": True,
            "organisation": university,
            "title": "农机犁铧",
            "keywords": [],
            "summary": PROBLEM,
            "innovations": [],
            "technical_field": "",
            "industries": ["C35"],
            **values,
        }
    )


def run_over(needs: Sequence[Need] = (), solutions: Sequence[Solution] = ()) -> None:
    reconcile(at=timezone.now())
    trigger = "need_changed" if needs else "solution_published"
    actions.start_run(trigger=trigger, needs=needs, solutions=solutions, by=None, at=timezone.now())
    runs.work_off()


def test_of_a_full_list_the_last_place_goes_to_another_field(need: Need, university: Organisation) -> None:
    near_outputs(university, KEPT + 2)
    far = far_output(university)
    run_over([need])
    listed = list(queries.candidates_of(need))
    assert len(listed) == KEPT
    assert [match.solution for match in listed if match.is_crossing] == [far]
    assert listed[-1].solution == far
    parts = listed[-1].explanation["parts"].values()
    assert listed[-1].score == sum(Decimal(part["points"]) for part in parts), "no hidden bonus"


def test_switched_off_the_place_goes_to_the_next_best(need: Need, university: Organisation) -> None:
    near_outputs(university, KEPT + 2)
    far = far_output(university)
    Need.objects.update(wants_crossing=False)
    run_over([need])
    assert not Match.objects.filter(solution=far).exists()
    assert Match.objects.filter(is_current=True).count() == KEPT


def test_a_short_list_has_no_such_place(need: Need, university: Organisation) -> None:
    near_outputs(university, 3)
    far_output(university)
    run_over([need])
    assert Match.objects.filter(is_current=True).count() == 4
    assert not Match.objects.filter(is_crossing=True).exists()


def test_an_output_published_later_takes_the_place_as_a_run_over_the_need_would_give_it(
    need: Need, university: Organisation
) -> None:
    near_outputs(university, KEPT + 2)
    run_over([need])
    far = far_output(university)
    run_over(solutions=[far])
    later = set(Match.objects.filter(is_current=True).values_list("solution", "is_crossing"))
    assert (far.pk, True) in later
    assert len(later) == KEPT
    run_over([need])
    assert set(Match.objects.filter(is_current=True).values_list("solution", "is_crossing")) == later


def test_the_place_is_held_by_one_and_passes_on_when_another_fits_better(need: Need, university: Organisation) -> None:
    near_outputs(university, KEPT + 2)
    worse = far_output(university, summary=PROBLEM + "另述水稻育秧、灌溉与除草机械的选型方法。")
    run_over([need])
    assert Match.objects.get(is_crossing=True).solution == worse
    better = far_output(university)
    run_over(solutions=[better])
    assert Match.objects.get(is_crossing=True).solution == better
    assert not Match.objects.get(solution=worse).is_current


def test_what_was_decided_about_stays_what_it_was_when_it_was_decided(
    need: Need, university: Organisation, operator: User
) -> None:
    near_outputs(university, KEPT + 2)
    far = far_output(university)
    run_over([need])
    Match.objects.filter(solution=far).update(
        review="confirmed", reviewed_by=operator, reviewed_at=timezone.now(), confirmed_at=timezone.now()
    )
    Need.objects.update(wants_crossing=False)
    run_over([need])
    assert Match.objects.get(solution=far).is_crossing


# --- what readers are told ---------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_the_card_and_the_page_say_that_it_is_from_another_field_and_why(
    client_of: Login, enterprise: Organisation, university: Organisation, buyer: User, supplier: User, operator: User
) -> None:
    need = NeedFactory(published=True, organisation=enterprise)
    output = OutputFactory(published=True, organisation=university, industries=["C35"])
    match = MatchFactory(need=need, solution=output, is_crossing=True)
    pages = {
        buyer: reverse("matching:for-need", args=[need.code]),
        supplier: reverse("matching:for-solution", args=[output.code]),
        operator: reverse("matching:review"),
    }
    for person, page in pages.items():
        for address in (page, match.get_absolute_url()):
            html = client_of(person).get(address).content.decode()
            assert "跨领域</span>" in html, address
            assert "需求属于通用设备制造业，成果用于专用设备制造业" in html
    Match.objects.update(is_crossing=False)
    assert "跨领域</span>" not in client_of(buyer).get(match.get_absolute_url()).content.decode()


@pytest.mark.django_db
def test_without_industries_the_reason_speaks_of_the_words(
    client_of: Login, enterprise: Organisation, buyer: User
) -> None:
    match = MatchFactory(need=NeedFactory(published=True, organisation=enterprise, industry=""), is_crossing=True)
    assert "名称与关键词却很少相同" in client_of(buyer).get(match.get_absolute_url()).content.decode()


def test_a_supplier_is_told_of_the_place_in_the_public_list_alone(
    need: Need, university: Organisation, supplier: User, buyer: User, client_of: Login
) -> None:
    """Hidden content has no say in it: what the poser's list says of the pair is another matter."""
    near_outputs(university, KEPT + 2)
    far = far_output(university)
    need.disclosure = {"background": "named"}
    need.save()
    run_over([need])
    match = Match.objects.get(solution=far)
    assert match.is_crossing
    assert not match.is_publicly_crossing
    assert "跨领域</span>" in client_of(buyer).get(match.get_absolute_url()).content.decode()
    assert "跨领域</span>" not in client_of(supplier).get(match.get_absolute_url()).content.decode()


def test_in_the_public_list_of_a_need_that_hides_something_the_place_rests_on_public_words(
    need: Need, university: Organisation, supplier: User, client_of: Login
) -> None:
    near_outputs(university, KEPT + 2)
    far = far_output(university)
    need.benchmark, need.disclosure = "机密对标", {"benchmark": "named"}
    need.save()
    run_over([need])
    match = Match.objects.get(solution=far)
    assert match.is_publicly_crossing
    assert "跨领域</span>" in client_of(supplier).get(match.get_absolute_url()).content.decode()
    run_over(solutions=[far])
    assert Match.objects.get(is_publicly_crossing=True) == match
    need.disclosure = {"benchmark": "named", "background": "named"}
    need.save()
    run_over([need])
    assert not Match.objects.filter(is_publicly_crossing=True).exists()


# --- how it is received ------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_acceptance_is_counted_apart(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    MatchFactory(confirmed=True, is_crossing=True)
    MatchFactory(rejected=True, is_crossing=True)
    MatchFactory(confirmed=True, wanted=True)
    MatchFactory()
    with django_assert_num_queries(1):
        ordinary, apart = queries.acceptance_by_place()
    assert (ordinary.candidates, ordinary.confirmed_percent, ordinary.interested_percent) == (2, 100, 100)
    assert (apart.candidates, apart.confirmed, apart.reviewed, apart.confirmed_percent) == (2, 1, 2, 50)
    assert apart.interested_percent is None


@pytest.mark.django_db
def test_the_operators_desk_shows_both_with_their_numbers(client_of: Login, operator: User) -> None:
    MatchFactory(confirmed=True, is_crossing=True)
    html = client_of(operator).get(reverse("dashboards:desk")).content.decode()
    assert "跨领域位置另计" in html
    assert "其他候选" in html
    assert "1 / 1" in html

"""What is said of the ranking is what the ranking does."""

from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse

from dashboards import about
from matching.engine.calibration import least_score
from matching.engine.documents import Document, Indicator
from matching.engine.index import Index
from matching.engine.parts.table import PARTS, relevance_floor
from matching.engine.prepared import Prepared
from matching.engine.scoring import Scored, score_pair
from matching.engine.weights import DEFAULT
from needs.models import CooperationMode
from tests.factories.accounts import OrganisationFactory

ABOUT = reverse("dashboards:about-matching")


def scored(need: Document, solution: Document) -> Scored:
    theirs = Prepared.of(solution)
    return score_pair(Prepared.of(need), theirs, Index.build([(solution.key, theirs.terms)]).statistics)


WORST = scored(
    Document(
        key="N-1",
        title="轴承钢夹杂物控制",
        keywords=("轴承钢",),
        indicators=(Indicator("抗拉强度", "ge", 900, None, "MPa"),),
        trl=(9, 9),
        modes=frozenset({"transfer"}),
        budget=(1, 2),
        region="310115",
        prefers_local=True,
    ),
    Document(
        key="S-1",
        title="豆浆除泡",
        keywords=("豆浆",),
        indicators=(Indicator("抗拉强度", "le", 5, None, "MPa"),),
        trl=(1, 1),
        modes=frozenset({"technical_consulting"}),
        budget=(1000, 1000),
        region="650102",
    ),
)


def test_every_part_of_the_score_has_words_and_no_other() -> None:
    assert all(row.label and row.words for row in about.parts())
    assert list(PARTS) == [part.name for part in WORST.parts]


def test_the_parts_add_up_to_the_points_in_the_weights() -> None:
    assert set(PARTS) == set(DEFAULT.points)
    assert [part.most for part in about.parts()] == [Decimal(str(points)) for points in DEFAULT.points.values()]


@pytest.mark.parametrize("name", PARTS)
def test_a_part_costs_points_exactly_when_the_page_says_so(name: str) -> None:
    """Scored with nothing in common and every condition missed, a part is at the lowest the page names."""
    points = next(part.points for part in WORST.parts if part.name == name)
    rows = dict(zip(PARTS, about.parts(), strict=True))
    assert points == rows[name].least


@pytest.mark.django_db
def test_everybody_may_read_it_with_points_and_grades(client: Client) -> None:
    operator = OrganisationFactory(operator=True)
    page = client.get(ABOUT).content.decode()
    for part in about.parts():
        assert str(part.label) in page
        assert str(part.words) in page
    for grade in ("high", "good", "fair"):
        assert f"得分不低于 {least_score(grade):.1f} 分" in page
    assert f"不到 {relevance_floor(DEFAULT):g} 分" in page
    assert reverse("accounts:profile") in page
    assert operator.name in page


def test_every_cooperation_mode_stands_in_the_table() -> None:
    assert [wanted for wanted, _served in about.modes()] == [str(label) for label in CooperationMode.labels]


def test_the_fields_it_names_are_those_the_engine_shows_beside_each_other() -> None:
    read = about.fields_read()
    assert "主要技术难点" in read["need"]
    assert "创新点" in read["solution"]
    assert not any("已尝试" in field for field in read["need"])

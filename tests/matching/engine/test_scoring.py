"""A score is the sum of its parts to the last digit, each part says why, and grades are honest."""

import json
from dataclasses import replace
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from matching.engine.calibration import least_score
from matching.engine.documents import Document, Indicator
from matching.engine.index import Found, Index, overlap
from matching.engine.parts.base import Pair, Pairs, PartScore, split_cents
from matching.engine.parts.cooperation import COMPATIBLE_MODES
from matching.engine.parts.table import PARTS
from matching.engine.prepared import Prepared
from matching.engine.scoring import (
    Scored,
    rank,
    retrieve,
    score_pair,
)
from matching.engine.terms import ShownTerms
from matching.engine.vectors import Query
from matching.engine.weights import DEFAULT

STRENGTH = Indicator("抗拉强度", "ge", 600, None, "MPa")
NEED = Document(
    key="need",
    title="轴承钢大方坯中心偏析控制",
    keywords=("轴承钢", "大方坯", "中心偏析"),
    body="连铸凝固末端位置摆动，压下位置靠经验，碳化物带状超标。",
    indicators=(STRENGTH,),
    trl=(6, 9),
    modes=frozenset({"joint_development"}),
    budget=(100, 300),
    region="320505",
)
OUTPUT = Document(
    key="output",
    title="大方坯凝固末端重压下抑制中心偏析",
    keywords=("轴承钢", "重压下", "中心偏析"),
    body="建立连铸凝固末端跟踪模型，分辊压下，降低轴承钢碳偏析与碳化物带状。",
    indicators=(Indicator("拉伸强度", "ge", 620, None, "N/mm²"),),
    trl=(7, 8),
    modes=frozenset({"joint_development", "equity"}),
    budget=(200, 200),
    region="320505",
)
LETTERS = "轴承钢大方坯连铸轻压下锂离子电池偏析控制凝固末端碳化物带状超标"
OTHERS = [
    Document(key=f"other-{i}", title=title, body=body)
    for i, (title, body) in enumerate(
        [
            ("锂离子电池低温电解液", "抑制析锂的宽温域电解液"),
            ("电镀废水络合镍去除", "电化学氧化破络与电沉积"),
            ("风机叶片电热除冰", "碳纤维加热层与覆冰检测"),
            ("无氟防水整理剂", "织物拒水与皂洗"),
        ]
    )
]
INDEX = Index.build((document.key, Prepared.of(document).terms) for document in [OUTPUT, *OTHERS])


def score(need: Document = NEED, output: Document = OUTPUT) -> Scored:
    return score_pair(Prepared.of(need), Prepared.of(output), INDEX.statistics)


def points(scored: Scored) -> dict[str, Decimal]:
    return {part.name: part.points for part in scored.parts}


def verdicts(scored: Scored) -> list[str]:
    return [row["verdict"] for row in part(scored, "indicators").details]


def part(scored: Scored, name: str):
    return next(part for part in scored.parts if part.name == name)


def said(sentences) -> str:
    return "\n".join(PARTS[sentence.part].texts[sentence.key] % sentence.params for sentence in sentences)


# --- the sum -------------------------------------------------------------------------------------------------


def test_the_score_is_the_sum_of_its_parts_to_the_last_digit():
    scored = score()
    assert scored.score == sum(points(scored).values())
    assert scored.score.as_tuple().exponent == -2
    assert list(points(scored)) == list(PARTS)


def test_the_terms_add_up_to_the_text_part_and_the_rows_to_the_indicator_part():
    scored = score()
    for name in ("title", "content", "indicators"):
        assert sum(Decimal(row["points"]) for row in part(scored, name).details) == part(scored, name).points


@given(whole=st.integers(0, 20_000), shares=st.lists(st.floats(1e-6, 1e6), min_size=1, max_size=40))
def test_split_points_add_up_and_follow_their_shares(whole, shares):
    split = split_cents(whole, shares)
    assert sum(split) == whole
    assert all(abs(cents - whole * share / sum(shares)) <= 1 + 1e-6 for cents, share in zip(split, shares, strict=True))


@given(title=st.text(LETTERS, max_size=12), body=st.text(LETTERS, max_size=30), other=st.text(LETTERS, max_size=30))
def test_without_a_shown_word_the_part_loses_what_its_row_says(title, body, other):
    """The word's terms leave the need's vector, lengths held as they were."""
    need = Prepared.of(Document(key="n", title=title, body=body))
    output = Prepared.of(Document(key="o", title="", body=other))
    query = need.as_need(INDEX.statistics)
    solution = output.as_solution(INDEX.statistics)
    for scored in text_scores(need, output, query, overlap(query, solution)):
        assert sum(Decimal(row["points"]) for row in scored.details) == scored.points
        for row in scored.details:
            if row["term"]:
                under = terms_under(row["term"], query, solution, need.shown_terms())
                kept = ~np.isin(query.ids, under)
                rest = Query(query.ids, query.mixture, query.lead * kept, query.content * kept)
                without = text_scores(need, output, rest, overlap(rest, solution))
                after = next(other for other in without if other.name == scored.name)
                loss = (scored.value - after.value) * scored.most
                assert loss == pytest.approx(float(row["points"]), abs=0.006)


def text_scores(need: Prepared, output: Prepared, query: Query, found: Found) -> list[PartScore]:
    pairs = Pairs(need, [output], np.array([found.lead]), np.array([found.content]), DEFAULT)
    pair = Pair(need, output, found.lead, found.content, [], DEFAULT, query, found.shared)
    return [PartScore.of(PARTS[name], pair, PARTS[name].values(pairs)[0]) for name in ("title", "content")]


def terms_under(term: str, query: Query, solution: Query, shown: ShownTerms) -> list[int]:
    """The ids of the shared tokens that are shown under this term."""
    holders, _words = shown.holders(np.isin(query.ids, solution.ids))
    return query.ids[shown.order][holders == shown.terms.index(term)].tolist()


def test_nothing_to_split_gives_every_share_zero():
    assert split_cents(0, [0.0, 0.0]) == [0, 0]


def test_no_score_passes_a_hundred():
    best = replace(NEED, prefers_local=True, indicators=())
    assert score(best, replace(OUTPUT, title=best.title, keywords=best.keywords, body=best.body)).score <= 100


def test_everything_a_page_needs_survives_json():
    data = json.loads(json.dumps(score().to_json()))
    assert data["grade"] == "high"
    assert Decimal(data["score"]) == sum(Decimal(row["points"]) for row in data["parts"].values())
    row = data["parts"]["indicators"]["details"][0]
    assert (row["need"]["unit"], row["solution"]["unit"], row["value"]) == ("MPa", "N/mm²", 620)


# --- text and spelling ---------------------------------------------------------------------------------------


def test_the_sentence_names_words_and_not_pieces_cut_across_them():
    need = Document(key="need", title="烧结金属化球团", body="金属化球团的还原。")
    output = Document(key="output", title="金属化工艺", body="金属化料的还原。")
    content = part(score(need, output), "content")
    assert "属化" in [row["term"] for row in content.details]
    named = content.sentence.params["terms"].split("、")
    assert "属化" not in named
    assert {"金属", "还原"} <= set(named)


def test_terms_are_words_that_stand_in_both_texts():
    rows = [*part(score(), "title").details, *part(score(), "content").details]
    terms = [row["term"] for row in rows if len(row["term"]) > 1]
    assert {"凝固末端", "中心偏析"} <= set(terms)
    for term in terms:
        assert all(term in document.title + "".join(document.keywords) + document.body for document in (NEED, OUTPUT))


def test_what_was_tried_adds_nothing():
    tried = replace(NEED, excluded=OUTPUT.body * 3)
    assert score(tried).score == score().score


def test_a_misspelt_model_number_still_counts():
    need = Document(key="n", title="LT-2100B 温控器替代", keywords=("LT-2100B",))
    output = Document(key="o", title="小型温控装置", keywords=("LT-210OB",))
    other = replace(output, keywords=("QX-77",))
    assert points(score(need, output))["fuzzy"] > points(score(need, other))["fuzzy"]
    assert [row["solution"] for row in part(score(need, output), "fuzzy").details] == ["lt-210ob"]


def test_single_characters_count_though_they_are_no_words_to_show():
    need, output = Document(key="n", title="钢轨磨损"), Document(key="o", title="耐磨钢")
    scored = score(need, output)
    assert points(scored)["title"] > 0
    assert [row["term"] for row in part(scored, "title").details] == [""]
    assert scored.fits == ()


def test_texts_with_nothing_in_common_get_no_text_points_and_no_grade():
    scored = score(NEED, OTHERS[3])
    assert points(scored)["title"] + points(scored)["content"] < 5
    assert scored.grade == "none"


# --- indicators ----------------------------------------------------------------------------------------------

CASES = [  # need row, output row, verdict
    (("ge", 600, None, "MPa"), ("ge", 620, None, "MPa"), "met"),
    (("ge", 600, None, "MPa"), ("ge", 500, None, "MPa"), "unmet"),
    (("ge", 600, None, "MPa"), ("eq", 600, None, "N/mm²"), "met"),
    (("ge", 600, None, "MPa"), ("le", 700, None, "MPa"), "unknown"),
    (("ge", 600, None, "MPa"), ("le", 500, None, "MPa"), "unmet"),
    (("ge", 600, None, "MPa"), ("range", 580, 640, "MPa"), "unknown"),
    (("ge", 6, None, "MPa"), ("ge", 61.2, None, "kgf/cm²"), "met"),
    (("le", 10, None, "μm"), ("le", 0.005, None, "mm"), "met"),
    (("le", 10, None, "μm"), ("le", 0.02, None, "mm"), "unmet"),
    (("le", 10, None, "μm"), ("ge", 12, None, "μm"), "unmet"),
    (("le", 10, None, "μm"), ("ge", 5, None, "μm"), "unknown"),
    (("eq", 75, None, "mm"), ("eq", 7.5, None, "cm"), "met"),
    (("eq", 75, None, "mm"), ("range", 50, 100, "mm"), "met"),
    (("eq", 75, None, "mm"), ("eq", 80, None, "mm"), "unmet"),
    (("range", -20, 60, "℃"), ("range", 233.15, 358.15, "K"), "met"),
    (("range", 8, 20, "min"), ("range", 9, 16, "min"), "met"),
    (("range", 8, 20, "min"), ("range", 15, 30, "min"), "unknown"),
    (("range", 8, 20, "min"), ("eq", 25, None, "min"), "unmet"),
]


@pytest.mark.parametrize(("wanted", "offered", "verdict"), CASES)
def test_the_verdict_follows_what_the_output_guarantees_in_the_unit_of_the_need(wanted, offered, verdict):
    need = replace(NEED, indicators=(Indicator("关键参数", *wanted),))
    output = replace(OUTPUT, indicators=(Indicator("关键参数", *offered),))
    assert verdicts(score(need, output)) == [verdict]


@pytest.mark.parametrize(
    ("wanted", "offered"),
    [
        ("抗拉强度", "拉伸强度"),
        ("最高工作温度", "最高使用温度（长期）"),
        ("缺陷检出率", "表面缺陷检出率"),
        ("综合良率", "合格率"),
        ("除冰时间", "融冰脱落用时"),
    ],
)
def test_names_of_one_property_correspond(wanted, offered):
    assert verdicts(_named(wanted, offered)) == ["met"]


@pytest.mark.parametrize(
    ("wanted", "offered"),
    [
        ("抗拉强度", "抗压强度"),
        ("充电倍率", "放电倍率"),
        ("产品合格率", "产品不合格率"),
        ("粒径D50", "粒径D90"),
        ("响应时间", "检测时间"),
        ("总氮去除率", "总磷去除率"),
        ("尺寸精度", "尺寸"),
        ("温度控制精度", "控制温度"),
    ],
)
def test_names_that_only_look_alike_do_not(wanted, offered):
    scored = _named(wanted, offered)
    assert verdicts(scored) == ["unknown"]
    assert points(scored)["indicators"] == 0
    assert "成果未给出" in said(scored.unknowns)


@pytest.mark.parametrize(
    ("wanted", "offered", "verdict"),
    [
        # a rise of 40 ℃ is one of 40 K; a temperature of 40 ℃ is one of 313 K
        (Indicator("温升", "le", 40, None, "K"), Indicator("温升", "le", 38, None, "℃"), "met"),
        (Indicator("温度波动", "le", 9, None, "℉"), Indicator("温度波动", "le", 6, None, "K"), "unmet"),
        (Indicator("出口温度", "le", 40, None, "℃"), Indicator("出口温度", "le", 300, None, "K"), "met"),
        # one property counted from opposite ends is not compared number with number
        (Indicator("准确率", "ge", 95, None, "%"), Indicator("误差", "le", 3, None, "%"), "unknown"),
        (Indicator("测量误差", "le", 1, None, "%"), Indicator("测量精度", "ge", 99.5, None, "%"), "unknown"),
        (Indicator("定位误差", "le", 0.1, None, "mm"), Indicator("定位精度", "le", 50, None, "μm"), "met"),
        # a device covers a narrower range than its own, a powder does not
        (Indicator("工作温度", "range", -20, 60, "℃"), Indicator("工作温度", "range", -40, 85, "℃"), "met"),
        (Indicator("粒径", "range", 10, 20, "μm"), Indicator("粒径", "range", 5, 50, "μm"), "unknown"),
        (Indicator("粒径", "range", 10, 20, "μm"), Indicator("粒径", "range", 12, 18, "μm"), "met"),
    ],
)
def test_numbers_are_compared_as_what_the_name_says_they_are(wanted, offered, verdict):
    scored = score(replace(NEED, indicators=(wanted,)), replace(OUTPUT, indicators=(offered,)))
    assert verdicts(scored) == [verdict]


def _named(wanted: str, offered: str) -> Scored:
    need = replace(NEED, indicators=(Indicator(wanted, "ge", 1, None, "C"),))
    return score(need, replace(OUTPUT, indicators=(Indicator(offered, "ge", 2, None, "C"),)))


def test_a_row_of_the_output_answers_only_one_row_of_the_need():
    need = replace(NEED, indicators=(STRENGTH, replace(STRENGTH, name="焊缝抗拉强度")))
    assert sorted(verdicts(score(need))) == ["met", "unknown"]


def test_rows_of_different_dimensions_never_correspond():
    output = replace(OUTPUT, indicators=(Indicator("抗拉强度", "ge", 900, None, "%"),))
    assert verdicts(score(NEED, output)) == ["unknown"]


def test_a_must_weighs_twice_a_wish():
    rows = (STRENGTH, Indicator("占地", "le", 9, None, "m²", must=False))
    scored = score(replace(NEED, indicators=rows))
    met, unknown = part(scored, "indicators").details
    assert (met["verdict"], unknown["verdict"], unknown["points"]) == ("met", "unknown", "0.00")
    assert Decimal(met["points"]) == pytest.approx(Decimal(DEFAULT.points["indicators"]) * 2 / 3, abs=Decimal("0.01"))


# --- the other parts -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "name", "expected"),
    [
        ({}, "maturity", DEFAULT.points["maturity"]),
        ({"trl": (3, 5)}, "maturity", -DEFAULT.points["maturity"] / 3),
        ({"trl": (1, 2)}, "maturity", -DEFAULT.points["maturity"]),
        ({"trl": None}, "maturity", 0),
        ({}, "cooperation", DEFAULT.points["cooperation"]),
        ({"modes": frozenset({"ordinary_licence"})}, "cooperation", -DEFAULT.points["cooperation"]),
        ({"modes": frozenset()}, "cooperation", 0),
        ({}, "budget", DEFAULT.points["budget"]),
        ({"budget": (400, 400)}, "budget", -DEFAULT.points["budget"] / 2),
        ({"budget": (900, 900)}, "budget", -DEFAULT.points["budget"]),
        ({"budget": (None, None)}, "budget", 0),
    ],
)
def test_maturity_cooperation_and_budget_add_cost_or_stay_out(change, name, expected):
    scored = score(NEED, replace(OUTPUT, **change))
    assert float(points(scored)[name]) == pytest.approx(expected, abs=0.005)
    sentence = part(scored, name).sentence
    assert sentence in (scored.fits if expected > 0 else scored.misses if expected < 0 else scored.unknowns)


@pytest.mark.parametrize("region", ["320505", "320114", "110101", ""])
def test_the_region_counts_only_when_the_need_switches_it_on(region):
    assert points(score(NEED, replace(OUTPUT, region=region)))["region"] == 0


@pytest.mark.parametrize(("region", "share"), [("320507", 1), ("320114", 0.5), ("110101", 0), ("", 0)])
def test_local_preference_knows_city_and_province(region, share):
    scored = score(replace(NEED, prefers_local=True), replace(OUTPUT, region=region))
    assert float(points(scored)["region"]) == share * DEFAULT.points["region"]


def test_every_transfer_mode_serves_some_need():
    served = frozenset().union(*COMPATIBLE_MODES.values())
    assert served == {
        "ownership_transfer", "exclusive_licence", "sole_licence", "ordinary_licence", "equity", "joint_development",
        "technical_service", "technical_consulting",
    }  # fmt: skip


# --- grades --------------------------------------------------------------------------------------------------


def test_a_fitting_pair_is_high():
    assert score().grade == "high"


def test_a_missed_must_is_never_high():
    weak = (Indicator("抗拉强度", "ge", 500, None, "MPa"), Indicator("屈服强度", "ge", 450, None, "MPa"))
    need = replace(NEED, indicators=(STRENGTH, Indicator("屈服强度", "ge", 400, None, "MPa")))
    scored = score(need, replace(OUTPUT, indicators=weak))
    assert scored.score >= least_score("high")
    assert scored.grade == "good"
    assert "抗拉强度" in said(scored.misses)


def test_mostly_missed_musts_are_fair_at_most():
    scored = score(NEED, replace(OUTPUT, indicators=(Indicator("抗拉强度", "ge", 500, None, "MPa"),)))
    assert scored.score >= least_score("good")
    assert scored.grade == "fair"


def test_high_needs_a_must_that_is_known_to_be_met():
    scored = score(NEED, replace(OUTPUT, indicators=()))
    assert scored.score >= least_score("high")
    assert scored.grade == "good"


def test_maturity_three_levels_short_is_never_high():
    scored = score(NEED, replace(OUTPUT, trl=(2, 3)))
    assert scored.score >= least_score("high")
    assert scored.grade == "good"


def test_fitting_terms_of_business_do_not_make_a_match_of_another_subject():
    stranger = replace(OUTPUT, title=OTHERS[2].title, keywords=(), body=OTHERS[2].body)
    scored = score(NEED, stranger)
    assert all(points(scored)[name] > 0 for name in ("indicators", "maturity", "cooperation", "budget"))
    assert scored.grade == "none"


# --- ranking -------------------------------------------------------------------------------------------------


def best(need: Prepared, index: Index, solutions: dict[str, Prepared], limit: int) -> list[tuple[str, Scored]]:
    return rank(need, retrieve(need, index), solutions, index.statistics, limit)


def test_ranking_gives_the_scores_of_the_pairs_and_leaves_out_what_is_no_match():
    solutions = {document.key: Prepared.of(document) for document in [OUTPUT, *OTHERS]}
    [(key, found)] = best(Prepared.of(NEED), INDEX, solutions, 5)
    assert (key, found.to_json()) == ("output", score().to_json())


def test_ranking_keeps_to_the_solutions_it_is_given():
    assert best(Prepared.of(NEED), INDEX, {}, 5) == []


def test_ranking_cut_short_is_the_head_of_the_whole_ranking():
    variants = {
        f"v{i}": Prepared.of(replace(OUTPUT, key=f"v{i}", body=OUTPUT.body[: 10 + 3 * i], trl=(i, i)))
        for i in range(1, 9)
    }
    index = Index.build((key, prepared.terms) for key, prepared in variants.items())
    need = Prepared.of(NEED)
    whole = best(need, index, variants, 100)
    assert len(whole) == 8
    assert whole == sorted(whole, key=lambda match: (-match[1].score, match[0]))
    assert best(need, index, variants, 3) == whole[:3]

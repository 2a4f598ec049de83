"""What the reserved place costs, by hand and on judgements."""

import pytest

from lab.evaluation.place_for_another_field import Cost, crossing_cost, measure, report
from matching.engine.documents import Document
from matching.engine.index import Index
from matching.engine.prepared import Prepared
from matching.runs.pairing import KEPT
from tests.matching.engine.test_crossing import NEAR, PROBLEM


def test_the_cost_is_the_loss_of_ndcg() -> None:
    grades = [3, *[0] * 18, 2]
    at_10, at_20 = crossing_cost([grades, [1]], [[*grades[:-1], 0], [1]], [grades, [1]])
    assert at_10 == 0
    assert at_20 == pytest.approx((3 / 4.392317) / (7 + 3 / 1.584963) / 2, rel=1e-5)


def test_a_better_holder_is_a_gain() -> None:
    _at_10, at_20 = crossing_cost([[3] * 10 + [0] * 10], [[3] * 10 + [0] * 9 + [3]], [[3] * 11 + [0] * 9])
    assert at_20 < 0


def test_the_report_says_how_often_and_what_it_costs() -> None:
    text = report(Cost(needs=8, held=4, displaced=3, at_10=0.0, at_20=0.0012, relevant=0.5))
    assert "held in 4 of 8 lists, displacing a candidate in 3; 50% of its holders are of grade ≥ 2" in text
    assert "nDCG@10 0.0000" in text
    assert "nDCG@20 0.0012" in text
    assert "grade" not in report(Cost(needs=8, held=0, displaced=0, at_10=0.0, at_20=0.0, relevant=None))


def test_measured_on_judgements_the_place_costs_nothing_at_ten() -> None:
    need = Prepared.of(Document("n", NEAR, body=PROBLEM, industries=("C34",)))
    documents = [Document(f"o{n:02}", f"{NEAR}{n}", body=PROBLEM, industries=("C34",)) for n in range(KEPT + 2)]
    documents.append(Document("far", "农机犁铧", body=PROBLEM, industries=("C35",)))
    others = [Document(f"x{n}", text) for n, text in enumerate(["沼液还田", "古籍识别", "锂电池预警", "边坡监测"])]
    outputs = {document.key: Prepared.of(document) for document in [*documents, *others]}
    statistics = Index.build((key, prepared.terms) for key, prepared in outputs.items()).statistics
    grades = {key: 2 if key == "far" else 1 for key in outputs}
    cost = measure({"n": need}, outputs, {"n": grades}, statistics)
    assert (cost.needs, cost.held, cost.displaced, cost.relevant) == (1, 1, 1, 1.0)
    assert cost.at_10 == 0
    assert cost.at_20 < 0

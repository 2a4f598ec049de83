"""The figures of the evaluation, against values computed by hand on small collections."""

import math
from collections.abc import Mapping, Sequence

import numpy as np
import pytest

from lab.evaluation import (
    diagnosis,
    learned,
    reliability,
)
from lab.evaluation.ablation import ablate
from lab.evaluation.ceiling import ceiling
from lab.evaluation.collection import Collection
from lab.evaluation.engine import Similarities, Texts
from lab.evaluation.figures import (
    against,
    expected_ndcg,
    folds_of,
    interval,
    ndcg,
    precision,
    reciprocal_rank,
)
from lab.evaluation.pairs import Pairs
from matching.engine.calibration import fitted, probabilities
from matching.engine.documents import Document
from matching.engine.terms import number_of
from matching.engine.weights import DEFAULT

SECOND = 1 / math.log2(3)  # what the second place counts


def collection(
    judged: Mapping[str, Sequence[tuple[str, int]]], bodies: Mapping[str, str] | None = None, fill: int = 10
) -> Collection:
    """Needs by their title with (output title, grade); filled up with outputs about nothing, graded 0."""
    outputs: dict[str, Document] = {}
    judgements: dict[str, dict[str, int]] = {}
    for number, pairs in enumerate(judged.values()):
        filled = [*pairs, *[("无关之事", 0)] * (fill - len(pairs))]
        for place, (title, grade) in enumerate(filled):
            key = f"o{number}-{place}"
            outputs[key] = Document(key=key, title=title)
            judgements.setdefault(f"n{number}", {})[key] = grade
    needs = {
        f"n{number}": Document(key=f"n{number}", title=title, body=(bodies or {}).get(title, ""))
        for number, title in enumerate(judged)
    }
    return Collection(needs, outputs, judgements)


# --- rankings --------------------------------------------------------------------------------------------------------


def test_ndcg_is_one_for_the_best_order_and_discounts_by_rank():
    assert ndcg([3, 2, 0]) == 1.0
    assert ndcg([0, 3]) == pytest.approx(SECOND)
    assert ndcg([0] * 10 + [3]) == 0.0
    assert ndcg([0, 0]) == 0.0


def test_reciprocal_rank_and_precision_count_grade_two_and_better():
    assert reciprocal_rank([1, 0, 2]) == pytest.approx(1 / 3)
    assert reciprocal_rank([1, 1]) == 0.0
    assert precision([3, 2, 1, 0, 0, 3]) == 0.4


def test_equal_scores_put_the_lower_grade_first():
    assert against(np.array([1.0, 2.0, 2.0]), np.array([3, 3, 0])).tolist() == [0, 3, 3]


def test_the_expected_figure_is_the_mean_over_all_orders_of_a_tie():
    scores, grades = np.array([5.0, 5.0]), np.array([3, 0])
    assert expected_ndcg(scores, grades) == pytest.approx((1 + SECOND) / 2)
    assert expected_ndcg(np.array([2.0, 1.0]), grades) == 1.0
    assert expected_ndcg(np.array([1.0, 2.0]), grades) == pytest.approx(SECOND)


def test_an_interval_is_around_the_mean_and_has_no_width_where_all_needs_agree():
    same = interval(np.array([0.5, 0.5, 0.5]))
    assert (same.mean, same.low, same.high) == (0.5, 0.5, 0.5)
    apart = interval(np.arange(40) / 40)
    assert apart.mean == 0.4875
    assert apart.low < apart.mean < apart.high
    weighed = interval(np.array([1.0, 2.0]), sizes=np.array([1.0, 5.0]))
    assert weighed.mean == 0.5


def test_needs_of_one_title_share_their_fold():
    titles = [f"title {number % 7}" for number in range(50)]
    folds = folds_of(titles, 3, seed=1)
    assert all(len(set(folds[number::7])) == 1 for number in range(7))
    assert set(folds) == {0, 1, 2}


# --- the engine without its parts --------------------------------------------------------------------------------


def test_a_part_that_alone_finds_the_output_is_missed():
    judged = {"破络": [("化学镀镍废水", 3), ("古琴音色", 0), ("轴承钢偏析", 0)]}
    texts = Texts(collection(judged, bodies={"破络": "化学镀镍废水中的镍"}))
    ablation, whole = ablate(texts, DEFAULT, lambda _step: None)
    rows = {row.name: row for row in ablation.rows}
    assert (ablation.ndcg, ablation.recall) == (1.0, 1.0)
    without = rows["without the need's content"]
    assert without.ndcg < 0.5
    assert without.gain.mean == pytest.approx(1 - without.ndcg, abs=1e-4)
    assert without.recall == 0.0
    assert rows["without fuzzy titles"].gain.mean == 0.0
    assert whole.content[0, 0] > 0 == whole.lead[0, 0]


def test_generic_words_weigh_less_when_learnt_from_needs():
    judged = {f"关键技术{subject}": [(f"{subject}装置", 3)] for subject in ("偏析", "破络", "除冰")}
    texts = Texts(collection(judged))
    generic, specific = (
        texts.segment(DEFAULT)[1].telling(texts.needs[0].terms.ids),
        texts.segment(DEFAULT, generic_words=False)[1].telling(texts.needs[0].terms.ids),
    )
    lost = dict(zip(texts.needs[0].terms.ids.tolist(), (generic / specific).tolist(), strict=True))
    assert lost[number_of("关")] < lost[number_of("偏")]


# --- weights from other needs ---------------------------------------------------------------------------------------


def test_learning_moves_points_towards_the_part_that_orders_the_pairs_and_hold_keeps_them():
    pairs = Pairs.of(collection({f"需求{number}": [("甲", 3), ("乙", 0)] for number in range(6)}))
    first = pairs.grades == 3
    values = np.column_stack([np.where(first, 0.9, 0.1), np.where(first, 0.1, 0.9), np.zeros(len(pairs))])
    needs = np.arange(6)
    title, content, fuzzy = learned.fit(pairs, values, needs, DEFAULT, hold=1.0)
    assert title > DEFAULT.points["title"]
    assert 0 <= content < DEFAULT.points["content"]
    assert fuzzy == pytest.approx(DEFAULT.points["fuzzy"], abs=1e-3)
    firm = learned.fit(pairs, values, needs, DEFAULT, hold=100.0)
    assert DEFAULT.points["title"] < firm[0] < title
    shipped = learned.fit(pairs, values, needs, DEFAULT, hold=math.inf)
    assert shipped == pytest.approx([DEFAULT.points[part] for part in ("title", "content", "fuzzy")])


def test_figures_of_learnt_weights_are_those_of_needs_the_fit_did_not_see(monkeypatch: pytest.MonkeyPatch):
    texts = Texts(collection({f"第{number}种需求": [("甲", 3), ("乙", 0)] for number in range(20)}))
    seen: list[set[int]] = []

    def watched(pairs: Pairs, values: object, needs: Sequence[int], *rest: object) -> np.ndarray:
        seen.append(set(map(int, needs)))
        return np.ones(3)

    monkeypatch.setattr(learned, "fit", watched)
    nothing = np.zeros(20)
    learned.learn(
        texts,
        Similarities.of(texts),
        DEFAULT,
        shipped=nothing,
        simple=("random", nothing),
        progress=lambda _step: None,
    )
    each_fold = len(seen) // learned.OUTER
    outer = [seen[number * each_fold + each_fold - 1] for number in range(learned.OUTER)]
    hidden = [set(range(20)) - trained for trained in outer]
    assert sorted(need for fold in hidden for need in fold) == list(range(20))
    assert all(
        not fold & trained
        for number, fold in enumerate(hidden)
        for trained in seen[number * each_fold : (number + 1) * each_fold]
    )


# --- why needs are ranked badly -----------------------------------------------------------------------------------


def reasons_of(title: str, *pairs: tuple[str, int], **options: int) -> set[str]:
    texts = Texts(collection({title: pairs}, **options))
    scores = Similarities.of(texts).scores(texts, DEFAULT)
    return set(diagnosis.diagnose(texts, scores, DEFAULT).worst[0].reasons)


def test_a_related_output_without_text_is_said_to_be_empty():
    assert reasons_of("电镀废水破络", ("", 3), ("电镀废水", 0)) >= {"few_relevant", "empty_titles"}


def test_a_related_output_in_other_words_is_said_to_share_nothing():
    found = reasons_of("电镀废水破络", ("离子交换树脂", 3), ("电镀废水", 0))
    assert {"nothing_shared", "no_rare_term"} <= found
    assert "only_characters" not in found


def test_a_related_output_that_shares_characters_only_is_said_so():
    found = reasons_of("储热", ("热库", 3), ("储热装置", 0))
    assert {"only_characters", "no_rare_term"} <= found
    assert "nothing_shared" not in found


def test_unrelated_outputs_with_the_most_telling_term_are_named():
    wrong = [(f"电镀废水破络{letter}", 1) for letter in "甲乙丙丁戊己庚辛壬癸"]
    found = reasons_of("电镀废水破络", ("废水", 3), ("废气", 3), ("废料", 3), *wrong, fill=13)
    assert {"outranked_by_same_term", "weak_ones_first", "weak_ones_say_more", "best_not_first"} <= found
    assert "few_relevant" not in found


def test_one_title_judged_both_ways_is_named():
    assert "twins_contradict" in reasons_of("破络", ("破络剂", 3), ("破络剂", 0))
    assert "twins_contradict" not in reasons_of("破络", ("镀液", 3), ("破络剂", 0), ("破络剂", 1))


def test_needs_ranked_perfectly_are_not_among_the_worst():
    texts = Texts(collection({"破络": [("破络剂", 3)], "除冰": [("叶片", 3), ("除冰", 0)]}))
    found = diagnosis.diagnose(texts, Similarities.of(texts).scores(texts, DEFAULT), DEFAULT)
    assert [row.title for row in found.worst] == ["除冰"]
    assert found.needs == 2


# --- how well people agree ----------------------------------------------------------------------------------------


def test_agreement_counts_every_two_judgements_of_one_title():
    texts = Texts(collection({"破络": [("破络剂", 3), ("破络剂", 3), ("破络剂", 1), ("镀液", 2), ("", 0)]}))
    found = ceiling(texts, np.zeros(10))
    same = 1 + 10  # of the three; of the five about nothing
    assert found.twins == 3 + 10
    assert found.same == pytest.approx(same / 13, abs=1e-4)
    assert found.same_side == pytest.approx(same / 13, abs=1e-4)
    assert found.needs == 1  # eight of the ten have a twin


def test_titles_without_text_are_no_twins():
    texts = Texts(collection({"破络": [*[("", 3)] * 10]}))
    found = ceiling(texts, np.zeros(10))
    assert (found.twins, found.human) == (0, None)


def test_one_more_human_ranks_by_what_was_said_of_the_twins():
    # Four titles judged twice: the twins agree on all but the best, which somebody else found unrelated.
    judged = [("甲", 3), ("甲", 0), ("乙", 1), ("乙", 1), ("丙", 0), ("丙", 0), ("丁", 0), ("丁", 0)]
    texts = Texts(collection({"破络": [*judged, ("", 0), ("", 0)]}))
    found = ceiling(texts, np.arange(10.0, 0.0, -1))
    assert found.needs == 1
    gains = [7.0, 1.0, 1.0, 0, 0, 0, 0, 0]
    best = sum(gain / math.log2(place + 2) for place, gain in enumerate(gains))
    # said of the others: 0 of the 3 and 7 of the 0, so the order is 0 · 1 1 · then 3 0 0 0 0 in any order
    discounts = [1 / math.log2(place + 2) for place in range(8)]
    expected = (discounts[1] + discounts[2] + 7 * sum(discounts[3:]) / 5) / best
    assert found.human is not None
    assert found.human.expected == pytest.approx(expected, abs=1e-4)
    assert found.human.against < found.human.expected < found.human.best
    assert found.engine_there is not None
    assert found.engine_there.expected == pytest.approx(ndcg([3, 0, 1, 1, 0, 0, 0, 0]), abs=1e-4)
    assert found.human_gain is not None
    assert found.human_gain.mean == pytest.approx(found.human.expected - found.engine_there.expected, abs=1e-3)
    assert found.texts_known.against == pytest.approx(ndcg([0, 3, 1, 1, 0, 0, 0, 0]), abs=1e-4)


# --- probabilities ------------------------------------------------------------------------------------------------


def test_many_probabilities_are_those_of_one_at_a_time():
    scores = np.array([-1.0, 0.0, 12.5, 84.0])
    assert probabilities(scores).tolist() == pytest.approx([probability(score) for score in scores])


def probability(score: float) -> float:
    share = max(score - DEFAULT.zero_score, 0.0) / DEFAULT.full_score
    odds = DEFAULT.odds_slope * math.log(share + DEFAULT.odds_shift) + DEFAULT.odds_offset
    return 1 / (1 + math.exp(-odds))


def test_a_fit_finds_the_numbers_outcomes_were_drawn_with():
    draws = np.random.default_rng(7)
    scores = draws.uniform(0, 80, 60_000)
    found = fitted(scores, draws.random(60_000) < probabilities(scores))
    assert found.odds_slope == pytest.approx(DEFAULT.odds_slope, abs=0.05)
    assert found.odds_offset == pytest.approx(DEFAULT.odds_offset, abs=0.05)
    assert (found.odds_shift, found.points) == (DEFAULT.odds_shift, DEFAULT.points)


def test_a_fit_says_the_base_rate_on_average_and_bears_pairs_a_score_separates():
    scores, related = np.array([5.0, 10.0, 40.0, 60.0]), np.array([False, False, True, True])
    found = fitted(scores, related)
    assert math.isfinite(found.odds_slope)
    assert probabilities(scores, found).mean() == pytest.approx(0.5, abs=0.01)
    none = fitted(scores, np.zeros(4, bool))
    assert probabilities(scores, none).max() < 0.2


def judged_pairs(needs: int, each: int) -> Pairs:
    return Pairs.of(collection({f"需求第{number}": [("甲", 3)] for number in range(needs)}, fill=each))


def with_outcomes(pairs: Pairs, scores: np.ndarray, seed: int) -> Pairs:
    happened = np.random.default_rng(seed).random(len(pairs)) < probabilities(scores)
    return Pairs(pairs.needs, pairs.titles, pairs.counted, pairs.spans, pairs.outputs, happened * 2)


def test_true_probabilities_beat_the_base_rate_and_their_bins_are_close():
    pairs = judged_pairs(100, 40)
    scores = np.random.default_rng(3).uniform(0, 84, len(pairs))
    found = reliability.reliability(with_outcomes(pairs, scores, seed=4), scores, DEFAULT)
    assert (found.needs, found.pairs) == (100, 4000)
    for held in (found.unseen, found.shipped):
        assert held.brier_gain.low > 0
        assert held.log_loss_gain.low > 0
        assert held.worst is not None
        assert held.worst < 0.08
        assert sum(one.pairs for one in held.bins) == sum(one.pairs for one in held.widths) == 4000
        assert all(one.pairs >= 200 and one.needs >= 20 for one in (*held.bins, *held.widths))
    assert sum(row.pairs for row in found.grades) == 4000


def test_scores_that_say_nothing_do_not_beat_the_base_rate():
    pairs = judged_pairs(100, 40)
    truth = np.random.default_rng(3).uniform(0, 84, len(pairs))
    noise = np.random.default_rng(5).uniform(0, 84, len(pairs))
    found = reliability.reliability(with_outcomes(pairs, truth, seed=4), noise, DEFAULT)
    assert found.unseen.brier_gain.low <= 0
    assert found.shipped.brier_gain.high < 0


def test_the_base_rate_loss_is_computed_by_hand():
    pairs = judged_pairs(2, 10)  # one of ten related in each
    found = reliability.reliability(pairs, np.zeros(20), DEFAULT)
    said = probability(0.0)
    assert found.base_rate == 0.1
    assert found.shipped.brier == pytest.approx(0.1 * (1 - said) ** 2 + 0.9 * said**2, abs=1e-4)
    assert found.shipped.brier_gain.mean == pytest.approx(0.09 - found.shipped.brier, abs=1e-4)
    assert found.shipped.worst is None  # no bin has enough pairs
    assert (found.grades[0].grade, found.grades[0].pairs) == ("none", 20)

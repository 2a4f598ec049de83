"""Near-duplicates are exactly those a comparison of all pairs finds, and few pairs are compared."""

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matching.engine.duplicates import jaccard, near_duplicates

# Few terms and small documents: many pairs lie just above and just below the threshold.
DOCUMENTS = st.lists(st.sets(st.integers(0, 14), max_size=12), max_size=14)
THRESHOLDS = st.sampled_from([0.3, 0.5, 2 / 3, 0.75, 0.8, 0.9, 1.0])


def as_ids(documents: list[set[int]]) -> list[np.ndarray]:
    return [np.array(sorted(terms), dtype=np.uint64) for terms in documents]


def by_brute_force(documents: list[set[int]], threshold: float) -> dict[tuple[int, int], float]:
    pairs = {}
    for (i, one), (j, other) in combinations(enumerate(documents), 2):
        # counted in whole numbers: 4 of 6 is two thirds, whatever a division makes of it
        if one and other and len(one & other) >= threshold * len(one | other) - 1e-9:
            pairs[i, j] = len(one & other) / len(one | other)
    return pairs


def found(
    documents: list[set[int]], threshold: float, changed: list[bool] | None = None
) -> dict[tuple[int, int], float]:
    result = near_duplicates(as_ids(documents), threshold, changed=changed)
    pairs = zip(result.first.tolist(), result.second.tolist(), strict=True)
    return dict(zip(pairs, result.similarity.tolist(), strict=True))


@settings(deadline=None)
@given(DOCUMENTS, THRESHOLDS)
def test_the_same_pairs_are_found_as_by_comparing_all(documents: list[set[int]], threshold: float) -> None:
    assert found(documents, threshold) == by_brute_force(documents, threshold)


@settings(deadline=None)
@given(DOCUMENTS, THRESHOLDS, st.data())
def test_of_changed_documents_all_pairs_are_found_and_no_others(
    documents: list[set[int]], threshold: float, data: st.DataObject
) -> None:
    changed = data.draw(st.lists(st.booleans(), min_size=len(documents), max_size=len(documents)))
    wanted = {
        pair: similarity
        for pair, similarity in by_brute_force(documents, threshold).items()
        if changed[pair[0]] or changed[pair[1]]
    }
    assert found(documents, threshold, changed) == wanted


def test_few_pairs_are_compared() -> None:
    dice = np.random.default_rng(7)
    documents = [np.unique(dice.zipf(1.3, 120).astype(np.uint64) % 5000) for _ in range(400)]
    documents += [ids[:-2] for ids in documents[:30]]
    result = near_duplicates(documents, 0.8)
    assert {(place, 400 + place) for place in range(30)} <= set(
        zip(result.first.tolist(), result.second.tolist(), strict=True)
    )
    assert result.compared < 430 * 429 / 2 / 20


def test_more_pairs_than_fit_at_first_are_all_kept() -> None:
    result = near_duplicates([np.arange(5, dtype=np.uint64)] * 60)
    assert len(result.first) == 60 * 59 / 2
    assert set(result.similarity.tolist()) == {1.0}


@pytest.mark.parametrize("threshold", [0.0, -1.0, 1.1])
def test_a_threshold_is_a_share(threshold: float) -> None:
    with pytest.raises(ValueError, match="threshold"):
        near_duplicates([], threshold)


def test_the_similarity_of_two_documents_is_the_share_of_terms_in_common() -> None:
    assert jaccard(np.array([1, 2, 3]), np.array([2, 3, 4])) == 0.5
    assert jaccard(np.array([]), np.array([])) == 0.0

"""Retrieval is exact, follows every change at once, and gives a pair the same similarity from either side."""

from collections.abc import Iterable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from matching.engine.documents import Document, fingerprint, tokens_of
from matching.engine.index import Found, Gathered, Index, of_outputs, overlap
from matching.engine.terms import Terms, number_of
from matching.engine.vectors import Query, query_of_need, query_of_solution

TEXTS = {
    "steel": ("轴承钢大方坯连铸轻压下", "凝固末端压下与中心偏析控制"),
    "battery": ("锂离子电池低温电解液", "抑制析锂的宽温域电解液"),
    "water": ("电镀废水络合镍去除", "电化学氧化破络与电沉积"),
    "blade": ("风机叶片电热除冰", "碳纤维加热层与覆冰检测"),
}
LETTERS = "轴承钢大方坯连铸轻压下锂离子电池低温电解液风机叶片除冰"


def terms(title: str, body: str = "", *keywords: str) -> Terms:
    return tokens_of(Document(key="", title=title, keywords=keywords, body=body)).terms()


def catalogue(**more: tuple[str, str]) -> dict[str, Terms]:
    return {key: terms(*text) for key, text in {**TEXTS, **more}.items()}


def nearest(index: Index, need: Terms, limit: int) -> list[Found]:
    return list(index.nearest(query_of_need(need, index.statistics), limit))


def keys(found: Iterable[Found]) -> list[str]:
    return [one.key for one in found]


def test_the_document_about_the_same_thing_comes_first():
    index = Index.build(catalogue().items())
    assert nearest(index, terms("冬季电池析锂，求低温电解液"), 2)[0].key == "battery"


@given(
    outputs=st.dictionaries(st.sampled_from("abcdefghijklmnop"), st.text(LETTERS, max_size=12), max_size=12),
    title=st.text(LETTERS, max_size=10),
    body=st.text(LETTERS, max_size=20),
    limit=st.integers(1, 15),
)
def test_what_the_index_finds_is_what_comparing_with_every_document_finds(outputs, title, body, limit):
    documents = {key: terms(text) for key, text in outputs.items()}
    index = Index.build(documents.items())
    query = query_of_need(terms(title, body), index.statistics)
    pairs = {key: overlap(query, query_of_solution(document, index.statistics)) for key, document in documents.items()}
    best = sorted((key for key in pairs if pairs[key].similarity > 0), key=lambda key: (-pairs[key].similarity, key))
    found = index.nearest(query, limit)
    assert [one.similarity for one in found] == pytest.approx([pairs[key].similarity for key in best[:limit]], abs=1e-6)
    for one in found:
        pair = pairs[one.key]
        assert (one.lead, one.content) == pytest.approx((pair.lead, pair.content), abs=1e-6)
        assert one.shared == pytest.approx(pair.shared, abs=1e-6)


def test_the_similarity_is_the_mixture_of_what_the_need_is_called_and_what_it_says():
    index = Index.build(catalogue().items())
    need = query_of_need(terms("连铸方坯中心偏析", "压下位置靠经验", "轴承钢"), index.statistics)
    for one in index.nearest(need, 10):
        share = index.weights.lead
        assert one.similarity == pytest.approx(share * one.lead + (1 - share) * one.content, abs=1e-6)


@pytest.mark.parametrize("text", [("轴承钢连铸偏析",), ("", "轴承钢连铸偏析")])
def test_a_need_with_a_title_only_or_a_body_only_is_asked_with_it_twice(text):
    index = Index.build(catalogue().items())
    [best, *_] = nearest(index, terms(*text), 5)
    assert best.key == "steel"
    assert best.lead == pytest.approx(best.content)


def test_a_document_is_most_similar_to_itself():
    index = Index.build(catalogue().items())
    for key, text in catalogue().items():
        [best] = nearest(index, text, 1)
        assert (best.key, best.similarity > 0.4) == (key, True)


def test_nothing_shared_is_nothing_found():
    assert nearest(Index.build(catalogue().items()), terms("古琴"), 5) == []


def test_the_limit_keeps_the_best():
    index = Index.build(catalogue(twin=TEXTS["steel"]).items())
    need = terms("轴承钢连铸轻压下与电池")
    assert keys(nearest(index, need, 2)) == keys(nearest(index, need, 10))[:2]


def test_ties_are_ordered_by_key():
    index = Index.build(catalogue(a=TEXTS["steel"], z=TEXTS["steel"]).items())
    assert keys(nearest(index, terms("轴承钢连铸"), 3)) == ["a", "steel", "z"]


@pytest.mark.parametrize("size", [0, 1, 2])
def test_small_collections_behave(size):
    index = Index.build(list(catalogue().items())[:size])
    found = nearest(index, terms("轴承钢连铸与锂离子电池"), 10)
    assert len(index) == len(found) == size


def test_documents_without_a_word_are_held_and_never_found():
    index = Index.build([("empty", terms("")), ("spaces", terms(" ", "\n"))])
    assert len(index) == 2
    assert nearest(index, terms("轴承钢"), 5) == []
    assert nearest(index, terms(""), 5) == []


def test_an_added_document_is_found_at_once():
    index = Index.build(catalogue().items())
    index.upsert("new", terms("中药口服液膜堵塞"))
    assert "new" in index
    assert nearest(index, terms("口服液膜污染"), 5)[0].key == "new"


def test_a_changed_document_is_found_by_its_new_text_only():
    index = Index.build(catalogue().items())
    index.upsert("steel", terms("中药口服液膜堵塞"))
    assert len(index) == len(TEXTS)
    assert "steel" not in keys(nearest(index, terms("轴承钢连铸偏析"), 5))
    assert nearest(index, terms("口服液"), 5)[0].key == "steel"


@pytest.mark.parametrize("was_changed", [False, True])
def test_a_removed_document_is_gone_and_leaves_room_for_the_next(was_changed):
    index = Index.build(catalogue(twin=TEXTS["steel"]).items())
    if was_changed:
        index.upsert("steel", terms("轴承钢连铸"))
        assert nearest(index, terms("轴承钢连铸"), 1)[0].key == "steel"
    index.remove("steel")
    assert "steel" not in index
    assert keys(nearest(index, terms("轴承钢连铸"), 1)) == ["twin"]


def test_an_index_grown_one_by_one_equals_one_built_at_once():
    """With the same statistics: those belong to a snapshot, and what comes later does not change them."""
    many = {f"k{i}": terms(f"{a[0][:6]}{b[1][:5]}") for i, (a, b) in enumerate(_pairs() * 10)}
    built = Index.build(many.items())
    grown = Index(built.statistics)
    for key, text in many.items():
        grown.upsert(key, text)
    need = terms("轴承钢连铸与叶片除冰")
    assert [(one.key, one.similarity) for one in nearest(grown, need, 200)] == [
        (one.key, pytest.approx(one.similarity)) for one in nearest(built, need, 200)
    ]


def test_pairs_have_the_same_similarities_from_either_side():
    outputs = Index.build(catalogue().items())
    statistics = outputs.statistics
    need = terms("冬季电池析锂，求低温电解液", "负极析锂，容量衰减")
    needs = Index.build([("need", need), ("other", terms("古琴音色"))], statistics=statistics, of_needs=True)
    forward = next(one for one in nearest(outputs, need, 5) if one.key == "battery")
    [backward] = needs.nearest(query_of_solution(terms(*TEXTS["battery"]), statistics), 5)
    assert backward.key == "need"
    assert (forward.similarity, forward.lead, forward.content) == pytest.approx(
        (backward.similarity, backward.lead, backward.content), abs=1e-6
    )


def test_words_that_every_need_says_count_less():
    outputs = Gathered.of([terms("轴承钢技术研发"), terms("除冰研发"), terms("电解液研发")])
    names = np.array([b"a", b"b", b"c"], dtype="S16")
    said_by_all = Gathered.of([terms(f"{word}攻关") for word in ("轴承钢", "除冰", "电解液", "古琴")])
    _segment, with_needs = of_outputs(names, outputs, said_by_all, version="x")
    generic, special = (np.array([number_of(token)], dtype=np.uint64) for token in ("#攻关", "#古琴"))
    assert with_needs.telling(generic)[0] < with_needs.telling(special)[0]


def test_stored_terms_come_back_the_same():
    text = terms("轴承钢", "连铸", "偏析")
    back = Terms.unpack(text.pack())
    assert (back.ids == text.ids).all()
    assert (back.counts == text.counts).all()


def test_words_bigrams_and_characters_never_meet():
    assert len({number_of(token) for token in ("钢材", "#钢材", "钢", "材")}) == 4


def test_a_key_too_long_for_the_index_is_refused():
    with pytest.raises(ValueError, match="longer than 16"):
        Index.build([("k" * 17, terms("轴承钢"))])


def test_a_query_without_terms_finds_nothing():
    index = Index.build(catalogue().items())
    nothing = np.zeros(0, np.float32)
    assert len(index.nearest(Query(np.zeros(0, np.uint64), nothing, nothing, nothing), 5)) == 0


def test_what_was_tried_adds_no_tokens_but_changes_the_fingerprint():
    plain = Document(key="n", title="除冰", body="叶片覆冰")
    tried = Document(key="n", title="除冰", body="叶片覆冰", excluded="试过喷涂防冰涂料")
    assert tokens_of(plain) == tokens_of(tried)
    assert fingerprint(plain) != fingerprint(tried)
    assert fingerprint(plain) == fingerprint(Document(key="n", title="除冰", body="叶片覆冰"))


def _pairs() -> list[tuple[tuple[str, str], tuple[str, str]]]:
    return [(a, b) for a in TEXTS.values() for b in TEXTS.values()]

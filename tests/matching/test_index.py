"""Retrieval is exact, follows every change at once, and gives a pair the same similarity from either side."""

import pytest

from matching.documents import Document, Tokens, fingerprint, tokens_of
from matching.index import Index, vector_of

TEXTS = {
    "steel": ("轴承钢大方坯连铸轻压下", "凝固末端压下与中心偏析控制"),
    "battery": ("锂离子电池低温电解液", "抑制析锂的宽温域电解液"),
    "water": ("电镀废水络合镍去除", "电化学氧化破络与电沉积"),
    "blade": ("风机叶片电热除冰", "碳纤维加热层与覆冰检测"),
}


def tokens(title: str, body: str = "", *keywords: str) -> Tokens:
    return tokens_of(Document(key="", title=title, keywords=keywords, body=body))


def catalogue(**more: tuple[str, str]) -> dict[str, Tokens]:
    return {key: tokens(*text) for key, text in {**TEXTS, **more}.items()}


def dot(first: dict[str, float], second: dict[str, float]) -> float:
    return sum(value * second.get(term, 0.0) for term, value in first.items())


def test_the_document_about_the_same_thing_comes_first():
    index = Index.build(catalogue().items())
    assert index.candidates(tokens("冬季电池析锂，求低温电解液"), 2)[0][0] == "battery"


def test_similarity_of_the_index_is_the_sum_over_shared_terms():
    index = Index.build(catalogue().items())
    need = tokens("连铸方坯中心偏析", "压下位置靠经验", "轴承钢")
    vector = vector_of(need, index.statistics)
    expected = {key: dot(vector, vector_of(other, index.statistics)) for key, other in catalogue().items()}
    found = dict(index.candidates(need, 10))
    assert found == pytest.approx({key: value for key, value in expected.items() if value}, abs=1e-6)


def test_a_document_is_most_similar_to_itself():
    index = Index.build(catalogue().items())
    for key, text in catalogue().items():
        (best, similarity), *_ = index.candidates(text, 1)
        assert (best, similarity > 0.4) == (key, True)


def test_nothing_shared_is_nothing_found():
    assert Index.build(catalogue().items()).candidates(tokens("古琴"), 5) == []


def test_the_limit_keeps_the_best():
    index = Index.build(catalogue(twin=TEXTS["steel"]).items())
    need = tokens("轴承钢连铸轻压下与电池")
    assert index.candidates(need, 2) == index.candidates(need, 10)[:2]


def test_ties_are_ordered_by_key():
    index = Index.build(catalogue(a=TEXTS["steel"], z=TEXTS["steel"]).items())
    assert [key for key, _ in index.candidates(tokens("轴承钢连铸"), 3)] == ["a", "steel", "z"]


@pytest.mark.parametrize("size", [0, 1, 2])
def test_small_collections_behave(size):
    index = Index.build(list(catalogue().items())[:size])
    found = index.candidates(tokens("轴承钢连铸与锂离子电池"), 10)
    assert len(index) == len(found) == size


def test_documents_without_a_word_are_held_and_never_found():
    index = Index.build([("empty", tokens("")), ("spaces", tokens(" ", "\n"))])
    assert len(index) == 2
    assert index.candidates(tokens("轴承钢"), 5) == []
    assert index.candidates(tokens(""), 5) == []


def test_an_added_document_is_found_at_once():
    index = Index.build(catalogue().items())
    index.upsert("new", tokens("中药口服液膜堵塞"))
    assert "new" in index
    assert index.candidates(tokens("口服液膜污染"), 5)[0][0] == "new"


def test_a_changed_document_is_found_by_its_new_text_only():
    index = Index.build(catalogue().items())
    index.upsert("steel", tokens("中药口服液膜堵塞"))
    assert len(index) == len(TEXTS)
    assert "steel" not in dict(index.candidates(tokens("轴承钢连铸偏析"), 5))
    assert index.candidates(tokens("口服液"), 5)[0][0] == "steel"


def test_a_removed_document_is_gone_and_leaves_room_for_the_next():
    index = Index.build(catalogue(twin=TEXTS["steel"]).items())
    index.remove("steel")
    assert "steel" not in index
    assert [key for key, _ in index.candidates(tokens("轴承钢连铸"), 1)] == ["twin"]


def test_an_index_grown_one_by_one_equals_one_built_at_once():
    many = {f"k{i}": tokens(f"{a[0][:6]}{b[1][:5]}") for i, (a, b) in enumerate(_pairs() * 10)}
    grown = Index()
    for key, text in many.items():
        grown.upsert(key, text)
    built = Index.build(many.items())
    need = tokens("轴承钢连铸与叶片除冰")
    assert grown.statistics == built.statistics
    assert dict(grown.candidates(need, 200)) == pytest.approx(dict(built.candidates(need, 200)))


def test_pairs_have_the_same_similarity_from_either_side():
    outputs = Index.build(catalogue().items())
    need = tokens("冬季电池析锂，求低温电解液")
    needs = Index.build([("need", need), ("other", tokens("古琴音色"))], statistics=outputs.statistics)
    forward = dict(outputs.candidates(need, 5))["battery"]
    backward = dict(needs.candidates(tokens(*TEXTS["battery"]), 5))["need"]
    assert forward == pytest.approx(backward, abs=1e-6)


def test_stored_tokens_come_back_the_same():
    text = tokens("轴承钢", "连铸", "偏析")
    assert Tokens.from_json(text.to_json()) == text


def test_what_was_tried_adds_no_tokens_but_changes_the_fingerprint():
    plain = Document(key="n", title="除冰", body="叶片覆冰")
    tried = Document(key="n", title="除冰", body="叶片覆冰", excluded="试过喷涂防冰涂料")
    assert tokens_of(plain) == tokens_of(tried)
    assert fingerprint(plain) != fingerprint(tried)
    assert fingerprint(plain) == fingerprint(Document(key="n", title="除冰", body="叶片覆冰"))


def _pairs() -> list[tuple[tuple[str, str], tuple[str, str]]]:
    return [(a, b) for a in TEXTS.values() for b in TEXTS.values()]

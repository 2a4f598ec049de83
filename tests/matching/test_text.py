"""Text becomes tokens the same way however it was typed, and can be marked where the terms stand."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matching.text import BIGRAM, MAX_CHARACTERS, count_tokens, mark, normalise, words


def test_full_width_typing_is_the_same_text():
    assert normalise("ＭＰａ　１５００—级") == "mpa 1500-级"


def test_control_and_invisible_characters_become_spaces():
    assert normalise("硬\x00度\u200b计\ufeff") == "硬 度 计 "


def test_a_megabyte_is_cut():
    assert len(normalise("钢" * 1_000_000)) == MAX_CHARACTERS


def test_technical_terms_of_our_dictionary_stay_whole():
    assert {"抗拉强度", "析锂", "凝固末端", "沸石转轮"} <= set(words("抗拉强度与析锂、凝固末端、沸石转轮"))


def test_model_numbers_stay_whole_and_are_found_by_their_parts():
    assert list(words("40crnimoa 与 lt-2100b")) == ["40crnimoa", "lt-2100b", "lt", "2100b"]


def test_short_numbers_and_filler_words_are_no_words():
    assert list(words("我们需要解决 15 个问题 304")) == ["304"]


def test_tokens_are_words_single_characters_and_marked_bigrams():
    tokens = count_tokens("轧辊轧辊")
    assert tokens["轧辊"] == 2
    assert tokens["轧"] == tokens["辊"] == 2
    assert (tokens[BIGRAM + "轧辊"], tokens[BIGRAM + "辊轧"]) == (2, 1)


def test_bigrams_do_not_reach_over_punctuation():
    assert BIGRAM + "度屈" not in count_tokens("强度，屈服")


def test_marking_finds_terms_as_their_author_typed_them():
    assert mark("采用ＧＣｒ１５轴承钢", ["gcr15", "轴承"]) == [
        ("采用", False),
        ("ＧＣｒ１５轴承", True),
        ("钢", False),
    ]


@pytest.mark.parametrize("terms", [[], ["没有"], [""]])
def test_marking_nothing_leaves_the_text_in_one_piece(terms):
    assert mark("轧辊", terms) == [("轧辊", False)]
    assert mark("", terms) == []


@given(text=st.text(max_size=80), terms=st.lists(st.text(max_size=4), max_size=4))
def test_the_marked_pieces_joined_are_the_text(text, terms):
    assert "".join(piece for piece, _ in mark(text, terms)) == text

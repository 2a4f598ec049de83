"""Text becomes tokens the same way however it was typed, and can be marked where the terms stand."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from hypothesis import given
from hypothesis import strategies as st

from matching.engine import text as text_module
from matching.engine.text import (
    BIGRAM,
    MAX_CHARACTERS,
    count_tokens,
    mark,
    normalise,
    reference,
    words,
)


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


# --- the compiled tokeniser and jieba --------------------------------------------------------------------------


def assert_cut_as_by_jieba(text: str) -> None:
    """Every run of Han characters that `words` hands on, before it chooses among what comes back."""
    for run in re.findall(text_module._RUNS, normalise(text)):
        if text_module._HAN.match(run):
            compiled = list(text_module._tokenizer().cut_for_search(run, False))
            assert compiled == list(reference().cut_for_search(run, HMM=False))


def texts_in(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, list | dict):
        for part in value.values() if isinstance(value, dict) else value:
            yield from texts_in(part)


@pytest.mark.slow
@pytest.mark.parametrize("path", sorted(Path(settings.BASE_DIR, "demo").glob("*.jsonl")), ids=lambda path: path.stem)
def test_every_text_of_the_demo_data_is_cut_as_by_jieba(path: Path) -> None:
    lines = path.read_text(encoding="utf-8").strip().split("\n")
    texts = {text for line in lines for text in texts_in(json.loads(line))}
    assert texts
    for text in texts:
        assert_cut_as_by_jieba(text)


@pytest.mark.slow
@pytest.mark.parametrize(
    "text",
    [
        "",
        " \n\t",
        "采用GCr15轴承钢与40CrNiMoA，硬度HRC58～62、转速≥7351r/min（25℃±2℃）",
        "ＧＣｒ１５轴承钢，Ａ级；Φ６０ｍｍ×２００ｍｍ，ⅢⅣ级",
        "3D打印TC4钛合金α+β相与5G通信、C++程序、Q345B钢板",
        "江南style与阿Q",  # words of jieba's that are not of Han characters alone
        "㐀㐁㐂技术㚻",  # extension A
        "𠀀𠀁𪚥轧辊𠮷野家𫝀",  # extension B to D: two units each in UTF-16
        "鿰鿱龦丄稼轩",  # beyond what jieba takes for Han
        "轧\ud800辊\udfff硬\u200b度\ufeff",  # halves of a pair, and what nobody sees
        "こんにちは漢字、한국어 기술 和中文",
        "如弟寻龙入少林",  # a near tie: it turns on the sum of all frequencies
        "钢" * MAX_CHARACTERS,
        "抗拉强度" * (MAX_CHARACTERS // 4 + 1),
        "研究生命起源的技术和服务" * 500,
        "a1" * MAX_CHARACTERS,
    ],
)
def test_awkward_texts_are_cut_as_by_jieba(text: str) -> None:
    assert_cut_as_by_jieba(text)


@pytest.fixture(scope="module")
def dictionary() -> list[str]:
    return sorted(word for word, frequency in reference().FREQ.items() if frequency)


@pytest.fixture(scope="module")
def characters(dictionary: list[str]) -> list[str]:
    return sorted(set("".join(dictionary)))


def places(most: int) -> st.SearchStrategy[list[int]]:
    """Numbers that stand for characters or words of the dictionary: a strategy over the list itself takes seconds."""
    return st.lists(st.integers(min_value=0, max_value=1_000_000), max_size=most)


@pytest.mark.slow
@given(drawn=places(60))
def test_random_characters_of_the_dictionary_are_cut_as_by_jieba(characters: list[str], drawn: list[int]) -> None:
    assert_cut_as_by_jieba("".join(characters[place % len(characters)] for place in drawn))


@pytest.mark.slow
@given(drawn=places(20))
def test_random_words_of_the_dictionary_are_cut_as_by_jieba(dictionary: list[str], drawn: list[int]) -> None:
    """Neighbours that share characters are where a cut may go either way."""
    assert_cut_as_by_jieba("".join(dictionary[place % len(dictionary)] for place in drawn))

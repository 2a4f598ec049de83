"""From raw text to tokens; what a token weighs is the index's business. Pure: no Django, no database."""

import logging
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator
from functools import cache
from itertools import pairwise
from pathlib import Path

import jieba
import rjieba

MAX_CHARACTERS = 20_000
"""Longer texts are cut here: what decides a match stands early, and a megabyte must not hold a worker."""

BIGRAM = "#"
"""First character of a bigram token; no word can begin with it."""

_DICTIONARY = Path(__file__).with_name("dictionary.txt")
_RUNS = re.compile(r"[\u3400-\u9fff\U00020000-\U0002ebef]+|[a-z0-9α-ω]+(?:[-_./+#][a-z0-9]+)*\+*")
_DASHES = re.compile(r"[\u2010-\u2015\u2212\ufe58\ufe63\uff0d]")
_UNSEEN = re.compile(  # control, format, surrogate and private-use characters
    r"[\x00-\x1f\x7f-\x9f\xad\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ud800-\udfff\ue000-\uf8ff]"
)
_HAN = re.compile(r"[\u3400-\u9fff\U00020000-\U0002ebef]")
MODEL = re.compile(r"(?=[a-z0-9.-]*\d)(?=[a-z0-9.-]*[a-z])[a-z0-9]+(?:[-.][a-z0-9]+)*")
"""A model number or grade in normalised text: letters and digits together, as in gcr15 or lt-2100b."""

_STOP_WORDS = frozenset(
    [
        "的",
        "了",
        "和",
        "与",
        "及",
        "或",
        "在",
        "对",
        "为",
        "是",
        "有",
        "等",
        "中",
        "其",
        "该",
        "将",
        "可",
        "能",
        "以",
        "于",
        "由",
        "从",
        "到",
        "并",
        "而",
        "不",
        "上",
        "下",
        "个",
        "种",
        "一种",
        "一",
        "我",
        "我们",
        "本",
        "进行",
        "通过",
        "采用",
        "具有",
        "实现",
        "以及",
        "如何",
        "目前",
        "主要",
        "可以",
        "能够",
        "需要",
        "希望",
        "解决",
        "问题",
        "技术",
        "研究",
        "开发",
        "研发",
        "项目",
        "公司",
        "企业",
        "应用",
        "使用",
        "方法",
        "及其",
        "用于",
        "基于",
        "相关",
        "方面",
        "情况",
        "要求",
        "需求",
        "达到",
        "提高",
        "以上",
        "以下",
        "存在",
        "由于",
        "因此",
        "同时",
        "现有",
    ]
)


def gettext_noop(message: str) -> str:
    """Mark a message for extraction; the page translates it and fills in its parameters."""
    return message


def normalise(text: str) -> str:
    """Full width to half width, lower case, one kind of dash, no control or format characters, capped in length."""
    text = unicodedata.normalize("NFKC", text[:MAX_CHARACTERS]).lower()
    return _UNSEEN.sub(" ", _DASHES.sub("-", text))


def words(text: str) -> Iterator[str]:
    """Words of normalised text: jieba's for Han characters; Latin words and model numbers whole and in parts."""
    for run in _RUNS.findall(text):
        if _HAN.match(run):
            yield from (word for word in _tokenizer().cut_for_search(run, False) if _is_word(word))
        elif _is_word(run):
            yield run
            yield from (part for part in re.split(r"[-_./+#]", run) if part != run and _is_word(part))


def characters(text: str) -> Iterator[str]:
    """Han characters one by one: they carry meaning across different words (储热, 蓄热, 热库)."""
    yield from _HAN.findall(text)


def bigrams(text: str) -> Iterator[str]:
    """Pairs of neighbouring Han characters, marked so that they never meet a word."""
    for run in _RUNS.findall(text):
        if _HAN.match(run):
            yield from (BIGRAM + run[i : i + 2] for i in range(len(run) - 1))


def count_tokens(text: str) -> dict[str, int]:
    """How often each word, character and bigram stands in the text."""
    text = normalise(text)
    counts = Counter(words(text))
    counts.update(characters(text))
    counts.update(bigrams(text))
    return dict(counts)


def surface(token: str) -> str:
    """The token as it stands in a (normalised) text."""
    return token.removeprefix(BIGRAM)


def mark(text: str, terms: Iterable[str]) -> list[tuple[str, bool]]:
    """Cut a text into (piece, is one of the terms), for highlighting; the pieces joined give the text back.

    Terms are normalised, the text is as its author wrote it, so each character is compared by its normal form.
    """
    wanted = [term for term in sorted(set(terms), key=len, reverse=True) if term]
    if not wanted or not text:
        return [(text, False)] if text else []
    folded, origin = [], []
    for position, character in enumerate(text):
        for part in _DASHES.sub("-", unicodedata.normalize("NFKC", character).lower()):
            folded.append(part)
            origin.append(position)
    hit = bytearray(len(text))
    for match in re.finditer("|".join(map(re.escape, wanted)), "".join(folded)):
        first, last = origin[match.start()], origin[match.end() - 1]
        hit[first : last + 1] = b"\1" * (last + 1 - first)
    starts = [0, *(i for i in range(1, len(text)) if hit[i] != hit[i - 1]), len(text)]
    return [(text[a:b], bool(hit[a])) for a, b in pairwise(starts)]


def _is_word(word: str) -> bool:
    """A word has two characters or more; short numbers say nothing without their unit."""
    if word in _STOP_WORDS:
        return False
    if word.isdigit():
        return len(word) >= 3
    return len(word) >= 2


@cache
def reference() -> jieba.Tokenizer:
    """jieba with our technical terms: the source of the dictionary, and what `_tokenizer` must agree with."""
    jieba.setLogLevel(logging.WARNING)
    tokenizer = jieba.Tokenizer()
    tokenizer.initialize()
    with _DICTIONARY.open(encoding="utf-8") as lines:
        tokenizer.load_userdict(lines)
    # jieba counts a word of ours that it knew as well twice over; how likely a word is follows from this sum
    tokenizer.total = sum(tokenizer.FREQ.values())
    return tokenizer


@cache
def _tokenizer() -> rjieba.Jieba:
    """The same words, cut by the compiled implementation; loaded once, when the first text comes.

    Equal to jieba without its hidden Markov model, sixteen times as fast (tests/matching/engine/test_text.py compares
    the two on the demo data's texts, on awkward ones and on random ones).
    Unknown words fall into single characters then, which is why words never stand without bigrams.
    """
    tokenizer = rjieba.Jieba.empty()
    for word, frequency in reference().FREQ.items():
        if frequency:  # 0 marks a beginning of words that is none itself
            tokenizer.add_word(word, frequency, "")
    return tokenizer

"""Which indicator of an output answers which indicator of a need, and whether it meets it. Pure."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import product
from math import inf, isclose
from typing import Literal

from rapidfuzz import fuzz

from matching.documents import Comparison, Indicator
from matching.text import normalise
from solutions.units import convert, same_dimension

Verdict = Literal["met", "unmet", "unknown"]

SIMILAR_NAME = 0.66
"""Least name similarity of two rows about the same property; see _name_similarity."""

_SYNONYMS = {
    "拉伸强度": "抗拉强度", "弯曲强度": "抗弯强度", "抗折强度": "抗弯强度", "压缩强度": "抗压强度", "断后伸长率": "伸长率",
    "断裂伸长率": "伸长率", "延伸率": "伸长率", "热导率": "导热系数", "导热率": "导热系数", "线膨胀系数": "热膨胀系数",
    "使用寿命": "寿命", "工作寿命": "寿命", "耐久性": "寿命", "循环次数": "寿命", "循环寿命": "寿命", "准确率": "精度",
    "准确度": "精度", "精确度": "精度", "误差": "精度", "良率": "合格率", "良品率": "合格率", "成品率": "合格率",
    "脱除率": "去除率", "移除率": "去除率", "降解率": "去除率", "截留率": "去除率", "产率": "收率", "得率": "收率",
    "噪音": "噪声", "电耗": "能耗", "吨水电耗": "吨水能耗", "回收率": "回收率", "光透过率": "透光率", "透过率": "透光率",
    "周期": "时间", "用时": "时间", "时长": "时间", "耗时": "时间", "粒度": "粒径", "黏度": "粘度", "节拍": "生产节拍",
}  # fmt: skip
_CONTRASTS = [
    ("抗拉", "抗压", "抗弯", "屈服", "剪切", "剥离"),
    ("最高", "最低"), ("最大", "最小"), ("上限", "下限"), ("进水", "出水"), ("入口", "出口"), ("进口", "出口"),
    ("充电", "放电"), ("高温", "低温"), ("横向", "纵向"), ("径向", "轴向"), ("静态", "动态"), ("正极", "负极"),
    ("内径", "外径"), ("长度", "宽度", "厚度"), ("输入", "输出"), ("空载", "满载"), ("升温", "降温"),
]  # fmt: skip
_BRACKETS = re.compile(r"\([^()]*\)")
_LATIN = re.compile(r"[a-z][a-z0-9]*")
_NOT_NAME = re.compile(r"[\s,;:、的/·_-]")


@dataclass(frozen=True, slots=True)
class Correspondence:
    """One row of the need and what answers it; value and value_max are the output's, in the need's unit."""

    need: Indicator
    solution: Indicator | None
    verdict: Verdict
    value: float | None = None
    value_max: float | None = None


def correspond(needs: Sequence[Indicator], solutions: Sequence[Indicator]) -> list[Correspondence]:
    """One row for each row of the need, in its order; a row of the output answers at most one."""
    pairs = [
        (similarity, i, j)
        for (i, need), (j, solution) in product(enumerate(needs), enumerate(solutions))
        if (similarity := _name_similarity(need.name, solution.name)) >= SIMILAR_NAME
        and same_dimension(need.unit, solution.unit)
    ]
    answer: dict[int, int] = {}
    for _, i, j in sorted(pairs, key=lambda pair: (-pair[0], pair[1], pair[2])):
        if i not in answer and j not in answer.values():
            answer[i] = j
    return [_judge(need, solutions[answer[i]] if i in answer else None) for i, need in enumerate(needs)]


def verdict_of(need: Indicator, comparison: Comparison, value: float, value_max: float | None) -> Verdict:
    """Does what the output guarantees (in the need's unit) meet the need?

    An output that states "≥ 500" guarantees 500 and no more, so it does not meet "≥ 600". Where what it guarantees
    leaves room for both answers, the answer is unknown.
    """
    low, high = _interval(comparison, value, value_max)
    least, most = _interval(need.comparison, need.value, need.value_max)
    if need.comparison == "ge" and comparison == "ge":
        return "met" if _at_most(least, low) else "unmet"
    if need.comparison == "le" and comparison == "le":
        return "met" if _at_most(high, most) else "unmet"
    if _at_most(least, low) and _at_most(high, most):
        return "met"
    if (
        need.comparison in ("range", "eq")
        and comparison == "range"
        and _at_most(low, least)
        and _at_most(most, high)
    ):
        return "met"  # a device that works from −40 to 85 ℃ works from −20 to 60 ℃
    if not (_at_most(least, high) and _at_most(low, most)):
        return "unmet"
    return "unknown"


def _judge(need: Indicator, solution: Indicator | None) -> Correspondence:
    if solution is None:
        return Correspondence(need, None, "unknown")
    value = convert(solution.value, solution.unit, need.unit)
    value_max = None if solution.value_max is None else convert(solution.value_max, solution.unit, need.unit)
    return Correspondence(
        need, solution, verdict_of(need, solution.comparison, value, value_max), value, value_max
    )


def _interval(comparison: Comparison, value: float, value_max: float | None) -> tuple[float, float]:
    if comparison == "ge":
        return value, inf
    if comparison == "le":
        return -inf, value
    return value, value if value_max is None else value_max


def _at_most(first: float, second: float) -> bool:
    """≤ that forgives the rounding of a unit conversion."""
    return first <= second or isclose(first, second, rel_tol=1e-6)


def _name_similarity(first: str, second: str) -> float:
    """0–1: one name inside the other is nearly the same name; opposed words or other symbols make it 0."""
    first, second = _plain_name(first), _plain_name(second)
    if not first or not second or _opposed(first, second):
        return 0.0
    if first == second:
        return 1.0
    shorter, longer = sorted((first, second), key=len)
    contained = 0.9 if len(shorter) >= 2 and longer.endswith(shorter) else 0.0
    return max(contained, fuzz.ratio(first, second) / 100)


@lru_cache(maxsize=8192)
def _plain_name(name: str) -> str:
    name = _NOT_NAME.sub("", _BRACKETS.sub("", normalise(name)))
    for written, meant in _SYNONYMS.items():
        name = name.replace(written, meant)
    return name


def _opposed(first: str, second: str) -> bool:
    for words in _CONTRASTS:
        in_first = {word for word in words if word in first}
        in_second = {word for word in words if word in second}
        if in_first and in_second and in_first.isdisjoint(in_second):
            return True
    symbols, others = set(_LATIN.findall(first)), set(_LATIN.findall(second))
    return bool(symbols and others and symbols.isdisjoint(others))

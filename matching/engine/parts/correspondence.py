"""Which indicator of an output answers which indicator of a need, and whether it meets it. Pure."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import product
from math import inf, isclose
from typing import Literal

from rapidfuzz import fuzz

from lib.units import convert, same_dimension
from matching.engine.documents import Comparison, Indicator
from matching.engine.text import normalise

Verdict = Literal["met", "unmet", "unknown"]

SIMILAR_NAME = 0.7
"""Least similarity of the names of two rows about one property; see _name_similarity."""

SIMILAR_ENOUGH_ALONE = 0.5
"""The same when no other row on either side has that dimension (then the unit speaks for the pair as well), and
the names share more than what is measured: 除冰时间 and 融冰时间, but not 响应时间 and 检测时间."""

_SAME = """
抗拉强度 = 拉伸强度 | 抗弯强度 = 弯曲强度 抗折强度 | 抗压强度 = 压缩强度 | 伸长率 = 断后伸长率 断裂伸长率 延伸率
导热系数 = 热导率 导热率 | 热膨胀系数 = 线膨胀系数 | 寿命 = 耐久性 循环次数 | 精度 = 准确率 准确度 精确度 误差 偏差
合格率 = 良率 良品率 成品率 | 去除率 = 脱除率 移除率 降解率 截留率 净化效率 | 收率 = 产率 得率 | 噪声 = 噪音
能耗 = 电耗 耗电量 | 水耗 = 耗水量 耗水 | 透光率 = 光透过率 透过率 透射比 | 时间 = 周期 用时 时长 耗时
粒径 = 粒度 | 粘度 = 黏度 | 水分 = 含水率 含水量 | 检出率 = 识别率 | 固色率 = 固着率 | 防效 = 防治效果
沾水等级 = 喷淋评分 | 水蒸气透过量 = 透湿量 | 成本 = 费用 | 残留 = 残余 残量 | 用量 = 投加量 添加量 掺量
产能 = 产量 处理能力 处理量 | 降幅 = 节约率 削减率 削减比例 降低率 下降率 | 增幅 = 增长率 提高率 提升率
最高 = 最大 极限 | 率 = 比例 占比
"""
_MEANT = {
    written: words.split("=")[0].strip()
    for words in _SAME.replace("\n", "|").split("|")
    if words
    for written in words.split("=")[1].split()
}
_OPPOSED_WORDS = """
抗拉 抗压 抗弯 屈服 剪切 剥离 | 硬度 强度 韧性 | 最高 最低 最小 | 上限 下限 | 长度 宽度 厚度 | 内径 外径 | 径向 轴向
横向 纵向 | 进水 出水 | 入口 出口 | 进口 出口 | 输入 输出 | 充电 放电 | 正极 负极 | 高温 低温 | 升温 降温 | 空载 满载
静态 动态 | 降幅 增幅 | 漏报 误报 | 漏检 误检 | 总氮 总磷 氨氮 | 脱硫 脱硝 脱氯 脱盐
"""
_OPPOSED = [words.split() for words in _OPPOSED_WORDS.strip().replace("\n", "|").split("|")]
_SPREAD_WORDS = ("精度", "波动", "均匀性", "稳定性", "分辨率")
"""How exact a thing is, is not the thing: 尺寸精度 and 尺寸, 温度波动 and 温度. Synonyms are 精度 by then."""
_NEGATED = re.compile("不合格|不良|漏[检报]|误[检报判剔]")
_FILLER = re.compile("工作|使用|运行|额定|工况|综合|整体|系统|单机|整机|单位")
_MEASURE = re.compile("时间|温度|寿命|压力|成本|厚度|效率|精度|次数|能耗|产能|[率量]")
_DIFFERENCE = re.compile("温升|温差|升温幅|降温幅|波动|均匀性|均温性|精度|误差|偏差|漂移|变化|稳定性|分辨率|不确定度")
"""Of a temperature these are differences: 5 ℃ of them are 5 K."""
_DEVIATION = re.compile("误差|偏差|不确定度")
_OF_MATERIAL = re.compile("粒径|粒度|孔径|晶粒|硬度|密度|含量|水分|粘度|纯度")
"""What a material simply has: a wider range of it does not cover a narrower one."""
_BRACKETS = re.compile(r"\([^()]*\)")
_SYMBOL = re.compile(r"[a-z0-9]+")
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
    comparable = [
        (i, j)
        for (i, need), (j, solution) in product(enumerate(needs), enumerate(solutions))
        if same_dimension(need.unit, solution.unit) and not _turned(need, solution)
    ]
    if not comparable:
        return [_judge(need, None) for need in needs]
    of_need, of_solution = Counter(i for i, _ in comparable), Counter(j for _, j in comparable)
    pairs = []
    for i, j in comparable:
        name, other = _plain_name(needs[i].name), _plain_name(solutions[j].name)
        alone = of_need[i] == of_solution[j] == 1 and set(_MEASURE.sub("", name)) & set(_MEASURE.sub("", other))
        similarity = _name_similarity(name, other)
        if similarity >= (SIMILAR_ENOUGH_ALONE if alone else SIMILAR_NAME):
            pairs.append((similarity, i, j))
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
    if need.comparison in ("range", "eq") and comparison == "range" and _at_most(low, least) and _at_most(most, high):
        # A device that works from −40 to 85 ℃ works from −20 to 60 ℃; a powder of 5 to 50 μm is not one of 10 to 20.
        return "unknown" if _OF_MATERIAL.search(_plain_name(need.name)) else "met"
    if not (_at_most(least, high) and _at_most(low, most)):
        return "unmet"
    return "unknown"


def _judge(need: Indicator, solution: Indicator | None) -> Correspondence:
    if solution is None:
        return Correspondence(need, None, "unknown")
    is_difference = bool(_DIFFERENCE.search(need.name))
    value, value_max = (
        None if written is None else convert(written, solution.unit, need.unit, is_difference=is_difference)
        for written in (solution.value, solution.value_max)
    )
    assert value is not None, "every row has a value"
    return Correspondence(need, solution, verdict_of(need, solution.comparison, value, value_max), value, value_max)


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
    """0–1 for plain names: one that ends with the other is nearly the same; opposed words or other symbols: 0."""
    if not first or not second or _opposed(first, second):
        return 0.0
    if first == second:
        return 1.0
    shorter, longer = sorted((first, second), key=len)
    contained = 0.9 if len(shorter) >= 2 and longer.endswith(shorter) else 0.0
    return max(contained, fuzz.ratio(first, second) / 100)


@lru_cache(maxsize=8192)
def _plain_name(name: str) -> str:
    """One spelling of a property's name, without remarks and words that do not tell properties apart."""
    name = _NOT_NAME.sub("", _BRACKETS.sub("", normalise(name)))
    for written, meant in _MEANT.items():
        name = name.replace(written, meant)
    return _FILLER.sub("", name) or name


def _turned(need: Indicator, solution: Indicator) -> bool:
    """误差 ≤ 1 % and 准确率 ≥ 99 %: one property counted from opposite ends, whose numbers cannot be compared."""
    ends = {need.comparison, solution.comparison}
    return ends == {"ge", "le"} and bool(_DEVIATION.search(need.name)) != bool(_DEVIATION.search(solution.name))


def _opposed(first: str, second: str) -> bool:
    """Names that look alike and mean different things: 充电 and 放电, 合格率 and 不合格率, D50 and D90."""
    for words in _OPPOSED:
        in_first = {word for word in words if word in first}
        in_second = {word for word in words if word in second}
        if in_first and in_second and in_first.isdisjoint(in_second):
            return True
    if bool(_NEGATED.search(first)) != bool(_NEGATED.search(second)):
        return True
    if any((word in first) != (word in second) for word in _SPREAD_WORDS):
        return True
    symbols, others = set(_SYMBOL.findall(first)), set(_SYMBOL.findall(second))
    return bool(symbols and others and symbols.isdisjoint(others))

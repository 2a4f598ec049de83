"""How matching works, said from the engine's own numbers: a part without words here fails the page and its test."""

from dataclasses import dataclass
from decimal import Decimal

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from matching.engine.calibration import least_score
from matching.engine.parts.conditions import COMPATIBLE_MODES
from matching.engine.weights import (
    DEFAULT,
    ENGINE_VERSION,
    PARTS,
    TEXT_PARTS,
    Weights,
)
from matching.learning import actions as weightings
from matching.matches.explain import (
    PART_LABELS,
    POLICY_PARTS,
    need_texts,
    text_fields,
)
from matching.models import Grade
from needs.models import CooperationMode, Need
from solutions.kinds import KINDS
from solutions.models import TransferMode

# What each part of the score compares; the points stand beside it, read from the weights.
WORDS: dict[str, Promise] = {
    "title": _("需求的名称和关键词与成果共有的词语。越少见的词分量越重；每项需求都说的词（如“研发”“产业化”）分量轻。"),
    "content": _("需求的正文与成果共有的词语，算法相同；同一个词反复出现不会反复加分。"),
    "fuzzy": _("名称、关键词和型号逐字比较，容许错别字和不同写法。"),
    "indicators": _(
        "逐行比较指标并换算单位。满足加分，不满足扣分，成果没有给出的不加不扣；必达指标的分量是期望指标的两倍。"
    ),
    "maturity": _("成果的成熟度（TRL）是否达到需求的最低要求；不够则扣分，差得越多扣得越多。"),
    "cooperation": _("需求可接受的合作方式与成果的转化方式是否相容；不相容扣分。对应关系见下表。"),
    "budget": _("成果价格是否在需求的预算以内；超出扣分，任何一方为面议则不加不扣。"),
    "region": _("只在需求方打开“同等条件下优先本地”时计算：同一城市加满，同一省份加一半，外地不扣分。"),
}
# Parts that take points away when they clearly do not fit (tests ask the scoring itself).
CAN_COST = frozenset({"indicators", "maturity", "cooperation", "budget"})


@dataclass(frozen=True, slots=True)
class PartRow:
    label: Promise
    words: Promise
    most: Decimal
    least: Decimal
    is_policy: bool


@dataclass(frozen=True, slots=True)
class GradeRow:
    """A grade with the least score, in points, and the share of judged pairs with it that people found related."""

    grade: str
    least: float
    percent: int


def parts(weights: Weights = DEFAULT) -> list[PartRow]:
    most = {name: Decimal(str(points)) for name, points in zip(PARTS, weights.points, strict=True)}
    return [
        PartRow(
            label=label,
            words=WORDS[name],
            most=most[name],
            least=-most[name] if name in CAN_COST else Decimal(0),
            is_policy=name in POLICY_PARTS,
        )
        for name, label in PART_LABELS.items()
    ]


def grades(weights: Weights = DEFAULT) -> list[GradeRow]:
    return [
        GradeRow(grade.value, least_score(grade.value, weights), round(100 * getattr(weights, grade.value)))
        for grade in Grade
    ]


def modes() -> list[tuple[str, list[str]]]:
    """Cooperation mode of a need → transfer modes that serve it, in words."""
    return [
        (str(CooperationMode(mode).label), sorted(str(TransferMode(served).label) for served in transfer))
        for mode, transfer in COMPATIBLE_MODES.items()
    ]


def fields_read() -> dict[str, list[str]]:
    """Names of the text fields the engine compares, from the function that shows them beside each other."""
    need = Need(title="-", keywords=["-"], technical_field="-", background="-", difficulty="-", benchmark="-")
    return {
        "need": [text.label for text in need_texts(need, [])],
        "solution": list(
            dict.fromkeys(str(field.label) for kind in KINDS if kind.is_matched for field in text_fields(kind.fields))
        ),
    }


def context() -> dict[str, object]:
    """Everything the page says in numbers."""
    weights, _label = weightings.active()
    rows = parts(weights)
    return {
        "parts": rows,
        "total": sum(row.most for row in rows),
        "grades": grades(weights),
        "floor": weights.relevance_floor,
        "relevance_labels": [PART_LABELS[name] for name in TEXT_PARTS],
        "modes": modes(),
        "fields": fields_read(),
        "engine": ENGINE_VERSION,
    }

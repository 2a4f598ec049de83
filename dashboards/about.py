"""How matching works, said from the engine's own numbers and its table of parts."""

from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import gettext as _

from lib.fields import text_fields
from matching.engine.calibration import least_score
from matching.engine.parts.cooperation import COMPATIBLE_MODES
from matching.engine.parts.table import PARTS, relevance_floor, text_parts
from matching.engine.weights import DEFAULT, ENGINE_VERSION, Weights
from matching.learning import actions as weightings
from matching.models import Grade
from needs.models import CooperationMode
from needs.need.fields import NEED
from solutions.kinds import KINDS
from solutions.models import TransferMode


@dataclass(frozen=True, slots=True)
class PartRow:
    label: str
    words: str
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
    most = {name: Decimal(str(points)) for name, points in weights.points.items()}
    return [
        PartRow(
            label=_(part.label),
            words=_(part.about),
            most=most[name],
            least=-most[name] if part.can_cost else Decimal(0),
            is_policy=part.is_policy,
        )
        for name, part in PARTS.items()
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
    """Names of the text fields the engine compares, from the tables of content."""
    return {
        "need": [str(field.label) for field in text_fields(NEED)],
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
        "floor": relevance_floor(weights),
        "relevance_labels": [_(part.label) for part in text_parts()],
        "modes": modes(),
        "fields": fields_read(),
        "engine": ENGINE_VERSION,
    }

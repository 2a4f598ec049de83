"""What the engine learnt from decisions: what each part weighs now, every training and why it was used or not."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from accounts.http import Request
from accounts.permissions import check_operator
from challenges.models import BidReason
from matching.engine.learning.lessons import lesson
from matching.engine.learning.training import LEVEL, MIN_EXAMPLES, MIN_LATER, MIN_NEEDS, MIN_VOICES
from matching.engine.parts.table import PARTS
from matching.engine.weights import DEFAULT
from matching.learning import actions as weightings
from matching.learning import judgements
from matching.learning.workflow import WeightingState
from matching.matches.workflow import ReasonCode
from matching.models import JudgementKind, Weighting

PER_PAGE = 10

GRADE_WORDS = {
    3: gettext_lazy("已被证明合适"),
    2: gettext_lazy("合适"),
    1: gettext_lazy("合适，只差一点"),
    0: gettext_lazy("不合适"),
}
REASON_WORDS = {**dict(BidReason.choices), **dict(ReasonCode.choices)}  # codes of both mean the same


@dataclass(frozen=True, slots=True)
class PartRow:
    label: str
    words: str
    points: float
    default: float
    most: float  # of any part: the length of the bar

    @property
    def is_changed(self) -> bool:
        return round(self.points, 2) != round(self.default, 2)


@dataclass(frozen=True, slots=True)
class LessonRow:
    """How often something was decided, and what that teaches."""

    kind: Promise | str
    reason: Promise | str
    number: int
    grade: Promise | None
    parts: list[str]  # empty: all of them, where there is a grade


@dataclass(frozen=True, slots=True)
class GainRow:
    label: str
    needs: int
    before: float
    after: float
    gain: float
    low: float
    high: float

    @property
    def is_better(self) -> bool:
        return self.low > 0


@require_safe
def learning(request: Request) -> HttpResponse:
    """Versions, before and after, what each part weighs now; for operators."""
    check_operator(request.user)
    return _page(request)


@require_POST
def roll_back(request: Request, number: int) -> HttpResponse:
    """Take the version in use out of use, with a reason."""
    check_operator(request.user)
    weighting = get_object_or_404(Weighting, number=number)
    reason = request.POST.get("reason", "")
    try:
        restored = weightings.roll_back(weighting=weighting, reason=reason, by=request.user, at=timezone.now())
    except weightings.ReasonMissing as error:
        return _page(request, error=str(error), status=400)
    label = _("初始权重") if restored is None else restored.label
    messages.success(request, _("已回退，现在使用%(label)s；全部需求将重新计算。") % {"label": label})
    return redirect("matching:learning")


def _page(request: Request, *, error: str = "", status: int = 200) -> HttpResponse:
    trainings = Weighting.objects.select_related("replaces", "rolled_back_by").order_by("-number")
    page = Paginator(trainings, PER_PAGE).get_page(request.GET.get("page"))
    for weighting in page:
        weighting.gains = list(_gains(weighting.figures))  # type: ignore[attr-defined]  # for the template, as below
        weighting.parts = _parts(weighting.weights.points)  # type: ignore[attr-defined]
        weighting.percent = round(100 * (1 - 2 * weighting.level), 2)  # type: ignore[attr-defined]
    weights, label = weightings.active()
    context = {
        "label": "" if label == weightings.DEFAULT_LABEL else label,
        "parts": _parts(weights.points),
        "lessons": _lessons(),
        "page": page,
        "active": WeightingState.ACTIVE,
        "asked": {
            "needs": MIN_NEEDS,
            "examples": MIN_EXAMPLES,
            "organisations": MIN_VOICES,
            "later": MIN_LATER,
            "percent": round(LEVEL * 100),
        },
        "error": error,
    }
    return render(request, "matching/learning/learning.html", context, status=status)


def _parts(points: Mapping[str, float]) -> list[PartRow]:
    default = DEFAULT.points
    most = max(*points.values(), *default.values())
    return [
        PartRow(_(part.label), _(part.brief), points=points[name], default=default[name], most=most)
        for name, part in PARTS.items()
    ]


def _lessons() -> list[LessonRow]:
    """In the order of the kinds, then the most frequent reason first."""
    order = JudgementKind.values
    said = sorted(judgements.counts().items(), key=lambda row: (order.index(row[0][0]), -row[1], row[0][1]))
    rows = []
    for (kind, reason), number in said:
        taught = lesson(kind, reason)
        named = [_(part.label) for name, part in PARTS.items() if name in taught.teaches]
        rows.append(
            LessonRow(
                kind=JudgementKind(kind).label,
                reason=REASON_WORDS.get(reason, ""),
                number=number,
                grade=None if taught.grade is None else GRADE_WORDS[taught.grade],
                parts=[] if len(named) == len(PARTS) else named,
            )
        )
    return rows


def _gains(figures: Mapping[str, Any]) -> Iterator[GainRow]:
    for name, label in (("by_need", _("没见过的需求")), ("by_time", _("后来的需求"))):
        if name in figures:
            yield GainRow(label=label, **figures[name])

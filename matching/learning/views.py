"""What the engine learnt from decisions: what each part weighs now, every training and why it was used or not."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from accounts.permissions import check_operator
from challenges.models import BidReason
from matching.engine.learning import (
    LEVEL,
    MIN_EXAMPLES,
    MIN_LATER,
    MIN_NEEDS,
    MIN_VOICES,
    lesson,
)
from matching.engine.weights import DEFAULT, PARTS
from matching.learning import actions as weightings
from matching.learning import judgements
from matching.learning.workflow import WeightingState
from matching.matches.explain import PART_LABELS
from matching.matches.workflow import ReasonCode
from matching.models import JudgementKind, Weighting

PER_PAGE = 10

WORDS: dict[str, Promise] = {
    "title": gettext_lazy("需求的名称、关键词与成果共有的词，越少见越有分量。"),
    "content": gettext_lazy("背景、难点与成果简介共有的词，越少见越有分量。"),
    "fuzzy": gettext_lazy("名称、关键词和型号逐字比较，容许错别字和不同写法。"),
    "indicators": gettext_lazy("指标逐行换算比较：满足加分，不满足扣分，没给出不加不扣。"),
    "maturity": gettext_lazy("成果够不够成熟：达到要求加分，差得越多扣得越多。"),
    "cooperation": gettext_lazy("企业要的合作方式与成果的转化方式是否相容。"),
    "budget": gettext_lazy("价格在预算以内加分，超出扣分，面议不加不扣。"),
    "region": gettext_lazy("只在企业打开“同等条件下优先本地”时加分，从不扣分。"),
}
GRADE_WORDS = {
    3: gettext_lazy("已被证明合适"),
    2: gettext_lazy("合适"),
    1: gettext_lazy("合适，只差一点"),
    0: gettext_lazy("不合适"),
}
REASON_WORDS = {**dict(BidReason.choices), **dict(ReasonCode.choices)}  # codes of both mean the same


@dataclass(frozen=True, slots=True)
class PartRow:
    label: Promise
    words: Promise
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
    parts: list[Promise]  # empty: all of them, where there is a grade


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
def learning(request: HttpRequest) -> HttpResponse:
    """Versions, before and after, what each part weighs now; for operators."""
    check_operator(request.user)
    return _page(request)


@require_POST
def roll_back(request: HttpRequest, number: int) -> HttpResponse:
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


def _page(request: HttpRequest, *, error: str = "", status: int = 200) -> HttpResponse:
    trainings = Weighting.objects.select_related("replaces", "rolled_back_by").order_by("-number")
    page = Paginator(trainings, PER_PAGE).get_page(request.GET.get("page"))
    for weighting in page:
        weighting.gains = list(_gains(weighting.figures))
        weighting.parts = _parts(weighting.weights.points, DEFAULT.points)
        weighting.percent = round(100 * (1 - 2 * weighting.level), 2)
    weights, label = weightings.active()
    context = {
        "label": "" if label == weightings.DEFAULT_LABEL else label,
        "parts": _parts(weights.points, DEFAULT.points),
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


def _parts(points: tuple[float, ...], default: tuple[float, ...]) -> list[PartRow]:
    most = max(*points, *default)
    return [
        PartRow(PART_LABELS[part], WORDS[part], points=now, default=known, most=most)
        for part, now, known in zip(PARTS, points, default, strict=True)
    ]


def _lessons() -> list[LessonRow]:
    """In the order of the kinds, then the most frequent reason first."""
    order = JudgementKind.values
    said = sorted(judgements.counts().items(), key=lambda row: (order.index(row[0][0]), -row[1], row[0][1]))
    rows = []
    for (kind, reason), number in said:
        taught = lesson(kind, reason)
        named = [PART_LABELS[part] for part in PARTS if part in taught.teaches]
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

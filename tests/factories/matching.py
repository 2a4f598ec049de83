"""Runs, and matches as scoring writes them."""

from functools import cache
from typing import Any

import factory
from django.utils import timezone

from matching.documents.builder import document_of_need, document_of_solution, public_document_of_need
from matching.engine.documents import Document, basis_of
from matching.engine.index import Index
from matching.engine.parts.table import PARTS
from matching.engine.prepared import Prepared
from matching.engine.scoring import Scored, score_pair
from matching.engine.weights import DEFAULT, ENGINE_VERSION
from matching.models import Judgement, Match, MatchRun, Weighting
from tests.factories.accounts import UserFactory
from tests.factories.needs import NeedFactory
from tests.factories.solutions import OutputFactory

# What else is in the catalogue: a word is worth what it is rare.
OTHER_OUTPUTS = (
    "猪场粪污厌氧发酵与沼液还田技术，以中温厌氧消化处理养殖粪污",
    "面向古籍的文字识别模型，以小样本学习识别古籍异体字",
    "锂电池热失控早期预警方法，监测电压与产气并给出预警",
    "高速公路边坡位移的毫米波雷达监测系统",
    "冷链运输箱相变蓄冷材料及其封装方法",
)


class RunFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = MatchRun
        skip_postgeneration_save = True

    class Params:
        done = factory.Trait(
            state="done",
            stage="finished",
            progress=100,
            attempts=1,
            started_at=factory.LazyFunction(timezone.now),
            finished_at=factory.LazyFunction(timezone.now),
            timings={"reading": 0.1, "scoring": 0.4},
            counts={"needs": 1, "solutions": 0, "pairs": 5, "matches": 1, "new": 1},
        )
        failed = factory.Trait(
            state="failed", attempts=5, error="ValueError: broken", finished_at=factory.LazyFunction(timezone.now)
        )

    trigger = "need_submitted"
    engine_version = "1"

    @factory.post_generation
    def needs(self, create: bool, extracted: Any, **kwargs: Any) -> None:
        self.needs.set(extracted or ())

    @factory.post_generation
    def solutions(self, create: bool, extracted: Any, **kwargs: Any) -> None:
        self.solutions.set(extracted or ())


class MatchFactory(factory.django.DjangoModelFactory):
    """A match whose score, grade and explanation the engine worked out of the two rows as they stand.

    Where the need hides something, the public half too; it is listed there even when the public text gives little.
    """

    class Meta:
        model = Match

    class Params:
        confirmed = factory.Trait(
            review="confirmed",
            reviewed_at=factory.LazyFunction(timezone.now),
            confirmed_at=factory.LazyFunction(timezone.now),
            reviewed_by=factory.SubFactory(UserFactory),
        )
        rejected = factory.Trait(
            review="rejected",
            reviewed_at=factory.LazyFunction(timezone.now),
            reviewed_by=factory.SubFactory(UserFactory),
            reject_reason="off_topic",
        )
        wanted = factory.Trait(
            buyer_answer="interested",
            buyer_answered_at=factory.LazyFunction(timezone.now),
            buyer_answered_by=factory.SubFactory(UserFactory),
        )
        offered = factory.Trait(
            supplier_answer="interested",
            supplier_answered_at=factory.LazyFunction(timezone.now),
            supplier_answered_by=factory.SubFactory(UserFactory),
        )
        in_contact = factory.Trait(
            confirmed=True, wanted=True, offered=True, contacted_at=factory.LazyFunction(timezone.now)
        )

    need = factory.SubFactory(NeedFactory, published=True)
    solution = factory.SubFactory(OutputFactory, published=True)
    run = factory.SubFactory(RunFactory, done=True)

    @classmethod
    def _create(cls, model_class: type[Match], *args: Any, **kwargs: Any) -> Match:
        need, solution = kwargs["need"], kwargs["solution"]
        result = scored(document_of_need(need), solution)
        fields = {"score": result.score, "grade": _grade(result), "explanation": result.to_json(), **kwargs}
        public = public_document_of_need(need)
        if public is None:
            fields.setdefault("public_grade", fields["grade"])
        else:
            on_public = scored(public, solution)
            fields.setdefault("public_grade", _grade(on_public))
            fields.setdefault("public_explanation", {**on_public.to_json(), "basis": basis_of(public)})
        return super()._create(model_class, *args, **fields)


def valued(match: Match, **values: float) -> Match:
    """The match with a value beside the points of every part: nothing known but what is named here."""
    values_of = {part: values.get(part, 0.0) for part in PARTS}
    match.explanation = {
        "engine": ENGINE_VERSION,
        "parts": {
            part: {"value": value, "points": "0.00", "sentence": {"part": part, "key": "", "params": {}}}
            for part, value in values_of.items()
        },
    }
    match.save()
    return match


class JudgementFactory(factory.django.DjangoModelFactory):
    """A decision about a pair the engine had found, as it is kept."""

    class Meta:
        model = Judgement

    need = factory.SubFactory(NeedFactory, published=True)
    solution = factory.SubFactory(OutputFactory, published=True)
    event = factory.Sequence(lambda n: f"M-TEST:{n}")
    kind = "confirmed"
    features = factory.LazyFunction(lambda: dict.fromkeys(PARTS, 0.5))
    engine = ENGINE_VERSION


GAIN = {"needs": 80, "before": 0.61, "after": 0.66, "gain": 0.05, "low": 0.02, "high": 0.08}


class WeightingFactory(factory.django.DjangoModelFactory):
    """A training; on its own: tested, not better, rejected."""

    class Meta:
        model = Weighting

    class Params:
        active = factory.Trait(state="active", verdict="promoted", promoted_at=factory.LazyFunction(timezone.now))
        retired = factory.Trait(state="retired", verdict="promoted", promoted_at=factory.LazyFunction(timezone.now))
        rolled_back = factory.Trait(
            retired=True,
            rolled_back_at=factory.LazyFunction(timezone.now),
            rolled_back_by=factory.SubFactory(UserFactory),
            rolled_back_reason="Lists got worse",
        )

    number = factory.Sequence(lambda n: n + 1)
    state = "rejected"
    verdict = "not_better"
    engine = ENGINE_VERSION
    points = factory.LazyFunction(lambda: {**DEFAULT.points, "indicators": 12.5})
    zero_score = 1.0
    full_score = 78.0
    trained_at = factory.LazyFunction(timezone.now)
    judgements = factory.Sequence(lambda n: 1000 + n)
    examples = 400
    needs = 80
    level = 0.025
    figures = factory.LazyFunction(lambda: {"by_need": GAIN, "by_time": {**GAIN, "needs": 24}})


def _grade(result: Scored) -> str:
    return "fair" if result.grade == "none" else result.grade


def scored(need: Document, solution: Any) -> Scored:
    """The engine's answer for this pair, among the other outputs."""
    mine, theirs = Prepared.of(need), Prepared.of(document_of_solution(solution))
    statistics = Index.build([*_others(), (solution.code, theirs.terms)]).statistics
    return score_pair(mine, theirs, statistics)


@cache
def _others() -> list[Any]:
    return [(f"other-{i}", Prepared.of(Document(f"other-{i}", text)).terms) for i, text in enumerate(OTHER_OUTPUTS)]

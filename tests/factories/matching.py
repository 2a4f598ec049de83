"""Runs, and matches as scoring writes them."""

from functools import cache
from typing import Any

import factory
from django.utils import timezone

from matching.document_builder import document_of_need, document_of_solution, public_document_of_need
from matching.documents import Document, basis_of
from matching.index import Index
from matching.models import Match, MatchRun
from matching.scoring import Prepared, Scored, score_pair
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

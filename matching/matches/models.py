"""What the engine knows and found: documents, runs, matches."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Anyone, Membership, Organisation, is_broker_now, is_operator
from lib.codes import LONG, new_code
from lib.transitions import Lifecycle
from matching.matches.workflow import (
    REVIEW_ACTIONS,
    BuyerAnswer,
    ReasonCode,
    ReviewState,
    SupplierAnswer,
)
from matching.runs.models import MatchRun
from needs.models import Need
from needs.need.workflow import NeedState
from solutions.models import Solution
from solutions.solution.workflow import SolutionState

if TYPE_CHECKING:
    from matching.explanation.values import Explanation, Summary


class Grade(models.TextChoices):
    HIGH = "high", _("高度匹配")
    GOOD = "good", _("较匹配")
    FAIR = "fair", _("可参考")


GRADE_ORDER = {
    "": 0,
    "none": 0,
    Grade.FAIR.value: 1,
    Grade.GOOD.value: 2,
    Grade.HIGH.value: 3,
}


_KNOWN_TO_SUPPLIER = ~Q(public_grade="") | Q(review=ReviewState.CONFIRMED)


class MatchQuerySet(models.QuerySet["Match"]):
    def open(self) -> Self:
        """Pairs of a need that is open and a solution that is public."""
        return self.filter(
            need__state__in=[NeedState.SUBMITTED, NeedState.PUBLISHED], solution__state=SolutionState.PUBLISHED
        )

    def current(self) -> Self:
        """Candidates the last run still found, for those who may read all of the need."""
        return self.open().filter(is_current=True)

    def listed(self) -> Self:
        """What stands in a list: the poser's, or the one that the public text gives."""
        return self.filter(Q(is_current=True) | ~Q(public_grade=""))

    def known_to_suppliers(self) -> Self:
        """What the public text finds, and what an operator invited to: never what only hidden content finds."""
        return self.filter(_KNOWN_TO_SUPPLIER)

    def unreviewed(self) -> Self:
        return self.current().filter(review=ReviewState.UNREVIEWED)

    def not_rejected(self) -> Self:
        return self.exclude(review=ReviewState.REJECTED)

    def for_buyer(self, organisation: Organisation) -> Self:
        return self.filter(need__organisation=organisation)

    def visible_to(self, user: Anyone | None) -> Self:
        """Operators see all; the poser sees candidates that are public; a supplier its own once the need is public,
        as far as public text finds them.

        What was withdrawn stays readable for the other side only where contact began: then it was exchanged.
        """
        if user is None or not user.is_authenticated:
            return self.none()
        if is_operator(user):
            return self
        mine = Membership.objects.active().filter(user=user).values("organisation")
        return self.not_rejected().filter(
            (Q(need__organisation__in=mine) | Q(need__caretaker=user) & Q(is_broker_now(user)))
            & (Q(solution__state=SolutionState.PUBLISHED) | Q(contacted_at__isnull=False))
            | Q(solution__organisation__in=mine)
            & _KNOWN_TO_SUPPLIER
            & (Q(need__state__in=[NeedState.PUBLISHED, NeedState.CLOSED]) | Q(contacted_at__isnull=False))
        )

    def best_first(self) -> Self:
        return self.order_by("-score", "pk")


def new_match_code() -> str:
    return new_code("M", LONG)


class Match(models.Model):
    """One scored pair, its explanation, and what people said of it."""

    code = models.CharField(_("编号"), max_length=12, unique=True, default=new_match_code)
    # A rematch writes every row and all its indexes: keys that begin another index, or nobody asks by, have none.
    need = models.ForeignKey(Need, on_delete=models.PROTECT, related_name="matches", db_index=False)
    solution = models.ForeignKey(Solution, on_delete=models.PROTECT, related_name="matches", db_index=False)
    run = models.ForeignKey(MatchRun, on_delete=models.PROTECT, related_name="matches")
    score = models.DecimalField(_("得分"), max_digits=6, decimal_places=2)
    # "none" only in a pair that was never a candidate: found by the public text alone (see public_grade).
    grade = models.CharField(_("匹配程度"), max_length=4, choices=Grade)
    # matching.engine.scoring.Scored as JSON: parts by name whose points add up to `score`, what fits, what does not,
    # what is unknown
    explanation = models.JSONField()
    is_current = models.BooleanField(default=True)  # among the poser's candidates: the best on the full text
    # The same pair scored on what everybody may read of the need: all that those below full disclosure are told.
    # It is a function of public content alone, so nobody can ask about hidden content by editing an output.
    # The grade is empty when the pair is not among the best on the public text. The explanation is a Scored as JSON
    # with its "basis" (matching.engine.documents.basis_of); NULL beside a grade says that nothing was hidden and the
    # grade and explanation above are the public ones.
    public_grade = models.CharField(_("公开内容的匹配程度"), max_length=4, choices=Grade, blank=True)
    public_explanation = models.JSONField(null=True, blank=True)
    # Holds the place kept for another field (matching.engine.crossing). It stays as it was when the pair was decided
    # about: by it people's decisions are counted. The second says the same of the public list, beside a public
    # explanation.
    is_crossing = models.BooleanField(_("跨领域"), default=False)
    is_publicly_crossing = models.BooleanField(default=False)
    created_at = models.DateTimeField(_("首次出现"), default=timezone.now)
    scored_at = models.DateTimeField(_("评分时间"), default=timezone.now)

    # The highest grade each side was told of: another notice only when it rises above.
    told_buyer = models.CharField(max_length=4, choices=Grade, blank=True)
    told_supplier = models.CharField(max_length=4, choices=Grade, blank=True)

    review = models.CharField(
        _("审核"),
        max_length=10,
        choices=ReviewState,
        default=ReviewState.UNREVIEWED,
    )
    reviewed_at = models.DateTimeField(_("审核时间"), null=True, blank=True)
    reviewed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
    )
    reject_reason = models.CharField(_("排除原因"), max_length=20, choices=ReasonCode, blank=True)
    confirmed_at = models.DateTimeField(_("确认并邀请时间"), null=True, blank=True)

    buyer_answer = models.CharField(
        _("企业反馈"),
        max_length=12,
        choices=BuyerAnswer,
        default=BuyerAnswer.NONE,
        blank=True,
    )
    buyer_answered_at = models.DateTimeField(_("企业反馈时间"), null=True, blank=True)
    buyer_answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
    )
    buyer_reason = models.CharField(_("不合适的原因"), max_length=20, choices=ReasonCode, blank=True)
    supplier_answer = models.CharField(
        _("供方反馈"),
        max_length=12,
        choices=SupplierAnswer,
        default=SupplierAnswer.NONE,
        blank=True,
    )
    supplier_answered_at = models.DateTimeField(_("供方反馈时间"), null=True, blank=True)
    supplier_answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
    )
    # The moment both sides had said yes to a confirmed match: contacts are shown from here on.
    contacted_at = models.DateTimeField(_("首次接触时间"), null=True, blank=True)

    # What one viewer may read of it, for the serializers.
    summary: Summary
    explained: Explanation

    objects = MatchQuerySet.as_manager()
    lifecycle = Lifecycle(REVIEW_ACTIONS, audited_as="match.{}", field="review")

    class Meta:
        verbose_name = _("匹配")
        verbose_name_plural = _("匹配")
        constraints = [
            models.UniqueConstraint(fields=["need", "solution"], name="match_once_per_pair"),
            models.CheckConstraint(
                name="match_reviewed_has_time_and_person",
                condition=Q(review="unreviewed", reviewed_at=None, reviewed_by=None)
                | Q(
                    review__in=["confirmed", "rejected"],
                    reviewed_at__isnull=False,
                    reviewed_by__isnull=False,
                ),
            ),
            models.CheckConstraint(
                name="match_rejected_has_reason",
                condition=Q(review="rejected") & ~Q(reject_reason="") | ~Q(review="rejected") & Q(reject_reason=""),
            ),
            models.CheckConstraint(
                name="match_confirmed_has_time",
                condition=Q(review="confirmed", confirmed_at__isnull=False)
                | ~Q(review="confirmed") & Q(confirmed_at=None),
            ),
            models.CheckConstraint(
                name="match_buyer_answer_has_time_and_person",
                condition=Q(buyer_answer="", buyer_answered_at=None, buyer_answered_by=None)
                | ~Q(buyer_answer="") & Q(buyer_answered_at__isnull=False, buyer_answered_by__isnull=False),
            ),
            models.CheckConstraint(
                name="match_not_suitable_has_reason",
                condition=Q(buyer_answer="not_suitable") & ~Q(buyer_reason="")
                | ~Q(buyer_answer="not_suitable") & Q(buyer_reason=""),
            ),
            models.CheckConstraint(
                name="match_supplier_answer_has_time_and_person",
                condition=Q(
                    supplier_answer="",
                    supplier_answered_at=None,
                    supplier_answered_by=None,
                )
                | ~Q(supplier_answer="")
                & Q(
                    supplier_answered_at__isnull=False,
                    supplier_answered_by__isnull=False,
                ),
            ),
            models.CheckConstraint(
                name="match_contact_needs_two_yes",
                condition=Q(contacted_at=None)
                | Q(
                    review="confirmed",
                    buyer_answer="interested",
                    supplier_answer="interested",
                ),
            ),
        ]
        indexes = [
            models.Index(fields=["need", "-score"]),
            models.Index(fields=["solution", "-score"]),
            models.Index(fields=["review", "-scored_at"]),
        ]

    def __str__(self) -> str:
        return f"{self.need_id} × {self.solution_id}"

    def get_absolute_url(self) -> str:
        return reverse("matching:match-detail", args=[self.code])

    @property
    def audited(self) -> tuple[str, str]:
        return self.code, f"{self.need.title} × {self.solution.title}"

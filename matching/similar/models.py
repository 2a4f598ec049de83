"""Pairs of needs, or of outputs, that say nearly the same."""

from __future__ import annotations

from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from lib.transitions import Lifecycle
from matching.documents.models import StoredDocument
from matching.similar.workflow import DUPLICATE_ACTIONS, DuplicateState
from needs.need.models import Need
from solutions.solution.models import Solution


class DuplicateKind(models.TextChoices):
    NEED = "need", _("技术需求")
    OUTPUT = "output", _("科技成果")


class DuplicateQuerySet(models.QuerySet["Duplicate"]):
    def open(self) -> Self:
        """Not dismissed, and both still take part in matching."""
        return self.filter(state=DuplicateState.OPEN, first__is_active=True, second__is_active=True)

    def with_subjects(self) -> Self:
        return self.select_related(
            *(f"{side}__{kind}__organisation" for side in ("first", "second") for kind in ("need", "solution"))
        )

    def most_alike_first(self) -> Self:
        return self.order_by("-similarity", "pk")


class Duplicate(models.Model):
    """Two documents whose terms are mostly the same, as far as everybody may read them.

    Found by a nightly task (matching.similar.actions). What an operator dismissed stays dismissed while the two stay
    alike.
    """

    kind = models.CharField(_("类别"), max_length=6, choices=DuplicateKind)
    first = models.ForeignKey(StoredDocument, on_delete=models.CASCADE, related_name="+")
    second = models.ForeignKey(StoredDocument, on_delete=models.CASCADE, related_name="+")
    similarity = models.FloatField(_("相近程度"))  # shared terms of all terms of both, 0 to 1
    state = models.CharField(_("状态"), max_length=9, choices=DuplicateState, default=DuplicateState.OPEN)
    found_at = models.DateTimeField(_("发现时间"))
    dismissed_at = models.DateTimeField(_("排除时间"), null=True, blank=True)
    dismissed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )

    objects = DuplicateQuerySet.as_manager()
    lifecycle = Lifecycle(DUPLICATE_ACTIONS, audited_as="duplicate.{}")

    class Meta:
        verbose_name = _("疑似重复")
        verbose_name_plural = _("疑似重复")
        constraints = [
            models.UniqueConstraint(fields=["first", "second"], name="duplicate_once_per_pair"),
            models.CheckConstraint(name="duplicate_pair_is_ordered", condition=Q(first__lt=F("second"))),
            models.CheckConstraint(
                name="duplicate_dismissed_has_time_and_person",
                condition=Q(state="open", dismissed_at=None, dismissed_by=None)
                | Q(state="dismissed", dismissed_at__isnull=False, dismissed_by__isnull=False),
            ),
        ]
        indexes = [models.Index(fields=["kind", "state", "-similarity"])]

    def __str__(self) -> str:
        return self.code

    @property
    def code(self) -> str:
        """Both public codes, as the audit trail names the pair: `N-7F3KQ2AB~4GHJ5MNP`. Expects documents loaded."""
        return f"{self.first.key}~{self.second.key[2:]}"

    @property
    def audited(self) -> tuple[str, str]:
        return self.code, " × ".join(document.content["title"] for document in (self.first, self.second))

    @property
    def percent(self) -> int:
        """Rounded down: 100 is said only of what is the same."""
        return int(100 * self.similarity + 1e-9)

    @property
    def subjects(self) -> list[Need | Solution]:
        """Both sides, first and second; expects `with_subjects`."""
        return [subject for document in (self.first, self.second) if (subject := document.need or document.solution)]

"""What the engine knows and found: documents, runs, matches."""

from __future__ import annotations

from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from needs.models import Need
from solutions.models import Solution


class StoredDocument(models.Model):
    """A need or a solution as the engine reads it, tokenised once.

    `fingerprint` tells whether the text behind it changed; `changed_at` lets a process that holds the index in
    memory fetch only what is new. Inactive rows are what was unlisted.
    """

    need = models.OneToOneField(Need, on_delete=models.CASCADE, null=True, related_name="document")
    solution = models.OneToOneField(Solution, on_delete=models.CASCADE, null=True, related_name="document")
    key = models.CharField(max_length=10, unique=True)  # the public code of the need or solution
    fingerprint = models.CharField(max_length=64)
    content = models.JSONField()  # matching.engine.documents.Document as JSON
    terms = models.BinaryField()  # matching.engine.terms.Terms, packed: what the index is built from
    # Needs only: the letters behind the terms, for explanations (matching.engine.documents.Tokens as JSON).
    tokens = models.JSONField(null=True)
    # The same of what everybody may read of a need; NULL where nothing that is scored is hidden.
    public_content = models.JSONField(null=True)
    public_terms = models.BinaryField(null=True)
    public_tokens = models.JSONField(null=True)
    # The public tokens for the search page: title A, keywords B, body C (matching.search.words says how it is made).
    search_vector = SearchVectorField()
    # A vector of the public text, float32, where an endpoint of embeddings is set (matching.documents.embeddings), and
    # the model that made it. Whatever changes the text takes both away.
    embedding = models.BinaryField(null=True)
    embedding_model = models.CharField(max_length=100, blank=True)
    is_active = models.BooleanField(default=True)
    changed_at = models.DateTimeField(default=timezone.now, db_index=True)
    # The fingerprint with which near-duplicates of it were last looked for (matching.similar.actions).
    compared = models.CharField(max_length=64, blank=True)

    class Meta:
        verbose_name = _("检索文档")
        verbose_name_plural = _("检索文档")
        constraints = [
            models.CheckConstraint(
                name="document_is_of_one_thing",
                condition=Q(need__isnull=True) ^ Q(solution__isnull=True),
            )
        ]
        indexes = [GinIndex(fields=["search_vector"], name="document_search_vector")]

    def __str__(self) -> str:
        return self.key
